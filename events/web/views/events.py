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
from events.lib.dates import today
from events.models import Change
from events.web import citing, crumbs, event_page, paging
from events.web.differences import differences
from events.web.pages import page
from events.web.record import Link, Merged, address_of, find
from events.web.words import moment_in_words

HISTORY_PAGE = 50
LONGEST = 17  # characters of a revision


@require_safe
@of_the_record(daily=True)
def detail(request: HttpRequest, key: str) -> HttpResponse:
    """What happened, who, where, under what, effects on access, evidence, before and after; or a reference to it.

    With `revision` the event as it stood then; what the page says of other records it says as of now.
    """
    try:
        current, document = find(RecordType.EVENT, key)
    except Merged as merged:
        return HttpResponsePermanentRedirect(merged.address)
    change, problem = current.change, ""
    if asked := request.GET.get("revision", "").strip():
        then = change_at(key, asked)
        if then is None:
            problem = f"At revision “{asked[:LONGEST]}” this event had no public document. This is the newest one."
        else:
            change, document = then, orjson.loads(then.document or "")
    path = f"{address_of(RecordType.EVENT, key)}?revision={change.seq}"
    cited = citing.reference(request, f"{document['title']} ({document['date_display']})", path, change, of="event")
    if (file := citing.download(cited, request.GET.get("cite", ""), key)) is not None:
        return file
    return page(
        "events/event.html",
        {
            **event_page.shown(document, now=today()),
            "section": "timeline",
            "crumbs": crumbs.trail("timeline", crumbs.month(document["date"]), here=document["title"]),
            "change": change,
            "is_pinned": change != current.change,
            "problem": problem,
            "newest": address_of(RecordType.EVENT, key),
            "corrections": event_page.corrections(key, until=change.seq),
            "history": reverse("event-history", args=[key]),
            "forms": citing.written(cited, lambda form: f"{path}&cite={form}"),
        },
    )


def change_at(key: str, revision: str) -> Change | None:
    """The change that held the event's document at a revision; None where none did, or where it was redacted."""
    if not (revision.isascii() and revision.isdigit() and len(revision) < LONGEST):
        return None
    found = Change.objects.of(RecordType.EVENT, key).filter(seq__lte=int(revision)).exclude(action=Action.REDACTED)
    change = found.first()
    is_whole = change is not None and change.document is not None and change.action != Action.MERGED
    return change if is_whole else None


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
            "crumbs": crumbs.trail("timeline", Link(address_of(RecordType.EVENT, key), title), here="History"),
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
                "is_whole": row.document is not None and row.action not in (Action.REDACTED, Action.MERGED),
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
