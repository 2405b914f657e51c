"""The access ledger follows the log: what it held at a revision can be read forever."""

from __future__ import annotations

import datetime as dt
from typing import Any

import orjson
import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.choices import Certainty
from events.models import AccessRecord, Change, Event, GroupRecord, LogHead, Product, PublicDocument
from events.queries.answers import Question, answers
from events.services import follow_up, ledger, publishing, reissue, verifying
from events.services.publishing import PublishingError
from tests.factories import (
    AccessRecordFactory,
    CitationFactory,
    EffectFactory,
    EventFactory,
    GroupFactory,
    GroupRecordFactory,
    MembershipFactory,
    ProductFactory,
    SourceFactory,
    UserFactory,
    country,
)

pytestmark = pytest.mark.django_db

DAY, LATER = dt.date(2024, 7, 9), dt.date(2024, 8, 1)


@pytest.fixture(autouse=True)
def in_step(db: None) -> Any:
    """Whatever a test does by the ordinary ways, the ledger is what the log gives."""
    yield
    assert list(verifying.ledger(verifying.Tally())) == []


def head() -> int:
    return LogHead.objects.get().seq


def an_event(*, product: str = "api", **options: Any) -> Event:
    """Published, with one effect: its product is blocked in China, but for what `options` say of the effect."""
    event_options = {name: options.pop(name) for name in ("slug", "certainty", "source") if name in options}
    event = EventFactory(**event_options)
    EffectFactory(event=event, product=ProductFactory(slug=product), **options)
    publishing.publish(event, by=None)
    event.refresh_from_db()
    return event


def corrected(row: Any, **fields: Any) -> int:
    """Corrects a row, or what hangs on it before the call; gives the revision."""
    with publishing.recording():
        if fields:
            type(row).objects.filter(pk=row.pk).update(**fields)
        publishing.correct(row, by=None, correction_class="clarification", note="A slip.")
    return head()


def effects() -> list[tuple[str, int, int | None]]:
    """The status and the revisions of every row, oldest first."""
    rows = AccessRecord.objects.order_by("recorded_from", "event", "effect")
    return list(rows.values_list("status", "recorded_from", "recorded_until"))


def members() -> list[tuple[str, int, int | None]]:
    rows = GroupRecord.objects.order_by("recorded_from", "country")
    return list(rows.values_list("country", "recorded_from", "recorded_until"))


def status(revision: int | None = None, *, code: str = "CN", product: str = "api", on: dt.date = DAY) -> str | None:
    [answer] = answers([Question(product, code, on=on)], revision=head() if revision is None else revision)
    return answer.status


class TestPublishing:
    def test_opens_a_row_for_each_effect_at_its_own_revision(self):
        group = GroupFactory(slug="eu", members=["FR", "DE"])
        event = EventFactory(slug="a", source=SourceFactory(published=dt.date(2024, 6, 24)))
        product = ProductFactory(slug="api")
        EffectFactory(event=event, product=product, until=LATER, status="limited")
        EffectFactory(
            event=event, product=product, country=None, group=group, exceptions=["DE", "FR"],
            effective_date=dt.date(2024, 7, 1), date_precision="month",
        )  # fmt: skip
        seq = publishing.publish(event, by=None).seq
        assert list(AccessRecord.objects.order_by("effect").values_list(*ledger.EFFECT, "recorded_from")) == [
            ("a", 1, "api", "CN", "", "limited", DAY, "day", LATER, dt.date(2024, 6, 24), seq),
            ("a", 2, "api", "eu", "DE FR", "blocked", dt.date(2024, 7, 1), "month", None, dt.date(2024, 6, 24), seq),
        ]
        assert set(AccessRecord.objects.values_list("recorded_until", flat=True)) == {None}

    def test_of_a_group_opens_a_row_for_each_membership(self):
        group = GroupFactory(slug="eu")
        MembershipFactory(group=group, country=country("GB"), since=dt.date(1973, 1, 1), until=dt.date(2020, 2, 1))
        MembershipFactory(group=group, country=country("GB"), since=LATER)
        seq = publishing.publish_record(group, by=None).seq
        assert list(GroupRecord.objects.order_by("since").values_list(*ledger.MEMBERSHIP, "recorded_from")) == [
            ("eu", "GB", dt.date(1973, 1, 1), dt.date(2020, 2, 1), seq),
            ("eu", "GB", LATER, None, seq),
        ]

    def test_in_a_batch_opens_them_all(self):
        event_rows = [EventFactory() for _ in range(3)]
        for event in event_rows:
            EffectFactory(event=event)
        changes = publishing.publish_many(event_rows, by=None)
        seqs = [change.seq for change in changes if change.type == "event"]
        assert effects() == [("blocked", seq, None) for seq in seqs]

    def test_that_is_refused_leaves_none(self):
        product = an_event().effects.get().product
        event = EventFactory()
        EffectFactory(event=event, product=product, status="available")
        with pytest.raises(PublishingError, match="blocked by"):
            publishing.publish(event, by=None)
        assert AccessRecord.objects.count() == 1

    def test_that_fails_after_the_rows_were_written_leaves_none(self, monkeypatch):
        def fail(*args: Any, **options: Any) -> None:
            assert AccessRecord.objects.count() == 1
            raise RuntimeError

        monkeypatch.setattr(follow_up, "published", fail)
        with pytest.raises(RuntimeError):
            an_event()
        assert (AccessRecord.objects.count(), Change.objects.count()) == (0, 0)

    def test_of_a_denied_event_opens_none(self):
        an_event(certainty=Certainty.DENIED)
        assert effects() == []

    def test_takes_as_many_queries_for_many_effects_as_for_one(self):
        counts = []
        for number in (1, 5):
            event, product = EventFactory(), ProductFactory()
            for code in ("CN", "RU", "IR", "KP", "CU")[:number]:
                EffectFactory(event=event, product=product, country=country(code))
            publishing.publish_record(product, by=None)
            change = publishing.publish(event, by=None)
            document = orjson.loads(change.document or "")
            AccessRecord.objects.filter(event=event.slug).delete()
            with CaptureQueriesContext(connection) as queries:
                ledger.update([(change, document, True)])
            counts.append(len(queries))
        assert counts[0] == counts[1] == 1


class TestCorrecting:
    def test_what_is_no_effect_leaves_rows_alone(self):
        event = an_event()
        before = effects()
        assert corrected(event, title="Another title") > before[0][1]
        event.effects.update(note="Also by proxy")
        corrected(event)
        assert effects() == before

    def test_an_effect_closes_its_row_and_opens_one(self):
        event = an_event()
        EffectFactory(event=event, product=event.effects.get().product, country=country("RU"))
        first = head()
        second = corrected(event)
        event.effects.filter(country="CN").update(status="limited")
        third = corrected(event)
        assert effects() == [("blocked", first, third), ("blocked", second, None), ("limited", third, None)]
        assert [status(revision) for revision in (first - 1, first, second, third)] == [
            None,
            "blocked",
            "blocked",
            "limited",
        ]

    @pytest.mark.parametrize(
        "fields",
        [
            {"status": "limited"},
            {"effective_date": LATER},
            {"effective_date": dt.date(2024, 7, 1), "date_precision": "month"},
            {"until": LATER},
            {"country": "RU"},
        ],
    )
    def test_any_field_of_an_effect_keeps_the_older_answer(self, fields):
        event = an_event()
        first = head()
        event.effects.update(**fields)
        second = corrected(event)
        assert [row[1:] for row in effects()] == [(first, second), (second, None)]
        assert status(first) == "blocked"

    def test_the_date_of_a_source_changes_when_an_effect_was_reported(self):
        event = an_event(source=SourceFactory(published=DAY))
        CitationFactory(event=event, source=SourceFactory(published=dt.date(2024, 6, 1)))
        second = corrected(event)
        assert list(
            AccessRecord.objects.order_by("recorded_from").values_list("reported_on", "recorded_until")
        ) == [(DAY, second), (dt.date(2024, 6, 1), None)]  # fmt: skip

    def test_an_effect_away_closes_its_row(self):
        event = an_event()
        first = head()
        event.effects.all().delete()
        second = corrected(event)
        assert effects() == [("blocked", first, second)]
        assert (status(first), status()) == ("blocked", None)

    def test_a_certainty_to_denied_closes_and_back_opens_again(self):
        event = an_event()
        first = head()
        denied = corrected(event, certainty=Certainty.DENIED)
        disputed = corrected(event, certainty=Certainty.DISPUTED)
        assert effects() == [("blocked", first, denied), ("blocked", disputed, None)]
        assert [status(revision) for revision in (first, denied, disputed)] == ["blocked", None, "blocked"]

    def test_there_and_back_again_is_three_rows(self):
        event = an_event()
        first = head()
        event.effects.update(status="limited")
        second = corrected(event)
        event.effects.update(status="blocked")
        third = corrected(event)
        assert effects() == [("blocked", first, second), ("limited", second, third), ("blocked", third, None)]

    def test_memberships_keeps_the_older_answer(self):
        group = GroupFactory(slug="eu", members=["FR", "GB"])
        an_event(country=None, group=group)
        [first] = {start for _, start, _ in members()}
        before = head()
        group.memberships.filter(country="GB").update(until=dt.date(2020, 2, 1))
        second = corrected(group)
        assert members() == [("FR", first, None), ("GB", first, second), ("GB", second, None)]
        assert (status(before, code="GB"), status(code="GB"), status(code="FR")) == ("blocked", None, "blocked")

    def test_the_name_of_a_group_leaves_its_members_alone(self):
        group = GroupFactory(members=["FR"])
        publishing.publish_record(group, by=None)
        before = members()
        corrected(group, name="European Union")
        assert members() == before


class TestWithdrawing:
    def test_a_retraction_closes(self):
        event = an_event()
        first = head()
        second = publishing.retract(event, by=None, reason="It did not happen.").seq
        assert effects() == [("blocked", first, second)]
        assert (status(first), status(second)) == ("blocked", None)

    def test_a_merge_closes_the_rows_of_the_event_that_goes(self):
        stays, goes = an_event(), an_event(product="app", status="limited")
        first, second = (AccessRecord.objects.get(event=event.slug).recorded_from for event in (stays, goes))
        third = publishing.merge(goes, into=stays, by=None, note="The same.").seq
        assert effects() == [("blocked", first, None), ("limited", second, third)]

    def test_a_merge_of_products_takes_effects_along_once_reissued(self):
        an_event()
        first, into = head(), ProductFactory(slug="app")
        publishing.publish_record(into, by=None)
        publishing.merge(Product.objects.get(slug="api"), into=into, by=None, note="The same.")
        assert [(row.product, row.recorded_until) for row in AccessRecord.objects.all()] == [("api", None)]
        reissue.run_outstanding()
        newest = PublicDocument.objects.get(type="event").change_id
        rows = AccessRecord.objects.order_by("recorded_from")
        assert list(rows.values_list("product", "recorded_from", "recorded_until")) == [
            ("api", first, newest),
            ("app", newest, None),
        ]
        assert (status(product="app"), status(first, product="api")) == ("blocked", "blocked")


class TestReissuing:
    def test_leaves_rows_alone(self):
        event = an_event()
        before, seq = effects(), head()
        corrected(event.companies.get(), name="Another name")
        corrected(event.effects.get().product, name="Another API")
        assert reissue.run_outstanding() >= 1
        assert PublicDocument.objects.get(type="event").change_id > seq
        assert effects() == before

    def test_leaves_members_alone(self):
        group = GroupFactory(members=["CN"])
        publishing.publish_record(group, by=None)
        before, seq = members(), head()
        corrected(country("CN"), name="The People's Republic of China")
        reissue.run_outstanding()
        assert PublicDocument.objects.get(type="group").change_id > seq
        assert members() == before


class TestRedacting:
    @pytest.fixture
    def superuser(self):
        return UserFactory(is_superuser=True)

    @pytest.fixture
    def history(self):
        """Blocked, limited, and blocked again: the revisions of each."""
        event = an_event()
        seqs = [head()]
        for said in ("limited", "blocked"):
            event.effects.update(status=said)
            seqs.append(corrected(event))
        return seqs

    def test_the_first_document_lets_the_record_begin_later(self, superuser, history):
        first, second, third = history
        publishing.redact(first, by=superuser, reason="A court said so.")
        assert effects() == [("limited", second, third), ("blocked", third, None)]

    def test_one_in_between_joins_what_is_equal(self, superuser, history):
        first, second, _ = history
        publishing.redact(second, by=superuser, reason="A court said so.")
        assert effects() == [("blocked", first, None)]

    def test_leaves_the_rows_of_others_alone(self, superuser, history):
        an_event(slug="other", product="app")
        before = AccessRecord.objects.get(event="other").pk
        publishing.redact(history[0], by=superuser, reason="A court said so.")
        assert AccessRecord.objects.get(event="other").pk == before

    def test_a_document_of_a_group_draws_its_members_again(self, superuser):
        group = GroupFactory(members=["CN"])
        publishing.publish_record(group, by=None)
        first = head()
        MembershipFactory(group=group, country=country("RU"))
        second = corrected(group)
        publishing.redact(first, by=superuser, reason="A court said so.")
        assert members() == [("CN", second, None), ("RU", second, None)]


class TestCommand:
    @pytest.fixture
    def record(self):
        group = GroupFactory(slug="eu", members=["FR"])
        event = an_event(slug="a", country=None, group=group)
        event.effects.update(status="limited")
        corrected(event)

    @pytest.fixture(params=["changed", "changed revisions", "missing", "surplus", "stray", "member", "stray member"])
    def damage(self, record, request):
        """What somebody did to the ledger, and the lines by which each is found."""
        row = AccessRecord.objects.current().get()
        here, of = f"effect 1 of a from revision {row.recorded_from}", "is not given by the log"
        match request.param:
            case "changed":
                AccessRecord.objects.filter(pk=row.pk).update(status="available")
                return [(f"{here} to None", "is missing"), (f"{here} to None", of)]
            case "changed revisions":
                AccessRecord.objects.filter(pk=row.pk).update(recorded_until=99)
                return [(f"{here} to None", "is missing"), (f"{here} to 99", of)]
            case "missing":
                row.delete()
                return [(f"{here} to None", "is missing")]
            case "surplus":
                AccessRecordFactory(event="a", effect=2)
                return [("effect 2 of a from revision 1 to None", of)]
            case "stray":
                AccessRecordFactory(event="nobody-knows")
                return [("effect 1 of nobody-knows from revision 1 to None", of)]
            case "member":
                start = GroupRecord.objects.get().recorded_from
                GroupRecord.objects.update(until=DAY)
                found = f"FR in eu from revision {start} to None"
                return [(found, "is missing"), (found, of)]
            case "stray member":
                GroupRecordFactory(group="nowhere", country="CN")
                return [("CN in nowhere from revision 1 to None", of)]

    @pytest.fixture(autouse=True)
    def in_step(self):
        """These tests damage the ledger."""

    def found(self, capsys: pytest.CaptureFixture[str]) -> list[tuple[str, str]]:
        """What --check prints: each row, and what is wrong with it."""
        with pytest.raises(SystemExit) as ended:
            call_command("rebuild_access", "--check")
        assert ended.value.code == 1
        lines = capsys.readouterr().out.splitlines()
        return [(line.removeprefix("ledger, ").partition(":")[0], line.rpartition(": ")[2]) for line in lines]

    def test_says_one_line_of_a_clean_ledger(self, record, capsys):
        call_command("rebuild_access", "--check")
        assert capsys.readouterr().out == (
            "The ledger is what the log gives, row by row: 2 access records, 1 group records.\n"
        )

    def test_of_an_empty_record_is_clean(self, capsys):
        call_command("rebuild_access", "--check")
        call_command("rebuild_access")
        assert capsys.readouterr().out.splitlines() == [
            "The ledger is what the log gives, row by row: 0 access records, 0 group records.",
            "Drawn again from the log, revision 0: 0 access records, 0 group records.",
        ]

    def test_finds_what_is_damaged(self, damage, capsys):
        assert self.found(capsys) == damage

    def test_is_part_of_the_verification_of_the_log(self, damage, verified):
        assert [line.partition(":")[0] for line in verified()] == [f"ledger, {where}" for where, _ in damage]

    def test_repairs_it(self, damage, capsys, verified):
        call_command("rebuild_access")
        assert capsys.readouterr().out == (
            f"Drawn again from the log, revision {head()}: 2 access records, 1 group records.\n"
        )
        assert verified() == []

    def test_changes_nothing_when_it_checks(self, damage, capsys):
        before = list(AccessRecord.objects.order_by("pk").values()), list(GroupRecord.objects.order_by("pk").values())
        self.found(capsys)
        assert (
            list(AccessRecord.objects.order_by("pk").values()),
            list(GroupRecord.objects.order_by("pk").values()),
        ) == before

    def test_draws_what_was_there(self, record):
        def rows() -> list[tuple[Any, ...]]:
            return [
                *AccessRecord.objects.order_by("recorded_from").values_list(*ledger.EFFECT, "recorded_until"),
                *GroupRecord.objects.order_by("recorded_from").values_list(*ledger.MEMBERSHIP, "recorded_until"),
            ]

        before = rows()
        call_command("rebuild_access")
        assert (len(before), rows()) == (3, before)

    @pytest.mark.parametrize("size", [1, 2])
    def test_works_in_batches_of_any_size(self, record, size, monkeypatch):
        an_event(product="app")
        ledger.rebuild(size=size)
        monkeypatch.setattr(verifying.reading, "BATCH", size)
        assert list(verifying.ledger(verifying.Tally())) == []
        AccessRecordFactory(event="zzz")
        AccessRecord.objects.filter(event="a").delete()
        assert len(list(verifying.ledger(verifying.Tally()))) == 3

    def test_lists_no_more_than_can_be_read(self, record, capsys):
        for number in range(130):
            AccessRecordFactory(event=f"stray-{number}")
        with pytest.raises(SystemExit):
            call_command("rebuild_access", "--check")
        lines = capsys.readouterr().out.splitlines()
        assert (len(lines), lines[100]) == (101, "… and 30 more.")

    def test_names_a_damaged_document(self, record, capsys):
        Change.objects.filter(type="event").update(document="{")
        with pytest.raises(SystemExit):
            call_command("rebuild_access", "--check")
        assert capsys.readouterr().out == "ledger of event a: cannot be drawn: a document is damaged\n"
