"""Comments that are settled and opened again, notices by mail, merging by its page, going back: by role and state."""

import smtplib

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from events.choices import State
from events.models import Event, Notice
from events.services import notices, publishing, review
from tests.admin import making
from tests.admin.making import change_url, signed_in
from tests.admin.test_rights import role

pytestmark = pytest.mark.django_db
ROLES = ("nobody", "Contributor", "Editor", "Publisher", "author", "superuser")
EDITORS = ROLES[1:]


def settle(client, comment, **more):
    address = reverse("admin:events_event_settle", args=[comment.event_id])
    return client.post(address, {"comment": comment.pk, **more})


@pytest.mark.parametrize("name", ROLES)
@pytest.mark.parametrize(
    ("weight", "may"), [("minor", EDITORS), ("critical", ("Publisher", "superuser"))], ids=["minor", "critical"]
)
def test_comment_of_another_is_settled_only_by_those_who_are_shown_the_button(weight, may, name):
    who = role(name)
    event = making.in_review(by=who if name == "author" else making.user("Contributor"))
    comment = review.comment(event, by=making.user("Editor"), field="date", weight=weight, text="July 8?")
    shown = signed_in(who).get(change_url(event))
    assert (b">Settle</button>" in shown.content) == (name in may)
    settle(signed_in(who), comment)
    comment.refresh_from_db()
    assert (comment.settled_by == who) == (name in may)
    assert (comment.settled_at is not None) == (name in may)


@pytest.mark.parametrize("name", ROLES)
@pytest.mark.parametrize("state", ["in_review", "published"])
def test_settled_comment_is_opened_again_while_it_matters_and_blocks_publishing_again(state, name):
    who, critic = role(name), making.user("Editor")
    event = making.in_review(by=who if name == "author" else None)
    comment = review.comment(event, by=critic, field="date", weight="critical", text="July 8?")
    review.settle(comment, by=critic)
    if state == "published":
        publishing.publish(event, by=making.user("Publisher"))
    may = state == "in_review" and name in EDITORS
    shown = signed_in(who).get(change_url(event))
    assert (b">Open again</button>" in shown.content) == may
    settle(signed_in(who), comment, reopen="1")
    comment.refresh_from_db()
    assert (comment.settled_at is None) == may
    if may:
        with pytest.raises(publishing.PublishingError, match="open critical comment"):
            publishing.publish(event, by=making.user("Publisher"))


@pytest.mark.parametrize("name", ROLES)
@pytest.mark.parametrize("state", ["draft", "published", "retracted"])
def test_event_goes_back_only_for_those_who_may_change_it(state, name):
    who = role(name)
    event = making.event(title="Before") if state == "draft" else making.published(title="Before")
    if state == "draft":
        review.content_changed(event, by=making.user("Editor"))
        Event.objects.filter(pk=event.pk).update(title="After")
        review.content_changed(Event.objects.get(pk=event.pk), by=making.user("Editor"))
    else:
        event.title = "After"
        event.save()
        publishing.correct(event, by=None, correction_class="clerical", note="Typo.")
    if state == "retracted":
        publishing.retract(event, by=None, reason="Wrong.")
    address = reverse("admin:events_event_history", args=[event.pk])
    whole = signed_in(making.superuser()).get(address)
    place = next(entry.place for entry in whole.context["entries"] if (entry.document or {}).get("title") == "Before")
    shown = signed_in(who).get(address)
    may = state != "retracted" and name in EDITORS
    assert (f'value="{place}"' in shown.content.decode()) == may
    said = {"to": place, "correction_class": "clerical", "note": "It was right."}
    signed_in(who).post(address, said)
    at_once = state == "draft" or name in ("Publisher", "author", "superuser")
    assert (Event.objects.get(pk=event.pk).title == "Before") == (may and at_once)
    assert event.proposals.exists() == (may and not at_once)


def test_merge_page_asks_which_and_why_and_redirects_for_ever(client):
    publisher = making.user("Publisher")
    gone, stays = making.published(title="The same"), making.published(title="It is")
    client.force_login(publisher)
    address = reverse("admin:events_event_merge", args=[gone.pk])
    assert address in client.get(change_url(gone)).content.decode()
    assert "It is" not in client.get(address).content.decode()  # a million events are no list to choose from
    refused = client.post(address, {"into": stays.pk, "note": " "})
    assert refused.context["form"].errors.keys() == {"note"}
    itself = client.post(address, {"into": gone.pk, "note": "One act."})
    assert itself.context["form"].errors.keys() == {"into"}
    assert client.post(address, {"into": stays.pk, "note": "One act."})["Location"] == change_url(stays)
    gone.refresh_from_db()
    assert (gone.state, gone.merged_into) == (State.MERGED, stays)
    public = client.get(gone.get_absolute_url())
    assert (public.status_code, public["Location"]) == (301, stays.get_absolute_url())
    assert client.get(address).status_code == 403
    assert making.log()[-1] == ("event", gone.slug, "merged")


# ----------------------------------------------------------------------------------------------------- notices by mail


@pytest.fixture
def by_mail(settings):
    settings.MAIL_NOTICES = True
    settings.SITE_URL = "https://tracker.example.org"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def test_what_waits_is_told_by_mail_once_to_those_who_have_an_address(by_mail):
    author = making.user("Contributor", email="ann@example.org")
    ben, _ = making.user("Publisher", email="ben@example.org"), making.user("Publisher")
    gone = making.user("Publisher", email="gone@example.org", is_active=False)
    event = making.in_review(by=author, title="Chips")
    assert notices.send_due() == 1
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == ([ben.email], "Waits for review: Chips")
    assert f"https://tracker.example.org{change_url(event)}" in sent.body
    review.send_back(event, by=ben, note="Which chips?")
    assert notices.send_due() == 1
    assert mail.outbox[1].to == [author.email]
    assert "Which chips?" in mail.outbox[1].body
    assert notices.send_due() == 0
    assert not gone.notices.exists()


def test_mail_that_fails_is_due_again_later_and_given_up_in_the_end(by_mail, monkeypatch):
    making.user("Publisher", email="ben@example.org")
    making.in_review()

    def broken(*args, **kwargs):
        raise smtplib.SMTPServerDisconnected("gone")

    send_mail = mail.send_mail
    monkeypatch.setattr(mail, "send_mail", broken)
    assert notices.send_due() == 0
    notice = Notice.objects.get()
    assert notice.mail_due > timezone.now()
    assert notices.send_due() == 0  # not yet
    assert Notice.objects.get().mail_attempts == 1
    Notice.objects.update(mail_due=timezone.now(), mail_attempts=notices.MOST_ATTEMPTS - 1)
    assert notices.send_due() == 0
    assert Notice.objects.get().mail_due is None
    monkeypatch.setattr(mail, "send_mail", send_mail)
    assert notices.send_due() == 0
    assert mail.outbox == []


def test_without_a_mail_server_notices_stay_on_the_desk():
    ben = making.user("Publisher", email="ben@example.org")
    making.in_review()
    assert notices.send_due() == 0
    assert ben.notices.get().mail_due is None
