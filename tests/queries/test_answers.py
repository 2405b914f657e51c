"""Access answers: each rule by an example."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.choices import AccessStatus, Certainty
from events.models import Country
from events.queries.answers import Question, answers, courses, scheduled
from events.services import publishing
from tests.factories import AccessRecordFactory, EffectFactory, EventFactory, GroupRecordFactory, ProductFactory
from tests.queries.asking import asked, status

EVE, DAY, NEXT_DAY, LATER = dt.date(2024, 7, 8), dt.date(2024, 7, 9), dt.date(2024, 7, 10), dt.date(2025, 1, 1)


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
