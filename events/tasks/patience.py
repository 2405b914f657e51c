"""How tasks are tried again: what the database refuses for now, a few times, and later each time."""

from functools import partial

from celery import shared_task
from django.db import DatabaseError

patient = partial(shared_task, autoretry_for=(DatabaseError,), retry_backoff=True, max_retries=5)
