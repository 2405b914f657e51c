"""Retracting, from the form of one event or from the list: first a page that asks for the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from events.admin.base import editor, may_publish
from events.models import Event
from events.models.base import storable
from events.services import publishing


class ReasonForm(forms.Form):
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3, "cols": 80}),
        validators=[storable],
        help_text="Readers see it on the event's page and in the public log.",
    )


class Retracting:
    """For the admin of events."""

    admin_site: admin.AdminSite
    opts: Any
    each: Callable[..., None]
    message_user: Callable[..., None]
    get_object: Callable[..., Any]

    def retract_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        event = self.get_object(request, unquote(object_id))
        if not may_publish(request) or event is None:
            raise PermissionDenied
        answer = self.ask_for_reason(request, [event], asked="reason" in request.POST)
        return answer or HttpResponseRedirect(reverse("admin:events_event_change", args=[event.pk]))

    @admin.action(description="Retract the selected…", permissions=["publish"])
    def retract_selected(self, request: HttpRequest, queryset: QuerySet[Event]) -> HttpResponse | None:
        return self.ask_for_reason(request, list(queryset), asked="reason" in request.POST)

    def ask_for_reason(self, request: HttpRequest, events: Iterable[Event], *, asked: bool) -> HttpResponse | None:
        """The page that asks, until a reason is given; then retract each, and None."""
        form = ReasonForm(request.POST if asked else None)
        if asked and form.is_valid():
            reason = form.cleaned_data["reason"]
            self.each(
                request,
                events,
                lambda event: publishing.retract(event, by=editor(request), reason=reason),
                "Retracted",
            )
            return None
        if asked:
            self.message_user(request, "A retraction gives its reason.", messages.ERROR)
        context = {
            **self.admin_site.each_context(request),
            "title": "Retract",
            "opts": self.opts,
            "events": events,
            "form": form,
            "action": request.POST.get("action", ""),
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/events/event/retract.html", context)
