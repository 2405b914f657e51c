"""Whether the page of a source still answers, and still says what it said: kept beside the source, outside the log."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from events.choices import LinkStatus
from events.models.base import TextLine, one_of
from events.models.inbox import Leased
from events.models.sources import Source


class LinkCheckQuerySet(Leased):
    def checkable(self) -> Self:
        # Not by a join: SQLite would begin with the sources, and sort the checks of all to find the one due first.
        merged = Source.objects.filter(pk=OuterRef("source"), merged_into__isnull=False)
        return self.filter(~Exists(merged))

    def marked(self) -> Self:
        """Those of which something is confirmed that readers are to know."""
        return self.checkable().exclude(status=LinkStatus.OK)


class LinkCheck(models.Model):
    """The checks of one source's address: what the last one found, and what two of them have confirmed.

    `found` is what the last check that could tell found, `found_since` when it was found first without another finding
    since. `status` is what two checks three days apart agree on: it alone is in the source's document. `content_hash`
    is that of the page's words at the last check, `cited_hash` of those that are taken to be the ones cited.
    """

    source = models.OneToOneField(Source, models.CASCADE, primary_key=True, related_name="link_check")
    url = models.URLField(max_length=2000, blank=True, help_text="The address that was checked")
    host = TextLine(max_length=255)
    next_at = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True, blank=True)

    checked_at = models.DateTimeField(null=True)
    final_url = models.URLField(max_length=2000, blank=True, help_text="Where redirects led")
    http_status = models.PositiveSmallIntegerField(null=True, help_text="Of the last answer; empty: there was none")
    problem = TextLine(max_length=500, help_text="Of the last check")
    failures = models.PositiveIntegerField(default=0, help_text="In a row")
    etag = TextLine(max_length=300)
    last_modified = TextLine(max_length=100)
    content_hash = TextLine(max_length=64)
    cited_hash = TextLine(max_length=64)
    cited_at = models.DateTimeField(null=True, help_text="When the words were read that count as cited")

    found = models.CharField(max_length=10, choices=LinkStatus, blank=True)
    found_since = models.DateTimeField(null=True)
    status = models.CharField(max_length=10, choices=LinkStatus, default=LinkStatus.OK)
    status_since = models.DateField(null=True)

    archive_url = models.URLField(max_length=2000, blank=True, help_text="A copy that the archiver keeps")
    archive_problem = TextLine(max_length=500)

    objects = LinkCheckQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=("next_at",), name="link_check_by_next"),
            models.Index(fields=("host", "checked_at"), name="link_check_by_host"),
            models.Index(fields=("host",), condition=Q(leased_until__isnull=False), name="link_check_held"),
            models.Index(fields=("status",), condition=~Q(status="ok"), name="link_check_marked"),
        )
        constraints = (
            one_of("status", LinkStatus, "link_check_status_known"),
            models.CheckConstraint(
                name="link_check_found_known",
                condition=Q(found="", found_since=None) | Q(found__in=LinkStatus.values, found_since__isnull=False),
                violation_error_message="What was found is a status, and known since a time.",
            ),
            models.CheckConstraint(
                name="link_check_status_since_a_day",
                condition=Q(status="ok") | Q(status_since__isnull=False),
                violation_error_message="A status other than ok is known since a day.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.source_id}: {self.status}"
