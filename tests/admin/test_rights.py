"""Who may do what: every role, in every state of an event, tries every action, and no button shown is refused."""

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse

from events.admin.events import EventAdmin
from events.choices import Act, State
from events.models import Change, Event, Proposal
from events.services import proposals, publishing, review
from tests.admin import making
from tests.admin.making import change_url, filled_in, signed_in

pytestmark = pytest.mark.django_db

ROLES = ("nobody", "Contributor", "Editor", "Publisher", "author", "superuser")
STATES = ("draft", "in_review", "published", "proposed", "retracted")
# What of (action, state) each role may; the author is a Publisher who changed and submitted the event, or proposed.
EDITS = {("save", "draft"), ("save", "in_review"), ("submit", "draft"), ("send_back", "in_review")}
EDITS |= {(action, state) for action in ("comment", "assign") for state in ("draft", "in_review")}
EDITS |= {("check", state) for state in ("published", "proposed")}
EDITS |= {("propose", "published")}
DELETES = {("delete", "draft"), ("delete", "in_review")}
PUBLISHES = {(action, state) for action in ("retract", "merge") for state in ("published", "proposed")}
PUBLISHES |= {("correct", "published")}
MAY = {
    "nobody": set(),
    "Contributor": EDITS,
    "Editor": EDITS | DELETES,
    "author": EDITS | DELETES | PUBLISHES | {("close", "proposed")},
    "Publisher": EDITS | DELETES | PUBLISHES
    | {("publish", "in_review"), ("close", "proposed"), ("publish_proposal", "proposed")},
}  # fmt: skip
# All corrections of a superuser are at once on record.
MAY["superuser"] = MAY["Publisher"] - {("propose", "published")}


def event_in(state, author):
    """An event that the author changed last and submitted, or of which they proposed a correction."""
    if state == "draft":
        event = making.event()
        review.content_changed(event, by=author)
    elif state == "in_review":
        event = making.in_review(by=author)
    else:
        event = making.published()
    if state == "retracted":
        publishing.retract(event, by=None, reason="Wrong.")
    if state == "proposed":
        document = proposals.working_document(event) | {"title": "Better"}
        proposals.propose(proposals.Proposed(event, document, "substantive", "Wrong."), by=author)
    return Event.objects.get(pk=event.pk)


def standing(event):
    """All that an action could change of an event, and of what hangs on it."""
    fields = ("title", "state", "submitted_by", "assigned_to", "merged_into")
    steps = [step.act for step in event.steps.order_by("pk") if step.act == Act.CHECKED]
    return (
        list(Event.objects.filter(pk=event.pk).values_list(*fields)),
        list(event.proposals.values_list("pk", "state")),
        event.comments.count(),
        steps,
        Change.objects.count(),
    )


def attempt(client, who, event, action, form):
    """Post what the action's button or form would post, whether or not it is shown."""
    pk = event.pk
    own = {
        "comment": {"field": "date", "weight": "critical", "text": "Sure?"},
        "assign": {"to": who.pk},
        "check": {},
        "merge": {"into": Event.objects.get(title="The other").pk, "note": "The same."},
        "retract": {"reason": "Wrong."},
        "delete": {"post": "yes"},
    }
    if action in own:
        client.post(reverse(f"admin:events_event_{action}", args=[pk]), own[action])
    elif action in ("close", "publish_proposal"):
        proposal = Proposal.objects.filter(event=event).first()
        press = "close" if action == "close" else "publish"
        place = reverse("admin:events_event_proposal", args=[proposal.pk if proposal else 0])
        client.post(place, {press: "1", "why": "No."})
    elif action in ("submit", "send_back", "publish"):
        client.post(change_url(event), form | {f"_{action}": "1", "send_back_note": "Why?"})
    else:
        correction = {"correction_class": "clerical" if action == "correct" else "substantive"}
        if event.is_public:
            form = form | correction | {"correction_note": "Wrong."}
        client.post(change_url(event), form | {"title": "Changed", "_save": "1"})


def done_by(action, before, after):
    """What an action came to: the same form corrects at once, or proposes to."""
    if action in ("correct", "propose"):
        return "correct" if after[-1] > before[-1] else "propose"
    return action


def form_of(event):
    """The form as it is for a superuser, or what little there is to forge."""
    shown = signed_in(making.superuser()).get(change_url(event))
    return filled_in(shown) if shown.context["has_change_permission"] else {"title": event.title}


ACTIONS = (
    "save", "submit", "send_back", "publish", "comment", "assign", "check", "correct", "propose", "retract", "merge",
    "close", "publish_proposal", "delete",
)  # fmt: skip


def role(name):
    if name == "superuser":
        return making.superuser()
    return making.user({"nobody": "", "author": "Publisher"}.get(name, name))


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", ROLES)
def test_server_allows_and_refuses_each_action(name, state, monkeypatch):
    making.published(title="The other")
    who = role(name)
    author = who if name == "author" else making.user("Publisher")
    event = event_in(state, author)
    form, client, done = form_of(event), signed_in(who), set()
    # What a refused form looks like is for other tests, and takes most of the time.
    monkeypatch.setattr(EventAdmin, "render_change_form", lambda *args, **kwargs: HttpResponse())
    tried = [action for action in ACTIONS if action not in (("save",) if event.is_public else ("correct", "propose"))]
    for action in tried:
        before = standing(event)
        with transaction.atomic():
            attempt(client, who, event, action, form)
            if standing(event) != before:
                done.add(done_by(action, before, standing(event)))
            transaction.set_rollback(True)
    allowed = {action for action in tried if (action, state) in MAY[name]}
    assert done == allowed


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", ROLES[1:])
def test_no_button_is_shown_that_may_not_be_pressed(name, state):
    who = role(name)
    author = who if name == "author" else making.user("Publisher")
    event = event_in(state, author)
    response = signed_in(who).get(change_url(event))
    html, context = response.content.decode(), response.context
    shown = {
        "submit": 'name="_submit"' in html,
        "send_back": 'name="_send_back"' in html,
        "publish": 'name="_publish"' in html,
        "retract": f"{event.pk}/retract/" in html,
        "merge": f"{event.pk}/merge/" in html,
        "comment": f"{event.pk}/comment/" in html,
        "assign": f"{event.pk}/assign/" in html,
        "check": f"{event.pk}/check/" in html,
        "delete": context["has_delete_permission"] and f"{event.pk}/delete/" in html,
    }
    if state == "proposed":
        page = signed_in(who).get(reverse("admin:events_event_proposal", args=[event.proposals.get().pk]))
        shown["close"] = 'name="close"' in page.content.decode()
        shown["publish_proposal"] = 'name="publish"' in page.content.decode()
    offered = {action for action, is_shown in shown.items() if is_shown}
    assert offered == {action for action in shown if (action, state) in MAY[name]}
    assert (State(event.state) == State.RETRACTED) == (state == "retracted")


def test_open_critical_comment_blocks_publishing_until_another_settles_it():
    author, critic, publisher = making.user("Publisher"), making.user("Editor"), making.user("Publisher")
    event = making.in_review(by=author)
    comment = review.comment(event, by=critic, field="date", weight="critical", text="Was it not July 8?")
    with pytest.raises(publishing.PublishingError, match="open critical comment: Date: Was it not July 8"):
        publishing.publish(event, by=publisher)
    assert 'name="_publish"' not in signed_in(publisher).get(change_url(event)).content.decode()
    settle = reverse("admin:events_event_settle", args=[event.pk])
    signed_in(author).post(settle, {"comment": comment.pk})
    comment.refresh_from_db()
    assert comment.settled_at is None
    panel = signed_in(critic).post(settle, {"comment": comment.pk}, headers={"HX-Request": "true"})
    assert "settled by" in panel.content.decode()
    publishing.publish(event, by=publisher)
    assert author.notices.values_list("kind", flat=True)[::-1][0] == "comment"
