"""The lanes in a real browser: by mouse, by keyboard, by touch, and without JavaScript."""

import datetime as dt
from io import BytesIO

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from events.choices import EventKind, RelationKind
from events.services import publishing
from tests.browser.making import AXE
from tests.factories import CompanyFactory, EventFactory, EventRelationFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]
VIEW = "/?view=lanes&zoom=month&start=2024-01"
LATER = "/?view=lanes&zoom=month&start=2024-07"


def make_events() -> None:
    """Two companies: one acts each month of two years, the other answers it twice, once for a whole quarter."""
    acme, other = CompanyFactory(name="Acme"), CompanyFactory(name="Other")
    made = [
        EventFactory(
            title=f"Acme {n}", slug=f"acme-{n}", actor=acme, date=dt.date(2024 + n // 12, n % 12 + 1, 10),
            kind=EventKind.RESTRICTION if n % 3 else EventKind.RESTORATION,
        )
        for n in range(24)
    ]  # fmt: skip
    answer = EventFactory(title="Answer", slug="answer", actor=other, date=dt.date(2024, 3, 20))
    vague = EventFactory(title="Vague", slug="vague", actor=other, date=dt.date(2024, 4, 1), date_precision="quarter")
    EventRelationFactory(event=answer, earlier=made[0], relation=RelationKind.RESPONDS_TO)
    publishing.publish_many([*made, answer, vague], by=None)


@pytest.fixture
def events(on_copy):
    on_copy(make_events)


def title(page):
    return page.locator("#lanes-title").inner_text()


def focused(page):
    return page.evaluate("document.activeElement.getAttribute('href')")


@pytest.mark.usefixtures("events")
def test_links_move_the_lanes_in_place_and_back_and_forward_restore_them(visit):
    page = visit(VIEW)
    page.evaluate("window.stays = true")
    page.get_by_role("link", name="Later").click()
    page.wait_for_url(f"**{LATER}")
    assert title(page) == "July 2024 – June 2025"
    assert focused(page).endswith("start=2025-01")  # the next "Later"
    assert page.locator("#lanes-status").inner_text() == "July 2024 – June 2025: 12 of 26 events in view."
    page.get_by_role("link", name="Countries", exact=True).nth(1).click()
    page.wait_for_url("**lanes=country**")
    page.get_by_role("link", name="Years").click()
    page.wait_for_url("**zoom=year**")
    for _ in range(3):
        page.go_back()
    page.wait_for_function("() => document.getElementById('lanes-title').textContent === 'January – December 2024'")
    page.go_forward()
    page.wait_for_function("() => document.getElementById('lanes-title').textContent === 'July 2024 – June 2025'")
    assert page.evaluate("window.stays")
    assert page.locator("form.filters input[name=start]").input_value() == "2024-07"


@pytest.mark.usefixtures("events")
def test_the_keyboard_reaches_every_event_and_every_part_of_time(visit):
    page = visit(VIEW)
    region = page.locator(".lanes-scroll")
    region.focus()
    page.keyboard.press("Tab")  # all links of the sheet are one stop
    assert focused(page) == "/?from=2024-01-01&to=2024-01-31"
    page.keyboard.press("ArrowDown")
    assert focused(page) == "/events/acme-0/"
    tip = page.locator(".lanes-tip")
    assert tip.inner_text() == "January 10, 2024: Acme 0 (Restoration, relaxes)."
    assert page.locator(".thread.lit").count() == 1
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    assert focused(page) == "/events/acme-2/"
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.closest('.lanes-sheet')")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("End")
    assert focused(page) == "/events/acme-11/"
    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**{LATER}")
    page.wait_for_function("() => document.activeElement.getAttribute('href') === '/events/acme-12/'")
    page.keyboard.press("PageUp")
    page.wait_for_url(f"**{VIEW}")
    page.wait_for_function("() => document.activeElement.getAttribute('href')?.startsWith('/events/acme-')")
    page.keyboard.press("-")
    page.wait_for_url("**zoom=quarter**")
    page.wait_for_function("() => document.getElementById('lanes-title').textContent.startsWith('Q')")
    page.keyboard.press("+")
    page.wait_for_url("**zoom=month**")
    page.keyboard.press("Escape")
    page.locator(".lanes-over a").first.press("Enter")
    page.wait_for_url("**/events/**")


@pytest.mark.usefixtures("events")
def test_dragging_moves_by_columns_and_opens_nothing(visit):
    page = visit(VIEW, viewport={"width": 1400, "height": 900})
    box = page.locator(".lanes-over a").nth(9).bounding_box()
    column = page.locator("thead th").last.bounding_box()["width"]
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 2 * column, y, steps=5)
    page.mouse.up()
    page.wait_for_url("**start=2024-03")
    page.wait_for_function("() => document.getElementById('lanes-title').textContent === 'March 2024 – February 2025'")


@pytest.mark.usefixtures("events")
def test_a_swipe_moves_on_a_phone_where_the_sheet_ends(visit):
    page = visit(VIEW, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    sheet = page.locator(".lanes-scroll")
    assert sheet.evaluate("box => box.scrollWidth > box.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    sheet.evaluate("box => box.scrollIntoView({ block: 'start', behavior: 'instant' })")
    box = sheet.bounding_box()
    session = page.context.new_cdp_session(page)

    def swipe(start, end):
        y = box["y"] + 100
        for kind, points in (
            ("touchStart", [{"x": start, "y": y}]),
            ("touchMove", [{"x": (start + end) / 2, "y": y}]),
            ("touchMove", [{"x": end, "y": y}]),
            ("touchEnd", []),
        ):
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    sheet.evaluate("box => { box.scrollLeft = box.scrollWidth }")
    swipe(330, 150)
    page.wait_for_url(f"**{LATER}")
    page.wait_for_function("() => document.getElementById('lanes-title').textContent === 'July 2024 – June 2025'")
    assert page.locator(".lanes-scroll").evaluate("box => box.scrollLeft") == 0
    page.evaluate("history.replaceState(null, '', '/?view=lanes')")  # so that a step back in history would show
    page.goto(page.url.split("?")[0] + LATER[1:])
    page.locator(".lanes-scroll").evaluate(
        "box => { box.scrollIntoView({ block: 'start', behavior: 'instant' }); box.scrollLeft = 0 }"
    )
    swipe(150, 330)
    page.wait_for_url(f"**{VIEW}")
    assert page.locator("#lanes-title").inner_text() == "January – December 2024"


@pytest.mark.usefixtures("events")
def test_everything_works_without_javascript(visit):
    page = visit("/?view=lanes&zoom=year", java_script_enabled=False)
    page.get_by_role("columnheader", name="2024").get_by_role("link").click()
    page.get_by_role("link", name="Months").click()
    page.get_by_role("link", name="Later").click()
    assert page.url.endswith(LATER)
    page.get_by_label("Search", exact=True).fill("Vague")
    page.get_by_role("button", name="Search").click()
    assert "view=lanes" in page.url
    page.locator(".lanes-zoom").get_by_role("link", name="Years").click()
    page.locator(".lanes-over a").click()
    assert page.locator("h1").inner_text() == "Vague"


@pytest.mark.usefixtures("events")
def test_signs_of_the_legend_have_the_colors_of_the_scheme(visit):
    page = visit(VIEW, color_scheme="dark")
    sign = page.locator('.lanes-legend svg:has(use[href="#m-before"])')
    drawn = Image.open(BytesIO(sign.screenshot())).convert("L")
    darkest, brightest = drawn.getextrema()
    assert darkest > 0  # nothing is black on the dark page
    assert brightest > 100


@pytest.mark.usefixtures("events")
@pytest.mark.parametrize("scheme", AXE)
def test_axe_finds_nothing_and_nothing_is_cut_off_on_the_narrowest_phone(visit, scheme):
    page = visit(VIEW, color_scheme=scheme)
    for address in (VIEW, "/?view=lanes&lanes=policy&zoom=bad", "/?view=lanes&q=nothing", "/?view=lanes&country=XX"):
        page.goto(address)
        found = Axe().run(page, options=AXE[scheme])
        assert found.response["violations"] == [], found.generate_report()
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth") == 320, address
        page.set_viewport_size({"width": 1280, "height": 800})
