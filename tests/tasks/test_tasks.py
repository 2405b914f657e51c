from typing import Any

import pytest
from django.db import DatabaseError

from events.queries.jobs import schedule
from tracker.celery import app

app.loader.import_default_modules()
TASKS = sorted(name for name in app.tasks if name.startswith("events."))


def test_every_scheduled_task_is_there():
    assert set(schedule()) <= set(TASKS)


@pytest.mark.parametrize("name", TASKS)
def test_task_ends_in_time_and_is_tried_again_later_each_time(name: str):
    task: Any = app.tasks[name]
    assert task.time_limit or app.conf.task_time_limit
    assert task.soft_time_limit or app.conf.task_soft_time_limit
    assert DatabaseError in task.autoretry_for
    assert task.retry_backoff
    assert task.max_retries
    assert task.acks_late
    assert task.reject_on_worker_lost
