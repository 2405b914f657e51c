"""The public form of each type of record, key by key."""

import datetime as dt

import pytest
from django.utils import timezone

from events.choices import Precision
from events.models import CompanyAlias, LinkCheck, Source
from events.services import publishing
from tests.documents.making import document
from tests.factories import (
    AgencyFactory,
    CompanyFactory,
    EventFactory,
    EventPolicyFactory,
    GroupFactory,
    MembershipFactory,
    OwnershipFactory,
    PolicyFactory,
    ProductFactory,
    PublisherFactory,
    SourceFactory,
    country,
)

pytestmark = pytest.mark.django_db


INSTANT = dt.datetime(2024, 6, 25, 17, 30, 0, 5, tzinfo=dt.UTC)


def test_event_is_what_the_design_shows(the_block):
    sources = [citation.source for citation in the_block.citations.all()]
    assert document(the_block) == {
        "slug": "openai-api-block-takes-effect",
        "url": "/api/v1/events/openai-api-block-takes-effect/",
        "html_url": "/events/openai-api-block-takes-effect/",
        "revision": 412,
        "state": "published",
        "title": "OpenAI's block takes effect",
        "summary": "It blocked.",
        "body": "*Really*",
        "kind": "enforcement",
        "certainty": "confirmed",
        "direction": "restricts",
        "date": "2024-07-09",
        "date_precision": "day",
        "end_date": None,
        "edtf": "2024-07-09",
        "date_display": "July 9, 2024",
        "reported_on": "2024-06-25",
        "reported_on_basis": "source",
        "companies": [{"slug": "openai", "name": "OpenAI", "role": "actor"}],
        "agencies": [],
        "countries": [{"code": "CN", "name": "China", "role": "affected"}],
        "groups": [],
        "products": [{"slug": "openai-api", "name": "OpenAI API"}],
        "policies": [
            {
                "slug": "openai-supported-countries",
                "title": "Supported countries",
                "relation": "enforces",
                "partial": False,
            }
        ],
        "access_effects": [
            {
                "id": 1,
                "product": "openai-api",
                "country": "CN",
                "group": None,
                "except": [],
                "status": "blocked",
                "effective_date": "2024-07-09",
                "date_precision": "day",
                "until": None,
                "by": ["provider"],
                "reported_on": "2024-07-08",
                "reported_on_basis": "source",
                "note": "Azure stayed open",
            }
        ],
        "relations": [
            {
                "relation": "implements",
                "event": "openai-announces-api-block",
                "title": "OpenAI announces an API block",
                "date": "2024-06-25",
                "edtf": "2024-06-25",
            }
        ],
        "citations": [
            {
                "id": 1,
                "quote": "",
                "speaker": "",
                "locator": "",
                "stance": "supports",
                "about": "event",
                "source": {
                    "slug": sources[0].slug,
                    "url": "https://reuters.example/a",
                    "title": "OpenAI cuts off China",
                    "publisher": {"slug": "reuters", "name": "Reuters"},
                    "published": "2024-06-25",
                    "tier": "secondary",
                    "paywalled": False,
                    "archive_url": None,
                    "relays": None,
                },
            },
            {
                "id": 2,
                "quote": "…",
                "speaker": "A spokesman",
                "locator": "",
                "stance": "supports",
                "about": "effect:1",
                "source": {
                    "slug": sources[1].slug,
                    "url": "https://seekingalpha.example/a",
                    "title": "Azure stays open",
                    "publisher": {"slug": "seeking-alpha", "name": "Seeking Alpha"},
                    "published": "2024-07-08",
                    "tier": "secondary",
                    "paywalled": True,
                    "archive_url": "https://archive.example/a",
                    "relays": {"slug": "the-information", "name": "The Information"},
                },
            },
        ],
        "independent_origins": 2,
        "published_at": "2024-06-25T17:30:00.000005Z",
        "updated_at": "2024-06-25T17:30:00.000005Z",
        "retraction": None,
    }


def test_company():
    company = CompanyFactory(slug="openai", name="OpenAI", country=country("US"))
    CompanyAlias.objects.create(of=company, name="Open AI")
    owner, owned = CompanyFactory(slug="owner", name="Owner"), CompanyFactory(slug="owned", name="Owned")
    OwnershipFactory(owner=owner, owned=company, kind="investor", since=dt.date(2019, 7, 1), since_precision="month")
    OwnershipFactory(owner=company, owned=owned, until=dt.date(2024, 1, 1), until_precision="year", note="Sold")
    assert document(company) == {
        "slug": "openai",
        "url": "/api/v1/companies/openai/",
        "html_url": "/companies/openai/",
        "revision": 412,
        "name": "OpenAI",
        "kind": "developer",
        "country": {"code": "US", "name": "United States"},
        "aliases": ["Open AI"],
        "owns": [
            {
                "kind": "parent",
                "company": {"slug": "owned", "name": "Owned"},
                "since": None,
                "until": "2024",
                "note": "Sold",
            }
        ],
        "owned_by": [
            {
                "kind": "investor",
                "company": {"slug": "owner", "name": "Owner"},
                "since": "2019-07",
                "until": None,
                "note": "",
            }
        ],
    }


def test_country():
    assert document(country("TW")) == {
        "code": "TW",
        "alpha3": "TWN",
        "name": "Taiwan",
        "region": {"code": "030", "name": "Eastern Asia"},
        "url": "/api/v1/countries/TW/",
        "html_url": "/countries/TW/",
        "revision": 412,
    }


def test_group():
    group = GroupFactory(slug="d5", name="Country Group D:5", issuer=AgencyFactory(slug="bis", name="BIS"))
    MembershipFactory(group=group, country=country("CN"), since=dt.date(2018, 1, 1))
    assert document(group) == {
        "slug": "d5",
        "url": "/api/v1/groups/d5/",
        "html_url": None,
        "revision": 412,
        "name": "Country Group D:5",
        "issuer": {"slug": "bis", "name": "BIS"},
        "citation": "",
        "official_url": "",
        "note": "",
        "is_world": False,
        "members": [{"code": "CN", "name": "China", "since": "2018-01-01", "until": None}],
    }


def test_world_is_every_country_and_has_no_list():
    world = document(GroupFactory(slug="world"))
    assert (world["is_world"], world["members"]) == (True, [])


def test_agency_product_publisher_and_source():
    agency = document(AgencyFactory(slug="bis", name="BIS", short="BIS", country=country("US")))
    assert agency == {
        "slug": "bis",
        "url": "/api/v1/agencies/bis/",
        "html_url": "/agencies/bis/",
        "revision": 412,
        "name": "BIS",
        "short": "BIS",
        "aliases": [],
        "country": {"code": "US", "name": "United States"},
        "group": None,
    }
    product = document(
        ProductFactory(
            slug="azure", name="Azure", company=CompanyFactory(slug="microsoft", name="Microsoft"),
            models_from=CompanyFactory(slug="openai", name="OpenAI"),
        )
    )  # fmt: skip
    assert product == {
        "slug": "azure",
        "url": "/api/v1/products/azure/",
        "html_url": "/products/azure/",
        "revision": 412,
        "name": "Azure",
        "kind": "api",
        "aliases": [],
        "company": {"slug": "microsoft", "name": "Microsoft"},
        "models_from": {"slug": "openai", "name": "OpenAI"},
    }
    publisher = PublisherFactory(slug="reuters", name="Reuters", country=country("GB"))
    assert document(publisher) == {
        "slug": "reuters",
        "url": "/api/v1/publishers/reuters/",
        "html_url": None,
        "revision": 412,
        "name": "Reuters",
        "kind": "news",
        "country": {"code": "GB", "name": "United Kingdom"},
        "group": None,
    }
    source = SourceFactory(url="https://www.reuters.example/a", title="A", publisher=publisher, authors=["Jane Doe"])
    assert document(source) == {
        "slug": source.slug,
        "url": f"/api/v1/sources/{source.slug}/",
        "html_url": None,
        "revision": 412,
        "page_url": "https://www.reuters.example/a",
        "normalized_url": "https://reuters.example/a",
        "title": "A",
        "publisher": {"slug": "reuters", "name": "Reuters"},
        "authors": ["Jane Doe"],
        "language": "",
        "published": "2024-06-25",
        "tier": "secondary",
        "paywalled": False,
        "relays": None,
        "archive_url": None,
        "link_status": "ok",
        "link_status_since": None,
    }
    LinkCheck.objects.create(source=source, found="ok", found_since=timezone.now(), status="dead",
                             status_since=dt.date(2026, 1, 2))  # fmt: skip
    said = document(Source.objects.get(pk=source.pk))
    assert (said["link_status"], said["link_status_since"]) == ("dead", "2026-01-02")


def test_policy():
    policy = PolicyFactory(slug="rule", title="Rule", agency=AgencyFactory(slug="bis", name="BIS"), citation="89 FR 1")
    event = EventFactory(slug="made", date=dt.date(2024, 7, 1), date_precision=Precision.QUARTER)
    EventPolicyFactory(event=event, policy=policy, relation="adopts")
    publishing.publish(event, by=None)
    assert document(policy) == {
        "slug": "rule",
        "url": "/api/v1/policies/rule/",
        "html_url": "/policies/rule/",
        "revision": 412,
        "title": "Rule",
        "kind": "regulation",
        "issuer": {"type": "agency", "slug": "bis", "name": "BIS"},
        "country": None,
        "citation": "89 FR 1",
        "official_url": "",
        "aliases": [],
        "stages": [
            {
                "stage": "adopted",
                "partial": False,
                "date": "2024-07-01",
                "date_precision": "quarter",
                "edtf": "2024-35",
                "event": "made",
            }
        ],
    }
