import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")

app = Celery("tracker")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()  # events.tasks, whose __init__ imports its modules


@setup_logging.connect
def keep_django_logging(**kwargs: Any) -> None:
    """Celery configures logging itself unless somebody listens here; Django's LOGGING has done it."""


@beat_init.connect
def ask_for_everything_once(**kwargs: Any) -> None:
    """Beat waits for a first interval, which is hours for some: until then nobody could tell whether they run."""
    for entry in app.conf.beat_schedule.values():
        app.send_task(entry["task"], **entry.get("options", {}))
