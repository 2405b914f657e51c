"""Exports: how fast they come and what memory they cost, beside a bare copy of the same documents in the same run."""

from __future__ import annotations

import statistics
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

from tests.benchmarks.serving import Server, serving

HEADING = f"{'export':24}{'rows/s':>9}{'MB/s':>9}{'bare rows/s':>13}{'ratio':>9}{'first byte':>12}{'memory':>10}"
# What each is measured beside: a copy of the same documents, or a bare table or workbook of them.
FLOORS = {"ndjson": "/copy/", "csv": "/table/", "xlsx": "/workbook/"}
CHUNK = 1 << 18


@dataclass(frozen=True)
class Read:
    bytes: int
    lines: int
    seconds: float
    first: float  # seconds until the first byte
    grown: int  # MB that the server held more, at most, than before

    @property
    def speed(self) -> float:
        """MB a second."""
        return self.bytes / self.seconds / 1e6


def table(rows: int, *, rounds: int) -> Iterator[str]:
    """A line for each form; the ratio is that of rows a second. Goals: 0.9, 0.2 s, 32 MB."""
    yield HEADING
    with (
        serving("tracker.wsgi:application", workers=1) as app,
        serving("tests.benchmarks.floors:application", workers=1) as floor,
    ):
        for form, beside in FLOORS.items():
            path = f"/api/v1/events/export/?format={form}"
            # Once before: what grows by the first request is no growth by the export.
            urllib.request.urlopen(app.url("/api/v1/events/export/?format=csv&kind=ruling&from=2024-01-01")).read()
            pairs = [(read(floor, beside), read(app, path)) for _ in range(rounds)]
            bare, found = zip(*pairs, strict=True)
            ratio = statistics.median(other.seconds / each.seconds for other, each in pairs)
            yield (
                f"{form:24}{rows / statistics.median(each.seconds for each in found):9,.0f}"
                f"{statistics.median(each.speed for each in found):9.1f}"
                f"{rows / statistics.median(each.seconds for each in bare):13,.0f}"
                f"{ratio:9.2f}{max(each.first for each in found):10.3f} s{max(each.grown for each in found):7} MB"
            )


def read(server: Server, path: str) -> Read:
    before = most = server.memory()
    started = looked = time.monotonic()
    first = 0.0
    size = lines = 0
    with urllib.request.urlopen(server.url(path), timeout=600) as response:
        while data := response.read1(CHUNK):
            now = time.monotonic()
            first = first or now - started
            size += len(data)
            lines += data.count(b"\n")
            if now - looked > 0.5:
                most, looked = max(most, server.memory()), now
    return Read(size, lines, time.monotonic() - started, first, max(most, server.memory()) - before)
