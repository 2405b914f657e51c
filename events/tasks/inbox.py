from __future__ import annotations

from functools import partial

from events.services import inbox
from events.tasks.patience import patient

# Seconds; beat asks every minute, so that what is left waits no longer than that, and no worker is held for long.
AT_MOST = 50
often = partial(patient, soft_time_limit=4 * AT_MOST, time_limit=5 * AT_MOST)


@often()
def poll_feeds() -> None:
    """Look at the feeds that are due. A lease on each makes a second run, or one that is killed, harmless."""
    inbox.poll_due(seconds=AT_MOST)


@often()
def read_candidates() -> None:
    """Read the pages of candidates that are due, by leases likewise."""
    inbox.read_due(seconds=AT_MOST)


@often()
def delete_texts() -> None:
    """Delete fetched texts whose time is over."""
    inbox.delete_texts()
