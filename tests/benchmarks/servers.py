"""The web servers that could serve the site, with two workers each: the same answers, and what they hold in memory."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from tests.benchmarks.serving import GRANIAN, load, serving

TARGET = "tracker.wsgi:application"
GUNICORN = ("gunicorn", "--workers", "{workers}", "--bind", "127.0.0.1:{port}", "--log-level", "critical")
SERVERS = {
    "granian, 4 threads": GRANIAN,
    "gunicorn, 4 threads": (*GUNICORN, "--worker-class", "gthread", "--threads", "4"),
    "gunicorn, sync": GUNICORN,
}
ASKED = {
    "empty view": "/healthz",
    "newest page": "/api/v1/events/",
    "timeline (HTML)": "/",
}


def table(*, seconds: int, rounds: int, clients: int = 16) -> Iterator[str]:
    """Answers kept in memory, but for the empty view; servers take turns, so that all have the same machine."""
    yield f"{f'servers, {clients} clients':24}{''.join(f'{name:>18}' for name in ASKED)}{'MB':>8}"
    rates: dict[str, dict[str, list[float]]] = {name: {asked: [] for asked in ASKED} for name in SERVERS}
    held: dict[str, int] = {}
    for _ in range(rounds):
        for name, command in SERVERS.items():
            with serving(TARGET, command=command) as server:
                for asked, path in ASKED.items():
                    rates[name][asked].append(load(server, path, clients=clients, seconds=seconds).per_second)
                held[name] = server.memory()
    for name, found in rates.items():
        figures = "".join(f"{statistics.median(each):16.0f}/s" for each in found.values())
        yield f"{name:24}{figures}{held[name]:8}"
