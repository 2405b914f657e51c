"""What the views say of themselves, as OpenAPI."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

import django_filters as filters
import orjson
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from events.api.errors import MEDIA_TYPE
from events.api.parameters import SLUG, Names
from events.api.renderers import JSON
from events.api.shapes import Problem
from events.choices import RecordType
from events.documents import SERIALIZERS
from events.documents.events import MergedDocument
from events.filters import MOST_VALUES, RecordFilter
from events.lib.countries import countries_by_code

PROBLEMS = {
    HTTPStatus.BAD_REQUEST: "A parameter is unknown or malformed: `errors` names it and what is valid",
    HTTPStatus.NOT_FOUND: "There is no such record in public, or there was none at that revision",
    HTTPStatus.METHOD_NOT_ALLOWED: "The address does not take this method: Allow names those that it takes",
    HTTPStatus.NOT_ACCEPTABLE: "The answer has none of the forms that Accept asks for",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "It is too large to be read",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "It is neither JSON nor CSV",
    HTTPStatus.GONE: "What stood there has been redacted, or removed",
    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE: "The file has no such bytes",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests: Retry-After says when to come again",
    HTTPStatus.INTERNAL_SERVER_ERROR: "The error is ours",
}
# What each says, by way of example.
DETAILS = {
    HTTPStatus.BAD_REQUEST: "The query has parameters that are unknown or malformed.",
    HTTPStatus.NOT_FOUND: "There is no event “no-such-event” in the record.",
    HTTPStatus.METHOD_NOT_ALLOWED: 'Method "DELETE" not allowed.',
    HTTPStatus.NOT_ACCEPTABLE: ("Could not satisfy the request Accept header. There is application/json, text/html."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "At most 500 questions and 512 KiB are answered at once.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: (
        'Unsupported media type "application/xml" in request. Valid are application/json, text/csv.'
    ),
    HTTPStatus.GONE: "The document of change 17 has been redacted; the history says why.",
    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE: "The file has 2048 bytes.",
    HTTPStatus.TOO_MANY_REQUESTS: "At most 600 requests in 60 seconds: come again in 41.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "The error is ours; it has been logged.",
}
ERRORS = [{"parameter": "color", "detail": "There is no such parameter. Valid are page_size, before, after."}]
TABLE_OF_QUESTIONS = "product,country,on,known\nopenai-api,CN,2024-07-10,2024-07-08\n"
ANYWHERE = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.NOT_ACCEPTABLE,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
)
HEADERS = {
    "Deprecation": ("string", "Since when the route, or a parameter that was given, is deprecated (RFC 9745)"),
    "Sunset": ("string", "When what is deprecated may go (RFC 8594)"),
    "Allow": ("string", "The methods that the address takes"),
    "ETag": ("string", "Changes with the record's revision: send it back as If-None-Match"),
    "Last-Modified": ("string", "Time of the newest change"),
    "Link": ("string", "The pages beside this one, as in its body"),
    "Location": ("string", "Where it is"),
    "Content-Range": ("string", "Which bytes of how many"),
    "RateLimit": ("string", "How many requests are left, and for how many seconds"),
    "RateLimit-Policy": ("string", "How many requests there may be in how many seconds"),
    "Retry-After": ("integer", "Seconds"),
    "X-Row-Count": ("integer", "Of a table: how many rows follow its head line"),
}
PATH_PARAMETERS: dict[str, tuple[dict[str, Any], str]] = {
    "key": ({"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"}, "Slug or code of the record"),
    "seq": ({"type": "integer", "minimum": 1}, "Number of the change"),
    "number": ({"type": "integer", "minimum": 1}, "id of the package"),
    "file": ({"type": "string", "minLength": 1}, "Path of a file within the package, as its manifest gives it"),
}
NO_NULL = r"^[^\u0000]*$"


@cache
def examples() -> dict[str, Any]:
    """One document of each type, a change and a merged stub, as `manage.py document_examples` wrote them; and answers.

    Those of answers.json were given by the data set that is shipped.
    """
    files = (Path(__file__).with_name(name) for name in ("examples.json", "answers.json"))
    return {name: each for file in files for name, each in orjson.loads(file.read_bytes()).items()}


def problem_example(status: HTTPStatus, path: str) -> dict[str, Any]:
    example = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": DETAILS[status],
        "instance": path,
    }
    return example | ({"errors": ERRORS} if status == HTTPStatus.BAD_REQUEST else {})


def headers(*names: str) -> dict[str, Any]:
    return {name: {"schema": {"type": HEADERS[name][0]}, "description": HEADERS[name][1]} for name in names}


def parameters_of(view: Any) -> Iterator[OpenApiParameter]:
    for parameter in view.parameters.by_name.values():
        joined = isinstance(parameter, Names)  # a,b,c in one value
        yield OpenApiParameter(
            parameter.name,
            {**parameter.schema, **({"items": country_code()} if parameter.name == "country" else {})},
            required=parameter.required,
            deprecated=parameter.deprecated is not None,
            description=". ".join(
                filter(None, [parameter.description, parameter.deprecated and parameter.deprecated.text])
            ),
            style="form" if joined else None,
            explode=False if joined else None,
        )
    filterset = getattr(view, "filterset_class", None)
    for name, each in filterset.base_filters.items() if filterset else ():
        repeats = isinstance(each, filters.MultipleChoiceFilter)
        most = {"maxItems": MOST_VALUES} if isinstance(each, RecordFilter) else {}
        yield OpenApiParameter(
            name,
            schema_of(each) if not repeats else {"type": "array", "items": schema_of(each)} | most,
            description=". ".join(text for text in (each.label, each.extra.get("help_text")) if text),
            style="form" if repeats else None,
            explode=True if repeats else None,
        )


def schema_of(each: filters.Filter) -> dict[str, Any]:
    if isinstance(each, RecordFilter):
        return country_code() if each.record_type == RecordType.COUNTRY else {"type": "string", "pattern": f"^{SLUG}$"}
    if isinstance(each, filters.DateFilter):
        return {"type": "string", "format": "date"}
    if choices := each.extra.get("choices"):
        return {"type": "string", "enum": [value for value, _ in choices]}
    return {"type": "string", "maxLength": each.extra["max_length"], "pattern": NO_NULL}


@cache
def country_code() -> dict[str, Any]:
    """A code of ISO 3166-1 that there is: no enum, of which clients would make a type of its own."""
    return {"type": "string", "pattern": f"^({'|'.join(sorted(countries_by_code()))})$", "maxLength": 2}


class Schema(AutoSchema):
    """Draws an operation from what `events.api.views.base.Read` says of itself."""

    view: Any

    def get_operation_id(self) -> str:
        return str(self.view.operation)

    def get_summary(self) -> str:
        """The first sentence of the description."""
        return self.get_description().split(".")[0]

    def get_description(self) -> str:  # type: ignore[override]  # drf-spectacular's own takes no arguments
        deprecated = self.view.deprecated
        return "\n\n".join(filter(None, [self.view.about or super().get_description(), deprecated and deprecated.text]))

    def is_deprecated(self) -> bool:
        return self.view.deprecated is not None

    def get_auth(self) -> list[Any]:
        return [{}]

    def get_request_serializer(self) -> Any:
        return getattr(self.view, "asks", None)

    def _get_request_body(self, direction: Any = "request") -> Any:
        body = super()._get_request_body(direction)
        if body and (example := examples().get(self.view.asks_example)):
            body["content"]["application/json"]["example"] = example
            body["content"]["text/csv"] = {"schema": {"type": "string"}, "example": TABLE_OF_QUESTIONS}
        return body

    def get_response_serializers(self) -> Any:
        return self.view.answer

    def get_override_parameters(self) -> list[Any]:
        in_path = [
            OpenApiParameter(name, schema, OpenApiParameter.PATH, description=description)
            for name, (schema, description) in PATH_PARAMETERS.items()
            if f"{{{name}}}" in self.path
        ]
        return [*in_path, *parameters_of(self.view)]

    def map_renderers(self, attribute: str) -> list[Any]:
        """Programs are told of JSON: pages are for people."""
        return [each for each in super().map_renderers(attribute) if each not in ("text/html", "html")]

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        """The answer, the redirect, the 304, and all problems that may come instead."""
        responses = self.files() if self.view.gives != {} else self.documents(direction)
        problem = self.resolve_serializer(Problem, direction).ref
        for status in sorted({*ANYWHERE, *self.view.fails_with}):
            responses[str(status.value)] = {
                "description": PROBLEMS[status],
                "content": {MEDIA_TYPE: {"schema": problem, "example": problem_example(status, self.path)}},
            }
        responses["405"]["headers"] = headers("Allow")
        responses["429"]["headers"] = headers("Retry-After", "RateLimit", "RateLimit-Policy")
        return dict(sorted(responses.items()))

    def files(self) -> dict[str, Any]:
        """Answers that are files, or lead to them."""
        limits = headers("RateLimit", "RateLimit-Policy")
        responses: dict[str, Any] = {}
        if self.view.gives:
            example = {"example": self.view.example} if self.view.example else {}
            content = {form: {"schema": schema} | example for form, schema in self.view.gives.items()}
            named = headers("ETag", "Last-Modified") | limits
            responses["200"] = {"description": "The file", "content": content, "headers": named}
            if self.view.comes_in_ranges:
                part = named | headers("Content-Range")
                responses["206"] = {"description": "The range that was asked for", "content": content, "headers": part}
            responses["304"] = {"description": "If-None-Match named what is still right"}
        if self.view.leads_on:
            found = {"description": "Where it stays", "headers": limits | headers("Location")}
            responses[str(self.view.leads_on.value)] = found
        return responses

    def documents(self, direction: Any) -> dict[str, Any]:
        responses = super()._get_response_bodies(direction)
        answer = responses["200"] | {"description": "The answer"}
        is_list = "results" in self.view.answer().fields
        answer["headers"] = headers("RateLimit", "RateLimit-Policy")
        if isinstance(self.view.example, dict):
            answer["content"]["application/json"]["example"] = self.view.example
        elif example := examples().get(self.view.example):
            whole = {"next": None, "previous": None, "results": [example]} if is_list else example
            answer["content"]["application/json"]["example"] = whole
        if "format" in self.view.parameters.by_name:
            answer["content"]["text/csv"] = {"schema": {"type": "string"}}
            answer["headers"] |= headers("X-Row-Count")
        if self.is_deprecated() or any(each.deprecated for each in self.view.parameters.by_name.values()):
            answer["headers"] |= headers("Deprecation", "Sunset")
        responses["200"] = answer
        if self.view.is_conditional:
            named = ("ETag", "Last-Modified", *(["Link"] if is_list else []))
            answer["headers"] |= headers(*named)
            responses["304"] = {"description": "If-None-Match named what is still right"}
        if self.view.may_be_merged:
            stub = self.resolve_serializer(MergedDocument, direction).ref
            responses["301"] = {
                "description": "The record turned out to be another one",
                "headers": headers("Location"),
                "content": {"application/json": {"schema": stub, "example": examples()["merged"]}},
            }
        return responses


def allow_parts(result: dict[str, Any], **options: Any) -> dict[str, Any]:
    """A hook of drf-spectacular: with `fields`, an answer holds parts of documents, which lack any field."""
    schemas = result["components"]["schemas"]
    for serializer in SERIALIZERS.values():
        whole = serializer.__name__
        name = whole.removesuffix("Document")
        part = {key: value for key, value in schemas[whole].items() if key != "required"}
        schemas[f"{name}Part"] = part | {"description": "The fields of a document that `fields` asks for."}
        either = {"anyOf": [{"$ref": f"#/components/schemas/{each}"} for each in (whole, f"{name}Part")]}
        schemas[f"{name}List"]["properties"]["results"]["items"] = either
        for operations in result["paths"].values():
            answer = operations.get("get", {}).get("responses", {}).get("200", {}).get("content", {}).get(JSON, {})
            if answer.get("schema") == either["anyOf"][0]:
                answer["schema"] = either
    return result


def close_bodies(result: dict[str, Any], **options: Any) -> dict[str, Any]:
    """A hook of drf-spectacular: what may be sent has no members but those that are named, as it is read."""
    result["components"]["schemas"]["AskedQuestion"]["properties"]["country"] |= country_code()
    for name in ("Asked", "AskedQuestion"):
        result["components"]["schemas"][name]["additionalProperties"] = False
    return result
