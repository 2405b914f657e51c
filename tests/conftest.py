from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import AppConfig
from django.contrib.auth.models import Group, Permission
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection
from django.db.models.signals import post_migrate
from hypothesis import HealthCheck, settings

from events.api import limits
from events.models import Country, LogHead
from events.services import verifying

# A busy machine is no defect of what is tested.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    """No test sees what another one cached: revisions, part of every key, repeat from test to test."""
    yield
    cache.clear()
    limits.limit.cache_clear()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """What migrations wrote comes back after the flush that ends each test with real commits (transaction=True).

    Flushing sends post_migrate, by which permissions come back too.
    """
    with django_db_blocker.unblock():
        countries = list(Country.objects.all())
        roles = {
            group.name: list(group.permissions.values_list("content_type__app_label", "codename"))
            for group in Group.objects.all()
        }

    def restore(sender: AppConfig, **kwargs: Any) -> None:
        if sender.label != "events" or Country.objects.exists():
            return
        Country.objects.bulk_create(countries)
        LogHead.objects.create(pk=1)
        permissions = {(each.content_type.app_label, each.codename): each for each in Permission.objects.all()}
        for name, held in roles.items():
            Group.objects.create(name=name).permissions.set(permissions[place] for place in held)

    post_migrate.connect(restore)
    yield
    post_migrate.disconnect(restore)
    if connection.vendor == "postgresql":
        # A thread of a server that somebody's kept-alive connection still holds has a session, with which the
        # database cannot be dropped.
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture
def connections_stay_open() -> Iterator[None]:
    """For requests to a WSGI handler: at the end of each it would close the connection, and so end the test."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def verified(db: None) -> Callable[..., list[str]]:
    """What verify_log finds, rows included, as a list of lines."""
    return lambda **options: [str(each) for each in verifying.verify(verifying.Tally(), **{"rows": True} | options)]
