"""The access ledger: what the record has held about access, and when it held it. Never changed by hand."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from events.choices import AccessStatus, Precision
from events.models.base import in_order, one_of

PLACE = 120  # as long as the slug of a group


class RecordedQuerySet(models.QuerySet[Any]):
    def current(self) -> Self:
        """What the record holds now."""
        return self.filter(recorded_until=None)

    def held_at(self, revision: int) -> Self:
        """What the record held at a revision."""
        return self.filter(
            Q(recorded_until=None) | Q(recorded_until__gt=revision),
            recorded_from__lte=revision,
        )


class Recorded(models.Model):
    """A row that the record held from the revision `recorded_from` on, up to but not including `recorded_until`.

    Drawn from documents alone by `events.services.ledger`; of a row once written only `recorded_until` is ever set.
    """

    recorded_from = models.BigIntegerField()
    recorded_until = models.BigIntegerField(null=True)  # None: the record still holds it

    objects = RecordedQuerySet.as_manager()

    class Meta:
        abstract = True


class AccessRecord(Recorded):
    """One effect on access, as an event's documents gave it over a range of revisions.

    It is on a country or, stored once, on a group: who belongs to it on a day, GroupRecord tells. Events that do not
    count (retracted, merged, denied) have no open rows.
    """

    event = models.CharField(max_length=120)  # slugs and codes, as in documents: the log alone makes the ledger
    effect = models.PositiveIntegerField()
    product = models.CharField(max_length=120)
    place = models.CharField(max_length=PLACE, help_text="A country's code, or a group's slug")
    exceptions = models.TextField(blank=True, help_text="Codes of the group's countries left out, between spaces")
    status = models.CharField(max_length=20, choices=AccessStatus)
    effective_date = models.DateField()
    date_precision = models.CharField(max_length=7, choices=Precision)
    until = models.DateField(null=True)
    reported_on = models.DateField()

    class Meta:
        constraints = (
            # PostgreSQL also excludes overlapping ranges of revisions (migration 0007).
            models.UniqueConstraint(fields=("event", "effect", "recorded_from"), name="accessrecord_once_a_revision"),
            models.UniqueConstraint(
                fields=("event", "effect"), condition=Q(recorded_until=None), name="accessrecord_one_open_an_effect"
            ),
            in_order("recorded_from", "recorded_until", "accessrecord_closed_later", "A row is closed after it began."),
            models.CheckConstraint(
                name="accessrecord_ends_on_or_after_its_start",
                condition=Q(until=None) | Q(until__gte=F("effective_date")),
            ),
            models.CheckConstraint(
                name="accessrecord_exceptions_of_a_group",
                condition=Q(exceptions="") | ~Q(place__regex="^[A-Z]{2}$"),
            ),
            one_of("status", AccessStatus, "accessrecord_status_known"),
            one_of("date_precision", Precision, "accessrecord_precision_known"),
        )
        indexes = (
            # In the order of precedence, so that the first row that fits is the answer; with all that tells whether it
            # fits, so that the rows themselves, which lie far apart in a large record, need not be read for that.
            models.Index(
                fields=(
                    "product",
                    "place",
                    "-effective_date",
                    "-reported_on",
                    "-event",
                    "-effect",
                    "recorded_from",
                    "recorded_until",
                    "exceptions",
                    "status",
                    "until",
                ),
                name="accessrecord_by_precedence",
            ),
            # What starts and what ends next, of all products.
            models.Index(fields=("effective_date",), name="accessrecord_by_start"),
            models.Index(fields=("until",), condition=Q(until__isnull=False), name="accessrecord_by_end"),
        )

    def __str__(self) -> str:
        return f"effect {self.effect} of {self.event} from revision {self.recorded_from}"


class GroupRecord(Recorded):
    """A country's membership of a group, as the group's documents gave it over a range of revisions."""

    group = models.CharField(max_length=PLACE, db_column="group_slug")  # "group" is a keyword of SQL
    country = models.CharField(max_length=2)
    since = models.DateField(null=True)  # None: always, or unknown
    until = models.DateField(null=True)  # the first day outside

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("group", "country", "since", "recorded_from"), name="grouprecord_once_a_revision"
            ),
            models.UniqueConstraint(
                fields=("group", "country", "since"), condition=Q(recorded_until=None), name="grouprecord_one_open"
            ),
            in_order("recorded_from", "recorded_until", "grouprecord_closed_later", "A row is closed after it began."),
            in_order("since", "until", "grouprecord_since_before_until", "A membership ends after it began."),
        )
        indexes = (models.Index(fields=("country",), name="grouprecord_by_country"),)

    def __str__(self) -> str:
        return f"{self.country} in {self.group} from revision {self.recorded_from}"
