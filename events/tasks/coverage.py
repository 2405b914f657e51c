from __future__ import annotations

from events.queries import coverage
from events.tasks.patience import patient


@patient(soft_time_limit=600, time_limit=630)
def count_coverage() -> None:
    """Count what the page on coverage shows, so that no reader waits for it; twice does no harm."""
    coverage.count()
