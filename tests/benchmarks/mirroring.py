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

# Runs the module, and says how long that took, its start apart, how much of it the processor, and the most memory.
MEASURED = """
import sys, time
from events import mirror

started, used = time.monotonic(), time.process_time()
status = mirror.main(sys.argv[1:])
print("took:", time.monotonic() - started, "used:", time.process_time() - used)
print(open("/proc/self/status").read())
sys.exit(status)
"""


def line(app: Server) -> str:
    """What a first copy, change by change over HTTP, comes to."""
    with tempfile.TemporaryDirectory() as folder:
        said = subprocess.run(
            [sys.executable, "-c", MEASURED, app.url(""), f"{folder}/copy.sqlite", "--no-bulk"],
            env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True,
        ).stdout  # fmt: skip
        copy = sqlite3.connect(f"{folder}/copy.sqlite")
        [[rows]] = copy.execute("SELECT count(*) FROM changes")
        copy.close()
        bare, bare_used = copying(Path(folder) / "bare.sqlite")
    took, used, memory = (float(re.findall(rf"{name}:\s+([\d.]+)", said)[0]) for name in ("took", "used", "VmHWM"))
    return (
        f"mirror: {rows / took:,.0f} changes/s, verified, {1e6 * used / rows:.0f} µs of CPU each, in "
        f"{memory / 1024:.0f} MB; copied bare {rows / bare:,.0f}/s, {1e6 * bare_used / rows:.0f} µs: "
        f"{bare / took:.2f}, of CPU {bare_used / used:.2f}"
    )


def copying(file: Path) -> tuple[float, float]:
    """Seconds, and those of the processor, for copying the bare rows of the log into an SQLite file, in batches."""
    columns = ", ".join(f'"{name}"' for name in (*CHANGE, "document"))
    copy = sqlite3.connect(file)
    copy.execute(f"CREATE TABLE changes ({columns})")
    started, used = time.monotonic(), time.process_time()
    rows = connection().execute(f"SELECT {columns} FROM events_change ORDER BY seq")
    marks = ", ".join("?" * (len(CHANGE) + 1))
    while batch := rows.fetchmany(500):
        copy.executemany(f"INSERT INTO changes VALUES ({marks})", [tuple(map(plain, row)) for row in batch])
        copy.commit()
    copy.close()
    return time.monotonic() - started, time.process_time() - used


def plain(value: object) -> object:
    """A value as SQLite takes it."""
    return value if isinstance(value, str | int | None) else str(value)
