import pytest

from events import mirror
from tests.mirror.site import Log, serving


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setattr(mirror, "LONGEST_WAIT", 0.02)
    log = Log()
    log.grow(60)
    with serving(log) as site:
        yield site


@pytest.fixture
def file(tmp_path) -> str:
    return str(tmp_path / "copy.sqlite")
