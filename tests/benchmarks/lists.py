"""Lists, deep pages, filters, search and one event: the application beside its floors."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.benchmarks.serving import Rate, Server, load


@dataclass(frozen=True)
class Scenario:
    """What is asked of the application (`path`), and the same of the floors (`asked`); `goal` times the joins."""

    name: str
    path: str
    asked: dict[str, str] = field(default_factory=dict)
    goal: float = 1.5

    def floor(self, kind: str) -> str:
        return f"/{kind}/?{urlencode(self.asked)}"


def scenarios() -> Iterator[Scenario]:
    """Made for the data at hand: generated events, whose words and countries are skewed in a known way."""
    from events import cursors
    from events.lib.tokens import tokens
    from events.models import TimelineEntry, day_of, pk_of
    from events.queries.timeline import Criteria

    entries = TimelineEntry.objects.order_by("position")
    total = entries.count()
    deep = entries.values_list("position", flat=True)[total // 10]
    slug = entries.values_list("change__key", flat=True)[total // 2]
    api = "/api/v1/events/"
    yield Scenario("newest page", api)
    before = cursors.encode(deep, Criteria())
    yield Scenario("page at 90%", f"{api}?before={before}", {"date": day_of(deep).isoformat(), "id": str(pk_of(deep))})
    year = day_of(entries.last().position).year - 1  # type: ignore[union-attr]
    asked = {"country": "CN", "kind": "listing", "from": f"{year}-01-01", "to": f"{year}-12-31"}
    yield Scenario("country, kind, range", f"{api}?{urlencode(asked)}", asked)
    for name, word in {"in 30% of events": "controls", "in 2%": "wafers", "in 5 of all": "quixolite"}.items():
        yield Scenario(f"word {name}", f"{api}?{urlencode({'q': word})}", {"word": tokens(word)[0]}, goal=0.8)
    yield Scenario("one event", f"{api}{slug}/", {"slug": slug}, goal=0.5)
    after = str(entries.last().change_id // 2)  # type: ignore[union-attr]
    yield Scenario("delta page of 100", f"/api/v1/changes/?after={after}", {"after": after}, goal=0.5)
    yield Scenario("timeline page (HTML)", "/", goal=0.0)
    yield from access_scenarios(day_of(deep).isoformat())


def access_scenarios(on: str) -> Iterator[Scenario]:
    """One pair, a country's matrix and a product's map: of the pair with the most effects."""
    from django.db.models import Count

    from events.models import AccessRecord

    busiest = AccessRecord.objects.current().filter(place__regex="^[A-Z]{2}$").values("product", "place")
    pair = busiest.annotate(effects=Count("pk")).order_by("-effects")[0]
    product, country = {"product": pair["product"]}, {"country": pair["place"]}
    for name, asked in {
        "one pair": product | country,
        "a country's matrix": country,
        "a product's map": product,
    }.items():
        path = f"/api/v1/access/?{urlencode(asked | {'on': on, 'page_size': 200})}"
        yield Scenario(f"access: {name}", path, asked | {"on": on}, goal=0.0)


HEADING = f"{'':24}{'clients':>8}{'app/s':>9}{'joins/s':>9}{'stored/s':>9}{'× joins':>9}{'× stored':>9}{'ms CPU':>8}"


@dataclass(frozen=True)
class Row:
    scenario: Scenario
    clients: int
    rates: dict[str, list[Rate]]

    def __str__(self) -> str:
        """A line under HEADING."""
        rates = "".join(f"{self.rate(name):9.0f}" for name in self.rates)
        ratios = f"{self.ratio('joins'):9.2f}{self.ratio('documents'):9.2f}"
        return f"{self.scenario.name:24}{self.clients:8}{rates}{ratios}{self.cpu('app'):8.2f}"

    def rate(self, name: str) -> float:
        return statistics.median(rate.per_second for rate in self.rates[name])

    def cpu(self, name: str) -> float:
        return statistics.median(rate.cpu_ms for rate in self.rates[name])

    def ratio(self, over: str) -> float:
        """The median of the ratios of the rounds, each measured side by side."""
        pairs = zip(self.rates["app"], self.rates[over], strict=True)
        return statistics.median(app.per_second / max(floor.per_second, 1e-9) for app, floor in pairs)


def measure(scenario: Scenario, app: Server, floor: Server, *, clients: int, seconds: int, rounds: int) -> Row:
    """The application and its two floors in turn, so that a machine that slows down slows all of them."""
    rates: dict[str, list[Rate]] = {"app": [], "joins": [], "documents": []}
    for _ in range(rounds):
        for name, server, path in (
            ("app", app, scenario.path),
            ("joins", floor, scenario.floor("joins")),
            ("documents", floor, scenario.floor("documents")),
        ):
            rate = load(server, path, clients=clients, seconds=seconds)
            if rate.failed:
                raise SystemExit(f"{name} answered {path} with errors.")
            rates[name].append(rate)
    return Row(scenario, clients, rates)
