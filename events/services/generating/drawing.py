"""One synthetic event by its number: the same rows whenever it is drawn, with all that its document reads at hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from events.choices import (
    AccessStatus,
    CompanyRole,
    EventKind,
    PlaceRole,
    PolicyRelation,
    RelationKind,
    State,
)
from events.models import (
    AccessEffect,
    Citation,
    Country,
    CountryGroup,
    Event,
    EventAgency,
    EventCompany,
    EventCountry,
    EventGroup,
    EventPolicy,
    EventProduct,
    EventRelation,
    Product,
    Source,
)
from events.queries.stages import REACHES
from events.services.generating.words import COMMON, RARE, Dice, Writer
from events.services.generating.world import POLICIES, PREFIX, PRODUCTS, World

FIRST_DAY, LAST_DAY = dt.date(2016, 1, 1), dt.date(2026, 12, 31)
DAYS = (LAST_DAY - FIRST_DAY).days
LAST_REPORT = dt.date(2025, 12, 31)  # later events are foretold: no source is of the future, whatever today is
RECENT = 1 / 3  # the dates' distribution function is the cube of time: half of all events are of the last fifth
# Plain strings, as rows read from a database hold them: what comes of them takes the short way to canonical JSON.
STANCES = ["supports"] * 8 + ["disputes", "context"]
TIERS = ["primary", "secondary", "secondary", "secondary", "tertiary"]
CERTAINTIES = ["confirmed"] * 16 + ["reported"] * 3 + ["disputed"]
DAY = "day"
STAGES = ["proposes", "adopts", "brings_into_force"]
QUIET = [relation for relation in PolicyRelation.values if relation not in REACHES]
KINDS, STATUSES, RELATIONS = EventKind.values, AccessStatus.values, RelationKind.values
COMPANY_ROLES, PLACE_ROLES = CompanyRole.values, PlaceRole.values
MOVES_IN = 3 * POLICIES  # so many events of all move a policy's stage: every policy's life stays short
REACH = 2_000  # how far back an event may relate to another one
CITED_AGAIN = 50  # and cite what another one cites


class Drawer:
    """Draws the events of one (count, seed), each from a random generator of its own."""

    def __init__(self, count: int, seed: int, world: World) -> None:
        self.count, self.seed, self.world = count, seed, world

    def dice(self, number: int) -> Dice:
        return Dice(self.seed << 32 | number)

    def slug(self, number: int) -> str:
        return f"{PREFIX}-{self.seed}-{number}"

    def date(self, number: int) -> dt.date:
        return FIRST_DAY + dt.timedelta(days=int(DAYS * ((number + 0.5) / self.count) ** RECENT))

    def words_to_find(self, number: int, dice: Dice) -> list[str]:
        """The words that are there to be searched by."""
        found = [word for word, percent in COMMON.items() if dice.below(100) < percent]
        return found + [word for word, events in RARE.items() if number * events % self.count < events]

    def source(self, number: int) -> Source:
        """The source that event `number` is the first to cite."""
        dice = self.dice(number | 1 << 31)
        writer = Writer(dice)
        publisher = self.world.publishers.draw(dice)
        day = min(self.date(number) + dt.timedelta(days=dice.below(4)), LAST_REPORT)
        # In normalized form as it stands, so that its slug is the hash of it.
        url = f"https://{publisher.slug}.example/{day:%Y/%m}/{'-'.join(writer.words_of(4))}-{self.seed}-{number}"
        relays = self.world.publishers.draw(dice) if dice.below(4) == 0 else publisher
        source = Source(
            slug=sha256(url.encode()).hexdigest()[:12],
            url=url,
            normalized_url=url,
            title=writer.line(9 + number % 5),
            publisher=publisher,
            published=day if dice.below(5) else None,
            tier=dice.one_of(TIERS),
            paywalled=dice.below(8) == 0,
            relays=None if relays is publisher else relays,
        )
        source._state.fields_cache["link_check"] = None  # nobody has looked at it yet, so nobody need ask
        return source

    def event(
        self, number: int, key: int, *, earlier: Mapping[int, Event], sources: Mapping[int, Source], at: dt.datetime
    ) -> Event:
        """Event `number`, published, with its links. `earlier` are events by number, `sources` its own among them."""
        dice, world = self.dice(number), self.world
        writer, words = Writer(dice), self.words_to_find(number, dice)
        summary = " ".join(writer.sentence(18 + dice.below(8)) for _ in range(3))
        products = world.products.draw_some(dice, dice.below(3))
        turned = self.turned_everywhere(number)
        if turned:
            products = list(dict.fromkeys([turned, *products]))
        cited = [number, *dict.fromkeys(number - back for back in self.backwards(dice) if back <= number)]
        event = Event(
            pk=key,
            slug=self.slug(number),
            title=" ".join([writer.line(7 + dice.below(5))[:90], *words[:1]]),
            summary=" ".join([summary[:540], *words]),
            kind=dice.one_of(KINDS),
            certainty=dice.one_of(CERTAINTIES),
            date=self.date(number),
            date_precision=DAY,
            state=State.PUBLISHED.value,
            published_at=at,
            updated_at=at,
            checked_on=at.date(),
            awaited=self.date(number) if self.date(number) > at.date() else None,
            created_at=at,
            effects_numbered=1 if turned or (products and dice.below(5) < 2) else 0,
            citations_numbered=len(cited),
            theme=PREFIX,
        )
        companies = world.companies.draw_some(dice, 1 + dice.below(2))
        roles = ["actor", *(dice.one_of(COMPANY_ROLES) for _ in companies[1:])]
        countries = world.countries.draw_some(dice, 1 + dice.below(3))
        agencies = world.agencies.draw_some(dice, dice.below(3))
        groups = world.groups.draw_some(dice, 1) if dice.below(5) == 0 else []
        links = {
            "company_links": [
                linked(EventCompany, event, "company", each, role) for each, role in zip(companies, roles, strict=True)
            ],
            "agency_links": [linked(EventAgency, event, "agency", each) for each in agencies],
            "country_links": [
                linked(EventCountry, event, "country", each, dice.one_of(PLACE_ROLES)) for each in countries
            ],
            "group_links": [linked(EventGroup, event, "group", each, "affected") for each in groups],
            "product_links": [linked(EventProduct, event, "product", each) for each in products],
            "policy_links": self.policies(event, number, dice),
            "relation_links": self.relations(event, number, dice, earlier),
            "effects": [self.effect(event, dice, writer, products[0], turned)] if event.effects_numbered else [],
            "citations": [
                self.citation(event, dice, writer, sources[each], place) for place, each in enumerate(cited, 1)
            ],
        }
        event._prefetched_objects_cache = links  # type: ignore[attr-defined] # where the ORM looks: nothing is read back
        return event

    def backwards(self, dice: Dice) -> list[int]:
        """How many events back the sources were first cited that this one cites too: 0.9 of them, on average."""
        chance = dice.random()
        return [1 + dice.below(CITED_AGAIN) for limit in (0.6, 0.3) if chance < limit]

    def policies(self, event: Event, number: int, dice: Dice) -> list[EventPolicy]:
        every = max(self.count // MOVES_IN, 100)
        if number % every == 0:
            order, turn = divmod(number // every, POLICIES)  # all are proposed, then all adopted, then in force
            return [linked(EventPolicy, event, "policy", self.world.policies.rows[turn], STAGES[order % 3], False)]
        if dice.below(10) >= 8:
            return []
        return [linked(EventPolicy, event, "policy", self.world.policies.draw(dice), dice.one_of(QUIET), False)]

    def relations(self, event: Event, number: int, dice: Dice, earlier: Mapping[int, Event]) -> list[EventRelation]:
        """A thread: mostly to what happened just before, now and then far back."""
        backs = dict.fromkeys(int(dice.expovariate(1 / 200)) + 1 for _ in range(dice.below(3)))
        return [
            linked(EventRelation, event, "earlier", earlier[number - back], dice.one_of(RELATIONS))
            for back in backs
            if back <= min(number, REACH)
        ]

    def citation(self, event: Event, dice: Dice, writer: Writer, source: Source, place: int) -> Citation:
        row = Citation(
            event_id=event.pk,
            number=place,
            position=place,
            source_id=source.pk,
            stance=dice.one_of(STANCES) if place > 1 else "supports",
            about="event",
            quote=writer.sentence(14) if dice.below(10) == 0 else "",
        )
        return tied(row, event=event, source=source)

    def turned_everywhere(self, number: int) -> Product | None:
        """The product that this event opens or closes for the whole world: each once at the beginning and at the end.

        So an answer says as much in a small record as in a large one: most pairs are known, and something comes next.
        """
        opening = min(PRODUCTS, self.count // 25)
        order = min(number, self.count - 1 - number)
        return self.world.products.rows[order] if order < opening else None

    def effect(
        self, event: Event, dice: Dice, writer: Writer, product: Product, turned: Product | None
    ) -> AccessEffect:
        assert event.date
        kind, places = ("country", self.world.countries) if dice.below(12) else ("group", self.world.groups)
        place: Country | CountryGroup = places.draw(dice)
        if turned:
            kind, place = "group", self.world.everywhere
        # Seldom later than its event: the one announced ahead is compared anew with each that comes between.
        start = event.date + dt.timedelta(days=30 if dice.below(100) == 0 else 0)
        # By product, place and day, so that no two effects contradict each other.
        digest = sha256(f"{product.slug}|{place.key}|{start}".encode()).digest()
        return AccessEffect(
            event=event,
            number=1,
            product=product,
            status=STATUSES[digest[0] % len(STATUSES)],
            effective_date=start,
            date_precision=DAY,
            note=writer.sentence(8) if dice.below(2) else "",
            **{kind: place},
        )


def linked(model: Any, event: Event, name: str, other: Any, *rest: Any) -> Any:
    """A link, made by the order of its columns: in a third of the time that it takes by their names."""
    return tied(model(None, event.pk, other.pk, *rest), event=event, **{name: other})


def tied(row: Any, **others: Any) -> Any:
    """The row with what its keys name, where the ORM keeps what it has read."""
    row._state.fields_cache = others
    return row


def detach(event: Any) -> None:
    """Let go of an event's links: kept, each would hold the events it relates to, and those theirs."""
    event._prefetched_objects_cache = {}
