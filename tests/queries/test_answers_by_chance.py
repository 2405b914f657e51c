"""Access answers against a slow and obvious reading of the same ledger."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from events.choices import AccessStatus, Precision
from events.models import AccessRecord, GroupRecord
from events.queries.answers import Answer, Question, answers, courses, scheduled

REVISIONS = range(1, 5)
# Days on which something starts or ends; the first ones also stand for a year, a quarter and a month.
DAYS = [
    dt.date(2024, 1, 1),
    dt.date(2024, 4, 1),
    dt.date(2024, 6, 1),
    *(dt.date(2024, 6, 25), dt.date(2024, 7, 8), dt.date(2024, 7, 9), dt.date(2024, 7, 10)),
]
PRECISIONS = {DAYS[0]: [*Precision], DAYS[1]: ["day", "month", "quarter"], DAYS[2]: ["day", "month"]}
ASKED = [DAYS[0] - dt.timedelta(days=1), *DAYS, dt.date(2024, 7, 1), dt.date(2025, 1, 1)]
KNOWN = [None, dt.date(2024, 1, 1), dt.date(2024, 6, 25), dt.date(2024, 7, 9)]
PRODUCTS, COUNTRIES, GROUPS = ["one", "two"], ["CN", "GB"], ["eu", "other"]
PAIRS = [(product, country) for product in PRODUCTS for country in COUNTRIES]


# ------------------------------------------------------------------------------------------------------- the reference

# The primary key of the row that decides, the status (None: unknown), and since when that is the answer.
Said = tuple[int | None, str | None, dt.date | None]


@dataclass(frozen=True)
class Ledger:
    """What may be read, row by row."""

    effects: list[AccessRecord]
    members: list[GroupRecord]

    def at(self, revision: int) -> Ledger:
        """The rows that the record held then."""
        return Ledger(
            [row for row in self.effects if was_held(row, revision)],
            [row for row in self.members if was_held(row, revision)],
        )

    def asked(self, question: Question) -> Said:
        decides: tuple[tuple[Any, ...], AccessRecord] | None = None
        for place, since, size in self.places(question.country, question.on):
            row = self.newest(place, question)
            if row is None:
                continue
            start = max(row.effective_date, since)
            if start > row.effective_date and row.until and row.until <= start:
                continue  # it was over when the country joined
            rank = (start, -size, *in_time(row))
            if decides is None or rank > decides[0]:
                decides = rank, row
        if decides is None:
            return None, None, None
        (start, *_), row = decides
        if row.until and row.until <= question.on:
            return row.pk, None, row.until
        return row.pk, row.status, start

    def newest(self, place: str, question: Question) -> AccessRecord | None:
        """The effect on the place that started last by the day asked about, of those that count."""
        found = None
        for row in self.effects:
            if (
                row.product == question.product
                and row.place == place
                and row.effective_date <= question.on
                and row.reported_on <= (question.known or dt.date.max)
                and question.country not in row.exceptions.split()
                and (found is None or in_time(row) > in_time(found))
            ):
                found = row
        return found

    def places(self, country: str, day: dt.date) -> list[tuple[str, dt.date, int]]:
        """All that the country is part of on a day, since when, and how many have ever been."""
        found = [(country, dt.date.min, 0), ("world", dt.date.min, 1_000)]
        for row in self.members:
            since, until = row.since or dt.date.min, row.until or dt.date.max
            if row.country == country and since <= day < until:
                size = len({each.country for each in self.members if each.group == row.group})
                found.append((row.group, since, size))
        return found

    def course(self, question: Question) -> list[tuple[dt.date, Said]]:
        """Each answer and its first day: asked on every day on which anything starts or ends."""
        found: list[tuple[dt.date, Said]] = []
        for day in DAYS:
            said = self.asked(replace(question, on=day))
            if said != (found[-1][1] if found else (None, None, None)):
                found.append((day, said))
        return found

    def next(self, question: Question) -> tuple[dt.date, str | None] | None:
        """The first later day on which the status is another one, and that status."""
        _, now, _ = self.asked(question)
        for day in DAYS:
            if day > question.on:
                _, status, _ = self.asked(replace(question, on=day))
                if status != now:
                    return day, status
        return None


def was_held(row: AccessRecord | GroupRecord, revision: int) -> bool:
    return row.recorded_from <= revision and (row.recorded_until is None or revision < row.recorded_until)


def in_time(row: AccessRecord) -> tuple[Any, ...]:
    return row.effective_date, row.reported_on, row.event, row.effect


# --------------------------------------------------------------------------------------------------- ledgers by chance


@st.composite
def versions(draw: st.DrawFn, held: st.SearchStrategy[Any]) -> list[tuple[int, int | None, Any]]:
    """What the record held: each with its first revision and the one that closed it. None: it held nothing."""
    starts = sorted(draw(st.sets(st.sampled_from(REVISIONS), min_size=1, max_size=2)))
    ends = [*starts[1:], None]
    return [(start, end, draw(held)) for start, end in zip(starts, ends, strict=True)]


@st.composite
def an_effect(draw: st.DrawFn) -> dict[str, Any]:
    place = draw(st.sampled_from([*COUNTRIES, *GROUPS, "world"]))
    start = draw(st.sampled_from(DAYS))
    left_out = [] if place in COUNTRIES else draw(st.lists(st.sampled_from(COUNTRIES), unique=True, max_size=2))
    return {
        "product": draw(st.sampled_from(PRODUCTS)),
        "place": place,
        "exceptions": " ".join(left_out),
        "status": draw(st.sampled_from(AccessStatus.values)),
        "effective_date": start,
        "date_precision": draw(st.sampled_from(PRECISIONS.get(start, ["day"]))),
        "until": draw(st.sampled_from([None, *(day for day in DAYS if day >= start)])),
        "reported_on": draw(st.sampled_from(KNOWN[1:])),
    }


@st.composite
def spans(draw: st.DrawFn) -> list[tuple[dt.date | None, dt.date | None]]:
    """A country's times in a group: never, always, once, or again after it left, perhaps on the same day."""
    one, two, three = sorted(draw(st.sets(st.sampled_from(DAYS), min_size=3, max_size=3)))
    shapes: list[list[tuple[dt.date | None, dt.date | None]]] = [
        [],
        [(None, None)],
        [(one, None)],
        [(None, one)],
        [(one, two)],
        [(None, one), (two, None)],
        [(one, two), (two, None)],
        [(one, two), (three, None)],
    ]
    return draw(st.sampled_from(shapes))


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    effects = [
        AccessRecord(event=event, effect=number, recorded_from=start, recorded_until=end, **held)
        for event in ("a", "b", "c")
        for number in (1, 2)
        for start, end, held in draw(versions(st.none() | an_effect()))
        if held
    ]
    members = [
        GroupRecord(group=group, country=country, since=since, until=until, recorded_from=start, recorded_until=end)
        for group in GROUPS
        for country in COUNTRIES
        for start, end, held in draw(versions(spans()))
        for since, until in held
    ]
    return Ledger(effects, members)


class AnswersTests(TestCase):
    @settings(max_examples=25)
    @given(ledger=ledgers())
    def test_every_question_is_answered_by_the_rule(self, ledger: Ledger) -> None:
        store(ledger)
        asked = [Question(*pair, on=day, known=known) for pair in PAIRS for day in ASKED for known in KNOWN]
        for revision in (0, *REVISIONS):
            then = ledger.at(revision)
            assert [said(answer) for answer in answers(asked, revision=revision)] == [
                then.asked(question) for question in asked
            ]

    @settings(max_examples=25)
    @given(ledger=ledgers())
    def test_a_course_holds_every_answer_on_its_first_day(self, ledger: Ledger) -> None:
        store(ledger)
        asked = [Question(*pair, on=ASKED[0], known=known) for pair in PAIRS for known in KNOWN]
        for revision in REVISIONS:
            then = ledger.at(revision)
            found = courses(asked, revision=revision)
            assert [[(answer.question.on, said(answer)) for answer in course] for course in found] == [
                then.course(question) for question in asked
            ]

    @settings(max_examples=25)
    @given(ledger=ledgers())
    def test_what_is_scheduled_is_the_next_other_status(self, ledger: Ledger) -> None:
        store(ledger)
        asked = [Question(*pair, on=day, known=known) for pair in PAIRS for day in ASKED for known in KNOWN]
        for revision in REVISIONS:
            then = ledger.at(revision)
            found = scheduled(answers(asked, revision=revision), revision=revision)
            assert [later and (later.question.on, later.status) for later in found] == [
                then.next(question) for question in asked
            ]


def store(ledger: Ledger) -> None:
    AccessRecord.objects.bulk_create(ledger.effects)
    GroupRecord.objects.bulk_create(ledger.members)


def said(answer: Answer) -> Said:
    return answer.held.pk if answer.held else None, answer.status, answer.since
