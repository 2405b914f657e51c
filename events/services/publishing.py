"""The only way anything becomes public: publish, correct, retract, merge and redact.

Each is one transaction that takes the head of the log first, checks the invariants, writes the rows, and appends the
documents with all that is selected from them. Whoever changes rows of public records does so inside `recording()`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models, transaction

from events.choices import Act, Action, CorrectionClass, NoticeKind, ProposalState, RecordType, State
from events.documents import MODELS, DocumentMaker, prefetched, references, type_of
from events.lib.related import related
from events.models import Change, Event, LogHead, Proposal, PublicDocument
from events.queries.sql import among
from events.services import follow_up, log, notices, rules, steps
from events.services.exports import building
from events.services.log import Entry

PERMISSION = "events.publish_event"


class PublishingError(Exception):
    """Why something may not become public, in sentences fit to show."""

    def __init__(self, *problems: str) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


@contextmanager
def recording() -> Iterator[LogHead]:
    """A transaction that holds the head of the log."""
    with transaction.atomic():
        yield log.lock_head()


# ----------------------------------------------------------------------------------------------------- who may do what


def require_publisher(by: AbstractUser | None) -> None:
    """None is the data set's loader, which may."""
    if by is not None and not by.has_perm(PERMISSION):
        raise PublishingError("Only a Publisher may do this.")


def is_self_published(event: Event, by: AbstractUser | None) -> bool:
    """Whether only one person stood behind it: allowed to superusers and the loader, and then said in the log.

    Raises PublishingError where it is not allowed.
    """
    if by is None:
        return True
    if by.pk not in (event.changed_by_id, event.submitted_by_id):
        return False
    if not by.is_superuser:
        raise PublishingError("Another editor has to publish what you changed or submitted last.")
    return True


# ------------------------------------------------------------------------------------------------------------- the acts


def publish(event: Event, *, by: AbstractUser | None, withdrawn: bool = False) -> Change:
    """Make a reviewed event public, with all that it refers to.

    `withdrawn`: it is retracted in this same transaction, so that its relations do not count. Raises PublishingError
    where something is missing or contradicts the record, where `by` may not, or where the event has left review
    meanwhile.
    """
    return publish_many([event], by=by, withdrawn=withdrawn)[-1]


def publish_many(
    events: Iterable[Event],
    *,
    by: AbstractUser | None,
    maker: DocumentMaker | None = None,
    withdrawn: bool = False,
) -> list[Change]:
    """Publish events in order, in one transaction: the same append over a batch."""
    require_publisher(by)
    with recording() as head:
        pks = list(dict.fromkeys(event.pk for event in events))
        at = log.next_moment(head)
        # A conditional UPDATE, not a row lock (SQLite has none): from here on nobody else changes what is published.
        reviewed = Event.objects.filter(pk__in=pks, state=State.IN_REVIEW)
        taken = reviewed.update(published_at=at, updated_at=at)
        rows = fresh(Event, pks)
        if taken != len(rows):
            raise PublishingError(*(f"“{row}” is not in review." for row in rows if row.state != State.IN_REVIEW))
        if problems := rules.lacking(rows, withdrawn=withdrawn) + rules.held_up(rows):
            raise PublishingError(*problems)
        alone = [is_self_published(row, by) for row in rows]
        reviewed.mark_checked(at.date())
        reviewed.update(state=State.PUBLISHED)
        together = {row.pk: row for row in rows}
        for row in rows:
            row.state = State.PUBLISHED
            for link in related(row, "relation_links"):  # to one of the same batch: as public as this one
                link.earlier = together.get(link.earlier_id, link.earlier)
        changes = put_on_record(
            rows, alone=alone, head=head, maker=maker or DocumentMaker(), at=at, withdrawn=withdrawn
        )
        if by is not None:
            for row, change in zip(rows, changes[-len(rows) :], strict=True):
                steps.note(row, Act.PUBLISHED, by=by, change=change)
                notices.tell({row.submitted_by, row.changed_by}, NoticeKind.PUBLISHED, row, by=by)
        return changes


def put_on_record(
    rows: Sequence[Event],
    *,
    alone: Sequence[bool],
    head: LogHead,
    maker: DocumentMaker,
    at: dt.datetime,
    withdrawn: bool = False,
) -> list[Change]:
    """Check and append events that this transaction has made public, with all that they refer to.

    The rows have all at hand that their documents read; `alone` says of each whether it is self-published.
    """
    if problems := rules.lacking(rows, withdrawn=withdrawn) + rules.contradictions(rows):
        raise PublishingError(*problems)
    new = not_yet_public(rows)
    refuse_unfit(new)
    all_alone = all(alone)
    entries = [Entry(row, Action.PUBLISHED, self_published=all_alone) for row in new]
    entries += [
        Entry(row, Action.PUBLISHED, self_published=self_published)
        for row, self_published in zip(rows, alone, strict=True)
    ]
    changes = log.append(entries, head=head, maker=maker, at=at)
    follow_up.published(rows, new=new, geography=maker.geography)
    return changes


def publish_record(row: models.Model, *, by: AbstractUser | None) -> Change:
    """Make a reference record public by itself, with all that it refers to."""
    require_publisher(by)
    with recording() as head:
        [row] = fresh(type(row), [row.pk])
        if is_public(row):
            raise PublishingError(f"“{row}” is public already.")
        new = [*not_yet_public([row]), row]
        refuse_unfit(new)
        entries = [Entry(each, Action.PUBLISHED) for each in new]
        return log.append(entries, head=head, maker=DocumentMaker(), at=log.next_moment(head))[-1]


def correct(
    row: Any,
    *,
    by: AbstractUser | None,
    correction_class: str,
    note: str,
    proposed_by: AbstractUser | None = None,
    withdrawn: bool = False,
) -> Change | None:
    """Put the changed rows of a public record on record: the rows were changed in this same transaction.

    Of an event, what is not clerical takes two people: `proposed_by` changed it, `by` checked it (a superuser may do
    without, and the log says so). `withdrawn` as for `publish`. None: the document is the same as before, and nothing
    was appended.
    """
    require_publisher(by)
    if correction_class not in CorrectionClass.values:
        raise PublishingError(f"A correction is one of {', '.join(CorrectionClass.values)}.")
    if not note.strip():
        raise PublishingError("A correction says in a note what was corrected.")
    alone = by is None
    if isinstance(row, Event) and correction_class != CorrectionClass.CLERICAL and by is not None:
        alone = proposed_by is None or proposed_by.pk == by.pk
        if alone and not by.is_superuser:
            raise PublishingError("A correction that is not clerical needs a second person.")
    with recording() as head:
        [row] = fresh(type(row), [row.pk])
        require_live(row)
        old = log.newest_of([row])[type_of(row), row.key]
        if isinstance(row, Event) and (
            problems := rules.missing_for_publication(row, withdrawn=withdrawn) + rules.contradictions([row])
        ):
            raise PublishingError(*problems)
        new = not_yet_public([row])
        refuse_unfit([*new, row])
        maker = DocumentMaker()
        if maker.says(row, old):
            return None
        at = log.next_moment(head)
        if isinstance(row, Event):
            corrected = Event.objects.filter(pk=row.pk)
            corrected.mark_checked(at.date())
            corrected.update(updated_at=at)
            row.updated_at = at
        first = [Entry(each, Action.PUBLISHED, self_published=alone) for each in new]
        entry = Entry(row, Action.CORRECTED, correction_class, note.strip(), self_published=alone)
        changes = log.append([*first, entry], head=head, maker=maker, at=at)
        follow_up.changed(row, old=old, geography=maker.geography)
        if isinstance(row, Event):
            steps.note(row, Act.CORRECTED, by=by, note=note.strip(), change=changes[-1])
        return changes[-1]


def retract(event: Event, *, by: AbstractUser | None, reason: str, on: dt.date | None = None) -> Change:
    """Withdraw a published event: it keeps its address, its reason and its history. `on`: today if left out."""
    require_publisher(by)
    if not reason.strip():
        raise PublishingError("A retraction gives its reason.")
    with recording() as head:
        at = log.next_moment(head)
        changed = Event.objects.filter(pk=event.pk, state=State.PUBLISHED).update(
            state=State.RETRACTED, retracted_on=on or at.date(), retraction_reason=reason.strip(), updated_at=at
        )
        if not changed:
            raise PublishingError(f"“{event}” is not published.")
        [row] = fresh(Event, [event.pk])
        old = log.newest_of([row])[type_of(row), row.key]
        maker = DocumentMaker()
        [change] = log.append(
            [Entry(row, Action.RETRACTED, note=reason.strip(), self_published=by is None)],
            head=head,
            maker=maker,
            at=at,
        )
        follow_up.changed(row, old=old, geography=maker.geography)
        close_proposals(row, by=by, at=at, why="The event was retracted.")
        steps.note(row, Act.RETRACTED, by=by, note=reason.strip(), change=change)
        return change


def merge(row: Any, *, into: Any, by: AbstractUser | None, note: str) -> Change:
    """Declare that a public record is another one: its address leads there forever, and its links go over.

    Raises PublishingError where what came of it would break a rule: that has to be mended by corrections first.
    """
    require_publisher(by)
    if not note.strip():
        raise PublishingError("A merger says in a note why the two are one.")
    with recording() as head:
        [row] = fresh(type(row), [row.pk])
        [into] = fresh(type(row), [into.pk])
        if row.pk == into.pk:
            raise PublishingError("A record is not merged into itself.")
        for each in (row, into):
            require_live(each)
        old = log.newest_of([row])[type_of(row), row.key]
        at = log.next_moment(head)
        touched = rules.touched_by_merger(row, into)
        follow_up.hand_over(row, into)
        gone = [*type(row)._default_manager.filter(merged_into=row), row]
        for each in gone:
            each.merged_into = into
            if isinstance(each, Event):
                each.state = State.MERGED
            each.save()
        [into] = fresh(type(into), [into.pk])
        if problems := rules.lacking(events := fresh(Event, touched)) + rules.contradictions(events):
            raise PublishingError("They cannot be merged as they stand.", *problems)
        refuse_unfit([into])
        maker = DocumentMaker()
        entries = [Entry(each, Action.MERGED, note=note.strip(), self_published=by is None) for each in gone]
        changes = log.append([*entries, Entry(into, Action.REISSUED)], head=head, maker=maker, at=at)
        follow_up.changed(row, old=old, geography=maker.geography)
        follow_up.changed(into, old=old, geography=maker.geography)
        merged = next(change for change in changes if change.key == row.key)
        if isinstance(row, Event):
            close_proposals(row, by=by, at=at, why=f"The event is now “{into}”.")
            steps.note(row, Act.MERGED, by=by, note=note.strip(), change=merged)
        return merged


def close_proposals(event: Event, *, by: AbstractUser | None, at: dt.datetime, why: str) -> None:
    """Decline what waits to be corrected of an event that no longer stands."""
    waiting = Proposal.objects.open().filter(event=event)
    waiting.update(state=ProposalState.DECLINED, decided_by=by, decided_at=at, decision=why)


def redirect(rows: Sequence[Any], *, by: AbstractUser | None) -> list[Change]:
    """Put records that were merged elsewhere, before this log began, on record: their addresses lead on."""
    require_publisher(by)
    with recording() as head:
        return log.append(
            [Entry(row, Action.MERGED, self_published=by is None) for row in rows],
            head=head,
            maker=DocumentMaker(),
            at=log.next_moment(head),
        )


def redact(seq: int, *, by: AbstractUser, reason: str) -> Change:
    """Take a document that the law forbids to keep out of the log: the chain covers its hash, and still verifies.

    The record itself has to be corrected first, so that its newest document is another one. Superusers only.
    """
    if not by.is_superuser:
        raise PublishingError("Only a superuser may redact.")
    if not reason.strip():
        raise PublishingError("A redaction gives its reason.")
    with recording() as head:
        change = Change.objects.filter(seq=seq).first()
        if change is None:
            raise PublishingError(f"There is no change {seq}.")
        if change.document is None:
            raise PublishingError(f"Change {seq} is redacted already.")
        if change.action == Action.REDACTED:
            raise PublishingError(f"Change {seq} is itself a redaction.")
        if PublicDocument.objects.filter(change=change).exists():
            raise PublishingError(f"Change {seq} holds the newest document of its record: correct the record first.")
        Change.objects.filter(seq=seq).update(document=None)
        building.withdraw(seq)
        return log.append_redaction(change, head=head, note=reason.strip(), at=log.next_moment(head))


# ------------------------------------------------------------------------------------------------------ what is public


def fresh(model: type[models.Model], pks: Sequence[Any]) -> list[Any]:
    """The rows as they stand now, in the order asked for, with all that their documents read."""
    rows = model._default_manager.in_bulk(pks)
    if missing := set(pks) - set(rows):
        raise PublishingError(f"There is no {model._meta.verbose_name} {missing.pop()} any more.")
    return prefetched(rows[pk] for pk in pks)


def is_public(row: models.Model) -> bool:
    return PublicDocument.objects.filter(type=type_of(row), key=row.key).exists()  # type: ignore[attr-defined]


def require_live(row: models.Model) -> None:
    merged, state = getattr(row, "merged_into_id", None), getattr(row, "state", State.PUBLISHED)
    if merged or state != State.PUBLISHED or not is_public(row):
        raise PublishingError(f"“{row}” is not public, or no longer.")


def refuse_unfit(rows: Sequence[Any]) -> None:
    """Raise PublishingError where reference records break a rule of their own, or are called like others."""
    if problems := rules.unfit(rows):
        raise PublishingError(*problems)


def not_yet_public(rows: Sequence[Any]) -> list[Any]:
    """Records that the rows refer to, directly or through others, and that are not public, in the order to publish.

    Raises PublishingError where one of them was merged: what is public names what it became.
    """
    waiting = {(type_of(row), row.pk) for row in rows}
    found: dict[tuple[RecordType, Any], Any] = {}
    level = list(rows)
    while level:
        named: dict[RecordType, dict[Any, Any]] = {}
        for other in {id(other): other for row in level for other in references(row)}.values():
            if getattr(other, "merged_into_id", None):
                raise PublishingError(rules.merged(other))
            if (type_of(other), other.pk) not in waiting:
                named.setdefault(type_of(other), {})[other.pk] = other
        level = []
        for record_type, others in named.items():
            waiting |= {(record_type, pk) for pk in others}
            known = set(
                PublicDocument.objects.of_type(record_type)
                .filter(key__in=among("text", [other.key for other in others.values()]))
                .values_list("key", flat=True)
            )
            level += prefetched(other for other in others.values() if other.key not in known)
        found |= {(type_of(row), row.pk): row for row in level}
    return named_first(found)


def named_first(rows: dict[tuple[RecordType, Any], Any]) -> list[Any]:
    """The rows in an order in which each comes after those that it names; where two name one another, either may."""
    order: dict[tuple[RecordType, Any], Any] = {}
    begun = set()

    def visit(row: Any) -> None:
        place = type_of(row), row.pk
        if place in rows and place not in begun:
            begun.add(place)
            for other in references(rows[place]):
                visit(other)
            order[place] = rows[place]

    kinds = list(MODELS)
    for row in sorted(rows.values(), key=lambda row: kinds.index(type_of(row))):
        visit(row)
    return list(order.values())
