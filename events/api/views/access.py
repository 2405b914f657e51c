"""Access answers: who could use what, where, on a day, as far as known by a day, at a revision."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from django.http import HttpResponseBase
from rest_framework.request import Request

from events.api.errors import BadParameters
from events.api.pagination import Page
from events.api.parameters import SLUG, Cursor, Day, Number, Parameters, Several, Slug
from events.api.renderers import listing
from events.api.shapes import ACCESS
from events.api.tables import FORMAT, csv_answer, refuse_paging
from events.api.views.base import COUNT, PAGE_SIZE, ReadOfTheRecord
from events.caching import head
from events.documents.access import answer_document
from events.lib.dates import today
from events.queries.answers import Question
from events.queries.pairs import Pair, Pairs
from events.queries.reasons import Record, Unknown, reasoned

COUNTRY = Several("country", "Code of the country (ISO 3166-1 alpha-2) where the customers are")
PRODUCT = Several("product", "Slug of the product", {"type": "string", "pattern": f"^{SLUG}$"})
COMPANY = Slug("company", "Slug of a company: the products that it offers")
MODELS_FROM = Slug("models_from", "Slug of a developer: every route to its models, whoever offers it")
ON = Day("on", "The day asked about; today if left out")
KNOWN = Day("known", "Count only what had been reported by this day")
REVISION = Number("revision", "The record as it stood at this revision; the newest if left out", least=1)
PAIR = f"{SLUG}:[A-Z]{{2}}"
BEFORE = Cursor("before", "The page before this cursor, which `previous` gives", pattern=PAIR)
AFTER = Cursor("after", "The page after this cursor, which `next` gives", pattern=PAIR)
SCOPE = (COUNTRY, PRODUCT, COMPANY, MODELS_FROM)
BATCH = 250  # pairs that are answered together


class AccessView(ReadOfTheRecord):
    """What the lists of answers have in common: the pairs that they are about, and the clocks."""

    is_daily = True

    def scope(self, asked: dict[str, Any]) -> tuple[Record, Pairs]:
        """The record at the revision asked for, and the pairs. Raises BadParameters."""
        newest = head().seq
        if asked["revision"] is not None and asked["revision"] > newest:
            raise BadParameters([("revision", f"The newest revision is {newest}.")])
        if asked["known"] is not None and asked["known"] > today():
            raise BadParameters([("known", f"Nobody knows yet what will be known then; today is {today()}.")])
        if not any(asked[parameter.name] for parameter in SCOPE):
            names = ", ".join(parameter.name for parameter in SCOPE)
            too_much = f"All countries and products at once are too much: give at least one of {names}."
            raise BadParameters([("country", too_much)])
        record = Record(asked["revision"] or newest)
        try:
            return record, Pairs.of(
                record,
                products=asked["product"],
                countries=asked["country"],
                company=asked["company"],
                models_from=asked["models_from"],
            )
        except Unknown as error:
            raise BadParameters([(error.name, str(error))]) from error


class AccessList(AccessView):
    """Could customers in a country use a product? A row for each pair, by product and country."""

    operation = "list_access"
    answer = ACCESS
    example = "access"
    parameters = Parameters(*SCOPE, ON, KNOWN, REVISION, PAGE_SIZE, BEFORE, AFTER, COUNT, FORMAT)

    def get(self, request: Request) -> HttpResponseBase:
        asked = self.asked(request)
        record, pairs = self.scope(asked)
        on = asked["on"] or today()
        if asked["format"] == "csv":
            refuse_paging(request.GET)
            return as_csv(record, pairs, on, asked["known"])
        start, end = bounds(pairs, asked)
        rows = pairs.between(start, end)
        found = reasoned([Question(*pair, on, asked["known"]) for pair in rows], record)
        page = Page(
            found,
            next=("after", cursor(rows[-1])) if rows and end < len(pairs) else None,
            previous=("before", cursor(rows[0])) if rows and start > 0 else None,
        )
        count = len(pairs) if asked["count"] else None
        return listing(request, page, [orjson.dumps(answer_document(each)) for each in found], count)


def bounds(pairs: Pairs, asked: dict[str, Any]) -> tuple[int, int]:
    """The places of the first pair of a page and of the first one after it."""
    size = asked["page_size"]
    if asked.get("before") is not None:
        end = pairs.place_before(pair_of(asked["before"]))
        return max(end - size, 0), end
    start = pairs.place_after(pair_of(asked["after"])) if asked["after"] is not None else 0
    return start, start + size


def cursor(pair: Pair) -> str:
    return ":".join(pair)


def pair_of(cursor: str) -> Pair:
    product, _, country = cursor.partition(":")
    return product, country


# ----------------------------------------------------------------------------------------------------------- as a table


def as_csv(record: Record, pairs: Pairs, on: dt.date, known: dt.date | None) -> HttpResponseBase:
    """All answers, streamed: the ledger keeps what the record held, so that every batch is of the same revision."""
    name = f"access-{on}-revision-{record.revision}"
    return csv_answer(name, COLUMNS, batches(record, pairs, on, known), len(pairs))


def batches(record: Record, pairs: Pairs, on: dt.date, known: dt.date | None) -> Iterator[Iterable[list[Any]]]:
    for start in range(0, len(pairs), BATCH):
        questions = [Question(*pair, on, known) for pair in pairs.between(start, start + BATCH)]
        rows = (row_of(answer_document(each)) for each in reasoned(questions, record))
        yield ([row[name] for name in COLUMNS] for row in rows)


COLUMNS = (
    "country", "country_name", "product", "product_name", "company", "models_from", "on", "known", "revision", "status",
    "since", "since_precision", "until", "by", "direct", "group", "event", "event_title", "disputed", "reported_on",
    "sources", "independent_origins", "next_on", "next_status", "note", "url",
)  # fmt: skip


def row_of(answer: dict[str, Any]) -> dict[str, Any]:
    """The cells of an answer in a table, by column; None where there is nothing to say."""
    event, following = answer["event"] or {}, answer["next"] or {}
    given = answer | {
        "country": answer["country"]["code"],
        "country_name": answer["country"]["name"],
        "product": answer["product"]["slug"],
        "product_name": answer["product"]["name"],
        "by": " ".join(answer["by"]),
        "direct": str(answer["direct"]).lower(),
        "disputed": str(answer["disputed"]).lower(),
        "event": event.get("slug"),
        "event_title": event.get("title"),
        "sources": " ".join(citation["source"]["url"] for citation in answer["citations"]),
        "next_on": following.get("on"),
        "next_status": following.get("status"),
    }
    return given | {name: (answer[name] or {}).get("slug") for name in ("company", "models_from", "group")}
