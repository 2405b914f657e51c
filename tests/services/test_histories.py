"""Whatever editors do, in whatever order: the log and the ledger verify, and what is public is exported and loaded."""

import datetime as dt
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.choices import AccessStatus, Certainty
from events.models import (
    AccessRecord,
    Change,
    Company,
    CountryGroup,
    Event,
    GroupRecord,
    LogHead,
    Policy,
    Product,
    Source,
)
from events.queries.answers import Question, answers
from events.services import pairs, publishing, reissue, verifying
from events.services.dataset import exporting, loading
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
from tests.queries.test_answers_by_chance import Ledger

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def frequent_from_two_on(monkeypatch):
    """So that roll-ups of pairs begin to be kept now and then."""
    monkeypatch.setattr(pairs, "FREQUENT", 2)


DAYS = [dt.date(2024, month, 1) for month in range(1, 7)]
ACTS = ["publish", "correct", "date", "effects", "retract", "merge", "rename", "merge companies", "membership"]
ACTS += ["ownership", "reissue", "some reissues", "certainty", "redact", "relate", "products", "merge products"]
ACTS += ["alias", "merge sources"]
STEPS = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 3), st.integers(0, 3), st.sampled_from(DAYS)),
    min_size=1,
    max_size=10,
)
NAMES = ["Maß", "MASS", "Straße", "strasse"]  # alike but for their case, which no database folds so
RELATIONS = ["adopts", "brings_into_force", "suspends", "rescinds"]


def a_desk() -> None:
    """Four events of the same few companies, groups, product and policy, all but the first published."""
    companies = [CompanyFactory() for _ in range(3)]
    OwnershipFactory(owner=companies[0], owned=companies[1])
    products = [ProductFactory(company=companies[0]), ProductFactory(company=companies[1])]
    policy, source = PolicyFactory(), SourceFactory()
    groups = [GroupFactory(slug="world"), GroupFactory(members=["CN", "RU"])]
    events = [
        EventFactory(actor=company, source=source, date=day)
        for company, day in zip((*companies, companies[0]), DAYS, strict=False)
    ]
    for number, event in enumerate(events):
        place: dict[str, Any] = {"country": None, "group": groups[number % 2]} if number < 2 else {}
        status = AccessStatus.values[number]
        EffectFactory(event=event, product=products[number // 3], effective_date=event.date, status=status, **place)
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
            publishing.merge(event, into=events[other], by=None, note="The same.")
        case "merge companies":
            publishing.merge(company, into=companies[other % 3], by=None, note="The same.")
        case "merge products" | "merge sources":
            rows = list((Product if what == "merge products" else Source).objects.order_by("pk"))
            mine, theirs = rows[one % len(rows)], rows[other % len(rows)]
            publishing.merge(mine, into=theirs, by=None, note="The same.")
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
                    row = [company, Product.objects.first(), Policy.objects.get()][other % 3]
                    name = "title" if isinstance(row, Policy) else "name"
                    type(row).objects.filter(pk=row.pk).update(**{name: f"{NAMES[one]} {day:%B}"})
                elif what == "alias":
                    company.aliases.create(name=f"{NAMES[other]} {day:%B}")
                    row = company
                elif what == "relate":
                    if not event.relation_links.filter(earlier=events[other]).delete()[0]:
                        EventRelationFactory(event=event, earlier=events[other])
                elif what == "products":
                    product = Product.objects.order_by("pk")[other % 2]
                    if not event.product_links.filter(product=product).delete()[0]:
                        event.product_links.create(product=product)
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
    max_examples=int(os.environ.get("EXAMPLES", 6)),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_every_history_verifies(steps):
    with transaction.atomic():
        a_desk()
        for each in steps:
            with suppress(PublishingError, IntegrityError), transaction.atomic():
                step(*each)
        assert list(verifying.verify(verifying.Tally(), rows=True)) == []
        reissue.run_outstanding()
        tally = verifying.Tally()
        assert list(verifying.verify(tally, rows=True)) == []
        assert (tally.seen["waiting for a reissue"], tally.head.seq) == (0, LogHead.objects.get().seq)
        assert_answers_follow_from_the_log()
        with tempfile.TemporaryDirectory() as folder:
            exporting.export(Path(folder))
            exported = contents(Path(folder))
        transaction.set_rollback(True)
    with transaction.atomic():
        assert loading.is_empty()
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as again:
            for name, data in exported.items():
                (Path(folder) / name).write_bytes(data)
            loading.load(loading.read(Path(folder)))
            exporting.export(Path(again))
            assert contents(Path(again)) == exported
        transaction.set_rollback(True)


def assert_answers_follow_from_the_log() -> None:
    """At every revision: what is answered from the ledger is what a plain reading of the documents gives."""
    newest: dict[str, dict[str, dict[str, Any]]] = {"event": {}, "group": {}, "product": {}}
    for change in Change.objects.order_by("seq"):
        if change.type not in newest or not change.document or change.action == "redacted":
            continue
        newest[change.type][change.key] = orjson.loads(change.document)
        became = {slug: each.get("merged_into", slug) for slug, each in newest["product"].items()}
        said = Ledger(
            [
                AccessRecord(
                    event=slug,
                    effect=each["id"],
                    product=became[each["product"]],
                    place=each["country"] or each["group"],
                    exceptions=" ".join(each["except"]),
                    status=each["status"],
                    effective_date=dt.date.fromisoformat(each["effective_date"]),
                    until=read(each["until"]),
                    reported_on=dt.date.fromisoformat(each["reported_on"]),
                )
                for slug, event in newest["event"].items()
                if event["state"] == "published" and event["certainty"] != "denied"
                for each in event["access_effects"]
            ],
            [
                GroupRecord(group=slug, country=each["code"], since=read(each["since"]), until=read(each["until"]))
                for slug, group in newest["group"].items()
                for each in group["members"]
            ],
        )
        asked = [
            Question(product, country, on=day, known=known)
            for product in sorted(set(became.values()))
            for country in ("CN", "RU")
            for day in DAYS[::2]
            for known in (None, DAYS[2])
        ]
        found = [(answer.status, answer.since) for answer in answers(asked, revision=change.seq)]
        assert found == [said.asked(question)[1:] for question in asked], change


def read(day: str | None) -> dt.date | None:
    return dt.date.fromisoformat(day) if day else None


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
