"""Access pages in a real browser: the map through time, by mouse and by keyboard, and without JavaScript."""

import datetime as dt

import pytest

from events.services import publishing
from tests.factories import CompanyFactory, EffectFactory, EventFactory, ProductFactory, country

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]
MAP = "/access/?product=openai-api&on=2024-07-09"
DAYS = ["2024-03-01", "2024-05-01", "2024-07-09"]


def make_api() -> None:
    """Limited in Italy, then available there, then blocked in China."""
    product = ProductFactory(slug="openai-api", name="OpenAI API", company=CompanyFactory(name="OpenAI"))
    made = []
    for day, code, status in zip(DAYS, ("IT", "IT", "CN"), ("limited", "available", "blocked"), strict=True):
        event = EventFactory(title=f"{status} in {code}", date=dt.date.fromisoformat(day), actor=product.company)
        EffectFactory(event=event, product=product, country=country(code), status=status, effective_date=event.date)
        made.append(event)
    publishing.publish_many(made, by=None)


@pytest.fixture
def api(on_copy):
    on_copy(make_api)


def waits_for(page, day):
    page.wait_for_function("day => document.getElementById('map').dataset.on === day", arg=day)


@pytest.mark.usefixtures("api")
def test_the_slider_goes_through_time_by_keyboard_without_a_new_page(visit):
    page = visit(MAP)
    page.evaluate("window.stays = true")
    slider = page.get_by_role("slider", name="Day of a change")
    assert slider.get_attribute("aria-valuetext") == "July 9, 2024"
    slider.focus()
    page.keyboard.press("ArrowLeft")
    waits_for(page, "2024-05-01")
    assert slider.get_attribute("aria-valuetext") == "May 1, 2024"
    assert page.locator("#slider output").inner_text() == "May 1, 2024: available in 1, unknown in 248."
    assert page.get_by_role("link", name="Italy: available, effective May 1, 2024").count() == 1
    assert page.url.endswith("/access/?on=2024-05-01&product=openai-api")
    assert page.locator("#on").input_value() == "2024-05-01"
    assert page.locator(".stops [aria-current]").all_text_contents() == ["May 1, 2024"]
    page.keyboard.press("Home")
    waits_for(page, "2024-03-01")
    assert page.get_by_role("button", name="Earlier").is_disabled()
    page.get_by_role("button", name="Later").click()
    waits_for(page, "2024-05-01")
    assert page.evaluate("window.stays")
    page.reload()
    assert page.get_by_role("heading", name="On May 1, 2024").count() == 1


@pytest.mark.usefixtures("api")
def test_quick_moves_end_on_the_last_day(visit):
    page = visit("/access/?product=openai-api&on=2024-03-01")
    slider = page.get_by_role("slider", name="Day of a change")
    slider.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowRight"):
        page.keyboard.press(key)
    waits_for(page, "2024-07-09")
    page.wait_for_timeout(500)
    assert page.locator("#map").get_attribute("data-on") == "2024-07-09"


@pytest.mark.usefixtures("api")
def test_without_javascript_the_days_are_links(visit):
    page = visit(MAP, java_script_enabled=False)
    assert not page.locator("#slider").is_visible()
    assert page.locator(".stops a").all_text_contents() == ["March 1, 2024", "May 1, 2024", "July 9, 2024"]
    page.get_by_role("link", name="March 1, 2024").first.click()
    assert page.get_by_role("heading", name="On March 1, 2024").count() == 1
    page.get_by_role("link", name="Italy: limited, effective March 1, 2024").click()
    assert page.locator(".verdict .status").inner_text() == "Limited"
    page.get_by_text("Cite this", exact=True).click()
    assert page.get_by_role("link", name="Download as BibTeX").is_visible()


@pytest.mark.usefixtures("api")
def test_no_access_page_scrolls_sideways_on_the_narrowest_phone(visit):
    page = visit(MAP, viewport={"width": 320, "height": 640})
    for address in (MAP, "/access/CN/openai-api/?on=2024-07-10&known=2024-07-01", "/access/FR/openai-api/"):
        page.goto(address)
        for summary in page.locator("main summary").all():
            summary.click()
        assert page.evaluate("document.documentElement.scrollWidth") == 320, address
