"""Changes as JSON: what is read past the ORM says what the ORM's rows say."""

import datetime as dt
import json

import pytest
import time_machine

from events.choices import CorrectionClass
from events.models import Change
from events.queries.changes import CHAINED, served
from events.services import publishing
from events.services.log import chained_fields
from tests.factories import UserFactory, published_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def log():
    """An event at a whole second, one at a microsecond, a correction, and a redaction."""
    for moment in ("2024-07-09T00:00:00+00:00", "2024-07-09T00:00:00.000001+00:00"):
        with time_machine.travel(dt.datetime.fromisoformat(moment), tick=False):
            event = published_event()
    first = Change.objects.of("event", event.slug).get().seq
    event.summary = "Changed."
    event.save()
    chief = UserFactory(is_superuser=True)
    publishing.correct(event, by=chief, correction_class=CorrectionClass.CLARIFICATION, note="A “note”, é.")
    publishing.redact(first, by=chief, reason="A court's order.")


@pytest.mark.usefixtures("log")
def test_served_changes_say_what_their_hashes_cover():
    changes = Change.objects.order_by("seq")
    assert [each.json for each in served(most=100)] == [
        json.dumps(
            chained_fields(change) | {"hash": change.hash, "document": json.loads(change.document or "null")},
            ensure_ascii=False, separators=(",", ":"),
        ).encode()
        for change in changes
    ]  # fmt: skip
    assert tuple(chained_fields(changes[0])) == CHAINED


@pytest.mark.usefixtures("log")
def test_served_changes_lie_between_two_and_are_of_one_record():
    every = list(Change.objects.order_by("seq"))

    def seqs(**asked):
        return [each.seq for each in served(**asked)]

    assert seqs(most=3) == [1, 2, 3]
    assert seqs(after=1, before=4, most=100) == [2, 3]
    assert seqs(before=4, newest_first=True, most=2) == [3, 2]
    events = [change for change in every if change.type == "event"]
    assert seqs(record_type="event", most=100) == [change.seq for change in events]
    of_one = [change.seq for change in events if change.key == events[0].key]
    assert seqs(record_type="event", key=events[0].key, most=100) == of_one
