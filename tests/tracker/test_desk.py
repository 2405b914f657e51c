"""Logging in to the desk, with and without one-time codes, and its front page."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from events.choices import FeedKind
from events.models import Candidate, Event, Feed, LinkCheck, Proposal
from events.services import proposals, review
from tests.admin import making
from tests.factories import ErrorReportFactory
from tests.services.imports.making import checked

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


def with_password(role):
    who = making.user(role)
    who.set_password(PASSWORD)
    who.save()
    return who


def log_in(client, who, **more):
    data = {"username": who.username, "password": PASSWORD, "next": "/admin/", **more}
    return client.post(reverse("admin:login"), data)


def code_of(device, ahead=0):
    """The code that an authenticator shows, `ahead` half minutes from now: none is good twice."""
    totp = TOTP(device.bin_key)
    totp.time = timezone.now().timestamp() + 30 * ahead
    return f"{totp.token():06}"


def test_code_is_set_up_and_then_asked_for_with_recovery_codes_for_the_day_it_is_lost():
    who, client = with_password("Editor"), Client()
    assert log_in(client, who).status_code == 302
    code = reverse("admin:code")
    assert "Add this key" in client.get(code).content.decode()
    assert "not valid" in client.post(code, {"code": "000000"}).content.decode()
    device = TOTPDevice.objects.get(user=who)
    device.throttle_reset()
    recovery = client.post(code, {"code": code_of(device)}).context["recovery"]
    assert len(recovery) == 10
    again = Client()
    refused = log_in(again, who)
    assert "Give the code" in refused.content.decode()
    device.refresh_from_db()
    device.throttle_reset()
    entered = log_in(again, who, otp_token=code_of(device, ahead=1))
    assert entered.status_code == 302, entered.context["form"].errors
    assert log_in(Client(), who, otp_token=recovery[0]).status_code == 302
    assert log_in(Client(), who, otp_token=recovery[0]).status_code == 200  # each is good once


def test_publishers_have_to_give_a_code_where_a_setting_says_so(settings):
    settings.OTP_FOR_PUBLISHERS = True
    event, publisher, editor = making.in_review(), making.signed_in(making.user("Publisher")), making.user("Editor")
    for address in (reverse("admin:index"), making.change_url(event)):
        assert publisher.get(address).url == reverse("admin:code")
        assert making.signed_in(editor).get(address).status_code == 200
    assert publisher.post(making.change_url(event), {"_publish": "1"}).url == reverse("admin:code")
    assert Event.objects.get(pk=event.pk).state == "in_review"
    assert publisher.get(reverse("admin:code")).status_code == 200
    code = code_of(TOTPDevice.objects.get())
    publisher.post(reverse("admin:code"), {"code": code})
    assert publisher.get(reverse("admin:index")).status_code == 200


def lines(client):
    sections = client.get(reverse("admin:index")).context["sections"]
    return {line.title: line for lines in sections.values() for line in lines}


def test_front_page_counts_what_waits_and_each_line_leads_to_exactly_those():
    me, other = making.user("Publisher"), making.user("Editor")
    expected = {title: [] for title in ("In review, not by me", "Sent back to me", "Assigned to me", "My drafts")}
    expected["In review, not by me"] = [making.in_review(by=other)]
    making.in_review(by=me)
    back = making.in_review(by=me)
    review.send_back(back, by=other, note="The date?")
    expected["Sent back to me"] = [back]
    mine = making.event()
    review.content_changed(mine, by=me)
    expected["My drafts"] = [mine, back]
    review.assign(mine, to=me, by=other)
    expected["Assigned to me"] = [mine]
    today = timezone.now().date()
    past, soon, later, fine, old = (
        making.published(date=today + dt.timedelta(days=days)) for days in (30, 5, 30, -30, -400)
    )
    Event.objects.filter(pk=past.pk).update(
        date=today - dt.timedelta(days=1), awaited=today - dt.timedelta(days=1), checked_on=today - dt.timedelta(days=9)
    )
    expected |= {"Past now: did it happen?": [past], "Within seven days": [soon]}
    long_ago = timezone.now() - dt.timedelta(days=100)
    Event.objects.filter(pk=fine.pk).update(certainty="disputed", updated_at=long_ago)
    Event.objects.filter(pk=old.pk).update(checked_on=today - dt.timedelta(days=181))
    expected |= {"Reported or disputed for over 90 days": [fine], "Unchecked for over 180 days": [old]}
    document = proposals.working_document(later) | {"title": "Better"}
    proposals.propose(proposals.Proposed(later, document, "substantive", "Wrong."), by=other)
    expected["Corrections that wait for a second person"] = [later]
    secondary = making.published(cited=making.source(tier="secondary"))
    expected["Without a primary source"] = [secondary]
    expected["With one independent origin only"] = [past, soon, later, fine, old, secondary]
    expected["My corrections that wait for others"] = []
    expected["Errors that readers report"] = [ErrorReportFactory()]
    expected["My files of drafts that were checked"] = [checked(b"title\nA\n", by=me)]
    address = "https://example.com/a"
    expected["Candidates that feeds and links brought"] = [
        Candidate.objects.create(url=address, normalized_url=address, content_hash="0")
    ]
    feed = {"kind": FeedKind.FEED, "is_active": True, "failures": 2}
    expected["Feeds that could not be read"] = [Feed.objects.create(slug="a", name="A", url=address, **feed)]
    for title, status in (
        ("Sources that no longer answer", "dead"),
        ("Sources that changed since they were cited", "changed"),
    ):
        expected[title] = [making.source()]
        LinkCheck.objects.create(source=expected[title][0], status=status, status_since=dt.date(2026, 1, 2))
    client = making.signed_in(me)
    found = lines(client)
    assert found.pop("Scheduled jobs that are late").count  # leads to all jobs, which say which are late
    assert {title: line.count for title, line in found.items()} == {
        title: len(events) for title, events in expected.items()
    }
    for title, events in expected.items():
        listed = client.get(found[title].address).context["cl"].result_list
        assert sorted(event.pk for event in listed) == sorted(event.pk for event in events), title
    assert Proposal.objects.count() == 1


def test_checking_answers_whether_it_happened():
    event, who = making.published(), making.user("Contributor")
    day = timezone.now().date()
    Event.objects.filter(pk=event.pk).update(awaited=day, date=day, checked_on=day - dt.timedelta(days=200))
    client = making.signed_in(who)
    assert lines(client)["Past now: did it happen?"].count == 1
    client.post(reverse("admin:events_event_check", args=[event.pk]))
    event.refresh_from_db()
    assert (event.awaited, event.checked_on) == (None, day)
    assert lines(client)["Past now: did it happen?"].count == lines(client)["Unchecked for over 180 days"].count == 0


def test_front_page_makes_as_many_queries_for_many_events_as_for_none():
    client = making.signed_in(making.user("Publisher"))
    client.get(reverse("admin:index"))
    found = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("admin:index"))
        found.append(len(captured))
        for _ in range(3):
            making.in_review()
    assert found[0] == found[1] < 30


def test_api_is_no_way_around_the_desk_and_its_codes():
    """Only questions are posted to it. Whoever adds a door that writes has to ask for codes there, too."""
    writing = set()
    for pattern in get_resolver("events.api.urls").url_patterns:
        view = getattr(pattern.callback, "cls", None)
        methods = getattr(pattern.callback, "actions", None) or (set(dir(view)) if view else set())
        writing |= {(pattern.name, method) for method in ("post", "put", "patch", "delete") if method in methods}
    assert writing == {("access-batch", "post")}
