import re
from pathlib import Path

import pytest

from events import admin
from events.admin.nudging import nudge
from tracker.celery import app

SOURCES = "".join(path.read_text("utf-8") for path in Path(admin.__file__).parent.glob("*.py"))


@pytest.mark.django_db
@pytest.mark.xdist_group("broker")
@pytest.mark.parametrize("task", sorted(set(re.findall(r'nudge\("([\w.]+)"\)', SOURCES))))
def test_nudge_that_the_desk_gives_reaches_the_broker(task, django_capture_on_commit_callbacks):
    with app.connection() as connection, connection.SimpleQueue(app.conf.task_default_queue) as queue:
        queue.clear()
        with django_capture_on_commit_callbacks(execute=True):
            nudge(task)
        message = queue.get(timeout=5)
        message.ack()
    assert message.headers["task"] == f"events.tasks.{task}"
