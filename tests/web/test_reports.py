"""Report an error: from any page to the editors, without an account, a cookie or a script."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from events.choices import ReportState
from events.models import ErrorReport, LogHead
from events.services import publishing
from events.web import reporting
from tests.factories import published_event
from tracker.limits import Limit

pytestmark = pytest.mark.django_db
HERE = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
FORM = {
    "page": "/changes/?type=event",
    "revision": "1",
    "message": "The date is wrong: see https://a.example/",
    "address": "",
    "website": "",
}


def send(client, headers=HERE, **fields):
    return client.post(reverse("report-error"), FORM | fields, headers=headers)


def errors(response) -> dict[str, list[str]]:
    return response.context["form"].errors


def test_every_page_leads_to_the_form_with_its_address_and_the_revision(client):
    event = published_event()
    page = client.get(event.get_absolute_url()).content.decode()
    link = re.search(r'href="(/report/[^"]*)"', page)[1].replace("&amp;", "&")
    form = client.get(link).content.decode()
    assert f'value="{event.get_absolute_url()}"' in form
    assert f'name="revision" value="{LogHead.objects.get().seq}"' in form


def test_report_is_kept_and_its_sender_led_to_a_page_of_his_own():
    published_event()
    client = Client(enforce_csrf_checks=True)
    response = send(client, address="ann@example.org")
    assert response.status_code == 303
    report = ErrorReport.objects.get()
    assert (report.path, report.revision, report.address) == ("/changes/?type=event", 1, "ann@example.org")
    page = client.get(response["Location"])
    assert page.status_code == 200
    assert "your report has arrived" in page.content.decode()
    assert "ann@example.org" not in page.content.decode()
    assert client.cookies == {}


def test_sender_sees_what_became_of_it(client):
    event = published_event()
    event.title = "Something else happens"
    event.save()
    correction = publishing.correct(event, by=None, correction_class="substantive", note="It was another thing.")
    address = send(client)["Location"].partition("?")[0]
    assert "Not answered yet" in client.get(address).content.decode()
    said = {"answer": "Thank you, mended.", "correction": correction, "answered_at": correction.at}
    ErrorReport.objects.update(state=ReportState.ACCEPTED, **said)
    page = client.get(address).content.decode()
    assert "Accepted: the record was corrected" in page
    assert "Thank you, mended." in page
    assert f"{event.get_absolute_url()}history/#revision-{correction.seq}" in page


def test_page_of_a_report_is_for_its_sender_alone(client):
    page = client.get(send(client)["Location"])
    assert (page["Referrer-Policy"], page["Cache-Control"]) == (
        "no-referrer",
        "max-age=0, no-cache, no-store, must-revalidate, private",
    )
    assert '<meta name="robots" content="noindex">' in page.content.decode()
    assert client.get(reverse("report-detail", args=["nobody-was-given-this"])).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
    ],
)
def test_what_another_site_sends_in_a_readers_name_is_refused(client, headers):
    response = send(client, headers)
    assert response.status_code == 403
    assert "came from another site" in response.content.decode()
    assert not ErrorReport.objects.exists()


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://testserver"}, {}])
def test_what_this_site_or_no_browser_sends_is_taken(client, headers):
    assert send(client, headers).status_code == 303


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("page", ""),
        ("page", "https://elsewhere.example/"),
        ("page", "//elsewhere.example/"),
        ("page", "/\\elsewhere.example/"),
        ("page", "/admin/"),
        ("page", "/nothing-here/"),
        ("page", "javascript:alert(1)"),
        ("page", f"/?q={'a' * 1000}"),
        ("message", ""),
        ("message", "short"),
        ("message", "a" * 4001),
        ("message", "The date\0is wrong"),
        ("address", "nobody"),
        ("address", f"{'a' * 250}@example.org"),
        ("website", "https://buy.example/"),
    ],
)
def test_bad_field_is_named_and_nothing_is_kept(client, name, value):
    response = send(client, **{name: value})
    assert (response.status_code, list(errors(response))) == (200, [name])
    assert f'id="error_{name}"' in response.content.decode()
    assert not ErrorReport.objects.exists()


def test_revision_is_at_most_that_of_the_record(client):
    published_event()
    head = LogHead.objects.get().seq
    for asked, kept in (("1", 1), (str(head + 100), head), ("", head)):
        send(client, revision=asked)
        assert ErrorReport.objects.first().revision == kept


def test_one_address_sends_so_many_an_hour(client, monkeypatch, settings):
    settings.REPORT_LIMIT = 2
    monkeypatch.setattr(reporting, "limit", Limit("reports-test", 2, reporting.WINDOW))
    assert [send(client).status_code for _ in range(3)] == [303, 303, 429]
    assert ErrorReport.objects.count() == 2
    refused = send(client)
    assert refused["Retry-After"] == "3600"
    assert "The date is wrong" in refused.content.decode()  # what was written is not lost
    assert send(Client(REMOTE_ADDR="192.0.2.7")).status_code == 303


class AnyText(TestCase):
    @given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=10, max_size=200))
    @settings(max_examples=10)
    def test_what_was_written_is_shown_as_it_was_written(self, text):
        if len(text.strip()) < 10:
            return
        response = self.client.post(reverse("report-error"), FORM | {"message": text}, headers=HERE)
        report = ErrorReport.objects.order_by("-pk").first()
        assert (
            report.message == text.strip().replace("\r\n", "\n").replace("\r", "\n") or report.message == text.strip()
        )
        page = self.client.get(response["Location"]).content.decode()
        assert "<script" not in page.partition("What you wrote")[2]


def test_path_keeps_its_query_and_loses_its_fragment():
    assert reporting.path_on_this_site("/access/CN/?on=2024-07-10#routes") == "/access/CN/?on=2024-07-10"
    assert reporting.path_on_this_site("/?q=出口") == "/?q=%E5%87%BA%E5%8F%A3"
