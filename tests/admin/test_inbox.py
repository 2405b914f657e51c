"""From a link to a draft on the desk, and how feeds and jobs show there."""

import datetime as dt
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from events.choices import CandidateState, FeedKind, Reading, State
from events.ingest import federal_register
from events.ingest.entry import Entry
from events.models import Candidate, Event, Feed, Job, Publisher, Source
from events.queries import jobs as health
from events.services import inbox, jobs, publishing, review
from events.services.shipped_feeds import SHIPPED, add_shipped
from tests.admin import making
from tests.ingest.world import World

pytestmark = pytest.mark.django_db
SAMPLES = Path(__file__).parents[1] / "ingest" / "samples"
ARTICLE = (SAMPLES / "article.html").read_bytes()
ADD = "/admin/events/candidate/add/"


@pytest.fixture
def world(settings):
    with World() as made:
        settings.FETCH_ALLOW = [made.host]
        yield made


@pytest.fixture
def known(db):
    openai = making.company("OpenAI", slug="openai")
    microsoft = making.company("Microsoft", slug="microsoft")
    making.product(slug="azure-openai", name="Azure OpenAI Service", company=microsoft, models_from=openai)
    making.publisher(slug="the-information", name="The Information")
    making.publisher(slug="seeking-alpha", name="Seeking Alpha")


def read_candidate(world: World, path: str = "/story") -> Candidate:
    candidate = inbox.add(Entry("https://wire.example.com/story", ""))
    assert candidate
    Candidate.objects.update(url=world.page(path, ARTICLE))
    assert inbox.read_due(seconds=20) == 1
    Candidate.objects.update(url="https://wire.example.com/story")
    return Candidate.objects.get(pk=candidate.pk)


def page(candidate: Candidate) -> str:
    return reverse("admin:events_candidate_change", args=[candidate.pk])


def test_link_becomes_a_published_sourced_event(world: World, known: None):
    """Paste, read by the worker, take, draft; submitted and published by two people."""
    editor = making.user("Editor")
    client = making.signed_in(editor)
    answer = client.post(ADD, {"url": "https://wire.example.com/story?utm_source=x"})
    [candidate] = Candidate.objects.all()
    assert answer["Location"] == page(candidate)
    assert "is being read" in client.get(page(candidate)).content.decode()
    Candidate.objects.update(url=world.page("/story", ARTICLE))
    assert inbox.read_due(seconds=20) == 1
    Candidate.objects.update(url="https://wire.example.com/story")
    shown = client.get(page(candidate))
    form = shown.context["form"]
    assert form["relays"].value() == "Seeking Alpha"  # which, in its turn, cites The Information
    data = {name: form[name].value() or "" for name in form.fields if form[name].value() is not False}
    data = {name: "on" if value is True else value for name, value in data.items()}
    data |= {"title": "OpenAI blocks API traffic from China", "relays": "the information", "_draft": "1"}
    data.pop("take-companies-microsoft")
    answer = client.post(page(candidate), data)
    [event] = Event.objects.all()
    assert answer["Location"] == making.change_url(event)
    assert (event.state, event.slug, event.kind, event.date) == (
        State.DRAFT, "openai-blocks-api-traffic-from-china", "restriction", dt.date(2024, 7, 9),
    )  # fmt: skip
    assert [(link.company.slug, link.role) for link in event.company_links.all()] == [("openai", "actor")]
    assert [link.country_id for link in event.country_links.all()] == ["CN"]
    assert [link.product.slug for link in event.product_links.all()] == ["azure-openai"]
    [citation] = event.citations.all()
    source = citation.source
    assert (source.publisher.name, source.published, source.authors) == (
        "The Example Wire", dt.date(2024, 7, 9), ["Ada Example"],
    )  # fmt: skip
    assert source.relays == Publisher.objects.get(slug="the-information")
    candidate.refresh_from_db()
    assert (candidate.state, candidate.event, candidate.settled_by) == (CandidateState.DRAFTED, event, editor)
    review.submit(event, by=editor)
    publishing.publish(event, by=making.user("Publisher"))
    assert Event.objects.get().state == State.PUBLISHED


def drafted(client, candidate: Candidate, **changed: str | None) -> Event:
    """The draft of a candidate's form as it comes, but for what is changed; None leaves a box unticked."""
    form = client.get(page(candidate)).context["form"]
    data = {name: form[name].value() or "" for name in form.fields if form[name].value() is not False}
    data = {name: "on" if value is True else value for name, value in data.items()} | changed
    data = {name: value for name, value in data.items() if value is not None} | {"_draft": "1"}
    answer = client.post(page(candidate), data)
    assert answer.status_code == 302, answer.context["form"].errors
    return Event.objects.get()


def test_company_that_a_state_acts_on_is_proposed_as_affected(known: None):
    client = making.signed_in(making.user("Contributor"))
    client.post(ADD, {"text": "Italy banned OpenAI's service. Microsoft said nothing.", "title": "Italy bans ChatGPT"})
    event = drafted(client, Candidate.objects.get(), publisher="The Example Wire", url="https://wire.example.com/italy")
    assert {link.company.slug: link.role for link in event.company_links.all()} == {
        "openai": "affected", "microsoft": "affected",
    }  # fmt: skip
    assert [(link.country_id, link.role) for link in event.country_links.all()] == [("IT", "acting")]


def test_what_speakers_said_is_quoted_in_the_citations(known: None):
    client = making.signed_in(making.user("Contributor"))
    text = (
        "OpenAI left China. “We are taking additional steps to block API traffic,” a spokesperson said. "
        "“Nothing changes for our customers on Azure,” Ada Example said. Officials said little."
    )
    client.post(ADD, {"text": text, "title": "A note", "published": "2024-07-09"})
    [candidate] = Candidate.objects.all()
    form = client.get(page(candidate)).context["form"]
    assert [each["take"] is not None for each in form.quotations] == [True, True, False]
    event = drafted(client, candidate, url="https://paper.example/a", publisher="Paper")
    assert [(each.speaker, each.quote) for each in event.citations.all()] == [
        ("a spokesperson", "We are taking additional steps to block API traffic"),
        ("Ada Example", "Nothing changes for our customers on Azure"),
    ]
    assert len({each.source_id for each in event.citations.all()}) == 1


def test_quotation_that_is_left_is_not_cited(known: None):
    client = making.signed_in(making.user("Contributor"))
    client.post(ADD, {"text": "“We will leave the country,” OpenAI said.", "title": "A note"})
    event = drafted(
        client, Candidate.objects.get(), url="https://paper.example/a", publisher="Paper", **{"quote-0": None}
    )
    assert [(each.speaker, each.quote) for each in event.citations.all()] == [("", "")]


def test_draft_from_the_federal_register_has_its_number_citation_and_dates(known: None):
    feed = Feed.objects.create(slug="fr", name="FR", kind=FeedKind.FEDERAL_REGISTER, url="https://fr.example/api")
    sample = (SAMPLES / "federal_register.json").read_bytes()
    entry = federal_register.parse(sample, url="https://fr.example/api").entries[0]
    candidate = inbox.add(entry, feed=feed)
    assert candidate
    Candidate.objects.update(reading=Reading.READ, next_at=None)
    client = making.signed_in(making.user("Contributor"))
    form = client.get(page(candidate)).context["form"]
    assert [value for value, _ in form["date"].field.choices] == ["2022-10-07 day", "2022-10-13 day", ""]
    event = drafted(client, candidate)
    [citation] = event.citations.all()
    assert event.date == dt.date(2022, 10, 7)
    assert citation.locator == "87 FR 62186, document 2022-21658"
    assert event.summary == "Effective October 7, 2022; 87 FR 62186, document 2022-21658."
    assert (citation.source.tier, citation.source.publisher.kind) == ("primary", "official")


def test_source_that_is_there_is_cited_in_any_spelling(world: World, known: None):
    candidate = read_candidate(world)
    source = making.source("http://www.wire.example.com/story/?utm_medium=mail")
    client = making.signed_in(making.user("Editor"))
    client.post(page(candidate), {"title": "A", "kind": "report", "certainty": "confirmed", "publisher": "X",
                                  "publisher_kind": "news", "tier": "primary", "_draft": "1"})  # fmt: skip
    assert [citation.source for citation in Event.objects.get().citations.all()] == [source]
    assert Source.objects.count() == 1


def test_draft_that_breaks_a_rule_is_refused_whole(world: World, known: None):
    candidate = read_candidate(world)
    client = making.signed_in(making.user("Editor"))
    data = {"title": "A", "kind": "report", "certainty": "confirmed", "publisher": "The Information",
            "relays": "The Information", "publisher_kind": "news", "tier": "primary", "_draft": "1"}  # fmt: skip
    answer = client.post(page(candidate), data)
    assert "A source does not relay its own publisher." in answer.content.decode()
    assert (Event.objects.count(), Source.objects.count()) == (0, 0)
    candidate.refresh_from_db()
    assert candidate.state == CandidateState.NEW


def test_pasted_text_is_found_at_once_and_hostile_markup_stays_text(known: None):
    client = making.signed_in(making.user("Contributor"))
    text = "OpenAI left China. <script>alert(1)</script><img src=x onerror=alert(2)>"
    client.post(ADD, {"text": text, "title": "<b>Note</b>", "published": "2024-07-09"})
    [candidate] = Candidate.objects.all()
    shown = client.get(page(candidate)).content.decode()
    assert "<script>alert(1)" not in shown
    assert "<img src=x" not in shown
    assert "&lt;script&gt;alert(1)" in shown
    assert "OpenAI left China." in shown


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "Paste a link, or a text."),
        ({"url": "https://a.example.com/", "text": "b"}, "Paste a link, or a text."),
        ({"url": "http://127.0.0.1/"}, "full host name"),
        ({"url": "ftp://example.com/x"}, "http:// or https://"),
    ],
)
def test_what_is_no_link_is_refused(data: dict[str, str], said: str):
    answer = making.signed_in(making.user("Contributor")).post(ADD, data)
    assert said in answer.content.decode()
    assert Candidate.objects.count() == 0


def test_nobody_without_the_right_drafts_or_pastes(world: World, known: None):
    candidate = read_candidate(world)
    client = making.signed_in(making.user())
    assert client.get(ADD).status_code == 403
    assert client.get(page(candidate)).status_code == 403
    assert client.post(page(candidate), {"_dismiss": "1"}).status_code == 403


def test_dismissed_candidate_leaves_the_desk_and_comes_back(world: World, known: None):
    candidate = read_candidate(world)
    client = making.signed_in(making.user("Editor"))
    client.post(page(candidate), {"_dismiss": "1"})
    assert list(client.get("/admin/events/candidate/").context["cl"].queryset) == []
    assert list(client.get("/admin/events/candidate/?state=dismissed").context["cl"].queryset) == [candidate]
    client.post(page(candidate), {"_reopen": "1"})
    assert Candidate.objects.get().state == CandidateState.NEW


def test_candidate_whose_draft_was_deleted_comes_back(world: World, known: None):
    candidate = read_candidate(world)
    client = making.signed_in(making.user("Editor"))
    inbox.settle(candidate, by=making.user("Editor"), event=making.event())
    assert "_reopen" not in client.get(page(candidate)).content.decode()
    client.post(page(candidate), {"_reopen": "1"})  # of a draft that is there nothing becomes of that
    candidate.refresh_from_db()
    assert candidate.state == CandidateState.DRAFTED
    assert candidate.event
    candidate.event.delete()
    said = client.get(page(candidate)).content.decode()
    assert "It became a draft, which was deleted." in said
    assert "_reopen" in said
    client.post(page(candidate), {"_reopen": "1"})
    assert list(client.get("/admin/events/candidate/").context["cl"].queryset) == [candidate]


def test_list_of_candidates_asks_as_much_for_five_as_for_one(known: None, django_assert_max_num_queries):
    client = making.signed_in(making.user("Editor"))
    for number in range(5):
        inbox.add(Entry(f"https://example.com/{number}", f"Story number {number} of entirely its own words {number}"))
    with django_assert_max_num_queries(14):
        assert client.get("/admin/events/candidate/").status_code == 200


def test_shipped_feeds_are_added_once_and_switched_off():
    assert add_shipped() == len(SHIPPED)
    Feed.objects.filter(slug="openai-news").update(name="Ours", is_active=True)
    assert add_shipped() == 0
    assert Feed.objects.get(slug="openai-news").name == "Ours"
    assert Feed.objects.filter(is_active=True).count() == 1
    for feed in Feed.objects.all():
        feed.full_clean()


def test_feeds_are_switched_on_and_looked_at_from_the_list():
    feed = Feed.objects.create(slug="a", name="A feed", kind=FeedKind.FEED, url="https://example.com/feed")
    client = making.signed_in(making.user("Editor"))
    making.act(client, Feed, "switch_on", feed)
    assert Feed.objects.active().due(timezone.now()).count() == 1
    Feed.objects.update(error="It is not a feed.", failures=2, next_at=timezone.now() + dt.timedelta(days=1))
    assert "It is not a feed." in client.get(making.list_url(Feed)).content.decode()
    making.act(client, Feed, "look_now", feed)
    assert Feed.objects.active().due(timezone.now()).count() == 1
    making.act(client, Feed, "switch_off", feed)
    assert health.watched() == []


@pytest.mark.parametrize(
    ("changed", "kept"),
    [
        ({}, ("c", '"1"', True)),
        ({"words": "chips"}, ("c", "", True)),
        ({"url": "https://example.com/b"}, ("", "", False)),
    ],
)
def test_feed_whose_form_asks_for_something_else_is_looked_at_anew(
    changed: dict[str, str], kept: tuple[str, str, bool]
):
    later = timezone.now() + dt.timedelta(days=1)
    feed = Feed.objects.create(
        slug="a", name="A feed", kind=FeedKind.FEED, url="https://example.com/a", is_active=True,
        cursor="c", etag='"1"', next_at=later, good_at=timezone.now(),
    )  # fmt: skip
    form = {
        "name": feed.name,
        "slug": "a",
        "kind": "feed",
        "url": feed.url,
        "words": "",
        "is_active": "on",
        "minutes": "60",
    }
    client = making.signed_in(making.user("Editor"))
    assert client.post(making.change_url(feed), form | changed).status_code == 302
    feed.refresh_from_db()
    assert (feed.cursor, feed.etag, feed.good_at is not None) == kept
    assert (feed.next_at == later) is not bool(changed)


@pytest.mark.parametrize("changed", [{"words": "chips"}, {"url": "https://example.com/b"}])
def test_look_under_way_writes_nothing_of_what_a_feed_was_before(changed: dict[str, str]):
    """Its cursor and ETag are of the old search: with them, what the new one brings would never be asked for."""
    Feed.objects.create(slug="a", name="A feed", kind=FeedKind.FEED, url="https://example.com/a", is_active=True)
    look = Feed.objects.active().take(seconds=60)
    assert look
    form = {"name": "A feed", "slug": "a", "kind": "feed", "url": look.url, "words": "", "is_active": "on"}
    client = making.signed_in(making.user("Editor"))
    saved = client.post(making.change_url(look), form | {"minutes": "60"} | changed)
    assert saved.status_code == 302
    look.etag = '"1"'
    inbox.advance(look, "2024-07-09")
    inbox.succeeded(look, 1)
    feed = Feed.objects.get()
    assert (feed.cursor, feed.etag, feed.good_at, feed.leased_until) == ("", "", None, None)
    assert list(Feed.objects.active().due(timezone.now())) == [feed]


@pytest.mark.parametrize(("kind", "tier"), [("official", "primary"), ("news", "secondary")])
def test_known_publisher_says_how_near_its_page_is_to_what_happened(world: World, known: None, kind: str, tier: str):
    making.publisher(name="The Example Wire", kind=kind)
    form = making.signed_in(making.user("Editor")).get(page(read_candidate(world))).context["form"]
    assert (form["publisher_kind"].value(), form["tier"].value()) == (kind, tier)


def test_nothing_is_to_be_filled_in_while_a_page_is_read_for_the_first_time(known: None):
    client = making.signed_in(making.user("Editor"))
    candidate = inbox.add(Entry("https://wire.example.com/story", ""))
    assert candidate
    shown = client.get(page(candidate)).content.decode()
    assert 'http-equiv="refresh"' in shown
    assert "Make a draft" not in shown
    Candidate.objects.update(problem="wire.example.com answered 503 Service Unavailable.")
    shown = client.get(page(candidate)).content.decode()
    assert 'http-equiv="refresh"' not in shown  # it would take away what is typed
    assert "Make a draft" in shown


def test_job_that_has_never_run_is_late_on_the_desk():
    client = making.signed_in(making.user("Editor"))
    many = len(health.schedule())
    assert f'late</a> <span class="count">{many}</span>' in client.get("/admin/").content.decode()
    jobs.ended("events.tasks.inbox.poll_feeds", took=dt.timedelta(seconds=1))
    assert f'late</a> <span class="count">{many - 1}</span>' in client.get("/admin/").content.decode()
    shown = client.get(making.list_url(Job)).content.decode()
    assert Job.objects.count() == many
    assert shown.count(">Late<") == many - 1


def test_runs_of_jobs_are_written_down_and_late_ones_told(client):
    name = "events.tasks.inbox.poll_feeds"
    assert {each.is_late for each in health.job_health()} == {True}
    jobs.started(name)
    jobs.ended(name, took=dt.timedelta(seconds=1.5))
    jobs.ended(name, took=dt.timedelta(seconds=1), error="DatabaseError: gone\nfor good")
    job = Job.objects.get(name=name)
    assert (job.milliseconds, job.error) == (1000, "DatabaseError: gone for good")
    assert job.good_at is not None
    [told] = [each for each in client.get("/api/v1/status/").json()["jobs"] if each["name"] == name]
    assert (told["late"], told["every_seconds"], told["last_duration_ms"]) == (False, 60, 1000)
    Job.objects.update(good_at=timezone.now() - dt.timedelta(minutes=10))
    [told] = [each for each in client.get("/api/v1/status/").json()["jobs"] if each["name"] == name]
    assert told["late"] is True
    shown = making.signed_in(making.user("Contributor")).get(making.list_url(Job)).content.decode()
    assert "Late" in shown
    assert "DatabaseError: gone for good" in shown
