"""What synthetic events refer to: companies, agencies, groups, products and so on, the first of each most often."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Generic, TypeVar

from events.choices import CompanyKind, PolicyKind, ProductKind, PublisherKind
from events.models import (
    WORLD,
    Agency,
    Company,
    CompanyAlias,
    Country,
    CountryGroup,
    Membership,
    Policy,
    Product,
    Publisher,
)
from events.services.generating.words import Dice, invented

PREFIX = "synthetic"
COMPANIES, AGENCIES, PRODUCTS, POLICIES, PUBLISHERS = 300, 60, 400, 500, 400
GROUPS = {
    "eu": "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK",
    "chip-allies": "AU CA DE DK ES FI FR GB IE IT JP KR NL NO NZ SE TW",
    "arms-embargo": "AF BY CD CF CN CU ER HT IQ IR KP LB LY MM NI RU SD SO SS SY VE ZW",
    "gulf": "AE BH KW OM QA SA",
    "asean": "BN ID KH LA MM MY PH SG TH TL VN",
    "license-free": "AU BE CA CH DE DK ES FI FR GB IE IT JP KR NL NO NZ PL SE US",
}
# The countries that events are about, most often first; the others follow in the order of their codes.
BUSIEST = [
    "CN",
    "US",
    "NL",
    "JP",
    "KR",
    "TW",
    "DE",
    "GB",
    "FR",
    "IN",
    "IT",
    "SG",
    "AE",
    "CA",
    "RU",
    "IL",
    "SA",
    "MY",
    "HK",
    "IR",
]

T = TypeVar("T")


class Skewed(Generic[T]):
    """Rows of which the first are drawn far more often than the last: the n-th 1/n as often (Zipf)."""

    def __init__(self, rows: Sequence[T]) -> None:
        self.rows = rows
        self.weights = list(accumulate(1 / (rank + 1) for rank in range(len(rows))))

    def draw(self, dice: Dice) -> T:
        return self.rows[bisect(self.weights, dice.random() * self.weights[-1])]

    def draw_some(self, dice: Dice, most: int) -> list[T]:
        """Up to `most` different ones."""
        return list(dict.fromkeys(self.draw(dice) for _ in range(most)))


@dataclass(frozen=True)
class World:
    """All rows that synthetic events refer to."""

    companies: Skewed[Company]
    agencies: Skewed[Agency]
    countries: Skewed[Country]
    groups: Skewed[CountryGroup]
    everywhere: CountryGroup
    products: Skewed[Product]
    policies: Skewed[Policy]
    publishers: Skewed[Publisher]


def made(model: Any, rows: Sequence[tuple[str, dict[str, Any]]], title: str = "name") -> list[Any]:
    """The rows with these slugs, in order; those that are missing are made with these fields."""
    fields = {f"{PREFIX}-{slug}": values for slug, values in rows}
    there = set(model.objects.filter(slug__in=fields).values_list("slug", flat=True))
    model.objects.bulk_create(
        model(slug=slug, **{title: called(slug)}, **values) for slug, values in fields.items() if slug not in there
    )
    found = {row.slug: row for row in model.objects.filter(slug__in=fields)}
    return [found[slug] for slug in fields]


def called(slug: str) -> str:
    """Synthetic Bel Kalnel, company 17."""
    kind, _, number = slug.removeprefix(f"{PREFIX}-").rpartition("-")
    return (
        f"Synthetic {invented(int(number)).title()} {kind}" if number.isdecimal() else f"Synthetic {slug[10:].upper()}"
    )


def build() -> World:
    """The rows as they are in the database; what is not there yet is made. Its names keep apart from all real ones."""
    countries = {country.code: country for country in Country.objects.all()}
    others = [countries[code] for code in sorted(countries) if code not in BUSIEST]
    by_rank = [countries[code] for code in BUSIEST] + others
    groups = made(CountryGroup, [(slug, {}) for slug in GROUPS])
    for group in groups:
        if not group.memberships.exists():
            codes = GROUPS[group.slug.removeprefix(f"{PREFIX}-")].split()
            Membership.objects.bulk_create(Membership(group=group, country=countries[code]) for code in codes)
    world, _ = CountryGroup.objects.get_or_create(
        slug=WORLD, defaults={"name": "World", "note": "Every country; no member list"}
    )
    companies = made(
        Company,
        [
            (f"company-{n}", {"kind": CompanyKind.values[n % 4], "country": by_rank[n % 20]})
            for n in range(1, COMPANIES + 1)
        ],
    )
    for company in companies[::3]:
        CompanyAlias.objects.get_or_create(of=company, name=f"{company.name} Holdings")
    agencies = made(Agency, [(f"agency-{n}", {"country": by_rank[n % 15]}) for n in range(AGENCIES)])
    return World(
        companies=Skewed(companies),
        agencies=Skewed(agencies),
        countries=Skewed(by_rank),
        groups=Skewed([*groups, world]),
        everywhere=world,
        products=Skewed(
            made(
                Product,
                [
                    (f"product-{n}", {"kind": ProductKind.values[n % 8], "company": companies[n % 150]})
                    for n in range(PRODUCTS)
                ],
            )
        ),
        policies=Skewed(
            made(
                Policy,
                [
                    (f"policy-{n}", {"kind": PolicyKind.values[n % 11], "agency": agencies[n % AGENCIES]})
                    for n in range(POLICIES)
                ],
                title="title",
            )
        ),
        publishers=Skewed(
            made(
                Publisher,
                [
                    (f"publisher-{n}", {"kind": PublisherKind.values[n % 8], "country": by_rank[n % 12]})
                    for n in range(PUBLISHERS)
                ],
            )
        ),
    )
