"""Companies, countries, policies, products and agencies: lists of them, and the page of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import orjson
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponsePermanentRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from events.caching import of_the_record
from events.choices import PlaceRole, RecordType
from events.lib.dates import today
from events.models import Agency, Company, Policy, Product, PublicDocument, position_of
from events.queries import timeline
from events.queries.timeline import Choice, Criteria, how_many, places_of
from events.web import citing, crumbs, facts, filtering, life, paging, related, rows
from events.web.access import overview
from events.web.htmx import wants_fragment
from events.web.listing import cheap_count, listing
from events.web.ownership import ownership
from events.web.pages import fragment, page
from events.web.record import Document, Link, Merged, address_of, find, listed
from events.web.words import country_in_sentence, country_names

PAGE = 200
EVENTS = 20  # at once on the page of a record
NEWEST = 6  # events in brief
Q_MOST = 100  # characters
# A country's events: those by its government, and those that hit it. More agencies than this are not walked at once.
PARTS = ("government", "affected")
MOST_AGENCIES = 100
View = Callable[..., HttpResponseBase]
OF_COUNTRY: dict[RecordType, Any] = {
    RecordType.COMPANY: Company.objects,
    RecordType.AGENCY: Agency.objects,
    RecordType.POLICY: Policy.objects,
}


# ----------------------------------------------------------------------------------------------------------- the lists


def list_view(record_type: RecordType) -> View:
    """All public records of one type by name: a page at a time, narrowed by `q` (in the name) and `country`."""

    @require_safe
    @of_the_record
    def view(request: HttpRequest) -> HttpResponse:
        records = PublicDocument.objects.of_type(record_type).listed()
        words = " ".join(request.GET.get("q", "").replace("\0", "").split())[:Q_MOST]
        country = request.GET.get("country", "").upper()
        if record_type not in OF_COUNTRY or country not in country_names():
            country = ""
        if country:
            records = records.filter(key__in=OF_COUNTRY[record_type].filter(country=country).values("slug"))

        def address(**more: str) -> str:
            return paging.address(request.path, q=words, country=country, **more)

        found, paged = paging.by_name(
            record_type, records.with_document(), request.GET, PAGE, address, words=words.split()
        )
        counts = how_many([f"{record_type.value}:{row.key}" for row in found])
        return page(
            "records/list.html",
            {
                "section": record_type.value,
                "crumbs": crumbs.trail(here=_(TITLES[record_type]["title"])),
                "rows": [list_row(record_type, row, counts) for row in found],
                "paged": paged,
                "q": words,
                "country": country,
                "country_name": country_names().get(country, ""),
                "path": request.path,
                **{name: _(text) for name, text in TITLES[record_type].items()},
            },
        )

    return view


def list_row(record_type: RecordType, row: PublicDocument, counts: dict[str, int]) -> dict[str, Any]:
    document = orjson.loads(row.change.document or "{}")
    link = facts.link(document)
    where = document.get("country") or document.get("group")
    note = {
        RecordType.COUNTRY: lambda: document["region"]["name"],
        RecordType.PRODUCT: lambda: document["company"]["name"] if document["company"] else "",
        RecordType.POLICY: lambda: document["issuer"]["name"],
    }.get(record_type, lambda: where["name"] if where else "")()
    return {
        "link": link,
        "kind": facts.kind_label(record_type, document),
        "note": note,
        "short": document.get("short", ""),
        "count": counts.get(f"{record_type.value}:{row.key}", 0),
    }


TITLES: dict[RecordType, dict[str, str]] = {
    RecordType.COMPANY: {
        "title": gettext_noop("Companies"),
        "one": gettext_noop("company"),
        "note_label": gettext_noop("Headquarters"),
    },
    RecordType.COUNTRY: {
        "title": gettext_noop("Countries"),
        "one": gettext_noop("country"),
        "note_label": gettext_noop("Region"),
    },
    RecordType.POLICY: {
        "title": gettext_noop("Policies"),
        "one": gettext_noop("policy"),
        "note_label": gettext_noop("Issued by"),
    },
    RecordType.PRODUCT: {
        "title": gettext_noop("Products"),
        "one": gettext_noop("product"),
        "note_label": gettext_noop("Company"),
    },
    RecordType.AGENCY: {
        "title": gettext_noop("Agencies"),
        "one": gettext_noop("agency"),
        "note_label": gettext_noop("Belongs to"),
    },
}
company_list = list_view(RecordType.COMPANY)
country_list = list_view(RecordType.COUNTRY)
policy_list = list_view(RecordType.POLICY)
product_list = list_view(RecordType.PRODUCT)
agency_list = list_view(RecordType.AGENCY)


# ----------------------------------------------------------------------------------------------------------- the pages


def record_view(record_type: RecordType) -> Callable[[Callable[[Document, QueryDict], dict[str, Any]]], View]:
    """Make a view of a function that gives a document's facts for a query.

    It adds the record's events, of which htmx gets the list alone, breadcrumbs, and references to download.
    """

    def decorate(facts_of: Callable[[Document, QueryDict], dict[str, Any]]) -> View:
        @wraps(facts_of)
        @require_safe
        @of_the_record(daily=True)
        def view(request: HttpRequest, key: str) -> HttpResponse:
            try:
                current, document = find(record_type, key)
            except Merged as merged:
                return HttpResponsePermanentRedirect(merged.address)
            cited = citing.reference(request, current.name, document["html_url"], current.change, of=record_type.value)
            if (file := citing.download(cited, request.GET.get("cite", ""), key)) is not None:
                return file
            criteria = Criteria(choices=((Choice(f"{record_type.value}:{key}"),),))

            def address(**more: str) -> str:
                return paging.address(request.path, **more)

            wanted = wants_fragment(request)
            found = listing(criteria, request.GET, address, fragment=wanted, size=EVENTS)
            if wanted:
                return fragment("events/_timeline_list.html", {"listing": found, "appended": True})
            return page(
                f"records/{record_type.value}.html",
                {
                    "section": record_type.value,
                    "crumbs": crumbs.trail(f"{record_type.value}-list", here=current.name),
                    "forms": forms(cited),
                    "history": reverse(f"{record_type.value}-history", args=[key]),
                    "document": document,
                    "change": current.change,
                    "name": current.name,
                    "listing": found,
                    "count": cheap_count(criteria),
                    "search": filtering.address_of_one(record_type.value, key),
                    **facts_of(document, request.GET),
                },
            )

        return view

    return decorate


def forms(cited: citing.Reference) -> list[citing.Written]:
    return citing.written(cited, lambda form: f"?cite={form}")


@record_view(RecordType.COMPANY)
def company_detail(document: Document, asked: QueryDict) -> dict[str, Any]:
    slug = document["slug"]
    products = Product.objects.filter(company__slug=slug)
    routes = Product.objects.filter(models_from__slug=slug)
    policies = Policy.objects.filter(company__slug=slug)
    return {
        "kind": facts.kind_label(RecordType.COMPANY, document),
        "country": facts.country_link(document["country"]),
        "ownership": ownership(document),
        "related": related.of_company(document),
        "products": of_rows(products, RecordType.PRODUCT, slug),
        "routes": of_rows(routes, RecordType.PRODUCT, slug),
        "policies": of_rows(policies, RecordType.POLICY, slug),
        "overview": overview.of_company(
            dict(
                listed(
                    RecordType.PRODUCT,
                    Product.objects.filter(Q(company__slug=slug) | Q(models_from__slug=slug)).values("slug"),
                ).values_list("key", "name")
            )
        ),
    }


def of_rows(rows: Any, record_type: RecordType, slug: str) -> facts.Some:
    all_at = filtering.address_of_one("company", slug)
    return facts.some(listed(record_type, rows.values("slug")), record_type, all_at)


@record_view(RecordType.PRODUCT)
def product_detail(document: Document, asked: QueryDict) -> dict[str, Any]:
    developer = document["models_from"] or document["company"]
    others = Product.objects.none()
    if developer:
        same = Q(models_from__slug=developer["slug"]) | Q(models_from=None, company__slug=developer["slug"])
        others = Product.objects.filter(same).exclude(slug=document["slug"])
    return {
        "kind": facts.kind_label(RecordType.PRODUCT, document),
        "company": facts.company_link(document["company"]),
        "models_from": facts.company_link(document["models_from"]),
        "route": facts.route(document),
        "related": related.of_product(document),
        "developer": facts.company_link(developer),
        "overview": overview.of_product(document["slug"], document["name"]),
        "others": facts.some(
            listed(RecordType.PRODUCT, others.values("slug")),
            RecordType.PRODUCT,
            filtering.address_of_one("company", developer["slug"]) if developer else "",
        ),
    }


@record_view(RecordType.POLICY)
def policy_detail(document: Document, asked: QueryDict) -> dict[str, Any]:
    now = today()
    on, typed, problem = life.day_asked(asked.get("on", ""), now)
    issuer = document["issuer"]
    return {
        "kind": facts.kind_label(RecordType.POLICY, document),
        "issuer": Link(address_of(issuer["type"], issuer["slug"]), issuer["name"]),
        "country": facts.country_link(document["country"]),
        "life": life.life(document, on=on, now=now),
        "on": on,
        "is_today": on == now,
        "typed": typed,
        "problem": problem,
        "related": related.of_policy(document),
    }


@record_view(RecordType.AGENCY)
def agency_detail(document: Document, asked: QueryDict) -> dict[str, Any]:
    slug = document["slug"]
    group = document["group"]
    return {
        "country": facts.country_link(document["country"]),
        "group": Link(address_of(RecordType.GROUP, group["slug"]), group["name"]) if group else None,
        "policies": facts.some(
            listed(RecordType.POLICY, Policy.objects.filter(agency__slug=slug).values("slug")),
            RecordType.POLICY,
            filtering.address_of_one("agency", slug),
        ),
        "related": related.of_agency(document),
    }


@require_safe
@of_the_record(daily=True)
def country_detail(request: HttpRequest, key: str) -> HttpResponse:
    """A country both ways: what its government did, and what hit it, each a list of its own."""
    code = key.upper()
    current, document = find(RecordType.COUNTRY, code)
    if code != key:
        return HttpResponsePermanentRedirect(address_of(RecordType.COUNTRY, code))
    cited = citing.reference(request, current.name, document["html_url"], current.change, of=RecordType.COUNTRY.value)
    if (file := citing.download(cited, request.GET.get("cite", ""), code)) is not None:
        return file
    part = request.GET.get("part", "")
    part = part if part in PARTS else "affected"
    agencies = list(
        listed(RecordType.AGENCY, Agency.objects.filter(country=code).values("slug")).values_list("key", flat=True)
    )
    criteria = {
        "affected": Criteria(choices=(places_of([code]),), roles=(PlaceRole.AFFECTED.value,)),
        "government": Criteria(
            choices=(
                (
                    Choice(f"{RecordType.COUNTRY.value}:{code}"),
                    *(Choice(f"{RecordType.AGENCY.value}:{slug}") for slug in agencies[:MOST_AGENCIES]),
                ),
            ),
            roles=(PlaceRole.ACTING.value,),
        ),
    }

    def address(**more: str) -> str:
        return paging.address(request.path, part="" if part == "affected" else part, **more)

    wanted = wants_fragment(request)
    found = listing(criteria[part], request.GET, address, fragment=wanted, size=EVENTS)
    if wanted:
        return fragment("events/_timeline_list.html", {"listing": found, "appended": True})
    return page(
        "records/country.html",
        {
            "section": "country",
            "crumbs": crumbs.trail("country-list", here=current.name),
            "forms": forms(cited),
            "history": reverse("country-history", args=[code]),
            "related": related.of_country(document),
            "document": document,
            "change": current.change,
            "name": current.name,
            "place": country_in_sentence(code),
            "part": part,
            "ways": [way(name, criteria[name], code) for name in PARTS],
            "listing": found,
            "government_incomplete": len(agencies) > MOST_AGENCIES,
            "overview": overview.of_country(code),
            "search": f"{filtering.address_of_one('country', code)}&role=affected" if part == "affected" else "",
            **{name: of_country(record_type, code) for name, record_type in COUNTRY_LISTS.items()},
        },
    )


@dataclass(frozen=True)
class Way:
    """The newest events up to today of one of the two ways in which a country is concerned."""

    part: str
    rows: list[dict[str, str]]
    address: str  # of all of them
    more: bool


def way(part: str, criteria: Criteria, code: str) -> Way:
    found = timeline.page(criteria, before=position_of(today() + dt.timedelta(days=1), 0), size=NEWEST)
    path = address_of(RecordType.COUNTRY, code)
    address = f"{path}#events" if part == "affected" else f"{path}?part={part}#events"
    return Way(part, [rows.briefly(orjson.loads(text)) for text in found.documents], address, found.older is not None)


COUNTRY_LISTS = {"agencies": RecordType.AGENCY, "companies": RecordType.COMPANY, "policies": RecordType.POLICY}


def of_country(record_type: RecordType, code: str) -> facts.Some:
    rows = OF_COUNTRY[record_type].filter(country=code).values("slug")
    return facts.some(listed(record_type, rows), record_type, facts.list_address(record_type, "country", code))
