"""What waits on the desk: one table of queues, each a line of the front page and a filter of the list that it leads to.

A line more is one entry more, in QUEUES or by `add`; the list of its model has QueueFilter among its filters.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from events.admin import matching
from events.admin.matching import QUEUE, newest_matching
from events.choices import Certainty, ImportState, LinkStatus, State
from events.models import Candidate, ErrorReport, Event, Feed, Import, LinkCheck, Proposal, Source, TimelineTag
from events.models.timeline import KEY_BITS
from events.queries.jobs import job_health
from events.queries.timeline import how_many
from events.services import publishing, review
from events.services.projections import NO_PRIMARY, ONE_ORIGIN

WAITING, OUTSIDE, DATES = "Waiting for me", "From outside", "Scheduled dates"
HEALTH = "Health of the record"
SOON = dt.timedelta(days=7)
UNSETTLED = dt.timedelta(days=90)
UNCHECKED = dt.timedelta(days=180)
# Beyond, a line says "more than".
MOST_COUNTED = 1_000

Rows = Callable[[AbstractUser], QuerySet[Any]]


@dataclass(frozen=True)
class Queue:
    """Rows that wait for somebody. `rows` gives them for one editor; `permission` says who is shown the line.

    `tag`: the tag of the timeline that they bear; then a roll-up knows how many there are.
    """

    key: str
    section: str
    title: str
    rows: Rows
    model: type[models.Model] = Event
    permission: str = "events.view_event"
    tag: str = ""
    # Event lists are in the order of dates, which an index gives; of a short list any order is quick. Its first field
    # has an index among the rows.
    order: tuple[str, ...] = ("-date", "-pk")

    def first(self, user: AbstractUser) -> QuerySet[Any, Any]:
        """The keys of so many of its rows as a list counts: what else is asked, is asked of these."""
        return self.rows(user).order_by(self.order[0])[: matching.MAX_COUNTED + 1].values("pk")

    def address(self) -> str:
        listed = reverse(f"admin:{self.model._meta.app_label}_{self.model._meta.model_name}_changelist")
        return f"{listed}?{urlencode({QueueFilter.parameter_name: self.key})}"


@dataclass(frozen=True)
class Line:
    """A queue as the front page shows it; `count` stops at MOST_COUNTED."""

    title: str
    address: str
    count: int
    has_more: bool


def today() -> dt.date:
    return timezone.now().date()


def published() -> QuerySet[Event]:
    return Event.objects.published()


def waiting(*states: State) -> QuerySet[Event]:
    """Events of states that few events are in, whose keys are read first by the index on the state.

    SQLite knows how many events a state has on average alone, so that it would read the whole table for ten drafts.
    """
    return Event.objects.filter(pk__in=Event.objects.filter(state__in=states).order_by().values("pk"))


def bearing(tag: str) -> QuerySet[Event]:
    """Published events that bear a tag of the timeline."""
    keys = (
        TimelineTag.objects.filter(tag=tag)
        .annotate(event=models.F("position").bitand((1 << KEY_BITS) - 1))
        .values("event")
    )
    return published().filter(pk__in=keys)


def sources(status: LinkStatus) -> QuerySet[Source]:
    """Sources of whose pages checks have confirmed this."""
    return Source.objects.filter(pk__in=LinkCheck.objects.marked().filter(status=status).values("source"))


QUEUES: dict[str, Queue] = {}


def add(queue: Queue) -> None:
    """Put a line on the desk; lines of a section stand in the order in which they came."""
    QUEUES[queue.key] = queue


for _queue in (
    Queue(
        "review",
        WAITING,
        "In review, not by me",
        lambda user: waiting(State.IN_REVIEW).exclude(submitted_by=user.pk).exclude(changed_by=user.pk),
        permission=review.PERMISSION,
    ),
    Queue(
        "proposals",
        WAITING,
        "Corrections that wait for a second person",
        lambda user: published().filter(pk__in=Proposal.objects.open().exclude(by=user.pk).values("event")),
        permission=publishing.PERMISSION,
    ),
    Queue(
        "sent-back",
        WAITING,
        "Sent back to me",
        lambda user: waiting(State.DRAFT).filter(sent_back_to=user.pk),
    ),
    Queue(
        "assigned",
        WAITING,
        "Assigned to me",
        lambda user: waiting(State.DRAFT, State.IN_REVIEW).filter(assigned_to=user.pk),
    ),
    Queue(
        "drafts",
        WAITING,
        "My drafts",
        lambda user: waiting(State.DRAFT).filter(changed_by=user.pk),
    ),
    Queue(
        "proposed",
        WAITING,
        "My corrections that wait for others",
        lambda user: published().filter(pk__in=Proposal.objects.open().filter(by=user.pk).values("event")),
        permission=review.PERMISSION,
    ),
    Queue(
        "imports",
        WAITING,
        "My files of drafts that were checked",
        lambda user: Import.objects.filter(by=user.pk, state=ImportState.CHECKED),
        model=Import,
        permission="events.add_import",
    ),
    Queue(
        "reports",
        OUTSIDE,
        "Errors that readers report",
        lambda user: ErrorReport.objects.open(),
        model=ErrorReport,
        permission="events.view_errorreport",
    ),
    Queue(
        "candidates",
        OUTSIDE,
        "Candidates that feeds and links brought",
        lambda user: Candidate.objects.waiting(),
        model=Candidate,
        permission="events.view_candidate",
    ),
    Queue(
        "feeds",
        OUTSIDE,
        "Feeds that could not be read",
        lambda user: Feed.objects.failing(),
        model=Feed,
        permission="events.view_feed",
    ),
    Queue(
        "past",
        DATES,
        "Past now: did it happen?",
        lambda user: published().filter(awaited__lte=today()),
        order=("awaited", "pk"),
    ),
    Queue(
        "soon",
        DATES,
        "Within seven days",
        lambda user: published().filter(awaited__gt=today(), awaited__lte=today() + SOON),
        order=("awaited", "pk"),
    ),
    Queue(
        "one-origin",
        HEALTH,
        "With one independent origin only",
        lambda user: bearing(ONE_ORIGIN),
        tag=ONE_ORIGIN,
    ),
    Queue(
        "no-primary",
        HEALTH,
        "Without a primary source",
        lambda user: bearing(NO_PRIMARY),
        tag=NO_PRIMARY,
    ),
    Queue(
        "dead-sources",
        HEALTH,
        "Sources that no longer answer",
        lambda user: sources(LinkStatus.DEAD),
        model=Source,
        permission="events.view_source",
        order=("-pk",),
    ),
    Queue(
        "changed-sources",
        HEALTH,
        "Sources that changed since they were cited",
        lambda user: sources(LinkStatus.CHANGED),
        model=Source,
        permission="events.view_source",
        order=("-pk",),
    ),
    Queue(
        "unsettled",
        HEALTH,
        "Reported or disputed for over 90 days",
        lambda user: published().filter(
            certainty__in=(Certainty.REPORTED, Certainty.DISPUTED), updated_at__lt=timezone.now() - UNSETTLED
        ),
        order=("updated_at", "pk"),
    ),
    Queue(
        "unchecked",
        HEALTH,
        "Unchecked for over 180 days",
        lambda user: published().filter(checked_on__lt=today() - UNCHECKED),
        order=("checked_on",),
    ),
):
    add(_queue)


def shown_to(user: AbstractUser) -> list[Queue]:
    return [queue for queue in QUEUES.values() if user.has_perm(queue.permission)]


def sections(user: AbstractUser) -> dict[str, list[Line]]:
    """The front page: the lines of each section."""
    found: dict[str, list[Line]] = {}
    for queue in shown_to(user):
        if queue.tag:
            line = Line(queue.title, queue.address(), how_many([queue.tag]).get(queue.tag, 0), has_more=False)
        else:
            counted = queue.rows(user).order_by()[: MOST_COUNTED + 1].count()
            line = Line(queue.title, queue.address(), min(counted, MOST_COUNTED), counted > MOST_COUNTED)
        found.setdefault(queue.section, []).append(line)
    if user.has_perm("events.view_job"):  # of most, a late job has no row
        late = sum(job.is_late for job in job_health())
        line = Line("Scheduled jobs that are late", reverse("admin:events_job_changelist"), late, has_more=False)
        found.setdefault(OUTSIDE, []).append(line)
    return found


class QueueFilter(admin.SimpleListFilter):
    """Of a list: exactly the rows of a line of the front page."""

    title = "queue"
    parameter_name = QUEUE

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        assert isinstance(request.user, AbstractUser)
        return [(queue.key, queue.title) for queue in shown_to(request.user) if queue.model is model_admin.model]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        queue = QUEUES.get(self.value() or "")
        if queue is None or queue.model is not queryset.model:
            return None
        assert isinstance(request.user, AbstractUser)
        if not request.user.has_perm(queue.permission):
            return queryset.none()
        # A list shows no more than so many rows, and says that there are more.
        if queue.tag and (newest := newest_matching(request, tag=queue.tag)) is not None:
            return queryset.filter(pk__in=newest, state=State.PUBLISHED)
        if queue.model is Event and not queue.tag and not getattr(request, "for_file", False):
            return queryset.filter(pk__in=queue.first(request.user))
        return queryset & queue.rows(request.user)
