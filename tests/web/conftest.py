from collections.abc import Iterator
from typing import Any

import pytest

from events.web import rows


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    """No test sees rows that another one has rendered."""
    rows.kept.clear()
    yield
    rows.kept.clear()


@pytest.fixture
def titles() -> Any:
    """The titles of a page's list of events, in its order."""

    def found(response: Any) -> list[str]:
        return [title for group in response.context["listing"].groups for row in group.rows for title in titles_in(row)]

    return found


def titles_in(row: str) -> list[str]:
    """Without the marks around what was searched for."""
    plain = row.replace("<mark>", "").replace("</mark>", "")
    return [part.partition("</a>")[0].rpartition(">")[2] for part in plain.split("<h4>")[1:]]
