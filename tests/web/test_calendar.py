"""The calendar is what RFC 5545 says, with dates no more exact than they are known."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from icalendar import Calendar

from events.services import publishing
from tests.factories import CompanyFactory, published_event
from tests.web.test_feeds import corrected

pytestmark = pytest.mark.django_db
TODAY = "2026-11-25 12:00:00+00:00"


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(TODAY, tick=False) as traveller:
        yield traveller


def events(client, **filters) -> list:
    response = client.get(reverse("calendar"), filters)
    assert (response.status_code, response["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    check_lines(response.content)
    return Calendar.from_ical(response.content).walk("VEVENT")


def check_lines(written: bytes) -> None:
    """Content lines (RFC 5545, section 3.1): CRLF, at most 75 octets, UTF-8."""
    lines = written.split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in lines)
    written.decode()


def shown(event) -> tuple[str, str, str]:
    return str(event["SUMMARY"]), event["DTSTART"].dt.isoformat(), event["DTEND"].dt.isoformat()


@pytest.mark.parametrize(
    ("said", "start", "end", "prefix"),
    [
        ({"date": "2024-07-09"}, "2024-07-09", "2024-07-10", ""),
        ({"date": "2024-07-09", "end_date": "2024-07-12"}, "2024-07-09", "2024-07-13", ""),
        ({"date": "2024-07-01", "date_precision": "month"}, "2024-07-01", "2024-08-01", "July 2024 (day not known): "),
        ({"date": "2024-10-01", "date_precision": "quarter"}, "2024-10-01", "2025-01-01", "Q4 2024 (day not known): "),
        ({"date": "2024-01-01", "date_precision": "year"}, "2024-01-01", "2025-01-01", "2024 (day not known): "),
    ],
)
def test_event_lies_on_all_days_on_which_it_may_have_been(client, said, start, end, prefix):
    said = {name: dt.date.fromisoformat(v) if "precision" not in name else v for name, v in said.items()}
    published_event(title="Something", **said)
    [event] = events(client)
    assert shown(event) == (f"{prefix}Something", start, end)
    assert event["DTSTART"].params["VALUE"] == "DATE"
    assert (event["TRANSP"], event["STATUS"]) == ("TRANSPARENT", "CONFIRMED")


def test_what_is_not_sure_is_tentative(client):
    published_event(title="Something", certainty="reported")
    [event] = events(client)
    assert (event["STATUS"], event["SUMMARY"]) == ("TENTATIVE", "Reported: Something")


def test_uid_stays_and_sequence_grows(client):
    event = published_event()
    [before] = events(client)
    change = corrected(event, "Another title")
    [after] = events(client)
    assert before["UID"] == after["UID"]
    assert before["SEQUENCE"] < after["SEQUENCE"] == change.seq
    assert after["LAST-MODIFIED"].dt >= before["LAST-MODIFIED"].dt


def test_retracted_event_is_cancelled_for_90_days(client, today):
    company = CompanyFactory()
    event = published_event(title="Something", actor=company)
    [uid] = [each["UID"] for each in events(client)]
    publishing.retract(event, by=None, reason="It did not happen.")
    [gone] = events(client, company=company.slug)
    assert (gone["UID"], gone["STATUS"], gone["SUMMARY"]) == (uid, "CANCELLED", "Retracted: Something")
    assert "It did not happen." in gone["DESCRIPTION"]
    published_event()
    assert len(events(client, company=company.slug)) == 1
    today.shift(dt.timedelta(days=89))
    assert len(events(client)) == 2
    today.shift(dt.timedelta(days=1))
    assert [each["STATUS"] for each in events(client)] == ["CONFIRMED"]


def test_nearest_events_to_come_and_newest_past_ones_are_in_it(client, monkeypatch):
    monkeypatch.setattr("events.web.calendars.MOST", 2)
    for day in ("2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27", "2026-11-28"):
        published_event(title=day, date=dt.date.fromisoformat(day))
    assert {str(each["SUMMARY"]) for each in events(client)} == {"2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27"}
    calendar = Calendar.from_ical(client.get(reverse("calendar")).content)
    assert "the newest 2 past ones; the site has more" in str(calendar["DESCRIPTION"])
    assert "the site has more" not in Calendar.from_ical(
        client.get(reverse("calendar"), {"from": "2026-11-28"}).content
    ).get("DESCRIPTION")


def test_calendar_changes_with_the_day(client, today):
    etag = client.get(reverse("calendar"))["ETag"]
    today.shift(dt.timedelta(days=1))
    assert client.get(reverse("calendar"), headers={"If-None-Match": etag}).status_code == 200


class AnyText(TestCase):
    @given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=110).filter(str.strip))
    @settings(max_examples=10)
    def test_any_text_is_folded_escaped_and_read_back(self, text):
        published_event(title=text, summary=f"{text}; , \\ : \n{text}")
        [event] = events(self.client)
        readable = "".join(each for each in text if each in "\t\r\n" or (ord(each) >= 32 and ord(each) != 127))
        assert str(event["SUMMARY"]).split() == readable.split()
