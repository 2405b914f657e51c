from __future__ import annotations

from celery import shared_task
from django.db import DatabaseError

from events.services import reports


@shared_task(autoretry_for=(DatabaseError,), retry_backoff=True, max_retries=5, soft_time_limit=60, time_limit=90)
def forget_addresses() -> None:
    """Delete the addresses of those who reported errors half a year ago; twice does no harm."""
    reports.forget_addresses()
