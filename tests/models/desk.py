"""How each constraint of the desk's and the inbox's tables is broken, by its name."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from events.models import (
    Candidate,
    Change,
    Comment,
    Event,
    Feed,
    Import,
    ImportRow,
    Job,
    LinkCheck,
    Notice,
    Proposal,
    Step,
)
from tests.factories import BareEventFactory, SourceFactory, UserFactory, published_event

ADDRESS = "https://example.com/a"
Break = Callable[[], Any]


def feed(**fields: Any) -> Break:
    return lambda: Feed.objects.create(**{"slug": "a", "name": "A", "kind": "feed", "url": ADDRESS} | fields)


def candidate(**fields: Any) -> Break:
    whole = {"content_hash": "1", "url": ADDRESS, "normalized_url": ADDRESS}
    return lambda: Candidate.objects.create(**whole | fields)


def comment(**fields: Any) -> Break:
    return lambda: Comment.objects.create(**{"event": BareEventFactory(), "text": "The date?"} | fields)


def proposal(times: int = 1, **fields: Any) -> Break:
    def propose() -> None:
        event = published_event()
        base = Change.objects.latest("seq")
        whole = {"event": event, "base": base, "document": "{}", "correction_class": "clerical", "note": "A typo."}
        for _ in range(times):
            Proposal.objects.create(**whole | fields)

    return propose


def decided(state: str, **fields: Any) -> Break:
    return proposal(state=state, decided_at=timezone.now(), **fields)


def step(**fields: Any) -> Break:
    return lambda: Step.objects.create(**{"event": BareEventFactory(), "act": "saved"} | fields)


def step_of_both() -> None:
    event = published_event()
    Step.objects.create(event=event, act="saved", document="{}", change=Change.objects.latest("seq"))


def notice(**fields: Any) -> Break:
    return lambda: Notice.objects.create(
        **{"event": BareEventFactory(), "to": UserFactory(), "kind": "review"} | fields
    )


def gathered_under_itself() -> None:
    found = candidate()()
    Candidate.objects.filter(pk=found.pk).update(same_as=found.pk)


def sent_back_though_public() -> None:
    Event.objects.filter(pk=published_event().pk).update(sent_back_to=UserFactory())


def awaited_before_its_check() -> None:
    event = published_event()
    Event.objects.filter(pk=event.pk).update(awaited=dt.date(2024, 1, 1), checked_on=dt.date(2024, 1, 2))


def imported(**fields: Any) -> Break:
    return lambda: Import.objects.create(
        **{"name": "drafts.csv", "size": 1, "content": b"x", "by": UserFactory()} | fields
    )


def row_of_no_verdict() -> None:
    file = Import.objects.create(name="drafts.csv", size=1, content=b"x", by=UserFactory())
    ImportRow.objects.create(of=file, number=1, verdict="maybe")


def checked(**fields: Any) -> Break:
    return lambda: LinkCheck.objects.create(source=SourceFactory(), **fields)


BREAKS: dict[str, Break] = {
    "import_state_known": imported(state="lost", content=None, settled_at=timezone.now()),
    "import_of_a_named_file": imported(name=""),
    "import_settled_at_a_time": imported(state="done"),
    "importrow_verdict_known": row_of_no_verdict,
    "link_check_status_known": checked(status="lost", status_since=dt.date(2024, 7, 9)),
    "link_check_found_known": checked(found="dead"),
    "link_check_status_since_a_day": checked(status="dead"),
    "event_sent_back_is_a_draft": sent_back_though_public,
    "event_awaited_since_a_check": awaited_before_its_check,
    "feed_slug_well_formed": feed(slug="A b"),
    "feed_has_a_name": feed(name=""),
    "feed_has_a_url": feed(url=""),
    "feed_kind_known": feed(kind="telegram"),
    "feed_minutes_from_5_to_a_week": feed(minutes=4),
    "candidate_reading_known": candidate(reading="skimmed"),
    "candidate_state_known": candidate(state="lost", settled_at=timezone.now()),
    "candidate_of_an_address_or_a_text": candidate(url=""),
    "candidate_settled_at_a_time": candidate(state="dismissed"),
    "candidate_gathered_under_another": gathered_under_itself,
    "job_has_a_name": lambda: Job.objects.create(name=""),
    "comment_field_known": comment(field="weather"),
    "comment_weight_known": comment(weight="heavy"),
    "comment_says_something": comment(text=""),
    "proposal_state_known": decided("lost"),
    "proposal_class_known": proposal(correction_class="cosmetic"),
    "proposal_says_why": proposal(note=""),
    "proposal_one_open_an_event": proposal(times=2),
    "proposal_decided_once_closed": proposal(state="withdrawn"),
    "proposal_published_as_a_change": decided("published"),
    "proposal_declined_with_a_reason": decided("declined"),
    "step_act_known": step(act="slept"),
    "step_document_or_change": step_of_both,
    "notice_kind_known": notice(kind="gossip"),
    "notice_mailed_once": notice(mail_due=timezone.now(), mailed_at=timezone.now()),
}
