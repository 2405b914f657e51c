"""Lighthouse on the main pages, as on a phone: the median of several runs, for its figures vary with the machine.

Lighthouse takes a page to run four times as slowly on a phone as on a fast desktop computer. On a slower machine, or a
busy one, it asks for a smaller factor (its docs/throttling.md, "Calibrating the CPU slowdown"): by its own measure of
the processor in a run before the others. The factor is printed.
"""

from __future__ import annotations

import json
import statistics
from collections import Counter
from typing import Any

from tests.audit.site import npx
from tests.benchmarks.serving import Server, get
from tests.browser import chromium

LIGHTHOUSE = "lighthouse@12.8.2"  # the newest that runs on node 18 and 20
MARK = 98
PAGES = ("/", "/events/openai-api-block-takes-effect/", "/access/CN/")
FAST = 1750  # Lighthouse's benchmarkIndex of the computer that its factor of 4 is meant for (1500 to 2000)
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")


def audit(server: Server, *, runs: int) -> list[str]:
    problems = []
    index = report(server.url(PAGES[0]), 4)["environment"]["benchmarkIndex"]
    factor = round(min(4, max(1, 4 * index / FAST)), 1)
    print(f"\nLighthouse: benchmark index {index:.0f}, so a processor {factor} times as slow is simulated")
    print(f"{f'Lighthouse, median of {runs}':44}" + "".join(f"{name:>16}" for name in CATEGORIES))
    for path in PAGES:
        get(server.url(path))  # the first answer at a revision is made, all later ones are kept
        reports = [report(server.url(path), factor) for _ in range(runs)]
        scores = {name: [round(100 * each["categories"][name]["score"]) for each in reports] for name in CATEGORIES}
        medians = {name: statistics.median(values) for name, values in scores.items()}
        said = (f"{medians[name]:g} ({min(values)}-{max(values)})" for name, values in scores.items())
        print(f"{path:44}" + "".join(f"{text:>16}" for text in said), flush=True)
        lost = Counter(text for each in reports for text in shortcomings(each))
        for text, number in lost.most_common():
            print(f"  {number} of {runs}: {text}")
        problems += [f"{path}: {name} {got:g}, below {MARK}." for name, got in medians.items() if got < MARK]
    return problems


def report(url: str, factor: float) -> dict[str, Any]:
    flags = " ".join(chromium.ARGUMENTS)
    only = ",".join(CATEGORIES)
    command = [LIGHTHOUSE, url, "--quiet", "--output=json", f"--only-categories={only}", f"--chrome-flags={flags}"]
    command.append(f"--throttling.cpuSlowdownMultiplier={factor}")
    found: dict[str, Any] = json.loads(npx(*command, CHROME_PATH=chromium.PATH))
    return found


def shortcomings(found: dict[str, Any]) -> list[str]:
    """The audits that cost points, with what they measured."""
    texts = []
    for name in CATEGORIES:
        for each in found["categories"][name]["auditRefs"]:
            audit = found["audits"][each["id"]]
            if each["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                texts.append(f"{name}: {audit['title']} {audit.get('displayValue', '')}".rstrip())
    return texts
