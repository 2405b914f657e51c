"""Counts that publishing keeps."""

from collections import Counter

import pytest
from django.db import connection

from events.models import TimelineCount
from events.services import roll_ups

pytestmark = pytest.mark.django_db


def counts_of(number: int) -> Counter[tuple[str, int, str]]:
    return Counter({(f"company:n{n}", 24_294, "restricts"): 1 for n in range(number)})


def test_counts_are_added_to_those_that_are_there_and_made_where_there_are_none():
    roll_ups.add(TimelineCount, counts_of(2))
    roll_ups.add(TimelineCount, counts_of(3))
    assert sorted(TimelineCount.objects.values_list("tag", "count")) == [
        ("company:n0", 2),
        ("company:n1", 2),
        ("company:n2", 1),
    ]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite changes a count where it stands")
def test_a_count_changes_without_its_index():
    roll_ups.add(TimelineCount, counts_of(2_000))
    before = changes_of_counts()
    roll_ups.add(TimelineCount, counts_of(2_000))
    changed, without_index = (now - then for now, then in zip(changes_of_counts(), before, strict=True))
    assert changed == 2_000
    assert without_index > 1_900


def changes_of_counts() -> tuple[int, int]:
    """How many counts this session has changed lately, and how many of them without a word to their index."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_stat_get_xact_tuples_updated(oid), pg_stat_get_xact_tuples_hot_updated(oid) "
            "FROM pg_class WHERE relname = %s",
            [TimelineCount._meta.db_table],
        )
        return cursor.fetchone()
