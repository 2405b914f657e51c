import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.choices import Certainty, Tier
from events.queries.coverage import coverage
from events.services import publishing
from tests.factories import (
    CitationFactory,
    EventCountryFactory,
    EventFactory,
    EventGroupFactory,
    GroupFactory,
    PublisherFactory,
    SourceFactory,
    country,
)

pytestmark = pytest.mark.django_db


def event(*codes, day=dt.date(2024, 7, 9), **options):
    made = EventFactory(date=day, **options)
    for code in codes:
        EventCountryFactory(event=made, country=country(code))
    return made


@pytest.fixture
def record():
    reuters, law = PublisherFactory(name="Reuters"), PublisherFactory(name="The Law", kind="official")
    one = event("CN", "US", source=SourceFactory(publisher=reuters, published=dt.date(2024, 7, 1), paywalled=True))
    CitationFactory(event=one, source=SourceFactory(publisher=law, tier=Tier.PRIMARY, published=None))
    kept = SourceFactory(publisher=reuters, published=dt.date(2010, 1, 2), archive_url="https://a.example/1")
    old = event("FR", day=dt.date(2010, 1, 1), certainty=Certainty.REPORTED, source=kept)
    EventGroupFactory(event=old, group=GroupFactory(slug="eu", name="European Union"))
    publishing.publish_many([one, old], by=None)
    SourceFactory(publisher=reuters)  # of a draft


@pytest.mark.usefixtures("record")
def test_sources_are_counted_by_tier_year_and_publisher_and_drafts_are_not():
    found = coverage()
    assert (found.sources, found.paywalled, found.archived) == (3, 1, 1)
    assert found.by_tier == {"primary": 1, "secondary": 2, "tertiary": 0}
    assert found.by_year == {2024: 1, 2010: 1, None: 1}
    assert [(each.name, each.sources, each.newest) for each in found.publishers] == [
        ("Reuters", 2, dt.date(2024, 7, 1)), ("The Law", 1, None),
    ]  # fmt: skip
    assert found.newest_source == dt.date(2024, 7, 1)
    assert found.with_tier == {"secondary": 2, "primary": 1}
    assert found.certainties == {"confirmed": 1, "reported": 1}


@pytest.mark.usefixtures("record")
def test_events_are_counted_by_year_region_and_place(client):
    context = client.get("/coverage/").context
    assert context["regions"].years == ["earlier", "2024"]
    assert [(row.name, row.numbers, row.total) for row in context["regions"].rows] == [
        ("Eastern Asia", [0, 1], 1),
        ("Northern America", [0, 1], 1),
        ("Western Europe", [1, 0], 1),
        ("All events", [1, 1], 2),
    ]
    assert {row.name: row.total for row in context["places"].rows} == {
        "China": 1, "European Union": 1, "France": 1, "United States": 1,
    }  # fmt: skip
    assert context["source_years"].years == ["earlier", "2024", "undated"]
    assert "Southern Africa" in context["not_named"]
    assert "Eastern Asia" not in context["not_named"]
    assert context["newest"]["date"] == "2024-07-09"


@pytest.mark.usefixtures("record")
def test_counts_are_kept_for_a_while_and_say_of_when_they_are(client):
    first = client.get("/coverage/")
    publishing.publish(event("DE"), by=None)
    second = client.get("/coverage/")
    assert second.context["counted"] == first.context["counted"]
    assert second.context["head"].seq > second.context["counted"].revision
    assert "ETag" not in second
    with CaptureQueriesContext(connection) as queries:
        client.get("/coverage/")
    assert len(queries) <= 6
