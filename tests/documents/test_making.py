"""Documents of many rows, and of such as are no longer what they were."""

import datetime as dt
import json
from typing import Any

import pytest
import rfc8785
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.choices import RecordType, Stance
from events.documents import MODELS, SERIALIZERS, DocumentMaker, prefetched, references
from events.lib.canonical import canonical
from events.models import Change, Citation, Event, Source
from events.services import publishing
from tests.documents.making import document, published
from tests.factories import (
    AgencyFactory,
    BareEventFactory,
    CitationFactory,
    CompanyFactory,
    EffectFactory,
    EventAgencyFactory,
    EventCompanyFactory,
    EventCountryFactory,
    EventFactory,
    EventGroupFactory,
    EventPolicyFactory,
    EventProductFactory,
    EventRelationFactory,
    GroupFactory,
    OwnershipFactory,
    PolicyFactory,
    ProductFactory,
    PublisherFactory,
    SourceFactory,
    country,
    published_event,
)

pytestmark = pytest.mark.django_db


def test_documents_have_the_keys_that_the_schema_draws_from(the_block):
    for record_type, model in MODELS.items():
        row = model._default_manager.first() or GroupFactory()
        if record_type == RecordType.AGENCY:
            row = AgencyFactory()
        assert set(document(row)) == set(SERIALIZERS[record_type]().fields)


def test_documents_are_canonical(the_block):
    for change in Change.objects.all():
        said = json.loads(change.document)
        assert change.document.encode() == canonical(said) == rfc8785.dumps(said)
        assert said["revision"] == change.seq


def test_a_draft_that_an_event_relates_to_is_not_shown():
    event = published_event()
    EventRelationFactory(event=event, earlier=BareEventFactory(title="Secret", date=dt.date(2024, 1, 1)))
    assert document(event)["relations"] == []
    assert "Secret" not in json.dumps(document(event))


def test_retracted_event_tells_when_and_why():
    event = published_event()
    publishing.retract(event, by=None, reason="It did not happen.", on=dt.date(2024, 8, 1))
    assert document(event)["retraction"] == {"on": "2024-08-01", "reason": "It did not happen."}
    assert document(event)["state"] == "retracted"


@pytest.mark.parametrize("factory", [CompanyFactory, AgencyFactory, ProductFactory, PolicyFactory, PublisherFactory])
def test_a_merged_record_leads_on(factory):
    row = factory(slug="a")
    row.merged_into = factory(slug="b")
    assert DocumentMaker().document(row, revision=1) == {"slug": "a", "state": "merged", "merged_into": "b"}


def test_revision_is_all_that_says_overlooks(the_block):
    maker, row = DocumentMaker(), prefetched([Event.objects.get(pk=the_block.pk)])[0]
    change = Change(seq=7, document=canonical(maker.document(row, revision=7)).decode())
    assert maker.says(row, change)
    row.title = "Another"
    assert not maker.says(row, change)
    assert not maker.says(row, Change(seq=7, document=None))


class TestReferences:
    def test_of_an_event_are_all_that_it_names(self):
        event = EventFactory()
        effect = EffectFactory(event=event, country=None, group=GroupFactory(), exceptions=["RU"])
        rows = [
            EventAgencyFactory(event=event).agency,
            EventCompanyFactory(event=event).company,
            EventCountryFactory(event=event).country,
            EventGroupFactory(event=event).group,
            EventPolicyFactory(event=event).policy,
            EventProductFactory(event=event).product,
            effect.product,
            effect.group,
            country("RU"),
            *event.companies.all(),
            *event.products.all(),
            event.citations.get().source,
        ]
        EventRelationFactory(event=event)
        assert set(references(prefetched([event])[0])) == set(rows)

    @pytest.mark.parametrize(
        ("row", "named"),
        [
            (lambda: GroupFactory(members=["CN"], issuer=AgencyFactory(slug="bis")), {"CN", "bis"}),
            (lambda: AgencyFactory(country=country("US")), {"US"}),
            (lambda: AgencyFactory(group=GroupFactory(slug="eu")), {"eu"}),
            (lambda: OwnershipFactory(owned=CompanyFactory(slug="owned")).owner, {"owned"}),
            (lambda: OwnershipFactory(owner=CompanyFactory(slug="owner")).owned, {"owner"}),
            (
                lambda: ProductFactory(company__slug="maker", models_from=CompanyFactory(slug="dev")),
                {"maker", "dev"},
            ),
            (lambda: PolicyFactory(agency=AgencyFactory(slug="bis"), country=country("US")), {"bis", "US"}),
            (lambda: PublisherFactory(country=country("GB")), {"GB"}),
            (
                lambda: SourceFactory(publisher=PublisherFactory(slug="a"), relays=PublisherFactory(slug="b")),
                {"a", "b"},
            ),
            (lambda: country("CN"), set()),
        ],
    )
    def test_of_other_records(self, row, named):
        assert {other.key for other in references(prefetched([row()])[0])} == named


@pytest.mark.parametrize(
    "make",
    [
        lambda: published_event(),
        lambda: EventPolicyFactory(event=published_event(), relation="adopts").policy,
        lambda: CompanyFactory(country=country("US")),
        lambda: GroupFactory(members=["CN", "RU"]),
        lambda: SourceFactory(relays=PublisherFactory()),
    ],
    ids=["event", "policy", "company", "group", "source"],
)
def test_five_documents_take_the_queries_of_one(make):
    rows = [make() for _ in range(5)]

    def queries(pks: list[Any]) -> int:
        found = type(rows[0])._default_manager.in_bulk(pks).values()
        maker = DocumentMaker()
        with CaptureQueriesContext(connection) as counted:
            for row in prefetched(found):
                maker.document(row, revision=1)
                list(references(row))
        return len(counted)

    assert queries([row.pk for row in rows]) == queries([rows[0].pk])


def test_more_sources_may_be_read_at_once_than_sqlite_takes_ors():
    event, publisher = BareEventFactory(), PublisherFactory()
    sources = SourceFactory.build_batch(1_100, publisher=publisher)
    for source in sources:
        source.clean()
    Citation.objects.bulk_create(
        Citation(event=event, source=source, number=number)
        for number, source in enumerate(Source.objects.bulk_create(sources), 1)
    )
    [row] = prefetched([event])
    assert len(document(row)["citations"]) == 1_100


def test_stance_other_than_support_makes_no_origin():
    event = EventFactory()
    CitationFactory(event=event, stance=Stance.DISPUTES)
    assert document(published(event))["independent_origins"] == 1


def test_what_some_rows_hold_is_read_for_the_others():
    keys = [SourceFactory(relays=PublisherFactory()).pk for _ in range(3)]
    holding, *others = Source.objects.filter(pk__in=keys)
    str(holding.publisher)
    rows = prefetched([holding, *others])
    with CaptureQueriesContext(connection) as counted:
        for row in rows:
            DocumentMaker().document(row, revision=1)
    assert len(counted) == 0
