from __future__ import annotations

from events.services import reissue
from events.tasks.patience import patient

# Seconds; beat asks every 30, so that what is left waits no longer than that, and no worker is held for long.
AT_MOST = 25


@patient(soft_time_limit=4 * AT_MOST, time_limit=5 * AT_MOST)
def run_reissues() -> None:
    """Make documents anew that embed what has changed; twice at once or killed midway does no harm."""
    reissue.run_outstanding(seconds=AT_MOST)
