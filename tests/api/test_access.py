"""Access answers over HTTP: of the data set, of corrections and retractions, as tables, and as receipts."""

from __future__ import annotations

import csv
import datetime as dt
import json
from io import StringIO
from typing import Any
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.api.views import access_diff
from events.lib.canonical import canonical, sha256
from events.lib.dates import today
from events.models import AccessEffect, Change, CountryGroup, Event
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
)

BATCH = "/api/v1/access/batch/"


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


def published(**options: Any) -> AccessEffect:
    effect = EffectFactory(event=EventFactory(date=dt.date(2024, 7, 9)), **options)
    publishing.publish(effect.event, by=None)
    return effect


def status(get: Any, query: str) -> str:
    [row] = get(f"access/?country=CN&product=api&on=2024-08-01&{query}")["results"]
    return row["status"]


def revision(get: Any) -> int:
    return get("changes/head/")["seq"]


def test_correction_leaves_the_old_answer_at_the_old_revision(get):
    effect = published(product__slug="api")
    before = revision(get)
    with publishing.recording():
        AccessEffect.objects.filter(pk=effect.pk).update(status="limited")
        publishing.correct(effect.event, by=None, correction_class="substantive", note="Not all of it.")
    assert status(get, "") == "limited"
    assert status(get, f"revision={before}") == "blocked"


def test_retraction_leaves_the_old_answer_at_the_old_revision(get):
    effect = published(product__slug="api")
    before = revision(get)
    publishing.retract(effect.event, by=None, reason="It never happened.")
    assert status(get, "") == "unknown"
    assert status(get, f"revision={before}") == "blocked"


def test_end_is_no_opening(get):
    published(product__slug="api", until=dt.date(2024, 7, 20))
    [row] = get("access/?country=CN&product=api&on=2024-08-01")["results"]
    assert (row["status"], row["since"], row["by"]) == ("unknown", "2024-07-20", [])
    assert row["ended"] == {"status": "blocked", "since": "2024-07-09", "until": "2024-07-20"}


def test_undated_evidence_stands_apart(get):
    effect = published(product__slug="api")
    CitationFactory(event=effect.event, source__published=None)
    publishing.correct(effect.event, by=None, correction_class="clarification", note="One more source.")
    [row] = get("access/?country=CN&product=api&on=2024-08-01&known=2024-07-09")["results"]
    assert [each["source"]["published"] for each in row["citations"]] == ["2024-06-25"]
    assert [each["source"]["published"] for each in row["undated_citations"]] == [None]
    assert row["independent_origins"] == 1
    [row] = get("access/?country=CN&product=api&on=2024-08-01")["results"]
    assert row["independent_origins"] == 2


def test_merged_product_is_still_asked_for_by_its_old_slug(get):
    effect = published(product__slug="api")
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
    published(product__slug="api", country=None, group=group)
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
    published(product__slug="old")
    before = revision(get)
    published(product__slug="api")
    get(f"access/?country=CN&product=api&revision={before}", 400)


def test_group_effect_is_one_row_and_reaches_its_members(get):
    group = GroupFactory(members=["FR", "IT"])
    published(product__slug="api", country=None, group=group, exceptions=["IT"])
    rows = get("access/?product=api&country=FR&country=IT&country=CN&on=2024-08-01")["results"]
    assert {row["country"]["code"]: row["status"] for row in rows} == {
        "CN": "unknown", "FR": "blocked", "IT": "unknown",
    }  # fmt: skip


class TestBatch:
    def test_answers_in_order_with_all_that_was_left_out_filled_in(self, client, db):
        published(product__slug="api")
        sent = {
            "questions": [{"country": "CN", "product": "api"}, {"country": "FR", "product": "api", "on": "2024-08-01"}]
        }
        receipt = client.post(BATCH, sent, content_type="application/json").json()
        assert receipt["questions"] == [
            {"product": "api", "country": "CN", "on": today().isoformat(), "known": None},
            {"product": "api", "country": "FR", "on": "2024-08-01", "known": None},
        ]
        assert [answer["status"] for answer in receipt["answers"]] == ["blocked", "unknown"]
        assert receipt["head"] == client.get("/api/v1/changes/head/").json()

    def test_asks_once_for_a_product_that_is_not_there(self, client, db, django_assert_num_queries):
        published(product__slug="api")
        for number in (1, 50):
            sent = {"questions": [{"country": "CN", "product": "no-such-product"}] * number}
            with django_assert_num_queries(2):  # the head, and the product
                refused = client.post(BATCH, sent, content_type="application/json")
            assert len(refused.json()["errors"]) == number

    def test_takes_a_table(self, client, db):
        published(product__slug="api")
        table = "country,product,on,known\nCN,api,2024-08-01,\nCN,api,2024-08-01,2024-01-01\n"
        receipt = client.post(BATCH, table, content_type="text/csv").json()
        assert [answer["status"] for answer in receipt["answers"]] == ["blocked", "unknown"]

    @pytest.mark.parametrize(
        ("sent", "pointers"),
        [
            ([], ["/questions"]),
            ({}, ["/questions"]),
            ({"questions": []}, ["/questions"]),
            ({"questions": [{}] * 501}, ["/questions"]),
            ({"questions": [1]}, ["/questions/0"]),
            ({"questions": [{"country": "CN"}]}, ["/questions/0/product"]),
            ({"questions": [{"country": "XX", "product": ["api"]}]}, ["/questions/0/product", "/questions/0/country"]),
            ({"questions": [{"country": "CN", "product": "api", "on": "soon"}]}, ["/questions/0/on"]),
            ({"questions": [{"country": "CN", "product": "api", "on": 5}]}, ["/questions/0/on"]),
            ({"questions": [{"country": "CN", "product": "api", "known": "9999-01-01"}]}, ["/questions/0/known"]),
            ({"questions": [{"country": "CN", "product": "api", "when": ""}]}, ["/questions/0/when"]),
            ({"questions": [{"country": "CN", "product": "api"}], "revision": 10**6}, ["/revision"]),
            ({"questions": [{"country": "CN", "product": "api"}], "revision": "1"}, ["/revision"]),
            ({"questions": [{"country": "CN", "product": "api"}], "on": "2024-01-01"}, ["/on"]),
        ],
    )  # fmt: skip
    def test_refuses_what_it_does_not_understand_and_says_where(self, client, db, sent, pointers):
        published(product__slug="api")
        response = client.post(BATCH, sent, content_type="application/json")
        assert response.status_code == 400
        assert [error["pointer"] for error in response.json()["errors"]] == pointers

    def test_says_what_it_can_read(self, client, db):
        assert client.post(BATCH, "<a/>", content_type="text/xml").json()["detail"] == (
            'Unsupported media type "text/xml" in request. Valid are application/json, text/csv.'
        )

    @pytest.mark.parametrize(
        ("sent", "kind", "expected"),
        [
            ("{", "application/json", 400),
            ("[" * 100_000, "application/json", 400),
            ('{"questions": ' + "[" * 500 + "]" * 500 + "}", "application/json", 400),
            (r'{"questions": [{"country": "CN", "product": "\ud800"}]}', "application/json", 400),
            (r'{"questions": [], "\ud800": 1}', "application/json", 400),
            (b"\xff\xfe", "text/csv", 400),
            ("country,product\nCN,api,2024-08-01\n", "text/csv", 400),
            ("country,product,country\nCN,api,FR\n", "text/csv", 400),
            ("<a/>", "text/xml", 415),
            (" " * (600 << 10), "application/json", 413),
        ],
    )
    def test_refuses_what_it_cannot_read(self, client, db, sent, kind, expected):
        response = client.post(BATCH, sent, content_type=kind)
        assert (response.status_code, response.json()["status"]) == (expected, expected)


class TestReceipt:
    @pytest.fixture
    def receipt(self, client, db) -> dict[str, Any]:
        published(product__slug="api")
        sent = {"questions": [{"country": "CN", "product": "api", "on": "2024-08-01"}]}
        return client.post(BATCH, sent, content_type="application/json").json()

    def verify(self, tmp_path, receipt: Any) -> tuple[int, str]:
        file, said = tmp_path / "receipt.json", StringIO()
        file.write_text(json.dumps(receipt))
        try:
            call_command("verify_receipt", str(file), stdout=said)
        except SystemExit as left:
            return int(str(left.code)), said.getvalue()
        return 0, said.getvalue()

    def test_holds_after_what_it_says_was_corrected(self, receipt, tmp_path):
        publishing.retract(Event.objects.get(), by=None, reason="It never happened.")
        head = receipt["head"]
        assert self.verify(tmp_path, receipt) == (
            0, f"All 1 answers hold at revision {head['seq']}, head {head['hash']}.\n",
        )  # fmt: skip

    def test_is_found_out_where_an_answer_was_changed(self, receipt, tmp_path):
        receipt["answers"][0]["status"] = "available"
        code, said = self.verify(tmp_path, receipt)
        assert code == 1
        assert said.splitlines() == [
            "Its SHA-256 is not that of what it says: it was changed, or is not complete.",
            "Answer 0 (api in CN on 2024-08-01) differs in status.",
        ]

    def test_is_found_out_where_a_question_says_more(self, receipt, tmp_path):
        receipt["questions"][0]["remark"] = "Checked."
        del receipt["sha256"]
        assert self.verify(tmp_path, receipt | {"sha256": sha256(canonical(receipt))}) == (
            1,
            "Its questions are not written as a receipt writes them.\n",
        )

    def test_is_found_out_where_the_head_is_another(self, receipt, tmp_path):
        receipt["head"]["hash"] = "0" * 64
        code, said = self.verify(tmp_path, receipt)
        assert code == 1
        assert "the log's head is" in said

    def test_of_a_revision_to_come_is_refused(self, receipt, tmp_path):
        code, said = self.verify(tmp_path, receipt | {"revision": 10**6})
        assert code == 1
        assert "this record has come to" in said

    @pytest.mark.parametrize("kept", [[], {}, {"sha256": ""}, {"method": 1, "revision": 0}])
    def test_is_refused_where_it_is_none(self, db, tmp_path, kept):
        with pytest.raises(CommandError):
            self.verify(tmp_path, kept)

    def test_without_a_product_that_is_known_is_refused(self, receipt, tmp_path):
        receipt["questions"][0]["product"] = "nothing"
        with pytest.raises(CommandError, match="There is no product “nothing”"):
            self.verify(tmp_path, receipt)


def test_questions_may_come_from_other_sites(client, db):
    asked = {"Origin": "https://other.example", "Access-Control-Request-Method": "POST"}
    answer = client.options(BATCH, headers=asked)
    assert "POST" in answer["Access-Control-Allow-Methods"]


def test_denied_event_does_not_count(get):
    event = EventFactory(certainty="denied", date=dt.date(2024, 7, 9))
    EffectFactory(event=event, product__slug="api", country=country("CN"))
    publishing.publish(event, by=None)
    assert status(get, "") == "unknown"
