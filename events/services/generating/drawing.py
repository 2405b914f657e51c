"""One synthetic event by its number: the same rows whenever it is drawn, with all that its document reads at hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from hashlib import sha256
from random import Random
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
from events.services.generating.words import COMMON, RARE, Writer
from events.services.generating.world import POLICIES, PREFIX, World

FIRST_DAY, LAST_DAY = dt.date(2016, 1, 1), dt.date(2026, 12, 31)
DAYS = (LAST_DAY - FIRST_DAY).days
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

    def random(self, number: int) -> Random:
        return Random(self.seed << 32 | number)  # noqa: S311 - nothing to keep secret

    def slug(self, number: int) -> str:
        return f"{PREFIX}-{self.seed}-{number}"

    def date(self, number: int) -> dt.date:
        return FIRST_DAY + dt.timedelta(days=int(DAYS * ((number + 0.5) / self.count) ** RECENT))

    def words_to_find(self, number: int, random: Random) -> list[str]:
        """The words that are there to be searched by."""
        found = [word for word, percent in COMMON.items() if random.randrange(100) < percent]
        return found + [word for word, events in RARE.items() if number * events % self.count < events]

    def source(self, number: int) -> Source:
        """The source that event `number` is the first to cite."""
        random = self.random(number | 1 << 31)
        writer = Writer(random)
        publisher = self.world.publishers.draw(random)
        day = self.date(number) + dt.timedelta(days=random.randrange(4))
        # In normalized form as it stands, so that its slug is the hash of it.
        url = f"https://{publisher.slug}.example/{day:%Y/%m}/{'-'.join(writer.words_of(4))}-{self.seed}-{number}"
        relays = self.world.publishers.draw(random) if random.randrange(4) == 0 else publisher
        return Source(
            slug=sha256(url.encode()).hexdigest()[:12],
            url=url,
            normalized_url=url,
            title=writer.line(9 + number % 5),
            publisher=publisher,
            published=day if random.randrange(5) else None,
            tier=random.choice(TIERS),
            paywalled=random.randrange(8) == 0,
            relays=None if relays is publisher else relays,
        )

    def event(
        self, number: int, key: int, *, earlier: Mapping[int, Event], sources: Mapping[int, Source], at: dt.datetime
    ) -> Event:
        """Event `number`, published, with its links. `earlier` are events by number, `sources` its own among them."""
        random, world = self.random(number), self.world
        writer, words = Writer(random), self.words_to_find(number, random)
        summary = " ".join(writer.sentence(18 + random.randrange(8)) for _ in range(3))
        products = world.products.draw_some(random, random.randrange(3))
        cited = [number, *dict.fromkeys(number - back for back in self.backwards(random) if back <= number)]
        event = Event(
            pk=key,
            slug=self.slug(number),
            title=" ".join([writer.line(7 + random.randrange(5))[:90], *words[:1]]),
            summary=" ".join([summary[:540], *words]),
            kind=random.choice(KINDS),
            certainty=random.choice(CERTAINTIES),
            date=self.date(number),
            date_precision=DAY,
            state=State.PUBLISHED.value,
            published_at=at,
            updated_at=at,
            created_at=at,
            effects_numbered=1 if products and random.randrange(5) < 2 else 0,
            citations_numbered=len(cited),
            theme=PREFIX,
        )
        companies = world.companies.draw_some(random, 1 + random.randrange(2))
        roles = ["actor", *random.choices(COMPANY_ROLES, k=len(companies) - 1)]
        countries = world.countries.draw_some(random, 1 + random.randrange(3))
        agencies = world.agencies.draw_some(random, random.randrange(3))
        groups = world.groups.draw_some(random, 1) if random.randrange(5) == 0 else []
        links = {
            "company_links": [
                linked(EventCompany, event, "company", each, role) for each, role in zip(companies, roles, strict=True)
            ],
            "agency_links": [linked(EventAgency, event, "agency", each) for each in agencies],
            "country_links": [
                linked(EventCountry, event, "country", each, random.choice(PLACE_ROLES)) for each in countries
            ],
            "group_links": [linked(EventGroup, event, "group", each, "affected") for each in groups],
            "product_links": [linked(EventProduct, event, "product", each) for each in products],
            "policy_links": self.policies(event, number, random),
            "relation_links": self.relations(event, number, random, earlier),
            "effects": [self.effect(event, random, writer, products[0])] if event.effects_numbered else [],
            "citations": [
                Citation(
                    event=event,
                    number=place,
                    position=place,
                    source=sources[each],
                    stance=random.choice(STANCES) if place > 1 else "supports",
                    about="event",
                    quote=writer.sentence(14) if random.randrange(10) == 0 else "",
                )
                for place, each in enumerate(cited, 1)
            ],
        }
        event._prefetched_objects_cache = links  # type: ignore[attr-defined] # where the ORM looks: nothing is read back
        return event

    def backwards(self, random: Random) -> list[int]:
        """How many events back the sources were first cited that this one cites too: 0.9 of them, on average."""
        chance = random.random()
        return [1 + random.randrange(CITED_AGAIN) for limit in (0.6, 0.3) if chance < limit]

    def policies(self, event: Event, number: int, random: Random) -> list[EventPolicy]:
        every = max(self.count // MOVES_IN, 100)
        if number % every == 0:
            order, turn = divmod(number // every, POLICIES)  # all are proposed, then all adopted, then in force
            return [linked(EventPolicy, event, "policy", self.world.policies.rows[turn], STAGES[order % 3], False)]
        if random.randrange(10) >= 8:
            return []
        return [linked(EventPolicy, event, "policy", self.world.policies.draw(random), random.choice(QUIET), False)]

    def relations(self, event: Event, number: int, random: Random, earlier: Mapping[int, Event]) -> list[EventRelation]:
        """A thread: mostly to what happened just before, now and then far back."""
        backs = dict.fromkeys(int(random.expovariate(1 / 200)) + 1 for _ in range(random.randrange(3)))
        return [
            linked(EventRelation, event, "earlier", earlier[number - back], random.choice(RELATIONS))
            for back in backs
            if back <= min(number, REACH)
        ]

    def effect(self, event: Event, random: Random, writer: Writer, product: Product) -> AccessEffect:
        assert event.date
        kind, places = ("country", self.world.countries) if random.randrange(12) else ("group", self.world.groups)
        place = places.draw(random)
        # Seldom later than its event: the one announced ahead is compared anew with each that comes between.
        start = event.date + dt.timedelta(days=30 if random.randrange(100) == 0 else 0)
        # By product, place and day, so that no two effects contradict each other.
        digest = sha256(f"{product.slug}|{place.key}|{start}".encode()).digest()
        return AccessEffect(
            event=event,
            number=1,
            product=product,
            status=STATUSES[digest[0] % len(STATUSES)],
            effective_date=start,
            date_precision=DAY,
            note=writer.sentence(8) if random.randrange(2) else "",
            **{kind: place},
        )


def linked(model: Any, event: Event, name: str, other: Any, *rest: Any) -> Any:
    """A link, made by the order of its columns: in a third of the time that it takes by their names."""
    row = model(None, event.pk, other.pk, *rest)
    row._state.fields_cache = {"event": event, name: other}
    return row


def detach(event: Any) -> None:
    """Let go of an event's links: kept, each would hold the events it relates to, and those theirs."""
    event._prefetched_objects_cache = {}
