"""Servers to measure, and measuring them: requests per second and processor time, by wrk on the loopback address."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.ports import free_port

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    port: int
    process: subprocess.Popen[bytes]

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def pids(self) -> list[int]:
        found = [self.process.pid]
        for each in found:
            for children in Path(f"/proc/{each}/task").glob("*/children"):
                found += [int(child) for child in children.read_text().split()]
        return found

    def cpu(self) -> float:
        """Seconds of processor time that the server and its workers have used."""
        total = 0
        for pid in self.pids():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS

    def memory(self) -> int:
        """Megabytes that the server and its workers hold, which the system gets back when they end.

        Pages of files are not counted, which it may drop at any time, and what several processes share is counted once
        (so it is neither RSS nor a sum of it).
        """
        total = 0
        for pid in self.pids():
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss_Anon"):
                    total += int(line.split()[1])
        return total // 1024


@dataclass(frozen=True)
class Rate:
    per_second: float
    cpu_ms: float  # of the server, a request
    failed: int


# As tracker/serve.py starts it.
GRANIAN = (
    "granian", "--interface", "wsgi", "--no-ws", "--workers", "{workers}", "--blocking-threads", "2",
    "--blocking-threads-idle-timeout", "600", "--port", "{port}", "--no-log",
)  # fmt: skip


@contextmanager
def serving(target: str, *, workers: int = 2, command: Sequence[str] = GRANIAN, **environment: str) -> Iterator[Server]:
    """The WSGI application `target` under the server of production, or another."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", *(part.format(workers=workers, port=port) for part in command), target],
        env=os.environ
        | {"RATE_LIMIT": "0", "MALLOC_ARENA_MAX": "1"}
        | environment
        | {"DJANGO_SETTINGS_MODULE": "tracker.settings"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    server = Server(port, process)
    try:
        wait_for(server)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:  # on a busy machine workers that have hardly begun do not end
            for pid in server.pids():
                os.kill(pid, signal.SIGKILL)
            process.wait(20)


def wait_for(server: Server) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            with socket.create_connection(("127.0.0.1", server.port), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("The server did not start.")


def get(url: str, **headers: str) -> tuple[bytes, dict[str, str]]:
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(request, timeout=60) as response:
        return response.read(), {name.title(): value for name, value in response.headers.items()}


def load(server: Server, path: str, *, clients: int, seconds: int, headers: dict[str, str] | None = None) -> Rate:
    wrk = shutil.which("wrk")
    if wrk is None:
        raise SystemExit("make bench needs wrk (Debian: apt-get install wrk).")
    before = server.cpu()
    extra = [part for name, value in (headers or {}).items() for part in ("-H", f"{name}: {value}")]
    command = [wrk, "-t1", f"-c{clients}", f"-d{seconds}s", *extra, server.url(path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    used = server.cpu() - before
    requests = figure(r"(\d+) requests in", said)
    return Rate(
        per_second=figure(r"Requests/sec:\s+([\d.]+)", said),
        cpu_ms=1000 * used / max(requests, 1),
        failed=int(figure(r"Non-2xx or 3xx responses: (\d+)", said)),
    )


def figure(pattern: str, said: str) -> float:
    found = re.search(pattern, said)
    return float(found[1]) if found else 0
