from collections.abc import Iterator

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    """No test sees what another one cached: revisions, part of every key, repeat from test to test."""
    yield
    cache.clear()
