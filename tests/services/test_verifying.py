"""Whoever alters the log is found out, and the place is named."""

import datetime as dt
import hashlib
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F

from events.choices import AccessStatus, Action, CompanyRole
from events.models import (
    AccessRecord,
    Change,
    Company,
    Event,
    LogHead,
    PublicDocument,
    SearchRow,
    TimelineEntry,
    TimelineTag,
)
from events.services import log, publishing, verifying
from tests.factories import (
    CompanyFactory,
    EffectFactory,
    EventCompanyFactory,
    EventFactory,
    UserFactory,
    published_event,
)
from tests.services.record import correct, superseded

pytestmark = pytest.mark.django_db


def places(found: list[str]) -> list[str]:
    return [line.partition(":")[0] for line in found]


def the_effect_began_later(seq: int) -> list[str]:
    """What is found in the ledger where the first document that tells of an effect, change `seq`, is gone."""
    second = Change.objects.of("event", "first").filter(document__contains="access_effects").exclude(seq=seq).last()
    assert second
    return [f"ledger, effect 1 of first from revision {start} to None" for start in (second.seq, seq)]


def test_a_record_that_nobody_touched_is_clean(record, verified):
    assert verified() == []


def test_an_empty_log_is_clean(verified):
    assert verified() == []


def test_an_independent_verifier_agrees(record):
    """With no code of ours: json and hashlib over the fields as the API serves them."""
    served = [
        {**log.chained_fields(change), "hash": change.hash, "document": json.loads(change.document or "null")}
        for change in Change.objects.order_by("seq")
    ]

    def digest(value):
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    previous, redacted = "0" * 64, set()
    for number, change in enumerate(served, 1):
        document, chained = change.pop("document"), change.pop("hash")
        assert (change["seq"], change["previous_hash"]) == (number, previous)
        assert digest(change) == chained
        if document is None:
            redacted.add(number)
        else:
            assert digest(document) == change["document_hash"]
            redacted.discard(document.get("redacts"))
        previous = chained
    head = LogHead.objects.get()
    assert (redacted, number, previous) == (set(), head.seq, head.hash)


FLIPS = {
    "at": lambda change: {"at": change.at + dt.timedelta(microseconds=1)},
    "type": lambda change: {"type": "company"},
    "key": lambda change: {"key": "firsu"},
    "action": lambda change: {"action": "reissued"},
    "class": lambda change: {"action": "published", "correction_class": ""},
    "note": lambda change: {"note": "A slap."},
    "self_published": lambda change: {"self_published": not change.self_published},
    "document_hash": lambda change: {"document_hash": flipped(change.document_hash)},
    "previous_hash": lambda change: {"previous_hash": flipped(change.previous_hash)},
    "hash": lambda change: {"hash": flipped(change.hash)},
    "document": lambda change: {"document": change.document.replace("happens", "happenz")},
}


def flipped(digits: str) -> str:
    return ("1" if digits[0] == "0" else "0") + digits[1:]


@pytest.mark.parametrize("field", sorted(FLIPS.keys() - {"class"}))
def test_a_flipped_byte_is_named_by_change_and_field(record, verified, field):
    change = superseded()
    Change.objects.filter(pk=change.pk).update(**FLIPS[field](change))
    place = "at or note" if field in ("at", "note") else field
    assert verified()[0].startswith(f"change {change.seq}, {place}: ")


@pytest.mark.parametrize("field", sorted(FLIPS.keys() - {"class", "at", "type", "key", "action"}))
def test_a_flipped_byte_is_all_that_is_found(record, verified, field):
    change = superseded()
    Change.objects.filter(pk=change.pk).update(**FLIPS[field](change))
    assert len(verified()) == 1


BYTES = {
    "no UTF-8": ("type", "key", "action", "document_hash", "previous_hash", "hash", "document", "at"),
    "NUL": ("type", "key", "action", "note", "document_hash", "previous_hash", "hash", "document", "at"),
    "no date": ("at",),
}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL holds neither such text nor such times")
@pytest.mark.parametrize(("how", "field"), [(how, field) for how, fields in BYTES.items() for field in fields])
def test_a_byte_that_makes_a_field_unreadable_is_named_like_any_other(record, verified, how, field):
    change = Change.objects.get(action=Action.REDACTED) if field == "note" else superseded()
    damage(Change, change.pk, field, how)
    assert verified()[0].startswith(f"change {change.seq}, {field}: ")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL holds no such text")
@pytest.mark.parametrize(
    ("model", "field", "place"),
    [
        (SearchRow, "tokens", "search row of "),
        (TimelineEntry, "bears", "timeline entry of "),
        (PublicDocument, "name", "public document "),
        (AccessRecord, "effective_date", "ledger, "),
    ],
)
def test_unreadable_bytes_in_what_is_drawn_from_the_log_are_found(record, verified, model, field, place):
    damage(model, model.objects.first().pk, field, "no UTF-8")
    assert verified()[0].startswith(place)


def damage(model, pk, field: str, how: str) -> None:
    """Put another byte in the place of the fifth of a stored text, or another month into a stored time."""
    byte = {"no UTF-8": "CAST(X'ff' AS TEXT)", "NUL": "CAST(X'00' AS TEXT)", "no date": "''"}[how]
    altered = f"substr({field}, 1, 4) || {byte} || substr({field}, 6)"
    key = model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        cursor.execute(f"UPDATE {model._meta.db_table} SET {field} = {altered} WHERE {key} = %s", [pk])
        assert cursor.rowcount == 1
        cursor.execute("PRAGMA ignore_check_constraints = OFF")


def test_a_flipped_byte_anywhere_in_a_current_document_is_found(record, verified):
    change = PublicDocument.objects.get(type="event", key="first").change
    for place in range(0, len(change.document), len(change.document) // 40):
        altered = change.document[:place] + chr(ord(change.document[place]) ^ 1) + change.document[place + 1 :]
        Change.objects.filter(pk=change.pk).update(document=altered)
        assert verified(rows=False)[0] == f"change {change.seq}, document: is not what its hash covers"


@pytest.mark.parametrize("action", [Action.PUBLISHED, Action.REDACTED])
@pytest.mark.parametrize("fields", [{}, {"note": "Another."}])
@pytest.mark.parametrize(
    "document",
    ["[]", "5", "{}", '{"slug":1.5}', '{"slug":9007199254740993}', '{"slug":{}}', '{"key":"first","redacts":{}}',
     '{"state":5}', '{"access_effects":5}'],
)  # fmt: skip
def test_whatever_stands_in_the_place_of_a_document_is_found(record, verified, action, fields, document):
    change = Change.objects.filter(type="event", action=action).first()
    Change.objects.filter(pk=change.pk).update(document=document, **fields)
    place = "at or note" if fields else "document"
    assert verified()[0].startswith(f"change {change.seq}, {place}: ")


def test_another_class_of_a_correction_is_found(record, verified):
    change = Change.objects.filter(action=Action.CORRECTED).first()
    Change.objects.filter(pk=change.pk).update(correction_class="substantive")
    assert verified() == [f"change {change.seq}, class: is not what the change's hash covers"]


def test_a_flipped_byte_of_the_newest_change_is_found(record, verified):
    change = Change.objects.first()
    Change.objects.filter(pk=change.pk).update(hash=flipped(change.hash))
    assert verified() == [
        f"change {change.seq}, hash: is not the hash of the change's fields, which the next one names",
    ]


def test_a_document_that_is_not_canonical_is_found(record, verified):
    change = superseded()
    document = json.dumps(json.loads(change.document))
    Change.objects.filter(pk=change.pk).update(document=document)
    assert [line.partition(":")[0] for line in verified()] == [f"change {change.seq}, document"]


def test_a_log_rewritten_from_some_change_on_is_found_by_the_anchor_alone(record, verified):
    anchor = (LogHead.objects.get().seq, LogHead.objects.get().hash)
    newest = Change.objects.first()
    document = newest.document.replace("OpenAI, Inc.", "ClosedAI, Inc.")
    newest.document, newest.document_hash = document, hashlib.sha256(document.encode()).hexdigest()
    newest.hash = hashlib.sha256(
        json.dumps(log.chained_fields(newest), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    ).hexdigest()
    newest.save()
    LogHead.objects.update(hash=newest.hash)
    chain_only = [line for line in verified(rows=False) if line.startswith(("change", "head"))]
    with_anchor = [line for line in verified(rows=False, expect=anchor) if line.startswith(("change", "head"))]
    assert (chain_only, len(with_anchor)) == ([], 1)
    assert with_anchor[0].startswith(f"change {newest.seq}, hash")


def test_a_removed_change_is_found(record, verified):
    seq = superseded().seq
    superseded().delete()
    assert places(verified()) == [f"change {seq}", *the_effect_began_later(seq)]


def test_a_removed_last_change_is_found(verified):
    published_event(slug="only")
    head = LogHead.objects.get()
    for model in (TimelineEntry, PublicDocument):
        model.objects.filter(change=head.seq).delete()
    Change.objects.get(seq=head.seq).delete()
    assert verified()[0] == f"change {head.seq}: is missing"


def test_several_removed_changes_are_found(record, verified):
    PublicDocument.objects.all().delete()
    TimelineEntry.objects.all().delete()
    Change.objects.filter(seq__in=(3, 4, 5)).delete()
    assert verified()[0] == "change 3: is missing, and so are all up to 5"


def test_a_swapped_pair_is_found(record, verified):
    one = superseded()
    other = Change.objects.get(seq=one.seq + 1)
    contents = [
        {field.attname: getattr(change, field.attname) for field in Change._meta.concrete_fields[1:]}
        for change in (one, other)
    ]
    Change.objects.filter(pk=one.pk).update(hash="")
    Change.objects.filter(pk=other.pk).update(**contents[0])
    Change.objects.filter(pk=one.pk).update(**contents[1])
    found = {line.partition(":")[0] for line in verified(rows=False)}
    assert {f"change {one.seq}, previous_hash", f"change {other.seq}, previous_hash"} <= found


def test_time_that_goes_back_is_found(record, verified):
    change = superseded()
    Change.objects.filter(pk=change.pk).update(at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    assert f"change {change.seq}, at: is earlier than that of the change before" in verified()


def test_a_document_that_vanished_without_a_redaction_is_found(record, verified):
    change = superseded()
    Change.objects.filter(pk=change.pk).update(document=None)
    found = verified()
    assert found[0] == f"change {change.seq}, document: is gone, and no redaction names it"
    assert places(found[1:]) == the_effect_began_later(change.seq)


def test_a_redaction_of_what_still_stands_is_found(record, verified):
    redaction = Change.objects.get(action=Action.REDACTED)
    Change.objects.filter(document=None).update(document="{}")
    assert f"change {redaction.seq}, document: names no earlier change of this record without a document" in verified()


@pytest.mark.parametrize("fields", [{"seq": F("seq") - 1}, {"hash": "0" * 64}, {"at": None}])
def test_a_head_that_names_another_change_is_found(record, verified, fields):
    LogHead.objects.update(**fields)
    assert [line.partition(":")[0] for line in verified()] == ["head"]


def test_a_head_that_is_ahead_of_the_log_is_found(record, verified):
    seq = LogHead.objects.get().seq
    LogHead.objects.update(seq=seq + 2)
    assert verified() == [f"change {seq + 1}: is missing, and so are all up to {seq + 2}"]


def test_a_missing_head_is_found(verified):
    LogHead.objects.all().delete()
    assert verified() == ["head: is missing"]


class TestAnchor:
    def test_that_fits_is_silent(self, record, verified):
        change = Change.objects.get(seq=3)
        assert verified(expect=(3, change.hash)) == []

    def test_with_another_hash_is_found(self, record, verified):
        change = Change.objects.get(seq=3)
        assert verified(expect=(3, "f" * 64)) == [f"change 3, hash: is {change.hash}, where {'f' * 64} was expected"]

    def test_ahead_of_the_log_is_found(self, record, verified):
        assert verified(expect=(99, "f" * 64)) == ["change 99: was expected, and is missing"]


class TestRows:
    def test_changed_behind_the_logs_back_are_found(self, record, verified):
        Event.objects.filter(slug="first").update(title="Another title")
        assert verified() == [f"event first, row: gives another document than change {newest('first')}"]

    def test_are_not_looked_at_unless_asked(self, record, verified):
        Event.objects.filter(slug="first").update(title="Another title")
        assert verified(rows=False) == []

    def test_that_wait_for_a_reissue_are_counted_apart(self, record):
        correct(Company.objects.get(slug="openai"), name="Closed AI")
        tally = verifying.Tally()
        found = list(verifying.verify(tally, rows=True))
        assert (found, tally.seen["waiting for a reissue"], tally.seen["outstanding reissues"]) == ([], 2, 1)

    def test_that_the_log_does_not_know_are_found(self, record, verified):
        event = EventFactory(slug="sneaky")
        Event.objects.filter(pk=event.pk).update(state="published", published_at=F("created_at"))
        assert verified() == ["event sneaky, row: is published, and the log does not know it"]

    def test_that_are_gone_are_found(self, record, verified):
        Event.objects.filter(slug="third").update(slug="elsewhere")
        assert set(verified()) == {
            "public document event third: is not one of an event here",
            "event third, row: is missing",
            "event elsewhere, row: is retracted, and the log does not know it",
        }


def newest(key: str) -> int:
    return PublicDocument.objects.get(type="event", key=key).change_id


def test_batches_do_not_change_what_is_found(record, verified, monkeypatch):
    monkeypatch.setattr(verifying.reading, "BATCH", 4)
    assert verified() == []
    Change.objects.filter(pk=5).update(note="x")
    TimelineTag.objects.create(tag="zzz", position=1 << 33, kind="ruling", last=1)
    assert [line.partition(":")[0] for line in verified()] == ["change 5, at or note", "timeline tag zzz 0001-01-01"]


class TestCommand:
    def test_says_one_line_of_a_clean_log(self, record, capsys):
        call_command("verify_log", "--rows")
        head = LogHead.objects.get()
        said = capsys.readouterr().out
        assert said.startswith(f"Revision {head.seq}, head {head.hash}: {head.seq} changes, ")
        assert said.count("\n") == 1

    def test_lists_findings_and_ends_with_status_1(self, record, capsys):
        LogHead.objects.update(hash="0" * 64)
        with pytest.raises(SystemExit) as ended:
            call_command("verify_log")
        assert ended.value.code == 1
        assert capsys.readouterr().out.startswith("head: ")

    def test_lists_no_more_than_can_be_read(self, record, capsys):
        TimelineTag.objects.bulk_create(
            TimelineTag(tag=f"x:{n}", position=1 << 33, kind="ruling", last=1) for n in range(150)
        )
        with pytest.raises(SystemExit):
            call_command("verify_log")
        lines = capsys.readouterr().out.splitlines()
        assert (len(lines), lines[100]) == (102, "… and 50 more.")

    def test_checks_against_an_anchor(self, record, capsys):
        with pytest.raises(SystemExit):
            call_command("verify_log", "--expect", f"1:{'f' * 64}")
        assert capsys.readouterr().out.startswith("change 1, hash: ")

    @pytest.mark.parametrize("anchor", ["1", "x:y", f"0:{'f' * 64}", f"1:{'F' * 64}"])
    def test_refuses_what_is_no_anchor(self, anchor):
        with pytest.raises(CommandError, match="SEQ:HASH"):
            call_command("verify_log", "--expect", anchor)

    def test_redacts_through_publishing(self, record, capsys, verified):
        UserFactory(username="root", is_superuser=True)
        seq = superseded().seq
        call_command("redact", str(seq), "--reason", "A court said so.", "--user", "root")
        assert Change.objects.get(seq=seq).document is None
        assert capsys.readouterr().out == f"Change {seq} is redacted, as change {LogHead.objects.get().seq} says.\n"
        assert verified() == []

    def test_redacts_all_or_nothing(self, record):
        UserFactory(username="root", is_superuser=True)
        before = LogHead.objects.get().seq
        with pytest.raises(CommandError, match="There is no change 999"):
            call_command("redact", str(superseded().seq), "999", "--reason", "x", "--user", "root")
        assert LogHead.objects.get().seq == before
        assert superseded().document

    def test_redacts_for_superusers_only(self, record):
        UserFactory(username="publisher", role="Publisher")
        for name, problem in (("publisher", "superuser"), ("nobody", "no active user")):
            with pytest.raises(CommandError, match=problem):
                call_command("redact", "1", "--reason", "x", "--user", name)

    def test_runs_reissues(self, record, capsys):
        correct(Company.objects.get(slug="openai"), name="Closed AI")
        call_command("run_reissues")
        assert capsys.readouterr().out == "2 documents reissued, 0 requests left.\n"


def test_company_links_beside_the_actor_are_tagged_with_their_role(verified):
    event = EventFactory()
    EventCompanyFactory(event=event, company=CompanyFactory(slug="nvidia"), role=CompanyRole.TARGET)
    EffectFactory(event=event, status=AccessStatus.LIMITED)
    publishing.publish(event, by=None)
    assert TimelineTag.objects.get(tag="company:nvidia").role == "target"
    assert verified() == []
