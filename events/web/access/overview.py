"""Bars of access for the pages of companies, products and countries: the places, or routes, that changed last.

As many queries for one bar as for many, and few where nothing is on record.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _

from events.caching import head
from events.choices import RecordType
from events.documents.access import path
from events.lib.countries import countries_by_code
from events.lib.dates import today
from events.models import WORLD, CountryGroup, PublicDocument
from events.queries.answers import Question, answers, courses
from events.queries.reasons import Reasoned, Record
from events.queries.sql import given
from events.web import words
from events.web.access.bars import Bar, Scale, chart, recorded
from events.web.record import Link, address_of, names_of

MOST_PLACES = 12
MOST_ROUTES = 12  # of a place
MOST_ANSWERS = 12  # of a pair
Pair = tuple[str, str]  # a product, and a country or group


@dataclass(frozen=True)
class Row:
    name: str
    full_name: str  # for those who do not see under which heading it stands
    address: str
    bar: Bar


@dataclass(frozen=True)
class Group:
    name: str
    address: str
    rows: list[Row]
    left_out: int = 0


@dataclass(frozen=True)
class Overview:
    scale: Scale
    groups: list[Group]
    left_out: int = 0  # places
    has_groups: bool = False
    places: Sequence[Link] = ()  # all of them: countries by name, then groups


def of_company(products: Mapping[str, str]) -> Overview | None:
    """Bars of its products and of the other routes to its models (their names by slug), by place."""
    by_place = routes_by_place(products)
    shown = {place: slugs[:MOST_ROUTES] for place, slugs in list(by_place.items())[:MOST_PLACES]}
    if not shown:
        return None
    names = places_named(by_place)
    scale, bars = drawn([(slug, place) for place, slugs in shown.items() for slug in slugs])
    groups = [
        Group(
            names[place],
            place_address(place),
            [
                row(products[slug], f"{products[slug]}: {names[place]}", slug, place, bars[slug, place])
                for slug in sorted(slugs, key=lambda slug: products[slug].casefold())
            ],
            len(by_place[place]) - len(slugs),
        )
        for place, slugs in shown.items()
    ]
    places = sorted(by_place, key=lambda place: (is_group(place), names[place]))
    return Overview(
        scale,
        groups,
        len(by_place) - len(shown),
        any(map(is_group, shown)),
        [
            Link(address_of(RecordType.GROUP if is_group(place) else RecordType.COUNTRY, place), names[place])
            for place in places
        ],
    )


def of_product(slug: str, name: str) -> Overview | None:
    """A bar for each place."""
    places = list(routes_by_place([slug]))
    shown = places[:MOST_PLACES]
    if not shown:
        return None
    names = places_named(shown)
    scale, bars = drawn([(slug, place) for place in shown])
    rows = [row(names[place], f"{name}: {names[place]}", slug, place, bars[slug, place]) for place in shown]
    return Overview(scale, [Group(_("By place"), "", rows)], len(places) - len(shown), any(map(is_group, shown)))


def of_country(code: str) -> Overview | None:
    """Bars of the routes that changed last for a country, directly or through its groups."""
    products = dict(PublicDocument.objects.of_type(RecordType.PRODUCT).listed().values_list("key", "name"))
    if not products:
        return None
    last = answers([Question(slug, code, dt.date.max) for slug in products], revision=head().seq)
    touched = [(each.since, each.question.product) for each in last if each.since]
    if not touched:
        return None
    newest = sorted(touched, key=lambda each: (-each[0].toordinal(), each[1]))[:MOST_ROUTES]
    pairs = [(slug, code) for _rest, slug in newest]
    scale, bars = drawn(pairs)
    rows = [row(products[slug], products[slug], slug, code, bars[slug, code]) for slug, _rest in pairs]
    return Overview(scale, [Group(_("Routes"), "", rows, len(touched) - len(rows))])


def routes_by_place(products: Iterable[str]) -> dict[str, list[str]]:
    """The places that effects on these products name, each with the products; the newest effect first.

    Each product is asked for each place there is: a step down an index, however many effects there are.
    """
    places = [*countries_by_code(), *CountryGroup.objects.order_by("slug").values_list("slug", flat=True)]
    asked, value = given({"product": "text", "place": "text"}, [(slug, place) for slug in products for place in places])
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH asked AS MATERIALIZED ({asked})
            SELECT product, place FROM (
                SELECT product, place, (
                    SELECT effective_date FROM events_accessrecord held
                    WHERE held.product = asked.product AND held.place = asked.place AND recorded_until IS NULL
                    ORDER BY effective_date DESC LIMIT 1
                ) AS newest FROM asked
            ) pairs WHERE newest IS NOT NULL ORDER BY newest DESC, place, product
            """,  # noqa: S608 - names are ours
            [value],
        )
        pairs = cursor.fetchall()
    found: dict[str, list[str]] = {}
    for product, place in pairs:
        found.setdefault(place, []).append(product)
    return found


def drawn(pairs: Sequence[Pair]) -> tuple[Scale, dict[Pair, Bar]]:
    """A bar for each pair. A group is asked about as if it were a country that belongs to no other group."""
    day, record = today(), Record(head().seq)
    questions = [Question(product, place, day) for product, place in pairs]
    found = [each[-MOST_ANSWERS:] for each in courses(questions, revision=record.revision, most=MOST_ANSWERS)]
    deciding = {answer.held.event for course in found for answer in course if answer.held}
    named = names_of((RecordType.EVENT.value, slug) for slug in deciding)
    titles = {slug: name for (_, slug), name in named.items()}
    histories = [recorded([Reasoned(answer, record) for answer in course]) for course in found]
    done = chart(histories, titles, on=day, now=day)
    return done.scale, dict(zip(pairs, done.bars, strict=True))


def row(name: str, full_name: str, product: str, place: str, bar: Bar) -> Row:
    """It leads to the answer's page; groups have none, so theirs leads to the product."""
    answer = path(Question(product, place, today()))
    return Row(name, full_name, address_of(RecordType.PRODUCT, product) if is_group(place) else answer, bar)


def is_group(place: str) -> bool:
    return place not in words.country_names()


def places_named(places: Iterable[str]) -> dict[str, str]:
    names = {place: words.country_names().get(place, "") for place in places}
    groups = names_of((RecordType.GROUP.value, place) for place in names if is_group(place))
    names |= {slug: name for (_rest, slug), name in groups.items()}
    return {place: _("Every country") if place == WORLD else name or place for place, name in names.items()}


def place_address(place: str) -> str:
    """A country's matrix; of a group, the events that name it."""
    return address_of(RecordType.GROUP, place) if is_group(place) else reverse("access-country", args=[place])
