"""Files of drafts: what was uploaded, what importing them would do row by row, and what became of it."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.core.cache import cache
from django.db import models
from django.db.models import Q
from django.utils import timezone

from events.choices import ImportState, Verdict
from events.models.base import TextLine, not_empty, one_of
from events.models.events import Event
from events.models.review import editor

WORKING = (ImportState.CHECKING, ImportState.APPLYING)
OPEN = (*WORKING, ImportState.CHECKED)


class ImportQuerySet(models.QuerySet["Import"]):
    def due(self) -> Self:
        """Those at which a worker has to do something, and none is at work."""
        free = Q(leased_until=None) | Q(leased_until__lt=timezone.now())
        return self.filter(free, state__in=WORKING).order_by("pk")


class Import(models.Model):
    """A file of drafts. `content` is kept until it is settled, `hash` (SHA-256) forever.

    `plan` is a digest of all that was found when it was checked: it is imported only while that is still so. A worker
    holds it until `leased_until`; `attempts` counts how often one began the present step.
    """

    name = TextLine(max_length=200, blank=False, help_text="Of the file")
    hash = models.CharField(max_length=64)
    size = models.PositiveIntegerField(help_text="Bytes")
    content = models.BinaryField(null=True)
    by = editor()
    at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.CHECKING)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    bad = models.PositiveIntegerField(default=0)
    plan = models.CharField(max_length=64, blank=True)
    note = models.TextField(blank=True, help_text="Why it was refused, or has to be looked at again")
    settled_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        verbose_name = "import of drafts"
        verbose_name_plural = "imports of drafts"
        indexes = (models.Index(fields=("id",), condition=Q(state__in=WORKING), name="import_at_work"),)
        constraints = (
            one_of("state", ImportState, "import_state_known"),
            not_empty("name", "import_of_a_named_file"),
            models.CheckConstraint(
                name="import_settled_at_a_time",
                condition=Q(state__in=OPEN, settled_at=None, content__isnull=False)
                | ~Q(state__in=OPEN) & Q(settled_at__isnull=False, content=None),
                violation_error_message="An import that is settled says when, and keeps no file.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def rows_counted(self) -> int:
        return self.new + self.changed + self.same + self.bad

    @property
    def is_at_work(self) -> bool:
        return self.state in WORKING

    @property
    def can_be_applied(self) -> bool:
        return self.state == ImportState.CHECKED and not self.bad and bool(self.new or self.changed)

    # How far a worker is, beside the database: what a transaction writes shows only when all of it is done.

    @property
    def progress(self) -> tuple[int, int] | None:
        """Rows done, and of how many; None: not known."""
        found: tuple[int, int] | None = cache.get(f"import-{self.pk}")
        return found

    def tell_progress(self, done: int, of: int) -> None:
        cache.set(f"import-{self.pk}", (done, of), timeout=dt.timedelta(hours=1).total_seconds())


class ImportRow(models.Model):
    """One row of a file: `number` is its line or row there, `said` why it is bad, or what it changes."""

    of = models.ForeignKey(Import, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    key = models.CharField(max_length=120, blank=True, help_text="The slug of its event")
    title = models.CharField(max_length=200, blank=True)
    verdict = models.CharField(max_length=7, choices=Verdict)
    said = models.JSONField(default=list)
    event = models.ForeignKey(Event, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=("of", "verdict", "id"), name="importrow_by_verdict"),)
        constraints = (one_of("verdict", Verdict, "importrow_verdict_known"),)

    def __str__(self) -> str:
        return self.key or f"row {self.number}"
