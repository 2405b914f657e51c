"""What the record holds of a page of the web."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from django.http import HttpResponse
from rest_framework.request import Request

from events.api import shapes
from events.api.errors import BadParameters
from events.api.parameters import Number, Parameter, Parameters
from events.api.renderers import json_answer
from events.api.views.base import ReadOfTheRecord
from events.choices import RecordType, State
from events.lib.urls import MAX_LENGTH, BadUrl, meant_by, source_slug
from events.models import Citation, PublicDocument, Source

EXAMPLE = {
    "normalized_url": "https://openai.com/supported-countries",
    "sources": [],
    "events": [],
    "complete": True,
}
SHOWN = ("slug", "url", "html_url", "title", "date", "date_display")


ADDRESS = {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH}


class SourceLookup(ReadOfTheRecord):
    """Which source stands for a page of the web, however its address is spelled, and which events cite it."""

    operation = "lookup_source"
    answer = shapes.SourceLookup
    example = EXAMPLE
    parameters = Parameters(
        Parameter("url", "Address of the page, in any spelling", ADDRESS, required=True),
        Number("limit", "How many events are given, the newest ones", least=1, most=200, default=50),
    )

    def get(self, request: Request) -> HttpResponse:
        asked = self.asked(request)
        try:
            url = meant_by(asked["url"])
        except BadUrl as error:
            raise BadParameters([("url", str(error))]) from error
        sources = sources_of(url)
        cited = citing([source["slug"] for source in sources], asked["limit"] + 1)
        said = {
            "normalized_url": url,
            "sources": sources,
            "events": cited[: asked["limit"]],
            "complete": len(cited) <= asked["limit"],
        }
        return json_answer(orjson.dumps(said))


def sources_of(url: str) -> list[dict[str, Any]]:
    """The documents of public sources whose address has this normal form. For a merged one stands its successor."""
    keys = {source_slug(url), *Source.objects.filter(normalized_url=url).values_list("slug", flat=True)}
    found = documents(RecordType.SOURCE, keys)
    if successors := {each["merged_into"] for each in found if each.get("state") == State.MERGED}:
        return [each for each in documents(RecordType.SOURCE, successors) if each.get("state") != State.MERGED]
    # A row may be ahead of what is public, and an address that was mended keeps its slug.
    return [each for each in found if each["normalized_url"] == url]


def citing(sources: list[str], limit: int) -> list[dict[str, Any]]:
    """The newest published events that cite any of these sources."""
    cited = Citation.objects.filter(source__slug__in=sources, event__state=State.PUBLISHED)
    slugs = cited.order_by("-event__date", "-event").values_list("event__slug", flat=True).distinct()
    merged = Source.objects.filter(merged_into__slug__in=sources)  # which documents name until they are reissued
    names = {*sources, *merged.values_list("slug", flat=True)}
    found = []
    for event in documents(RecordType.EVENT, slugs[:limit] if sources else ()):
        ids = [each["id"] for each in event.get("citations", ()) if each["source"]["slug"] in names]
        if ids and event["state"] == State.PUBLISHED:
            found.append({name: event[name] for name in SHOWN} | {"citations": ids})
    return sorted(found, key=lambda event: (event["date"], event["slug"]), reverse=True)


def documents(record_type: RecordType, keys: Iterable[str]) -> list[dict[str, Any]]:
    public = PublicDocument.objects.of_type(record_type).filter(key__in=list(keys))
    return [orjson.loads(text) for text in public.values_list("change__document", flat=True) if text]
