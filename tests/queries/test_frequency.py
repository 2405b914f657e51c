"""What PostgreSQL knows of words, and what that decides."""

import pytest
from django.db import connection

from events.lib.tokens import parse_query, tokens, tsvector
from events.models import SearchRow
from events.queries import frequency

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="FTS5 yields its matches newest first, and needs no statistics"
    ),
]


@pytest.fixture
def known():
    frequency.known.clear()
    return frequency.known


@pytest.fixture
def analyzed(known):
    """Of 1,000 rows all have "export", 300 "controls", 3 "quixolite" and all "GPT-4o", in one of its forms."""
    texts = [
        "Export" + " controls" * (n % 10 < 3) + " quixolite" * (n < 3) + (" GPT-4o" if n % 2 else " gpt4o")
        for n in range(1000)
    ]
    SearchRow.objects.bulk_create(
        SearchRow(position=number, tokens=tsvector(tokens(text))) for number, text in enumerate(texts, 1)
    )
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {SearchRow._meta.db_table}")


def are_rare(q, limit=51):
    return frequency.are_rare(parse_query(q).terms, limit)


@pytest.mark.usefixtures("analyzed")
@pytest.mark.parametrize(
    ("q", "is_rare"),
    [
        ("export", False),
        ("controls", False),
        ("quixolite", True),
        ("nowhere", True),
        ("export quixolite", True),
        ('"export controls"', False),
        ("gpt4o", False),
        ("GPT-4o", False),
    ],
)
def test_words_are_rare_by_the_rarest_of_them(q, is_rare):
    assert are_rare(q) is is_rare


@pytest.mark.usefixtures("analyzed")
def test_more_rows_are_worth_a_longer_look():
    assert [are_rare("controls", limit) for limit in (51, 10_000)] == [False, True]


def test_of_a_table_that_was_never_analyzed_nothing_is_rare(known):
    assert known() is None
    assert not are_rare("quixolite")
