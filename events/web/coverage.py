"""What the page on coverage says: counts of a while ago, in tables."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from events.choices import Certainty, PublisherKind, RecordType, Tier
from events.lib.countries import countries_by_code
from events.models import WORLD
from events.queries.coverage import Cited, Coverage
from events.web import words
from events.web.record import address_of, names_of

MOST_YEARS = 8
MOST_PLACES = 30


@dataclass(frozen=True)
class Row:
    name: str
    address: str
    numbers: list[int]
    total: int


@dataclass(frozen=True)
class Table:
    """Counts by year, newest last; the first column gathers what is older than the others."""

    years: list[str]
    rows: list[Row]
    left_out: int = 0


def columns(coverage: Coverage) -> tuple[list[int], list[str]]:
    """The years that have a column of their own, and what the columns are called."""
    last = max(coverage.events, default=0)
    own = sorted(year for year in coverage.events if year > last - MOST_YEARS)
    has_older = any(year <= last - MOST_YEARS for year in coverage.events)
    return own, [*(["earlier"] if has_older else []), *map(str, own)]


def row(name: str, address: str, by_year: dict[int, int], own: list[int], *, with_older: bool) -> Row:
    older = sum(number for year, number in by_year.items() if year not in own)
    numbers = [*([older] if with_older else []), *(by_year.get(year, 0) for year in own)]
    return Row(name, address, numbers, sum(by_year.values()))


def by_place(coverage: Coverage) -> Table:
    """The countries and groups that most events name."""
    own, called = columns(coverage)
    ranked = sorted(coverage.places.items(), key=lambda each: (-sum(each[1].values()), each[0]))
    shown = ranked[:MOST_PLACES]
    groups = names_of(
        (RecordType.GROUP.value, tag.partition(":")[2]) for tag, _rest in shown if tag.startswith("group:")
    )
    rows = []
    for tag, by_year in shown:
        record_type, _rest, key = tag.partition(":")
        name = words.country_names().get(key, key)
        if record_type == RecordType.GROUP:
            name = _("Every country") if key == WORLD else groups.get((record_type, key), key)
        rows.append(row(name, address_of(record_type, key), by_year, own, with_older=len(called) > len(own)))
    return Table(called, rows, len(ranked) - len(shown))


def by_region(coverage: Coverage) -> Table:
    """By region of the countries that events name, with all events as the last row."""
    own, called = columns(coverage)
    regions: dict[str, Counter[int]] = {}
    for tag, by_year in coverage.places.items():
        record_type, _rest, key = tag.partition(":")
        if record_type == RecordType.COUNTRY and key in countries_by_code():
            regions.setdefault(countries_by_code()[key].region, Counter()).update(by_year)
    with_older = len(called) > len(own)
    rows = [row(name, "", dict(found), own, with_older=with_older) for name, found in regions.items()]
    rows.sort(key=lambda each: (-each.total, each.name))
    return Table(
        called, [*rows, row(_("All events"), reverse("timeline"), coverage.events, own, with_older=with_older)]
    )


def not_named(coverage: Coverage) -> list[str]:
    """The regions of which no event names a country."""
    named = {tag.partition(":")[2] for tag in coverage.places if tag.startswith("country:")}
    everywhere = {entry.region for entry in countries_by_code().values()}
    return sorted(everywhere - {entry.region for code, entry in countries_by_code().items() if code in named})


def tiers(coverage: Coverage) -> list[tuple[str, int, int]]:
    """Name, sources of it, and events that cite one."""
    return [(_(tier.label), coverage.by_tier[tier], coverage.with_tier.get(tier, 0)) for tier in Tier]


def certainties(coverage: Coverage) -> list[tuple[str, int]]:
    return [(_(each.label), coverage.certainties.get(each, 0)) for each in Certainty]


def source_years(coverage: Coverage) -> Table:
    """Sources by the year in which they were published."""
    known = {year: number for year, number in coverage.by_year.items() if year is not None}
    own = sorted(year for year in known if year > max(known, default=0) - MOST_YEARS)
    older = sum(number for year, number in known.items() if year not in own)
    undated = coverage.by_year.get(None, 0)
    called = [*(["earlier"] if older else []), *map(str, own), *(["undated"] if undated else [])]
    numbers = [*([older] if older else []), *(known[year] for year in own), *([undated] if undated else [])]
    return Table(called, [Row(_("Sources"), "", numbers, coverage.sources)])


def publishers(coverage: Coverage) -> list[tuple[Cited, str, str]]:
    """Each with the name of its kind and the newest date in words."""
    return [
        (each, _(PublisherKind(each.kind).label), words.day_in_words(each.newest.isoformat()) if each.newest else "")
        for each in coverage.publishers
    ]
