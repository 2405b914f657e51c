"""Newest changes first, filtered: what the quick ways find is what a look at every document finds."""

from __future__ import annotations

import datetime as dt
from unittest import mock

from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings

from events.choices import State
from events.models import Event
from events.queries import recent
from events.queries.recent import recently_changed
from events.queries.timeline import Criteria
from events.web.matching import matcher, matches, that_match
from tests.queries.naive import ASKED, Asked, ComparedOnTheShippedRecord, criteria_of


class RecentlyChanged(ComparedOnTheShippedRecord):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        # As if each had been published in a minute of its own; every tenth was corrected later, in an order of its own.
        start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        rows = list(Event.objects.published().order_by("pk"))
        for at, row in enumerate(rows):
            row.published_at = row.updated_at = start + dt.timedelta(minutes=at)
            if at % 10 == 0:
                row.updated_at += dt.timedelta(days=(at * 7) % 50)
        Event.objects.bulk_update(rows, ["published_at", "updated_at"])
        # Every fifteenth was withdrawn: its row is, its document still says what it was.
        withdrawn = [row.pk for row in rows[::15]]
        Event.objects.filter(pk__in=withdrawn).update(
            state=State.RETRACTED, retracted_on=dt.date(2026, 3, 1), retraction_reason="It did not happen."
        )
        cls.order = list(Event.objects.filter(state__in=("published", "retracted")).order_by("-updated_at", "-pk"))
        cls.by_slug = {document["slug"]: document for document in cls.documents}

    order: list[Event]
    by_slug: dict[str, dict]

    def expected(self, asked: Asked) -> list[str]:
        return [row.slug for row in self.order if self.matches(self.by_slug[row.slug], asked)]

    def all_pages(self, criteria: Criteria, size: int) -> list[str]:
        found: list[str] = []
        before = None
        for _ in range(1000):
            page = recently_changed(criteria, retracted=matcher(criteria), before=before, size=size)
            assert len(page.events) <= size
            found += [row.slug for row in page.events]
            before = page.older
            if before is None:
                return found
        raise AssertionError("the pages do not end")

    @given(ASKED)
    @settings(max_examples=25)
    def test_few_matches_are_all_found_in_the_order_of_their_changes(self, asked):
        assert self.all_pages(criteria_of(asked), 40) == self.expected(asked)

    @given(ASKED)
    @settings(max_examples=10)
    def test_many_matches_are_met_on_a_walk(self, asked):
        with mock.patch.multiple(recent, FEW=0, STEP=60):
            found = self.all_pages(criteria_of(asked), 40)
        # Retracted events are found by the walk wherever they stand; with no published match there is no walk.
        assert found == self.expected(asked)

    @given(ASKED)
    @settings(max_examples=25)
    def test_a_document_alone_tells_whether_it_matches(self, asked):
        criteria = criteria_of(asked)
        for document in self.documents:
            assert matches(document, criteria) == self.matches(document, asked), document["slug"]

    def test_words_are_found_in_documents_as_in_the_index(self):
        for words in ("OpenAI", '"export controls" -nvidia', "H20", "DeepSeek-R1", "gpt-4o -china", "C++", "出口管制"):
            criteria = criteria_of({"q": [words]})
            indexed = set(recent.positions(criteria, limit=1000))
            told = {document["slug"] for document in that_match(self.documents, criteria)}
            listed = {row.slug for row in self.order if recent.position_of(row.date, row.pk) in indexed}
            assert told == listed, words

    def test_everything_is_one_walk_along_the_index(self):
        with CaptureQueriesContext(connection) as counted:
            page = recently_changed(Criteria(), retracted=matcher(Criteria()), size=50)
        assert [row.slug for row in page.events] == [row.slug for row in self.order[:50]]
        assert len(counted) == 1
        assert "event_by_update" in plan()

    def test_retracted_documents_are_read_where_they_may_match_alone(self):
        criteria = criteria_of({"company": ["openai"]})
        with CaptureQueriesContext(connection) as counted:
            recently_changed(criteria, retracted=matcher(criteria), size=50)
        assert len(counted) <= 4


def plan() -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_sort = off")  # what sorting a million rows would cost
    return recent.changed(State.PUBLISHED, None)[:50].explain()
