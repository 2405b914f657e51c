"""The API about itself: how it is, its schema, and the pages that show it to people."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable
from functools import cache, wraps
from http import HTTPStatus
from typing import Any

import orjson
from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, get_resolver, reverse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from rest_framework.request import Request

from events.api import shapes
from events.api.errors import problem
from events.api.renderers import json_answer
from events.api.views.base import Read
from events.caching import head
from events.documents import instant
from events.models import Reissue
from events.queries import jobs


def job_status(job: jobs.JobHealth) -> dict[str, Any]:
    """Without the error itself, which may name what is not for everybody: the desk shows it."""
    return {
        "name": job.name,
        "every_seconds": int(job.every),
        "last_started_at": moment(job.started_at),
        "last_good_at": moment(job.good_at),
        "last_duration_ms": job.milliseconds,
        "last_failed_at": moment(job.failed_at),
        "late": job.is_late,
    }


def feed_status(feed: jobs.Watched) -> dict[str, Any]:
    return {
        "slug": feed.slug,
        "name": feed.name,
        "every_minutes": feed.minutes,
        "last_good_at": moment(feed.good_at),
        "failures": feed.failures,
        "late": feed.is_late,
    }


def moment(at: dt.datetime | None) -> str | None:
    return instant(at) if at else None


ROOT_EXAMPLE = {
    "title": "AI Access Tracker",
    "api_version": "1",
    "addresses": {
        "event-list": "https://tracker.example/api/v1/events/",
        "event-detail": "https://tracker.example/api/v1/events/{key}/",
        "change-list": "https://tracker.example/api/v1/changes/",
    },
}


class Root(Read):
    """Where everything is. Addresses with a key in braces are templates."""

    operation = "get_root"
    answer = shapes.Root
    example = ROOT_EXAMPLE

    def get(self, request: Request) -> HttpResponse:
        self.asked(request)
        said = {
            "title": settings.SPECTACULAR_SETTINGS["TITLE"],
            "api_version": settings.SPECTACULAR_SETTINGS["VERSION"],
            "addresses": addresses(request.build_absolute_uri(reverse("api:root"))),
        }
        return json_answer(orjson.dumps(said), headers={"Cache-Control": "public, max-age=0, must-revalidate"})


def addresses(root: str) -> dict[str, str]:
    """The address of each route by its name, as a URI template."""
    found = get_resolver("events.api.urls").url_patterns  # by name, as Django has them: they lead to this module
    routes = [route for route in found if isinstance(route, URLPattern)]
    return {str(route.name): root + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(route.pattern)) for route in routes}


class Status(Read):
    """How far the record is, and how its background work and its feeds are. Never cached."""

    operation = "get_status"
    answer = shapes.Status
    example = "status"

    def get(self, request: Request) -> HttpResponse:
        self.asked(request)
        newest = head()
        said = {
            "revision": newest.seq,
            "last_change_at": instant(newest.at) if newest.at else None,
            "head_hash": newest.hash,
            "outstanding_reissues": Reissue.objects.outstanding().count(),
            "build": settings.BUILD,
            "api_version": settings.SPECTACULAR_SETTINGS["VERSION"],
            "jobs": [job_status(each) for each in jobs.job_health()],
            "feeds": [feed_status(each) for each in jobs.watched()],
        }
        return json_answer(orjson.dumps(said), headers={"Cache-Control": "no-store"})


@cache
def schema_as(form: str) -> tuple[bytes, str]:
    """The OpenAPI document in a media type, and its ETag: the same for as long as the process runs."""
    document = SchemaGenerator().get_schema(request=None, public=True)
    [renderer] = (each for each in SchemaView.renderer_classes if each.media_type == form)
    body = renderer().render(document, renderer_context={})
    return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'


class SchemaView(Read):
    """OpenAPI 3.1, as JSON or as YAML."""

    schema = None  # it does not describe itself
    renderer_classes = (OpenApiJsonRenderer, OpenApiJsonRenderer2, OpenApiYamlRenderer, OpenApiYamlRenderer2)

    def get(self, request: Request) -> HttpResponse:
        self.asked(request)
        form = str(request.accepted_renderer.media_type)
        body, etag = schema_as(form)
        response: HttpResponse | None = get_conditional_response(request._request, etag)
        if response is None:
            response = HttpResponse(body, content_type=form)
        response.headers["ETag"] = etag
        response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
        patch_vary_headers(response, ["Accept"])
        return response


def for_reading(view: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """A page below /api/: other methods are refused as everywhere there, not for the form's token that they lack."""

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponseBase:
        if request.method in ("GET", "HEAD"):
            return view(request)
        response = problem(request, HTTPStatus.METHOD_NOT_ALLOWED, "This page is for reading.")
        response.headers["Allow"] = "GET, HEAD"
        return response

    return answer


@for_reading
@csp_update({"img-src": ["data:"]})  # the icons in Swagger UI's own style sheet
def swagger(request: HttpRequest) -> HttpResponse:
    """The schema by Swagger UI, to try things out."""
    return render(request, "api/swagger.html", {"schema_url": reverse("api:schema")})


# Redoc makes empty style elements and fills them by script, which is allowed, and one that is always the same.
REDOC_STYLES = [
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",  # of nothing
    "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='",
]


@for_reading
@csp_update({"style-src": REDOC_STYLES, "img-src": ["data:"]})
def redoc(request: HttpRequest) -> HttpResponse:
    """The schema by Redoc, to read."""
    return render(request, "api/redoc.html", {"schema_url": reverse("api:schema")})
