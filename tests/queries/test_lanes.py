"""Lanes against a slow and obvious reading of the same documents, on the real data set."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any
from unittest import mock

from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from events.queries import bearing, lanes
from events.queries.lanes import Lanes, Matches, View
from tests.queries.naive import ASKED, DAY, Asked, ComparedOnTheShippedRecord, criteria_of

LINKS = {
    "company": (("company", "companies", "slug"),),
    "country": (("country", "countries", "code"), ("group", "groups", "slug")),
    "policy": (("policy", "policies", "slug"),),
}
KIND = st.sampled_from([*LINKS])
VIEWS = st.builds(
    lambda size, number: View(number * size, (number + 12) * size - 1, size),
    st.sampled_from([1, 3, 12]),
    st.integers(2017, 2026),
).map(lambda view: View(view.first, view.last, view.size) if view.size == 12 else in_years(view))
RANGES: st.SearchStrategy[Asked] = st.fixed_dictionaries(
    {}, optional={"from": DAY, "to": DAY, "match": st.sampled_from([["certain"], ["possible"]])}
)


def in_years(view: View) -> View:
    """Twelve periods that start with a year."""
    first = (view.first // view.size) * 12
    return View(first, first + 12 * view.size - 1, view.size)


class LaneTests(ComparedOnTheShippedRecord):
    def borne(self, document: dict[str, Any], kind: str, roles: list[str]) -> set[str]:
        return {
            f"{name}:{link[key]}"
            for name, links, key in LINKS[kind]
            for link in document[links]
            if not (roles and "role" in link) or link["role"] in roles
        }

    def expected(self, asked: Asked, kind: str, view: View) -> tuple[dict[str, int], dict[str, Counter[Any]]]:
        """How many events each tag has of all that matches; and by tag, those in view by period and direction."""
        found: list[tuple[set[str], int, str]] = []
        for document in self.documents:
            if self.matches(document, asked):
                day = dt.date.fromisoformat(document["date"])
                month = day.year * 12 + day.month - 1
                found.append((self.borne(document, kind, asked.get("role", [])), month, document["direction"]))
        totals = Counter(tag for tags, _, _ in found for tag in tags)
        seen: dict[str, Counter[Any]] = {tag: Counter() for tag in totals} | {"": Counter()}
        for tags, month, direction in found:
            if view.first <= month <= view.last:
                for tag in tags or {""}:
                    seen[tag][month - month % view.size, direction] += 1
        return dict(totals), seen

    def compared(self, asked: Asked, kind: str, view: View) -> Lanes:
        totals, seen = self.expected(asked, kind, view)
        found = Matches(criteria_of(asked)).lanes(kind, view)
        assert found is not None
        ranked = sorted(totals, key=lambda tag: (-totals[tag], tag))
        assert [(lane.tag, lane.total) for lane in found.lanes] == [(tag, totals[tag]) for tag in ranked[:12]]
        assert found.others == max(len(ranked) - 12, 0)
        for lane in found.lanes:
            assert +lane.months == seen[lane.tag], lane.tag
        if found.once_for_each:
            rest: Counter[Any] = Counter()
            for tag in ranked[12:]:
                rest += seen[tag]
        else:
            rest = self.outside(asked, kind, view, set(ranked[:12]))
        assert +found.rest == rest
        return found

    def outside(self, asked: Asked, kind: str, view: View, chosen: set[str]) -> Counter[Any]:
        rest: Counter[Any] = Counter()
        for document in self.documents:
            day = dt.date.fromisoformat(document["date"])
            month = day.year * 12 + day.month - 1
            if (
                view.first <= month <= view.last
                and self.matches(document, asked)
                and not chosen & self.borne(document, kind, asked.get("role", []))
            ):
                rest[month - month % view.size, document["direction"]] += 1
        return rest

    @settings(max_examples=10, deadline=None)
    @given(asked=ASKED, kind=KIND, view=VIEWS)
    def test_lanes_hold_what_matches_by_period(self, asked: Asked, kind: str, view: View) -> None:
        self.compared(asked, kind, view)

    @settings(max_examples=10, deadline=None)
    @given(asked=RANGES, kind=KIND, view=VIEWS)
    def test_roll_ups_hold_the_same(self, asked: Asked, kind: str, view: View) -> None:
        if "from" in asked and "to" in asked and asked["from"] > asked["to"]:
            asked["from"], asked["to"] = asked["to"], asked["from"]
        with mock.patch.object(lanes, "FEW", -1):
            self.compared(asked, kind, view)

    def test_without_filters_no_event_is_read(self) -> None:
        view = View(2015 * 12, 2027 * 12 - 1, 12)
        with mock.patch.object(lanes, "FEW", -1), mock.patch.object(bearing, "MOST_READ", -1):
            for kind in LINKS:
                assert self.compared({}, kind, view).once_for_each

    def test_too_many_events_are_counted_in_view_or_not_at_all(self) -> None:
        criteria = criteria_of({"q": ["china"]})
        assert Matches(criteria).lanes("company", View(2018 * 12, 2030 * 12 - 1, 12)) is not None
        cache.clear()
        narrow = View(2024 * 12, 2024 * 12 + 11, 1)
        with mock.patch.object(bearing, "MOST_READ", 100):
            matches = Matches(criteria)
            assert matches.months is None
            assert matches.lanes("company", View(2018 * 12, 2030 * 12 - 1, 12)) is None
            found = matches.lanes("company", narrow)
        assert found is not None
        assert found.of_view
        in_view = self.expected({"q": []}, "company", narrow)
        assert {lane.tag for lane in found.lanes} <= in_view[1].keys()

    def test_what_filters_leave_is_read_once_at_a_revision(self) -> None:
        criteria = criteria_of({"company": ["openai"]})
        with CaptureQueriesContext(connection) as first:
            Matches(criteria).lanes("country", View(2024 * 12, 2024 * 12 + 11, 1))
        with CaptureQueriesContext(connection) as second:
            Matches(criteria).lanes("country", View(2020 * 12, 2032 * 12 - 1, 12))
        read = "events_timelineentry"
        assert any(read in query["sql"] for query in first)
        assert not any(read in query["sql"] for query in second)

    def test_documents_in_view_are_those_that_may_have_happened_then(self) -> None:
        view = View(2025 * 12, 2025 * 12 + 11, 1)
        for asked in (
            {},
            {"company": ["nvidia"]},
            {"company": ["nvidia"], "match": ["certain"], "from": ["2024-01-01"]},
        ):
            start = "2025-01-01" if not asked.get("match") else None
            documents = Matches(criteria_of(asked)).documents(view, 400)
            expected = [
                document
                for document in reversed(self.documents)
                if self.matches(document, asked)
                and document["date"] <= "2025-12-31"
                and (self.last[document["slug"]].isoformat() if start else document["date"]) >= "2025-01-01"
            ]
            assert documents is not None
            assert len(documents) == len(expected) > 0
            assert Matches(criteria_of(asked)).documents(view, len(expected) - 1) is None
