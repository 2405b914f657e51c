"""What to read beside a record: links to other pages that its document gives reason for."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from events.choices import RecordType
from events.web.crumbs import PARTS
from events.web.record import Document, Link, address_of
from events.web.words import country_in_sentence

# What to read beside a page that is about no single record: routes, by the page's own.
PAGES = {
    "access-map": ("country-list", "product-list", "coverage"),
    "access-country": ("access-map", "country-list", "coverage"),
    "change-list": ("correction-list", "data", "about"),
    "correction-list": ("change-list", "about", "report-error"),
    "about": ("coverage", "data", "correction-list"),
    "data": ("about", "coverage", "change-list"),
    "coverage": ("about", "data", "access-map"),
    **{f"{name.value}-history": ("change-list", "correction-list", "about") for name in RecordType},
}


def of_page(route: str) -> list[Link]:
    return [Link(reverse(each), _(PARTS[each])) for each in PAGES.get(route, ())]


def of_company(document: Document) -> list[Link]:
    return of_place(document["country"], "company", _("Companies")) if document["country"] else []


def of_product(document: Document) -> list[Link]:
    found = [
        Link(
            f"{reverse('access-map')}?product={document['slug']}",
            _("%(name)s on the world map") % {"name": document["name"]},
        )
    ]
    companies = filter(None, (document["company"], document["models_from"]))
    return [*found, *(Link(address_of(RecordType.COMPANY, each["slug"]), each["name"]) for each in companies)]


def of_policy(document: Document) -> list[Link]:
    issuer = document["issuer"]
    found = [Link(address_of(issuer["type"], issuer["slug"]), _("All that %(name)s did") % {"name": issuer["name"]})]
    return found + (of_place(document["country"], "policy", _("Policies")) if document["country"] else [])


def of_agency(document: Document) -> list[Link]:
    return of_place(document["country"], "agency", _("Agencies")) if document["country"] else []


def of_place(country: dict[str, str], kind: str, called: str) -> list[Link]:
    """Records of a kind of the same country, what its government did, and what its people can use."""
    code = country["code"]
    place = country_in_sentence(code)
    page = address_of(RecordType.COUNTRY, code)
    return [
        Link(
            f"{reverse(f'{kind}-list')}?country={code}",
            _("%(called)s of %(place)s") % {"called": called, "place": place},
        ),
        Link(f"{page}?part=government#events", _("What the government of %(place)s did") % {"place": place}),
        Link(f"{page}#events", _("What affected %(place)s") % {"place": place}),
        Link(reverse("access-country", args=[code]), _("AI access in %(place)s") % {"place": place}),
    ]


def of_country(document: Document) -> list[Link]:
    code = document["code"]
    place = country_in_sentence(code)
    found = [
        Link(
            f"{reverse(f'{kind}-list')}?country={code}",
            _("%(called)s of %(place)s") % {"called": called, "place": place},
        )
        for kind, called in (("company", _("Companies")), ("agency", _("Agencies")), ("policy", _("Policies")))
    ]
    return [Link(reverse("access-country", args=[code]), _("AI access in %(place)s") % {"place": place}), *found]
