"""The pages of records in a real browser: for everybody, on every screen, by mouse and by keyboard alone."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from tests.browser.making import AXE, DISPUTED, EVENT, NOWHERE, PAGES, everything, report

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]
# A window of 1280 by 1024 at 400 % zoom has room for as much as one of 320 by 256; 320 by 640 is the narrowest phone.
NARROW = ({"width": 320, "height": 256}, {"width": 320, "height": 640})
CUT_OFF = """() => [...document.querySelectorAll("body *")].filter(each => {
    const box = each.getBoundingClientRect();
    const elsewhere = ".visually-hidden, .skip, .lanes-past, .scroll, .lanes-scroll, svg, thead, pre";
    const hidden = each.closest(elsewhere) || !each.checkVisibility();
    return !hidden && box.width && (box.right > 321 || box.left < -1);
}).map(each => each.outerHTML.slice(0, 150))"""


@pytest.fixture
def record(on_copy):
    on_copy(everything)


def axe(page, scheme):
    page.emulate_media(color_scheme=scheme)
    found = page.evaluate("options => axe.run(options)", AXE[scheme])["violations"]
    return [(each["id"], [node["html"][:200] for node in each["nodes"]][:3]) for each in found]


def cut_off(page, size):
    page.set_viewport_size(size)
    width = page.evaluate("document.documentElement.scrollWidth")
    return ([f"{width} wide"] if width != size["width"] else []) + page.evaluate(CUT_OFF)


@pytest.mark.usefixtures("record")
def test_no_kind_of_page_violates_a_rule_of_axe_in_either_theme_or_is_cut_off_where_it_is_narrow(visit):
    page = visit("about:blank", viewport={"width": 1280, "height": 1024})
    # The browser logs a status of 404 as an error of its own.
    page.route(f"**{NOWHERE}", lambda route: route.fulfill(response=route.fetch(max_redirects=0), status=200))
    found = {}
    for address in (*PAGES, report()):
        page.set_viewport_size({"width": 1280, "height": 1024})
        page.goto(address)
        page.evaluate("document.querySelectorAll('main details').forEach(each => { each.open = true })")
        page.evaluate(AXE_SCRIPT)
        for scheme in AXE:
            found[address, scheme] = axe(page, scheme)
        for size in NARROW:
            found[address, size["height"]] = cut_off(page, size)
    assert {where: problems for where, problems in found.items() if problems} == {}


@pytest.mark.usefixtures("record")
def test_the_founding_story_by_mouse_from_the_front_page_to_the_answer(visit):
    page = visit("/")
    page.get_by_role("link", name="OpenAI’s block on API traffic from China takes effect").first.click()
    assert page.locator("h1").inner_text() == "OpenAI’s block on API traffic from China takes effect"
    page.locator("#effects ~ .product-effects").get_by_role("link", name="China", exact=True).click()
    assert page.url.endswith("/access/CN/openai-api/?on=2024-07-09")
    assert page.locator(".verdict .status").inner_text() == "Blocked"
    page.get_by_role("link", name="Azure OpenAI Service").click()
    assert page.locator(".verdict .status").inner_text() == "Available"


def tab_to(page, name, *, most=250):
    """Press Tab until a link of this name has the focus, which has to be seen there."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == name:
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", name
            return
    pytest.fail(f"The keyboard does not reach “{name}”.")


@pytest.mark.usefixtures("record")
def test_the_founding_story_by_keyboard_alone(visit):
    page = visit("/")
    for name in ("OpenAI’s block on API traffic from China takes effect", "China", "Azure OpenAI Service"):
        tab_to(page, "Skip to content")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        if name == "China":  # the aside names it as well; the first one is the effect's
            assert page.locator("h1").inner_text().startswith("OpenAI’s block")
        tab_to(page, name)
        with page.expect_navigation():
            page.keyboard.press("Enter")
    assert "/access/CN/azure-openai/" in page.url
    assert page.locator(".verdict .status").inner_text() == "Available"


@pytest.mark.usefixtures("record")
def test_pages_of_records_work_without_javascript(visit):
    page = visit("/policies/the-rule/", java_script_enabled=False)
    assert "In force since March 1, 2024." in page.locator(".lede").inner_text()
    page.get_by_label("As of").fill("2024-02-10")
    page.get_by_role("button", name="Show").click()
    assert (
        "On February 10, 2024: Adopted, not yet in force (on February 1, 2024)." in page.locator(".lede").inner_text()
    )
    page.get_by_text("Cite this", exact=True).click()
    assert "AI Access Tracker. “The Rule on Chips.” Revision" in page.locator("#cite pre").first.inner_text()
    page.goto("/companies/openai/")
    page.get_by_text("The same as a table", exact=True).click()
    assert "OpenAI is backed by it" in page.locator(".ownership table").inner_text()
    page.locator(".graph-across").get_by_role("link").first.click()
    assert page.locator("h1").inner_text() == "Microsoft"
    page.goto(f"/events/{DISPUTED}/")
    headings = page.locator(".side h3").all_inner_texts()
    assert headings == ["What supports it", "What disputes it", "What the subject says", "For context"]
    tops = [box["y"] for box in (each.bounding_box() for each in page.locator(".side").all()[:3])]
    assert len({round(top) for top in tops}) == 1, "they stand side by side"
    assert page.locator(".aside").bounding_box()["y"] < tops[0], "the facts stand beside them"
    page.get_by_role("link", name="What changed").first.click()
    assert "Substantive" in page.locator(".revisions li").first.inner_text()


@pytest.mark.usefixtures("record")
def test_an_event_prints_without_what_paper_cannot_use(visit):
    page = visit(f"/events/{EVENT}/")
    page.emulate_media(media="print")
    for hidden in (".crumbs", "header.site nav", ".cite", ".read-on"):
        assert not page.locator(hidden).first.is_visible(), hidden
    assert page.locator(".evidence").first.is_visible()
