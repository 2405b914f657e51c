"""How the words of what is published get into the full-text index."""

import pytest
from django.db import connection

from events.lib.tokens import parse_query
from events.models import SearchRow
from events.services import projections, publishing
from tests.factories import EventFactory, published_event

pytestmark = pytest.mark.django_db
MOST_PAGES = 16  # of 8 kB
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="of PostgreSQL's index and storage")


@pytest.fixture
def few_are_many(monkeypatch):
    monkeypatch.setattr(projections, "MANY", 3)


def long_text() -> str:
    """More different words than may wait."""
    return " ".join(f"word{n}" for n in range(6_000))


def publish(count: int, **options: str) -> None:
    rows = [EventFactory(title=f"Quixolite number{n}", state="in_review", **options) for n in range(count)]
    publishing.publish_many(rows, by=None)


def found(q: str) -> int:
    return SearchRow.objects.filter(tokens__matches_all=parse_query(q).terms).count()


def pages_waiting() -> int:
    """How many pages of words had not entered the index yet; they have now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list('events_search_tokens')")
        return cursor.fetchone()[0]


@pytest.mark.usefixtures("few_are_many")
def test_words_of_many_documents_are_found_as_those_of_one(verified):
    publish(4)
    published_event(title="Quixolite alone")
    assert (found("quixolite"), found("number2"), found("alone")) == (5, 1, 1)
    assert verified() == []


@on_postgresql
def test_words_of_few_wait_and_those_of_many_do_not(few_are_many):
    published_event()
    assert pages_waiting() > 0
    publish(4)
    assert pages_waiting() == 0


@on_postgresql
def test_no_more_words_of_few_wait_than_a_search_reads_at_once():
    published_event(body=long_text())
    assert pages_waiting() <= MOST_PAGES


@on_postgresql
@pytest.mark.usefixtures("few_are_many")
def test_other_indexes_keep_their_limit_in_the_same_transaction():
    with connection.cursor() as cursor:
        cursor.execute("SHOW gin_pending_list_limit")
        before = cursor.fetchone()
        for count in (1, 4):
            publish(count)
            cursor.execute("SHOW gin_pending_list_limit")
            assert cursor.fetchone() == before


@on_postgresql
def test_words_of_many_do_not_pile_up_where_the_index_is_somebody_elses(few_are_many, monkeypatch):
    monkeypatch.setattr(projections, "own_index", lambda cursor: None)
    publish(3, body=long_text())
    assert found("quixolite") == 3
    assert pages_waiting() <= MOST_PAGES


@on_postgresql
def test_documents_are_packed_by_lz4_where_the_server_can():
    published_event(body="Words of a body. " * 500)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression'")
        expected = "lz4" if cursor.fetchone()[0] else "pglz"
        cursor.execute("SELECT pg_column_compression(document) FROM events_change WHERE type = 'event'")
        assert cursor.fetchall() == [(expected,)]
