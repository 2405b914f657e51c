"""Every error of the API as a problem document (RFC 9457)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from math import ceil
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views import defaults
from rest_framework import exceptions
from rest_framework.views import set_rollback

MEDIA_TYPE = "application/problem+json"


class Malformed(exceptions.APIException):
    """Parts of a request that are wrong: where each stands, and a sentence that says what is valid."""

    status_code = HTTPStatus.BAD_REQUEST
    place = ""  # the member of an error that says where

    def __init__(self, errors: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        self.errors = [{self.place: where, "detail": detail} for where, detail in errors]


class BadParameters(Malformed):
    """Parameters of the query, by name."""

    default_detail = "The query has parameters that are unknown or malformed."
    place = "parameter"


class BadBody(Malformed):
    """Parts of what was sent, by JSON pointer (RFC 6901)."""

    default_detail = "What was sent has members that are unknown or malformed."
    place = "pointer"


class TooLarge(exceptions.APIException):
    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class Gone(exceptions.APIException):
    status_code = HTTPStatus.GONE


class NotThere(exceptions.NotFound):
    """What there will be; `wait`: seconds until then, where that is known."""

    def __init__(self, detail: str, *, wait: int | None = None) -> None:
        super().__init__(detail)
        self.wait = wait


class RangeNotSatisfiable(exceptions.APIException):
    status_code = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE

    def __init__(self, size: int) -> None:
        super().__init__(f"The file has {size} bytes: ask for some of them.")
        self.size = size


def problem(request: HttpRequest, status: int, detail: str, **more: Any) -> HttpResponse:
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        "instance": request.path,
        **more,
    }
    return HttpResponse(
        orjson.dumps(body), status=status, content_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"}
    )


def handle(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """REST framework's exception handler. What it does not know, Django logs and gives to `server_error`."""
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    set_rollback()
    more = {"errors": error.errors} if isinstance(error, Malformed) else {}
    detail = str(error.detail)
    if isinstance(error, exceptions.NotAcceptable) and error.available_renderers:
        forms = dict.fromkeys(each.media_type for each in error.available_renderers)
        detail = f"{detail} There is {', '.join(forms)}."
        if has_tables(context["view"]):
            export = reverse("api:event-export")
            detail = (
                f"{detail} With format=csv the same address gives all rows as text/csv; "
                f"{export} gives events as CSV for spreadsheets."
            )
    if isinstance(error, exceptions.UnsupportedMediaType):
        detail = f"{detail} Valid are {', '.join(each.media_type for each in context['view'].parser_classes)}."
    response = problem(context["request"], error.status_code, detail, **more)
    if challenge := getattr(error, "auth_header", None):
        response.headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        response.headers["Retry-After"] = str(ceil(wait))
    if isinstance(error, RangeNotSatisfiable):
        response.headers["Content-Range"] = f"bytes */{error.size}"
    return response


def has_tables(view: Any) -> bool:
    """Whether a parameter of its addresses asks for all rows as a table."""
    return "format" in getattr(getattr(view, "parameters", None), "by_name", ())


def for_the_api(status: HTTPStatus, detail: str, elsewhere: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A handler of Django's for what no view of the API answers: a problem below /api/, else the page as always."""

    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.path.startswith("/api/"):
            return problem(request, status, detail)
        return elsewhere(request, *args, **kwargs)

    return answer


bad_request = for_the_api(HTTPStatus.BAD_REQUEST, "The request is malformed.", defaults.bad_request)
permission_denied = for_the_api(HTTPStatus.FORBIDDEN, "This is not allowed.", defaults.permission_denied)
not_found = for_the_api(
    HTTPStatus.NOT_FOUND, "Nothing has this address; /api/v1/schema/ lists what there is.", defaults.page_not_found
)
server_error = for_the_api(
    HTTPStatus.INTERNAL_SERVER_ERROR, "The error is ours; it has been logged.", defaults.server_error
)
