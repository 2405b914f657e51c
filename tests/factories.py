"""Rows for tests: each is valid by itself, and an event of EventFactory can be published as it stands."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.models import Group, User
from factory.declarations import LazyFunction, Sequence, SubFactory
from factory.django import DjangoModelFactory, Password
from factory.helpers import post_generation

from events.choices import (
    AccessStatus,
    CompanyKind,
    CompanyRole,
    EventKind,
    OwnershipKind,
    PlaceRole,
    PolicyKind,
    PolicyRelation,
    Precision,
    ProductKind,
    PublisherKind,
    RelationKind,
    State,
    Tier,
)
from events.models import (
    AccessEffect,
    AccessRecord,
    Agency,
    Citation,
    Company,
    Country,
    CountryGroup,
    ErrorReport,
    Event,
    EventAgency,
    EventCompany,
    EventCountry,
    EventGroup,
    EventPolicy,
    EventProduct,
    EventRelation,
    GroupRecord,
    Membership,
    Ownership,
    Policy,
    Product,
    Publisher,
    Source,
)
from events.services import publishing


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = Sequence(lambda n: f"editor-{n:05}")
    password = Password("correct horse battery")

    @post_generation
    def role(self: Any, create: bool, extracted: str | None, **kwargs: Any) -> None:
        """UserFactory(role="Publisher"): one of the groups that a migration makes."""
        if extracted:
            self.groups.add(Group.objects.get(name=extracted))


def country(code: str) -> Country:
    """A country of the migration: they are not made by tests."""
    return Country.objects.get(code=code)


class GroupFactory(DjangoModelFactory[CountryGroup]):
    """GroupFactory(members=["CN", "RU"])."""

    class Meta:
        model = CountryGroup
        skip_postgeneration_save = True

    slug = Sequence(lambda n: f"group-{n:05}")
    name = Sequence(lambda n: f"Group {n:05}")

    @post_generation
    def members(self: Any, create: bool, extracted: list[str] | None, **kwargs: Any) -> None:
        for code in extracted or ():
            MembershipFactory(group=self, country=country(code))


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    group = SubFactory(GroupFactory)
    country = LazyFunction(lambda: country("CN"))


class AgencyFactory(DjangoModelFactory[Agency]):
    class Meta:
        model = Agency

    slug = Sequence(lambda n: f"agency-{n:05}")
    name = Sequence(lambda n: f"Agency {n:05}")


class CompanyFactory(DjangoModelFactory[Company]):
    class Meta:
        model = Company

    slug = Sequence(lambda n: f"company-{n:05}")
    name = Sequence(lambda n: f"Company {n:05}")
    kind = CompanyKind.DEVELOPER


class OwnershipFactory(DjangoModelFactory[Ownership]):
    class Meta:
        model = Ownership

    owner = SubFactory(CompanyFactory)
    owned = SubFactory(CompanyFactory)
    kind = OwnershipKind.PARENT


class ProductFactory(DjangoModelFactory[Product]):
    class Meta:
        model = Product

    slug = Sequence(lambda n: f"product-{n:05}")
    name = Sequence(lambda n: f"Product {n:05}")
    kind = ProductKind.API
    company = SubFactory(CompanyFactory)


class PolicyFactory(DjangoModelFactory[Policy]):
    class Meta:
        model = Policy

    slug = Sequence(lambda n: f"policy-{n:05}")
    title = Sequence(lambda n: f"Policy {n:05}")
    kind = PolicyKind.REGULATION
    agency = SubFactory(AgencyFactory)


class PublisherFactory(DjangoModelFactory[Publisher]):
    class Meta:
        model = Publisher

    slug = Sequence(lambda n: f"publisher-{n:05}")
    name = Sequence(lambda n: f"Publisher {n:05}")
    kind = PublisherKind.NEWS


class SourceFactory(DjangoModelFactory[Source]):
    class Meta:
        model = Source

    url = Sequence(lambda n: f"https://news.example/{n:05}")
    title = Sequence(lambda n: f"Article {n:05}")
    publisher = SubFactory(PublisherFactory)
    published = dt.date(2024, 6, 25)
    tier = Tier.SECONDARY


class BareEventFactory(DjangoModelFactory[Event]):
    """A draft with nothing hanging on it."""

    class Meta:
        model = Event

    slug = Sequence(lambda n: f"event-{n:05}")
    title = Sequence(lambda n: f"Something happens, number {n:05}")
    kind = EventKind.ANNOUNCEMENT
    date = dt.date(2024, 7, 9)


class EventFactory(BareEventFactory):
    """An event in review that lacks nothing: a company acted, and a source says so."""

    class Meta:
        model = Event
        skip_postgeneration_save = True

    state = State.IN_REVIEW

    @post_generation
    def actor(self: Any, create: bool, extracted: Company | None, **kwargs: Any) -> None:
        EventCompanyFactory(event=self, role=CompanyRole.ACTOR, **({"company": extracted} if extracted else {}))

    @post_generation
    def source(self: Any, create: bool, extracted: Source | None, **kwargs: Any) -> None:
        CitationFactory(event=self, **({"source": extracted} if extracted else {}), **kwargs)


class EventCompanyFactory(DjangoModelFactory[EventCompany]):
    class Meta:
        model = EventCompany

    event = SubFactory(BareEventFactory)
    company = SubFactory(CompanyFactory)
    role = CompanyRole.ACTOR


class EventAgencyFactory(DjangoModelFactory[EventAgency]):
    class Meta:
        model = EventAgency

    event = SubFactory(BareEventFactory)
    agency = SubFactory(AgencyFactory)


class EventCountryFactory(DjangoModelFactory[EventCountry]):
    class Meta:
        model = EventCountry

    event = SubFactory(BareEventFactory)
    country = LazyFunction(lambda: country("CN"))
    role = PlaceRole.AFFECTED


class EventGroupFactory(DjangoModelFactory[EventGroup]):
    class Meta:
        model = EventGroup

    event = SubFactory(BareEventFactory)
    group = SubFactory(GroupFactory)
    role = PlaceRole.AFFECTED


class EventProductFactory(DjangoModelFactory[EventProduct]):
    class Meta:
        model = EventProduct

    event = SubFactory(BareEventFactory)
    product = SubFactory(ProductFactory)


class EventPolicyFactory(DjangoModelFactory[EventPolicy]):
    class Meta:
        model = EventPolicy

    event = SubFactory(BareEventFactory)
    policy = SubFactory(PolicyFactory)
    relation = PolicyRelation.ANNOUNCES


class EventRelationFactory(DjangoModelFactory[EventRelation]):
    class Meta:
        model = EventRelation

    event = SubFactory(BareEventFactory)
    earlier = SubFactory(BareEventFactory)
    relation = RelationKind.IMPLEMENTS


class EffectFactory(DjangoModelFactory[AccessEffect]):
    """On China, unless a group is given: EffectFactory(country=None, group=...). Its product is one of the event's."""

    class Meta:
        model = AccessEffect
        skip_postgeneration_save = True

    event = SubFactory(BareEventFactory)
    product = SubFactory(ProductFactory)
    country = LazyFunction(lambda: country("CN"))
    status = AccessStatus.BLOCKED
    effective_date = dt.date(2024, 7, 9)

    @post_generation
    def product_link(self: Any, create: bool, extracted: None, **kwargs: Any) -> None:
        if create:
            EventProduct.objects.get_or_create(event=self.event, product=self.product)


class CitationFactory(DjangoModelFactory[Citation]):
    class Meta:
        model = Citation

    event = SubFactory(BareEventFactory)
    source = SubFactory(SourceFactory)


class AccessRecordFactory(DjangoModelFactory[AccessRecord]):
    """A row of the ledger that no log gives: on China, unless another place is given."""

    class Meta:
        model = AccessRecord

    recorded_from = 1
    event = Sequence(lambda n: f"event-{n:05}")
    effect = 1
    product = "product"
    place = "CN"
    status = AccessStatus.BLOCKED
    effective_date = dt.date(2024, 7, 9)
    date_precision = Precision.DAY
    reported_on = dt.date(2024, 6, 25)


class GroupRecordFactory(DjangoModelFactory[GroupRecord]):
    class Meta:
        model = GroupRecord

    recorded_from = 1
    group = Sequence(lambda n: f"group-{n:05}")
    country = "CN"


class ErrorReportFactory(DjangoModelFactory[ErrorReport]):
    """One that nobody has answered yet."""

    class Meta:
        model = ErrorReport

    path = "/events/event-00000/"
    revision = 1
    message = "The date is wrong: the announcement says July 10."
    token_hash = Sequence(lambda n: f"{n:064x}")


def published_event(**options: Any) -> Event:
    """An event as EventFactory makes it, published by the loader."""
    event = EventFactory(**options)
    publishing.publish(event, by=None)
    event.refresh_from_db()
    return event


def published_effect(**options: Any) -> AccessEffect:
    """An effect of an event of July 9, 2024, which is public."""
    effect = EffectFactory(event=EventFactory(date=dt.date(2024, 7, 9)), **options)
    publishing.publish(effect.event, by=None)
    return effect
