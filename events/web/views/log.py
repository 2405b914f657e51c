"""The public log, and the corrections in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from events.caching import of_the_record
from events.choices import Action, CorrectionClass, RecordType
from events.documents import COLLECTIONS, MODELS, instant
from events.documents.base import API
from events.models import Change
from events.queries.sql import union_all
from events.web import crumbs, glossary, paging
from events.web.pages import page
from events.web.record import PAGES, address_of, names_of
from events.web.words import moment_in_words

PAGE = 50
CHOICES = {"type": RecordType.values, "action": Action.values}  # what the log can be narrowed by
CORRECTIONS = (Action.CORRECTED, Action.RETRACTED, Action.MERGED, Action.REDACTED)


@require_safe
@of_the_record
def changes(request: HttpRequest) -> HttpResponse:
    """The log, newest first, of one type of record and one action where they are asked for."""
    record_type, action = (chosen(request.GET.get(name, ""), values) for name, values in CHOICES.items())
    found = Change.objects.all()
    if record_type:
        found = found.filter(type=record_type)
    if action:
        found = found.filter(action=action)

    def address(**more: str) -> str:
        return paging.address(request.path, type=record_type, action=action, **more)

    rows, paged = paging.Seqs.asked(request.GET).page(found.defer("document"), PAGE, address)
    return page(
        "log/changes.html",
        {
            "section": "log",
            "crumbs": crumbs.trail(here=_("Changes")),
            "rows": shown(rows),
            "paged": paged,
            "types": [(value, _(label), value == record_type) for value, label in RecordType.choices],
            "actions": [(value, _(label), value == action) for value, label in Action.choices],
            "filtered": bool(record_type or action),
            "problems": [
                _("There is no %(name)s “%(value)s” in the log, so it narrows nothing.")
                % {"name": name, "value": value}
                for name, values in CHOICES.items()
                if (value := request.GET.get(name)) and value not in values
            ],
            "path": request.path,
        },
    )


def chosen(value: str, values: Sequence[str]) -> str:
    return value if value in values else ""


@require_safe
@of_the_record
def corrections(request: HttpRequest) -> HttpResponse:
    """Corrections, retractions, merges and redactions, newest first, and what the policy on them is."""
    asked = paging.Seqs.asked(request.GET)

    def address(**more: str) -> str:
        return paging.address(request.path, **more)

    # Each action's index is walked in its own order: nobody reads a million changes for the few that corrected any.
    bounds = Q()
    if asked.before is not None:
        bounds = Q(seq__lt=asked.before)
    elif asked.after is not None:
        bounds = Q(seq__gt=asked.after)
    order = "seq" if asked.after is not None else "-seq"
    branches = [
        Change.objects.filter(bounds, action=action).order_by(order).values_list("seq")[: PAGE + 1]
        for action in CORRECTIONS
    ]
    seqs = [] if asked.is_bad else sorted((seq for (seq,) in union_all(branches)), reverse=order == "-seq")[: PAGE + 1]
    rows, paged = asked.page(Change.objects.filter(seq__in=seqs).defer("document"), PAGE, address)
    return page(
        "log/corrections.html",
        {
            "section": "log",
            "crumbs": crumbs.trail("change-list", here=_("Corrections")),
            "rows": shown(rows),
            "paged": paged,
            "classes": glossary.terms()["classes"],
        },
    )


def shown(rows: list[Change]) -> list[dict[str, Any]]:
    """Changes with the names that their records have now, and where to read on."""
    names = names_of((row.type, row.key) for row in rows)
    redactions = [row.seq for row in rows if row.action == Action.REDACTED]
    redacts = (
        {
            seq: orjson.loads(document)["redacts"]
            for seq, document in Change.objects.filter(seq__in=redactions).values_list("seq", "document")
            if document
        }
        if redactions
        else {}
    )
    return [
        {
            "change": row,
            "at": instant(row.at),
            "at_display": moment_in_words(instant(row.at)),
            "name": names.get((row.type, row.key), row.key),
            "type": _(RecordType(row.type).label),
            "action": _(Action(row.action).label),
            "class": _(CorrectionClass(row.correction_class).label) if row.correction_class else "",
            "address": address_of(row.type, row.key) if row.type != RecordType.GROUP else "",
            "api": f"{API}/{COLLECTIONS[MODELS[RecordType(row.type)]]}/{row.key}/",
            "history": reverse(f"{row.type}-history", args=[row.key]) if row.type in PAGES else "",
            "redacts": redacts.get(row.seq),
        }
        for row in rows
    ]
