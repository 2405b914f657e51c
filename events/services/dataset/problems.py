"""What is wrong with a data set, said so that its writer finds the place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

MOST = 50


@dataclass(frozen=True)
class Place:
    """Where something stands: a file, an entry (its table and id), a field of it ("access[2].from") and a line."""

    file: str
    entry: str = ""
    field: str = ""
    line: int = 0

    def within(self, key: str | int, line: int) -> Place:
        """A part of what stands here: a key of a record, or an item of a list (counted from 1)."""
        part = f"[{key}]" if isinstance(key, int) else f".{key}" if self.field else key
        return replace(self, field=self.field + part, line=line or self.line)

    def __str__(self) -> str:
        said = [self.file + (f", line {self.line}" if self.line else ""), self.entry, self.field]
        return ": ".join(part for part in said if part)


class DatasetError(Exception):
    """Why a data set cannot be loaded: one sentence a problem, each with its place."""

    def __init__(self, problems: list[str], left_out: int = 0) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
        self.left_out = left_out


@dataclass
class Problems:
    """Gathers problems, so that one reading tells them all; the first 50 are kept, the others counted."""

    found: list[tuple[Place, str]] = field(default_factory=list)
    left_out: int = 0

    def add(self, place: Place, message: str) -> None:
        if len(self.found) < MOST:
            self.found.append((place, message))
        else:
            self.left_out += 1

    @property
    def count(self) -> int:
        return len(self.found) + self.left_out

    def __iter__(self) -> Iterator[str]:
        return (f"{place}: {message}" for place, message in self.found)

    def __bool__(self) -> bool:
        return bool(self.found)

    def refuse(self) -> None:
        """Raise DatasetError if there is any."""
        if self.found:
            raise DatasetError(list(self), self.left_out)
