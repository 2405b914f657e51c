"""Making a package, one at a time, in a folder of its own that becomes the newest when it is complete.

A build may be killed anywhere: until its last transaction nothing points at what it wrote, and the next one clears that
away. The lock is the system's (flock), so that it goes with its process.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import orjson
import structlog
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from events.choices import RecordType
from events.models import Export, ExportRequest, LogHead
from events.services.exports import package, reading
from events.services.exports.columns import Json, Table
from events.services.exports.database import Database
from events.services.exports.tables import MERGED, TABLES
from events.services.exports.writing import CsvFile, Lines, NdjsonFile, ParquetFile, TableFile, settle, sha256_of

log = structlog.get_logger(__name__)

FORMS: dict[str, Callable[[Path, Table], TableFile]] = {"csv": CsvFile, "ndjson": NdjsonFile, "parquet": ParquetFile}
MOST_TRIES = 3  # where something is redacted while it is written out
PAUSE_AFTER_FAILURE = 15 * 60  # seconds
UNFINISHED, LOCK, FAILED = ".unfinished-", ".lock", ".failed"


class ExportError(Exception):
    """Says in one sentence why there is no package."""


class Busy(ExportError):
    """Another process makes one."""


@dataclass(frozen=True)
class Outcome:
    """The newest package, and whether it was made just now (else nothing had changed since)."""

    export: Export
    is_new: bool


@transaction.atomic
def request(*, by: User | None = None) -> ExportRequest:
    """Ask for a package now; the next run of the background task takes it up."""
    return ExportRequest.objects.create(requested_by=by)


def withdraw(seq: int) -> None:
    """Take back all packages that hold this change's document, in the transaction that redacts it; ask for another."""
    if Export.objects.standing().filter(revision__gte=seq).update(withdrawn_at=timezone.now()):
        request()


def is_due(now: dt.datetime) -> bool:
    """Whether a package is asked for, or there is none, or the newest is old and the log has moved on since.

    Never of an empty record, nor for a while after a build has failed.
    """
    revision = LogHead.objects.values_list("seq", flat=True).first()
    failed = root() / FAILED
    if not revision or (failed.exists() and now.timestamp() - failed.stat().st_mtime < PAUSE_AFTER_FAILURE):
        return False
    newest = Export.objects.standing().first()
    if newest is None or not newest.folder.exists() or ExportRequest.objects.outstanding().exists():
        return True
    return revision > newest.revision and now - newest.created_at >= settings.EXPORT_EVERY


def build_due() -> Outcome | None:
    """Make a package if one is due. None: none is, or another process makes it."""
    if not is_due(timezone.now()):
        return None
    try:
        return build()
    except Busy:
        return None


def build(*, again: bool = False) -> Outcome:
    """Make a package of the newest revision, unless there is one (`again`: even then); clear away what is left over.

    Raises Busy, or ExportError where the record is empty.
    """
    with only_one():
        asked = list(ExportRequest.objects.outstanding().values_list("pk", flat=True))
        tidy()
        try:
            outcome = newest_or_new(again)
        except Exception:
            (root() / FAILED).touch()
            raise
        (root() / FAILED).unlink(missing_ok=True)
        done = ExportRequest.objects.filter(pk__in=asked)
        done.update(done_at=timezone.now(), export=outcome.export)
        tidy()
        return outcome


def newest_or_new(again: bool) -> Outcome:
    for _ in range(MOST_TRIES):
        head = LogHead.objects.first() or LogHead()
        newest = Export.objects.standing().first()
        if head.seq == 0:
            raise ExportError("The record is empty: there is nothing to export yet.")
        if newest and newest.revision == head.seq and not again:
            return Outcome(newest, is_new=False)
        if export := made(head):
            return Outcome(export, is_new=True)
    raise ExportError("Documents were redacted again and again while they were written out: try again.")


# ------------------------------------------------------------------------------------------------------ one at a time


def root() -> Path:
    return settings.MEDIA_ROOT / "exports"


@contextmanager
def only_one() -> Iterator[None]:
    """Hold the lock of all builds on this disk. Raises Busy."""
    root().mkdir(parents=True, exist_ok=True)
    with (root() / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy("Another process is making a package.") from None
        yield


def tidy() -> None:
    """Clear away, under the lock: what killed builds left, packages that were withdrawn or lost, and the oldest."""
    kept = [export for export in Export.objects.standing() if export.folder.exists()][: max(settings.EXPORTS_KEPT, 1)]
    keys = {export.pk for export in kept}
    Export.objects.standing().exclude(pk__in=keys).update(removed_at=timezone.now())
    for folder in root().iterdir():
        if folder.is_dir() and folder.name not in map(str, keys):
            shutil.rmtree(folder)


# -------------------------------------------------------------------------------------------------------- one package


def made(head: LogHead) -> Export | None:
    """A new package of the log as it stands at `head`. None: something in it was redacted meanwhile."""
    assert head.at
    previous = Export.objects.order_by("-pk").first()
    after = previous.revision if previous else None
    folder = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=root()))
    started = timezone.now()
    try:
        rows = write(folder, head, after)
        files = described(folder, head, rows, after)
        folder.chmod(0o755)
        settle(chain(folder.rglob("*"), [folder]))
        with transaction.atomic():
            # What a redaction takes first: none can slip in between this look and the row.
            LogHead.objects.select_for_update().get()
            if reading.redacted_since(head.seq):
                return None
            export = Export.objects.create(
                revision=head.seq,
                head_hash=head.hash,
                head_at=head.at,
                created_at=max(started, head.at),
                previous=previous,
            )
            finish(export, folder, files)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    log.info("export", id=export.pk, revision=export.revision, bytes=export.size)
    return export


class Sink:
    """Where the rows of one table go: a file of each form, and the database."""

    def __init__(self, folder: Path, table: Table, database: Database) -> None:
        self.table, self.database, self.count = table, database, 0
        self.rows_of = table.rows
        self.files: list[TableFile] = [
            made(folder / package.path_of(table, form), table) for form, made in FORMS.items()
        ]

    def draw(self, documents: Iterable[Json]) -> None:
        """Write the rows of these documents."""
        rows = list(chain.from_iterable(map(self.rows_of, documents)))
        for file in self.files:
            file.write(rows)
        self.database.write(self.table.name, rows)
        self.count += len(rows)

    def close(self) -> None:
        for file in self.files:
            file.close()


def write(folder: Path, head: LogHead, after: int | None) -> dict[str, int]:
    """Write the data; how many rows each file has, by its path."""
    for name in ("documents", *FORMS):
        (folder / name).mkdir()
    rows = {
        package.LOG: write_changes(folder / package.LOG, 0, head.seq),
        package.DELTA: write_changes(folder / package.DELTA, head.seq if after is None else after, head.seq),
    }
    with closing(Database(folder / package.DATABASE)) as database:
        with closing(Sink(folder, MERGED, database)) as merged:
            for record_type in RecordType:
                rows |= write_newest(folder, record_type, head.seq, database, merged)
        database.finish(package.about(head.seq, head.hash))
    return rows | counts_of(merged)


def write_changes(path: Path, after: int, up_to: int) -> int:
    with closing(Lines(path)) as lines:
        for batch in reading.changes(after, up_to):
            lines.write(batch)
    return lines.rows


def write_newest(
    folder: Path, record_type: RecordType, revision: int, database: Database, merged: Sink
) -> dict[str, int]:
    """Write the newest documents of a type, and all tables that are drawn from them."""
    with ExitStack() as stack:
        documents = stack.enter_context(closing(Lines(folder / package.documents_path(record_type))))
        sinks = [
            stack.enter_context(closing(Sink(folder, table, database)))
            for table in TABLES
            if table.record_type == record_type
        ]
        for batch in reading.newest(record_type, revision):
            by_state: dict[str, list[Json]] = {"published": [], "retracted": [], "merged": []}
            for _, document in batch:
                by_state[state_of(document)].append(document)
            documents.write([text.encode() for text, document in batch if state_of(document) == "published"])
            for sink in sinks:
                sink.draw(by_state[sink.table.state])
            merged.draw({"type": record_type.value, **document} for document in by_state["merged"])
    counts = {package.documents_path(record_type): documents.rows}
    for sink in sinks:
        counts |= counts_of(sink)
    return counts


def state_of(document: Json) -> str:
    return str(document.get("state", "published"))


def counts_of(sink: Sink) -> dict[str, int]:
    return {package.path_of(sink.table, form): sink.count for form in FORMS}


def described(folder: Path, head: LogHead, rows: dict[str, int], after: int | None) -> list[dict[str, Any]]:
    """Write what the package says of itself, and list its files with their sizes, sums and rows."""
    listed = [
        said | measured(folder, said["path"]) | ({"rows": rows[said["path"]]} if said["path"] in rows else {})
        for said in package.resources(after, head.seq)
    ]
    texts = {
        package.README: ("readme", "How to read the package", package.readme(head.seq, head.hash, listed)),
        package.CITATION: ("citation", "How to cite it (CFF)", package.citation(head.seq, timezone.now().date())),
    }
    for path, (name, description, text) in texts.items():
        (folder / path).write_text(text, encoding="utf-8")
        listed.append(of_itself(folder, name, path, description))
    return listed


def measured(folder: Path, path: str) -> dict[str, Any]:
    return {"bytes": (folder / path).stat().st_size, "hash": f"sha256:{sha256_of(folder / path)}"}


def finish(export: Export, folder: Path, files: list[dict[str, Any]]) -> None:
    """Give the folder its manifest and its name, in the transaction that makes it the newest."""
    manifest = package.descriptor(export, files)
    (folder / package.MANIFEST).write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
    listed = [*files, of_itself(folder, "manifest", package.MANIFEST, "This package, described")]
    (folder / package.SUMS).write_text(package.sums(listed), encoding="utf-8")
    listed.append(of_itself(folder, "sums", package.SUMS, "For sha256sum --check"))
    settle([folder / package.MANIFEST, folder / package.SUMS, folder])
    folder.rename(export.folder)
    settle([root()])
    shown = ("name", "path", "description", "mediatype", "bytes", "hash", "rows")
    export.files = [{name: file[name] for name in shown if name in file} for file in listed]
    export.save(update_fields=["files"])


def of_itself(folder: Path, name: str, path: str, description: str) -> dict[str, Any]:
    return package.resource(name, path, description) | measured(folder, path)
