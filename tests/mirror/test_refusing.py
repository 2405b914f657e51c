"""The mirror takes nobody's word: what it refuses, and what a redaction explains."""

import gzip
import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from events import mirror
from events.lib.canonical import sha256
from tests.mirror.copies import ask, held, run
from tests.mirror.site import Log, Site

# ------------------------------------------------------------------------------------------------------ what is refused


def refusal(site: Site, file: str, capsys, status: int) -> str:
    """What it says before it leaves the copy as it was."""
    before = held(file) if Path(file).exists() else []
    assert run(site, file) == status
    assert held(file)[: len(before)] == before
    return capsys.readouterr().err


@pytest.mark.parametrize("first", [1, 31, 60])
@pytest.mark.parametrize("longer", [0, 5])
def test_a_rewritten_log_is_refused_and_its_first_difference_named(site, file, capsys, first, longer):
    assert run(site, file) == 0
    kept = site.log.changes[: first - 1]
    site.log.changes = list(kept)
    site.log.append("other")
    site.log.grow(60 - first + longer)
    said = refusal(site, file, capsys, 3)
    assert f"has been rewritten: change {first} is the first that differs" in said
    assert f"there {site.log.changes[first - 1]['hash']}" in said


def test_a_log_that_was_cut_is_refused(site, file, capsys):
    assert run(site, file) == 0
    del site.log.changes[40:]
    said = refusal(site, file, capsys, 3)
    assert "change 41 is the first that differs" in said
    assert "there nothing: its log ends with change 40, as one that was restored from an old backup does" in said


def test_a_log_that_is_cut_while_it_is_copied_is_refused(site, file, capsys):
    """Between the question for its head and that for what is new."""
    assert run(site, file) == 0
    site.log.grow(1)

    def cut(sent: int) -> None:
        del site.log.changes[40:]

    site.on_bytes = cut
    assert "change 41 is the first that differs" in refusal(site, file, capsys, 3)


def test_a_rewritten_log_costs_few_questions(site, file):
    assert run(site, file) == 0
    site.log.changes = site.log.changes[:10]
    site.log.grow(0)
    site.log.append("other")
    site.log.grow(49)
    site.asked.clear()
    assert run(site, file) == 3
    assert len(site.asked) < 12


def test_pages_that_lead_on_to_nothing_are_refused(site, file, capsys):
    site.is_empty = True
    assert "answers with an empty page that is not the last one" in refusal(site, file, capsys, 5)


@pytest.mark.parametrize("by", ["bulk", "loose bulk", "changes"])
@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (lambda change: change["document"].update(title="Forged"), "document of change 30 does not have the hash"),
        (lambda change: change.update(note="Forged"), "Change 30 does not have the hash that it states"),
        (lambda change: change.update(seq=31), "Change 30 is missing: 31 stands in its place"),
        (lambda change: change.pop("note"), "Change 30 does not have the fields of a change"),
        (lambda change: change.update(extra=1), "Change 30 does not have the fields of a change"),
        (lambda change: change.update(note=None), "fields of another type"),
        (lambda change: change.update(self_published=1), "fields of another type"),
        (lambda change: change.update(document=[]), "fields of another type"),
        (lambda change: change.update(document=json.dumps(change["document"])), "fields of another type"),
        (lambda change: change["document"].update(title="\ud800"), "cannot be written as canonical JSON"),
        (lambda change: change.update(document=None), "document of change 30 is null, but no redaction names it"),
    ],
)  # fmt: skip
def test_what_does_not_verify_is_refused(site, file, capsys, by, tamper, said):
    tamper(site.log.changes[29])
    if by != "changes":
        site.build_bulk(site.log.as_bulk(loosely=by == "loose bulk"))
    assert said in refusal(site, file, capsys, 4)


@pytest.mark.parametrize("text", ['{"title":}', '{"title":"a"},"document":{"title":"b"}', "[}"])
def test_a_document_that_is_no_json_is_refused_though_it_has_its_hash(site, file, capsys, text):
    site.log.append("forged", {"title": "FORGED"})
    change = site.log.changes[-1]
    change["document_hash"] = sha256(text.encode())
    change["hash"] = mirror.sha256({name: change[name] for name in mirror.CHAINED})
    whole = gzip.decompress(site.log.as_bulk()).replace(b'{"title":"FORGED"}', text.encode())
    site.build_bulk(gzip.compress(whole))
    assert "is not JSON" in refusal(site, file, capsys, 4)


def test_a_chain_that_is_broken_on_the_site_is_refused(site, file, capsys):
    other = Log()
    other.grow(61)
    assert run(site, file) == 0
    site.log.changes += [other.changes[59] | {"seq": 61}]
    change = site.log.changes[60]
    change["hash"] = mirror.sha256({name: change[name] for name in mirror.CHAINED})
    assert "Change 61 does not name the hash of the one before it" in refusal(site, file, capsys, 4)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hash": "sha256:00"}, "does not have the SHA-256 that its manifest states"),
        ({"bytes": 10}, "is larger than its manifest says"),
    ],
)
def test_a_bulk_file_that_is_not_its_manifest_s_is_refused(site, file, capsys, change, said):
    site.build_bulk()
    site.manifest["resources"][0] |= change
    assert said in refusal(site, file, capsys, 4)


def test_a_bulk_file_that_ends_early_is_refused(site, file, capsys):
    site.build_bulk()
    site.manifest["head"]["seq"] = 61
    assert "ends with change 60; its manifest states another head" in refusal(site, file, capsys, 4)


# ------------------------------------------------------------------------------------------------------------ redaction


@pytest.mark.parametrize("by", ["bulk", "changes"])
def test_a_redacted_document_is_accepted_where_a_redaction_names_it(site, file, monkeypatch, by):
    monkeypatch.setattr(mirror, "PAGE", 10)  # the redaction comes pages later
    site.log.redact(5)
    if by == "bulk":
        site.build_bulk()
    assert run(site, file) == 0
    assert held(file) == site.log.changes
    assert held(file)[4]["document"] is None
    assert mirror.main(["--check", file]) == 0


def test_a_redaction_takes_the_document_out_of_the_copy_and_its_bytes_out_of_the_file(site, file):
    seq = site.log.append("secret", {"slug": "secret", "title": "What the law forbids to keep"})
    assert run(site, file) == 0
    assert b"What the law forbids to keep" in Path(file).read_bytes()
    site.log.append("secret", {"slug": "secret", "title": "Nothing"}, action="corrected")
    site.log.redact(seq)
    assert run(site, file) == 0
    assert held(file) == site.log.changes
    assert b"What the law forbids to keep" not in b"".join(each.read_bytes() for each in Path(file).parent.iterdir())
    assert ask(file, "SELECT state FROM records WHERE key = 'secret'") == [("published",)]
    assert mirror.main(["--check", file]) == 0


@pytest.mark.parametrize("named", [61, 99, 0, None, True, "5"])
def test_a_redaction_that_names_no_earlier_change_is_refused(site, file, capsys, named):
    site.log.append("event-5", {"key": "event-5", "redacts": named}, action="redacted")
    assert "is a redaction, but names no change before it" in refusal(site, file, capsys, 4)


def test_a_redaction_of_another_record_is_refused(site, file, capsys):
    site.log.append("event-5", {"key": "event-5", "redacts": 2}, action="redacted")
    assert "Change 61 redacts change 2, which is one of another record" in refusal(site, file, capsys, 4)


# ------------------------------------------------------------------------------------------------------------- the file


def test_a_file_of_something_else_is_left_alone(site, tmp_path, capsys):
    text, other, folder = tmp_path / "notes.txt", tmp_path / "other.sqlite", tmp_path / "folder"
    text.write_text("Not a database, but somebody's notes. " * 50)
    sqlite3.connect(other).executescript("CREATE TABLE mine (x); PRAGMA user_version = 0;").connection.close()
    folder.mkdir()
    for file in (text, other):
        before = file.read_bytes()
        assert run(site, str(file)) == 2
        assert file.read_bytes() == before
    assert run(site, str(folder)) == 2
    assert run(site, str(tmp_path / "nowhere" / "copy.sqlite")) == 2
    assert mirror.main(["--check", str(tmp_path / "nothing")]) == 2
    assert "was not made by this program: it is left alone" in capsys.readouterr().err


def test_a_file_of_a_newer_program_is_left_alone(site, file):
    assert run(site, file) == 0
    sqlite3.connect(file).executescript("PRAGMA user_version = 2").connection.close()
    assert run(site, file) == 2


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE changes SET document = replace(document, 'é', 'e') WHERE seq = 30",
        "UPDATE changes SET note = 'x' WHERE seq = 30",
        "UPDATE changes SET document = NULL WHERE seq = 30",
        "UPDATE changes SET document = 'x' WHERE seq = 30",
        "DELETE FROM changes WHERE seq = 30",
        "DELETE FROM newest WHERE key = 'event-30'",
        "UPDATE newest SET seq = 1 WHERE key = 'event-30'",
        "INSERT INTO newest VALUES ('event', 'x', 3, 'published')",
    ],
)
def test_check_finds_what_was_changed_in_the_file(site, file, sql):
    assert run(site, file) == 0
    assert mirror.main(["--check", file]) == 0
    with sqlite3.connect(file) as db:
        assert db.execute(sql).rowcount == 1
    db.close()
    assert mirror.main(["--check", file]) == 4


def test_two_that_write_one_file_do_no_harm(site, file):
    with mirror.closing(mirror.Copy(file)) as one, mirror.closing(mirror.Copy(file)) as other:
        one.add(site.log.changes[:10])
        with pytest.raises(mirror.CannotUse, match="Another process is writing"):
            other.add(site.log.changes[:10])
    assert held(file) == site.log.changes[:10]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["http://x"],
        ["ftp://x", "f"],
        ["x", "f"],
        ["http://x", "f", "--follow", "0"],
        ["http://x", "f", "--check", "f"],
    ],
)
def test_wrong_arguments_end_with_2(tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as end:
        sys.exit(mirror.main(arguments))
    assert end.value.code == 2


def test_nothing_of_ours_is_imported():
    code = "import sys; import events.mirror; print(*sys.modules)"
    modules = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert [name for name in modules if name.startswith(("events.", "django"))] == ["events.mirror"]
