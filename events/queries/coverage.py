"""What the record covers: events by year and place, and the sources that they rest on.

Events are counted from the roll-ups; sources by reading the public ones once. Callers keep what they get for a while.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import ExtractYear

from events.choices import RecordType, Tier
from events.models import PublicDocument, Publisher, Source, TimelineCount

MOST_PUBLISHERS = 40


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


def coverage() -> Coverage:
    """All counts, by seven queries."""
    sources = public_sources()
    totals = sources.aggregate(
        number=Count("pk"),
        paywalled=Count("pk", filter=Q(paywalled=True)),
        archived=Count("pk", filter=~Q(archive_url="")),
        newest=Max("published"),
        **{tier: Count("pk", filter=Q(tier=tier)) for tier in Tier.values},
    )
    by_year = sources.values(year=ExtractYear("published")).annotate(number=Count("pk"))
    by_publisher = sources.values("publisher").annotate(number=Count("pk"), newest=Max("published"))
    rows = list(by_publisher.order_by("-number", "publisher"))
    named = Publisher.objects.in_bulk([row["publisher"] for row in rows[:MOST_PUBLISHERS]])
    return Coverage(
        events=years(""),
        places=places(),
        certainties=totals_of("certainty:"),
        with_tier=totals_of("tier:"),
        sources=totals["number"],
        by_tier={tier: totals[tier] for tier in Tier.values},
        by_year={row["year"]: row["number"] for row in by_year},
        paywalled=totals["paywalled"],
        archived=totals["archived"],
        newest_source=totals["newest"],
        publishers=[
            Cited(named[row["publisher"]].name, named[row["publisher"]].kind, row["number"], row["newest"])
            for row in rows[:MOST_PUBLISHERS]
        ],
        number_of_publishers=len(rows),
    )


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
