"""Access answers on the record that ships."""

from __future__ import annotations

import datetime as dt
from typing import Any

from events.services import verifying
from tests.databases import OnTheShippedRecord
from tests.queries.asking import asked, status


class DataSetTests(OnTheShippedRecord):
    """What the record is for, on the record that comes with it."""

    def assert_statuses(self, product: str, country: str, expected: dict[str, str | None], **options: Any) -> None:
        found = {day: status(dt.date.fromisoformat(day), country, product=product, **options) for day in expected}
        assert found == expected, (product, country)

    def test_one_developers_models_by_two_routes_have_two_answers(self) -> None:
        self.assert_statuses(
            "openai-api",
            "CN",
            {"2024-06-24": "limited", "2024-07-08": "limited", "2024-07-10": "blocked", "2024-10-22": "blocked"},
        )
        self.assert_statuses(
            "azure-openai",
            "CN",
            {"2024-06-24": None, "2024-07-08": "available", "2024-07-10": "available", "2024-10-22": "limited"},
        )

    def test_the_block_was_not_known_before_it_was_announced(self) -> None:
        self.assert_statuses("openai-api", "CN", {"2024-07-10": "limited"}, known=dt.date(2024, 6, 24))

    def test_a_countrys_own_government_closes_and_opens(self) -> None:
        self.assert_statuses(
            "chatgpt", "IT", {"2023-03-30": "available", "2023-04-15": "blocked", "2023-05-01": "available"}
        )
        self.assert_statuses("chatgpt", "CN", {"2024-07-01": "blocked"})

    def test_a_chip_takes_a_license_and_then_a_way_through(self) -> None:
        self.assert_statuses(
            "nvidia-h20",
            "CN",
            {
                "2025-04-01": None,
                "2025-05-15": "license_required",
                "2025-08-20": "limited",
                "2025-12-15": "limited",
            },
        )

    def test_a_member_may_have_an_answer_of_its_own(self) -> None:
        self.assert_statuses("whatsapp-business-api", "IT", {"2026-03-10": "available"})
        self.assert_statuses("whatsapp-business-api", "FR", {"2026-03-10": "limited"})

    def test_a_unions_answer_is_that_of_its_members_alone(self) -> None:
        self.assert_statuses("apple-intelligence", "FR", {"2024-07-01": "blocked"})
        self.assert_statuses("apple-intelligence", "CH", {"2024-07-01": None})
        held = asked(dt.date(2024, 7, 1), "FR", product="apple-intelligence").held
        assert held
        assert held.place == "eu"

    def test_the_ledger_is_what_the_log_gives(self) -> None:
        assert list(verifying.ledger(verifying.Tally())) == []
