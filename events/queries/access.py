"""Who decides an access status, and which held before it."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Self

from events.choices import AccessStatus, CompanyRole, ClosedBy, Direction, EventKind, PlaceRole
from events.models import WORLD, AccessEffect, CountryGroup, Event, Membership, Ownership
from events.queries.sql import union_all

OPENNESS = {status: rank for rank, status in enumerate(AccessStatus.values)}
# How many effects of one day on one place are looked at, and how many branches one statement has (SQLite: below 500).
NEXT = 3
MOST_BRANCHES = 100
RESTRICTING_KINDS = {EventKind.RESTRICTION, EventKind.LISTING}


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

    @classmethod
    def read(cls) -> Self:
        known = cls(world=CountryGroup.objects.filter(slug=WORLD).values_list("pk", flat=True).first())
        for code, group, since, until in Membership.objects.values_list("country_id", "group_id", "since", "until"):
            known.spans[code].append(Span(group, since, until))
            known.sizes[group] += 1
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

    def owner_ids(self, company: int, day: dt.date) -> set[int]:
        return {
            row.owner_id
            for row in self.owners.get(company, ())
            if (row.since is None or row.since <= day) and (row.until is None or day < row.until)
        }


def closed_by(event: Event, effect: AccessEffect, geography: Geography) -> list[str]:
    """Who decides the effect: as given, else by the default rule of docs/data-format.md, in the order of ClosedBy."""
    if effect.by:
        return [word for word in ClosedBy.values if word in effect.by]
    found: set[str] = set()
    day = effect.effective_date
    for agency_link in event.agency_links.all():
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
        for company_link in event.company_links.all():
            if company_link.role == CompanyRole.ACTOR:
                its_own = {company_link.company_id} | geography.owner_ids(company_link.company_id, day)
                found.add(ClosedBy.PROVIDER if its_own & providers else ClosedBy.OTHER_COMPANY)
    if not found:
        for country_link in event.country_links.all():
            if country_link.role == PlaceRole.ACTING:
                own = country_link.country_id == effect.country_id
                found.add(ClosedBy.OWN_GOVERNMENT if own else ClosedBy.FOREIGN_GOVERNMENT)
    return [word for word in ClosedBy.values if word in found]


def status_before(effect: AccessEffect, geography: Geography) -> str | None:
    """The status that held, for the effect's product and place, on the day before it starts; None: unknown.

    The latest start decides, on a tie the country's own effect, then that of the smaller group; one that has ended by
    then leaves it unknown. For a group: its own effects and those of the whole world.
    """
    day = effect.effective_date - dt.timedelta(days=1)
    earlier = AccessEffect.objects.counting().filter(product=effect.product_id, effective_date__lte=day)
    branches = []
    if effect.country_id:
        joined = geography.groups_of(effect.country_id, day)
        branches.append(earlier.filter(country=effect.country_id))
    else:
        joined = {group: None for group in (effect.group_id, geography.world) if group}
    branches += [earlier.filter(group=group) for group in joined]
    found = union_all(
        branch.order_by("-effective_date", "-event__slug").values_list(
            "effective_date", "until", "status", "country_id", "group_id", "exceptions"
        )[:3]
        for branch in branches
    )
    best: tuple[tuple[dt.date, bool, int], dt.date | None, str] | None = None
    for start, until, status, country, group, exceptions in found:
        if group and effect.country_id in exceptions:
            continue
        since = joined.get(group) if group else None
        order = (max(start, since) if since else start, country is not None, -geography.sizes[group])
        if best is None or order > best[0]:
            best = (order, until, status)
    if best is None or (best[1] is not None and best[1] <= day):
        return None
    return best[2]


def direction(event: Event, effects: Sequence[AccessEffect], geography: Geography) -> Direction:
    """Whether the event restricts or relaxes access: by its effects, and where it has none by its kind."""
    if not effects:
        if event.kind in RESTRICTING_KINDS:
            return Direction.RESTRICTS
        return Direction.RELAXES if event.kind == EventKind.RESTORATION else Direction.NEITHER
    moves = set()
    for effect in effects:
        before = status_before(effect, geography)
        if before is None:
            moves.add(Direction.RELAXES if effect.status == AccessStatus.AVAILABLE else Direction.RESTRICTS)
        elif before != effect.status:
            closer = OPENNESS[effect.status] > OPENNESS[before]
            moves.add(Direction.RESTRICTS if closer else Direction.RELAXES)
    if len(moves) == 2:
        return Direction.MIXED
    return moves.pop() if moves else Direction.NEITHER


def events_after(effects: Iterable[AccessEffect], geography: Geography) -> set[int]:
    """Primary keys of the published events that come next after these effects: their direction may hang on them."""
    branches = []
    for effect in effects:
        later = (
            AccessEffect.objects.counting()
            .filter(product=effect.product_id, effective_date__gt=effect.effective_date)
            .exclude(event=effect.event_id)
            .order_by("effective_date")
            .values_list("event_id")
        )
        if effect.country_id:
            countries, groups = {effect.country_id}, set()
        elif effect.group_id == geography.world:
            countries, groups = set(geography.spans), set(geography.sizes)
        else:
            countries = {code for code, spans in geography.spans.items() if effect.group_id in {s.group for s in spans}}
            groups = {effect.group_id}
        branches += [later.filter(country=code)[:NEXT] for code in countries]
        branches += [later.filter(group=group)[:NEXT] for group in groups]
    found: set[int] = set()
    for start in range(0, len(branches), MOST_BRANCHES):
        found |= {pk for (pk,) in union_all(branches[start : start + MOST_BRANCHES])}
    return found
