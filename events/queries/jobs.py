"""Whether background work runs when it should, and how fresh what is watched is: for the desk, `status/` and pages."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.conf import settings
from django.utils import timezone

from events.models import Feed, Job

MISSED = 3  # runs in a row until a job is late
GRACE = dt.timedelta(minutes=2)  # of a start, or of a machine that sleeps


class Lateness(Enum):
    ON_TIME = "on time"
    LATE = "late"
    UNSCHEDULED = "no longer scheduled"


@dataclass(frozen=True)
class JobHealth:
    """A scheduled task: `every` in seconds; times are None where it never ran, or never failed."""

    name: str
    every: float
    started_at: dt.datetime | None
    good_at: dt.datetime | None
    milliseconds: int | None
    failed_at: dt.datetime | None
    error: str
    is_late: bool


@dataclass(frozen=True)
class Watched:
    """A feed that is watched: `good_at` is when it was last read well (None: never yet)."""

    slug: str
    name: str
    publisher: str
    url: str
    minutes: int
    good_at: dt.datetime | None
    failures: int
    error: str

    @property
    def is_late(self) -> bool:
        """Whether it was not read well for three times as long as it should take."""
        return overdue(self.good_at, dt.timedelta(minutes=self.minutes))


def schedule() -> dict[str, float]:
    """Task: seconds between two runs, as beat has it."""
    scheduled: dict[str, dict[str, Any]] = settings.CELERY_BEAT_SCHEDULE
    return {each["task"]: float(each["schedule"]) for each in scheduled.values()}


def overdue(last: dt.datetime | None, every: dt.timedelta) -> bool:
    return last is None or timezone.now() - last > MISSED * every + GRACE


def lateness(name: str, good_at: dt.datetime | None) -> Lateness:
    """Whether a job has ended well in time, by its schedule; one that starts and dies each time has not."""
    every = schedule().get(name)
    if every is None:
        return Lateness.UNSCHEDULED
    return Lateness.LATE if overdue(good_at, dt.timedelta(seconds=every)) else Lateness.ON_TIME


def job_health() -> list[JobHealth]:
    """Every scheduled task, by name; one that has never ended well is late."""
    ran = {job.name: job for job in Job.objects.all()}
    found = []
    for name, every in sorted(schedule().items()):
        job = ran.get(name) or Job(name=name)
        found.append(
            JobHealth(
                name,
                every,
                job.started_at,
                job.good_at,
                job.milliseconds,
                job.failed_at,
                job.error,
                lateness(name, job.good_at) == Lateness.LATE,
            )
        )
    return found


def unwatched() -> list[str]:
    """The names of the feeds that are known and switched off."""
    return list(Feed.objects.filter(is_active=False).order_by("name").values_list("name", flat=True))


def watched() -> list[Watched]:
    """The feeds that are watched, by name, with how fresh each is: for the page on coverage."""
    rows = Feed.objects.active().select_related("publisher").order_by("name")
    return [
        Watched(
            row.slug,
            row.name,
            row.publisher.name if row.publisher else "",
            row.url,
            row.minutes,
            row.good_at,
            row.failures,
            row.error if row.failures else "",
        )
        for row in rows
    ]
