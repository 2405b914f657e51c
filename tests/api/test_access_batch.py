"""Many questions about access at once, over HTTP, and the receipts by which the answers are proved."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from events.lib.canonical import canonical, sha256
from events.lib.dates import today
from events.models import Event
from events.services import publishing
from tests.factories import (
    published_effect,
)

BATCH = "/api/v1/access/batch/"


class TestBatch:
    def test_answers_in_order_with_all_that_was_left_out_filled_in(self, client, db):
        published_effect(product__slug="api")
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
        published_effect(product__slug="api")
        for number in (1, 50):
            sent = {"questions": [{"country": "CN", "product": "no-such-product"}] * number}
            with django_assert_num_queries(2):  # the head, and the product
                refused = client.post(BATCH, sent, content_type="application/json")
            assert len(refused.json()["errors"]) == number

    def test_takes_a_table(self, client, db):
        published_effect(product__slug="api")
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
        published_effect(product__slug="api")
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
        published_effect(product__slug="api")
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
