"""Comments, assignment and checks of an event: what the panel beside its form posts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from events.admin.base import Button, editor
from events.choices import CommentField, Weight
from events.models import Comment, Event
from events.models.events import NOT_YET_PUBLIC
from events.models.review import LONGEST
from events.services import notices, proposals, review
from events.services.publishing import PublishingError


class CommentForm(forms.Form):
    field = forms.ChoiceField(label="About", choices=CommentField.choices)
    weight = forms.ChoiceField(label="Weight", choices=Weight.choices)
    text = forms.CharField(label="Comment", max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3}))


def editors() -> QuerySet[AbstractUser]:
    return notices.those_who_may(review.PERMISSION).order_by("username")


class Reviewing:
    """For the admin of events."""

    admin_site: Any
    get_object: Callable[..., Any]
    message_user: Callable[..., None]
    has_view_permission: Callable[..., bool]
    has_change_permission: Callable[..., bool]
    buttons: Callable[..., list[Button]]
    lacks: Callable[..., list[str]]

    def reviewing_urls(self) -> list[URLPattern]:
        return [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"events_event_{name}")
            for name, view in (
                ("comment", self.comment_view),
                ("settle", self.settle_view),
                ("assign", self.assign_view),
                ("check", self.check_view),
                ("read", self.read_view),
            )
        ]

    def panel(self, request: HttpRequest, event: Event) -> dict[str, Any]:
        """The context of the panel beside the form of a saved event."""
        by = editor(request)
        comments = list(Comment.objects.filter(event=event).select_related("by", "settled_by", "event"))
        takes_part = by.has_perm(review.PERMISSION)
        return {
            "event": event,
            "comments": [
                (comment, comment.settled_at is None and review.may_settle(comment, by)) for comment in comments
            ],
            "open_comments": sum(comment.settled_at is None for comment in comments),
            "comment_form": CommentForm() if takes_part and event.state in NOT_YET_PUBLIC else None,
            "may_assign": takes_part and event.state in NOT_YET_PUBLIC,
            "editors": list(editors()) if takes_part and event.state in NOT_YET_PUBLIC else [],
            "may_check": takes_part and event.state == "published",
            "proposal": proposals.waiting(event),
        }

    def acting(self, request: HttpRequest, pk: int, act: Callable[[Event], str]) -> HttpResponse:
        """Do it to the event; then the panel alone, for htmx, or the form again."""
        if request.method != "POST" or not self.has_view_permission(request):
            raise PermissionDenied
        event = get_object_or_404(Event.objects.select_related("assigned_to"), pk=pk)
        try:
            said, level = act(event), messages.SUCCESS
        except PublishingError as refusal:
            said, level = str(refusal), messages.ERROR
        if getattr(request, "htmx", False):
            event = Event.objects.select_related("assigned_to").get(pk=pk)
            context = self.panel(request, event)
            context |= {"said": said, "refused": level == messages.ERROR}
            # A settled comment may have been the last that kept it from being published.
            context |= {"may_change": self.has_change_permission(request, event), "lacks": self.lacks(event)}
            context["buttons"] = self.buttons(request, event)
            headers = {"HX-Trigger": "desk:changed"}
            return TemplateResponse(request, "admin/events/event/_acted.html", context, headers=headers)
        self.message_user(request, said, level)
        return HttpResponseRedirect(reverse("admin:events_event_change", args=[pk]))

    def comment_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        def act(event: Event) -> str:
            form = CommentForm(request.POST)
            if not form.is_valid():
                raise PublishingError(*(str(error) for errors in form.errors.values() for error in errors))
            review.comment(event, by=editor(request), **form.cleaned_data)
            return "Your comment is there."

        return self.acting(request, pk, act)

    def settle_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        def act(event: Event) -> str:
            number = request.POST.get("comment", "")
            comment = get_object_or_404(
                Comment.objects.select_related("event"), event=event, pk=number if number.isdecimal() else 0
            )
            if "reopen" in request.POST:
                review.reopen(comment, by=editor(request))
                return "The comment is open again."
            review.settle(comment, by=editor(request))
            return "The comment is settled."

        return self.acting(request, pk, act)

    def assign_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        def act(event: Event) -> str:
            chosen = request.POST.get("to", "")
            to = get_object_or_404(editors(), pk=chosen) if chosen.isdecimal() else None
            review.assign(event, to=to, by=editor(request))
            return f"Assigned to {to}." if to else "Assigned to nobody."

        return self.acting(request, pk, act)

    def check_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        def act(event: Event) -> str:
            review.check(event, by=editor(request))
            return "Noted as checked today."

        return self.acting(request, pk, act)

    def read_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Mark what one was told of the event as read, and go there."""
        if request.method != "POST":
            raise PermissionDenied
        notices.read(editor(request).notices.filter(event=pk))  # type: ignore[attr-defined]
        return HttpResponseRedirect(reverse("admin:events_event_change", args=[pk]))
