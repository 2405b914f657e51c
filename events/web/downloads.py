"""The newest package of bulk files, as the page of the data shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from events.models import Export
from events.services.exports import package
from events.services.exports.tables import TABLES


@dataclass(frozen=True)
class File:
    name: str
    address: str
    description: str
    bytes: int
    rows: int | None
    sha256: str


@dataclass(frozen=True)
class Forms:
    """A table, with its file in each form."""

    name: str
    description: str
    rows: int
    files: list[tuple[str, File]]


@dataclass(frozen=True)
class Downloads:
    export: Export

    @property
    def whole(self) -> list[File]:
        """The files that hold the log, or all tables, or are about the package."""
        paths = (
            package.LOG, package.DELTA, package.DATABASE, package.MANIFEST, package.SUMS, package.README,
            package.CITATION,
        )  # fmt: skip
        return list(self.files(paths))

    @property
    def documents(self) -> list[File]:
        return list(self.files(each["path"] for each in self.export.files if each["path"].startswith("documents/")))

    @property
    def tables(self) -> list[Forms]:
        return [
            Forms(table.name, table.description, files[0].rows or 0, list(zip(package.TABLE_FORMS, files, strict=True)))
            for table in TABLES
            if (files := list(self.files(package.path_of(table, form) for form in package.TABLE_FORMS)))
        ]

    def files(self, paths: Any) -> Iterator[File]:
        for path in paths:
            if said := self.export.file(path):
                yield File(
                    said["path"],
                    f"{self.export.base}{said['path']}",
                    said["description"],
                    said["bytes"],
                    said.get("rows"),
                    said["hash"].removeprefix("sha256:"),
                )
