from collections.abc import Iterator
from typing import Any

import pytest

from tests.ingest.world import World


@pytest.fixture
def world(settings: Any) -> Iterator[World]:
    """A server whose address is allowed; under any other name this machine is refused as ever."""
    with World() as made:
        settings.FETCH_ALLOW = [made.host]
        yield made
