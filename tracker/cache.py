from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Model

# What a cache raises that cannot tell. Redis's client takes a process 22 MB: it is loaded only where it is used.
CANNOT_TELL: tuple[type[Exception], ...] = (DatabaseError, OSError)
if settings.REDIS_URL:
    from redis.exceptions import RedisError

    CANNOT_TELL += (RedisError,)


class CacheRouter:
    """Sends the cache's table, and nothing else, to the database `cache`, a file of its own."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        return "cache" if model._meta.app_label == "django_cache" else None

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return (db == "cache") == (app_label == "django_cache")
