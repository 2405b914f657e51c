"""An event as readers will see it, for editors alone."""

from __future__ import annotations

from typing import Any

import orjson
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from events.documents import instant, prefetched, working_document
from events.lib.dates import today
from events.models import Event, Proposal
from events.queries.access import Geography
from events.queries.effects import turns
from events.services import rules
from events.web import event_page
from events.web.pages import page
from events.web.words import country_names


def for_editors(view: Any) -> Any:
    view = permission_required("events.view_event", raise_exception=True)(view)
    view = login_required(login_url="admin:login")(view)
    return require_safe(cache_control(private=True, no_store=True)(view))


@for_editors
def event(request: HttpRequest, pk: int) -> HttpResponse:
    """What publishing would show of the event's rows as they were last saved."""
    [row] = prefetched([get_object_or_404(Event, pk=pk)])
    lacks = rules.missing_for_publication(row)
    effects = turns(list(row.effects.all()), Geography.read(), dict(country_names()))
    return preview(row, working_document(row), {"lacks": lacks, "turns": effects})


@for_editors
def proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """What a proposed correction would make of the event."""
    found = get_object_or_404(Proposal.objects.select_related("event"), pk=pk)
    return preview(found.event, orjson.loads(found.document), {"proposal": found})


def preview(row: Event, document: dict[str, Any], about: dict[str, Any]) -> HttpResponse:
    context = {"row": row, "back": reverse("admin:events_event_change", args=[row.pk]), **about}
    if not document["date"] or not document["kind"]:
        return page("events/preview_early.html", context)
    now = instant(timezone.now())
    document |= {name: document[name] or now for name in ("published_at", "updated_at")}
    document["relations"] = [link for link in document["relations"] if link["date"]]
    return page("events/preview.html", event_page.shown(document, now=today()) | context)
