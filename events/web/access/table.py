"""The answers of a country's page as a table for spreadsheets: headings and labels for readers, days that sort."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from io import StringIO
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from events.choices import ReportedBasis
from events.documents.access import answer_document
from events.lib.spreadsheets import UTF_8, harmless
from events.queries.reasons import Reasoned
from events.web import words
from events.web.access.bars import label_of
from events.web.access.matrix import OF_MANY_MAKERS
from events.web.access.sentences import deciders

COLUMNS = (
    gettext_noop("Developer"), gettext_noop("Product"), gettext_noop("Offered by"), gettext_noop("Country"),
    gettext_noop("Day asked about"), gettext_noop("As reported by"), gettext_noop("Access"), gettext_noop("Since"),
    gettext_noop("Until"), gettext_noop("Decided by"), gettext_noop("Through the group"), gettext_noop("Note"),
    gettext_noop("Event"), gettext_noop("Disputed"), gettext_noop("Reported on"), gettext_noop("Independent origins"),
    gettext_noop("Sources"), gettext_noop("Next change on"), gettext_noop("Access from then on"),
    gettext_noop("The answer with its reasons"), gettext_noop("Revision of the record"),
)  # fmt: skip


def as_csv(found: Iterable[Reasoned], absolute: Callable[[str], str]) -> str:
    """A row for each answer, by developer and product; `absolute` makes an address of a path."""
    rows = [row_of(each, absolute) for each in found]
    rows.sort(key=lambda row: (row[0] == _(OF_MANY_MAKERS), row[0].casefold(), row[1].casefold()))
    text = StringIO()
    csv.writer(text).writerows([[_(column) for column in COLUMNS], *map(harmless, rows)])
    return UTF_8 + text.getvalue()


def row_of(found: Reasoned, absolute: Callable[[str], str]) -> list[Any]:
    """The cells of an answer, empty where there is nothing to say."""
    answer = answer_document(found)
    event, following = answer["event"] or {}, found.next
    developer = answer["models_from"] or answer["company"]
    return [
        developer["name"] if developer else _(OF_MANY_MAKERS),
        answer["product"]["name"],
        (answer["company"] or {}).get("name", ""),
        words.country_names()[answer["country"]["code"]],
        answer["on"],
        answer["known"] or "",
        label_of(found.status),
        day(answer["since"], answer["since_precision"]),
        answer["until"] or "",
        deciders(found) if answer["by"] else "",
        (answer["group"] or {}).get("name", ""),
        answer["note"],
        event.get("title", ""),
        _("Yes") if answer["disputed"] else "",
        day(answer["reported_on"], reported_precision(found)),
        answer["independent_origins"] if event else "",
        " ".join(citation["source"]["url"] for citation in answer["citations"]),
        day(following.question.on.isoformat(), following.day_precision) if following else "",
        label_of(following.status) if following else "",
        absolute(answer["html_url"]),
        answer["revision"],
    ]


def day(iso: str | None, precision: str | None) -> str:
    """As 2024-07-09, which spreadsheets sort; what is known less exactly in words ("July 2024"), "" for none."""
    if not iso:
        return ""
    return iso if precision in (None, "day") else words.day_in_words(iso, precision or "day")


def reported_precision(found: Reasoned) -> str:
    """The event's own, where its date stands in for that of a report."""
    if found.effect and found.event and found.effect["reported_on_basis"] == ReportedBasis.EVENT:
        return str(found.event["date_precision"])
    return "day"
