"""The timeline's pages against a slow and obvious reading of the same documents, on the real data set."""

from __future__ import annotations

from typing import ClassVar

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from events.lib.tokens import Term, parse_query
from events.queries import timeline
from events.queries.branches import merged
from events.services.projections import Aliases, search_tokens
from tests.queries.naive import ASKED, ComparedOnTheShippedRecord, criteria_of

WORDS = ["openai", "china", "api", "-export", '"export controls"', "h20", "-the", "block", "GPT-4", "ley"]


class TimelineTests(ComparedOnTheShippedRecord):
    stored: ClassVar[dict[str, list[str]]]

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        aliases = Aliases(cls.documents)
        cls.stored = {document["slug"]: search_tokens(document, aliases) for document in cls.documents}

    def walk(self, criteria: timeline.Criteria, size: int) -> list[str]:
        """The slugs of all pages, from the newest on."""
        found: list[str] = []
        page = timeline.page(criteria, size=size)
        while True:
            found += [orjson.loads(document)["slug"] for document in page.documents]
            if page.older is None:
                return found
            page = timeline.page(criteria, before=page.older, size=size)

    @settings(max_examples=30, deadline=None)
    @given(data=st.data())
    def test_pages_hold_exactly_what_matches_newest_first(self, data: st.DataObject) -> None:
        asked = data.draw(ASKED)
        expected = [document["slug"] for document in self.documents if self.matches(document, asked)]
        criteria = criteria_of(asked)
        assert (
            self.walk(criteria, data.draw(st.sampled_from([1, 7, 50]) if len(expected) < 40 else st.just(50)))
            == expected
        )
        assert timeline.count(criteria) == len(expected)

    def test_pages_go_back_the_way_they_came(self) -> None:
        criteria = criteria_of({"country": ["CN"]})
        first = timeline.page(criteria, size=10)
        second = timeline.page(criteria, before=first.older, size=10)
        assert timeline.page(criteria, after=second.newer, size=10).documents == first.documents
        assert first.newer is None

    @settings(max_examples=20, deadline=None)
    @given(q=st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join))
    def test_search_finds_what_holds_the_words(self, q: str) -> None:
        query = parse_query(q)
        expected = [
            slug
            for slug, stored in self.stored.items()
            if all(holds(stored, term) for term in query.terms)
            and not any(holds(stored, term) for term in query.excluded)
        ]
        assert self.walk(criteria_of({"q": [q]}), 50) == expected

    def test_the_block_is_found_by_words_in_other_spellings(self) -> None:
        for q in ("OpenAI API block takes effect", "openai's blocked APIs", "open-ai"):
            assert "openai-api-block-takes-effect" in self.walk(criteria_of({"q": [q]}), 50), q

    def test_a_page_takes_as_many_queries_for_one_row_as_for_fifty(self) -> None:
        for asked in ({}, {"company": ["openai"]}, {"country": ["CN"], "kind": ["listing"]}, {"q": ["china"]}):
            criteria = criteria_of(asked)
            counts = []
            for size in (1, 50):
                with CaptureQueriesContext(connection) as queries:
                    timeline.page(criteria, size=size)
                counts.append(len(queries))
            assert counts[0] == counts[1] <= 3, asked


def holds(stored: list[str], term: Term) -> bool:
    """Whether the pieces stand side by side among the stored tokens, or the joined form stands there."""
    pieces = list(term.pieces)
    if term.joined and term.joined in stored:
        return True
    return any(stored[at : at + len(pieces)] == pieces for at in range(len(stored) - len(pieces) + 1))


@pytest.mark.skipif(connection.vendor != "postgresql", reason="FTS5 finds at once all that matches")
@pytest.mark.django_db
def test_what_holds_an_excluded_word_is_not_gone_through_for_each_event() -> None:
    """Of a word in many of a million events, that took minutes."""
    criteria = timeline.Criteria(words=parse_query("-export"))
    sql, values = merged(timeline.branches(criteria), newest_first=True, limit=51)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", values)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert ("Anti Join" in plan, "SubPlan" in plan) == (True, False)
