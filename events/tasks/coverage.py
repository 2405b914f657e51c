from __future__ import annotations

from celery import shared_task
from django.db import DatabaseError

from events.queries import coverage


@shared_task(
    autoretry_for=(DatabaseError,),
    retry_backoff=True,
    max_retries=5,
    soft_time_limit=600,
    time_limit=630,
)
def count_coverage() -> None:
    """Count what the page on coverage shows, so that no reader waits for it; twice does no harm."""
    coverage.count()
