"""Telling editors that something waits for them: on the desk at once, by mail as rows that a task sends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import structlog
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.core import mail
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone

from events.choices import NoticeKind
from events.lib import pauses
from events.models import Event, Notice

log = structlog.get_logger(__name__)

MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"
MOST_ATTEMPTS = 8  # over some 21 hours
LEASE = dt.timedelta(minutes=10)  # longer than a mail may take
FIRST_WAIT, LONGEST_WAIT = dt.timedelta(minutes=10), dt.timedelta(hours=12)


def those_who_may(permission: str) -> QuerySet[AbstractUser]:
    """Active editors with a permission, superusers among them."""
    found: QuerySet[AbstractUser] = get_user_model()._default_manager.with_perm(permission, backend=MODEL_BACKEND)
    return found.filter(is_staff=True)


def tell(
    people: Iterable[AbstractUser | None], kind: NoticeKind, event: Event, *, by: AbstractUser | None, text: str = ""
) -> None:
    """Write a notice for each of the people but the one who did it; in the transaction of what it tells of."""
    to = {person.pk: person for person in people if person is not None and person.is_active}
    now = timezone.now()
    Notice.objects.bulk_create(
        Notice(to_id=pk, kind=kind, event=event, text=text, mail_due=now if mails(person) else None)
        for pk, person in to.items()
        if by is None or pk != by.pk
    )


def mails(person: AbstractUser) -> bool:
    return bool(person.email and settings.MAIL_NOTICES)


def read(notices: QuerySet[Notice]) -> int:
    """Mark notices as read; how many were not."""
    return notices.unread().update(read_at=timezone.now())  # type: ignore[attr-defined]


def send_due(*, at_most: int = 100) -> int:
    """Send mails that are due; how many went out. Killed midway, or twice at once, it loses none."""
    now = timezone.now()
    due = Notice.objects.filter(mail_due__lte=now).select_related("to", "event").order_by("mail_due")
    return sum(send(notice) for notice in due[:at_most])


def send(notice: Notice) -> bool:
    """Send one, if nobody else does at this moment; where that fails it is due again later, at most eight times."""
    now = timezone.now()
    mine = Notice.objects.filter(pk=notice.pk, mail_due=notice.mail_due)
    if not mine.update(mail_due=now + LEASE, mail_attempts=F("mail_attempts") + 1):
        return False
    attempts = notice.mail_attempts + 1
    leased = Notice.objects.filter(pk=notice.pk, mailed_at=None)
    try:
        mail.send_mail(subject(notice), body(notice), settings.DEFAULT_FROM_EMAIL, [notice.to.email])
    except OSError as error:  # every error of SMTP is one
        wait = pauses.after(attempts, first=FIRST_WAIT, longest=LONGEST_WAIT)
        leased.update(mail_due=now + wait if attempts < MOST_ATTEMPTS else None)
        log.warning("mail failed", notice=notice.pk, attempts=attempts, error=str(error))
        return False
    leased.update(mail_due=None, mailed_at=timezone.now())
    return True


def subject(notice: Notice) -> str:
    title = " ".join(notice.event.title.split())
    return f"{notice.get_kind_display()}: {title}"


def body(notice: Notice) -> str:
    address = settings.SITE_URL + reverse("admin:events_event_change", args=[notice.event_id])
    said = f"{notice.text}\n\n" if notice.text else ""
    return f"{notice.get_kind_display()}: {notice.event.title}\n\n{said}{address}\n"
