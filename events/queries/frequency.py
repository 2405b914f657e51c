"""How frequent words are, as far as PostgreSQL knows: by that it is decided how they are looked for.

A word's matches are found newest first by walking the newest rows until there are enough, or by finding all of them in
the index of words and sorting them. The walk passes `limit / share` rows. The index yields `share × all rows`, which
lie about in the table: each takes as long as some four on the walk.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from events.lib.tokens import Term
from events.queries.branches import SEARCH

GOOD_FOR_SECONDS = 600
ROWS_OF_A_WALK = 4  # that take as long as one of the index


@dataclass(frozen=True)
class Statistics:
    """Of the full-text table, by its last ANALYZE: how many rows it has, and which part of them the words bear.

    `shares` holds the most frequent words alone; no other one is as frequent as the last of them.
    """

    rows: float
    shares: dict[str, float]

    def share(self, terms: Sequence[Term]) -> float:
        """Which part of all rows has all these terms, at most."""
        rarest = min(self.shares.values(), default=0.0)

        def of(pieces: Sequence[str]) -> float:
            return min(self.shares.get(piece, rarest) for piece in pieces)

        return min(of(term.pieces) + (of([term.joined]) if term.joined else 0) for term in terms)


class Known:
    """What the database knew some minutes ago at most; of a table that it never looked at, nothing."""

    def __init__(self) -> None:
        self.until = 0.0
        self.found: Statistics | None = None

    def __call__(self) -> Statistics | None:
        if self.until < time.monotonic():
            self.found, self.until = read(), time.monotonic() + GOOD_FOR_SECONDS
        return self.found

    def clear(self) -> None:
        self.until = 0.0


known = Known()


def read() -> Statistics | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.reltuples, s.most_common_elems::text::text[], s.most_common_elem_freqs "
            "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_stats s "
            "ON (s.schemaname, s.tablename, s.attname) = (n.nspname, c.relname, 'tokens') WHERE c.oid = %s::regclass",
            [SEARCH],
        )
        found = cursor.fetchone()
    if found is None or not found[1] or found[0] < 0:  # emptied since
        return None
    rows, words, shares = found
    return Statistics(rows, dict(zip(words, shares, strict=False)))  # behind the shares come the least and the greatest


def are_rare(terms: Sequence[Term], limit: int) -> bool:
    """Whether finding all matches takes less than a walk to `limit` of them. No where nothing is known."""
    statistics = known()
    return statistics is not None and ROWS_OF_A_WALK * statistics.share(terms) ** 2 * statistics.rows <= limit
