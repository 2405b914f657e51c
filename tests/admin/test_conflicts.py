"""Two editors in one record: the second to save keeps what the first one changed, and sees what both did."""

from typing import Any

import pytest
from django.test import Client

from events.models import Citation, Company, Event, EventCompany
from tests.admin import making
from tests.admin.making import change_url, errors, filled_in, row, send, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return signed_in(making.user("Editor"))


@pytest.fixture
def other() -> Client:
    return signed_in(making.user("Editor"))


def opened(client: Client, record: Any) -> dict[str, Any]:
    return filled_in(client.get(change_url(record)))


def save(client: Client, record: Any, typed: dict[str, Any], **changed: Any) -> Any:
    return client.post(change_url(record), typed | changed | {"_save": "1"})


def sides(shown: Any) -> list[tuple[str, str, str]]:
    return [(each.field, each.before, each.after) for each in shown.context["both"]]


def test_fields_that_only_the_first_one_changed_stay_changed(client, other):
    draft = making.event(summary="Old.")
    typed = opened(client, draft)
    send(other, change_url(draft), summary="Theirs.", certainty="disputed")
    shown = save(client, draft, typed, title="Mine")
    assert "Somebody else saved this" in errors(shown)[0]
    assert sides(shown) == []
    assert [each.field for each in shown.context["conflict"]] == ["Title"]
    assert save(client, draft, filled_in(shown)).status_code == 302
    saved = Event.objects.get(pk=draft.pk)
    assert (saved.title, saved.summary, saved.certainty) == ("Mine", "Theirs.", "disputed")


def test_what_both_changed_is_shown_side_by_side_and_the_form_holds_the_second_ones(client, other):
    draft = making.event(title="Old title", body="One\nTwo")
    typed = opened(client, draft)
    send(other, change_url(draft), title="Their title", kind="ruling", body="One\nTwo\nThree")
    shown = save(client, draft, typed, title="My title", kind="proposal", body="One\r\nTwo")
    assert sides(shown) == [("Title", "Their title", "My title"), ("Kind", "Ruling", "Proposal")]
    assert "<del>Their</del> title" in shown.content.decode()
    assert save(client, draft, filled_in(shown)).status_code == 302
    saved = Event.objects.get(pk=draft.pk)
    assert (saved.title, saved.kind, saved.body) == ("My title", "proposal", "One\nTwo\nThree")


def test_same_change_by_both_is_no_conflict(client, other):
    draft = making.event()
    typed = opened(client, draft)
    send(other, change_url(draft), title="Better")
    assert sides(save(client, draft, typed, title="Better")) == []


def test_form_that_was_shown_again_starts_from_the_newest_version_once_more(client, other):
    draft = making.event(summary="Old.")
    typed = opened(client, draft)
    send(other, change_url(draft), title="First")
    shown = save(client, draft, typed, summary="Mine.")
    send(other, change_url(draft), title="Second")
    again = save(client, draft, filled_in(shown))
    assert sides(again) == []
    assert save(client, draft, filled_in(again)).status_code == 302
    saved = Event.objects.get(pk=draft.pk)
    assert (saved.title, saved.summary) == ("Second", "Mine.")


def test_rows_of_both_are_kept(client, other):
    draft = making.event()
    mine, theirs = making.company("Mine"), making.company("Theirs")
    typed = opened(client, draft)

    def added(company: Company) -> dict[str, Any]:
        return {
            "company_links-TOTAL_FORMS": "2",
            "company_links-1-event": draft.pk,
            "company_links-1-company": company.pk,
            "company_links-1-role": "target",
        }

    send(other, change_url(draft), **added(theirs), **{"citations-0-quote": "Theirs."})
    shown = save(client, draft, typed, **added(mine), **{"company_links-0-role": "affected"})
    assert sides(shown) == []
    assert save(client, draft, filled_in(shown)).status_code == 302
    links = EventCompany.objects.filter(event=draft).order_by("pk").values_list("company__name", "role")
    assert list(links)[1:] == [("Theirs", "target"), ("Mine", "target")]
    assert links[0][1] == "affected"
    assert Citation.objects.get(event=draft).quote == "Theirs."


def test_row_that_both_added_is_there_once(client, other):
    draft, company = making.event(), making.company()
    added = {
        "company_links-TOTAL_FORMS": "2",
        "company_links-1-event": draft.pk,
        "company_links-1-company": company.pk,
        "company_links-1-role": "target",
    }
    typed = opened(client, draft)
    send(other, change_url(draft), **added)
    shown = save(client, draft, typed, **added, title="Mine")
    assert save(client, draft, filled_in(shown)).status_code == 302
    assert EventCompany.objects.filter(event=draft, company=company).count() == 1


def test_row_that_both_changed_is_a_conflict(client, other):
    draft = making.event()
    typed = opened(client, draft)
    send(other, change_url(draft), **{"citations-0-quote": "Theirs.", "citations-0-speaker": "Ann"})
    shown = save(client, draft, typed, **{"citations-0-quote": "Mine.", "citations-0-locator": "page 2"})
    [[field, before, after]] = sides(shown)
    assert field.startswith("Citation (")
    assert field.endswith("): Quote")
    assert (before, after) == ("Theirs.", "Mine.")
    assert save(client, draft, filled_in(shown)).status_code == 302
    saved = Citation.objects.get(event=draft)
    assert (saved.quote, saved.speaker, saved.locator) == ("Mine.", "Ann", "page 2")


def test_row_that_the_first_one_deleted_is_gone_unless_the_second_changed_it(client, other):
    draft = making.event()
    for name in ("Second", "Third"):
        EventCompany.objects.create(event=draft, company=making.company(name), role="target")
    typed = opened(client, draft)
    send(other, change_url(draft), **{"company_links-1-DELETE": "on", "company_links-2-DELETE": "on"})
    shown = save(client, draft, typed, **{"company_links-2-role": "affected"})
    assert [(after) for _, _, after in sides(shown)] == ["Third; Affected"]
    assert save(client, draft, filled_in(shown)).status_code == 302
    links = EventCompany.objects.filter(event=draft).order_by("pk").values_list("company__name", "role")
    assert list(links)[1:] == [("Third", "affected")]


def test_row_that_the_second_one_deletes_is_a_conflict_where_the_first_changed_it(client, other):
    draft = making.event()
    for name in ("Second", "Third"):
        EventCompany.objects.create(event=draft, company=making.company(name), role="target")
    typed = opened(client, draft)
    send(other, change_url(draft), **{"company_links-2-role": "affected"})
    shown = save(client, draft, typed, **{"company_links-1-DELETE": "on", "company_links-2-DELETE": "on"})
    assert [each[1:] for each in sides(shown)] == [("Third; Affected", "Deleted")]
    assert save(client, draft, filled_in(shown)).status_code == 302
    assert EventCompany.objects.filter(event=draft).count() == 1


def test_rows_written_anew_meanwhile_are_the_same_rows(client, other):
    """As a reversion writes an event's citations."""
    draft = making.event()
    typed = opened(client, draft)
    old = Citation.objects.get(event=draft)
    send(other, change_url(draft), title="Theirs")
    Citation.objects.filter(event=draft).delete()
    old.pk = None
    old.save()
    shown = save(client, draft, typed, **{"citations-0-quote": "Mine."})
    assert sides(shown) == []
    assert save(client, draft, filled_in(shown)).status_code == 302
    assert [each.quote for each in Citation.objects.filter(event=draft)] == ["Mine."]


def test_reference_records_are_merged_likewise(client, other):
    company = making.company("Old")
    typed = opened(client, company)
    send(other, change_url(company), name="Theirs", **row("aliases", company, name="Their alias"))
    shown = save(client, company, typed, name="Mine", **row("aliases", company, name="My alias"))
    assert sides(shown) == [("Name", "Theirs", "Mine")]
    assert save(client, company, filled_in(shown)).status_code == 302
    company.refresh_from_db()
    assert company.name == "Mine"
    assert sorted(company.aliases.values_list("name", flat=True)) == ["My alias", "Their alias"]


def test_form_that_does_not_say_what_it_showed_overwrites_nothing_unseen(client, other):
    draft = making.event()
    typed = opened(client, draft) | {"opened": "forged"}
    send(other, change_url(draft), title="Theirs")
    shown = save(client, draft, typed, summary="Mine.")
    assert "Somebody else saved this" in errors(shown)[0]
    assert [each.field for each in shown.context["conflict"]] == ["Title", "Summary"]
    assert Event.objects.get(pk=draft.pk).title == "Theirs"
