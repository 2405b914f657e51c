import datetime as dt
import hashlib

import pytest
from django.core import serializers
from django.core.exceptions import ValidationError

from events.models import CompanyAlias, Country, Membership, Source
from tests.factories import (
    AgencyFactory,
    BareEventFactory,
    CitationFactory,
    CompanyFactory,
    EffectFactory,
    EventAgencyFactory,
    EventCompanyFactory,
    EventCountryFactory,
    EventGroupFactory,
    EventPolicyFactory,
    EventProductFactory,
    EventRelationFactory,
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

FACTORIES = {
    "agency": AgencyFactory,
    "company": CompanyFactory,
    "event": BareEventFactory,
    "group": GroupFactory,
    "policy": PolicyFactory,
    "product": ProductFactory,
    "publisher": PublisherFactory,
    "source": SourceFactory,
}


@pytest.mark.parametrize("factory", FACTORIES.values(), ids=FACTORIES)
def test_natural_key_is_the_slug(factory):
    row = factory()
    assert row.natural_key() == (row.slug,)
    assert type(row).objects.get_by_natural_key(*row.natural_key()) == row


def test_natural_key_of_a_country_is_its_code():
    assert country("CN").natural_key() == ("CN",)
    assert Country.objects.get_by_natural_key("CN").name == "China"


def test_rows_are_read_back_by_natural_keys():
    product = ProductFactory(company__country=country("US"))
    text = serializers.serialize("json", [product, product.company], use_natural_foreign_keys=True)
    assert [each.object for each in serializers.deserialize("json", text)] == [product, product.company]


PARTS = {
    "alias": lambda: CompanyAlias.objects.create(of=CompanyFactory(), name=f"Spook {CompanyAlias.objects.count()}"),
    "citation": CitationFactory,
    "effect": EffectFactory,
    "agency of an event": EventAgencyFactory,
    "company of an event": EventCompanyFactory,
    "country of an event": EventCountryFactory,
    "group of an event": EventGroupFactory,
    "membership": lambda: MembershipFactory(since=dt.date(2020, 1, 1)),
    "membership without a start": MembershipFactory,
    "ownership": OwnershipFactory,
    "policy of an event": EventPolicyFactory,
    "product of an event": EventProductFactory,
    "relation": EventRelationFactory,
}


@pytest.mark.parametrize("make", PARTS.values(), ids=PARTS)
def test_what_hangs_on_a_record_is_read_back_by_natural_keys(make):
    row = make()
    make()
    assert type(row).objects.get_by_natural_key(*row.natural_key()) == row
    text = serializers.serialize("json", [row], use_natural_foreign_keys=True, use_natural_primary_keys=True)
    [read] = serializers.deserialize("json", text)
    assert read.object == row


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("agency", "/agencies/"),
        ("company", "/companies/"),
        ("event", "/events/"),
        ("policy", "/policies/"),
        ("product", "/products/"),
        ("group", "/api/v1/groups/"),
        ("publisher", "/api/v1/publishers/"),
        ("source", "/api/v1/sources/"),
    ],
)
def test_a_record_has_an_address(name, path):
    row = FACTORIES[name]()
    assert row.get_absolute_url() == f"{path}{row.key}/"


def test_a_country_has_a_page():
    assert country("CN").get_absolute_url() == "/countries/CN/"


class TestCountries:
    def test_are_those_of_iso_3166(self):
        assert Country.objects.count() == 249
        assert list(Country.objects.filter(pk__in=("CN", "US")).values_list("alpha3", "name", "region")) == [
            ("CHN", "China", "Eastern Asia"),
            ("USA", "United States", "Northern America"),
        ]

    @pytest.mark.parametrize("code", ["TW", "HK", "MO", "CN"])
    def test_of_eastern_asia(self, code):
        assert (country(code).region_code, country(code).region) == ("030", "Eastern Asia")

    @pytest.mark.parametrize(
        ("code", "name"),
        [
            ("TW", "Taiwan"),
            ("HK", "Hong Kong"),
            ("GB", "United Kingdom"),
            ("RU", "Russia"),
            ("KR", "South Korea"),
            ("NO", "Norway"),
            ("CI", "Côte d’Ivoire"),
        ],
    )
    def test_have_short_english_names(self, code, name):
        assert country(code).name == name

    def test_each_have_a_region(self):
        assert not Country.objects.filter(region="").exists()
        assert Country.objects.values("region_code").distinct().count() == 23


def test_membership_holds_from_its_first_day_to_the_day_before_its_end():
    MembershipFactory(since=dt.date(2020, 1, 1), until=dt.date(2020, 2, 1))
    days = [dt.date(2019, 12, 31), dt.date(2020, 1, 1), dt.date(2020, 1, 31), dt.date(2020, 2, 1)]
    assert [Membership.objects.on(day).exists() for day in days] == [False, True, True, False]


def test_membership_without_dates_always_holds():
    MembershipFactory()
    assert Membership.objects.on(dt.date(1900, 1, 1)).count() == 1


class TestSource:
    def test_is_named_by_its_normalized_url(self):
        source = SourceFactory(url="http://www.News.example/a/?utm_source=x")
        assert source.normalized_url == "https://news.example/a"
        assert source.slug == hashlib.sha256(b"https://news.example/a").hexdigest()[:12]

    def test_keeps_its_slug_when_its_url_is_mended(self):
        source = SourceFactory()
        slug = source.slug
        source.url = "https://other.example/"
        source.clean()
        source.save()
        assert (source.slug, source.normalized_url) == (slug, "https://other.example")

    def test_is_one_however_its_url_is_spelled(self):
        SourceFactory(url="https://news.example/a")
        with pytest.raises(ValidationError):
            Source(
                url="http://www.news.example/a/", title="A", publisher=PublisherFactory(), tier="primary"
            ).full_clean()

    def test_refuses_what_is_no_address_of_a_page(self):
        with pytest.raises(ValidationError, match="http"):
            SourceFactory.build(url="ftp://news.example/").clean()

    @pytest.mark.parametrize("authors", ["Jane", [1], [""], {}])
    def test_lists_authors_by_name(self, authors):
        with pytest.raises(ValidationError, match="list of names"):
            SourceFactory.build(authors=authors).clean()
