"""The SQL that selects a page of the timeline, ready made: the ORM takes longer to write it than databases to run it.

A branch is a table whose index is walked in the timeline's order, with conditions on the rows that it brings. All
branches of a question together hold exactly what matches, so a page is the newest rows of each, merged.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any

from django.db import connection

from events.choices import RecordType
from events.lib.tokens import Term, fts5_match, tsquery
from events.models import position_of

ENTRIES, TAGS, SEARCH = "events_timelineentry", "events_timelinetag", "events_search"
WITH_ROLES = (RecordType.COMPANY.value, RecordType.COUNTRY.value, RecordType.GROUP.value)


@dataclass(frozen=True)
class Choice:
    """A tag that satisfies a filter, for events from `since` to the day before `until` (None: unbounded)."""

    tag: str
    since: dt.date | None = None
    until: dt.date | None = None

    @property
    def has_roles(self) -> bool:
        return self.tag.partition(":")[0] in WITH_ROLES


@dataclass(frozen=True)
class Branch:
    """`table`, in the order of its `position`, where all `conditions` hold; their parameters in order.

    `is_rare`: few rows match, so they are better found first and sorted then than met on a walk through all.
    """

    table: str
    conditions: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()
    is_rare: bool = False

    @property
    def position(self) -> str:
        return f"{self.table}.{'rowid' if self.table == SEARCH else 'position'}"

    def where(self, condition: str, *values: Any) -> Branch:
        return replace(self, conditions=(*self.conditions, condition), values=(*self.values, *values))

    def between(self, lowest: int | None, highest: int | None) -> Branch:
        """Positions from `lowest` to just below `highest`, where given."""
        found = self
        if lowest is not None:
            found = found.where(f"{self.position} >= %s", lowest)
        if highest is not None:
            found = found.where(f"{self.position} < %s", highest)
        return found

    def of_kinds(self, kinds: Sequence[str]) -> Branch:
        return self.where(f"{self.table}.kind IN ({marks(kinds)})", *kinds)

    def bearing(self, choice: Choice, roles: Sequence[str]) -> Branch:
        """Of the table of tags: the rows of one tag."""
        found = self.where(f"{self.table}.tag = %s", choice.tag).between(*bounds_of(choice))
        if roles and choice.has_roles:
            found = found.where(f"{self.table}.role IN ({marks(roles)})", *roles)
        return found

    def that_also_bear(self, alternatives: Sequence[Choice], roles: Sequence[str]) -> Branch:
        """The rows whose event bears one of these tags: each is looked up by the key of the table of tags."""
        probes: list[str] = []
        values: list[Any] = []
        for choice in alternatives:
            probe = Branch(TAGS).bearing(choice, roles)
            probes.append(
                f"EXISTS (SELECT 1 FROM {TAGS} probe WHERE probe.position = {self.position} "  # noqa: S608 - no values
                f"AND {' AND '.join(probe.conditions).replace(TAGS, 'probe')})"
            )
            values += probe.values
        return self.where(f"({' OR '.join(probes)})", *values)

    def matching(self, terms: Sequence[Term]) -> Branch:
        """Of the full-text table: the rows that match all terms."""
        return self.where(*matches(terms))

    def without(self, terms: Sequence[Term]) -> Branch:
        """The rows that match none of the terms.

        FTS5 finds what matches at once. PostgreSQL looks it up row by row: what many events match is too much for its
        memory, and it would go through all of that for each row.
        """
        condition, value = matches(terms, any_of=True)
        if connection.vendor == "postgresql":
            probe = f"SELECT 1 FROM {SEARCH} other WHERE other.rowid = {self.position}"  # noqa: S608
            return self.where(f"NOT EXISTS ({probe} AND {condition.replace(SEARCH, 'other')})", value)
        return self.where(f"{self.position} NOT IN (SELECT rowid FROM {SEARCH} WHERE {condition})", value)  # noqa: S608

    def whose_entry(self, condition: str, *values: Any) -> Branch:
        """The rows whose event's entry satisfies a condition on `entry`."""
        probe = f"SELECT 1 FROM {ENTRIES} entry WHERE entry.position = {self.position} AND {condition}"  # noqa: S608
        return self.where(f"EXISTS ({probe})", *values)

    def select(self, *, newest_first: bool = True, limit: int | None = None) -> tuple[str, list[Any]]:
        """A SELECT of positions, with its parameters."""
        where = f" WHERE {' AND '.join(self.conditions)}" if self.conditions else ""
        order = ""
        if limit is not None:
            # PostgreSQL knows no frequency of rare words, and takes an order that no index has as a sign to sort.
            by = f"({self.position} + 0)" if self.is_rare else self.position
            order = f" ORDER BY {by} {'DESC' if newest_first else 'ASC'} LIMIT {limit}"
        return f"SELECT {self.position} AS position FROM {self.table}{where}{order}", [*self.values]  # noqa: S608


def marks(values: Sequence[Any]) -> str:
    return ", ".join(["%s"] * len(values))


def bounds_of(choice: Choice) -> tuple[int | None, int | None]:
    return (
        position_of(choice.since, 0) if choice.since else None,
        position_of(choice.until, 0) if choice.until else None,
    )


def matches(terms: Sequence[Term], *, any_of: bool = False) -> tuple[str, str]:
    """The condition on a row of the full-text table, and its parameter."""
    if connection.vendor == "postgresql":
        return f"{SEARCH}.tokens @@ %s::tsquery", tsquery(terms, any_of=any_of)
    return f"{SEARCH}.tokens MATCH %s", fts5_match(terms, any_of=any_of)


def merged(branches: Iterable[Branch], *, newest_first: bool, limit: int) -> tuple[str, list[Any]]:
    """A SELECT of the first `limit` positions of all branches together, each once."""
    parts: list[str] = []
    values: list[Any] = []
    for number, branch in enumerate(branches):
        sql, params = branch.select(newest_first=newest_first, limit=limit)
        # SQLite knows no parentheses in a union; a derived table serves both databases.
        parts.append(f"SELECT position FROM ({sql}) branch_{number}")  # noqa: S608
        values += params
    if len(parts) == 1:
        return parts[0], values
    order = "DESC" if newest_first else "ASC"
    union = " UNION ALL ".join(parts)
    return f"SELECT DISTINCT position FROM ({union}) every ORDER BY position {order} LIMIT {limit}", values  # noqa: S608


def read(branches: Sequence[Branch], *, newest_first: bool, limit: int) -> list[tuple[int, str | None]]:
    """The positions and documents of the first `limit` events of all branches together."""
    sql, values = merged(branches, newest_first=newest_first, limit=limit)
    with connection.cursor() as cursor:
        # CROSS JOIN: SQLite joins in the order written, and without statistics it would begin with all changes.
        cursor.execute(
            f"SELECT entry.position, change.document FROM ({sql}) found "  # noqa: S608 - the values are parameters
            f"CROSS JOIN {ENTRIES} entry CROSS JOIN events_change change "
            "WHERE entry.position = found.position AND change.seq = entry.change_id",
            values,
        )
        rows: list[tuple[int, str | None]] = cursor.fetchall()
    # Nearly always they come in order. Databases do not know that, and would sort them with their documents.
    rows.sort(key=itemgetter(0), reverse=newest_first)
    return rows


def count(branches: Iterable[Branch]) -> int:
    """How many events all branches hold together."""
    selects = [branch.select() for branch in branches]
    union = " UNION ".join(sql for sql, _ in selects)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT COUNT(*) FROM ({union}) matching",  # noqa: S608 - the values are parameters
            [value for _, values in selects for value in values],
        )
        return int(cursor.fetchone()[0])
