"""Answers in HTML."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.template.loader import get_template

from events.caching import head


def page(template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A page of the record. Its templates see neither request nor user: the same page is for everybody."""
    return HttpResponse(
        get_template(template).render(context if "head" in context else context | {"head": head()}), status=status
    )


def fragment(template: str, context: dict[str, Any]) -> HttpResponse:
    """A part of a page, for htmx."""
    return HttpResponse(get_template(template).render(context))
