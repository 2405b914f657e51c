"""Candidates on the desk: which are the same, and the reading of their pages."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from events.choices import CandidateState, Reading
from events.ingest.entry import Entry
from events.lib import http
from events.models import Candidate
from events.queries.names import vocabulary
from events.services import extraction, inbox
from tests.factories import CompanyFactory, UserFactory
from tests.ingest.feeding import FAULTS, SAMPLES
from tests.ingest.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]


def test_same_page_and_same_words_are_known():
    assert inbox.add(Entry("https://example.com/a?utm_source=x", "A story of some length", "Words."))
    assert inbox.add(Entry("http://www.example.com/a/", "Another title", "Other words.")) is None
    assert inbox.add(Entry("https://example.net/b", "a story of SOME length", "words")) is None
    assert inbox.add(Entry("no address", "T", "w")) is None
    assert Candidate.objects.count() == 1


def test_near_duplicates_are_gathered_under_the_first():
    first = inbox.add(Entry("https://a.example.com/1", "OpenAI to block API access in China", "One."))
    second = inbox.add(Entry("https://b.example.com/2", "OpenAI to block API access from China | Wire", "Two."))
    third = inbox.add(Entry("https://c.example.com/3", "OpenAI will block API access in China", "Three."))
    other = inbox.add(Entry("https://d.example.com/4", "Nvidia reports its results for the quarter", "Four."))
    assert None not in (first, second, third, other)
    assert {second.same_as, third.same_as} == {first}
    assert list(Candidate.objects.waiting()) == [other, first]
    inbox.settle(second, by=UserFactory())
    assert set(Candidate.objects.filter(state=CandidateState.DISMISSED)) == {first, second, third}


def test_page_of_a_candidate_is_read_and_its_facts_found(world: World):
    CompanyFactory(slug="openai", name="OpenAI")
    inbox.add(Entry("https://example.com/story", "From a feed"))
    Candidate.objects.update(url=world.page("/story", (SAMPLES / "article.html").read_bytes()))
    assert inbox.read_due(seconds=20) == 1
    [candidate] = Candidate.objects.all()
    assert (candidate.reading, candidate.publisher, candidate.published) == (
        Reading.READ, "The Example Wire", dt.date(2024, 7, 9),
    )  # fmt: skip
    assert [each["slug"] for each in candidate.findings["companies"]] == ["openai"]
    assert "<" not in candidate.text
    assert inbox.read_due(seconds=20) == 0


@pytest.mark.parametrize(
    ("fault", "reading"),
    [({"status": 404}, Reading.FAILED), ({"status": 503}, Reading.WAITING), ({"kind": "image/png"}, Reading.FAILED)],
)
def test_page_that_cannot_be_read_says_so(world: World, fault: Any, reading: Reading):
    inbox.add(Entry("https://example.com/story", "From a feed"))
    Candidate.objects.update(url=world.page("/story", **fault))
    assert inbox.read_due(seconds=20) == 0
    [candidate] = Candidate.objects.all()
    assert (candidate.reading, candidate.attempts, candidate.leased_until) == (reading, 1, None)
    assert candidate.problem
    assert (candidate.next_at is None) == (reading == Reading.FAILED)


PAGE_FAULTS = {name: fault for name, fault in FAULTS.items() if name not in ("truncated", "no feed")} | {
    "truncated": lambda world: world.page("/feed", b"<p>The end of this is", cut=10),
    "a redirect to nowhere": lambda world: world.redirect("/feed", "http://["),
    "no text": lambda world: world.page("/feed", "<html><script>alert(1)</script>"),
}


@pytest.mark.parametrize("fault", list(PAGE_FAULTS))
def test_each_fault_of_a_page_ends_in_a_clear_state(world: World, fault: str, monkeypatch: pytest.MonkeyPatch):
    inbox.add(Entry("https://example.com/story", "From a feed", "What it says."))
    Candidate.objects.update(url=world.url("/feed"))
    PAGE_FAULTS[fault](world)
    fetch = http.fetch
    monkeypatch.setattr(http, "fetch", lambda *args, **options: fetch(*args, **{**options, "seconds": 0.5}))
    assert inbox.read_due(seconds=20) == 0
    [candidate] = Candidate.objects.all()
    assert candidate.problem.endswith(".")
    assert (candidate.title, candidate.summary, candidate.text) == ("From a feed", "What it says.", "")
    assert (candidate.leased_until, candidate.attempts) == (None, 1)
    may_pass = fault in ("429", "500", "time-out", "slow drip", "truncated", "redirect loop")
    assert candidate.reading == (Reading.WAITING if may_pass else Reading.FAILED)
    if fault == "429":
        assert candidate.next_at is not None
        assert candidate.next_at > timezone.now() + dt.timedelta(minutes=119)


@pytest.mark.parametrize("charset", ["utf-16", "punycode", "idna", "no-such", "unicode_escape", ""])
def test_page_in_another_charset_than_it_says_is_read(world: World, charset: str):
    html = "<html><head><meta charset='utf-8'></head><body><article><p>Die Ausfuhr für Chips ist verboten. " * 3
    inbox.add(Entry("https://example.com/story", "From a feed"))
    Candidate.objects.update(url=world.page("/story", html, kind=f"text/html; charset={charset}"))
    assert inbox.read_due(seconds=20) == 1
    assert Candidate.objects.get().text


def test_page_that_kills_its_workers_is_given_up(world: World):
    inbox.add(Entry("https://example.com/story", "From a feed"))
    Candidate.objects.update(attempts=inbox.ATTEMPTS)  # each was counted before it was tried, and none came back
    assert inbox.read_due(seconds=20) == 0
    [candidate] = Candidate.objects.all()
    assert (candidate.reading, candidate.next_at) == (Reading.FAILED, None)
    assert candidate.problem.startswith("Reading it never came to an end")


def test_page_that_breaks_its_reader_says_so(world: World, monkeypatch: pytest.MonkeyPatch):
    inbox.add(Entry("https://example.com/story", "From a feed"))
    Candidate.objects.update(url=world.page("/story", (SAMPLES / "article.html").read_bytes()))
    monkeypatch.setattr(extraction, "found_in", lambda *given, **named: 1 // 0)
    assert inbox.read_due(seconds=20) == 0
    [candidate] = Candidate.objects.all()
    assert (candidate.reading, candidate.text) == (Reading.FAILED, "")
    assert candidate.problem == "What it sent could not be read to the end (ZeroDivisionError)."


def test_candidate_that_is_settled_while_it_is_read_stays_so(world: World):
    candidate = inbox.add(Entry("https://example.com/story", "From a feed"))
    editor = UserFactory()
    Candidate.objects.update(url=world.page("/story", (SAMPLES / "article.html").read_bytes()))
    held = Candidate.objects.take(seconds=60)
    assert candidate
    assert held
    inbox.settle(candidate, by=editor)
    assert inbox.read(held, vocabulary())
    candidate.refresh_from_db()
    assert (candidate.state, candidate.settled_by) == (CandidateState.DISMISSED, editor)
    assert candidate.text


def test_candidate_that_is_settled_while_its_text_is_pasted_again_stays_so(monkeypatch: pytest.MonkeyPatch):
    editor, read = UserFactory(), extraction.found_in
    first = inbox.submit_text("Nvidia sold chips.", title="A note", published=None, by=editor)

    def settled_meanwhile(*given: Any, **named: Any) -> Any:
        inbox.settle(first, by=editor)
        return read(*given, **named)

    monkeypatch.setattr(extraction, "found_in", settled_meanwhile)
    assert inbox.submit_text("Nvidia  sold chips.", title="A note", published=None, by=UserFactory()) == first
    first.refresh_from_db()
    assert (first.state, first.settled_by) == (CandidateState.DISMISSED, editor)


def test_page_is_tried_five_times(world: World):
    inbox.add(Entry("https://example.com/story", "From a feed"))
    Candidate.objects.update(url=world.page("/story", status=503))
    for _ in range(5):
        Candidate.objects.update(next_at=timezone.now())
        inbox.read_due(seconds=20)
    assert Candidate.objects.get().reading == Reading.FAILED
    inbox.read_again(Candidate.objects.get())
    assert Candidate.objects.due(timezone.now()).count() == 1


def test_pasted_link_is_the_candidate_that_there_is():
    editor = UserFactory()
    first = inbox.submit_link(" https://example.com/a ", by=editor)
    assert inbox.submit_link("http://www.example.com/a?utm_medium=b", by=editor) == first
    assert first.added_by == editor
    with pytest.raises(inbox.InboxError, match="full host name"):
        inbox.submit_link("https://localhost/", by=editor)


def test_addresses_of_the_same_words_are_two_candidates():
    editor = UserFactory()
    pasted = [inbox.submit_link(f"https://example.com/{path}", by=editor) for path in ("a-b", "a/b", "A/B", "?a=b")]
    assert len({candidate.pk for candidate in pasted}) == 4


def test_fetched_texts_go_30_days_after_settling():
    candidate = inbox.submit_text("Nvidia sold chips.", title="A note", published=None, by=UserFactory())
    assert candidate.findings["kind"] == "report"
    inbox.settle(candidate, by=UserFactory())
    assert inbox.delete_texts() == 0
    with time_machine.travel(timezone.now() + dt.timedelta(days=31)):
        assert inbox.delete_texts() == 1
    candidate.refresh_from_db()
    assert (candidate.text, candidate.findings, candidate.reading) == ("", {}, Reading.GONE)
