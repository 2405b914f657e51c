from __future__ import annotations

from celery import shared_task
from django.db import DatabaseError

from events.services import notices


@shared_task(autoretry_for=(DatabaseError,), retry_backoff=True, max_retries=5)
def send_notices() -> None:
    """Mail what editors are told; what fails is due again later."""
    notices.send_due()
