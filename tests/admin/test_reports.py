"""Editors answer readers' reports; what the reader wrote stays as it was written."""

import pytest
from django.urls import reverse

from events.choices import ReportState
from events.models import ErrorReport
from events.services import publishing
from tests.admin.making import superuser, user
from tests.factories import ErrorReportFactory, published_event

pytestmark = pytest.mark.django_db
LIST = reverse("admin:events_errorreport_changelist")


@pytest.fixture
def report():
    return ErrorReportFactory(address="ann@example.org")


@pytest.fixture
def editor(client):
    made = user("Editor")
    client.force_login(made)
    return made


def answer(client, report, **fields):
    said = {"state": "received", "answer": "", "correction": ""} | fields
    return client.post(reverse("admin:events_errorreport_change", args=[report.pk]), said)


def problems(response) -> list[str]:
    return list(response.context["adminform"].form.errors)


def test_report_is_declined_with_a_reason(client, report, editor):
    assert problems(answer(client, report, state="declined")) == ["answer"]
    assert answer(client, report, state="declined", answer="July 9 it is.").status_code == 302
    report.refresh_from_db()
    assert (report.state, report.answer, report.answered_by) == (ReportState.DECLINED, "July 9 it is.", editor)
    assert report.answered_at is not None


def test_report_is_accepted_with_the_revision_that_corrects_the_record(client, report, editor):
    event = published_event()
    event.title = "Something else happens"
    event.save()
    change = publishing.correct(event, by=None, correction_class="substantive", note="It was another thing.")
    assert problems(answer(client, report, state="accepted")) == ["correction"]
    assert problems(answer(client, report, state="accepted", correction="999")) == ["correction"]
    assert problems(answer(client, report, state="accepted", correction="1")) == ["correction"]  # read by the sender
    assert problems(answer(client, report, state="declined", answer="No.", correction=change.seq)) == ["correction"]
    assert answer(client, report, state="accepted", correction=change.seq).status_code == 302
    report.refresh_from_db()
    assert (report.state, report.correction_id) == (ReportState.ACCEPTED, change.seq)
    assert answer(client, report).status_code == 302  # opened again
    report.refresh_from_db()
    assert (report.state, report.answered_at, report.answered_by) == (ReportState.RECEIVED, None, None)


def test_what_the_reader_wrote_cannot_be_changed(client, report, editor):
    answer(client, report, message="All is well.", path="/about/", address="", revision="9")
    same = ErrorReport.objects.get()
    assert (same.message, same.path, same.address, same.revision) == (
        report.message,
        report.path,
        "ann@example.org",
        1,
    )


def test_reports_are_neither_added_nor_deleted(client, report):
    client.force_login(superuser())
    assert client.get(reverse("admin:events_errorreport_add")).status_code == 403
    assert client.post(reverse("admin:events_errorreport_delete", args=[report.pk]), {"post": "yes"}).status_code == 403
    assert client.get(f"{LIST}?state__exact=received").status_code == 200


def test_contributor_reads_and_does_not_answer(client, report):
    client.force_login(user("Contributor"))
    assert "The date is wrong" in client.get(LIST).content.decode()
    assert answer(client, report, state="declined", answer="No.").status_code == 403


def test_list_makes_as_many_queries_for_50_reports_as_for_one(client, report, editor, django_assert_max_num_queries):
    with django_assert_max_num_queries(20) as one:
        client.get(LIST)
    ErrorReportFactory.create_batch(
        49, answered_by=editor, state="declined", answer="No.", answered_at=report.received_at
    )
    with django_assert_max_num_queries(len(one)):
        client.get(LIST)
