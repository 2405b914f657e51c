"""The histories of records."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import orjson
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from events.caching import of_the_record
from events.choices import Action, CorrectionClass, RecordType
from events.documents import instant
from events.lib.differences import differences
from events.models import Change
from events.web import crumbs, paging
from events.web.pages import page
from events.web.record import PAGES, Link, address_of
from events.web.words import moment_in_words

PAGE = 50


def history_view(record_type: RecordType) -> Callable[..., HttpResponseBase]:
    """Make the view of a type's histories: every public revision of a record, newest first, with what it changed.

    A record that was merged into another one keeps its own.
    """

    @require_safe
    @of_the_record
    def view(request: HttpRequest, key: str) -> HttpResponse:
        return history(request, record_type, key)

    return view


def history(request: HttpRequest, record_type: RecordType, key: str) -> HttpResponse:
    changes = Change.objects.of(record_type, key)
    seqs = paging.Seqs.asked(request.GET)

    def address(**more: str) -> str:
        return paging.address(request.path, **more)

    rows, paged = seqs.page(changes, PAGE, address, look_behind=True)
    if not rows and not paged.problem:
        raise Http404
    title = title_of(rows) or key
    return page(
        "events/history.html",
        {
            "section": "timeline" if record_type == RecordType.EVENT else record_type.value,
            "crumbs": crumbs.trail(*list_of(record_type), Link(address_of(record_type, key), title), here=_("History")),
            "address": address_of(record_type, key),
            "is_event": record_type == RecordType.EVENT,
            "title": title,
            "cited_as": _("History of “%(title)s”") % {"title": title},
            "revisions": revisions(rows)[:PAGE],
            "paged": paged,
        },
    )


def list_of(record_type: RecordType) -> list[str]:
    """The route of the list that a record stands on: that of events is the front page."""
    return [] if record_type == RecordType.EVENT else [f"{record_type.value}-list"]


def title_of(rows: list[Change]) -> str:
    """What the newest document among these that bears a name calls the record; "": none does."""
    for row in rows:
        if row.document and row.action != Action.REDACTED:
            document = orjson.loads(row.document)
            if title := document.get("title") or document.get("name"):
                return str(title)
    return ""


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
                "action": _(Action(row.action).label),
                "class": _(CorrectionClass(row.correction_class).label) if row.correction_class else "",
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


views = {record_type: history_view(record_type) for record_type in PAGES}
