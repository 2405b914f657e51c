"""Telling a worker to begin at once."""

from __future__ import annotations

import structlog
from django.db import transaction
from django.utils.module_loading import import_string

log = structlog.get_logger(__name__)


def nudge(task: str) -> None:
    """Let a worker begin this one of `events.tasks` at once, after the commit; without a broker, with the next beat.

    It goes by its name: Celery would take each web process 12 MB, and is loaded only where somebody is told.
    """

    def send() -> None:
        from kombu.exceptions import OperationalError

        try:
            import_string(f"events.tasks.{task}").apply_async(retry=False)
        except (OperationalError, OSError) as problem:
            log.warning("A worker was not told to begin", task=task, problem=str(problem))

    transaction.on_commit(send)
