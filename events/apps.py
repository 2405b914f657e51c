from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.management import call_command
from django.db.models.signals import post_migrate


class EventsConfig(AppConfig):
    name = "events"
    label = "events"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(make_cache_table, sender=self)


def make_cache_table(**kwargs: Any) -> None:
    """Whoever migrates has a cache, too, where it is a database of its own."""
    if "cache" in settings.DATABASES:
        call_command("createcachetable", database="cache", verbosity=0)
