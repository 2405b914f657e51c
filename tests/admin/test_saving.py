"""Saving drafts and public records: nothing public changes but through publishing."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.template import Context, Template
from django.urls import reverse

from events.choices import ClosedBy, State
from events.models import Change, Company, CompanyAlias, Event, EventCompany, Ownership, PublicDocument, Source
from events.services import proposals
from events.services.proposals import ANOTHER_WAITS
from tests.admin import making
from tests.admin.making import change_url, errors, filled_in, list_url, log, row, send, signed_in

pytestmark = pytest.mark.django_db

CORRECTION = {"correction_class": "clerical", "correction_note": "A typing error."}


def test_draft_is_saved_with_who_changed_it():
    draft, editor = making.event(), making.user("Contributor")
    response = send(signed_in(editor), change_url(draft), title="Another title")
    assert response.status_code == 302
    draft.refresh_from_db()
    assert (draft.title, draft.changed_by, draft.state) == ("Another title", editor, State.DRAFT)
    assert log() == []


def test_event_with_many_rows_is_saved():
    """A browser sends more than the thousand fields that Django takes by itself."""
    draft = making.event()
    making.hang(draft, 24)
    client = signed_in(making.user("Editor"))
    typed = filled_in(client.get(change_url(draft)))
    assert len(typed) > 1000
    assert client.post(change_url(draft), typed | {"title": "Another title", "_save": "1"}).status_code == 302
    assert Event.objects.get(pk=draft.pk).title == "Another title"
    assert draft.effects.count() == 24


def test_draft_saved_unchanged_stays_whose_it_was():
    draft = making.event()
    send(signed_in(making.user("Contributor")), change_url(draft))
    draft.refresh_from_db()
    assert draft.changed_by is None
    assert draft.history.count() == 1


def test_change_in_review_makes_a_draft_again():
    event, editor = making.in_review(), making.user("Editor")
    send(signed_in(editor), change_url(event), summary="More.")
    event.refresh_from_db()
    assert (event.state, event.changed_by, event.submitted_by) == (State.DRAFT, editor, None)


def test_change_of_a_part_in_review_makes_a_draft_again():
    event, editor = making.in_review(), making.user("Editor")
    send(signed_in(editor), change_url(event), **{"company_links-0-role": "target"})
    event.refresh_from_db()
    assert (event.state, event.changed_by) == (State.DRAFT, editor)
    assert event.history.count() == 2  # the version says who and when


def test_published_event_takes_a_class_and_a_note():
    event = making.published()
    before = log()
    response = send(signed_in(making.user("Publisher")), change_url(event), title="Another title")
    assert response.status_code == 200
    assert errors(response) == ["A correction is one of clerical, clarification, substantive."]
    assert response.context["adminform"].form["title"].value() == "Another title"
    assert Event.objects.get().title == event.title
    assert log() == before


def test_published_event_is_corrected_openly():
    event = making.published()
    response = send(signed_in(making.user("Publisher")), change_url(event), title="Another title", **CORRECTION)
    assert response.status_code == 302
    change = Change.objects.first()
    assert (change.key, change.action, change.correction_class) == (event.slug, "corrected", "clerical")
    assert change.note == "A typing error."
    assert '"title":"Another title"' in change.document


def test_published_event_saved_unchanged_is_not_corrected():
    event = making.published()
    before = log()
    assert send(signed_in(making.user("Publisher")), change_url(event)).status_code == 302
    assert log() == before


def test_part_of_a_published_event_is_corrected_openly():
    event = making.published()
    link = EventCompany.objects.get()
    EventCompany.objects.create(event=event, company=making.company(), role="affected")
    publisher = signed_in(making.user("Publisher"))
    refused = send(publisher, change_url(event), **{"company_links-1-DELETE": "on"})
    assert errors(refused) == ["A correction is one of clerical, clarification, substantive."]
    assert EventCompany.objects.count() == 2
    data = {"company_links-0-company": making.company("New").pk, "company_links-1-DELETE": "on"}
    assert send(publisher, change_url(event), **data, **CORRECTION).status_code == 302
    link.refresh_from_db()
    assert link.company.name == "New"
    assert EventCompany.objects.count() == 1
    assert log()[-2:] == [("company", link.company.slug, "published"), ("event", event.slug, "corrected")]


def test_correction_that_leaves_no_source_is_refused():
    event = making.published()
    response = send(signed_in(making.superuser()), change_url(event), **{"citations-0-DELETE": "on"}, **CORRECTION)
    assert errors(response) == ["It needs at least one source that supports it."]
    assert event.citations.count() == 1


def test_correction_that_is_not_clerical_waits_for_a_second_person_but_a_superusers():
    event = making.published()
    before = log()
    data = {"title": "Another", "correction_class": "substantive", "correction_note": "It was wrong."}
    response = send(signed_in(making.user("Publisher")), change_url(event), **data)
    proposal = event.proposals.get()
    assert response.url == reverse("admin:events_event_proposal", args=[proposal.pk])
    assert (Event.objects.get().title, log()) == (event.title, before)
    waits = send(signed_in(making.superuser()), change_url(event), **data)
    assert errors(waits) == [ANOTHER_WAITS]
    proposals.close(proposal, by=proposal.by)
    assert send(signed_in(making.superuser()), change_url(event), **data).status_code == 302
    assert Change.objects.first().self_published


@pytest.mark.parametrize("role", ["Contributor", "Editor"])
def test_others_only_look_at_public_records_and_propose_corrections_of_events(role):
    event, company, who = making.published(), making.public(making.company()), making.user(role)
    client, before = signed_in(who), log()
    shown = client.get(change_url(company))
    assert not shown.context["has_change_permission"]
    assert client.post(change_url(company), {"name": "Forged", **CORRECTION}).status_code == 403
    assert send(client, change_url(event), title="Better", **CORRECTION).status_code == 302
    assert (event.proposals.get().by, Event.objects.get().title) == (who, event.title)
    assert log() == before


def test_retracted_event_is_not_changed_by_anybody():
    event = making.published()
    making.publishing.retract(event, by=None, reason="Wrong.")
    client = signed_in(making.superuser())
    assert client.get(change_url(event)).context["has_change_permission"] is False
    assert client.post(change_url(event), {"title": "Forged"}).status_code == 403


def test_public_company_with_its_alias_is_corrected_openly():
    company = making.public(making.company("OpenAI"))
    publisher = signed_in(making.user("Publisher"))
    alias = row("aliases", company, name="Open AI")
    assert errors(send(publisher, change_url(company), **alias))
    assert not CompanyAlias.objects.exists()
    assert send(publisher, change_url(company), **alias, **CORRECTION).status_code == 302
    assert log()[-1] == ("company", company.slug, "corrected")
    assert '"aliases":["Open AI"]' in Change.objects.first().document


def test_company_called_like_another_is_refused_by_its_form():
    making.company("Maß", slug="one").aliases.create(name="Straße")
    company, client = making.company("Two"), signed_in(making.user("Editor"))
    for name in ("MASS", "STRASSE"):
        assert errors(send(client, change_url(company), name=name)) == [f"“{name}” is a name of “one” too."]
        refused = send(client, change_url(company), **row("aliases", company, name=name))
        assert errors(refused) == [f"“{name}” is a name of “one” too."]
    making.agency(slug="bis")
    assert errors(send(client, change_url(company), slug="bis")) == ["“bis” is an agency too."]


def test_ownership_is_put_on_record_for_both_companies():
    owner, owned, third = (making.public(making.company(name)) for name in ("Owner", "Owned", "Third"))
    publisher = signed_in(making.user("Publisher"))
    added = row("owns", owner, owned=owned.pk)
    assert send(publisher, change_url(owner), **added, **CORRECTION).status_code == 302
    assert log()[-2:] == [("company", owner.slug, "corrected"), ("company", owned.slug, "corrected")]
    assert send(publisher, change_url(owner), **{"owns-0-owned": third.pk}, **CORRECTION).status_code == 302
    assert sorted(log()[-3:]) == sorted(("company", each.slug, "corrected") for each in (owner, owned, third))
    newest = {each.key: each.change.document for each in PublicDocument.objects.select_related("change")}
    assert '"owned_by":[]' in newest[owned.slug]
    assert f'"slug":"{owner.slug}"' in newest[third.slug].split('"owned_by":')[1]


def test_draft_company_owned_by_a_public_one_changes_what_is_public():
    owner, draft = making.public(making.company("Owner")), making.company("Draft")
    added = row("owned_by", draft, owner=owner.pk)
    refused = send(signed_in(making.user("Editor")), change_url(draft), **added)
    assert errors(refused) == ["Only a Publisher may do this."]
    assert not Ownership.objects.exists()
    assert send(signed_in(making.user("Publisher")), change_url(draft), **added, **CORRECTION).status_code == 302
    assert log()[-2:] == [("company", draft.slug, "published"), ("company", owner.slug, "corrected")]


def test_slug_is_made_from_the_title_and_free():
    making.event(slug="a-new-rule")
    client = signed_in(making.user("Contributor"))
    add = change_url(Event(pk=1)).replace("/1/change/", "/add/")
    for title, slug in (("A new rule", "a-new-rule-2"), ("Export", "export-2"), ("出口管制", "event")):
        assert send(client, add, title=title).status_code == 302
        assert Event.objects.latest("pk").slug == slug
    typed = send(client, add, title="Latest", slug="latest")
    assert "are taken" in errors(typed)[0]


def test_slug_of_a_public_record_is_not_changed():
    company = making.public(making.company())
    response = send(signed_in(making.superuser()), change_url(company), slug="another", name="Another", **CORRECTION)
    assert response.status_code == 302
    assert Company.objects.get().slug == company.slug


def test_older_form_does_not_overwrite_what_somebody_saved():
    draft, client = making.event(), signed_in(making.user("Editor"))
    stale = making.filled_in(client.get(change_url(draft)))
    send(client, change_url(draft), title="Saved first")
    response = client.post(change_url(draft), stale | {"title": "Saved second"})
    assert "Somebody else saved this in the meantime" in errors(response)[0]
    assert Event.objects.get().title == "Saved first"


def test_source_is_found_by_another_spelling_of_its_address():
    known = making.source("https://www.example.com/rule?utm_source=x")
    client = signed_in(making.user("Contributor"))
    add = change_url(known).replace(f"/{known.pk}/change/", "/add/")
    response = send(
        client, add, url="http://example.com/rule/", title="Rule", publisher=known.publisher_id, tier="primary"
    )
    assert response.status_code == 200
    assert f'already known as <a href="{change_url(known)}"' in errors(response)[0].replace("'", '"')
    assert Source.objects.count() == 1
    again = send(client, change_url(known), authors="Ann\n\n Ben ")
    assert again.status_code == 302
    known.refresh_from_db()
    assert known.authors == ["Ann", "Ben"]


def test_effect_takes_codes_and_who_decides():
    draft, client = making.event(), signed_in(making.user("Editor"))
    fields = {"product": making.product().pk, "group": making.group().pk, "effective_date": "2024-07-09"}
    effect = row("effects", draft, **fields, by=["foreign_government", "provider"])
    wrong = send(client, change_url(draft), **effect, **{"effects-0-exceptions": "cn, XX"})
    assert errors(wrong) == ["There is no country XX. Write codes such as “CN, HK”."]
    assert send(client, change_url(draft), **effect, **{"effects-0-exceptions": "cn, HK,cn"}).status_code == 302
    made = draft.effects.get()
    assert (made.exceptions, made.by) == (["CN", "HK"], ["provider", "foreign_government"])
    shown = client.get(change_url(draft))
    assert 'value="CN, HK"' in shown.content.decode()
    send(client, change_url(draft))
    assert draft.history.count() == 2  # seen as unchanged


def choices(response: Any, name: str) -> list[str]:
    """The values that may be chosen in a field, as the answer has them."""
    [field] = re.findall(rf'<select name="{name}".*?</select>', response.content.decode(), re.DOTALL)
    return re.findall(r'<option value="([^"]*)"', field)


def test_effects_that_citations_may_be_about_stand_in_the_empty_row_alone():
    draft, client = making.event(), signed_in(making.user("Editor"))
    making.hang(draft, 3)
    one, two, three = map(str, draft.effects.values_list("pk", flat=True))
    shown = client.get(change_url(draft))
    assert choices(shown, "citations-__prefix__-effect") == ["", one, two, three]
    assert [choices(shown, f"citations-{number}-effect") for number in range(4)] == [
        [""], ["", one], ["", two], ["", three],
    ]  # fmt: skip
    refused = send(client, change_url(draft), title="", **{"citations-1-effect": three})
    assert choices(refused, "citations-1-effect") == ["", three]


def test_effects_stand_in_each_row_for_who_may_add_none():
    draft, who = making.event(), making.user("Editor")
    making.hang(draft, 2)
    who.groups.clear()
    who.user_permissions.set(Permission.objects.filter(codename__in=("view_event", "change_event", "change_citation")))
    one, two = map(str, draft.effects.values_list("pk", flat=True))
    assert choices(signed_in(who).get(change_url(draft)), "citations-1-effect") == ["", one, two]


def test_boxes_of_who_decides_are_called_by_their_own_names():
    draft = making.event()
    making.hang(draft, 1)
    html = signed_in(making.user("Editor")).get(change_url(draft)).content.decode()
    boxes = re.findall(r'<input type="checkbox" name="effects-0-by"[^>]*>', html)
    assert len(boxes) == len(ClosedBy)
    assert not any("aria-label" in box for box in boxes)


def test_forms_are_sent_without_the_indentation_of_templates():
    written = '<p>\n    <a href="/" title="a  b"\n    rel="c">a\n\n  b</a> <b>c</b>\n  </p>'
    sent = Template("{% load desk %}{% condensed %}" + written + "{% endcondensed %}").render(Context())
    assert sent == '<p>\n<a href="/" title="a  b"\nrel="c">a\n\n  b</a> <b>c</b>\n</p>'


def test_what_only_the_database_knows_is_a_sentence():
    company = making.company()
    alias = row("aliases", company, name="Same") | row("aliases", company, at=1, name="SAME")
    response = send(signed_in(making.superuser()), change_url(company), **alias)
    assert response.status_code == 200
    assert errors(response)
    assert not company.aliases.exists()


def test_effect_that_a_citation_is_about_is_not_deleted_under_it():
    draft = making.event()
    making.hang(draft, 1)
    response = send(signed_in(making.user("Editor")), change_url(draft), **{"effects-0-DELETE": "on"})
    assert response.status_code == 200
    assert errors(response)
    assert draft.effects.count() == 1


def test_list_edit_is_no_door():
    event, company = making.published(), making.public(making.company())
    client, before = signed_in(making.superuser()), log()
    for each, name in ((event, "title"), (company, "name")):
        data = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": each.pk, f"form-0-{name}": "Forged"}
        client.post(list_url(type(each)), data | {"_save": "Save"})
        assert not type(each)._default_manager.filter(**{name: "Forged"}).exists()
    assert log() == before


def test_history_is_read_only():
    event = making.published()
    client = signed_in(making.superuser())
    history = change_url(event).replace("/change/", "/history/")
    assert client.get(history).status_code == 200
    version = f"{history}{event.history.latest().pk}/"
    shown = client.get(version)
    assert shown.status_code == 200
    assert "Revert" not in shown.content.decode()
    assert client.post(version, {"title": "Forged"}).status_code == 403
    assert Event.objects.get().title == event.title
