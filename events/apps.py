from typing import Any, ClassVar

from django.apps import AppConfig, apps
from django.conf import settings
from django.contrib.admin import apps as admin_apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate

from events.lib.names import folded
from tracker.cache import make_table


class EventsConfig(AppConfig):
    default = True
    name = "events"
    label = "events"
    verbose_name = "Record"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(make_cache_table, sender=self)
        connection_created.connect(teach_folding)


class DeskConfig(admin_apps.AdminConfig):
    """Django's admin, whose front page is the desk."""

    default = False
    default_site = "tracker.desk.DeskSite"
    # What other packages bring is called by what it holds: they have no names of their own for readers.
    names: ClassVar[dict[str, str]] = {"axes": "Log-ins", "otp_static": "Recovery codes", "otp_totp": "Authenticators"}

    def ready(self) -> None:
        super().ready()
        for label, name in self.names.items():
            apps.get_app_config(label).verbose_name = name


def teach_folding(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Give SQLite, whose own lower() knows ASCII alone, a function folded()."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("folded", 1, lambda text: text and folded(text), deterministic=True)


def make_cache_table(**kwargs: Any) -> None:
    """Whoever migrates has a cache, too, where it is a database of its own."""
    if "cache" in settings.DATABASES:
        make_table()
