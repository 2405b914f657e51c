"""The last run of each scheduled task, written down as it starts and ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils import timezone

from events.models import Job


def expect(names: Iterable[str]) -> None:
    """Let there be a row of each, though it has never run."""
    missing = set(names) - set(Job.objects.values_list("name", flat=True))
    if missing:
        Job.objects.bulk_create((Job(name=name) for name in sorted(missing)), ignore_conflicts=True)


def started(name: str) -> None:
    Job.objects.update_or_create(name=name, defaults={"started_at": timezone.now()})


def ended(name: str, *, took: dt.timedelta, error: str = "") -> None:
    """`error` is empty where it ended well; that of the last failure stays until the next one."""
    now = timezone.now()
    said = {"failed_at": now, "error": " ".join(error.split())[:500]} if error else {"good_at": now}
    milliseconds = int(took.total_seconds() * 1000)
    Job.objects.update_or_create(name=name, defaults={"ended_at": now, "milliseconds": milliseconds, **said})
