"""Access answers from the ledger: who could use what, where, on a day, as far as known by a day, at a revision.

Of the effects that reach a country, directly or through a group to which it belongs on that day, the one that starts
latest decides. One that reaches it through a group starts no earlier than the country joined. On a tie the country's
own effect decides, then that of the group with fewer members, then the one that was reported later.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from events.choices import Action, RecordType
from events.models import WORLD
from events.queries.sql import given

METHOD = 1  # the version of these rules, which receipts name
MEMBERS_OF_THE_WORLD = 1_000  # more than any group has
MOST_OF_A_PLACE = 30  # effects of one product on one place that a course goes back to


@dataclass(frozen=True)
class Question:
    """Could customers in a country use a product, on a day, as far as was publicly known by another?

    `product` is a slug, `country` an alpha-2 code. `known` None: as far as the record knows.
    """

    product: str
    country: str
    on: dt.date
    known: dt.date | None = None


@dataclass(frozen=True)
class Span:
    """A country's time in a group, which has, or ever had, so many members."""

    since: dt.date | None
    until: dt.date | None
    members: int

    def holds(self, day: dt.date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


@dataclass(frozen=True)
class Held:
    """A row of the ledger that reaches a country; `span` is None where it is the country's own."""

    pk: int
    event: str
    effect: int
    product: str
    place: str
    status: str
    effective_date: dt.date
    date_precision: str
    until: dt.date | None
    reported_on: dt.date
    span: Span | None = None

    @property
    def joined(self) -> dt.date | None:
        """The day on which the country joined, where the effect is older than that."""
        return joined(self.effective_date, self.span.since if self.span else None)

    @property
    def since(self) -> dt.date:
        return self.joined or self.effective_date

    @property
    def ends(self) -> dt.date | None:
        """The first day on which it no longer reaches the country, as far as that is known."""
        return min(filter(None, (self.until, self.span.until if self.span else None)), default=None)

    @property
    def turns(self) -> set[dt.date]:
        """The days on which what it says of the country may change: it starts, it ends, and the country leaves.

        Once it has ended the leaving counts as well: from then on what it had replaced decides again.
        """
        days = (self.since, self.until, self.span.until if self.span else None)
        return {day for day in days if day}

    @property
    def reaches(self) -> bool:
        """False where it had ended before the country joined."""
        return reaches(self.joined, self.until)

    @property
    def precedence(self) -> tuple[Any, ...]:
        """Of all that reach a country on a day the greatest decides."""
        return precedence(self.joined, self.span.members if self.span else None, *self.precedence_in_its_place)

    @property
    def precedence_in_its_place(self) -> tuple[dt.date, dt.date, str, int]:
        return self.effective_date, self.reported_on, self.event, self.effect


# The rules, of dates or of their ISO text, which sorts alike: most rows that are read do not decide, and of those no
# object is made.


def joined(start: Any, since: Any) -> Any:
    return since if since and since > start else None


def reaches(joined: Any, until: Any) -> bool:
    return not (joined and until and until <= joined)


def precedence(joined: Any, members: int | None, start: Any, reported_on: Any, event: str, effect: int) -> Any:
    return joined or start, 1 if members is None else -members, start, reported_on, event, effect


@dataclass(frozen=True)
class Answer:
    """What the record says to a question at a revision.

    `held` is what decides, also where it has ended by that day; None: nothing on record reaches that day.
    """

    question: Question
    held: Held | None

    @property
    def status(self) -> str | None:
        """None: unknown, because no record covers the day, or because what covered it has ended."""
        return None if self.held is None or self.has_ended else self.held.status

    @property
    def has_ended(self) -> bool:
        return bool(self.held and self.held.until and self.held.until <= self.question.on)

    @property
    def since(self) -> dt.date | None:
        """The first day of what decides; where that has ended, the day of its end; None: nothing reaches the day."""
        if self.held is None:
            return None
        return self.held.until if self.has_ended else self.held.since


def answers(questions: Sequence[Question], *, revision: int) -> list[Answer]:
    """The answer to each, by one query: for each place that can decide, a few steps down an index."""
    found = rows_reaching(questions, revision)
    return [
        Answer(question, read(max(rows)[1]) if rows else None) for question, rows in zip(questions, found, strict=True)
    ]


def reaching(questions: Sequence[Question], *, revision: int) -> list[list[Held]]:
    """What reaches each question's country on its day, of each place its newest; the one that decides comes first."""
    return [[read(row) for _, row in sorted(rows, reverse=True)] for rows in rows_reaching(questions, revision)]


def rows_reaching(questions: Sequence[Question], revision: int) -> list[list[tuple[Any, Sequence[Any]]]]:
    """The same as rows, each with its precedence, in no order."""
    rows = ask(
        f"""
        newest AS MATERIALIZED (
            SELECT number, since, until, members, (
                SELECT id FROM events_accessrecord held WHERE {held_at(revision)} AND effective_date <= day
                ORDER BY effective_date DESC, reported_on DESC, event DESC, effect DESC LIMIT 1
            ) AS found
            FROM places WHERE (since IS NULL OR since <= day) AND (until IS NULL OR until > day)
        )
        SELECT number, {span_of("newest")}, {HELD} FROM newest
        JOIN events_accessrecord held ON held.id = found
        """,  # noqa: S608 - names are ours
        questions,
        revision,
    )
    found: list[list[tuple[Any, Sequence[Any]]]] = [[] for _ in questions]
    for number, *row in rows:
        since, _, members, _, event, effect, _, _, _, start, _, until, reported_on = row
        since = joined(start, since)
        if reaches(since, until):
            found[number].append((precedence(since, members, start, reported_on, event, effect), row))
    return found


def deciding(rows: Iterable[Held]) -> Held | None:
    """Which of the rows that may reach a country on a day decides: of each place the newest alone speaks."""
    newest = {row.place: row for row in sorted(rows, key=lambda row: row.precedence_in_its_place)}
    return max((row for row in newest.values() if row.reaches), key=lambda row: row.precedence, default=None)


def scheduled(given_answers: Sequence[Answer], *, revision: int) -> list[Answer | None]:
    """The next answer of another status after each, on its first day; None: the record holds none."""
    found: list[Answer | None] = [None] * len(given_answers)
    waiting = list(enumerate(given_answers))
    while waiting:
        days = next_days([answer for _, answer in waiting], revision)
        asked = [
            (number, answer, replace(answer.question, on=day))
            for (number, answer), day in zip(waiting, days, strict=True)
            if day
        ]
        waiting = []
        later = answers([question for _, _, question in asked], revision=revision)
        for (number, before, _), answer in zip(asked, later, strict=True):
            if answer.status == before.status:
                waiting.append((number, answer))
            else:
                found[number] = answer
    return found


def next_days(given_answers: Sequence[Answer], revision: int) -> list[dt.date | None]:
    """The next day after each question's own on which its status may be another one."""
    found: list[list[dt.date]] = [
        [day for day in answer.held.turns if day > answer.question.on] if answer.held else []
        for answer in given_answers
    ]
    rows = ask(
        f"""
        later AS (
            SELECT number, (
                SELECT effective_date FROM events_accessrecord held WHERE {held_at(revision)} AND effective_date > day
                    -- one of the same status changes nothing unless it ends, or the country leaves its group
                    AND (held.status <> places.status OR held.until IS NOT NULL OR places.until IS NOT NULL)
                    AND (since IS NULL OR effective_date >= since)
                    AND (places.until IS NULL OR effective_date < places.until)
                ORDER BY effective_date LIMIT 1
            ) AS next FROM places
            UNION ALL
            SELECT number, since FROM places WHERE since > day AND EXISTS (
                SELECT 1 FROM events_accessrecord held WHERE {held_at(revision)} AND effective_date < since
            )
        )
        SELECT number, MIN(next) FROM later GROUP BY number  -- a WHERE would have each step taken twice
        """,  # noqa: S608 - names are ours
        [answer.question for answer in given_answers],
        revision,
        [answer.status or "" for answer in given_answers],
    )
    for number, day in rows:
        if day is not None:
            found[number].append(date(day))
    return [min(days, default=None) for days in found]


def courses(questions: Sequence[Question], *, revision: int, most: int = MOST_OF_A_PLACE) -> list[list[Answer]]:
    """Every answer that each pair has had and is to have, oldest first, each asked on its first day.

    `on` of the questions does not matter. Of a place only the newest `most` effects are looked at.
    """
    rows = ask(
        f"""
        SELECT number, {span_of("places")}, {HELD} FROM places
        CROSS JOIN events_accessrecord held
        WHERE {held_at(revision)} AND effective_date >= COALESCE((
            SELECT effective_date FROM events_accessrecord held WHERE {held_at(revision)}
            ORDER BY effective_date DESC LIMIT 1 OFFSET {int(most) - 1}
        ), '0001-01-01')
        """,  # noqa: S608 - names are ours
        questions,
        revision,
    )
    held: list[list[Held]] = [[] for _ in questions]
    for number, *row in rows:
        held[number].append(read(row))
    return [course(question, rows) for question, rows in zip(questions, held, strict=True)]


def course(question: Question, rows: Iterable[Held]) -> list[Answer]:
    """The answers of one pair from all the rows that may reach it."""
    waiting: dict[tuple[str, Span | None], list[Held]] = {}
    for row in sorted(rows, key=lambda row: row.precedence_in_its_place, reverse=True):
        waiting.setdefault((row.place, row.span), []).append(row)
    newest: dict[tuple[str, Span | None], Held] = {}
    found: list[Answer] = []
    for day in sorted({day for of_place in waiting.values() for row in of_place for day in row.turns}):
        for place, left in waiting.items():
            while left and left[-1].effective_date <= day:
                newest[place] = left.pop()
        reaching = [row for (_, span), row in newest.items() if row.reaches and (span is None or span.holds(day))]
        answer = Answer(replace(question, on=day), max(reaching, key=lambda row: row.precedence, default=None))
        before = (found[-1].held, found[-1].status) if found else (None, None)
        if (answer.held, answer.status) != before:
            found.append(answer)
    return found


# ------------------------------------------------------------------------------------------------------------- the SQL

COLUMNS = (
    "id", "event", "effect", "product", "place", "status", "effective_date", "date_precision", "until", "reported_on",
)  # fmt: skip
DATES = {"effective_date", "until", "reported_on"}
# Dates as text: Django's own way of reading them from SQLite takes ten times as long.
HELD = ", ".join(f"CAST(held.{name} AS text)" if name in DATES else f"held.{name}" for name in COLUMNS)
NO_DAY = "CAST(NULL AS date)"
ASKED = {
    "number": "bigint", "product": "text", "country": "text", "day": "date", "known": "date", "status": "text",
}  # fmt: skip


def span_of(table: str) -> str:
    return f"CAST({table}.since AS text), CAST({table}.until AS text), {table}.members"


def recorded_at(revision: int, table: str) -> str:
    return (
        f"{table}.recorded_from <= {int(revision)} "
        f"AND ({table}.recorded_until IS NULL OR {table}.recorded_until > {int(revision)})"
    )


def held_at(revision: int) -> str:
    """Which rows `held` of the ledger a row of `places` is about."""
    return (
        "held.product = places.product AND held.place = places.place AND held.reported_on <= known "
        f"AND held.exceptions NOT LIKE '%%' || country || '%%' AND {recorded_at(revision, 'held')}"
    )


def ask(
    sql: str, questions: Sequence[Question], revision: int, statuses: Sequence[str] | None = None
) -> list[tuple[Any, ...]]:
    """The rows of a query about `places`: those that can decide each question, by its number; `statuses` hold now.

    They are the country itself, the world, and each span of the country in a group, whether it holds that day or not.
    CROSS JOIN tells SQLite in which order to read.
    """
    asked, value = given(
        ASKED,
        [
            (
                number,
                question.product,
                question.country,
                question.on,
                question.known or dt.date.max,
                statuses[number] if statuses else "",
            )
            for number, question in enumerate(questions)
        ],
    )
    document = "CAST(merged.document AS jsonb)" if connection.vendor == "postgresql" else "merged.document"
    joint = "" if sql.lstrip().startswith("SELECT") else ","
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH given AS MATERIALIZED ({asked}),
            asked AS MATERIALIZED (
                SELECT number, product, country, day, known, status FROM given
                UNION ALL  -- effects of a product that was merged bear its old slug until their events are reissued
                SELECT number, merged.key, country, day, known, status FROM events_change merged CROSS JOIN given
                WHERE merged.action = '{Action.MERGED.value}' AND merged.type = '{RecordType.PRODUCT.value}'
                    AND merged.seq <= {int(revision)} AND {document} ->> 'merged_into' = product
            ),
            sizes AS MATERIALIZED (
                SELECT group_slug, COUNT(DISTINCT country) AS members FROM events_grouprecord member
                WHERE {recorded_at(revision, "member")} GROUP BY group_slug
            ),
            places AS MATERIALIZED (
                SELECT number, product, country, day, known, status, country AS place,
                    {NO_DAY} AS since, {NO_DAY} AS until, CAST(NULL AS integer) AS members
                FROM asked
                UNION ALL
                SELECT number, product, country, day, known, status, '{WORLD}',
                    {NO_DAY}, {NO_DAY}, {MEMBERS_OF_THE_WORLD}
                FROM asked
                UNION ALL
                SELECT number, product, asked.country, day, known, status, member.group_slug, since, until, members
                FROM asked CROSS JOIN events_grouprecord member CROSS JOIN sizes
                WHERE member.country = asked.country AND sizes.group_slug = member.group_slug
                    AND {recorded_at(revision, "member")}
            ){joint} {sql}
            """,  # noqa: S608 - names are ours
            [value],
        )
        return cursor.fetchall()


def read(row: Sequence[Any]) -> Held:
    since, until, members, pk, event, effect, product, place, status, start, precision, ends, reported_on = row
    span = None if members is None else Span(day(since), day(until), members)
    return Held(
        pk, event, effect, product, place, status, date(start), precision, day(ends), date(reported_on), span
    )  # fmt: skip


def date(value: Any) -> dt.date:
    """A date as a query gives it: as text, where it was not one of a table's columns as it stands."""
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


def day(value: Any) -> dt.date | None:
    return None if value is None else date(value)
