"""Whatever editors do, in whatever order: the log and the ledger verify; every document is what the rows give."""

import datetime as dt
import os
from contextlib import suppress
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.choices import AccessStatus, Certainty
from events.models import Change, Company, CountryGroup, Event, LogHead, Policy, Product
from events.services import publishing, reissue, verifying
from events.services.publishing import PublishingError
from tests.factories import (
    CompanyFactory,
    EffectFactory,
    EventFactory,
    EventPolicyFactory,
    EventRelationFactory,
    GroupFactory,
    OwnershipFactory,
    PolicyFactory,
    ProductFactory,
    SourceFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

DAYS = [dt.date(2024, month, 1) for month in range(1, 7)]
ACTS = ["publish", "correct", "date", "effects", "retract", "merge", "rename", "merge companies", "membership"]
ACTS += ["ownership", "reissue", "some reissues", "certainty", "redact"]
STEPS = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 3), st.integers(0, 3), st.sampled_from(DAYS)),
    min_size=1,
    max_size=10,
)
RELATIONS = ["adopts", "brings_into_force", "suspends", "rescinds"]


def a_desk() -> None:
    """Four events of the same few companies, groups, product and policy, all but the first published."""
    companies = [CompanyFactory() for _ in range(3)]
    OwnershipFactory(owner=companies[0], owned=companies[1])
    product, policy, source = ProductFactory(company=companies[0]), PolicyFactory(), SourceFactory()
    groups = [GroupFactory(slug="world"), GroupFactory(members=["CN", "RU"])]
    events = [
        EventFactory(actor=company, source=source, date=day)
        for company, day in zip((*companies, companies[0]), DAYS, strict=False)
    ]
    for number, event in enumerate(events):
        place: dict[str, Any] = {"country": None, "group": groups[number % 2]} if number < 2 else {}
        status = AccessStatus.values[number]
        EffectFactory(event=event, product=product, effective_date=event.date, status=status, **place)
        EventPolicyFactory(event=event, policy=policy, relation=RELATIONS[number])
    EventRelationFactory(event=events[3], earlier=events[0])
    publishing.publish_many(events[1:], by=None)


def step(what: str, one: int, other: int, day: dt.date) -> None:
    events, companies = list(Event.objects.order_by("pk")), list(Company.objects.order_by("pk"))
    event, company = events[one], companies[one % 3]
    said: dict[str, Any] = {"by": None, "correction_class": "clarification", "note": "A slip."}
    match what:
        case "publish":
            publishing.publish(event, by=None)
        case "retract":
            publishing.retract(event, by=None, reason="Wrong.")
        case "merge":
            publishing.merge(event, into=events[other], by=None, note="")
        case "merge companies":
            publishing.merge(company, into=companies[other % 3], by=None, note="")
        case "redact":
            drawn_from = Change.objects.filter(type__in=("event", "group")).order_by("seq")
            seq = drawn_from[(one * 4 + other) % len(drawn_from)].seq
            publishing.redact(seq, by=UserFactory(is_superuser=True), reason="A court.")
        case "reissue":
            reissue.run_outstanding()
        case "some reissues":
            reissue.run_outstanding(seconds=0)
        case _:
            with publishing.recording():
                row: Any = event
                if what == "correct":
                    Event.objects.filter(pk=event.pk).update(title=f"Title {day:%B}")
                elif what == "date":
                    Event.objects.filter(pk=event.pk).update(date=day)
                elif what == "certainty":
                    Event.objects.filter(pk=event.pk).update(certainty=Certainty.values[other])
                elif what == "effects":
                    event.effects.update(effective_date=day, status=AccessStatus.values[other])
                elif what == "rename":
                    row = [company, Product.objects.get(), Policy.objects.get()][other % 3]
                    name = "title" if isinstance(row, Policy) else "name"
                    type(row).objects.filter(pk=row.pk).update(**{name: f"Name {day:%B} {one}"})
                elif what == "membership":
                    row = CountryGroup.objects.exclude(slug="world").get()
                    if not row.memberships.filter(country="CN").delete()[0]:
                        row.memberships.create(country_id="CN", since=day)
                elif what == "ownership":
                    row = company
                    if not row.owns.all().delete()[0] and one % 3 != other % 3:
                        OwnershipFactory(owner=row, owned=companies[other % 3])
                publishing.correct(row, **said)


@settings(
    max_examples=int(os.environ.get("EXAMPLES", 12)),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_every_history_verifies(steps):
    with transaction.atomic():
        a_desk()
        for each in steps:
            with suppress(PublishingError):
                step(*each)
        assert list(verifying.verify(verifying.Tally(), rows=True)) == []
        reissue.run_outstanding()
        tally = verifying.Tally()
        assert list(verifying.verify(tally, rows=True)) == []
        assert (tally.seen["waiting for a reissue"], tally.head.seq) == (0, LogHead.objects.get().seq)
        transaction.set_rollback(True)
