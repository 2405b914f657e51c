"""What readers say is wrong in the record, and what became of it."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from events.choices import ReportState
from events.models.base import not_empty, one_of, storable
from events.models.changes import Change

SHORTEST, LONGEST = 10, 4_000  # characters of what is said to be wrong
LONGEST_PATH = 1_000
LONGEST_ADDRESS = 254  # RFC 5321, section 4.5.3.1.3, without the angle brackets
ADDRESS_KEPT = dt.timedelta(days=180)


class ErrorReportQuerySet(models.QuerySet["ErrorReport"]):
    def open(self) -> Self:
        """Those that nobody has answered yet."""
        return self.filter(state=ReportState.RECEIVED)

    def with_address_from_before(self, moment: dt.datetime) -> Self:
        """Those whose sender's address has been kept since before then."""
        return self.filter(received_at__lt=moment).exclude(address="")


class ErrorReport(models.Model):
    """A reader's word that a page is wrong, and the editors' answer to it.

    `path` is the page's path on this site with its query, `revision` what the record's revision was when it was read.
    `address` is the sender's email address, where one was given; it goes after ADDRESS_KEPT. The sender alone has the
    token of the page that shows the answer; `token_hash` is its SHA-256. No history is kept: it would keep the address.
    """

    path = models.CharField(max_length=LONGEST_PATH, validators=[storable])
    revision = models.BigIntegerField()
    message = models.TextField(max_length=LONGEST, validators=[storable])
    address = models.EmailField(max_length=LONGEST_ADDRESS, blank=True)
    token_hash = models.CharField(max_length=64, unique=True)
    received_at = models.DateTimeField(auto_now_add=True)

    state = models.CharField(max_length=10, choices=ReportState, default=ReportState.RECEIVED)
    answer = models.TextField(
        blank=True, max_length=LONGEST, validators=[storable], help_text="The sender reads it; nobody else does."
    )
    correction = models.ForeignKey(
        Change,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The revision that corrects it; where it is accepted.",
    )
    answered_at = models.DateTimeField(null=True, blank=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    objects = ErrorReportQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=("state", "-id"), name="errorreport_by_state"),)
        constraints = (
            one_of("state", ReportState, "errorreport_state_known"),
            not_empty("message", "errorreport_says_something"),
            models.CheckConstraint(
                name="errorreport_path_on_this_site",
                condition=Q(path__startswith="/") & ~Q(path__startswith="//"),  # "//" begins another host
            ),
            models.CheckConstraint(name="errorreport_revision_not_negative", condition=Q(revision__gte=0)),
            models.CheckConstraint(
                name="errorreport_answered_or_received",
                condition=Q(state=ReportState.RECEIVED, answered_at=None)
                | ~Q(state=ReportState.RECEIVED) & Q(answered_at__isnull=False),
                violation_error_message="A report that is no longer just received has been answered at some time.",
            ),
            models.CheckConstraint(
                name="errorreport_correction_where_accepted",
                condition=Q(state=ReportState.ACCEPTED, correction__isnull=False)
                | ~Q(state=ReportState.ACCEPTED) & Q(correction=None),
                violation_error_message="A report is accepted with the revision that corrects the record, or not yet.",
            ),
            models.CheckConstraint(
                name="errorreport_reason_where_declined",
                condition=~Q(state=ReportState.DECLINED) | ~Q(answer=""),
                violation_error_message="A report that is declined is told why.",
            ),
        )

    def __str__(self) -> str:
        return f"report {self.pk} on {self.path[:80]}"

    def get_absolute_url(self) -> str:
        """The page that it is about, not the sender's: whose address nobody here knows."""
        return self.path
