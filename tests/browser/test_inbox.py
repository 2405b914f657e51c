"""What a feed brings, from its arrival on the desk to a published event, in a real browser by two people."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from events.choices import FeedKind
from events.lib import connections
from events.models import Candidate, Event, Feed
from events.services import inbox
from tests.admin import making
from tests.browser.test_desk import is_clean
from tests.ingest import standin
from tests.ingest.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]
TITLE = "OpenAI to block API traffic from China from July 9"


@pytest.fixture
def feed(settings, monkeypatch):
    """A watched feed of a world that stands in for the real one, and which the desk knows the names of."""
    openai = making.company("OpenAI", slug="openai")
    microsoft = making.company("Microsoft", slug="microsoft")
    making.product(slug="azure-openai", name="Azure OpenAI Service", company=microsoft, models_from=openai)
    making.publisher(name="The Information")
    monkeypatch.setattr(inbox, "BETWEEN_PAGES", 0.0)
    monkeypatch.setattr(connections, "resolve", lambda host, port, *, seconds: ["127.0.0.1"])
    with World() as world:
        settings.FETCH_ALLOW = [f"{standin.NAME}:{world.server_port}"]
        yield Feed.objects.create(slug="wire", name="Wire", kind=FeedKind.FEED, url=standin.fill(world), is_active=True)


def signed_in(visit, live_server, role, path="/admin/"):
    """A window of somebody with that role, without the detour of the log-in."""
    session = making.signed_in(making.user(role)).cookies["sessionid"].value
    cookie = {"name": "sessionid", "value": session, "domain": urlsplit(live_server.url).hostname, "path": "/"}
    return visit(path, storage_state={"cookies": [cookie], "origins": []})


def work():
    """What the worker does with beat's nudges."""
    inbox.poll_due(seconds=20)
    inbox.read_due(seconds=20)


def test_candidate_arrives_and_becomes_a_published_event(visit, live_server, feed):
    page = signed_in(visit, live_server, "Contributor")
    expect(page.get_by_role("link", name="Candidates that feeds and links brought")).to_have_count(1)
    work()
    page.reload()
    page.get_by_role("link", name="Candidates that feeds and links brought").click()
    expect(page.locator("#result_list tbody tr")).to_have_count(len(standin.STORIES))
    is_clean(page)

    # The text beside what is found in it: some is taken, some left.
    page.get_by_role("link", name=TITLE).click()
    expect(page.get_by_role("region", name="Text")).to_contain_text("messages that developers received")
    page.locator('input[name="take-companies-microsoft"]').uncheck()
    page.locator('input[name="take-products-azure-openai"]').uncheck()
    page.locator('select[name="kind"]').select_option("enforcement")
    page.locator('input[name="relays"]').fill("The Information")
    expect(page.get_by_label("a Microsoft spokesperson: “There has been no change")).to_be_checked()
    is_clean(page)
    page.get_by_role("button", name="Make a draft").click()
    expect(page.locator(".messagelist")).to_contain_text("is a draft now")
    expect(page.locator("#look")).to_contain_text("Nothing is missing.")
    is_clean(page)
    page.get_by_role("button", name="Save and submit for review").click()
    expect(page.locator(".messagelist")).to_contain_text("waits for review")

    event = Event.objects.get(title=TITLE)
    assert [link.company.slug for link in event.company_links.all()] == ["openai"]
    assert not event.product_links.exists()
    [citation] = event.citations.all()
    assert citation.source.relays.name == "The Information"
    assert citation.speaker == "a Microsoft spokesperson"
    assert Candidate.objects.waiting().count() == len(standin.STORIES) - 1

    page = signed_in(visit, live_server, "Publisher", f"/admin/events/event/{event.pk}/change/")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("is published")
    page.goto(f"/events/{event.slug}/")
    expect(page.locator("#evidence ~ .evidence, .evidence").first).to_contain_text("The Example Wire")


def test_pasted_link_shows_its_facts_as_soon_as_it_is_read(visit, live_server, feed):
    page = signed_in(visit, live_server, "Contributor", "/admin/events/candidate/add/")
    is_clean(page)
    page.get_by_label("Link").fill(feed.url.replace("/feed.atom", "/azure-stays"))
    page.get_by_role("button", name="Find the facts").click()
    expect(page.get_by_role("status")).to_contain_text("is being read")
    work()
    expect(page.locator('input[name="take-products-azure-openai"]')).to_be_checked(timeout=15_000)
