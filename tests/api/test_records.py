"""Reference records: companies, countries, groups, agencies, policies, products, publishers, sources."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.choices import CorrectionClass, RecordType
from events.documents import COLLECTIONS, MODELS, SERIALIZERS
from events.models import PublicDocument
from events.services import publishing
from tests.factories import (
    CompanyFactory,
    EffectFactory,
    EventAgencyFactory,
    EventCountryFactory,
    EventFactory,
    EventGroupFactory,
    EventPolicyFactory,
    EventProductFactory,
    GroupFactory,
    UserFactory,
)

REFERENCES = [record_type for record_type in RecordType if record_type != RecordType.EVENT]


@pytest.fixture
def one_of_each(db):
    """An event that makes at least one record of each type public."""
    event = EventFactory()
    EventAgencyFactory(event=event)
    EventCountryFactory(event=event)
    EventGroupFactory(event=event, group=GroupFactory(members=["FR"]))
    product = EventProductFactory(event=event).product
    EventPolicyFactory(event=event)
    EffectFactory(event=event, product=product)
    publishing.publish(event, by=None)
    return event


@pytest.mark.parametrize("record_type", REFERENCES)
def test_list_and_detail_of_each_type(get, one_of_each, record_type):
    collection = COLLECTIONS[MODELS[record_type]]
    answer = get(f"{collection}/?count=true")
    assert answer["count"] == len(answer["results"]) >= 1
    for document in answer["results"]:
        assert set(document) == set(SERIALIZERS[record_type]().fields)
        assert get(document["url"]) == document
        key = document["code" if record_type == RecordType.COUNTRY else "slug"]
        [change] = get(f"{collection}/{key}/history/")["results"]
        assert change["document"] == document
        assert get(f"{collection}/{key}/?revision={change['seq']}") == document
        get(f"{collection}/{key}/?revision={change['seq'] - 1}", status=404 if change["seq"] > 1 else 400)


@pytest.mark.parametrize("record_type", REFERENCES)
def test_what_no_event_uses_is_not_public(get, record_type):
    collection = COLLECTIONS[MODELS[record_type]]
    CompanyFactory(slug="secret")
    assert get(f"{collection}/?count=true") == {"next": None, "previous": None, "count": 0, "results": []}
    for key in ("secret", "DE"):
        get(f"{collection}/{key}/", status=404)


def test_country_has_one_address(client, one_of_each):
    response = client.get("/api/v1/countries/cn/?fields=name")
    assert (response.status_code, response.headers["Location"]) == (301, "/api/v1/countries/CN/?fields=name")


@pytest.fixture
def companies(db):
    """Public, in no order."""

    def publish(number: int) -> list[str]:
        event = EventFactory()
        for _ in range(number - 1):
            event.company_links.create(company=CompanyFactory(), role="target")
        publishing.publish(event, by=None)
        return sorted(PublicDocument.objects.of_type("company").values_list("key", flat=True))

    return publish


@pytest.mark.parametrize("size", [1, 3, 12, 50])
def test_pages_run_by_key_in_both_directions(get, companies, size):
    wanted = companies(12)
    ordered = list(PublicDocument.objects.of_type("company").order_by("key").values_list("key", flat=True))
    assert sorted(ordered) == wanted
    page, forwards = get(f"companies/?page_size={size}&fields=slug"), []
    while True:
        forwards += [row["slug"] for row in page["results"]]
        if not page["next"]:
            break
        page = get(page["next"].removeprefix("http://testserver"))
    assert forwards == ordered
    backwards = [row["slug"] for row in page["results"]]
    while page["previous"]:
        page = get(page["previous"].removeprefix("http://testserver"))
        backwards = [row["slug"] for row in page["results"]] + backwards
    assert backwards == ordered


def test_list_asks_as_much_for_one_as_for_many(client, companies):
    numbers = []
    for number in (1, 30):
        companies(number)
        with CaptureQueriesContext(connection) as queries:
            client.get("/api/v1/companies/?count=true")
        numbers.append(len(queries))
    assert numbers == [3, 3]


def test_merged_company_leads_to_the_one_that_it_became(client, get, companies):
    companies(2)
    chief = UserFactory(is_superuser=True)
    one, other = MODELS[RecordType.COMPANY].objects.order_by("pk")
    publishing.merge(one, into=other, by=chief, note="Renamed.")
    response = client.get(f"/api/v1/companies/{one.slug}/", follow=True)
    assert response.redirect_chain == [(f"/api/v1/companies/{other.slug}/", 301)]
    assert response.json()["slug"] == other.slug
    assert [row["slug"] for row in get("companies/")["results"]] == [other.slug]
    assert len(get(f"events/?company={one.slug}")["results"]) == 1


def test_corrected_company_is_told_as_it_is_now(get, companies):
    [slug] = companies(1)
    company = MODELS[RecordType.COMPANY].objects.get(slug=slug)
    company.name = "Another name"
    company.save()
    publishing.correct(
        company, by=UserFactory(is_superuser=True), correction_class=CorrectionClass.CLERICAL, note="Its name."
    )
    assert get(f"companies/{slug}/?fields=name") == {"name": "Another name"}
    assert [change["class"] for change in get(f"companies/{slug}/history/")["results"]] == ["clerical", ""]
