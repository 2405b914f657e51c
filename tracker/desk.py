"""The admin site: its front page is the desk."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.models import AbstractUser
from django.http import HttpRequest, HttpResponse

MOST_NOTICES = 10


class DeskSite(AdminSite):
    site_header = "AI Access Tracker"
    site_title = "AI Access Tracker"
    index_title = "The editors’ desk"
    index_template = "admin/desk.html"

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        # The package registers its pages on import, with the very site that this module makes.
        from events.admin.queues import sections

        assert isinstance(request.user, AbstractUser)
        unread = request.user.notices.unread().select_related("event")  # type: ignore[attr-defined]
        found = list(unread[: MOST_NOTICES + 1])
        context = {
            "sections": sections(request.user),
            "notices": found[:MOST_NOTICES],
            "more_notices": len(found) > MOST_NOTICES,
        }
        return super().index(request, context | (extra_context or {}))
