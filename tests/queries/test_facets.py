"""Counts of facets and months against a slow and obvious reading of the same documents, on the real data set."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any
from unittest import mock

from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from events.models import Country, Membership, TimelineCount
from events.queries import bearing, facets, rolled, timeline
from events.services import pairs
from tests.databases import load_shipped
from tests.queries.naive import ASKED, DAY, Asked, ComparedOnTheShippedRecord, criteria_of, some, valid

LINKS = {
    "company": ("companies", "slug"), "country": ("countries", "code"), "agency": ("agencies", "slug"),
    "policy": ("policies", "slug"), "product": ("products", "slug"), "group": ("groups", "slug"),
}  # fmt: skip
FIRST = st.dates(dt.date(2022, 1, 1), dt.date(2026, 12, 31)).map(lambda day: [day.replace(day=1).isoformat()])
# What roll-ups answer: nothing, or one of these, in any range of dates.
ONE: st.SearchStrategy[Asked] = st.builds(
    lambda one, dates: valid(one | dates),
    st.one_of(
        st.just({}),
        st.fixed_dictionaries({"company": some(["openai", "nvidia"], 1)}),
        st.fixed_dictionaries({"country": some(["CN", "US", "DE", "GB", "FJ"], 1)}),
        st.fixed_dictionaries({"policy": some(["openai-supported-countries"], 1)}),
        st.fixed_dictionaries({"kind": some(["listing", "enforcement", "report"], 1)}),
        st.fixed_dictionaries({"product": some(["chatgpt", "openai-api"], 1)}),
        st.fixed_dictionaries({"group": some(["eu", "world", "ear-d5"], 1)}),
        st.fixed_dictionaries({"agency": some(["bis", "eu-commission"], 1)}),
    ),
    st.fixed_dictionaries(
        {},
        optional={"from": FIRST | DAY, "to": FIRST | DAY, "match": st.sampled_from([["certain"], ["possible"]])},
    ),
)


class Compared(ComparedOnTheShippedRecord):
    def found(self, asked: Asked, name: str = "") -> list[dict[str, Any]]:
        """The documents that match, one filter left aside."""
        rest = {key: values for key, values in asked.items() if key != name}
        return [document for document in self.documents if self.matches(document, rest)]

    def values(self, document: dict[str, Any], name: str, roles: list[str]) -> set[str]:
        if name in ("kind", "certainty", "direction"):
            return {document[name]}
        if name == "tier":
            return {citation["source"]["tier"] for citation in document["citations"]}
        links, key = LINKS[name]
        has_roles = name in ("company", "country", "group")

        def linked(links: str, key: str) -> set[str]:
            return {link[key] for link in document[links] if not (roles and has_roles) or link["role"] in roles}

        found = linked(links, key)
        if name == "country" and (groups := linked("groups", "slug")):
            if "world" in groups:
                return self.countries
            day = dt.date.fromisoformat(document["date"])
            found |= {code for code, group, since, until in self.groups if group in groups and since <= day < until}
        return found

    def months(self, asked: Asked) -> Counter[tuple[int, str]]:
        return Counter(
            (int(document["date"][:4]) * 12 + int(document["date"][5:7]) - 1, document["direction"])
            for document in self.found(asked)
        )

    def compared(self, asked: Asked) -> None:
        self.countries = set(Country.objects.values_list("code", flat=True))
        found = facets.facets(criteria_of(asked))
        assert found.count == len(self.found(asked))
        for name, counts in found.values.items():
            expected = Counter(
                value
                for document in self.found(asked, name)
                for value in self.values(document, name, asked.get("role", []))
            )
            assert counts is not None, name
            assert +counts == expected, name


class FacetTests(Compared):
    @settings(max_examples=30, deadline=None)
    @given(asked=ASKED)
    def test_each_value_counts_what_all_other_filters_match(self, asked: Asked) -> None:
        self.compared(asked)
        assert facets.months(criteria_of(asked)) == self.months(asked)

    @settings(max_examples=30, deadline=None)
    @given(asked=ONE)
    def test_roll_ups_count_the_same(self, asked: Asked) -> None:
        criteria = criteria_of(asked)
        assert facets.single_tag(criteria) is not None
        assert facets.months(criteria) == self.months(asked)
        self.compared(asked)

    def test_search_is_a_filter_like_the_others(self) -> None:
        criteria = criteria_of({"q": ["openai -export"]})
        found = facets.facets(criteria)
        assert found.count == timeline.count(criteria) > 0
        assert found.values["kind"] is not None
        assert found.values["kind"].total() == found.count

    def test_counts_that_would_take_too_long_are_absent(self) -> None:
        with mock.patch.object(bearing, "MOST_READ", 5):
            found = facets.facets(criteria_of({"company": ["openai"]}))
            assert facets.months(criteria_of({"company": ["openai", "nvidia"]})) is None
        assert found.count == timeline.count(criteria_of({"company": ["openai"]}))  # by roll-ups
        assert found.values["kind"] is None
        assert found.values["country"] is None
        assert found.values["company"] is not None
        assert found.values["direction"] is not None

    def test_roll_ups_read_no_event_where_a_range_is_of_whole_months(self) -> None:
        for asked in ({}, {"company": ["nvidia"]}, {"kind": ["listing"], "to": ["2024-12-31"]}):
            with mock.patch.object(bearing, "MOST_READ", -1):  # one row is too many
                assert facets.months(criteria_of(asked)) == self.months(asked)
        assert not TimelineCount.objects.filter(count=0, tag="").exists()

    def test_facets_take_as_many_queries_for_few_events_as_for_many(self) -> None:
        for few, many in (({"company": ["deepseek"]}, {"company": ["nvidia"]}), ({"q": ["ley"]}, {"q": ["china"]})):
            counts = []
            for asked in (few, many):
                criteria = criteria_of(asked)
                with CaptureQueriesContext(connection) as queries:
                    facets.facets(criteria)
                counts.append(len(queries))
            assert max(counts) <= min(counts) + 2 <= 8, asked  # memberships are asked for where a group is borne


def load_with_pairs() -> None:
    with mock.patch.object(pairs, "FREQUENT", 5):
        load_shipped()


class PairTests(Compared):
    """The same where tags are frequent from five events on: facets beside them come from roll-ups."""

    fill = staticmethod(load_with_pairs)

    @settings(max_examples=30, deadline=None)
    @given(asked=ONE)
    def test_roll_ups_of_pairs_count_the_same(self, asked: Asked) -> None:
        self.compared(asked)

    def test_they_are_kept_of_what_is_asked_for_and_frequent(self) -> None:
        kept = rolled.pairs_kept()
        assert {"company:openai", "country:CN", "kind:enforcement"} <= kept
        assert {tag.partition(":")[0] for tag in kept} <= pairs.ASKED_FOR
        assert all(timeline.how_many([tag])[tag] >= 5 for tag in kept)

    def test_a_country_is_counted_by_roll_ups_of_the_groups_that_it_is_in(self) -> None:
        for asked in ({"country": ["FR"]}, {"country": ["NL"], "from": ["2023-05-01"]}, {"country": ["IT"]}):
            most = len(self.found(asked)) - 1
            with mock.patch.object(bearing, "MOST_READ", most // 2):
                assert facets.months(criteria_of(asked)) == self.months(asked)
                self.compared(asked)  # what concerns any country is more, and counted by roll-ups, too

    def test_a_membership_that_ends_within_a_month_is_read(self) -> None:
        asked = {"country": ["GB"]}
        for until, is_rolled in ((dt.date(2024, 5, 1), True), (dt.date(2024, 5, 21), False)):
            Membership.objects.filter(group__slug="eu", country="GB").update(until=until)
            others = [each for each in self.groups if each[:2] != ("GB", "eu")]
            since = next(each[2] for each in self.groups if each[:2] == ("GB", "eu"))
            with mock.patch.object(self, "groups", [*others, ("GB", "eu", since, until)]):
                parts = rolled.Parts.of(criteria_of(asked), rolled.pairs_kept())
                assert parts is not None
                assert ("group:eu" in [choice.tag for choice, _ in parts.rolled]) == is_rolled
                assert facets.months(criteria_of(asked)) == self.months(asked)
                self.compared(asked)

    def test_no_event_is_read_that_no_group_is_linked_to(self) -> None:
        asked = {"company": ["openai"], "from": ["2023-01-01"]}
        linked = sum(bool(document["groups"]) for document in self.found(asked))
        with mock.patch.object(bearing, "MOST_READ", linked):
            self.compared(asked)
