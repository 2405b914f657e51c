"""What matching events bear, read one by one, as far as MOST_READ of them, and counted."""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from django.db import connection

from events.choices import RecordType
from events.models import WORLD, Country, Membership, day_of
from events.models.timeline import KEY_BITS
from events.queries import timeline
from events.queries.branches import ENTRIES, WITH_ROLES, Branch
from events.queries.months import Month, month_of
from events.queries.timeline import Criteria

MOST_READ = 50_000  # events; some 0.3 s
COUNTRY, GROUP = RecordType.COUNTRY.value, RecordType.GROUP.value
PLACES = re.compile(rf"({COUNTRY}|{GROUP}):([^ =]+)=?([^ ]*)")  # name, key, role
Values = Counter[str]  # how many events bear a value
Months = Counter[tuple[Month, str]]  # how many events there are in a month, by direction
Row = tuple[int, str, str, str]  # position, kind, direction, all that it bears


@dataclass(frozen=True)
class Rows:
    """Events that were read, with all that can be counted of them. `roles`: of companies, countries and groups."""

    rows: Sequence[Row]
    roles: Sequence[str] = ()

    @cached_property
    def months(self) -> Months:
        return Counter((month_of(day_of(position)), direction) for position, _, direction, _ in self.rows)

    @cached_property
    def values(self) -> dict[str, Values]:
        """By facet; countries as linked directly."""
        found: dict[str, Values] = defaultdict(Counter)
        for token, count in Counter(chain.from_iterable(bears.split() for *_, bears in self.rows)).items():
            tag, _, role = token.partition("=")
            name, _, key = tag.partition(":")
            if not (self.roles and name in WITH_ROLES) or role in self.roles:
                found[name][key] += count
        found["kind"] = Counter(kind for _, kind, _, _ in self.rows)
        return found

    @property
    def through_groups(self) -> Values:
        """Of each country the events that concern it as a member of a group alone."""
        return through_groups(self.rows, self.roles)


def matching(criteria: Criteria) -> Rows | None:
    """All events that match; None where they are more than MOST_READ."""
    return read(timeline.branches(criteria), criteria.roles)


def read(branches: Sequence[Branch], roles: Sequence[str] = ()) -> Rows | None:
    parts, values = [], []
    for number, branch in enumerate(branches):
        sql, params = branch.select()
        parts.append(f"SELECT position FROM ({sql} LIMIT {MOST_READ + 1}) branch_{number}")  # noqa: S608
        values += params
    # A union leaves out what two branches hold; one branch holds nothing twice.
    found = f"SELECT position FROM ({' UNION '.join(parts)}) every LIMIT {MOST_READ + 1}"  # noqa: S608
    with connection.cursor() as cursor:
        # CROSS JOIN: SQLite joins in the order written.
        cursor.execute(
            "SELECT entry.position, entry.kind, entry.direction, entry.bears "  # noqa: S608 - the values are parameters
            f"FROM ({found}) found CROSS JOIN {ENTRIES} entry WHERE entry.position = found.position",
            values,
        )
        rows = cursor.fetchall()
    return None if len(rows) > MOST_READ else Rows(rows, roles)


def keys(bears: str, name: str) -> list[str]:
    """The keys of one type among all that an event bears."""
    found = []
    for token in bears.split():
        of, _, key = token.partition("=")[0].partition(":")
        if of == name:
            found.append(key)
    return found


def through_groups(rows: Iterable[Row], roles: Sequence[str] = ()) -> Values:
    members = Members()
    found: Values = Counter()
    reached: Counter[frozenset[str]] = Counter()  # few sets of countries, each by many events
    for position, _, _, bears in rows:
        if f"{GROUP}:" in bears:
            places = {(name, key) for name, key, role in PLACES.findall(bears) if not roles or role in roles}
            groups = frozenset([key for name, key in places if name == GROUP])
            codes = members.of_any(groups, members.era(position >> KEY_BITS))
            reached[codes] += 1
            for name, key in places:
                if name == COUNTRY and key in codes:
                    found[key] -= 1
    for codes, count in reached.items():
        for code in codes:
            found[code] += count
    return +found


class Members:
    """Which countries a group has; between two days on which any membership begins or ends lies an era."""

    def __init__(self) -> None:
        self.memberships = [
            (country, group, since or dt.date.min, until or dt.date.max)
            for country, group, since, until in Membership.objects.values_list(
                "country_id", "group__slug", "since", "until"
            )
        ]
        self.starts = sorted({day.toordinal() for *_, since, until in self.memberships for day in (since, until)})
        self.known: dict[tuple[str, int], frozenset[str]] = {}
        self.of_several: dict[tuple[frozenset[str], int], frozenset[str]] = {}

    def spans(self, group: str) -> dict[tuple[dt.date | None, dt.date | None], list[str]]:
        """The countries of a group, by first day and the day after the last (None: unbounded)."""
        if group == WORLD:
            return {(None, None): list(Country.objects.values_list("code", flat=True))}
        found = defaultdict(list)
        for country, of, since, until in self.memberships:
            if of == group:
                found[None if since == dt.date.min else since, None if until == dt.date.max else until].append(country)
        return found

    def era(self, ordinal: int) -> int:
        return bisect_right(self.starts, ordinal)

    def of(self, group: str, era: int) -> frozenset[str]:
        if (group, era) not in self.known:
            if group == WORLD:
                found = frozenset(Country.objects.values_list("code", flat=True))
            else:
                found = frozenset(
                    country
                    for country, of, since, until in self.memberships
                    if of == group and self.era(since.toordinal()) <= era < self.era(until.toordinal())
                )
            self.known[group, era] = found
        return self.known[group, era]

    def of_any(self, groups: frozenset[str], era: int) -> frozenset[str]:
        if (groups, era) not in self.of_several:
            self.of_several[groups, era] = frozenset().union(*(self.of(group, era) for group in groups))
        return self.of_several[groups, era]
