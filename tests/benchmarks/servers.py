"""The web servers that could serve the site, with two workers each: the same answers, and what they hold in memory."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from tests.benchmarks.serving import GRANIAN, Rate, get, load, serving

TARGET = "tracker.wsgi:application"
GUNICORN = ("gunicorn", "--workers", "{workers}", "--bind", "127.0.0.1:{port}", "--log-level", "critical")
SERVERS = {
    "granian, 2 threads": GRANIAN,
    "gunicorn, 2 threads": (*GUNICORN, "--worker-class", "gthread", "--threads", "2"),
    "gunicorn, sync": GUNICORN,
}
ASKED = {
    "empty view": "/healthz",
    "newest page": "/api/v1/events/",
    "timeline (HTML)": "/",
}


def table(*, seconds: int, rounds: int, clients: int = 16) -> Iterator[str]:
    """Answers a second, and processor time for each; kept in memory, but for the empty view.

    Servers take turns, so that all have the same machine.
    """
    yield f"{f'servers, {clients} clients':24}{''.join(f'{name:>22}' for name in ASKED)}{'MB':>8}"
    rates: dict[str, dict[str, list[Rate]]] = {name: {asked: [] for asked in ASKED} for name in SERVERS}
    held: dict[str, int] = {}
    for _ in range(rounds):
        for name, command in SERVERS.items():
            with serving(TARGET, command=command) as server:
                for path in [*ASKED.values()] * 8:  # a socket takes connections before workers have loaded all of it
                    get(server.url(path))
                for asked, path in ASKED.items():
                    rate = load(server, path, clients=clients, seconds=seconds)
                    if rate.failed:
                        raise SystemExit(f"{name} answered {path} with errors.")
                    rates[name][asked].append(rate)
                held[name] = server.memory()
    for name, found in rates.items():
        figures = "".join(
            f"{statistics.median(rate.per_second for rate in each):9.0f}/s"
            f"{statistics.median(rate.cpu_ms for rate in each):8.2f} ms"
            for each in found.values()
        )
        yield f"{name:24}{figures}{held[name]:8}"
