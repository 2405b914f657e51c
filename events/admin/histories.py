"""An event's history on the desk: each step with who took it, and what it changed; and the way back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from events.admin.base import editor
from events.choices import Action, CorrectionClass, RecordType
from events.lib.differences import Difference, differences
from events.models import Change, Event, Step
from events.models.base import storable
from events.models.review import LONGEST
from events.services import proposals, steps
from events.services.publishing import PublishingError

MOST_SHOWN = 50


class RevertForm(forms.Form):
    correction_class = forms.ChoiceField(label="Class", choices=CorrectionClass.choices)
    note = forms.CharField(
        max_length=LONGEST,
        validators=[storable],
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
        help_text="Why. Readers see it in the public log.",
    )


@dataclass
class Entry:
    """One line: `place` names it in an address ("step-12", "change-345"); `document` None: it changed nothing."""

    place: str
    at: dt.datetime
    what: str
    by: Any
    note: str
    document: dict[str, Any] | None
    change: Change | None
    differences: list[Difference] = field(default_factory=list)
    compared: bool = False
    is_newest: bool = False


def entries(event: Event) -> list[Entry]:
    """The newest steps on the desk and changes in the log, newest first, each compared with what stood before it."""
    found = []
    taken = list(Step.objects.filter(event=event).select_related("by", "change")[: MOST_SHOWN + 1])
    known = {step.change_id for step in taken}
    for step in taken:
        when = step.change.at if step.change else step.at
        found.append(
            Entry(f"step-{step.pk}", when, step.get_act_display(), step.by, step.note, steps.said(step), step.change)
        )
    changes = Change.objects.of(RecordType.EVENT, event.slug).exclude(action=Action.REDACTED)
    for change in changes[: MOST_SHOWN + 1]:
        if change.pk not in known:
            document = orjson.loads(change.document) if change.document else None
            place, what = f"change-{change.pk}", Action(change.action).label
            found.append(Entry(place, change.at, what, None, change.note, document, change))
    found.sort(key=lambda entry: entry.at, reverse=True)
    newer: Entry | None = None
    for entry in found:
        if entry.document is None:
            continue
        if newer is None:
            entry.is_newest = True
        elif newer.document is not None:
            newer.differences, newer.compared = differences(entry.document, newer.document), True
        newer = entry
    return found[:MOST_SHOWN]


class Histories:
    """For the admin of events."""

    admin_site: Any
    opts: Any
    get_object: Callable[..., Any]
    message_user: Callable[..., None]
    log_change: Callable[..., Any]
    keep: Callable[..., HttpResponse]
    has_view_permission: Callable[..., bool]
    has_change_permission: Callable[..., bool]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        event = self.get_object(request, object_id)
        if event is None:
            raise Http404
        if not self.has_view_permission(request, event):
            raise PermissionDenied
        found = entries(event)
        if request.method == "POST":
            return self.revert(request, event, found)
        context = {
            **self.admin_site.each_context(request),
            "title": f"History: {event}",
            "opts": self.opts,
            "original": event,
            "entries": found,
            "form": RevertForm() if event.is_public else None,
            "may_revert": self.has_change_permission(request, event),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/events/event/history.html", context)

    def revert(self, request: HttpRequest, event: Event, found: list[Entry]) -> HttpResponse:
        """Make the event say again what it said: of a draft at once, of a published one as a correction."""
        if not self.has_change_permission(request, event):
            raise PermissionDenied
        place = request.POST.get("to", "")
        document = next((entry.document for entry in found if entry.place == place), None)
        if document is None:
            raise Http404
        by, back = editor(request), HttpResponseRedirect(request.path)
        try:
            if not event.is_public:
                proposals.restore_draft(event, document, by=by)
                self.message_user(request, "It says again what it said then.", messages.SUCCESS)
                return back
            form = RevertForm(request.POST)
            if not form.is_valid():
                raise PublishingError("A reversion is a correction: give its class, and say in a note why.")
            change = proposals.revert(event, document, by=by, **form.cleaned_data)
        except proposals.Proposed as proposed:
            try:
                return self.keep(request, proposed)
            except PublishingError as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
                return back
        except PublishingError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return back
        said = f"The correction is on record, as revision {change.seq}." if change else "It says that already."
        self.message_user(request, said, messages.SUCCESS if change else messages.INFO)
        return back
