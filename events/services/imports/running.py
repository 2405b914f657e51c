"""An import from upload to drafts: checked by a worker, looked at by whoever uploaded it, imported all or none."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from django.contrib.auth.models import AbstractUser
from django.db import IntegrityError, transaction
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone

from events.choices import ImportState, RecordType, State, Verdict
from events.lib.canonical import refuse_unstorable
from events.models import Event, Import, ImportRow, Source
from events.services import publishing, review, steps
from events.services.dataset import writing
from events.services.dataset.entries import Entry
from events.services.dataset.problems import DatasetError
from events.services.imports.files import FORMATS, MOST_BYTES, format_of
from events.services.imports.planning import Plan, Planned, counted, make_plan
from events.services.publishing import PublishingError

log = structlog.get_logger(__name__)

PERMISSIONS = ("events.add_import", "events.add_event", "events.change_event")
LEASE = dt.timedelta(minutes=35)  # longer than the task that holds it may run
MOST_ATTEMPTS = 3
BATCH = 500
MOVED_ON = "The record has changed since the file was checked. This is what importing it would do now."
GIVEN_UP = (
    "It was begun three times and never came to its end. Nothing was imported; whoever runs the site can tell why."
)
KINDS = (
    RecordType.GROUP,
    RecordType.AGENCY,
    RecordType.COMPANY,
    RecordType.PRODUCT,
    RecordType.POLICY,
    RecordType.PUBLISHER,
)


class ImportRefused(Exception):
    """A sentence on why this may not be done."""


# ------------------------------------------------------------------------------------------------------ what editors do


def may_import(by: AbstractUser) -> bool:
    return by.has_perms(PERMISSIONS)


def upload(name: str, content: bytes, *, by: AbstractUser) -> Import:
    """Take a file in, to be checked by a worker. Raises ImportRefused."""
    if not may_import(by):
        raise ImportRefused("You may not import drafts.")
    name = name.strip()[-200:]
    try:
        refuse_unstorable(name)
    except ValueError as error:
        raise ImportRefused(f"The file's name cannot be kept: {error}") from error
    if format_of(name) not in FORMATS:
        raise ImportRefused(f"The file's name has to end in one of {', '.join(FORMATS)}, which tells its format.")
    if len(content) > MOST_BYTES:
        raise ImportRefused(f"The file is larger than {MOST_BYTES // 2**20} MB.")
    if not content:
        raise ImportRefused("The file is empty.")
    return Import.objects.create(
        name=name, hash=hashlib.sha256(content).hexdigest(), size=len(content), content=content, by_id=by.pk
    )


def start(found: Import, *, by: AbstractUser) -> None:
    """Have a worker import what was checked. Raises ImportRefused."""
    require_own(found, by)
    fine = Import.objects.filter(pk=found.pk, state=ImportState.CHECKED, bad=0)
    if not found.can_be_applied or not fine.update(state=ImportState.APPLYING, attempts=0, note=""):
        raise ImportRefused("There is nothing to import, or bad rows have to be mended first.")


def check_again(found: Import, *, by: AbstractUser) -> None:
    """Have a worker compare a checked file with the record as it is now. Raises ImportRefused."""
    require_own(found, by)
    checked = Import.objects.filter(pk=found.pk, state=ImportState.CHECKED)
    if not checked.update(state=ImportState.CHECKING, attempts=0, note=""):
        raise ImportRefused("It is not waiting for you.")


def discard(found: Import, *, by: AbstractUser) -> None:
    """Put a checked file away. Raises ImportRefused."""
    require_own(found, by)
    if not settle(Import.objects.filter(pk=found.pk, state=ImportState.CHECKED), ImportState.DISCARDED):
        raise ImportRefused("It is not waiting for you.")


def require_own(found: Import, by: AbstractUser) -> None:
    if not may_import(by) or found.by_id != by.pk:
        raise ImportRefused("Only who uploaded a file imports or discards it.")


def settle(imports: Any, state: ImportState, *, note: str = "") -> int:
    """Close imports, whose files then go; how many."""
    return int(imports.update(state=state, note=note, content=None, settled_at=timezone.now(), leased_until=None))


# --------------------------------------------------------------------------------------------------- what a worker does


def run_due() -> int:
    """Check and import what is due; how many. One that another worker holds, or that is begun twice, is left alone."""
    count = 0
    for found in Import.objects.due().defer("content"):
        if step := leased(found):
            try:
                step(Import.objects.select_related("by").get(pk=found.pk))
            except Exception:
                Import.objects.filter(pk=found.pk).update(leased_until=None)  # the next worker need not wait for it
                raise
            count += 1
    return count


def leased(found: Import) -> Callable[[Import], None] | None:
    """What is to be done, if this worker got it; None: another did, or it was begun too often."""
    until = timezone.now() + LEASE
    if not Import.objects.due().filter(pk=found.pk).update(leased_until=until, attempts=F("attempts") + 1):
        return None
    if found.attempts >= MOST_ATTEMPTS:
        settle(Import.objects.filter(pk=found.pk), ImportState.REFUSED, note=GIVEN_UP)
        return None
    return {ImportState.CHECKING: check, ImportState.APPLYING: apply}[ImportState(found.state)]


def check(found: Import) -> None:
    """The dry run: note what importing would do."""
    try:
        plan = plan_of(found, progress=True)
    except DatasetError as error:
        settle(Import.objects.filter(pk=found.pk), ImportState.REFUSED, note=str(error))
        return
    with transaction.atomic():
        put_down(found, plan)


def plan_of(found: Import, *, progress: bool) -> Plan:
    assert found.content is not None
    return make_plan(bytes(found.content), found.name, found.tell_progress if progress else lambda done, of: None)


def put_down(found: Import, plan: Plan, *, note: str = "") -> None:
    found.rows.all().delete()
    ImportRow.objects.bulk_create((row_of(found, row) for row in plan.rows), batch_size=BATCH)
    Import.objects.filter(pk=found.pk).update(
        state=ImportState.CHECKED, plan=plan.digest, note=note, leased_until=None, attempts=0, **counted(plan.rows)
    )


def row_of(found: Import, row: Planned) -> ImportRow:
    return ImportRow(
        of=found,
        number=row.draft.number,
        key=row.draft.key[:120],
        title=row.draft.title,
        verdict=row.verdict,
        said=row.said,
        event=row.event,
    )


def apply(found: Import) -> None:
    """Import what was checked, in one transaction; where anything would differ by now, show that instead."""
    try:
        # Everybody who saves on the desk takes the head of the log first: nothing changes under way.
        with publishing.recording():
            if found.by is None or not found.by.is_active or not may_import(found.by):
                raise PublishingError("Whoever uploaded it may not import drafts any more.")
            plan = plan_of(found, progress=False)
            if plan.digest != found.plan:
                put_down(found, plan, note=MOVED_ON)
                return
            write(found, plan, by=found.by)
            settle(Import.objects.filter(pk=found.pk), ImportState.DONE)
    except (DatasetError, PublishingError, IntegrityError) as error:
        settle(Import.objects.filter(pk=found.pk), ImportState.REFUSED, note=f"Nothing was imported. {error}")
    else:
        log.info("import", id=found.pk, new=found.new, changed=found.changed)


def write(found: Import, plan: Plan, *, by: AbstractUser) -> None:
    note = f"Imported from {found.name}"
    new, changed = plan.of(Verdict.NEW), plan.of(Verdict.CHANGED)
    pk_of = writing.Keys()
    for kind in KINDS:
        pk_of.read(kind)
    make_sources([row.entry for row in (*new, *changed)], plan, pk_of, by)
    events = writing.create_events([row.entry for row in new], pk_of, state=State.DRAFT, changed_by=by)
    Event.history.bulk_history_create(events, batch_size=BATCH, default_user=by)
    of = len(events) + len(changed)
    for start_at in range(0, len(events), BATCH):
        steps.note_drafts(events[start_at : start_at + BATCH], by=by, note=note)
        found.tell_progress(min(start_at + BATCH, len(events)), of)
    writing.read_followed((row.entry for row in changed), pk_of)
    for number, row in enumerate(changed, len(events) + 1):
        assert row.event
        row.event._history_user = by  # type: ignore[attr-defined]  # whom simple_history writes down
        writing.update_event(row.event, row.entry.values | {"theme": row.event.theme}, pk_of)
        review.content_changed(row.event, by=by, note=note)
        if number % 50 == 0:
            found.tell_progress(number, of)
    made = Event.objects.filter(slug=OuterRef("key")).values("pk")
    found.rows.filter(verdict=Verdict.NEW).update(event=Subquery(made))


def make_sources(entries: Sequence[Entry], plan: Plan, pk_of: writing.Keys, by: AbstractUser) -> None:
    """The sources that these drafts cite and the record does not know."""
    cited = {citation["source"] for entry in entries for citation in entry.values.get("citations", ())}
    new = [entry for entry in plan.sources.of(RecordType.SOURCE) if entry.key in cited]
    rows = [Source(**{"slug": entry.key} | writing.fields_of(RecordType.SOURCE, entry.values, pk_of)) for entry in new]
    Source.objects.bulk_create(rows, batch_size=BATCH)
    Source.history.bulk_history_create(rows, batch_size=BATCH, default_user=by)
    pk_of.read(RecordType.SOURCE, cited)
