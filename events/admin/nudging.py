"""Telling a worker to begin at once."""

from __future__ import annotations

from typing import Any

import structlog
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def nudge(task: Any) -> None:
    """Let a worker begin at once, after the commit; without a broker it begins with the next beat."""

    def send() -> None:
        try:
            task.apply_async(retry=False)
        except (OperationalError, OSError) as problem:
            log.warning("A worker was not told to begin", task=task.name, problem=str(problem))

    transaction.on_commit(send)
