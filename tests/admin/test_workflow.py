"""The way to the public: submit, send back, publish, retract, by button and by list; and who may press what."""

import pytest
from django.urls import reverse

from events.admin.events import CHANGED
from events.choices import State
from events.models import Company, Event
from events.services import review
from tests.admin import making
from tests.admin.making import act, change_url, errors, log, said, send, signed_in

pytestmark = pytest.mark.django_db


def shown_buttons(client, event):
    response = client.get(change_url(event))
    found = [button.name for button in response.context["buttons"]] if response.context["has_change_permission"] else []
    if response.context["standing"]["may_retract"]:
        found.append("retract")
    if response.context["has_delete_permission"]:
        found.append("delete")
    html = response.content.decode()
    assert all(f'name="{name}"' in html for name in found if name.startswith("_"))
    return found


@pytest.mark.parametrize(
    ("role", "draft", "in_review", "published"),
    [
        ("Contributor", ["_submit"], ["_send_back"], []),
        ("Editor", ["_submit", "delete"], ["_send_back", "delete"], []),
        ("Publisher", ["_submit", "delete"], ["_send_back", "_publish", "delete"], ["retract"]),
    ],
)
def test_each_role_sees_what_it_may_press(role, draft, in_review, published):
    client = signed_in(making.user(role))
    assert shown_buttons(client, making.event()) == draft
    assert shown_buttons(client, making.in_review()) == in_review
    assert shown_buttons(client, making.published()) == published


def test_draft_is_submitted_and_published_by_two_people():
    draft, author, publisher = making.event(), making.user("Contributor"), making.user("Publisher")
    response = send(signed_in(author), change_url(draft), "_submit", title="New title")
    assert response.status_code == 302
    draft.refresh_from_db()
    assert (draft.title, draft.state, draft.submitted_by) == ("New title", State.IN_REVIEW, author)
    assert send(signed_in(publisher), change_url(draft), "_publish").status_code == 302
    draft.refresh_from_db()
    assert draft.state == State.PUBLISHED
    assert log()[-1] == ("event", draft.slug, "published")


def test_submitting_what_lacks_something_says_so_and_saves_nothing():
    draft = making.event()
    draft.citations.all().delete()
    response = send(signed_in(making.user("Contributor")), change_url(draft), "_submit", title="New title")
    assert errors(response) == ["It needs at least one source that supports it."]
    assert response.context["adminform"].form["title"].value() == "New title"
    assert response.context["standing"]["lacks"] == ["It needs at least one source that supports it."]
    assert Event.objects.get().title == draft.title


def test_nobody_publishes_what_they_submitted():
    publisher = making.user("Publisher")
    event = making.in_review(by=publisher)
    client = signed_in(publisher)
    assert "_publish" not in shown_buttons(client, event)
    refused = send(client, change_url(event), "_publish")
    assert errors(refused) == ["Another editor has to publish what you changed or submitted last."]
    assert log() == []


def test_publishing_with_changes_typed_in_is_refused():
    event = making.in_review()
    refused = send(signed_in(making.user("Publisher")), change_url(event), "_publish", title="Slipped in")
    assert errors(refused) == [CHANGED]
    assert (Event.objects.get().title, Event.objects.get().state) == (event.title, State.IN_REVIEW)
    assert log() == []


@pytest.mark.parametrize("role", ["Contributor", "Editor"])
def test_forged_publishing_is_refused(role):
    event, company = making.in_review(), making.company()
    client = signed_in(making.user(role))
    assert errors(send(client, change_url(event), "_publish")) == ["Only a Publisher may do this."]
    assert errors(send(client, change_url(company), "_make_public")) == ["Only a Publisher may do this."]
    for model, action, row in ((Event, "publish_selected", event), (Company, "make_public", company)):
        act(client, model, action, row)  # the list offers a Contributor no action at all
    event.refresh_from_db()
    assert event.state == State.IN_REVIEW
    assert log() == []


@pytest.mark.parametrize("role", ["Contributor", "Editor"])
def test_forged_retraction_is_refused(role):
    event = making.published()
    client, before = signed_in(making.user(role)), log()
    retract = reverse("admin:events_event_retract", args=[event.pk])
    assert client.get(retract).status_code == 403
    assert client.post(retract, {"reason": "Forged."}).status_code == 403
    assert "No action selected." in said(act(client, Event, "retract_selected", event, reason="Forged."))
    assert log() == before


def test_user_without_submit_may_not_submit():
    from django.contrib.auth.models import Permission

    draft, who = making.event(), making.user()
    who.user_permissions.set(Permission.objects.filter(codename__in=("view_event", "change_event")))
    response = send(signed_in(who), change_url(draft), "_submit")
    assert errors(response) == ["You may not submit events for review."]
    draft.refresh_from_db()
    assert draft.state == State.DRAFT


def test_event_is_sent_back_with_a_note_to_whoever_submitted_it():
    author = making.user("Contributor")
    event, client = making.in_review(by=author), signed_in(making.user("Publisher"))
    assert errors(send(client, change_url(event), "_send_back")) == ["Say in a note what is to be mended."]
    assert send(client, change_url(event), "_send_back", send_back_note="The date?").status_code == 302
    event.refresh_from_db()
    assert (event.state, event.submitted_by, event.sent_back_to) == (State.DRAFT, None, author)
    assert "The date?" in signed_in(author).get(change_url(event)).context["standing"]["sent_back"]
    assert author.notices.get().text == "The date?"
    review.submit(event, by=author)
    assert event.sent_back_to is None


def test_event_is_retracted_with_a_reason():
    event = making.published()
    client, retract = signed_in(making.user("Publisher")), reverse("admin:events_event_retract", args=[event.pk])
    assert client.get(retract).status_code == 200
    assert client.post(retract, {"reason": "  "}).status_code == 200
    assert Event.objects.get().state == State.PUBLISHED
    assert client.post(retract, {"reason": "It never happened."}).status_code == 302
    event.refresh_from_db()
    assert (event.state, event.retraction_reason) == (State.RETRACTED, "It never happened.")


def test_list_publishes_each_row_apart():
    publisher = making.user("Publisher")
    good, own, draft = making.in_review(title="Good"), making.in_review(by=publisher, title="Own"), making.event()
    answer = act(signed_in(publisher), Event, "publish_selected", good, own, draft)
    assert sorted(said(answer)) == sorted(
        [
            "“Good”: published.",
            "“Own”: Another editor has to publish what you changed or submitted last.",
            f"“{draft}”: “{draft}” is not in review.",
        ]
    )
    assert [event.state for event in Event.objects.order_by("pk")] == [State.PUBLISHED, State.IN_REVIEW, State.DRAFT]


def test_list_submits_and_sends_back():
    client, draft = signed_in(making.user("Contributor")), making.event()
    assert said(act(client, Event, "submit_selected", draft)) == [f"“{draft}”: submitted for review."]
    assert said(act(client, Event, "send_back_selected", draft)) == [f"“{draft}”: sent back."]
    assert said(act(client, Event, "send_back_selected", draft)) == [f"“{draft}”: “{draft}” is not in review."]


def test_list_retracts_after_asking_for_a_reason():
    one, two, draft = making.published(), making.published(), making.event()
    client = signed_in(making.user("Publisher"))
    asked = act(client, Event, "retract_selected", one, two, draft)
    assert "It leaves lists" in asked.content.decode()
    assert Event.objects.filter(state=State.RETRACTED).count() == 0
    answer = act(client, Event, "retract_selected", one, two, draft, reason="Wrong.")
    assert said(answer)[-1] == f"“{draft}”: “{draft}” is not published." or len(said(answer)) == 3
    assert Event.objects.filter(state=State.RETRACTED, retraction_reason="Wrong.").count() == 2


def test_action_takes_only_what_is_ticked():
    ticked, other = making.in_review(), making.in_review()
    act(signed_in(making.user("Publisher")), Event, "publish_selected", ticked, select_across="1")
    other.refresh_from_db()
    assert other.state == State.IN_REVIEW


def test_reference_record_is_made_public_by_a_publisher():
    company, publisher = making.company(), signed_in(making.user("Publisher"))
    assert send(publisher, change_url(company), "_make_public", name="Named").status_code == 302
    assert log() == [("company", company.slug, "published")]
    refused = send(publisher, change_url(company), "_make_public")
    assert errors(refused) == ["“Named” is public already."]
    others = [making.company(), making.company()]
    act(publisher, Company, "make_public", *others, company)
    assert log() == [("company", each.slug, "published") for each in (company, *others)]
