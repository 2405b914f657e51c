"""The timeline in a real browser: filters, bars, paging and the way back, by mouse, by keyboard, without JavaScript."""

import datetime as dt
import gzip

import pytest
from axe_playwright_python.sync_playwright import Axe

from events.choices import EventKind, PlaceRole, RelationKind
from events.models import Event
from events.services import publishing
from tests.browser.making import AXE
from tests.factories import (
    CompanyFactory,
    EffectFactory,
    EventCountryFactory,
    EventFactory,
    EventProductFactory,
    EventRelationFactory,
    ProductFactory,
    country,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]
# Of one compressed page with all that it loads, and of its elements (design, "What makes such a tracker fast").
MOST_BYTES, MOST_NODES, MOST_REQUESTS = 60_000, 1_500, 20
KINDS = (EventKind.ENFORCEMENT, EventKind.RESTRICTION, EventKind.REPORT)


def make_two_years() -> None:
    """Seventy events, ten days apart, by two companies in turn, each as full as events are."""
    acme, other = CompanyFactory(slug="acme", name="Acme"), CompanyFactory(slug="globex", name="Globex")
    product = ProductFactory(slug="acme-api", name="Acme API", company=acme)
    made = []
    for n in range(70):
        actor = acme if n % 2 == 0 else other
        event = EventFactory(
            title=f"Event {n}",
            summary=f"{actor.name} changes who may use its models, for the {n}th time, and says from when on.",
            actor=actor,
            kind=KINDS[n % 3],
            date=dt.date(2022, 1, 3) + dt.timedelta(days=n * 10),
        )
        EventCountryFactory(event=event, country=country("CN"), role=PlaceRole.AFFECTED)
        if n % 2 == 0:
            EventProductFactory(event=event, product=product)
            status = "blocked" if n % 4 else "available"
            EffectFactory(event=event, product=product, status=status, effective_date=event.date)
        made.append(event)
    EventRelationFactory(event=made[-1], earlier=made[0], relation=RelationKind.REVERSES)
    publishing.publish_many(made, by=None)


@pytest.fixture
def two_years(on_copy):
    on_copy(make_two_years)


def titles(page):
    return page.locator("ol.events h4").all_text_contents()


def shows(page, number):
    page.wait_for_function("n => document.querySelector('.count').textContent.trim() === n", arg=number)


@pytest.mark.usefixtures("two_years")
def test_filters_apply_as_they_are_set_and_the_way_back_restores_filters_and_place(visit):
    page = visit("/")
    page.evaluate("window.stays = true")
    shows(page, "70 events")
    page.get_by_role("checkbox", name="Enforcement 24").check()
    shows(page, "24 events")
    assert page.url.endswith("/?kind=enforcement")
    assert page.evaluate("document.activeElement.value") == "enforcement"
    assert page.get_by_role("checkbox", name="Restriction 23").count() == 1  # as many as there are, whatever the kind
    page.get_by_role("checkbox", name="Acme 12").check()
    shows(page, "12 events")
    page.get_by_role("link", name="Remove Company Acme").click()
    shows(page, "24 events")
    page.go_back()
    shows(page, "12 events")
    assert page.url.endswith("/?company=acme&kind=enforcement")
    page.go_back()
    page.go_back()
    shows(page, "70 events")
    assert page.get_by_role("checkbox", name="Enforcement 24").is_checked() is False
    page.go_forward()
    shows(page, "24 events")
    assert page.evaluate("window.stays")

    page.goto("/")
    page.locator(".end, #older").scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelectorAll('ol.events > li').length >= 60")
    link = page.get_by_role("link", name="Event 20", exact=True)
    link.scroll_into_view_if_needed()
    place = page.evaluate("scrollY")
    link.click()
    page.wait_for_url("**/events/**")
    page.go_back()
    page.wait_for_function("y => Math.abs(scrollY - y) < 200", arg=place)
    assert page.get_by_role("link", name="Event 20", exact=True).is_visible()


@pytest.mark.usefixtures("two_years")
def test_bars_are_drawn_over_by_pointer_and_slid_along_by_keyboard(visit):
    page = visit("/")
    plot = page.locator(".plot")
    box = plot.bounding_box()
    middle = box["y"] + box["height"] / 2
    bars = page.locator(".drawn a").count()
    assert bars == 24  # months of whole years
    width = box["width"] / bars
    page.mouse.move(box["x"] + 2.5 * width, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 4.5 * width, middle, steps=4)
    assert page.locator(".range output").inner_text() == "March 2022 – May 2022"
    page.mouse.up()
    page.wait_for_url("**/?from=2022-03-01&to=2022-05-31")
    shows(page, "9 events")
    assert page.get_by_role("link", name="Remove From March 1, 2022").count() == 1
    assert page.locator(".drawn a").count() == bars  # the chart still shows the whole
    first = page.get_by_role("slider", name="First month")
    assert first.get_attribute("aria-valuetext") == "March 2022"
    first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/?from=2022-04-01&to=2022-05-31")
    shows(page, "6 events")
    assert page.evaluate("document.activeElement.className") == "range-from"
    page.keyboard.press("Home")
    page.wait_for_url("**/?from=2022-01-01&to=2022-05-31")
    page.get_by_role("slider", name="Last month").focus()
    page.keyboard.press("End")
    page.wait_for_url("**/")
    shows(page, "70 events")


@pytest.mark.usefixtures("two_years")
def test_a_finger_draws_over_bars(visit):
    page = visit("/", has_touch=True, viewport={"width": 390, "height": 844})
    plot = page.locator(".plot")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] * 0.5 / 24, box["y"] + 40)
    page.wait_for_url("**/?from=2022-01-01&to=2022-01-31")
    shows(page, "3 events")


@pytest.mark.usefixtures("two_years")
def test_all_of_it_works_by_keyboard_alone(visit):
    page = visit("/")

    def tab_to(name):
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.id") == name:
                return
            label = page.evaluate(
                "document.activeElement.closest('label')?.textContent || document.activeElement.textContent"
            )
            if " ".join(label.split()) == name:
                return
        raise AssertionError(name)

    tab_to("id_q")
    page.keyboard.type("evnt")
    page.keyboard.press("Enter")
    shows(page, "0 events")
    assert page.evaluate("document.activeElement.id") == "id_q"
    page.keyboard.press("Control+A")
    page.keyboard.type("globex")
    page.keyboard.press("Enter")
    shows(page, "35 events")
    assert page.locator("mark").first.inner_text() == "Globex"
    tab_to("Report 11")
    page.keyboard.press("Space")
    shows(page, "11 events")
    assert page.url.endswith("/?q=globex&kind=report")
    tab_to("Remove Search “globex” ×")
    page.keyboard.press("Enter")
    shows(page, "23 events")
    assert page.evaluate("document.activeElement.className") == "count"


@pytest.mark.usefixtures("two_years")
def test_without_javascript_filters_are_one_form_and_bars_are_links(visit):
    page = visit("/", java_script_enabled=False)
    assert not page.locator(".range").is_visible()
    page.get_by_role("checkbox", name="Enforcement").check()
    page.get_by_role("checkbox", name="Globex").check()
    page.get_by_role("button", name="Show events").click()
    assert page.url.endswith("/?company=globex&kind=enforcement")
    assert page.locator(".count").inner_text() == "12 events"
    page.get_by_role("link", name="February 2022: 1 event; 1 does neither").click()
    assert page.url.endswith("/?from=2022-02-01&to=2022-02-28&company=globex&kind=enforcement")
    page.get_by_text("The same as a table").click()
    assert page.get_by_role("row", name="2022 0 0 0 6 6").is_visible()
    page.get_by_role("link", name="Reversals").click()
    assert titles(page) == ["Event 69"]
    assert page.locator(".relation").inner_text() == "Reverses Event 0"


@pytest.mark.usefixtures("two_years")
def test_a_search_for_a_misspelled_name_says_what_may_have_been_meant(visit):
    page = visit("/?q=Glbex")
    page.get_by_role("link", name="Globex", exact=True).click()
    shows(page, "35 events")
    assert page.url.endswith("/?q=Globex")


@pytest.mark.usefixtures("two_years")
def test_what_cannot_be_fetched_is_said_and_what_was_shown_stays(visit):
    page = visit("/")
    # Not a status of 500, which the browser logs as an error of its own.
    page.route("**/?kind=report", lambda route: route.fulfill(status=200, body="<p>Somebody else's page</p>"))
    page.get_by_role("checkbox", name="Report 23").check()
    assert page.get_by_role("alert").inner_text().startswith("The events could not be fetched.")
    assert len(titles(page)) == 30


@pytest.mark.usefixtures("two_years")
@pytest.mark.parametrize("scheme", AXE)
def test_axe_finds_nothing_wrong(visit, scheme):
    page = visit("/", color_scheme=scheme)
    found = {}
    for address in ("/", "/?kind=report&from=2022-03-01&q=globex", "/?q=Glbex", "/?from=nonsense", "/design/"):
        page.goto(address)
        for violation in Axe().run(page, options=AXE[scheme]).response["violations"]:
            found[address, violation["id"]] = [node["html"] for node in violation["nodes"]][:3]
    assert found == {}


@pytest.mark.usefixtures("two_years")
def test_at_400_percent_nothing_is_cut_off(visit):
    page = visit("/", viewport={"width": 320, "height": 256})
    for address in ("/", "/?kind=report&q=globex", "/?q=Glbex", "/design/"):
        page.goto(address)
        for summary in page.locator("main summary:visible").all():
            summary.click()
        assert page.evaluate("document.documentElement.scrollWidth") == 320, address


def answers_to(page):
    """All answers that a page gets, as they come."""
    answers = []
    page.on("response", lambda response: answers.append(response))
    return answers


@pytest.mark.usefixtures("two_years")
def test_the_main_pages_keep_their_budgets(visit):
    event = Event.objects.order_by("-date").first()
    for path in ("/", f"/events/{event.slug}/", "/access/CN/", "/?view=lanes"):
        page = visit("about:blank", viewport={"width": 1440, "height": 1000})
        answers = answers_to(page)
        page.goto(path, wait_until="networkidle")
        weights = {response.url: len(gzip.compress(response.body())) for response in answers}
        assert sum(weights.values()) <= MOST_BYTES, weights
        assert len(weights) <= MOST_REQUESTS, weights
        assert page.evaluate("document.querySelectorAll('*').length") <= MOST_NODES, path
