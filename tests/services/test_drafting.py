import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from events.choices import CandidateState, EventKind, Reading
from events.ingest.entry import Entry
from events.models import Candidate, Event, Publisher
from events.services import drafting, inbox
from events.services.drafting import DraftingError, Taken
from tests.factories import PublisherFactory, UserFactory

pytestmark = pytest.mark.django_db


def candidate(path: str = "a", title: str = "OpenAI blocks API traffic") -> Candidate:
    made = inbox.add(Entry(f"https://example.com/{path}", title))
    assert made
    return made


def taken(publisher: str = "Reuters") -> Taken:
    return Taken("OpenAI blocks API traffic", EventKind.RESTRICTION, publisher, date=dt.date(2024, 7, 9))


def test_of_two_editors_one_makes_the_draft():
    first, second = candidate(), Candidate.objects.get()
    event = drafting.draft(first, taken(), by=UserFactory())
    with pytest.raises(DraftingError, match="Somebody made a draft of it meanwhile"):
        drafting.draft(second, taken(), by=UserFactory())
    assert list(Event.objects.all()) == [event]
    second.refresh_from_db()
    assert second.event == event


def test_draft_settles_all_that_tells_the_same_and_is_open():
    first, dismissed = candidate(), candidate("b", "OpenAI blocks API traffic - Reuters")
    other = candidate("c", "OpenAI blocks API traffic | The Times")
    Candidate.objects.filter(pk=dismissed.pk).update(
        state=CandidateState.DISMISSED, settled_at=dismissed.found_at, next_at=None
    )
    event = drafting.draft(other, taken(), by=UserFactory())
    assert list(Candidate.objects.filter(event=event).order_by("pk")) == [first, other]


def test_dismissed_candidate_becomes_a_draft_yet():
    one, editor = candidate(), UserFactory()
    inbox.settle(one, by=editor)
    event = drafting.draft(one, taken(), by=editor)
    one.refresh_from_db()
    assert (one.state, one.event) == (CandidateState.DRAFTED, event)


def test_candidate_that_is_put_back_is_read_if_it_was_not_yet():
    one = candidate()
    inbox.settle(one, by=UserFactory())
    inbox.reopen(one)
    one.refresh_from_db()
    assert (one.state, one.reading) == (CandidateState.NEW, Reading.WAITING)
    assert Candidate.objects.take(seconds=60) == one


def test_candidate_that_is_put_back_is_not_read_again():
    one = inbox.submit_text("Nvidia sold chips.", title="A note", published=None, by=UserFactory())
    inbox.settle(one, by=UserFactory())
    inbox.reopen(one)
    assert Candidate.objects.take(seconds=60) is None


def test_text_that_is_pasted_twice_at_once_is_one_candidate(monkeypatch: pytest.MonkeyPatch):
    read, by = inbox.keep, UserFactory()

    def keep(*args: Any) -> None:
        monkeypatch.undo()
        inbox.submit_text("Nvidia sold chips.", title="A note", published=None, by=by)
        read(*args)

    monkeypatch.setattr(inbox, "keep", keep)
    assert inbox.submit_text("Nvidia sold chips.", title="A note", published=None, by=by) == Candidate.objects.get()


@pytest.mark.parametrize("name", ["Reuters News", "the reuters news"])
def test_publisher_that_was_merged_stands_for_what_it_became(name: str):
    reuters = PublisherFactory(name="Reuters")
    PublisherFactory(name="Reuters News", slug="reuters-news", merged_into=reuters)
    event = drafting.draft(candidate(), taken(publisher=name), by=UserFactory())
    assert event.citations.get().source.publisher == reuters
    assert Publisher.objects.count() == 2


@pytest.mark.parametrize(("stored", "asked"), [("ÉCOLE", "École"), ("école", "the ÉCOLE"), ("Straße", "STRASSE")])
def test_publisher_is_known_whatever_the_case_in_any_script(stored: str, asked: str):
    known = PublisherFactory(name=stored)
    assert drafting.known_publisher(asked) == known


@pytest.mark.django_db(transaction=True)
def test_editors_who_draft_the_same_at_once_all_get_a_draft():
    """Of one title, of one new publisher, of one page: each names what is not there yet."""
    by, found = UserFactory(), [candidate(str(number), f"Story {number}") for number in range(6)]
    together = Barrier(len(found))

    def work(one: Candidate) -> str:
        try:
            together.wait()
            return drafting.draft(one, taken(publisher="The Wire"), by=by).slug
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(found)) as editors:
        slugs = list(editors.map(work, found))
    first = "openai-blocks-api-traffic"
    assert sorted(slugs) == [first, *(f"{first}-{number}" for number in range(2, 7))]
    assert Publisher.objects.get().slug == "the-wire"
