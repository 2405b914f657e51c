"""What editors say to one another of an event, none of which is ever public."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from events.choices import Act, CommentField, CorrectionClass, NoticeKind, ProposalState, Weight
from events.models.base import one_of, storable
from events.models.changes import Change
from events.models.events import Event

LONGEST = 2_000  # characters of a comment or of a note


def editor(related_name: str = "+") -> models.ForeignKey[Any, Any]:
    """Who did it; None: somebody whose account is gone, or the loader."""
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name=related_name)


class CommentQuerySet(models.QuerySet["Comment"]):
    def open(self) -> Self:
        return self.filter(settled_at=None)

    def blocking(self) -> Self:
        """Those that keep their events from being published."""
        return self.open().filter(weight=Weight.CRITICAL)


class Comment(models.Model):
    """What one editor says of one field of another's draft; open until it is settled."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="comments")
    field = models.CharField(max_length=10, choices=CommentField, default=CommentField.EVENT)
    weight = models.CharField(max_length=8, choices=Weight, default=Weight.MINOR)
    text = models.TextField(max_length=LONGEST, validators=[storable])
    by = editor()
    at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = editor()

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = (
            one_of("field", CommentField, "comment_field_known"),
            one_of("weight", Weight, "comment_weight_known"),
            models.CheckConstraint(
                name="comment_says_something",
                condition=~Q(text=""),
                violation_error_message="A comment says something.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_field_display()}: {self.text}"


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def open(self) -> Self:
        return self.filter(state=ProposalState.OPEN)


class Proposal(models.Model):
    """A correction that waits for a second person, beside the event's rows, which it does not touch.

    `document` is the event's document as it would be (JSON), `base` the change that it was made from.
    """

    event = models.ForeignKey(Event, models.CASCADE, related_name="proposals")
    base = models.ForeignKey(Change, models.PROTECT, related_name="+")
    document = models.TextField()
    correction_class = models.CharField(max_length=15, choices=CorrectionClass)
    note = models.TextField(max_length=LONGEST, validators=[storable])
    by = editor()
    at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=ProposalState, default=ProposalState.OPEN)
    decided_by = editor()
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(max_length=LONGEST, blank=True, validators=[storable])
    change = models.ForeignKey(Change, models.PROTECT, null=True, related_name="+")

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        verbose_name = "proposed correction"
        constraints = (
            one_of("state", ProposalState, "proposal_state_known"),
            one_of("correction_class", CorrectionClass, "proposal_class_known"),
            models.CheckConstraint(
                name="proposal_says_why", condition=~Q(note=""), violation_error_message="A correction says why."
            ),
            models.UniqueConstraint(
                fields=("event",),
                condition=Q(state=ProposalState.OPEN),
                name="proposal_one_open_an_event",
                violation_error_message="Another correction of this event waits already.",
            ),
            models.CheckConstraint(
                name="proposal_decided_once_closed",
                condition=Q(state=ProposalState.OPEN, decided_at=None)
                | ~Q(state=ProposalState.OPEN) & Q(decided_at__isnull=False),
                violation_error_message="A proposal that is no longer open says when it was decided.",
            ),
            models.CheckConstraint(
                name="proposal_published_as_a_change",
                condition=Q(state=ProposalState.PUBLISHED, change__isnull=False)
                | ~Q(state=ProposalState.PUBLISHED) & Q(change=None),
                violation_error_message="A published proposal names its change.",
            ),
            models.CheckConstraint(
                name="proposal_declined_with_a_reason",
                condition=~Q(state=ProposalState.DECLINED) | ~Q(decision=""),
                violation_error_message="Who declines a correction says why.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_correction_class_display()}: {self.note}"


class Step(models.Model):
    """One step of an event's history on the desk: who did what, when.

    `document` is what the event said then (JSON), where it was not yet public; where it was, `change` holds it.
    """

    event = models.ForeignKey(Event, models.CASCADE, related_name="steps")
    act = models.CharField(max_length=10, choices=Act)
    by = editor()
    at = models.DateTimeField(auto_now_add=True)
    note = models.TextField(blank=True)
    document = models.TextField(null=True)
    change = models.ForeignKey(Change, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=("event", "-id"), name="step_by_event"),)
        constraints = (
            one_of("act", Act, "step_act_known"),
            models.CheckConstraint(
                name="step_document_or_change",
                condition=Q(document=None) | Q(change=None),
                violation_error_message="A step has a document of its own, or a change that holds it.",
            ),
        )

    def __str__(self) -> str:
        return self.get_act_display()


class NoticeQuerySet(models.QuerySet["Notice"]):
    def unread(self) -> Self:
        return self.filter(read_at=None)


class Notice(models.Model):
    """What an editor is told on the desk and, where `mail_due` is set, by mail from then on.

    Whoever sends moves `mail_due` on first, so that a mail whose sender dies is sent later, and none by two at once.
    """

    to = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=10, choices=NoticeKind)
    event = models.ForeignKey(Event, models.CASCADE, related_name="+")
    text = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)
    mail_due = models.DateTimeField(null=True)
    mail_attempts = models.PositiveSmallIntegerField(default=0)
    mailed_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("to", "read_at", "-id"), name="notice_by_reader"),
            models.Index(F("mail_due"), condition=Q(mail_due__isnull=False), name="notice_to_mail"),
        )
        constraints = (
            one_of("kind", NoticeKind, "notice_kind_known"),
            models.CheckConstraint(
                name="notice_mailed_once",
                condition=Q(mail_due=None) | Q(mailed_at=None),
                violation_error_message="What was mailed is not due any more.",
            ),
        )

    def __str__(self) -> str:
        return self.get_kind_display()
