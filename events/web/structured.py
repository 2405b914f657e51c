"""What a page says to machines that read schema.org: JSON-LD in its head.

It stands in a `<script type="application/ld+json">`. To browsers that is a data block, which they never run, and so a
Content-Security-Policy does not speak of it (HTML, "prepare the script element"; CSP 3, section 6.1.11). It may not
end the block, though, so "<" is written as its escape.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from events.choices import CompanyRole, PlaceRole, Precision, RecordType
from events.documents import instant
from events.lib.dates import today
from events.models import WORLD
from events.web.record import Document, address_of

Thing = dict[str, Any]
LICENSE = "https://creativecommons.org/licenses/by/4.0/"
NAME = "AI Access Tracker"
SAFE = {ord(each): f"\\u{ord(each):04x}" for each in "<>&"}


def of_page(route: str, origin: str, path: str, context: Mapping[str, Any]) -> SafeString:
    """The things that a page is about, as JSON that may stand in HTML; "": nothing to say."""
    things: list[Thing] = []
    if path in (reverse("timeline"), reverse("data")):
        things = [website(origin), dataset(origin, context["head"])]
    elif route == "event-detail":
        things = [*of_event(origin, context["document"]), trail(origin, crumbs(path, context))]
    elif steps := crumbs(path, context):
        things = [trail(origin, steps)]
    return written(things) if things else SafeString("")


def written(things: Sequence[Thing]) -> SafeString:
    """JSON-LD that ends no block of HTML."""
    text = orjson.dumps({"@context": "https://schema.org", "@graph": things}).decode()
    return mark_safe(text.translate(SAFE))  # noqa: S308 - nothing in it can end the block


# ------------------------------------------------------------------------------------------------------ the site itself


def website(origin: str) -> Thing:
    return {
        "@type": "WebSite",
        "@id": f"{origin}/#site",
        "name": NAME,
        "url": f"{origin}/",
        "inLanguage": "en-US",
        "license": LICENSE,
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": f"{origin}/?q={{search_term_string}}"},
            "query-input": "required name=search_term_string",
        },
    }


def dataset(origin: str, head: Any) -> Thing:
    """The record as a data set, at the revision of its head."""
    events = f"{origin}/api/v1/events/"
    csv = {"@type": "DataDownload", "name": "CSV", "encodingFormat": "text/csv", "contentUrl": f"{events}?format=csv"}
    found: Thing = {
        "@type": "Dataset",
        "@id": f"{origin}/#dataset",
        "name": NAME,
        "description": _(
            "A public record of who may use which AI, where, under which rule, since when, and who says so: export "
            "controls, blocks and openings as dated events, each with its sources, corrected in the open."
        ),
        "url": f"{origin}{reverse('data')}",
        "isAccessibleForFree": True,
        "license": LICENSE,
        "creator": {"@type": "Organization", "name": NAME, "url": f"{origin}/"},
        "keywords": ["artificial intelligence", "export controls", "access restrictions", "semiconductors"],
        "version": str(head.seq),
        "distribution": [
            {"@type": "DataDownload", "name": "JSON", "encodingFormat": "application/json", "contentUrl": events},
            csv,
        ],
    }
    return found | ({"dateModified": instant(head.at)} if head.at else {})


# ------------------------------------------------------------------------------------------------------------- an event


def of_event(origin: str, document: Document) -> list[Thing]:
    """An event's page, and what it is about.

    That is an Event, which schema.org takes to be anything that happens at a time and in a place, so rules, blocks and
    openings too. It has no venue and sells no tickets, which search engines want of the concerts they list; as that it
    is not meant. An event that was retracted did not happen as far as this record can say: its page stays, and says so.
    """
    address = f"{origin}{document['html_url']}"
    site: Thing = {
        "@type": "WebPage",
        "@id": address,
        "url": address,
        "name": document["title"],
        "inLanguage": "en-US",
        "isPartOf": {"@id": f"{origin}/#site"},
        "license": LICENSE,
        "datePublished": document["published_at"],
        "dateModified": document["updated_at"],
        "version": str(document["revision"]),
    }
    if document["retraction"]:
        return [site | {"creativeWorkStatus": "Retracted"}]
    return [site | {"mainEntity": {"@id": f"{address}#event"}}, event(origin, document)]


def event(origin: str, document: Document) -> Thing:
    """What happened. A date is as exact as it is known, or less: ISO 8601 has no quarters, so their year stands."""
    found: Thing = {
        "@type": "Event",
        "@id": f"{origin}{document['html_url']}#event",
        "name": document["title"],
        "startDate": start_of(document),
        "additionalType": document["kind"],
        "organizer": organizers(origin, document),
        "location": places(origin, document),
        "about": [
            *(named(origin, RecordType.PRODUCT, "Product", each) for each in document["products"]),
            *(named(origin, RecordType.POLICY, "Legislation", each) for each in document["policies"]),
        ],
        "subjectOf": [cited(citation["source"]) for citation in document["citations"]],
    }
    if document["summary"]:
        found["description"] = document["summary"]
    if document["end_date"]:
        found["endDate"] = document["end_date"]
    if document["date"] > today().isoformat():
        found["eventStatus"] = "https://schema.org/EventScheduled"
    return {name: value for name, value in found.items() if value}


def start_of(document: Document) -> str:
    digits = {Precision.DAY: 10, Precision.MONTH: 7, Precision.QUARTER: 4, Precision.YEAR: 4}
    return str(document["date"][: digits[document["date_precision"]]])


def organizers(origin: str, document: Document) -> list[Thing]:
    acted = [each for each in document["companies"] if each["role"] == CompanyRole.ACTOR]
    return [
        *(named(origin, RecordType.COMPANY, "Organization", each) for each in acted),
        *(named(origin, RecordType.AGENCY, "GovernmentOrganization", each) for each in document["agencies"]),
        *(
            # a state that acts: schema.org's countries are places, which organize nothing
            named(origin, RecordType.COUNTRY, "GovernmentOrganization", each)
            for each in document["countries"]
            if each["role"] == PlaceRole.ACTING
        ),
    ]


def places(origin: str, document: Document) -> list[Thing]:
    """Where it applies."""
    affected = [each for each in document["countries"] if each["role"] == PlaceRole.AFFECTED]
    groups = [each for each in document["groups"] if each["role"] == PlaceRole.AFFECTED and each["slug"] != WORLD]
    return [
        *(named(origin, RecordType.COUNTRY, "Country", each) for each in affected),
        *({"@type": "Place", "name": each["name"]} for each in groups),
    ]


def named(origin: str, record_type: RecordType, schema_type: str, link: Mapping[str, Any]) -> Thing:
    key = link.get("code") or link["slug"]
    name = link.get("name") or link["title"]
    return {"@type": schema_type, "name": name, "url": origin + address_of(record_type, key)}


def cited(source: Mapping[str, Any]) -> Thing:
    found: Thing = {
        "@type": "CreativeWork",
        "name": source["title"],
        "url": source["url"],
        "publisher": {"@type": "Organization", "name": source["publisher"]["name"]},
        "isAccessibleForFree": not source["paywalled"],
    }
    return found | ({"datePublished": source["published"]} if source["published"] else {})


# ---------------------------------------------------------------------------------------------------- where a page lies


def crumbs(path: str, context: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The names and paths of the pages that lead to one, itself the last, as the page shows them; [] where none do."""
    return [(link.name, link.address or path.partition("?")[0]) for link in context.get("crumbs", ())]


def trail(origin: str, steps: Sequence[tuple[str, str]]) -> Thing:
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": origin + path}
            for place, (name, path) in enumerate(steps, 1)
        ],
    }
