"""What readers report is kept as they wrote it, found by their secret alone, and their addresses are forgotten."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.conf import settings

from events.models import ErrorReport
from events.services import reports
from events.tasks.reports import forget_addresses

pytestmark = pytest.mark.django_db
RECEIVED = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)


def received(**fields: Any) -> str:
    said: dict[str, Any] = {
        "path": "/events/a/",
        "revision": 7,
        "message": "The date is wrong.",
        "address": "ann@example.org",
    }
    with time_machine.travel(RECEIVED, tick=False):
        return reports.receive(**said | fields)


def test_report_is_found_by_its_token_alone():
    token, other = received(), received(message="The name is wrong.")
    found = reports.found_by(token)
    assert (found.path, found.revision, found.message) == ("/events/a/", 7, "The date is wrong.")
    assert reports.found_by(other).message == "The name is wrong."
    assert reports.found_by(found.token_hash) is None


def test_token_is_long_and_kept_nowhere():
    token = received()
    assert len(token) == 32
    assert token not in str(ErrorReport.objects.values().get())


@pytest.mark.parametrize(("days", "address"), [(179, "ann@example.org"), (181, "")])
def test_address_is_forgotten_after_180_days(days, address):
    received()
    with time_machine.travel(RECEIVED + dt.timedelta(days=days), tick=False):
        forget_addresses()
        forget_addresses()
    assert ErrorReport.objects.get().address == address
    assert ErrorReport.objects.get().message == "The date is wrong."


def test_addresses_are_forgotten_by_the_clock():
    tasks = [each["task"] for each in settings.CELERY_BEAT_SCHEDULE.values()]
    assert forget_addresses.name in tasks


def test_open_reports_are_those_that_nobody_has_answered():
    received()
    received()
    first = ErrorReport.objects.order_by("pk").first()
    ErrorReport.objects.filter(pk=first.pk).update(state="declined", answer="It is right.", answered_at=RECEIVED)
    assert list(ErrorReport.objects.open()) == [ErrorReport.objects.exclude(pk=first.pk).get()]
