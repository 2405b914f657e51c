"""What comes in from the world: feeds that are watched, what they bring, and the jobs that fetch it."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from events.choices import CandidateState, FeedKind, Reading
from events.lib.urls import BadUrl, normalize
from events.models.base import Name, SlugField, TextLine, is_well_formed_slug, not_empty, one_of, storable, web_address
from events.models.events import Event
from events.models.sources import Publisher


class Leased(models.QuerySet[Any]):
    """Rows that become due. A worker takes one by a conditional UPDATE and holds it until its lease expires.

    A worker that dies loses nothing: the row is due again when the lease is over. `leased_until` is also the token by
    which its holder gives it back, so that one who was slower than the lease does not undo what the next one did.
    """

    def due(self, now: dt.datetime) -> Self:
        """Those whose time has come and that nobody holds, the longest due first."""
        return self.filter(Q(leased_until=None) | Q(leased_until__lt=now), next_at__lte=now).order_by("next_at", "pk")

    def take(self, *, seconds: int) -> Any | None:
        """One due row, held for so many seconds; None: there is none. Of two workers exactly one gets a row.

        `was_left` on it: whoever held it last never gave it back.
        """
        while True:
            now = timezone.now()
            row = self.due(now).first()
            if row is None:
                return None
            until = now + dt.timedelta(seconds=seconds)
            if self.model._default_manager.filter(
                Q(leased_until=None) | Q(leased_until__lt=now), pk=row.pk, next_at__lte=now
            ).update(leased_until=until):
                row.was_left, row.leased_until = row.leased_until is not None, until
                return row

    def held(self, row: Any) -> Self:
        """The row, if whoever took it still holds it."""
        return self.filter(pk=row.pk, leased_until=row.leased_until)


class FeedQuerySet(Leased):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def failing(self) -> Self:
        return self.active().filter(failures__gt=0)


class Feed(models.Model):
    """An address that is asked regularly what is new. `cursor` is how far it has been read, in its importer's words.

    Of a feed that fails the last good state stays: what it brought, when, and with which ETag.
    """

    slug = SlugField(unique=True)
    name = Name()
    kind = models.CharField(max_length=20, choices=FeedKind)
    url = models.URLField(max_length=2000, unique=True)
    publisher = models.ForeignKey(Publisher, models.PROTECT, null=True, blank=True, related_name="feeds")
    words = TextLine(
        max_length=1000, help_text="Only what has one of these, separated by commas, becomes a candidate; empty: all"
    )
    is_active = models.BooleanField(default=False, help_text="Whether it is watched")
    minutes = models.PositiveIntegerField(default=60, help_text="Between two looks")

    next_at = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True, blank=True, editable=False)
    etag = TextLine(max_length=300, editable=False)
    last_modified = TextLine(max_length=100, editable=False)
    cursor = TextLine(max_length=100, editable=False)
    checked_at = models.DateTimeField(null=True, editable=False)
    good_at = models.DateTimeField(null=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False, help_text="In a row")
    error = TextLine(max_length=500, editable=False)
    error_at = models.DateTimeField(null=True, editable=False)
    brought = models.PositiveIntegerField(default=0, editable=False, help_text="Candidates in all")

    objects = FeedQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        indexes = (models.Index(fields=("is_active", "next_at"), name="feed_by_next_look"),)
        constraints = (
            is_well_formed_slug("feed_slug_well_formed"),
            not_empty("name", "feed_has_a_name"),
            not_empty("url", "feed_has_a_url"),
            one_of("kind", FeedKind, "feed_kind_known"),
            models.CheckConstraint(
                name="feed_minutes_from_5_to_a_week",
                condition=Q(minutes__gte=5, minutes__lte=7 * 24 * 60),
                violation_error_message="A feed is looked at every 5 minutes at most, and once a week at least.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def wants(self, text: str) -> bool:
        """Whether something with these words becomes a candidate."""
        wanted = [word.strip().casefold() for word in self.words.split(",") if word.strip()]
        return not wanted or any(word in text.casefold() for word in wanted)


class CandidateQuerySet(Leased):
    def waiting(self) -> Self:
        """For an editor to look at: new, and not gathered under another one."""
        return self.filter(state=CandidateState.NEW, same_as=None)

    def put_away(self) -> Self:
        """Off the desk, and not for good: dismissed, or made a draft that somebody has deleted since."""
        return self.filter(Q(state=CandidateState.DISMISSED) | Q(state=CandidateState.DRAFTED, event=None))


class Candidate(models.Model):
    """Something that may be an event: an item of a feed, or a link that an editor pasted. It exists once.

    `text` is for editors only and goes 30 days after the candidate is settled; `findings` are those of
    `events.ingest.findings`. `same_as` is the earlier one that says the same and under which it is gathered.
    """

    feed = models.ForeignKey(Feed, models.PROTECT, null=True, blank=True, related_name="candidates")
    url = models.URLField(max_length=2000, blank=True)
    normalized_url = models.CharField(max_length=2000, null=True, unique=True, editable=False)
    content_hash = models.CharField(max_length=64, unique=True, editable=False)
    title = TextLine(max_length=500)
    summary = models.TextField(blank=True, validators=[storable])
    publisher = TextLine(max_length=300)
    authors = models.JSONField(default=list, blank=True)
    language = TextLine(max_length=35)
    published = models.DateField(null=True, blank=True)
    details = models.JSONField(default=dict, blank=True, help_text="What the feed says besides")
    found_at = models.DateTimeField(default=timezone.now)
    same_as = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="others")

    reading = models.CharField(max_length=10, choices=Reading, default=Reading.WAITING)
    text = models.TextField(blank=True, validators=[storable])
    findings = models.JSONField(default=dict, blank=True)
    problem = TextLine(max_length=500)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(
        null=True, default=timezone.now, help_text="When its page is to be read; empty: done"
    )
    leased_until = models.DateTimeField(null=True, blank=True, editable=False)

    state = models.CharField(max_length=10, choices=CandidateState, default=CandidateState.NEW)
    event = models.ForeignKey(Event, models.SET_NULL, null=True, blank=True, related_name="candidates")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = CandidateQuerySet.as_manager()

    class Meta:
        ordering = ("-found_at", "-pk")
        indexes = (
            models.Index(fields=("state", "-found_at", "-id"), name="candidate_by_state"),
            models.Index(fields=("next_at",), condition=Q(next_at__isnull=False), name="candidate_to_read"),
            models.Index(fields=("settled_at",), condition=~Q(text=""), name="candidate_text_to_delete"),
        )
        constraints = (
            one_of("reading", Reading, "candidate_reading_known"),
            one_of("state", CandidateState, "candidate_state_known"),
            models.CheckConstraint(
                name="candidate_of_an_address_or_a_text",
                condition=~Q(url="") & Q(normalized_url__isnull=False) | Q(url="", normalized_url=None),
                violation_error_message="A candidate with an address has its normalized form, too.",
            ),
            models.CheckConstraint(
                name="candidate_settled_at_a_time",
                condition=Q(state=CandidateState.NEW, settled_at=None)
                | ~Q(state=CandidateState.NEW) & Q(settled_at__isnull=False),
                violation_error_message="A settled candidate says when it was settled.",
            ),
            models.CheckConstraint(
                name="candidate_gathered_under_another",
                condition=Q(same_as=None) | ~Q(same_as=F("pk")),
                violation_error_message="A candidate is not gathered under itself.",
            ),
        )

    def __str__(self) -> str:
        return self.title or self.url or f"Text of {self.found_at:%Y-%m-%d}"

    def clean(self) -> None:
        if self.url:
            web_address(self.url)
            try:
                self.normalized_url = normalize(self.url)
            except BadUrl as problem:
                raise ValidationError({"url": str(problem)}) from problem


class Job(models.Model):
    """The last run of a scheduled task. `good_at` is when it last ended well; `error` is that of its last failure."""

    name = models.CharField(max_length=200, unique=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    good_at = models.DateTimeField(null=True)
    milliseconds = models.PositiveBigIntegerField(null=True)
    error = TextLine(max_length=500)
    failed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("name",)
        constraints = (not_empty("name", "job_has_a_name"),)

    def __str__(self) -> str:
        return self.name
