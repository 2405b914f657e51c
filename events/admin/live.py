"""What the event's form tells while one types: what publishing lacks, likely duplicates, effects, known sources."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from events.admin.base import editor
from events.admin.citing import known
from events.admin.queues import QUEUES
from events.admin.unsaved import filled_in
from events.choices import CompanyRole, State
from events.lib.related import related
from events.lib.urls import BadUrl
from events.models import Citation, Country, Event
from events.queries.access import Geography
from events.queries.duplicates import alike
from events.queries.effects import turns
from events.services import rules

MOST_CITING = 3  # events named as citing a source
FURTHEST = 500  # rows of a queue among which the next one is looked for


class Live:
    """For the admin of events."""

    admin_site: Any
    get_object: Callable[..., Any]
    message_user: Callable[..., None]
    has_view_permission: Callable[..., bool]
    has_add_permission: Callable[..., bool]

    def live_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("look/", wrap(self.look_view), name="events_event_look_new"),
            path("<int:pk>/look/", wrap(self.look_view), name="events_event_look"),
            path("source/", wrap(self.source_view), name="events_event_source"),
            path("next/", wrap(self.next_view), name="events_event_next"),
        ]

    def look_view(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """A fragment about the form as it stands, of which nothing is saved."""
        event = self.get_object(request, str(pk)) if pk else None
        if request.method != "POST" or (pk and event is None) or not self.has_view_permission(request, event):
            raise PermissionDenied
        context = look(filled_in(self, request, event), is_public=bool(event and event.is_public))
        return TemplateResponse(request, "admin/events/event/_look.html", context)

    def source_view(self, request: HttpRequest) -> HttpResponse:
        """What is known of a page, by the address in the one parameter whose name ends in "url"."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        text = next((str(value).strip() for name, value in request.GET.items() if name.endswith("url")), "")
        context: dict[str, Any] = {}
        try:
            context["source"] = source = known(text) if text else None
        except BadUrl as problem:
            context["problem"] = str(problem)
        else:
            if source is None and text:
                context["problem"] = rules.UNKNOWN_PAGE
            elif source is not None:
                cited = Citation.objects.filter(source=source).select_related("event").order_by("-pk")
                events = list(dict.fromkeys(citation.event for citation in cited[: 4 * MOST_CITING]))
                context |= {"events": events[:MOST_CITING], "more": len(events) > MOST_CITING}
        return TemplateResponse(request, "admin/events/event/_source.html", context)

    def next_view(self, request: HttpRequest) -> HttpResponse:
        """On to the event that comes after another one in a queue."""
        queue, after = QUEUES.get(request.GET.get("queue", "")), request.GET.get("after", "")
        if queue is None or queue.model is not Event or not editor(request).has_perm(queue.permission):
            return HttpResponseRedirect(reverse("admin:index"))
        keys = list(queue.rows(editor(request)).order_by(*queue.order).values_list("pk", flat=True)[:FURTHEST])
        others = [key for key in keys if str(key) != after]
        if not others:
            self.message_user(request, f"Nothing else waits in “{queue.title}”.")
            return HttpResponseRedirect(reverse("admin:index"))
        place = keys.index(int(after)) if after.isdecimal() and int(after) in keys else len(keys)
        following = keys[place + 1] if place + 1 < len(keys) else others[0]
        filters = f"?_changelist_filters=queue%3D{queue.key}"
        return HttpResponseRedirect(reverse("admin:events_event_change", args=[following]) + filters)


def look(event: Event, *, is_public: bool) -> dict[str, Any]:
    """What can be said of an event as its form is filled in."""
    actors = [link.company_id for link in related(event, "company_links") if link.role == CompanyRole.ACTOR]
    effects = [
        effect
        for effect in related(event, "effects")
        if effect.product_id and effect.effective_date and effect.status and (effect.country_id or effect.group_id)
    ]
    names = dict(Country.objects.values_list("code", "name")) if effects else {}
    return {
        "lacks": rules.missing_for_publication(event) + (rules.held_up([event]) if event.pk else []),
        "is_public": is_public,
        "duplicates": alike(event.title, event.date, [pk for pk in actors if pk], but=event.pk),
        "turns": turns(effects, Geography.read(), names) if effects else [],
    }


def queue_of(event: Event, asked: str) -> str:
    """The queue in which one goes on from an event: the one that one came from, else that of its state."""
    if asked in QUEUES:
        return asked
    return "review" if event.state == State.IN_REVIEW else "drafts"
