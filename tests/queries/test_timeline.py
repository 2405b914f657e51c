"""The timeline's pages against a slow and obvious reading of the same documents, on the real data set."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar
from urllib.parse import urlencode

import orjson
from django.core.management import call_command
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from events.choices import EventKind, Tier
from events.filters import EventFilter
from events.lib.tokens import Term, parse_query
from events.models import Membership, TimelineEntry
from events.queries import timeline
from events.services.projections import Aliases, search_tokens

WORDS = ["openai", "china", "api", "-export", '"export controls"', "h20", "-the", "block", "GPT-4", "ley"]
Asked = dict[str, list[str]]


def criteria_of(asked: Asked) -> timeline.Criteria:
    filterset = EventFilter(QueryDict(urlencode(asked, doseq=True)))
    assert filterset.is_valid(), filterset.errors
    return filterset.criteria


class TimelineTests(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        call_command("load_dataset", verbosity=0)
        rows = TimelineEntry.objects.order_by("-position").values_list("change__document", "last")
        # All published documents, newest first, and the last day that each may reach.
        cls.documents = [orjson.loads(document) for document, _ in rows if document]
        cls.last = {
            document["slug"]: dt.date.fromordinal(last) for document, (_, last) in zip(cls.documents, rows, strict=True)
        }
        aliases = Aliases(cls.documents)
        cls.stored = {document["slug"]: search_tokens(document, aliases) for document in cls.documents}
        cls.groups = [
            (code, slug, since or dt.date.min, until or dt.date.max)
            for code, slug, since, until in Membership.objects.values_list(
                "country_id", "group__slug", "since", "until"
            )
        ]

    documents: ClassVar[list[dict[str, Any]]]
    last: ClassVar[dict[str, dt.date]]
    stored: ClassVar[dict[str, list[str]]]
    groups: ClassVar[list[tuple[str, str, dt.date, dt.date]]]

    def groups_on(self, day: dt.date, codes: list[str]) -> list[str]:
        return [slug for code, slug, since, until in self.groups if code in codes and since <= day < until] + ["world"]

    def matches(self, document: dict[str, Any], asked: Asked) -> bool:
        day = dt.date.fromisoformat(document["date"])
        last = self.last[document["slug"]]
        roles = asked.get("role")

        def linked(name: str, key: str, values: list[str]) -> bool:
            return any(link[key] in values and (not roles or link.get("role") in roles) for link in document[name])

        checks = [
            "company" not in asked or linked("companies", "slug", asked["company"]),
            "country" not in asked
            or linked("countries", "code", asked["country"])
            or linked("groups", "slug", self.groups_on(day, asked["country"])),
            "product" not in asked or any(link["slug"] in asked["product"] for link in document["products"]),
            "kind" not in asked or document["kind"] in asked["kind"],
            "tier" not in asked or any(c["source"]["tier"] in asked["tier"] for c in document["citations"]),
        ]
        start = dt.date.fromisoformat(asked["from"][0]) if "from" in asked else dt.date.min
        end = dt.date.fromisoformat(asked["to"][0]) if "to" in asked else dt.date.max
        if asked.get("match") == ["certain"]:
            checks.append(day >= start and last <= end)
        else:
            checks.append(day <= end and last >= start)
        return all(checks)

    def walk(self, criteria: timeline.Criteria, size: int) -> list[str]:
        """The slugs of all pages, from the newest on."""
        found: list[str] = []
        page = timeline.page(criteria, size=size)
        while True:
            found += [orjson.loads(document)["slug"] for document in page.documents]
            if page.older is None:
                return found
            page = timeline.page(criteria, before=page.older, size=size)

    @settings(max_examples=60, deadline=None)
    @given(data=st.data())
    def test_pages_hold_exactly_what_matches_newest_first(self, data: st.DataObject) -> None:
        def some(values: list[str], most: int = 2) -> st.SearchStrategy[list[str]]:
            return st.lists(st.sampled_from(values), min_size=1, max_size=most, unique=True)

        day = st.dates(dt.date(2022, 1, 1), dt.date(2026, 12, 31)).map(lambda day: [day.isoformat()])
        asked: Asked = data.draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "company": some(["openai", "nvidia", "microsoft", "deepseek"]),
                    "country": some(["CN", "US", "DE", "GB", "TW", "FJ"]),
                    "kind": some([*EventKind.values], 4),
                    "product": some(["chatgpt", "openai-api", "azure-openai", "nvidia-h20"]),
                    "tier": some([*Tier.values]),
                    "from": day,
                    "to": day,
                    "match": st.sampled_from([["certain"], ["possible"]]),
                    "role": some(["actor", "acting", "affected", "target"]),
                },
            )
        )
        if "role" in asked and not {"company", "country"} & asked.keys():
            del asked["role"]
        if "from" in asked and "to" in asked and asked["from"] > asked["to"]:
            asked["from"], asked["to"] = asked["to"], asked["from"]
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

    @settings(max_examples=40, deadline=None)
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
