"""Access answers over HTTP: of the data set, of corrections and retractions, and as tables."""

from __future__ import annotations

import csv
import datetime as dt
from io import StringIO
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.api.views import access_diff
from events.models import AccessEffect, Change, CountryGroup
from events.services import publishing
from tests.databases import OnTheShippedRecord
from tests.factories import (
    CitationFactory,
    EffectFactory,
    EventFactory,
    GroupFactory,
    ProductFactory,
    UserFactory,
    country,
    published_effect,
)


class TheStoryTests(OnTheShippedRecord):
    """One model developer, two routes, two answers."""

    def rows(self, path: str, query: str) -> list[dict[str, Any]]:
        response = self.client.get(f"/api/v1/{path}?{query}")
        assert response.status_code == 200, response.content
        return response.json()["results"]

    def test_routes_to_one_developers_models_have_answers_of_their_own(self):
        rows = self.rows("access/", "country=CN&models_from=openai&on=2024-07-10")
        found = {row["product"]["slug"]: (row["status"], (row["company"] or {}).get("slug")) for row in rows}
        assert found["openai-api"] == ("blocked", "openai")
        assert found["azure-openai"] == ("available", "microsoft")

    def test_answer_carries_its_reasons(self):
        [row] = self.rows("access/", "country=CN&product=openai-api&on=2024-07-10")
        assert (row["since"], row["since_precision"], row["by"]) == ("2024-07-09", "day", ["provider"])
        assert (row["direct"], row["group"], row["disputed"]) == (True, None, False)
        assert row["event"]["slug"] == "openai-api-block-takes-effect"
        assert row["reported_on"] == "2024-06-25"
        assert len(row["citations"]) > 2
        assert row["next"] is None

    def test_scheduled_change_was_known_before_it_came(self):
        [row] = self.rows("access/", "country=CN&product=openai-api&on=2024-07-08&known=2024-06-30")
        assert (row["status"], row["next"]["on"], row["next"]["status"]) == ("limited", "2024-07-09", "blocked")
        assert row["next"]["event"]["slug"] == "openai-api-block-takes-effect"

    def test_known_takes_later_reports_out_of_the_evidence(self):
        [now] = self.rows("access/", "country=CN&product=openai-api&on=2024-07-10")
        [then] = self.rows("access/", "country=CN&product=openai-api&on=2024-07-10&known=2024-06-25")
        assert then["status"] == "blocked"
        assert {each["source"]["published"] for each in then["citations"]} == {"2024-06-25"}
        assert then["independent_origins"] < now["independent_origins"]

    def test_group_is_named_where_it_brings_the_answer(self):
        [row] = self.rows("access/", "country=FR&product=apple-intelligence&on=2024-07-01")
        assert (row["status"], row["direct"], row["group"]["slug"]) == ("blocked", False, "eu")

    def test_diff_has_the_pairs_whose_status_differs(self):
        rows = self.rows("access/diff/", "country=CN&from=2024-06-24&to=2024-07-10")
        found = [(row["to"]["product"]["slug"], row["from"]["status"], row["to"]["status"]) for row in rows]
        assert found == [("azure-openai", "unknown", "available"), ("openai-api", "limited", "blocked")]

    def test_diff_pages_add_up(self):
        whole = self.rows("access/diff/", "company=openai&from=2023-01-01&to=2024-07-10")
        assert len(whole) > 5
        found, address = [], "/api/v1/access/diff/?company=openai&from=2023-01-01&to=2024-07-10&page_size=2"
        while address:
            page = self.client.get(address).json()
            assert len(page["results"]) <= 2
            found += page["results"]
            address = page["next"]
        assert found == whole

    def test_diff_pages_add_up_backwards(self):
        whole = self.rows("access/diff/", "company=openai&from=2023-01-01&to=2024-07-10&page_size=200")
        for most in (300, 5000):  # pages that end for what was looked at, and for what was found
            with mock.patch.object(access_diff, "MOST_LOOKED_AT", most):
                self.walk_back(whole)

    def walk_back(self, whole):
        address = "/api/v1/access/diff/?company=openai&from=2023-01-01&to=2024-07-10&page_size=5"
        last = None
        while address:
            response = self.client.get(address)
            last = address
            address = response.json()["next"]
            assert (f'<{address}>; rel="next"' in response.headers.get("Link", "")) == bool(address)
        found, address = [], last
        while address:
            page = self.client.get(address).json()
            assert len(page["results"]) <= 5
            found = page["results"] + found
            address = page["previous"]
        assert found == whole

    def test_diff_as_a_table(self):
        query = "company=openai&from=2023-01-01&to=2024-07-10"
        response = self.client.get(f"/api/v1/access/diff/?{query}&format=csv")
        rows = list(csv.DictReader(StringIO(b"".join(response).decode())))
        whole = self.rows("access/diff/", f"{query}&page_size=200")
        assert [(row["country"], row["product"], row["from_status"], row["to_status"]) for row in rows] == [
            (row["to"]["country"]["code"], row["to"]["product"]["slug"], row["from"]["status"], row["to"]["status"])
            for row in whole
        ]

    def test_pages_add_up_in_both_directions(self):
        whole = self.rows("access/", "company=openai&country=CN&country=IT&country=FR&page_size=200")
        address = "/api/v1/access/?company=openai&country=CN&country=IT&country=FR&page_size=7"
        pages = []
        while address:
            pages.append(self.client.get(address).json())
            address = pages[-1]["next"]
        assert [row for page in pages for row in page["results"]] == whole
        back = [pages[-1]]
        while back[-1]["previous"]:
            back.append(self.client.get(back[-1]["previous"]).json())
        assert [page["results"] for page in reversed(back)] == [page["results"] for page in pages]

    def test_count_is_of_all_pairs(self):
        page = self.client.get("/api/v1/access/?product=openai-api&count=true&page_size=1").json()
        assert (page["count"], len(page["results"])) == (249, 1)

    def test_table_has_every_row_and_the_same_answers(self):
        response = self.client.get("/api/v1/access/?product=openai-api&on=2024-07-10&format=csv")
        assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
        rows = list(csv.DictReader(StringIO(b"".join(response).decode())))
        assert len(rows) == 249
        [china] = [row for row in rows if row["country"] == "CN"]
        assert (china["status"], china["since"], china["by"]) == ("blocked", "2024-07-09", "provider")

    def test_queries_are_as_many_for_one_pair_as_for_hundreds(self):
        counts = []
        for query in ("country=CN&product=openai-api", "country=CN&page_size=200", "product=openai-api&page_size=200"):
            with CaptureQueriesContext(connection) as queries:
                self.rows("access/", f"{query}&on=2024-07-10")
            counts.append(len(queries))
        assert max(counts) <= 13

    def test_answer_is_not_sent_twice(self):
        address = "/api/v1/access/?country=CN&product=openai-api"
        first = self.client.get(address)
        assert self.client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
        assert first["Cache-Control"] == "public, max-age=0, must-revalidate"

    def test_permalink_is_the_same_answer_for_ever(self):
        [row] = self.rows("access/", "country=CN&product=openai-api&on=2024-07-10&known=2024-07-08")
        again = self.client.get(row["url"])
        assert again.json()["results"] == [row]
        assert "immutable" in again["Cache-Control"]


@pytest.mark.parametrize(
    ("query", "parameter", "detail"),
    [
        ("", "country", "All countries and products at once are too much"),
        ("on=2024-07-10", "country", "All countries and products at once are too much"),
        ("country=CN&on=2024-13-01", "on", "A date such as 2024-07-09."),
        ("country=CN&on=2024", "on", "A date such as 2024-07-09."),
        ("country=CN&known=soon", "known", "A date such as 2024-07-09."),
        ("country=CN&known=9999-01-01", "known", "Nobody knows yet what will be known then; today is "),
        ("country=CN&revision=1000000", "revision", "The newest revision is "),
        ("country=CN&revision=0", "revision", "A whole number from 1 to "),
        ("country=XX", "country", "There is no country “XX”"),
        ("country=cn", "country", "There is no country “cn”"),
        ("product=nothing", "product", "There is no product “nothing” on record at revision "),
        ("company=nobody", "company", "There is no company “nobody” on record at revision "),
        ("models_from=nobody", "models_from", "There is no company “nobody” on record at revision "),
        ("country=CN&product=", "product", "It is empty: leave it out."),
        ("country=CN&company=", "company", "A slug, such as openai."),
        ("country=CN&models_from=a%00b", "models_from", "A slug, such as openai."),
        ("country=CN&after=x", "after", "It is no cursor"),
        ("country=CN&format=xml", "format", "One of json, csv."),
        ("country=CN&colour=red", "colour", "There is no such parameter. Valid are country, product, "),
    ],
)
def test_bad_question_is_refused_with_the_parameter_that_is_wrong(get, query, parameter, detail):
    publishing.publish(EffectFactory(event=EventFactory()).event, by=None)
    problem = get(f"access/?{query}", 400)
    assert [error["parameter"] for error in problem["errors"]] == [parameter]
    assert problem["errors"][0]["detail"].startswith(detail)


def test_diff_needs_its_first_day(get):
    [error] = get("access/diff/?country=CN", 400)["errors"]
    assert error == {"parameter": "from", "detail": "It is required: the first of the two days."}


@pytest.mark.parametrize("query", ["from=2024-07-10&to=2024-06-24", "from=9999-12-31", "from=9999-12-31&format=csv"])
def test_diff_from_a_later_day_than_the_other_is_refused(get, query):
    problem = get(f"access/diff/?country=CN&{query}", 400)
    assert [error["parameter"] for error in problem["errors"]] == ["from", "to"]
    assert all(error["detail"].startswith("The range ends before it starts. ") for error in problem["errors"])


def status(get: Any, query: str) -> str:
    [row] = get(f"access/?country=CN&product=api&on=2024-08-01&{query}")["results"]
    return row["status"]


def revision(get: Any) -> int:
    return get("changes/head/")["seq"]


def test_correction_leaves_the_old_answer_at_the_old_revision(get):
    effect = published_effect(product__slug="api")
    before = revision(get)
    with publishing.recording():
        AccessEffect.objects.filter(pk=effect.pk).update(status="limited")
        publishing.correct(effect.event, by=None, correction_class="substantive", note="Not all of it.")
    assert status(get, "") == "limited"
    assert status(get, f"revision={before}") == "blocked"


def test_retraction_leaves_the_old_answer_at_the_old_revision(get):
    effect = published_effect(product__slug="api")
    before = revision(get)
    publishing.retract(effect.event, by=None, reason="It never happened.")
    assert status(get, "") == "unknown"
    assert status(get, f"revision={before}") == "blocked"


def test_end_is_no_opening(get):
    published_effect(product__slug="api", until=dt.date(2024, 7, 20))
    [row] = get("access/?country=CN&product=api&on=2024-08-01")["results"]
    assert (row["status"], row["since"], row["by"]) == ("unknown", "2024-07-20", [])
    assert row["ended"] == {"status": "blocked", "since": "2024-07-09", "until": "2024-07-20"}


def test_undated_evidence_stands_apart(get):
    effect = published_effect(product__slug="api")
    CitationFactory(event=effect.event, source__published=None)
    publishing.correct(effect.event, by=None, correction_class="clarification", note="One more source.")
    [row] = get("access/?country=CN&product=api&on=2024-08-01&known=2024-07-09")["results"]
    assert [each["source"]["published"] for each in row["citations"]] == ["2024-06-25"]
    assert [each["source"]["published"] for each in row["undated_citations"]] == [None]
    assert row["independent_origins"] == 1
    [row] = get("access/?country=CN&product=api&on=2024-08-01")["results"]
    assert row["independent_origins"] == 2


def test_merged_product_is_still_asked_for_by_its_old_slug(get):
    effect = published_effect(product__slug="api")
    into = ProductFactory(slug="the-api")
    publishing.publish_record(into, by=None)
    before = revision(get)
    publishing.merge(effect.product, into=into, by=None, note="The same.")
    for query in ("product=api", "product=the-api"):
        [row] = get(f"access/?country=CN&{query}&on=2024-08-01")["results"]
        assert (row["product"]["slug"], row["status"]) == ("the-api", "blocked")
    [row] = get(f"access/?country=CN&product=the-api&on=2024-08-01&revision={before}")["results"]
    assert row["status"] == "unknown"


def test_group_whose_documents_were_redacted_is_named_by_its_slug(get):
    group = GroupFactory(slug="union", members=["FR"])
    published_effect(product__slug="api", country=None, group=group)
    before = revision(get)
    with publishing.recording():
        CountryGroup.objects.filter(pk=group.pk).update(name="The Union")
        publishing.correct(group, by=None, correction_class="clerical", note="Its name.")
    first = Change.objects.filter(type="group").order_by("seq")[0]
    publishing.redact(first.seq, by=UserFactory(is_superuser=True), reason="The law.")
    [row] = get(f"access/?country=FR&product=api&on=2024-08-01&revision={before}")["results"]
    assert row["group"] in (None, {"slug": "union", "name": "union"})
    [row] = get("access/?country=FR&product=api&on=2024-08-01")["results"]
    assert row["group"] == {"slug": "union", "name": "The Union"}


def test_product_that_was_not_public_then_is_refused(get):
    published_effect(product__slug="old")
    before = revision(get)
    published_effect(product__slug="api")
    get(f"access/?country=CN&product=api&revision={before}", 400)


def test_group_effect_is_one_row_and_reaches_its_members(get):
    group = GroupFactory(members=["FR", "IT"])
    published_effect(product__slug="api", country=None, group=group, exceptions=["IT"])
    rows = get("access/?product=api&country=FR&country=IT&country=CN&on=2024-08-01")["results"]
    assert {row["country"]["code"]: row["status"] for row in rows} == {
        "CN": "unknown", "FR": "blocked", "IT": "unknown",
    }  # fmt: skip


def test_denied_event_does_not_count(get):
    event = EventFactory(certainty="denied", date=dt.date(2024, 7, 9))
    EffectFactory(event=event, product__slug="api", country=country("CN"))
    publishing.publish(event, by=None)
    assert status(get, "") == "unknown"
