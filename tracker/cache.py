"""The cache that all processes share: one that the site does without while it is gone or broken."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, ClassVar

import structlog
from django.conf import settings
from django.core.cache.backends import db, redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.db.models import Model

log = structlog.get_logger(__name__)

TELL_EVERY = 600.0  # seconds between two warnings of one process

# What a cache raises that cannot tell. Redis's client takes a process 22 MB: it is loaded only where it is used.
CANNOT_TELL: tuple[type[Exception], ...] = (DatabaseError, OSError)
if settings.REDIS_URL:
    from redis.exceptions import RedisError

    CANNOT_TELL += (RedisError,)


class Dispensable(BaseCache):
    """While the cache fails, whoever reads finds nothing, and what is written is dropped; the log is told now and then.

    Emptying it is no request's business, and fails as ever.
    """

    told: ClassVar[float | None] = None  # when, by the process's clock

    @contextmanager
    def done_without(self) -> Iterator[None]:
        try:
            yield
        except CANNOT_TELL as problem:
            now = time.monotonic()
            if Dispensable.told is None or now - Dispensable.told > TELL_EVERY:
                Dispensable.told = now
                log.warning("The cache failed, and is done without", error=str(problem))
            self.mend()

    def mend(self) -> None:
        """What can be done about it."""

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        with self.done_without():
            return super().get(key, default, version)
        return default

    def get_many(self, keys: Any, version: int | None = None) -> dict[Any, Any]:
        with self.done_without():
            return super().get_many(keys, version)
        return {}

    def has_key(self, key: Any, version: int | None = None) -> bool:
        with self.done_without():
            return super().has_key(key, version)
        return False

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        with self.done_without():
            super().set(key, value, timeout, version)

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        with self.done_without():
            return super().add(key, value, timeout, version)
        return False

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        with self.done_without():
            return super().touch(key, timeout, version)
        return False

    def delete(self, key: Any, version: int | None = None) -> bool:
        with self.done_without():
            return super().delete(key, version)
        return False

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Raises ValueError where there is no such key, or none can be found."""
        with self.done_without():
            return super().incr(key, delta, version)
        raise ValueError(f"“{key}” cannot be counted up.")


class DatabaseCache(Dispensable, db.DatabaseCache):
    """In the database `cache`, a file that may be deleted at any time: its table is then made again."""

    def mend(self) -> None:
        with suppress(DatabaseError, CommandError):
            make_table()


class RedisCache(Dispensable, redis.RedisCache):
    pass


def make_table() -> None:
    """Make the cache's table, where it is missing."""
    call_command("createcachetable", database="cache", verbosity=0)


class CacheRouter:
    """Sends the cache's table, and nothing else, to the database `cache`, a file of its own."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        return "cache" if model._meta.app_label == "django_cache" else None

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return (db == "cache") == (app_label == "django_cache")
