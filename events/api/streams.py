"""Everything that matches, as one file for people and programs: CSV, NDJSON or a workbook, streamed as it is read.

Each ends with how many rows it has, so that a file that was cut off shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from events.api.tables import cell, cells, table
from events.caching import head
from events.choices import RecordType
from events.documents import SERIALIZERS
from events.lib import xlsx
from events.lib.spreadsheets import UTF_8, harmless
from events.services.exports.columns import column
from events.services.exports.package import LICENSE

Batches = Iterable[Sequence[str]]


class Counted:
    """Batches of documents that are counted as they pass, and the revisions between which that was."""

    def __init__(self, batches: Batches) -> None:
        self.batches, self.rows, self.started = batches, 0, head().seq

    def __iter__(self) -> Iterator[Sequence[str]]:
        for batch in self.batches:
            self.rows += len(batch)
            yield batch

    def end(self) -> dict[str, int]:
        """What the last line says. Two revisions that differ: something was published meanwhile."""
        return {"rows": self.rows, "from_revision": self.started, "to_revision": head().seq}


def as_ndjson(batches: Counted, names: Sequence[str]) -> Iterator[bytes]:
    """A document a line, with no names whole, and a last line `{"end": {"rows": …}}`."""
    for batch in batches:
        if batch and not names:
            # Each by itself: one sign beyond Latin would make all that is joined with it slow to encode.
            yield b"\n".join([*map(str.encode, batch), b""])
        elif batch:
            parts = ({name: said[name] for name in names} for said in map(orjson.loads, batch))
            yield b"".join(orjson.dumps(part, option=orjson.OPT_APPEND_NEWLINE) for part in parts)
    yield orjson.dumps({"end": batches.end()}, option=orjson.OPT_APPEND_NEWLINE)


def as_csv(batches: Counted, names: Sequence[str]) -> Iterator[bytes]:
    """A head line, a row a document that no spreadsheet takes for a formula, and a last row `#end rows=…`."""
    yield f"{UTF_8}{table([names])}".encode()
    for batch in batches:
        yield table(harmless(cells(said, names)) for said in map(orjson.loads, batch)).encode()
    end = " ".join(f"{name}={number}" for name, number in batches.end().items())
    yield table([[f"#end {end}", *[""] * (len(names) - 1)]]).encode()


def as_xlsx(batches: Counted, names: Sequence[str]) -> Iterator[bytes]:
    """A workbook with typed dates; its sheet "About" has how many rows there are."""
    kinds = [column(SERIALIZERS[RecordType.EVENT], name).type for name in names]
    typed = [kind in xlsx.CELLS for kind in kinds]

    def rows(batch: Sequence[str]) -> Iterator[list[Any]]:
        for said in map(orjson.loads, batch):
            yield [
                value if type(value := said[name]) is str or is_typed else cell(name, value)
                for name, is_typed in zip(names, typed, strict=True)
            ]

    def last() -> Iterator[Sequence[Any]]:
        yield from batches.end().items()
        yield "license", f"{LICENSE['title']}, {LICENSE['path']}"
        yield "rights", "Quotations and the titles of sources are third parties’."

    return xlsx.workbook("Events", list(zip(names, kinds, strict=True)), map(rows, batches), last)


@dataclass(frozen=True)
class Form:
    media_type: str
    write: Callable[[Counted, Sequence[str]], Iterator[bytes]]


FORMS = {
    "csv": Form("text/csv; charset=utf-8", as_csv),
    "ndjson": Form("application/x-ndjson", as_ndjson),
    "xlsx": Form(xlsx.MEDIA_TYPE, as_xlsx),
}
