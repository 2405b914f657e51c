"""How soon the timeline is of use in Chromium, with 10,000 events beside 50, as a ratio of one run."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from playwright.sync_api import Browser, sync_playwright

from tests.audit import site
from tests.benchmarks.serving import Server
from tests.browser import chromium

FEW, MANY = 50, 10_000
MOST_TIMES = 1.5
MOST_TASK = 100  # ms
VISITS = 9  # of each, in turns, each with an empty cache
# Painted, and all scripts (which are deferred) have run; then half a second in which tasks are still watched.
MEASURE = """async () => {
    const tasks = [];
    new PerformanceObserver(list => tasks.push(...list.getEntries())).observe({ type: "longtask", buffered: true });
    await new Promise(done => setTimeout(done, 500));
    const [page] = performance.getEntriesByType("navigation");
    const [paint] = performance.getEntriesByName("first-contentful-paint");
    return {
        usable: Math.max(page.domContentLoadedEventEnd, paint ? paint.startTime : 0),
        longest: Math.max(0, ...tasks.map(each => each.duration)),
        nodes: document.querySelectorAll("*").length,
    };
}"""


@dataclass(frozen=True)
class Visit:
    """`usable` and `longest` (the longest task; 0: none took 50) in milliseconds."""

    usable: float
    longest: float
    nodes: int


def audit() -> list[str]:
    with (
        site.of_generated(FEW) as few,
        site.of_generated(MANY) as many,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium.PATH, args=chromium.ARGUMENTS)
        for server in (few, many):
            visit(browser, server)
        visits: dict[int, list[Visit]] = {FEW: [], MANY: []}
        for _ in range(VISITS):
            visits[FEW].append(visit(browser, few))
            visits[MANY].append(visit(browser, many))
        browser.close()
    ratio = statistics.median(b.usable / a.usable for a, b in zip(visits[FEW], visits[MANY], strict=True))
    print(f"\nopening the timeline, median of {VISITS}     usable   longest task    nodes")
    for size, each in visits.items():
        usable, longest = (statistics.median(getattr(one, name) for one in each) for name in ("usable", "longest"))
        print(f"  {size:>6,} events {usable:27.0f} ms {longest:11.0f} ms {each[0].nodes:8}")
    print(f"  ratio {ratio:.2f}")
    problems = []
    if ratio > MOST_TIMES:
        problems.append(f"With {MANY:,} events the timeline takes {ratio:.2f} times as long to be of use.")
    if (longest := statistics.median(each.longest for each in visits[MANY])) > MOST_TASK:
        problems.append(f"A task of the timeline takes {longest:.0f} ms.")
    return problems


def visit(browser: Browser, server: Server) -> Visit:
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    page = context.new_page()
    page.goto(server.url("/"), wait_until="load")
    found = Visit(**page.evaluate(MEASURE))
    context.close()
    return found
