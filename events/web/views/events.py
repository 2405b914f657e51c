"""An event's page and its history."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import orjson
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from events.caching import of_the_record
from events.choices import Action, CorrectionClass, RecordType
from events.documents import instant
from events.lib.differences import differences
from events.models import Change
from events.web import event_page, paging
from events.web.pages import page
from events.web.record import Merged, find
from events.web.words import moment_in_words

HISTORY_PAGE = 50


@require_safe
@of_the_record(daily=True)
def detail(request: HttpRequest, key: str) -> HttpResponse:
    """What happened, who, where, under what, effects on access, evidence, before and after."""
    try:
        current, document = find(RecordType.EVENT, key)
    except Merged as merged:
        return HttpResponsePermanentRedirect(merged.address)
    return page(
        "events/event.html",
        {
            **event_page.shown(document),
            "section": "timeline",
            "change": current.change,
            "history": reverse("event-history", args=[key]),
        },
    )


@require_safe
@of_the_record
def history(request: HttpRequest, key: str) -> HttpResponse:
    """Every public revision, newest first, each with what it changed; a merged event keeps its own."""
    changes = Change.objects.of(RecordType.EVENT, key)
    seqs = paging.Seqs.asked(request.GET)

    def address(**more: str) -> str:
        return paging.address(request.path, **more)

    rows, paged = seqs.page(changes, HISTORY_PAGE, address, look_behind=True)
    if not rows and not paged.problem:
        raise Http404
    newest = next((row for row in rows if row.document and row.action != Action.REDACTED), None)
    title = str(orjson.loads(newest.document).get("title", key)) if newest and newest.document else key
    return page(
        "events/history.html",
        {
            "section": "timeline",
            "key": key,
            "title": title,
            "revisions": revisions(rows)[:HISTORY_PAGE],
            "paged": paged,
        },
    )


def revisions(rows: list[Change]) -> list[dict[str, Any]]:
    """Changes, newest first, each compared with the document before it."""
    holders = [row for row in rows if row.action != Action.REDACTED]
    older = {newer.seq: before for newer, before in pairwise(holders)}
    found = []
    for row in rows:
        previous = older.get(row.seq)
        comparable = row.document is not None and previous is not None and previous.document is not None
        is_redaction = row.action == Action.REDACTED
        found.append(
            {
                "change": row,
                "at": instant(row.at),
                "at_display": moment_in_words(instant(row.at)),
                "action": Action(row.action).label,
                "class": CorrectionClass(row.correction_class).label if row.correction_class else "",
                "is_reissue": row.action == Action.REISSUED,
                "is_redacted": row.document is None,
                "redacts": orjson.loads(row.document)["redacts"] if is_redaction and row.document else None,
                "previous": previous,
                "previous_redacted": previous is not None and previous.document is None,
                "compared": comparable and not is_redaction,
                "differences": (
                    differences(orjson.loads(previous.document), orjson.loads(row.document))
                    if comparable and not is_redaction and previous and previous.document and row.document
                    else []
                ),
            }
        )
    return found
