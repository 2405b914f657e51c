"""Answers as pages, for browsers that open an address of the API: the same JSON, with its links and a form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.loader import get_template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from rest_framework.renderers import BaseRenderer

from events.api.schema import parameters_of
from events.caching import head

HTML = "text/html"
# In escaped JSON: a whole string that is a path of this site or an address on the web.
ADDRESS = re.compile(r"&quot;((?:https?://|/(?!/))(?:(?!&quot;)[^\s\\])+)&quot;")
CODE = re.compile(r"`([^`]+)`")


class PageRenderer(BaseRenderer):
    """Stands for the page in the negotiation, and renders nothing: `as_page` makes it."""

    media_type = HTML
    format = "html"


@dataclass(frozen=True)
class Field:
    """A parameter in the form: what it may be (empty: anything), and what is asked for."""

    name: str
    description: SafeString
    input: str
    choices: list[tuple[str, bool]]
    is_list: bool
    values: list[str]
    problem: str


def as_page(request: HttpRequest, view: Any, response: HttpResponse) -> HttpResponse:
    """The page of an answer in JSON. What a form sends empty is left out of the address first."""
    kept = [pair for pair in parse_qsl(request.META["QUERY_STRING"], keep_blank_values=True) if pair[1]]
    if "" in [value for _, values in request.GET.lists() for value in values]:
        return HttpResponseRedirect(f"{request.path}?{urlencode(kept)}" if kept else request.path)
    errors = orjson.loads(response.content).get("errors", []) if response.status_code >= HTTPStatus.BAD_REQUEST else []
    problems = {each["parameter"]: each["detail"] for each in errors if "parameter" in each}
    context = {
        "head": head(),
        "section": "data",
        "path": request.path,
        "address": request.build_absolute_uri(),
        "status": response.status_code,
        "reason": response.reason_phrase,
        "description": view.about or (type(view).__doc__ or "").strip(),
        "problems": problems,
        "fields": list(fields_of(view, request.GET, problems)),
        "json": linked(response.content),
    }
    response.content = get_template("api/answer.html").render(context).encode()
    response.headers["Content-Type"] = "text/html; charset=utf-8"
    return response


def linked(body: bytes) -> SafeString:
    """JSON as HTML that is read with ease: indented, each address a link."""
    if not body:
        return SafeString()
    text = conditional_escape(orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2).decode())
    found = ADDRESS.sub(r'&quot;<a href="\1" rel="nofollow noopener">\1</a>&quot;', text)
    return mark_safe(found)  # noqa: S308 - escaped above; the pattern spans no quotation mark


def coded(text: str) -> SafeString:
    """What stands between backticks as code."""
    return mark_safe(CODE.sub(r"<code>\1</code>", conditional_escape(text)))  # noqa: S308 - escaped


def fields_of(view: Any, asked: QueryDict, problems: Mapping[str, str]) -> Iterator[Field]:
    for parameter in parameters_of(view):
        schema: Any = parameter.type
        is_list = schema["type"] == "array" and parameter.explode is not False
        item = schema["items"] if is_list else schema
        values = asked.getlist(parameter.name)
        words = ["true", "false"] if item["type"] == "boolean" else [str(word) for word in item.get("enum", ())]
        yield Field(
            name=parameter.name,
            description=coded(str(parameter.description or "")),
            input={"integer": "number"}.get(item["type"], "date" if item.get("format") == "date" else "text"),
            choices=[(word, word in values) for word in words],
            is_list=is_list,
            values=[*values, ""] if is_list else values[-1:] or [""],
            problem=problems.get(parameter.name, ""),
        )
