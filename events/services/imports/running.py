"""An import from upload to drafts: checked by a worker, looked at by whoever uploaded it, imported all or none."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Callable
from typing import Any

import structlog
from django.contrib.auth.models import AbstractUser
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from events.choices import ImportState
from events.lib.canonical import refuse_unstorable
from events.models import Import, ImportRow
from events.services import publishing
from events.services.dataset.problems import DatasetError
from events.services.imports import making, planning, writing
from events.services.imports.files import FORMATS, MOST_BYTES, format_of
from events.services.imports.planning import Plan, Planned, counted, make_plan

log = structlog.get_logger(__name__)

PERMISSIONS = ("events.add_import", "events.add_event", "events.change_event")
LEASE = dt.timedelta(minutes=5)  # renewed while a worker is seen to work; so long an import waits for one that died
RENEWED = 20  # seconds after which
MOST_ATTEMPTS = 3
BATCH = 500
MOVED_ON = "The record has changed since the file was checked. This is what importing it would do now."
GIVEN_UP = (
    "It was begun three times and never came to its end. Nothing was imported; whoever runs the site can tell why."
)


class ImportRefused(Exception):
    """A sentence on why this may not be done."""


class MovedOn(Exception):
    """The record, or the import itself, is not any more what this worker has read."""


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
    found.tell_progress(0, found.rows_counted)


def check_again(found: Import, *, by: AbstractUser) -> None:
    """Have a worker compare a checked file with the record as it is now. Raises ImportRefused."""
    require_own(found, by)
    checked = Import.objects.filter(pk=found.pk, state=ImportState.CHECKED)
    if not checked.update(state=ImportState.CHECKING, attempts=0, note=""):
        raise ImportRefused("It is not waiting for you.")
    found.tell_progress(0, found.rows_counted)


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
    # In the state in which it was found: it may have been checked and started since, and then waits for the next look.
    if (
        not Import.objects.due()
        .filter(pk=found.pk, state=found.state)
        .update(leased_until=until, attempts=F("attempts") + 1)
    ):
        return None
    if found.attempts >= MOST_ATTEMPTS:
        settle(Import.objects.filter(pk=found.pk), ImportState.REFUSED, note=GIVEN_UP)
        return None
    return {ImportState.CHECKING: check, ImportState.APPLYING: apply}[ImportState(found.state)]


def check(found: Import) -> None:
    """The dry run: note what importing would do."""
    try:
        plan = plan_of(found)
    except DatasetError as error:
        settle(at_work_on(found), ImportState.REFUSED, note=str(error))
        return
    put_down(found, plan)


def plan_of(found: Import) -> Plan:
    assert found.content is not None
    return make_plan(bytes(found.content), found.name, telling(found))


def telling(found: Import) -> Callable[[int, int], None]:
    """Tells how far a worker is, which keeps its lease meanwhile."""
    renewed = time.monotonic()

    def advance(done: int, of: int) -> None:
        nonlocal renewed
        found.tell_progress(done, of)
        if time.monotonic() > renewed + RENEWED:
            renewed = time.monotonic()
            at_work_on(found).update(leased_until=timezone.now() + LEASE)

    return advance


def at_work_on(found: Import) -> Any:
    """The import, unless it has come further by another worker, to whom the lease went over meanwhile."""
    return Import.objects.filter(pk=found.pk, state=found.state)


@transaction.atomic
def put_down(found: Import, plan: Plan, *, note: str = "") -> None:
    checked = {"state": ImportState.CHECKED, "plan": plan.digest, "note": note, "leased_until": None, "attempts": 0}
    if at_work_on(found).update(**checked, **counted(plan.rows)):
        found.rows.all().delete()
        ImportRow.objects.bulk_create((row_of(found, row) for row in plan.rows), batch_size=BATCH)


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
    """Import what was checked, all or nothing; where anything would differ by now, show that instead.

    All that takes long is done before the transaction that writes, which holds up everybody else who writes.
    """
    try:
        plan = plan_of(found)
        if plan.digest != found.plan:
            put_down(found, plan, note=MOVED_ON)
            return
        assert found.by
        prepared = making.prepare(plan, by=found.by, advance=telling(found))
        try:
            write(found, plan, prepared)
        except (MovedOn, IntegrityError) as error:
            plan = plan_of(found)
            if isinstance(error, IntegrityError) and plan.digest == found.plan:
                raise
            put_down(found, plan, note=MOVED_ON)
            return
    except (DatasetError, ImportRefused, IntegrityError) as error:
        settle(at_work_on(found), ImportState.REFUSED, note=f"Nothing was imported. {error}")
    else:
        log.info("import", id=found.pk, new=found.new, changed=found.changed)


def write(found: Import, plan: Plan, prepared: making.Prepared) -> None:
    """Write the drafts in one transaction. Raises MovedOn, and nothing is written."""
    # Everybody who saves on the desk takes the head of the log first: nothing changes under way.
    with publishing.recording():
        by = Import.objects.select_related("by").get(pk=found.pk).by
        if by is None or not by.is_active or not may_import(by):
            raise ImportRefused("Whoever uploaded it may not import drafts any more.")
        as_read = planning.versions_of({row.draft.key for row in plan.rows}) == plan.versions
        if not as_read or making.keys_of(plan).known != prepared.keys.known:
            raise MovedOn
        writing.write(prepared, by=by, note=f"Imported from {found.name}")
        writing.point_at_drafts(found)
        if not settle(at_work_on(found), ImportState.DONE):
            raise MovedOn
