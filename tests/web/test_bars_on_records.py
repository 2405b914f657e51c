import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.choices import CompanyRole
from events.services import publishing
from events.web import rows
from tests.factories import (
    CompanyFactory,
    EffectFactory,
    EventCompanyFactory,
    EventFactory,
    GroupFactory,
    MembershipFactory,
    ProductFactory,
    country,
)

pytestmark = pytest.mark.django_db


def effect(*given, **options):
    publishing.publish(event_with(*given, **options), by=None)


def event_with(product, *, day=dt.date(2024, 7, 9), status="blocked", actor=None, **options):
    """An event in review with this effect."""
    event = EventFactory(title=f"{product} is {status}", date=day)
    if actor:
        EventCompanyFactory(event=event, company=actor, role=CompanyRole.TARGET)
    EffectFactory(event=event, product=product, status=status, effective_date=day, **options)
    return event


@pytest.fixture
def openai():
    return CompanyFactory(name="OpenAI", slug="openai")


@pytest.fixture
def api(openai):
    return ProductFactory(name="OpenAI API", slug="openai-api", company=openai)


@pytest.fixture
def azure(openai):
    company = CompanyFactory(name="Microsoft")
    return ProductFactory(name="Azure OpenAI Service", slug="azure-openai", company=company, models_from=openai)


def groups_of(response):
    return [(group.name, [row.name for row in group.rows]) for group in response.context["overview"].groups]


def bars_in(text):
    return re.findall(r'<svg class="bar" role="group" aria-label="([^"]*)"', text)


def test_a_company_has_bars_of_its_products_and_routes_by_place(client, openai, api, azure):
    for product, status in ((api, "blocked"), (azure, "available")):
        effect(product, status=status, actor=openai)
    effect(api, country=country("IR"), day=dt.date(2023, 1, 1), actor=openai)
    response = client.get("/companies/openai/")
    assert groups_of(response) == [("China", ["Azure OpenAI Service", "OpenAI API"]), ("Iran", ["OpenAI API"])]
    text = response.content.decode()
    assert bars_in(text)[0] == "Azure OpenAI Service: China over time"
    assert 'href="/access/CN/openai-api/"' in text
    assert '<a href="/events/' in text
    assert text.count('id="bars-grid"') == 1


def test_a_status_that_is_said_again_holds_since_it_was_first_said(client, openai, api):
    effect(api, actor=openai)
    effect(api, day=dt.date(2024, 7, 20), actor=openai)
    assert 'since <time datetime="2024-07-09">July 9, 2024</time>' in client.get("/companies/openai/").content.decode()


def test_places_that_changed_last_come_first_and_what_is_left_out_is_said(client, openai, api):
    codes = ["CN", "RU", "IR", "KP", "SY", "CU", "VE", "BY", "FR", "DE", "IT", "ES", "PL"]
    days = [dt.date(2024, 1, 1) + dt.timedelta(number) for number in range(len(codes))]
    made = [
        event_with(api, country=country(code), day=day, actor=openai) for code, day in zip(codes, days, strict=True)
    ]
    publishing.publish_many(made, by=None)
    response = client.get("/companies/openai/")
    overview = response.context["overview"]
    assert len(overview.groups) == 12
    assert [group.name for group in overview.groups][:2] == ["Poland", "Spain"]
    assert overview.left_out == 1
    assert "1 more place, of which the last change is older, is left out." in response.content.decode()
    assert response.content.decode().count("8 more places") == 1


def test_a_product_has_a_bar_for_each_place(client, api):
    effect(api)
    effect(api, country=None, group=GroupFactory(name="The Nine"), day=dt.date(2024, 1, 1), status="limited")
    response = client.get("/products/openai-api/")
    assert groups_of(response) == [("By place", ["China", "The Nine"])]
    statuses = [row.bar.now.status for row in response.context["overview"].groups[0].rows]
    assert statuses == ["blocked", "limited"]


def test_a_country_has_bars_of_the_routes_that_changed_last_also_through_its_groups(client, api, azure):
    effect(api, country=None, group=GroupFactory(members=["CN"]), day=dt.date(2024, 7, 9))
    effect(azure, day=dt.date(2024, 10, 21), status="limited")
    response = client.get("/countries/CN/")
    assert groups_of(response) == [("Routes", ["Azure OpenAI Service", "OpenAI API"])]
    assert 'href="/access/CN/"' in response.content.decode()


def test_a_day_of_joining_a_group_alone_is_no_bar(client, api):
    group = GroupFactory()
    MembershipFactory(group=group, country=country("CN"), until=dt.date(2020, 1, 31))
    effect(api, country=None, group=group)
    response = client.get("/countries/CN/")
    assert response.context["overview"] is None
    assert "access.css" not in response.content.decode()


@pytest.mark.parametrize("path", ["/companies/openai/", "/products/openai-api/", "/countries/CN/"])
def test_where_no_effect_is_on_record_there_are_no_bars(client, api, path):
    for record in (api, country("CN")):
        publishing.publish_record(record, by=None)
    response = client.get(path)
    assert response.context["overview"] is None
    assert "<svg" not in response.content.decode()


@pytest.mark.parametrize("path", ["/companies/openai/", "/products/openai-api/", "/countries/CN/"])
def test_the_number_of_queries_is_the_same_for_one_bar_and_for_many(client, openai, api, path):
    def queries():
        rows.kept.clear()
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).context["overview"]
        return len(captured)

    group = GroupFactory()
    effect(api, actor=openai)
    effect(api, actor=openai, country=None, group=group)
    queries()
    few = queries()
    more = []
    for code in ("RU", "IR", "CN"):
        products = ProductFactory.create_batch(3, company=openai)
        more += [event_with(product, actor=openai, country=country(code)) for product in products]
        more.append(event_with(api, actor=openai, country=country(code), day=dt.date(2025, 1, 1)))
    publishing.publish_many(more, by=None)
    assert queries() == few
    assert few <= 22
