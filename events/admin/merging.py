"""Merging a public event into another one: a page that asks which, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from events.admin.base import editor, may_publish, sentence
from events.choices import State
from events.models import Event, EventRelation
from events.models.base import storable
from events.models.review import LONGEST
from events.services import publishing


class Merging:
    """For the admin of events."""

    admin_site: Any
    opts: Any
    get_object: Callable[..., Any]
    message_user: Callable[..., None]
    log_change: Callable[..., Any]

    def merging_urls(self) -> list[URLPattern]:
        return [path("<int:pk>/merge/", self.admin_site.admin_view(self.merge_view), name="events_event_merge")]

    def merge_form(self, event: Event, data: Any) -> forms.Form:
        site = self.admin_site

        class MergeForm(forms.Form):
            into = forms.ModelChoiceField(
                label="Merge into",
                queryset=Event.objects.published().exclude(pk=event.pk),
                widget=AutocompleteSelect(EventRelation._meta.get_field("earlier"), site),
                help_text="The event that stays. What relates to this one will relate to it.",
            )
            note = forms.CharField(
                max_length=LONGEST,
                validators=[storable],
                widget=forms.Textarea(attrs={"rows": 3, "cols": 80}),
                help_text="Why the two are one. Readers see it in the public log.",
            )

        return MergeForm(data)

    def merge_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        event = self.get_object(request, str(pk))
        if event is None or not may_publish(request) or event.state != State.PUBLISHED:
            raise PermissionDenied
        form = self.merge_form(event, request.POST if request.method == "POST" else None)
        if form.is_valid():
            into, note = form.cleaned_data["into"], form.cleaned_data["note"]
            try:
                with publishing.recording():
                    change = publishing.merge(event, into=into, by=editor(request), note=note)
                    self.log_change(request, event, f"Merged into “{into}”.")
            except publishing.PublishingError as refusal:
                for problem in refusal.problems:
                    form.add_error(None, problem)
            except IntegrityError as error:
                form.add_error(None, sentence(error))
            else:
                said = f"“{event}” is now “{into}”, as revision {change.seq}. Its address leads there forever."
                self.message_user(request, said)
                return HttpResponseRedirect(reverse("admin:events_event_change", args=[into.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": "Merge",
            "opts": self.opts,
            "original": event,
            "form": form,
            "media": form.media,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/events/event/merge.html", context)
