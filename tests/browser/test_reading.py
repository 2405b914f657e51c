"""What a reader does, in a real browser."""

import datetime as dt

import pytest

from events.choices import EventKind, PlaceRole, PolicyRelation, RelationKind
from events.services import publishing
from tests.factories import (
    CompanyFactory,
    EffectFactory,
    EventCountryFactory,
    EventFactory,
    EventPolicyFactory,
    EventProductFactory,
    EventRelationFactory,
    PolicyFactory,
    ProductFactory,
    PublisherFactory,
    SourceFactory,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


def make_story() -> None:
    """The story that this was built for: announced on June 25, 2024, done on July 9, and another route stays open."""
    openai, microsoft = CompanyFactory(slug="openai", name="OpenAI"), CompanyFactory(name="Microsoft")
    api = ProductFactory(name="OpenAI API", company=openai)
    azure = ProductFactory(name="Azure OpenAI Service", company=microsoft, models_from=openai)
    terms = PolicyFactory(title="OpenAI supported countries and territories", agency=None, company=openai)
    announced = EventFactory(
        title="OpenAI says it will block API traffic from unsupported regions", actor=openai, date=dt.date(2024, 6, 25)
    )
    stays = EventFactory(
        title="Microsoft says its Azure OpenAI offer in China has not changed",
        actor=microsoft,
        date=dt.date(2024, 7, 8),
        kind=EventKind.CLARIFICATION,
        source=SourceFactory(
            publisher=PublisherFactory(name="Seeking Alpha"), relays=PublisherFactory(name="The Information")
        ),
    )
    done = EventFactory(
        title="OpenAI’s block on API traffic from China takes effect",
        actor=openai,
        date=dt.date(2024, 7, 9),
        kind=EventKind.ENFORCEMENT,
    )
    for event in (announced, stays, done):
        EventCountryFactory(event=event, role=PlaceRole.AFFECTED)
    for event, product, status in ((stays, azure, "available"), (done, api, "blocked")):
        EventProductFactory(event=event, product=product)
        EffectFactory(event=event, product=product, status=status, effective_date=event.date)
    EventPolicyFactory(event=done, policy=terms, relation=PolicyRelation.ENFORCES)
    EventRelationFactory(event=done, earlier=announced, relation=RelationKind.IMPLEMENTS)
    EventRelationFactory(event=stays, earlier=announced, relation=RelationKind.RESPONDS_TO)
    publishing.publish_many([announced, stays, done], by=None)


@pytest.fixture
def story(on_copy):
    on_copy(make_story)


def make_many() -> None:
    company = CompanyFactory(slug="acme", name="Acme")
    first = dt.date(2024, 1, 1)
    made = [EventFactory(title=f"Event {n}", actor=company, date=first + dt.timedelta(days=n)) for n in range(120)]
    publishing.publish_many(made, by=None)


@pytest.fixture
def many(on_copy):
    on_copy(make_many)


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize("javascript", [True, False])
def test_the_founding_story_reads_off_the_timeline(visit, javascript):
    page = visit("/", java_script_enabled=javascript)
    page.get_by_label("Country", exact=True).fill("China")
    page.get_by_label("From", exact=True).fill("2024-07-01")
    page.get_by_label("To", exact=True).fill("2024-07-31")
    page.get_by_role("button", name="Show events").last.click()
    page.wait_for_url("**/?from=2024-07-01&to=2024-07-31&country=CN")
    titles = page.locator("ol.events h4").all_text_contents()
    assert titles == [
        "OpenAI’s block on API traffic from China takes effect",
        "Microsoft says its Azure OpenAI offer in China has not changed",
    ]
    effects = page.locator(".effects li").all_text_contents()
    assert effects == [
        "OpenAI API: blocked in China from July 9, 2024",
        "Azure OpenAI Service: available in China from July 8, 2024",
    ]
    page.get_by_role("link", name="OpenAI’s block on API traffic").first.click()
    assert page.locator("h1").inner_text() == titles[0]
    assert page.locator(".effect .status").all_inner_texts() == ["Unknown", "Blocked"]
    page.get_by_role("link", name="OpenAI says it will block").first.click()
    assert page.locator("h1").inner_text() == "OpenAI says it will block API traffic from unsupported regions"
    page.get_by_role("link", name=titles[1]).first.click()
    assert "Reports what The Information reported" in page.locator(".evidence").inner_text()
    page.get_by_role("link", name="Azure OpenAI Service").first.click()
    assert "Serves OpenAI’s models through Microsoft." in page.locator("main").inner_text()


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize(("path", "size"), [("/", 30), ("/companies/acme/", 20)])
def test_older_events_are_appended_by_htmx(visit, path, size):
    page = visit(path)
    rows = page.locator("ol.events > li.event")
    assert rows.count() == size
    for expected in [*range(2 * size, 120, size), 120]:
        page.get_by_role("link", name="Older events").click()
        page.wait_for_function("n => document.querySelectorAll('ol.events > li.event').length === n", arg=expected)
    assert page.url.endswith(path)
    titles = page.locator("ol.events h4").all_text_contents()
    assert titles == [f"Event {n}" for n in range(119, -1, -1)]
    months = page.locator("h3.month").all_text_contents()
    assert months == ["April 2024", "March 2024", "February 2024", "January 2024"]
    assert page.get_by_role("link", name="Older events").count() == 0


@pytest.mark.usefixtures("many")
def test_older_events_are_a_page_of_their_own_without_javascript(visit):
    page = visit("/", java_script_enabled=False)
    page.get_by_role("link", name="Older events").click()
    assert "before=" in page.url
    assert page.locator("ol.events h4").first.inner_text() == "Event 89"
    page.get_by_role("link", name="Newer events").click()
    assert page.locator("ol.events h4").first.inner_text() == "Event 119"


@pytest.mark.usefixtures("story")
def test_no_page_scrolls_sideways_on_the_narrowest_phone(visit):
    page = visit("/?country=XX&from=nonsense", viewport={"width": 320, "height": 640})
    addresses = ["/", "/companies/", "/companies/openai/", "/countries/CN/", "/policies/", "/products/", "/agencies/"]
    addresses += ["/changes/", "/corrections/", "/about/", "/data/"]
    page.goto("/")
    events = [link.get_attribute("href") for link in page.locator("ol.events h4 a").all()]
    for address in ["/?country=XX&from=nonsense", *addresses, *events, f"{events[0]}history/"]:
        page.goto(address)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width == 320, address


@pytest.mark.usefixtures("story")
def test_the_keyboard_reaches_the_content_first(visit):
    page = visit("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colors_have_the_contrast_of_wcag_aa(visit, scheme):
    page = visit("/?country=CN", color_scheme=scheme)
    found = page.evaluate(
        """() => {
            const channels = color => color.match(/[\\d.]+/g).map(Number);
            const luminance = ([r, g, b]) => [r, g, b].map(v => v / 255)
                .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
                .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
            const behind = element => {
                for (let each = element; each; each = each.parentElement) {
                    const color = channels(getComputedStyle(each).backgroundColor);
                    if (color.length < 4 || color[3] > 0) return color;
                }
                return [255, 255, 255];
            };
            const poor = [];
            for (const element of document.querySelectorAll("body *")) {
                if (![...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim())) continue;
                const [one, two] = [luminance(channels(getComputedStyle(element).color)), luminance(behind(element))];
                const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
                if (ratio < 4.5) poor.push(`${element.tagName}.${element.className} ${ratio.toFixed(2)}`);
            }
            return poor;
        }"""
    )
    assert found == []
