"""Rows into a table at once, and the garbage of a batch."""

import datetime as dt
import gc
import weakref

import pytest
from django.db import connection

from events.lib import bulk
from events.models import Event, Source
from tests.factories import PublisherFactory

NOON = dt.datetime(2024, 6, 25, 12, 0, 0, 5, tzinfo=dt.UTC)


class Node:
    """Holds itself, so that only a look for garbage lets go of it."""

    def __init__(self) -> None:
        self.me = self


@pytest.mark.django_db
def test_instances_come_back_as_they_were_inserted():
    sources = [
        Source(
            slug=f"{number:012x}",
            url=f"https://a.example/{number}",
            normalized_url=f"https://a.example/{number}",
            title="Über “chips”\t\\N",
            publisher=PublisherFactory(),
            authors=["Ann", "Bob"][:number],
            published=day,
            tier="primary",
            paywalled=bool(number),
        )
        for number, day in enumerate([None, dt.date(2024, 6, 25)])
    ]
    events = [Event(slug="b", title="B", date=dt.date(2024, 7, 9), created_at=NOON, updated_at=NOON), Event(slug="a")]
    events[1].created_at = NOON
    for rows in (sources, events):
        bulk.insert_instances(connection, rows)
        columns = [field.attname for field in rows[0]._meta.concrete_fields if not field.primary_key]
        stored = type(rows[0]).objects.order_by("pk").values_list(*columns)
        assert list(stored) == [tuple(getattr(row, name) for name in columns) for row in rows]


def test_garbage_of_a_batch_goes_when_it_ends_and_not_before():
    with bulk.collecting_garbage_afterwards():
        node = weakref.ref(Node())
        assert not gc.isenabled()
        assert node()
    assert not node()


def test_garbage_is_collected_as_before_after_a_batch_that_fails():
    with pytest.raises(ValueError, match="half way"), bulk.collecting_garbage_afterwards():
        raise ValueError("half way")
    assert gc.isenabled()
    assert not gc.get_freeze_count()
