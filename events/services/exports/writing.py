"""Files of a package, written in constant memory: lines of JSON, and tables as CSV, NDJSON and Parquet."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

import orjson

from events.services.exports.columns import Column, Table

Row = Sequence[Any]
# Rows of a Parquet file that are compressed together, and held in memory until then.
ROW_GROUP = 20_000


class TableFile(Protocol):
    """A file to which rows of one table are written."""

    def write(self, rows: Sequence[Row]) -> None: ...

    def close(self) -> None: ...


class Lines:
    """A file of one JSON value a line, compressed where its name ends in .gz. `rows`: how many there are."""

    def __init__(self, path: Path) -> None:
        self.path, self.rows = path, 0
        self.file: Any = compressed(path) if path.suffix == ".gz" else path.open("wb")

    def write(self, lines: Sequence[bytes]) -> None:
        if lines:
            self.file.write(b"\n".join(lines) + b"\n")
            self.rows += len(lines)

    def close(self) -> None:
        self.file.close()


def compressed(path: Path) -> gzip.GzipFile:
    """A new file that compresses what is written; the same content gives the same bytes at any time."""
    return gzip.GzipFile(path, "wb", compresslevel=6, mtime=0)


class CsvFile:
    """A table as CSV (RFC 4180, UTF-8, a head line): texts as they are, nothing for null, true and false."""

    def __init__(self, path: Path, table: Table) -> None:
        self.text = io.TextIOWrapper(compressed(path), encoding="utf-8", newline="")
        self.writer = csv.writer(self.text)
        self.writer.writerow([column.name for column in table.columns])
        self.flags = [place for place, column in enumerate(table.columns) if column.type == "boolean"]

    def write(self, rows: Sequence[Row]) -> None:
        self.writer.writerows(map(self.spelled, rows) if self.flags else rows)

    def spelled(self, row: Row) -> Row:
        said = list(row)
        for place in self.flags:
            if said[place] is not None:
                said[place] = "true" if said[place] else "false"
        return said

    def close(self) -> None:
        self.text.close()


class NdjsonFile:
    """A table as a JSON object a line."""

    def __init__(self, path: Path, table: Table) -> None:
        self.lines = Lines(path)
        self.names = [column.name for column in table.columns]

    def write(self, rows: Sequence[Row]) -> None:
        self.lines.write([orjson.dumps(dict(zip(self.names, row, strict=True))) for row in rows])

    def close(self) -> None:
        self.lines.close()


class ParquetFile:
    """A table as Parquet, typed: dates as date32, times as timestamps in UTC."""

    def __init__(self, path: Path, table: Table) -> None:
        # Heavy, and for workers alone.
        import pyarrow as pa
        from pyarrow.parquet import ParquetWriter

        kinds = {
            "string": pa.string(),
            "integer": pa.int64(),
            "boolean": pa.bool_(),
            "date": pa.date32(),
            "datetime": pa.timestamp("us", tz="UTC"),
        }
        self.arrow = pa
        self.schema = pa.schema(
            [
                pa.field(column.name, kinds[column.type], metadata={"description": column.description})
                for column in table.columns
            ],
            metadata={"description": table.description},
        )
        self.columns = table.columns
        self.writer = ParquetWriter(path, self.schema, compression="zstd")
        self.batches: list[Any] = []
        self.held = 0

    def write(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        arrays = [
            self.array(column, values) for column, values in zip(self.columns, zip(*rows, strict=True), strict=True)
        ]
        self.batches.append(self.arrow.RecordBatch.from_arrays(arrays, schema=self.schema))
        self.held += len(rows)
        if self.held >= ROW_GROUP:
            self.flush()

    def array(self, column: Column, values: Sequence[Any]) -> Any:
        """The values of a column; dates and times are given as text."""
        kind = self.schema.field(column.name).type
        if column.type in ("date", "datetime"):
            return self.arrow.array(values, self.arrow.string()).cast(kind)
        return self.arrow.array(values, kind)

    def flush(self) -> None:
        if self.batches:
            self.writer.write_table(self.arrow.Table.from_batches(self.batches).combine_chunks())
        self.batches, self.held = [], 0

    def close(self) -> None:
        self.flush()
        self.writer.close()


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def settle(paths: Iterable[Path]) -> None:
    """See that what was written is on the disk, names too, before anything is told of it."""
    for path in paths:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
