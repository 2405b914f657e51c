"""The pairs of a product and a country that a question is about, in the order of their slugs and codes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from events.lib.countries import countries_by_code
from events.queries.reasons import Record, routes

Pair = tuple[str, str]


@dataclass(frozen=True)
class Pairs(Sequence[Pair]):
    """Every product with every country: as many as there are of each, none of them written out."""

    products: Sequence[str]
    countries: Sequence[str]

    @classmethod
    def of(
        cls,
        record: Record,
        *,
        products: Iterable[str] = (),
        countries: Iterable[str] = (),
        company: str | None = None,
        models_from: str | None = None,
    ) -> Pairs:
        """The pairs that all of these ask for; all products, and all countries, where none is named.

        Raises Unknown where the record does not know one.
        """
        named = {str(record.product(slug)["slug"]) for slug in products}
        if company is not None or models_from is not None or not named:
            offered = routes(
                record,
                company=company and record.company(company),
                developer=models_from and record.company(models_from, "models_from"),
            )
            named = named.intersection(offered) if named else set(offered)
        codes = {record.country(code).code for code in countries} or set(countries_by_code())
        return cls(sorted(named), sorted(codes))

    def __len__(self) -> int:
        return len(self.products) * len(self.countries)

    def __getitem__(self, place: int) -> Pair:  # type: ignore[override]  # slices are taken by `between`
        if not 0 <= place < len(self):
            raise IndexError(place)
        product, country = divmod(place, len(self.countries))
        return self.products[product], self.countries[country]

    def between(self, start: int, end: int) -> list[Pair]:
        return [self[place] for place in range(max(start, 0), min(end, len(self)))]

    def place_before(self, pair: Pair) -> int:
        """How many pairs come before this one, which may be none of them."""
        return bisect_left(self, pair)

    def place_after(self, pair: Pair) -> int:
        return bisect_right(self, pair)
