"""One question about access, as the tests put it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from events.models import LogHead
from events.queries.answers import Answer, Question, answers


def asked(on: dt.date, country: str = "CN", *, product: str = "product", known: dt.date | None = None) -> Answer:
    [answer] = answers([Question(product, country, on=on, known=known)], revision=LogHead.objects.get().seq or 1)
    return answer


def status(on: dt.date, country: str = "CN", **options: Any) -> str | None:
    return asked(on, country, **options).status
