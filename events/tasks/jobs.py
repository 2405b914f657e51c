"""Each run of a scheduled task is written down, by Celery's signals, so that no task has to think of it."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import structlog
from celery.signals import task_postrun, task_prerun
from django.db import DatabaseError, transaction

from events.queries.jobs import schedule
from events.services import jobs

log = structlog.get_logger(__name__)
running: dict[str, float] = {}  # task id: when it began, on this process's clock


@task_prerun.connect
def note_start(task_id: str, task: Any, **kwargs: Any) -> None:
    if task.name in schedule():
        running[task_id] = time.monotonic()
        written(lambda: jobs.started(task.name))


@task_postrun.connect
def note_end(task_id: str, task: Any, retval: Any = None, state: str | None = None, **kwargs: Any) -> None:
    if (began := running.pop(task_id, None)) is not None:
        error = "" if state == "SUCCESS" else f"{type(retval).__name__}: {retval}"
        took = dt.timedelta(seconds=time.monotonic() - began)
        written(lambda: jobs.ended(task.name, took=took, error=error))


def written(write: Any) -> None:
    """Work goes on where it cannot be written down: the database may be what the task failed over."""
    try:
        with transaction.atomic():
            write()
    except DatabaseError as problem:
        log.warning("A run was not written down", problem=str(problem))
