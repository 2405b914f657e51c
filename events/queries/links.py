"""What readers are told of the pages that events cite: those that no longer answer, or have changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Case, F, Value, When

from events.models import LinkCheck


@dataclass(frozen=True)
class Mark:
    """`since`: the day on which it was noticed. `archive_url`: a copy that an archive keeps; may be empty."""

    status: str
    since: dt.date
    archive_url: str


def marks(sources: Iterable[str]) -> dict[str, Mark]:
    """Slug: what is confirmed of the page, for those of these sources of which something is."""
    rows = LinkCheck.objects.marked().filter(source__slug__in=list(sources))
    # Of an address that was mended since the last check, it is not the page that is cited.
    copy = Case(When(url=F("source__url"), then="archive_url"), default=Value(""))
    found = rows.values_list("source__slug", "status", "status_since", copy)
    return {slug: Mark(status, since, archive_url) for slug, status, since, archive_url in found}
