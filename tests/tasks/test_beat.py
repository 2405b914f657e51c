"""What beat does as it starts."""

from typing import Any

import pytest
from celery.signals import beat_init
from django.conf import settings

from tracker.celery import app


def test_every_scheduled_task_is_asked_for_once_as_beat_starts(monkeypatch: pytest.MonkeyPatch):
    sent: list[str] = []

    def send(name: str, **options: Any) -> None:
        assert options["expires"] > 0
        sent.append(name)

    monkeypatch.setattr(app, "send_task", send)
    beat_init.send(sender=None)
    assert sorted(sent) == sorted(str(entry["task"]) for entry in settings.CELERY_BEAT_SCHEDULE.values())
