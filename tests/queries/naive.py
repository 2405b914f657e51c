"""Which events match, read off their documents one by one: what the quick answers are compared with."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar
from urllib.parse import urlencode

import orjson
from django.http import QueryDict
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from events.choices import EventKind, RelationKind, Tier
from events.filters import EventFilter
from events.models import Membership, TimelineEntry
from events.queries.timeline import Criteria
from tests.databases import OnTheShippedRecord

Asked = dict[str, list[str]]


def criteria_of(asked: Asked) -> Criteria:
    filterset = EventFilter(QueryDict(urlencode(asked, doseq=True)))
    assert filterset.is_valid(), filterset.errors
    return filterset.criteria


def some(values: list[str], most: int = 2) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=most, unique=True)


def valid(asked: Asked) -> Asked:
    if "role" in asked and not {"company", "country"} & asked.keys():
        del asked["role"]
    if "from" in asked and "to" in asked and asked["from"] > asked["to"]:
        asked["from"], asked["to"] = asked["to"], asked["from"]
    return asked


DAY = st.dates(dt.date(2022, 1, 1), dt.date(2026, 12, 31)).map(lambda day: [day.isoformat()])
ASKED: st.SearchStrategy[Asked] = st.fixed_dictionaries(
    {},
    optional={
        "company": some(["openai", "nvidia", "microsoft", "deepseek"]),
        "country": some(["CN", "US", "DE", "GB", "TW", "FJ"]),
        "kind": some([*EventKind.values], 4),
        "product": some(["chatgpt", "openai-api", "azure-openai", "nvidia-h20"]),
        "tier": some([*Tier.values]),
        "relation": some([*RelationKind.values]),
        "from": DAY,
        "to": DAY,
        "match": st.sampled_from([["certain"], ["possible"]]),
        "role": some(["actor", "acting", "affected", "target"]),
    },
).map(valid)


class ComparedOnTheShippedRecord(OnTheShippedRecord, TestCase):
    """Tests on the curated data set with a slow and obvious answer to which of its events match."""

    @classmethod
    def setUpTestData(cls) -> None:
        rows = TimelineEntry.objects.order_by("-position").values_list("change__document", "last")
        # All published documents, newest first, and the last day that each may reach.
        cls.documents = [orjson.loads(document) for document, _ in rows if document]
        cls.last = {
            document["slug"]: dt.date.fromordinal(last) for document, (_, last) in zip(cls.documents, rows, strict=True)
        }
        cls.groups = [
            (code, slug, since or dt.date.min, until or dt.date.max)
            for code, slug, since, until in Membership.objects.values_list(
                "country_id", "group__slug", "since", "until"
            )
        ]

    def setup_example(self) -> None:
        """Examples only read: they need no transaction each, with a check of all foreign keys at its end."""

    def teardown_example(self, example: Any) -> None:
        """See above."""

    documents: ClassVar[list[dict[str, Any]]]
    last: ClassVar[dict[str, dt.date]]
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
            "agency" not in asked or any(link["slug"] in asked["agency"] for link in document["agencies"]),
            "policy" not in asked or any(link["slug"] in asked["policy"] for link in document["policies"]),
            "group" not in asked or linked("groups", "slug", asked["group"]),
            "certainty" not in asked or document["certainty"] in asked["certainty"],
            "kind" not in asked or document["kind"] in asked["kind"],
            "tier" not in asked or any(c["source"]["tier"] in asked["tier"] for c in document["citations"]),
            "relation" not in asked or any(r["relation"] in asked["relation"] for r in document["relations"]),
        ]
        start = dt.date.fromisoformat(asked["from"][0]) if "from" in asked else dt.date.min
        end = dt.date.fromisoformat(asked["to"][0]) if "to" in asked else dt.date.max
        if asked.get("match") == ["certain"]:
            checks.append(day >= start and last <= end)
        else:
            checks.append(day <= end and last >= start)
        return all(checks)
