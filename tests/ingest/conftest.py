from collections.abc import Iterator
from typing import Any

import pytest

from events.services import inbox, links
from tests.ingest.world import World


@pytest.fixture(scope="module")
def server() -> Iterator[World]:
    with World() as made:
        yield made


@pytest.fixture
def world(server: World, settings: Any) -> World:
    """A server whose address is allowed; under any other name this machine is refused as ever."""
    server.forget()
    settings.FETCH_ALLOW = [server.host]
    return server


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of one host are asked for without a pause, and none is waited for."""
    monkeypatch.setattr(inbox, "BETWEEN_PAGES", 0.0)
    monkeypatch.setattr(links, "BETWEEN_PAGES", 0.0)
    monkeypatch.setattr(links, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(links, "PAGE_SECONDS", 0.3)
