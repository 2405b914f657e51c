"""Answers in HTML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import get_template
from django.template.response import SimpleTemplateResponse

from events.caching import head
from events.web import citing, related, sharing


class Page(SimpleTemplateResponse):
    """A page of the record, rendered once it is known at which address it stands."""


def page(template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A page of the record. Its templates see neither request nor user: the same page is for everybody."""
    return Page(get_template(template), context if "head" in context else context | {"head": head()}, status=status)


def fragment(template: str, context: dict[str, Any]) -> HttpResponse:
    """A part of a page, for htmx."""
    return HttpResponse(get_template(template).render(context))


class Addressed:
    """Middleware: gives each page of the record what its head says to other sites, which its address is part of."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_template_response(self, request: HttpRequest, response: Any) -> Any:
        if isinstance(response, Page):
            context = response.context_data or {}
            shared = sharing.shared(request, context)
            response.context_data = context | {"shared": shared, "foot": foot(request, context, shared.path)}
        return response


def foot(request: HttpRequest, context: Mapping[str, Any], path: str) -> dict[str, Any] | None:
    """What to read beside a page that is about no single record, and how to cite it as of the newest revision.

    Its view may say better than the breadcrumbs what it is called (`cited_as`), and at which path (`cited_at`).
    """
    route = (request.resolver_match and request.resolver_match.url_name) or ""
    links = related.of_page(route)
    if not links or not context["head"].at:
        return None
    title = context.get("cited_as") or context["crumbs"][-1].name
    cited = citing.reference(request, title, context.get("cited_at") or path, context["head"], of="page")
    return {"related": links, "forms": citing.written(cited)}
