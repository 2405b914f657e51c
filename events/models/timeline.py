"""What the timeline is selected by: drawn from the published events' documents by publishing, never edited."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Q
from django.db.models.sql.compiler import SQLCompiler

from events.choices import Direction
from events.lib.tokens import fts5_match, tsquery
from events.models.base import RowNumber
from events.models.changes import Change

# A position orders the timeline in one number: the proleptic Gregorian ordinal of the event's date (20 bits for
# millennia to come) above its primary key (33 bits), together below 2^53. It is the key of the timeline's tables, the
# cursor of its pages, the bound of its ranges and the row id of the full-text index.
KEY_BITS = 33


def position_of(day: dt.date, pk: int) -> int:
    return (day.toordinal() << KEY_BITS) | pk


def day_of(position: int) -> dt.date:
    return dt.date.fromordinal(position >> KEY_BITS)


def pk_of(position: int) -> int:
    return position & ((1 << KEY_BITS) - 1)


class TimelineEntry(models.Model):
    """A published event in the order of dates.

    `last` is the ordinal of the last day that it may reach, `span` how many days that is after its date: the longest
    bounds how far back a range of dates has to be looked for. `bears` is all its tags in one text, for counting what
    many events bear: in order, separated by spaces, each with its role where it has one ("company:openai=actor").
    """

    position = RowNumber(primary_key=True)
    kind = models.CharField(max_length=20)
    direction = models.CharField(max_length=10, choices=Direction)
    last = models.IntegerField()
    span = models.IntegerField(db_index=True)
    bears = models.TextField()
    change = models.OneToOneField(Change, models.PROTECT, related_name="timeline_entry")

    class Meta:
        ordering = ("-position",)
        verbose_name_plural = "timeline entries"
        indexes = (models.Index(fields=("kind", "position"), name="timeline_by_kind"),)

    def __str__(self) -> str:
        return f"{day_of(self.position)} {pk_of(self.position)}"


class TimelineTag(models.Model):
    """One thing by which a published event can be selected, such as "company:openai"."""

    pk = models.CompositePrimaryKey("tag", "position")
    tag = models.CharField(max_length=140)
    position = models.BigIntegerField()
    role = models.CharField(max_length=10, blank=True)
    kind = models.CharField(max_length=20)
    last = models.IntegerField()

    class Meta:
        indexes = (models.Index(fields=("tag", "kind", "position"), name="tag_by_kind"),)

    def __str__(self) -> str:
        return f"{self.tag} {day_of(self.position)}"


class TimelineCount(models.Model):
    """How many events of a month bear a tag ("": all), by direction. `month` is year * 12 + month - 1."""

    pk = models.CompositePrimaryKey("tag", "month", "direction")
    tag = models.CharField(max_length=140, blank=True)
    month = models.IntegerField()
    direction = models.CharField(max_length=10, choices=Direction)
    count = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.tag} {self.month // 12}-{self.month % 12 + 1:02} {self.direction}: {self.count}"


EVER = 0  # the month of a roll-up over all months: no event is of it


class TimelinePair(models.Model):
    """How many events of a month bear two tags, for each `tag` that many events bear; "" is borne by all of them.

    `month` as in TimelineCount, or EVER. A tag whose pairs are kept has one with itself, over all months.
    """

    pk = models.CompositePrimaryKey("tag", "month", "other")
    tag = models.CharField(max_length=140, blank=True)
    month = models.IntegerField()
    other = models.CharField(max_length=140)
    count = models.IntegerField()

    class Meta:
        indexes = (models.Index(fields=("tag",), name="pairs_kept", condition=Q(month=EVER, other=F("tag"))),)

    def __str__(self) -> str:
        month = f"{self.month // 12}-{self.month % 12 + 1:02}" if self.month else "ever"
        return f"{self.tag or 'everything'} and {self.other}, {month}: {self.count}"


class TokensField(models.TextField[str, str]):
    """Search tokens, as `events.lib.tokens` makes them: text of an FTS5 table on SQLite, a tsvector on PostgreSQL."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "tsvector" if connection.vendor == "postgresql" else "text"


class MatchesTerms(models.Lookup[Any]):
    """Compares tokens with the terms of a parsed query (`events.lib.tokens.Term`)."""

    prepare_rhs = False
    any_of = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        left, params = self.process_lhs(compiler, connection)
        if connection.vendor == "postgresql":
            return f"{left} @@ %s::tsquery", (*params, tsquery(self.rhs, any_of=self.any_of))
        return f"{left} MATCH %s", (*params, fts5_match(self.rhs, any_of=self.any_of))


@TokensField.register_lookup
class MatchesAll(MatchesTerms):
    lookup_name = "matches_all"


@TokensField.register_lookup
class MatchesAny(MatchesTerms):
    lookup_name = "matches_any"
    any_of = True


class SearchRow(models.Model):
    """The full-text index: one row a published event, its row id the position, so that matches come newest first.

    Its table is made by the migration in each database's own way.
    """

    position = models.BigIntegerField(primary_key=True, db_column="rowid")
    tokens = TokensField()

    class Meta:
        db_table = "events_search"

    def __str__(self) -> str:
        return f"search row {self.position}"
