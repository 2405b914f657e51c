"""The mirror: changes copied and verified a second, beside a bare copy of the same rows."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.floors import CHANGE, connection
from tests.benchmarks.serving import Server

# Runs the module, and says how much memory it took at most.
MEASURED = (
    "import sys; from events import mirror; status = mirror.main(sys.argv[1:]);"
    "print(open('/proc/self/status').read()); sys.exit(status)"
)


def line(app: Server) -> str:
    """What a first copy, change by change over HTTP, comes to."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        said = subprocess.run(
            [sys.executable, "-c", MEASURED, app.url(""), f"{folder}/copy.sqlite", "--no-bulk"],
            env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True,
        ).stdout  # fmt: skip
        took = time.monotonic() - started
        copy = sqlite3.connect(f"{folder}/copy.sqlite")
        [[rows]] = copy.execute("SELECT count(*) FROM changes")
        copy.close()
        bare = copying(Path(folder) / "bare.sqlite")
    memory = re.findall(r"VmHWM:\s+(\d+)", said)
    return (
        f"mirror: {rows / took:,.0f} changes/s, verified, in {int(memory[0]) >> 10} MB; "
        f"copied bare {rows / bare:,.0f}/s: {bare / took:.2f}"
    )


def copying(file: Path) -> float:
    """Seconds that it takes to copy the bare rows of the log into an SQLite file, in batches."""
    columns = ", ".join(f'"{name}"' for name in (*CHANGE, "document"))
    copy = sqlite3.connect(file)
    copy.execute(f"CREATE TABLE changes ({columns})")
    started = time.monotonic()
    rows = connection().execute(f"SELECT {columns} FROM events_change ORDER BY seq")
    marks = ", ".join("?" * (len(CHANGE) + 1))
    while batch := rows.fetchmany(500):
        copy.executemany(f"INSERT INTO changes VALUES ({marks})", [tuple(map(plain, row)) for row in batch])
        copy.commit()
    copy.close()
    return time.monotonic() - started


def plain(value: object) -> object:
    """A value as SQLite takes it."""
    return value if isinstance(value, str | int | None) else str(value)
