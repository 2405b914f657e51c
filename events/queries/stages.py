"""A policy's life cycle, derived from its events."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch

from events.choices import PolicyRelation, Stage
from events.lib.dates import edtf
from events.models import EventPolicy, Policy

REACHES = {
    PolicyRelation.ANNOUNCES: Stage.ANNOUNCED,
    PolicyRelation.PROPOSES: Stage.PROPOSED,
    PolicyRelation.ADOPTS: Stage.ADOPTED,
    PolicyRelation.BRINGS_INTO_FORCE: Stage.IN_FORCE,
    PolicyRelation.SUSPENDS: Stage.SUSPENDED,
    PolicyRelation.RESCINDS: Stage.RESCINDED,
}
# The first three never lower a stage; what comes after may follow in any order.
RANK = {Stage.ANNOUNCED: 0, Stage.PROPOSED: 1, Stage.ADOPTED: 2}


def stage_links() -> Prefetch[Any]:
    """What `stages` reads: what events do to a policy.

    Whether those count is seen from the rows: asked for it, SQLite reads every published event first.
    """
    moving = EventPolicy.objects.filter(relation__in=REACHES)
    return Prefetch("event_links", moving.select_related("event"), to_attr="stage_links")


def stages(policy: Policy) -> list[dict[str, Any]]:
    """All stages of a policy in the order of their dates, as its document holds them.

    A `partial` one marks what happened to some places or provisions, and moves nothing; one that would lower the stage
    is left out. Events that are not published, or denied, do not count. What is rescinded without ever having been in
    force, not even in part, never took effect. Expects `stage_links` to be prefetched.
    """
    order = list(REACHES)  # of one day, so that it is the same wherever the record is loaded
    links = sorted(
        (link for link in policy.stage_links if link.event.counts),  # type: ignore[attr-defined]
        key=lambda link: (link.event.date, order.index(link.relation), link.event.slug),
    )
    reached: Stage | None = None
    was_in_force = False
    found = []
    for link in links:
        stage = REACHES[PolicyRelation(link.relation)]
        if stage == Stage.RESCINDED and not was_in_force:
            stage = Stage.NEVER_TOOK_EFFECT
        if not link.partial:
            if stage in RANK and reached is not None and RANK.get(reached, 3) >= RANK[stage]:
                continue
            reached = stage
        was_in_force = was_in_force or stage == Stage.IN_FORCE
        event = link.event
        assert event.date
        found.append(
            {
                "stage": str(stage),
                "partial": link.partial,
                "date": event.date.isoformat(),
                "date_precision": event.date_precision,
                "edtf": edtf(event.date, event.date_precision),
                "event": event.slug,
            }
        )
    return found
