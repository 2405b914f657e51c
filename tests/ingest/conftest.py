from collections.abc import Iterator
from typing import Any

import pytest

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
