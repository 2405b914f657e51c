"""What all reads of the record have in common."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_vary_headers
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from events.api.deprecation import Deprecation, announce
from events.api.errors import MEDIA_TYPE
from events.api.pages import HTML, PageRenderer, as_page
from events.api.parameters import Flag, Number, Parameters
from events.api.renderers import JSON
from events.caching import of_the_record

PAGE_SIZE = Number("page_size", "How many results a page has", least=1, most=200, default=50)
ANYTHING = "*/*"
COUNT = Flag("count", "true adds `count`: how many there are on all pages together, exactly")


class Negotiation(DefaultContentNegotiation):
    """As always, but quick where a client takes anything: that is nearly every request. `format=` has the last word."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        if request.META.get("HTTP_ACCEPT", ANYTHING) == ANYTHING or "format" in request.GET:
            return renderers[0], renderers[0].media_type
        return super().select_renderer(request, renderers, format_suffix)


class AnyForm(DefaultContentNegotiation):
    """Of what has one form, whatever the client would rather have: files. Errors are problem documents."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class Read(APIView):
    """Answers GET to anybody, without asking who it is. `parameters` are all that its query may hold."""

    authentication_classes = ()
    permission_classes = ()
    content_negotiation_class: type[DefaultContentNegotiation] = Negotiation
    renderer_classes: tuple[type[BaseRenderer], ...] = (JSONRenderer, PageRenderer)
    parameters = Parameters()
    # For the schema: what it is called, the form of its answer, which of the examples shows it, how it may fail.
    operation = ""
    about = ""  # what there is, where one class stands for several addresses; else its docstring says it
    answer: type[Serializer[Any]] = Serializer
    example: str | dict[str, Any] = ""  # the name of a document, or the answer itself
    asks_example = ""
    deprecated: Deprecation | None = None
    fails_with: tuple[HTTPStatus, ...] = ()
    gives: dict[str, Any] | None = {}  # files: their media types, each with a schema; None: nothing by itself
    is_conditional = False
    has_etag = False  # without being drawn from the record
    comes_in_ranges = False
    leads_on: HTTPStatus | None = None
    may_be_merged = False

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """What a browser opened it gets as a page."""
        response = super().finalize_response(request, response, *args, **kwargs)
        form = getattr(getattr(request, "accepted_renderer", None), "media_type", "")
        is_json = response.headers.get("Content-Type") in (JSON, MEDIA_TYPE)
        if form == HTML and is_json and not response.has_header("Location"):
            response = as_page(request._request, self, response)
        announce(response, filter(None, [self.deprecated, *self.parameters.deprecated_in(request.GET)]))
        if not self.is_conditional:
            patch_vary_headers(response, ["Accept"])
        return response

    def asked(self, request: Request) -> dict[str, Any]:
        """The values of the parameters, by name. Raises BadParameters."""
        return self.parameters.read(request.GET)


class ReadOfTheRecord(Read):
    """A read whose answer changes with the record's revision alone: it has an ETag, and a 304 costs one query."""

    is_conditional = True
    is_daily = False  # whether the answer depends on today's date, too
    follows_the_log = False  # whether mirrors and others go on from it

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:  # type: ignore[override]
        view = super().as_view(**initkwargs)
        # What reads no revision refuses one.
        conditional = of_the_record(view, daily=cls.is_daily, pinned=True, to_the_moment=cls.follows_the_log)

        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            reads = request.method in {"GET", "HEAD"}
            return (conditional if reads else view)(request, *args, **kwargs)

        return answer
