"""What the revision saves: whole answers from memory, and 304s, beside an application that serves bytes from memory."""

from __future__ import annotations

import statistics
import urllib.error
from collections.abc import Iterator, Mapping, Sequence

from tests.benchmarks.lists import Scenario
from tests.benchmarks.serving import get, load, serving

# An ETag names what was negotiated. urllib says this, wrk would say nothing.
AS_GET_ASKS = {"Accept-Encoding": "identity"}


def table(scenarios: Sequence[Scenario], *, seconds: int, rounds: int, clients: int = 16) -> Iterator[str]:
    yield f"{f'cached, {clients} clients':32}{'app/s':>9}{'bytes/s':>9}{'ratio':>9}{'304/s':>9}{'ratio':>9}"
    shown = [
        scenario for scenario in scenarios if scenario.name in ("newest page", "one event", "timeline page (HTML)")
    ]
    with serving("tracker.wsgi:application") as app, serving("tests.benchmarks.floors:application") as floor:
        for scenario in shown:
            body, headers = get(app.url(scenario.path))
            known = {"If-None-Match": headers["Etag"]} | AS_GET_ASKS
            assert status_of(app.url(scenario.path), known) == 304
            whole, bare, same = [], [], []
            for _ in range(rounds):
                bare.append(load(floor, f"/memory/?size={len(body)}", clients=clients, seconds=seconds).per_second)
                whole.append(load(app, scenario.path, clients=clients, seconds=seconds).per_second)
                same.append(load(app, scenario.path, clients=clients, seconds=seconds, headers=known).per_second)
            ratio = statistics.median(a / b for a, b in zip(whole, bare, strict=True))
            unchanged = statistics.median(a / b for a, b in zip(same, bare, strict=True))
            yield (
                f"{scenario.name:32}{statistics.median(whole):9.0f}{statistics.median(bare):9.0f}{ratio:9.2f}"
                f"{statistics.median(same):9.0f}{unchanged:9.2f}"
            )
        yield f"two web workers hold {app.memory()} MB after that"


def status_of(url: str, headers: Mapping[str, str]) -> int:
    try:
        get(url, **headers)
    except urllib.error.HTTPError as error:
        return error.code
    return 200
