from __future__ import annotations

from typing import Any

from celery import shared_task
from django.db import DatabaseError

from events.services import inbox

# Seconds; beat asks every minute, so that what is left waits no longer than that, and no worker is held for long.
AT_MOST = 50
PATIENT: dict[str, Any] = {
    "autoretry_for": (DatabaseError,),
    "retry_backoff": True,
    "max_retries": 5,
    "soft_time_limit": 4 * AT_MOST,
    "time_limit": 5 * AT_MOST,
}


@shared_task(**PATIENT)
def poll_feeds() -> None:
    """Look at the feeds that are due. A lease on each makes a second run, or one that is killed, harmless."""
    inbox.poll_due(seconds=AT_MOST)


@shared_task(**PATIENT)
def read_candidates() -> None:
    """Read the pages of candidates that are due, by leases likewise."""
    inbox.read_due(seconds=AT_MOST)


@shared_task(**PATIENT)
def delete_texts() -> None:
    """Delete fetched texts whose time is over."""
    inbox.delete_texts()
