"""Who decides a status, and what an event changed."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.choices import Certainty, CompanyRole, Direction, PlaceRole
from events.models import AccessEffect, Event
from events.queries.access import Geography, closed_by, direction, statuses_before
from events.services import publishing
from tests.factories import (
    AgencyFactory,
    BareEventFactory,
    CompanyFactory,
    EffectFactory,
    EventAgencyFactory,
    EventCompanyFactory,
    EventCountryFactory,
    EventFactory,
    GroupFactory,
    MembershipFactory,
    OwnershipFactory,
    ProductFactory,
    country,
    published_effect,
)

pytestmark = pytest.mark.django_db


def decided_by(event: Event, **options: Any) -> list[str]:
    return closed_by(event, EffectFactory(event=event, **options), Geography.read())


class TestClosedBy:
    """The default rule of docs/data-format.md."""

    def acted(self, *agencies: Any) -> Event:
        event = BareEventFactory()
        for agency in agencies:
            EventAgencyFactory(event=event, agency=agency)
        return event

    def test_what_is_written_holds_in_the_order_of_the_vocabulary(self):
        event = self.acted(AgencyFactory(country=country("CN")))
        assert decided_by(event, by=["foreign_government", "provider"]) == ["provider", "foreign_government"]

    @pytest.mark.parametrize(("code", "who"), [("CN", "own_government"), ("US", "foreign_government")])
    def test_an_agency_stands_for_its_state(self, code, who):
        assert decided_by(self.acted(AgencyFactory(country=country(code)))) == [who]

    def test_an_agency_of_neither_is_international(self):
        assert decided_by(self.acted(AgencyFactory())) == ["international"]

    def test_an_agency_of_a_group_stands_for_its_members(self):
        group = GroupFactory(members=["FR"])
        event = self.acted(AgencyFactory(group=group))
        assert decided_by(event, country=country("FR")) == ["own_government"]
        assert decided_by(event, country=country("CN")) == ["foreign_government"]
        assert decided_by(event, country=None, group=group) == ["own_government"]

    def test_membership_is_that_of_the_effects_first_day(self):
        group = GroupFactory()
        MembershipFactory(group=group, country=country("GB"), until=dt.date(2020, 2, 1))
        event = self.acted(AgencyFactory(group=group))
        assert decided_by(event, country=country("GB"), effective_date=dt.date(2020, 1, 31)) == ["own_government"]
        assert decided_by(event, country=country("GB"), effective_date=dt.date(2020, 2, 1)) == ["foreign_government"]

    def test_several_agencies_give_several_answers(self):
        event = self.acted(AgencyFactory(), AgencyFactory(country=country("US")), AgencyFactory(country=country("CN")))
        assert decided_by(event) == ["own_government", "foreign_government", "international"]

    def test_agencies_come_before_companies_and_companies_before_countries(self):
        event = self.acted(AgencyFactory(country=country("US")))
        EventCompanyFactory(event=event)
        EventCountryFactory(event=event, role=PlaceRole.ACTING)
        assert decided_by(event) == ["foreign_government"]
        event.agency_links.all().delete()
        assert decided_by(event) == ["other_company"]
        event.company_links.all().delete()
        assert decided_by(event) == ["own_government"]

    @pytest.mark.parametrize("name", ["company", "models_from"])
    def test_a_company_is_the_provider_of_its_product_and_of_the_models_in_it(self, name):
        event, company = BareEventFactory(), CompanyFactory()
        EventCompanyFactory(event=event, company=company)
        assert decided_by(event, product=ProductFactory(**{name: company})) == ["provider"]
        assert decided_by(event) == ["other_company"]

    def test_a_company_stands_for_its_owner_while_it_is_owned(self):
        event, owner = BareEventFactory(), CompanyFactory()
        company = EventCompanyFactory(event=event).company
        OwnershipFactory(owner=owner, owned=company, since=dt.date(2020, 1, 1), until=dt.date(2021, 1, 1))
        product = ProductFactory(company=owner)
        days = [dt.date(2019, 12, 31), dt.date(2020, 1, 1), dt.date(2020, 12, 31), dt.date(2021, 1, 1)]
        found = [decided_by(event, product=product, effective_date=day)[0] for day in days]
        assert found == ["other_company", "provider", "provider", "other_company"]

    def test_an_affected_company_decides_nothing(self):
        event = BareEventFactory()
        EventCompanyFactory(event=event, role=CompanyRole.AFFECTED)
        assert decided_by(event) == []


class TestBefore:
    """What held the day before, by the latest start."""

    @pytest.fixture(autouse=True)
    def setting(self):
        self.product = ProductFactory()
        self.group = GroupFactory(members=["CN", "RU"])
        self.larger = GroupFactory(members=["CN", "RU", "IR"])
        self.world = GroupFactory(slug="world")

    def said(
        self,
        status: str,
        day: str,
        *,
        certainty: str = "confirmed",
        publish: bool = True,
        reported: str = "2024-06-25",
        **place: Any,
    ) -> None:
        place = {"country": None, **place} if "group" in place else place
        event = EventFactory(certainty=certainty, source__source__published=dt.date.fromisoformat(reported))
        start = dt.date.fromisoformat(day)
        EffectFactory(event=event, product=self.product, status=status, effective_date=start, **place)
        if publish:
            publishing.publish(event, by=None)

    def before(self, day: str = "2024-07-09", **place: Any) -> str | None:
        effect = AccessEffect(
            product=self.product, effective_date=dt.date.fromisoformat(day), **(place or {"country": country("CN")})
        )
        [status] = statuses_before([effect], Geography.read())
        return status

    def test_nothing_known_is_unknown(self):
        self.said("blocked", "2024-07-09")
        assert self.before() is None

    def test_the_latest_start_decides(self):
        self.said("blocked", "2024-01-01")
        self.said("limited", "2024-02-01")
        assert self.before() == "limited"

    def test_a_later_start_of_a_group_decides(self):
        self.said("blocked", "2024-01-01")
        self.said("limited", "2024-02-01", group=self.group)
        assert self.before() == "limited"

    def test_on_a_tie_the_countrys_own_effect_decides(self):
        self.said("limited", "2024-01-01", group=self.group)
        self.said("blocked", "2024-01-01")
        assert self.before() == "blocked"

    def test_on_a_tie_the_smaller_group_decides_and_the_world_last(self):
        self.said("available", "2024-01-01", group=self.world)
        assert self.before() == "available"
        self.said("limited", "2024-01-01", group=self.larger)
        assert self.before() == "limited"
        self.said("blocked", "2024-01-01", group=self.group)
        assert self.before() == "blocked"

    def test_between_groups_of_one_size_the_later_report_decides(self):
        other = GroupFactory(members=["CN", "IR"])
        self.said("blocked", "2024-01-01", group=self.group, reported="2024-02-02")
        self.said("limited", "2024-01-01", group=other, reported="2024-02-01")
        assert self.before() == "blocked"

    def test_between_effects_on_one_place_the_later_report_decides(self):
        self.said("blocked", "2024-01-01", reported="2024-02-02")
        self.said("blocked", "2024-01-01", reported="2024-02-01", until=dt.date(2024, 3, 1))
        assert self.before() == "blocked"

    def test_on_the_day_of_joining_the_group_whose_effect_started_last_decides(self):
        day, other = dt.date(2024, 3, 1), GroupFactory(members=["CN", "RU"])
        MembershipFactory(group=self.group, country=country("IR"), since=day)
        MembershipFactory(group=other, country=country("IR"), since=day)
        self.said("blocked", "2024-02-01", group=self.group)
        self.said("limited", "2024-01-01", group=other)
        assert self.before(country=country("IR")) == "blocked"

    def test_a_group_reaches_a_country_from_its_joining(self):
        MembershipFactory(group=self.group, country=country("IR"), since=dt.date(2024, 3, 1))
        self.said("blocked", "2024-01-01", group=self.group)
        self.said("limited", "2024-02-01", country=country("IR"))
        assert self.before("2024-03-01", country=country("IR")) == "limited"
        assert self.before("2024-03-02", country=country("IR")) == "blocked"

    def test_what_a_group_ended_before_the_joining_does_not_reach_the_country(self):
        MembershipFactory(group=self.group, country=country("IR"), since=dt.date(2024, 3, 1))
        self.said("blocked", "2023-01-01", country=country("IR"))
        self.said("limited", "2024-01-01", group=self.group, until=dt.date(2024, 3, 1))
        assert self.before(country=country("IR")) == "blocked"
        assert self.before() is None

    def test_a_country_that_joined_twice_is_one_member(self):
        MembershipFactory(group=self.group, country=country("IR"), until=dt.date(2020, 1, 1))
        MembershipFactory(group=self.group, country=country("IR"), since=dt.date(2024, 9, 1))
        fourth = GroupFactory(members=["CN", "RU", "IR", "KP"])
        self.said("limited", "2024-01-01", group=fourth)
        self.said("blocked", "2024-01-01", group=self.group)
        assert Geography.read().sizes[self.group.pk] == 3
        assert self.before() == "blocked"

    def test_an_exception_is_left_out(self):
        self.said("limited", "2023-01-01")
        for month in range(1, 6):  # as many as there may be
            self.said("blocked", f"2024-0{month}-01", group=self.group, exceptions=["CN"])
        assert (self.before(), self.before(country=country("RU"))) == ("limited", "blocked")

    def test_what_has_ended_leaves_it_unknown(self):
        self.said("blocked", "2023-01-01")
        self.said("limited", "2024-01-01", until=dt.date(2024, 7, 1))
        assert (self.before("2024-07-01"), self.before("2024-07-02")) == ("limited", None)

    def test_what_does_not_count_decides_nothing(self):
        self.said("blocked", "2024-01-01", certainty=Certainty.DENIED)
        self.said("blocked", "2024-01-02", publish=False)
        assert self.before() is None

    def test_of_a_group_is_by_its_own_effects_and_the_worlds(self):
        self.said("blocked", "2024-01-01")
        self.said("limited", "2024-01-01", group=self.larger)
        assert self.before(group=self.group) is None
        self.said("available", "2024-01-01", group=self.world)
        assert self.before(group=self.group) == "available"
        self.said("license_required", "2024-02-01", group=self.group)
        assert self.before(group=self.group) == "license_required"


def test_many_effects_take_the_queries_of_one():
    group, product = GroupFactory(members=["CN"]), ProductFactory()
    effects = [EffectFactory(product=product) for _ in range(3)]
    effects += [EffectFactory(product=product, country=None, group=group) for _ in range(3)]
    geography = Geography.read()

    def queries(asked: list[AccessEffect]) -> int:
        with CaptureQueriesContext(connection) as counted:
            statuses_before(asked, geography)
        return len(counted)

    assert queries(effects) == queries([effects[0], effects[3]])
    for day in ("2024-01-01", "2024-01-01", "2024-01-02", "2024-01-02"):  # ties, which the days of report break
        before = EventFactory()
        place = {"country": None, "group": group} if day == "2024-01-02" else {}
        EffectFactory(event=before, product=product, effective_date=dt.date.fromisoformat(day), **place)
        publishing.publish(before, by=None)
    assert queries(effects) == queries([effects[0], effects[3]])
    later = []
    for _ in range(3):  # after as many effects, each of which is read
        earlier = published_effect(effective_date=dt.date(2024, 1, 1))
        later.append(EffectFactory(product=earlier.product, country=earlier.country))
    assert queries(later) == queries(later[:1])


class TestDirection:
    @pytest.mark.parametrize(
        ("kind", "expected"),
        [
            ("restriction", Direction.RESTRICTS),
            ("listing", Direction.RESTRICTS),
            ("restoration", Direction.RELAXES),
            ("ruling", Direction.NEITHER),
        ],
    )
    def test_without_effects_is_told_by_the_kind(self, kind, expected):
        assert direction(BareEventFactory(kind=kind), [], []) == expected

    @pytest.mark.parametrize(
        ("before", "status", "expected"),
        [
            (None, "available", Direction.RELAXES),
            (None, "limited", Direction.RESTRICTS),
            (None, "blocked", Direction.RESTRICTS),
            ("available", "limited", Direction.RESTRICTS),
            ("blocked", "license_required", Direction.RELAXES),
            ("limited", "license_required", Direction.RESTRICTS),
            ("blocked", "blocked", Direction.NEITHER),
        ],
    )
    def test_compares_an_effect_with_the_day_before(self, before, status, expected):
        product = ProductFactory()
        if before:
            event = EventFactory()
            EffectFactory(event=event, product=product, status=before, effective_date=dt.date(2024, 1, 1))
            publishing.publish(event, by=None)
        effect = EffectFactory(product=product, status=status)
        assert direction(effect.event, [effect], statuses_before([effect], Geography.read())) == expected

    def test_of_effects_both_ways_is_mixed(self):
        event = BareEventFactory()
        effects = [EffectFactory(event=event, status=status) for status in ("available", "blocked")]
        assert direction(event, effects, [None, None]) == Direction.MIXED
