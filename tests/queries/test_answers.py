"""Access answers against a slow and obvious reading of the same ledger, and each rule by an example."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from events.choices import AccessStatus, Certainty, Precision
from events.models import AccessRecord, Country, GroupRecord, LogHead
from events.queries.answers import Answer, Question, answers, courses, scheduled
from events.services import publishing, verifying
from tests.databases import OnTheShippedRecord
from tests.factories import AccessRecordFactory, EffectFactory, EventFactory, GroupRecordFactory, ProductFactory

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


# -------------------------------------------------------------------------------------------------- each rule by itself

EVE, DAY, NEXT_DAY, LATER = dt.date(2024, 7, 8), dt.date(2024, 7, 9), dt.date(2024, 7, 10), dt.date(2025, 1, 1)


def asked(on: dt.date, country: str = "CN", *, product: str = "product", known: dt.date | None = None) -> Answer:
    [answer] = answers([Question(product, country, on=on, known=known)], revision=LogHead.objects.get().seq or 1)
    return answer


def status(on: dt.date, country: str = "CN", **options: Any) -> str | None:
    return asked(on, country, **options).status


def a_group(slug: str, *codes: str) -> None:
    for code in codes:
        GroupRecordFactory(group=slug, country=code)


@pytest.mark.django_db
class TestAnswer:
    def test_is_unknown_where_nothing_is_on_record(self):
        AccessRecordFactory(place="RU")
        AccessRecordFactory(product="another")
        assert (asked(DAY).held, asked(DAY).status, asked(DAY).since) == (None, None, None)

    def test_is_unknown_before_the_first_effect(self):
        AccessRecordFactory()
        assert [status(day) for day in (EVE, DAY, NEXT_DAY)] == [None, "blocked", "blocked"]

    def test_is_that_of_the_latest_start(self):
        AccessRecordFactory()
        AccessRecordFactory(status="limited", effective_date=NEXT_DAY)
        assert [(status(day), asked(day).since) for day in (DAY, NEXT_DAY, LATER)] == [
            ("blocked", DAY),
            ("limited", NEXT_DAY),
            ("limited", NEXT_DAY),
        ]

    def test_is_unknown_from_the_end_on_whatever_was_before(self):
        AccessRecordFactory(status="available", effective_date=dt.date(2023, 1, 1))
        AccessRecordFactory(until=NEXT_DAY)
        assert [(status(day), asked(day).since) for day in (EVE, DAY, NEXT_DAY, LATER)] == [
            ("available", dt.date(2023, 1, 1)),
            ("blocked", DAY),
            (None, NEXT_DAY),
            (None, NEXT_DAY),
        ]
        assert (asked(NEXT_DAY).has_ended, asked(DAY).has_ended) == (True, False)

    def test_follows_a_later_effect_after_an_end(self):
        AccessRecordFactory(until=NEXT_DAY)
        AccessRecordFactory(status="available", effective_date=LATER)
        assert [status(day) for day in (NEXT_DAY, LATER)] == [None, "available"]

    @pytest.mark.parametrize("precision", ["month", "quarter", "year"])
    def test_of_an_imprecise_date_starts_with_its_period(self, precision):
        start = dt.date(2024, 1, 1)
        AccessRecordFactory(effective_date=start, date_precision=precision)
        answer = asked(start)
        assert answer.held
        assert (status(start - dt.timedelta(days=1)), answer.status, answer.held.date_precision) == (
            None,
            "blocked",
            precision,
        )

    def test_knows_only_what_had_been_reported(self):
        AccessRecordFactory(status="limited", effective_date=dt.date(2021, 11, 18), reported_on=dt.date(2021, 11, 18))
        AccessRecordFactory(reported_on=NEXT_DAY)
        known = (dt.date(2021, 11, 17), DAY, NEXT_DAY, None)
        assert [status(NEXT_DAY, known=each) for each in known] == [None, "limited", "blocked", "blocked"]

    def test_knows_what_was_foretold(self):
        AccessRecordFactory(reported_on=dt.date(2024, 6, 25))
        assert status(DAY, known=dt.date(2024, 6, 25)) == "blocked"

    def test_is_that_of_the_revision_asked_for(self):
        AccessRecordFactory(event="a", status="limited", recorded_from=2, recorded_until=4)
        AccessRecordFactory(event="a", recorded_from=4, recorded_until=5)
        question = Question("product", "CN", on=DAY)
        found = [answers([question], revision=revision)[0].status for revision in range(1, 6)]
        assert found == [None, "limited", "limited", "blocked", None]

    def test_is_given_for_each_question_in_order(self):
        AccessRecordFactory()
        AccessRecordFactory(place="RU", status="limited")
        asked_for = [("product", "RU"), ("product", "CN"), ("other", "CN"), ("product", "RU")]
        found = answers([Question(*pair, on=DAY) for pair in asked_for], revision=1)
        assert [(answer.question.country, answer.status) for answer in found] == [
            ("RU", "limited"),
            ("CN", "blocked"),
            ("CN", None),
            ("RU", "limited"),
        ]

    def test_takes_one_query_however_many_are_asked(self):
        a_group("eu", "FR", "DE")
        AccessRecordFactory(place="eu")
        for codes in (["FR"], list(Country.objects.values_list("pk", flat=True))):
            with CaptureQueriesContext(connection) as queries:
                answers([Question("product", code, on=DAY) for code in codes], revision=1)
            assert len(queries) == 1

    def test_of_nothing_asked_is_nothing(self):
        assert (answers([], revision=1), scheduled([], revision=1), courses([], revision=1)) == ([], [], [])


@pytest.mark.django_db
class TestGroups:
    JOINED, LEFT = dt.date(1973, 1, 1), dt.date(2020, 2, 1)
    BEFORE, BETWEEN, AFTER = dt.date(1970, 1, 1), dt.date(2000, 1, 1), dt.date(2021, 1, 1)

    @pytest.fixture
    def union(self):
        """The United Kingdom was a member of the European Union for a time; France is one since it began."""
        GroupRecordFactory(group="eu", country="GB", since=self.JOINED, until=self.LEFT)
        GroupRecordFactory(group="eu", country="FR")

    def around(self, day: dt.date) -> list[dt.date]:
        return [day - dt.timedelta(days=1), day, day + dt.timedelta(days=1)]

    def test_an_older_effect_reaches_a_country_while_it_is_a_member(self, union):
        AccessRecordFactory(place="eu", effective_date=self.BEFORE)
        assert [status(day, "GB") for day in self.around(self.JOINED)] == [None, "blocked", "blocked"]
        assert [status(day, "GB") for day in self.around(self.LEFT)] == ["blocked", None, None]
        assert [status(day, "FR") for day in (self.JOINED, self.LEFT)] == ["blocked", "blocked"]
        assert [asked(self.JOINED, code).since for code in ("GB", "FR")] == [self.JOINED, self.BEFORE]

    def test_an_effect_during_membership_starts_on_its_own_day(self, union):
        AccessRecordFactory(place="eu", effective_date=self.BETWEEN)
        assert [status(day, "GB") for day in self.around(self.BETWEEN)] == [None, "blocked", "blocked"]
        assert asked(self.BETWEEN, "GB").since == self.BETWEEN

    def test_an_effect_after_the_leaving_does_not_reach(self, union):
        AccessRecordFactory(place="eu", effective_date=self.AFTER)
        assert [status(LATER, code) for code in ("GB", "FR", "CH")] == [None, "blocked", None]

    def test_an_effect_on_the_day_of_joining_or_leaving_counts_and_does_not(self, union):
        AccessRecordFactory(place="eu", effective_date=self.JOINED)
        AccessRecordFactory(place="eu", effective_date=self.LEFT, status="limited")
        assert [(status(self.JOINED, code), status(self.LEFT, code)) for code in ("GB", "FR")] == [
            ("blocked", None),
            ("blocked", "limited"),
        ]

    def test_an_effect_that_ended_before_the_joining_does_not_reach(self, union):
        AccessRecordFactory(place="GB", status="available", effective_date=dt.date(1960, 1, 1))
        AccessRecordFactory(place="eu", effective_date=self.BEFORE, until=self.JOINED)
        assert (status(self.JOINED, "GB"), asked(self.JOINED, "FR").has_ended) == ("available", True)

    def test_joining_brings_an_effect_that_starts_later_than_the_countrys_own(self, union):
        AccessRecordFactory(place="eu", effective_date=self.BEFORE)
        AccessRecordFactory(place="GB", status="available", effective_date=dt.date(1972, 12, 31))
        assert [status(day, "GB") for day in self.around(self.JOINED)] == ["available", "blocked", "blocked"]

    def test_leaving_brings_back_the_countrys_own(self, union):
        AccessRecordFactory(place="GB", status="available", effective_date=self.BEFORE)
        AccessRecordFactory(place="eu", effective_date=self.BETWEEN)
        assert [status(day, "GB") for day in self.around(self.LEFT)] == ["blocked", "available", "available"]

    def test_whoever_joins_again_is_reached_from_then_on(self, union):
        GroupRecordFactory(group="eu", country="GB", since=self.AFTER)
        AccessRecordFactory(place="eu", effective_date=self.BEFORE)
        assert [(status(day, "GB"), asked(day, "GB").since) for day in (self.BETWEEN, self.LEFT, self.AFTER)] == [
            ("blocked", self.JOINED),
            (None, None),
            ("blocked", self.AFTER),
        ]

    def test_membership_is_that_of_the_revision_asked_for(self):
        GroupRecordFactory(group="eu", country="GB", recorded_from=1, recorded_until=3)
        GroupRecordFactory(group="eu", country="GB", until=DAY, recorded_from=3)
        AccessRecordFactory(place="eu")
        question = Question("product", "GB", on=DAY)
        found = [answers([question], revision=revision)[0].status for revision in (1, 2, 3, 4)]
        assert found == ["blocked", "blocked", None, None]

    def test_exceptions_are_left_out(self):
        a_group("eu", "FR", "DE", "IT")
        AccessRecordFactory(place="eu", exceptions="FR DE")
        AccessRecordFactory(place="world", exceptions="CH", status="limited", effective_date=EVE)
        codes = ("FR", "DE", "IT", "CH", "CN")
        assert [status(DAY, code) for code in codes] == ["limited", "limited", "blocked", None, "limited"]

    def test_exceptions_do_not_hide_an_older_effect_of_the_group(self):
        a_group("eu", "FR", "IT")
        AccessRecordFactory(place="eu", effective_date=EVE)
        AccessRecordFactory(place="eu", exceptions="FR", status="limited")
        assert (status(DAY, "FR"), status(DAY, "IT")) == ("blocked", "limited")

    def test_a_later_start_decides_wherever_it_is(self):
        a_group("eu", "FR")
        AccessRecordFactory(place="FR")
        AccessRecordFactory(place="eu", status="limited", effective_date=NEXT_DAY)
        AccessRecordFactory(place="world", status="available", effective_date=LATER)
        assert [status(day, "FR") for day in (DAY, NEXT_DAY, LATER)] == ["blocked", "limited", "available"]


@pytest.mark.django_db
class TestTies:
    def test_go_to_the_smallest_place(self):
        a_group("large", "CN", "RU", "IR")
        a_group("small", "CN", "RU")
        found = []
        for place, held in [
            ("world", "available"),
            ("large", "limited"),
            ("small", "license_required"),
            ("CN", "blocked"),
        ]:
            AccessRecordFactory(place=place, status=held)
            found.append((status(DAY), asked(DAY).held.place))
        assert found == [
            ("available", "world"),
            ("limited", "large"),
            ("license_required", "small"),
            ("blocked", "CN"),
        ]

    def test_count_members_that_have_left(self):
        a_group("two", "CN", "RU")
        a_group("three", "CN")
        GroupRecordFactory(group="three", country="RU", until=dt.date(2000, 1, 1))
        GroupRecordFactory(group="three", country="IR", until=dt.date(2000, 1, 1))
        AccessRecordFactory(place="three")
        AccessRecordFactory(place="two", status="limited")
        assert status(DAY) == "limited"

    def test_count_a_country_that_joined_twice_once(self):
        a_group("two", "CN", "RU")
        for since, until in [(None, dt.date(2000, 1, 1)), (dt.date(2010, 1, 1), None)]:
            GroupRecordFactory(group="one", country="CN", since=since, until=until)
        GroupRecordFactory(group="one", country="CN", since=dt.date(2005, 1, 1), until=dt.date(2006, 1, 1))
        AccessRecordFactory(place="one", effective_date=DAY)
        AccessRecordFactory(place="two", effective_date=DAY, status="limited")
        assert status(DAY) == "blocked"

    def test_of_a_joining_go_to_the_countrys_own(self):
        GroupRecordFactory(group="eu", country="GB", since=DAY)
        AccessRecordFactory(place="eu", effective_date=EVE)
        AccessRecordFactory(place="GB", status="limited", effective_date=DAY)
        assert status(DAY, "GB") == "limited"

    def test_of_one_place_go_to_the_later_reported(self):
        AccessRecordFactory(event="a", reported_on=DAY)
        AccessRecordFactory(event="b", status="limited", reported_on=EVE)
        assert (status(DAY), status(DAY, known=EVE)) == ("blocked", "limited")

    def test_of_two_groups_of_one_size_go_to_the_later_reported(self):
        a_group("one", "CN")
        a_group("two", "CN")
        AccessRecordFactory(event="a", place="one", reported_on=DAY)
        AccessRecordFactory(event="b", place="two", status="limited", reported_on=EVE)
        assert status(DAY) == "blocked"

    def test_of_all_else_go_by_the_events_slug(self):
        AccessRecordFactory(event="b", status="limited")
        AccessRecordFactory(event="a")
        assert status(DAY) == "limited"


@pytest.mark.django_db
class TestCertainty:
    @pytest.mark.parametrize(
        ("certainty", "expected"),
        [
            (Certainty.CONFIRMED, "blocked"),
            (Certainty.REPORTED, "blocked"),
            (Certainty.DISPUTED, "blocked"),
            (Certainty.DENIED, "available"),
        ],
    )
    def test_only_what_is_denied_does_not_count(self, certainty, expected):
        product = ProductFactory()
        for day, held, how_certain in [(EVE, "available", "confirmed"), (DAY, "blocked", certainty)]:
            event = EventFactory(certainty=how_certain)
            EffectFactory(event=event, product=product, effective_date=day, status=held)
            publishing.publish(event, by=None)
        assert status(DAY, product=product.slug) == expected

    def test_a_draft_does_not_count(self):
        effect = EffectFactory(event=EventFactory())
        assert asked(DAY, product=effect.product.slug).held is None


@pytest.mark.django_db
class TestCourse:
    def course(self, country: str = "CN", **options: Any) -> list[tuple[dt.date, str | None]]:
        [found] = courses([Question("product", country, on=DAY)], revision=1, **options)
        return [(answer.question.on, answer.status) for answer in found]

    def test_is_empty_where_nothing_is_on_record(self):
        assert self.course() == []

    def test_tells_every_answer_and_its_end(self):
        AccessRecordFactory(status="limited", effective_date=dt.date(2021, 11, 18))
        AccessRecordFactory(until=LATER)
        assert self.course() == [(dt.date(2021, 11, 18), "limited"), (DAY, "blocked"), (LATER, None)]

    def test_does_not_begin_with_a_group_that_the_country_had_left(self):
        GroupRecordFactory(group="eu", country="GB", until=EVE)
        AccessRecordFactory(place="eu")
        assert self.course("GB") == []

    def test_goes_on_with_the_countrys_own_after_it_left_whatever_ended_before(self):
        GroupRecordFactory(group="eu", country="GB", until=LATER)
        AccessRecordFactory(place="GB", status="available", effective_date=EVE)
        AccessRecordFactory(place="eu", until=NEXT_DAY)
        assert self.course("GB") == [(EVE, "available"), (DAY, "blocked"), (NEXT_DAY, None), (LATER, "available")]

    def test_goes_back_to_the_newest_effects_of_a_place_alone(self):
        a_group("eu", "FR")
        for number in range(4):
            start = DAY + dt.timedelta(days=number)
            AccessRecordFactory(place="FR", effective_date=start, status=AccessStatus.values[number])
        AccessRecordFactory(place="eu", effective_date=dt.date(2023, 1, 1))
        assert [day for day, _ in self.course("FR", most=2)] == [
            dt.date(2023, 1, 1),
            dt.date(2024, 7, 11),
            dt.date(2024, 7, 12),
        ]


@pytest.mark.django_db
class TestScheduled:
    def next(self, on: dt.date, country: str = "CN") -> tuple[dt.date, str | None] | None:
        [found] = scheduled([asked(on, country)], revision=1)
        return (found.question.on, found.status) if found else None

    def test_is_the_next_other_status(self):
        AccessRecordFactory(until=LATER)
        AccessRecordFactory(effective_date=NEXT_DAY, until=LATER)
        assert [self.next(day) for day in (EVE, DAY, LATER)] == [(DAY, "blocked"), (LATER, None), None]

    def test_is_none_where_the_record_holds_none(self):
        AccessRecordFactory()
        AccessRecordFactory(effective_date=LATER)
        assert [self.next(day) for day in (DAY, LATER)] == [None, None]

    def test_sees_a_country_join_and_leave(self):
        GroupRecordFactory(group="eu", country="GB", since=NEXT_DAY, until=LATER)
        AccessRecordFactory(place="eu")
        assert [self.next(day, "GB") for day in (DAY, NEXT_DAY, LATER)] == [(NEXT_DAY, "blocked"), (LATER, None), None]

    def test_sees_a_country_leave_after_the_end_of_what_reached_it(self):
        GroupRecordFactory(group="eu", country="GB", until=LATER)
        AccessRecordFactory(place="GB", status="available", effective_date=EVE)
        AccessRecordFactory(place="eu", until=NEXT_DAY)
        assert [self.next(day, "GB") for day in (DAY, NEXT_DAY)] == [(NEXT_DAY, None), (LATER, "available")]


# --------------------------------------------------------------------------------------------------------- the data set


class DataSetTests(OnTheShippedRecord):
    """What the record is for, on the record that comes with it."""

    def assert_statuses(self, product: str, country: str, expected: dict[str, str | None], **options: Any) -> None:
        found = {day: status(dt.date.fromisoformat(day), country, product=product, **options) for day in expected}
        assert found == expected, (product, country)

    def test_one_developers_models_by_two_routes_have_two_answers(self) -> None:
        self.assert_statuses(
            "openai-api",
            "CN",
            {"2024-06-24": "limited", "2024-07-08": "limited", "2024-07-10": "blocked", "2024-10-22": "blocked"},
        )
        self.assert_statuses(
            "azure-openai",
            "CN",
            {"2024-06-24": None, "2024-07-08": "available", "2024-07-10": "available", "2024-10-22": "limited"},
        )

    def test_the_block_was_not_known_before_it_was_announced(self) -> None:
        self.assert_statuses("openai-api", "CN", {"2024-07-10": "limited"}, known=dt.date(2024, 6, 24))

    def test_a_countrys_own_government_closes_and_opens(self) -> None:
        self.assert_statuses(
            "chatgpt", "IT", {"2023-03-30": "available", "2023-04-15": "blocked", "2023-05-01": "available"}
        )
        self.assert_statuses("chatgpt", "CN", {"2024-07-01": "blocked"})

    def test_a_chip_takes_a_license_and_then_a_way_through(self) -> None:
        self.assert_statuses(
            "nvidia-h20",
            "CN",
            {
                "2025-04-01": None,
                "2025-05-15": "license_required",
                "2025-08-20": "limited",
                "2025-12-15": "limited",
            },
        )

    def test_a_member_may_have_an_answer_of_its_own(self) -> None:
        self.assert_statuses("whatsapp-business-api", "IT", {"2026-03-10": "available"})
        self.assert_statuses("whatsapp-business-api", "FR", {"2026-03-10": "limited"})

    def test_a_unions_answer_is_that_of_its_members_alone(self) -> None:
        self.assert_statuses("apple-intelligence", "FR", {"2024-07-01": "blocked"})
        self.assert_statuses("apple-intelligence", "CH", {"2024-07-01": None})
        held = asked(dt.date(2024, 7, 1), "FR", product="apple-intelligence").held
        assert held
        assert held.place == "eu"

    def test_the_ledger_is_what_the_log_gives(self) -> None:
        assert list(verifying.ledger(verifying.Tally())) == []
