"""Who decides an access status, and which held before it."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from django.db import connection

from events.choices import AccessStatus, Certainty, ClosedBy, CompanyRole, Direction, EventKind, PlaceRole
from events.lib.related import related
from events.models import WORLD, AccessEffect, Country, CountryGroup, Event, Membership, Ownership
from events.queries import answers
from events.queries.evidence import reported_on
from events.queries.sql import given

OPENNESS = {status: rank for rank, status in enumerate(AccessStatus.values)}
# `AccessEffectQuerySet.counting` in SQL, and the types of the columns that say where an effect applies.
COUNTING = "event.state = 'published' AND event.certainty <> 'denied'"
PLACES = {"country_id": "text", "group_id": "bigint"}
Place = tuple[str, Any]  # the column of effects that names it, and its key
RESTRICTING_KINDS = {EventKind.RESTRICTION, EventKind.LISTING}
NEVER = dt.date.min
# What `held` reads of an effect.
HELD = (
    "event__slug", "number", "product", "country", "group", "status", "effective_date", "date_precision", "until",
)  # fmt: skip
DECIDERS = ClosedBy.values  # made anew each time that it is asked for


@dataclass(frozen=True)
class Span:
    """A country's membership, as the primary key of the group; `until` is the first day outside, None unbounded."""

    group: int
    since: dt.date | None
    until: dt.date | None

    def holds(self, day: dt.date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


@dataclass
class Geography:
    """All memberships and ownerships, read once for a batch of documents."""

    world: int | None = None
    spans: dict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))
    sizes: Counter[int] = field(default_factory=Counter)
    owners: dict[int, list[Ownership]] = field(default_factory=lambda: defaultdict(list))
    countries: tuple[str, ...] = ()

    @classmethod
    def read(cls) -> Self:
        known = cls(
            world=CountryGroup.objects.filter(slug=WORLD).values_list("pk", flat=True).first(),
            countries=tuple(Country.objects.order_by("pk").values_list("pk", flat=True)),
        )
        for code, group, since, until in Membership.objects.values_list("country_id", "group_id", "since", "until"):
            known.sizes[group] += all(span.group != group for span in known.spans[code])
            known.spans[code].append(Span(group, since, until))
        for ownership in Ownership.objects.all():
            known.owners[ownership.owned_id].append(ownership)
        if known.world:
            known.sizes[known.world] = 1_000  # the largest of all
        return known

    def groups_of(self, code: str, day: dt.date) -> dict[int, dt.date | None]:
        """The groups that hold the country on `day`, with the day of its joining where that is known."""
        held = {span.group: span.since for span in self.spans.get(code, ()) if span.holds(day)}
        if self.world:
            held[self.world] = None
        return held

    def reached_by(self, effect: AccessEffect, named: Iterable[Place]) -> Iterator[tuple[str, Any, dt.date]]:
        """The places to which the effect may apply, each with the day since which it may; of the world, those named."""
        start = effect.effective_date
        if effect.country_id:
            yield "country_id", effect.country_id, start
        elif effect.group_id == self.world:
            yield from ((column, key, start) for column, key in named)
        else:
            yield "group_id", effect.group_id, start
            for code, spans in self.spans.items():
                for span in spans:
                    if span.group == effect.group_id and (span.until is None or span.until > start):
                        yield "country_id", code, max(start, span.since or start)

    def owner_ids(self, company: int, day: dt.date) -> set[int]:
        return {
            row.owner_id
            for row in self.owners.get(company, ())
            if (row.since is None or row.since <= day) and (row.until is None or day < row.until)
        }


def closed_by(event: Event, effect: AccessEffect, geography: Geography) -> list[str]:
    """Who decides the effect: as given, else by the default rule of docs/data-format.md, in the order of ClosedBy."""
    if effect.by:
        return [word for word in DECIDERS if word in effect.by]
    found: set[str] = set()
    day = effect.effective_date
    for agency_link in related(event, "agency_links"):
        agency = agency_link.agency
        if agency.country_id:
            own = agency.country_id == effect.country_id
        elif agency.group_id:
            own = agency.group_id == effect.group_id or bool(
                effect.country_id and agency.group_id in geography.groups_of(effect.country_id, day)
            )
        else:
            found.add(ClosedBy.INTERNATIONAL)
            continue
        found.add(ClosedBy.OWN_GOVERNMENT if own else ClosedBy.FOREIGN_GOVERNMENT)
    if not found:
        providers = {effect.product.company_id, effect.product.models_from_id} - {None}
        for company_link in related(event, "company_links"):
            if company_link.role == CompanyRole.ACTOR:
                its_own = {company_link.company_id} | geography.owner_ids(company_link.company_id, day)
                found.add(ClosedBy.PROVIDER if its_own & providers else ClosedBy.OTHER_COMPANY)
    if not found:
        for country_link in related(event, "country_links"):
            if country_link.role == PlaceRole.ACTING:
                own = country_link.country_id == effect.country_id
                found.add(ClosedBy.OWN_GOVERNMENT if own else ClosedBy.FOREIGN_GOVERNMENT)
    return [word for word in DECIDERS if word in found]


def statuses_before(effects: Sequence[AccessEffect], geography: Geography) -> list[str | None]:
    """The status that held, for each effect's product and place, on the day before it starts; None: unknown.

    Decided by the rules of `events.queries.answers`; for a group among its own effects and those of the whole world.
    Four queries, however many, and three more where the day of a report has to break a tie.
    """
    days = [effect.effective_date - dt.timedelta(days=1) for effect in effects]
    joined: list[dict[int, dt.date | None]] = []
    of_countries, of_groups = [], []
    for number, (effect, day) in enumerate(zip(effects, days, strict=True)):
        if effect.country_id:
            joined.append(geography.groups_of(effect.country_id, day))
            of_countries.append((number, effect.product_id, effect.country_id, day, ""))
        else:
            joined.append({group: None for group in (effect.group_id, geography.world) if group})
        of_groups += [(number, effect.product_id, group, day, effect.country_id or "") for group in joined[-1]]
    found = [*latest("country_id", of_countries), *latest("group_id", of_groups)]
    rows = AccessEffect.objects.select_related("event").only(*HELD).in_bulk({pk for _, pk in found})
    newest: list[list[answers.Held]] = [[] for _ in effects]
    for number, pk in found:
        newest[number].append(held(rows[pk], joined[number], geography))
    # The days of report lie far away, in the sources: they are read only where they decide.
    starts = [Counter(each.since for each in of_one) for of_one in newest]
    tied = {each.pk for of_one, count in zip(newest, starts, strict=True) for each in of_one if count[each.since] > 1}
    reported = reported_days(tied)
    statuses: list[str | None] = []
    for of_one, day in zip(newest, days, strict=True):
        deciding = answers.deciding(replace(each, reported_on=reported.get(each.pk, NEVER)) for each in of_one)
        if deciding and deciding.until and deciding.until <= day:
            deciding = None
        statuses.append(deciding.status if deciding else None)
    return statuses


def held(row: AccessEffect, joined: Mapping[int, dt.date | None], geography: Geography) -> answers.Held:
    """The effect as a row of the ledger would have it, but for the day of its report."""
    group = row.group_id
    return answers.Held(
        pk=row.pk,
        event=row.event.slug,
        effect=row.number,
        product=str(row.product_id),
        place=str(group or row.country_id),
        status=row.status,
        effective_date=row.effective_date,
        date_precision=row.date_precision,
        until=row.until,
        reported_on=NEVER,
        span=answers.Span(joined.get(group), None, geography.sizes[group]) if group else None,
    )


def reported_days(effects: Iterable[int]) -> dict[int, dt.date]:
    """By primary key, the days since which effects have been reported."""
    rows = AccessEffect.objects.filter(pk__in=effects).select_related("event")
    return {
        row.pk: reported_on(row.event, related(row.event, "citations"), row)[0]
        for row in rows.prefetch_related("event__citations__source")
    }


def latest(place: str, asked: Sequence[tuple[Any, ...]]) -> list[tuple[int, int]]:
    """For each (number, product, place, day, code): the number, with each effect on it that started last by then.

    Groups' effects that leave out the country `code` do not count; where there is none the number is left out.
    """
    table, event = AccessEffect._meta.db_table, Event._meta.db_table
    reaching = f"""
        {table} effect CROSS JOIN {event} event
        WHERE event.id = effect.event_id AND effect.product_id = asked.product AND effect.{place} = asked.place
            AND {COUNTING} AND CAST(effect.exceptions AS text) NOT LIKE '%%"' || asked.code || '"%%'
    """
    return ask(
        f"""
        WITH newest AS MATERIALIZED (
            SELECT number, product, place, code, (
                SELECT effect.effective_date FROM {reaching} AND effect.effective_date <= asked.day
                ORDER BY effect.effective_date DESC LIMIT 1
            ) AS day FROM asked
        )
        SELECT asked.number, effect.id AS found
        FROM newest asked CROSS JOIN {reaching} AND effect.effective_date = asked.day
        """,  # noqa: S608 - names are ours
        {"number": "bigint", "product": "bigint", "place": PLACES[place], "day": "date", "code": "text"},
        asked,
    )


def direction(event: Event, effects: Sequence[AccessEffect], before: Sequence[str | None]) -> Direction:
    """Whether the event restricts or relaxes access: by its effects and what held before each; if none, by its kind."""
    if not effects:
        if event.kind in RESTRICTING_KINDS:
            return Direction.RESTRICTS
        return Direction.RELAXES if event.kind == EventKind.RESTORATION else Direction.NEITHER
    moves = set()
    for effect, held in zip(effects, before, strict=True):
        if held is None:
            moves.add(Direction.RELAXES if effect.status == AccessStatus.AVAILABLE else Direction.RESTRICTS)
        elif held != effect.status:
            closer = OPENNESS[effect.status] > OPENNESS[held]
            moves.add(Direction.RESTRICTS if closer else Direction.RELAXES)
    if len(moves) == 2:
        return Direction.MIXED
    return moves.pop() if moves else Direction.NEITHER


def events_after(effects: Iterable[AccessEffect], geography: Geography) -> set[int]:
    """Primary keys of the published events that come next after these effects: their direction may hang on them.

    Of each place that an effect reaches, the next day with effects of its own: from then on those decide.
    """
    effects = list(effects)
    # Of the world only places where the product has effects are asked about: each of them may have one that comes next.
    named = places_of(
        {effect.product_id for effect in effects if effect.group_id and effect.group_id == geography.world}
    )
    asked: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for effect in effects:
        for column, key, since in geography.reached_by(effect, named[effect.product_id]):
            asked[column].append((effect.product_id, key, since, effect.event_id or 0))
    return {pk for column, questions in asked.items() for pk in next_after(column, questions)}


def places_of(products: Collection[int]) -> defaultdict[int, list[Place]]:
    """The places on which each of these products has any effect."""
    found: defaultdict[int, list[Place]] = defaultdict(list)
    rows = AccessEffect.objects.filter(product__in=products).order_by()
    for product, country, group in rows.values_list("product", "country", "group").distinct():
        found[product].append(("country_id", country) if country else ("group_id", group))
    return found


def next_after(place: str, asked: Sequence[tuple[Any, ...]]) -> set[int]:
    """Of each (product, place, day, event): the other events with effects on the place on the next day that has any."""
    table, event = AccessEffect._meta.db_table, Event._meta.db_table
    later = f"""
        {table} effect CROSS JOIN {event} event
        WHERE event.id = effect.event_id AND effect.product_id = asked.product AND effect.{place} = asked.place
            AND effect.effective_date > asked.day AND effect.event_id <> asked.event AND {COUNTING}
    """
    days = ask(
        f"""
        SELECT product, place, (
            SELECT effect.effective_date FROM {later} ORDER BY effect.effective_date LIMIT 1
        ) AS found, event FROM asked
        """,  # noqa: S608 - names are ours
        {"product": "bigint", "place": PLACES[place], "day": "date", "event": "bigint"},
        asked,
    )
    rows = ask(
        f"""
        SELECT DISTINCT effect.event_id AS found
        FROM asked CROSS JOIN {table} effect CROSS JOIN {event} event
        WHERE event.id = effect.event_id AND effect.product_id = asked.product AND effect.{place} = asked.place
            AND effect.effective_date = asked.day AND effect.event_id <> asked.event AND {COUNTING}
        """,  # noqa: S608 - names are ours
        {"product": "bigint", "place": PLACES[place], "day": "date", "event": "bigint"},
        days,
    )
    return {pk for (pk,) in rows}


def contradicted(effects: Sequence[AccessEffect]) -> list[tuple[int, int]]:
    """Pairs of an effect's place in the list and one of another status for the same product, place and day.

    Only what counts (is published and not denied) is compared.
    """
    table, event = AccessEffect._meta.db_table, Event._meta.db_table
    found: list[tuple[int, int]] = []
    for column in ("country_id", "group_id"):
        found += ask(
            f"""
            SELECT asked.number, effect.id AS found
            FROM asked CROSS JOIN {table} effect CROSS JOIN {event} event
            WHERE event.id = effect.event_id AND effect.product_id = asked.product AND effect.{column} = asked.place
                AND effect.effective_date = asked.day AND effect.status <> asked.status AND {COUNTING}
            """,  # noqa: S608 - names are ours
            {"number": "bigint", "product": "bigint", "place": PLACES[column], "day": "date", "status": "text"},
            [
                (number, effect.product_id, getattr(effect, column), effect.effective_date, str(effect.status))
                for number, effect in enumerate(effects)
                if getattr(effect, column) and effect.event.certainty != Certainty.DENIED
            ],
        )
    return sorted(found)


def ask(sql: str, columns: Mapping[str, str], asked: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """The rows, whose column `found` is not null, of a query about a table `asked` of these rows.

    Tables are joined by CROSS JOIN, which tells SQLite in which order: by its own choice it may read all events.
    """
    table, value = given(columns, asked)
    with connection.cursor() as cursor:
        cursor.execute(
            # Materialized, or PostgreSQL finds each answer twice: to look whether it is null, and to give it.
            f"WITH asked AS MATERIALIZED ({table}), answers AS MATERIALIZED ({sql}) "  # noqa: S608 - names are ours
            "SELECT * FROM answers WHERE found IS NOT NULL",
            [value],
        )
        return cursor.fetchall()
