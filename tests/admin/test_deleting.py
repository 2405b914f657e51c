"""Deleting: what is or was public stays; what something needs stays, and says so."""

import pytest
from django.urls import reverse

from events.models import Company, Event, Source
from tests.admin import making
from tests.admin.making import act, log, said, signed_in

pytestmark = pytest.mark.django_db


def delete_url(row):
    return reverse(f"admin:events_{row._meta.model_name}_delete", args=[row.pk])


def test_draft_is_deleted_with_all_that_hangs_on_it():
    draft = making.event()
    making.hang(draft, 2)
    assert signed_in(making.user("Editor")).post(delete_url(draft), {"post": "yes"}).status_code == 302
    assert not Event.objects.filter(pk=draft.pk).exists()


def test_contributor_deletes_nothing():
    draft, client = making.event(), signed_in(making.user("Contributor"))
    assert client.post(delete_url(draft), {"post": "yes"}).status_code == 403
    assert "No action selected." in said(act(client, Event, "delete_selected", draft, post="yes"))
    assert Event.objects.count() == 1


def test_public_record_is_not_deleted_by_a_superuser():
    event, retracted, company = making.published(), making.published(), making.public(making.company())
    making.publishing.retract(retracted, by=None, reason="Wrong.")
    client, before = signed_in(making.superuser()), log()
    for row in (event, retracted, company, Source.objects.first()):
        assert client.get(delete_url(row)).status_code == 403
        assert client.post(delete_url(row), {"post": "yes"}).status_code == 403
        assert type(row)._default_manager.filter(pk=row.pk).exists()
    assert log() == before


def test_list_names_what_is_public_and_deletes_nothing():
    public, draft = making.public(making.company("Known")), making.company("Draft")
    client = signed_in(making.superuser())
    answer = act(client, Company, "delete_selected", public, draft, post="yes")
    assert said(answer) == ["Nothing was deleted: “Known” is or was public, and stays."]
    assert Company.objects.count() == 2
    answer = act(client, Event, "delete_selected", making.published(title="Shown"), post="yes")
    assert said(answer) == ["Nothing was deleted: “Shown” is or was public, and stays."]


def test_list_deletes_drafts_after_asking():
    one, two = making.company(), making.company()
    client = signed_in(making.user("Editor"))
    assert "Are you sure" in act(client, Company, "delete_selected", one, two).content.decode()
    act(client, Company, "delete_selected", one, two, post="yes")
    assert not Company.objects.exists()


def test_what_a_draft_cites_stays():
    draft = making.event()
    cited, client = Source.objects.get(), signed_in(making.user("Editor"))
    asked = client.get(delete_url(cited))
    assert f"{draft.citations.get()}" in asked.content.decode().replace("&#x27;", "'")
    assert client.post(delete_url(cited), {"post": "yes"}).status_code == 200
    assert act(client, Source, "delete_selected", cited, post="yes").status_code == 200
    assert Source.objects.exists()


def test_what_is_needed_meanwhile_is_a_message(monkeypatch):
    """Between the page that asks and the deletion somebody may have come to need the row."""
    making.event()
    cited, client = Source.objects.get(), signed_in(making.user("Editor"))
    from events.admin.sources import SourceAdmin

    monkeypatch.setattr(SourceAdmin, "get_deleted_objects", lambda self, objs, request: ([], {}, set(), []))
    answer = client.post(delete_url(cited), {"post": "yes"}, follow=True)
    assert said(answer)[0].startswith("Nothing was deleted. Still needed by citation")
    answer = act(client, Source, "delete_selected", cited, post="yes")
    assert said(answer)[0].startswith("Nothing was deleted. Still needed by citation")
    assert Source.objects.exists()
