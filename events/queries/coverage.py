"""What the record covers: events by year and place, and the sources that they rest on.

Events are counted from the roll-ups; sources by reading the public ones once, which takes some seconds for a million.
So a task counts every hour, and readers are given what it found last.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.db.models import (
    BooleanField,
    CharField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Sum,
)
from django.db.models.functions import Cast, Substr

from events.caching import head
from events.choices import RecordType, Tier
from events.models import PublicDocument, Publisher, Source, TimelineCount

MOST_PUBLISHERS = 40
EVERY = 3_600  # seconds between two counts


@dataclass(frozen=True)
class Cited:
    """A publisher by the sources of it that events cite. `newest`: the latest day any of them bears."""

    name: str
    kind: str
    sources: int
    newest: dt.date | None


@dataclass(frozen=True)
class Coverage:
    """Counts by year; `places` by tag ("country:CN", "group:eu"), where an event counts once for each that it names."""

    events: dict[int, int]
    places: dict[str, dict[int, int]]
    certainties: dict[str, int]
    with_tier: dict[str, int]  # events that cite at least one source of the tier
    sources: int
    by_tier: dict[str, int]
    by_year: dict[int | None, int]  # None: sources that bear no date
    paywalled: int
    archived: int
    newest_source: dt.date | None
    publishers: list[Cited]
    number_of_publishers: int


@dataclass(frozen=True)
class Counted:
    """The counts, when they were made, and of what."""

    at: dt.datetime
    revision: int
    coverage: Coverage


def counted_last() -> Counted:
    """What was counted last. Where no task has counted for two hours, whoever asks first waits for it."""
    found: Counted | None = cache.get(key())
    # A revision that is gone is that of another database.
    return count() if found is None or found.revision > head().seq else found


def count() -> Counted:
    """Count anew, for all processes."""
    revision = head().seq  # before what is counted: that is then no older than this
    found = Counted(dt.datetime.now(dt.UTC), revision, coverage())
    cache.set(key(), found, 2 * EVERY)
    return found


def key() -> str:
    return f"coverage:{settings.BUILD}"


def coverage() -> Coverage:
    """All counts, by seven queries, of which one reads every source."""
    by_tier, by_year, by_publisher = Counter[str](), Counter[int | None](), Counter[int]()
    newest: dict[int, dt.date] = {}
    paywalled = archived = 0
    for publisher, tier, year, has_wall, has_copy, number, latest in grouped_sources():
        by_tier[tier] += number
        by_year[int(year) if year else None] += number
        by_publisher[publisher] += number
        paywalled += number * has_wall
        archived += number * has_copy
        if latest and latest > newest.get(publisher, dt.date.min):
            newest[publisher] = latest
    shown = sorted(by_publisher, key=lambda pk: (-by_publisher[pk], pk))[:MOST_PUBLISHERS]
    named = Publisher.objects.in_bulk(shown)
    return Coverage(
        events=years(""),
        places=places(),
        certainties=totals_of("certainty:"),
        with_tier=totals_of("tier:"),
        sources=by_tier.total(),
        by_tier={tier: by_tier[tier] for tier in Tier.values},
        by_year=dict(by_year),
        paywalled=paywalled,
        archived=archived,
        newest_source=max(newest.values(), default=None),
        publishers=[Cited(named[pk].name, named[pk].kind, by_publisher[pk], newest.get(pk)) for pk in shown],
        number_of_publishers=len(by_publisher),
    )


def grouped_sources() -> Iterator[tuple[int, str, str | None, bool, bool, int, dt.date | None]]:
    """Public sources by publisher, tier, year, paywall and archived copy: how many, and the newest date they bear."""
    # The year is cut off the text: on SQLite Django takes it by a function in Python, for each source.
    year = Substr(Cast("published", CharField()), 1, 4)
    has_copy = ExpressionWrapper(Q(archive_url__gt=""), output_field=BooleanField())
    groups = public_sources().values_list("publisher", "tier", year, "paywalled", has_copy)
    return groups.annotate(number=Count("pk"), newest=Max("published")).iterator()


def public_sources() -> QuerySet[Source]:
    public = PublicDocument.objects.of_type(RecordType.SOURCE).listed().filter(key=OuterRef("slug"))
    return Source.objects.order_by().filter(Exists(public))


def counted(tags: Q) -> Iterator[tuple[str, int, int]]:
    """Tag, year and number of events."""
    by_year = TimelineCount.objects.filter(tags).order_by().values("tag", year=F("month") / 12)
    return by_year.annotate(number=Sum("count")).values_list("tag", "year", "number").iterator()


def years(tag: str) -> dict[int, int]:
    return {year: number for _, year, number in sorted(counted(Q(tag=tag))) if number}


def places() -> dict[str, dict[int, int]]:
    found: dict[str, dict[int, int]] = {}
    prefixes = (RecordType.COUNTRY, RecordType.GROUP)
    for prefix in prefixes:
        for tag, year, number in counted(starting_with(f"{prefix.value}:")):
            if number:
                found.setdefault(tag, {})[year] = number
    return found


def totals_of(prefix: str) -> dict[str, int]:
    """Events by what follows the prefix in their tags."""
    found: Counter[str] = Counter()
    for tag, _, number in counted(starting_with(prefix)):
        found[tag.removeprefix(prefix)] += number
    return dict(found)


def starting_with(prefix: str) -> Q:
    """A range that an index answers, where LIKE may not."""
    return Q(tag__gte=prefix, tag__lt=prefix[:-1] + chr(ord(prefix[-1]) + 1))
