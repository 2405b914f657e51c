from __future__ import annotations

from events.services import reports
from events.tasks.patience import patient


@patient(soft_time_limit=60, time_limit=90)
def forget_addresses() -> None:
    """Delete the addresses of those who reported errors half a year ago; twice does no harm."""
    reports.forget_addresses()
