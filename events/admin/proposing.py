"""A proposed correction as its second person sees it: the difference, and what may be decided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from events.admin.base import editor
from events.lib.differences import differences
from events.models import Event, Proposal
from events.services import proposals
from events.services.publishing import PublishingError


class Proposing:
    """For the admin of events."""

    admin_site: Any
    opts: Any
    message_user: Callable[..., None]
    log_change: Callable[..., Any]
    has_view_permission: Callable[..., bool]

    def proposing_urls(self) -> list[URLPattern]:
        return [
            path("proposals/<int:pk>/", self.admin_site.admin_view(self.proposal_view), name="events_event_proposal")
        ]

    def proposal_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        found = Proposal.objects.select_related("event", "by", "decided_by", "base", "change")
        proposal = get_object_or_404(found, pk=pk)
        if not self.has_view_permission(request, proposal.event):
            raise PermissionDenied
        if request.method == "POST":
            try:
                said = self.decide(request, proposal)
            except PublishingError as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
                return HttpResponseRedirect(request.path)
            self.log_change(request, proposal.event, said)
            self.message_user(request, said, messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:events_event_change", args=[proposal.event_id]))
        by = editor(request)
        before = orjson.loads(proposal.base.document or "{}")
        context = {
            **self.admin_site.each_context(request),
            "title": f"Proposed correction: {proposal.event}",
            "opts": self.opts,
            "proposal": proposal,
            "differences": differences(before, orjson.loads(proposal.document)),
            "stale": proposal.state == "open" and proposals.is_stale(proposal),
            "may_publish": proposals.may_publish(proposal, by),
            "may_close": proposals.may_close(proposal, by),
            "is_own": proposal.by_id == by.pk,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/events/event/proposal.html", context)

    def decide(self, request: HttpRequest, proposal: Proposal) -> str:
        by = editor(request)
        if "publish" in request.POST:
            change = proposals.publish(proposal, by=by)
            return f"The correction of “{proposal.event}” is on record, as revision {change.seq}."
        proposals.close(proposal, by=by, why=request.POST.get("why", ""))
        return f"The proposed correction of “{proposal.event}” is closed."

    def keep(self, request: HttpRequest, proposed: proposals.Proposed) -> HttpResponse:
        """Store what a form or a reversion proposed, and show it. Raises PublishingError."""
        proposal = proposals.propose(proposed, by=editor(request))
        event = Event.objects.get(pk=proposal.event_id)
        self.log_change(request, event, "Proposed a correction.")
        self.message_user(
            request,
            "Your correction waits for a second person; until then readers see the event as it was.",
            messages.SUCCESS,
        )
        return HttpResponseRedirect(reverse("admin:events_event_proposal", args=[proposal.pk]))
