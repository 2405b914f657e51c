from pathlib import Path

import pytest

from tests.services.dataset.making import Files


@pytest.fixture
def files() -> Files:
    return Files()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "data"
    path.mkdir()
    return path
