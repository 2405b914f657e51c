"""The mirror: a copy that is whole, verified, and refuses what is not."""

import gzip
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from events import mirror
from events.lib.canonical import canonical, sha256
from tests.mirror.site import Log, Site, serving


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setattr(mirror, "LONGEST_WAIT", 0.02)
    log = Log()
    log.grow(60)
    with serving(log) as site:
        yield site


@pytest.fixture
def file(tmp_path) -> str:
    return str(tmp_path / "copy.sqlite")


def run(site: Site, file: str, *options: str) -> int:
    return mirror.main([site.url, file, *options])


def held(file: str) -> list[dict]:
    """The changes in a file, as the API gives them."""
    with sqlite3.connect(file) as db:
        rows = db.execute("SELECT * FROM changes ORDER BY seq").fetchall()
    db.close()
    changes = [dict(zip(mirror.FIELDS, row, strict=True)) for row in rows]
    for change in changes:
        change["self_published"] = bool(change["self_published"])
        change["document"] = change["document"] and json.loads(change["document"])
    return changes


def ask(file: str, sql: str) -> list[tuple]:
    db = sqlite3.connect(file)
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()


# ------------------------------------------------------------------------------------------------------------ copying


@pytest.mark.parametrize("page", [7, 1000])
def test_copies_all_and_then_what_is_new(site, file, monkeypatch, page):
    monkeypatch.setattr(mirror, "PAGE", page)
    assert run(site, file) == 0
    assert held(file) == site.log.changes
    site.log.grow(9)
    site.asked.clear()
    assert run(site, file) == 0
    assert held(file) == site.log.changes
    assert site.asked[:2] == ["/api/v1/changes/head/", f"/api/v1/changes/?after=60&page_size={page}"]
    assert mirror.main(["--check", file]) == 0


def test_an_empty_log_is_an_empty_copy(file):
    with serving(Log()) as site:
        assert run(site, file) == 0
        assert held(file) == []
        site.log.grow(1)
        assert run(site, file) == 0
    assert len(held(file)) == 1


@pytest.mark.parametrize("loosely", [False, True])
def test_first_copy_comes_from_the_bulk_file_and_goes_on_by_changes(site, file, monkeypatch, loosely):
    monkeypatch.setattr(mirror, "BATCH", 13)
    site.build_bulk(site.log.as_bulk(loosely=loosely))
    site.log.grow(5)
    assert run(site, file) == 0
    assert held(file) == site.log.changes
    assert "/api/v1/exports/7/log.ndjson.gz" in site.asked
    assert "/api/v1/changes/?after=60&page_size=1000" in site.asked


def test_documents_of_the_bulk_file_are_kept_as_they_came(site):
    [line, *_] = gzip.decompress(site.log.as_bulk()).splitlines()
    assert mirror.read(line)["document"] == canonical(site.log.changes[0]["document"]).decode()
    assert mirror.read(line.replace(b',"document"', b', "document"')) == site.log.changes[0]


def test_bulk_file_in_several_members_of_gzip(site, file):
    site.build_bulk()
    parts = [Log(), Log()]
    parts[0].changes, parts[1].changes = site.log.changes[:25], site.log.changes[25:]
    whole = b"".join(part.as_bulk() for part in parts)
    assert list(mirror.lines_of([whole])) == list(mirror.lines_of([whole[n : n + 1] for n in range(len(whole))]))
    assert [json.loads(line) for line in mirror.lines_of([whole])] == site.log.changes


def test_a_large_gap_is_filled_from_the_bulk_file_too(site, file, monkeypatch):
    assert run(site, file) == 0
    monkeypatch.setattr(mirror, "BULK_FROM", 20)
    site.log.grow(30)
    site.build_bulk()
    assert run(site, file) == 0
    assert "/api/v1/exports/7/log.ndjson.gz" in site.asked
    assert held(file) == site.log.changes


def test_records_hold_the_newest_documents(site, file):
    site.log.append("event-1", {"slug": "event-1", "state": "retracted"}, action="retracted")
    site.log.append("event-2", {"slug": "event-2", "state": "merged", "merged_into": "event-3"}, action="merged")
    assert run(site, file) == 0
    newest = {change["key"]: change for change in site.log.changes}
    rows = ask(file, "SELECT key, seq, state, document FROM records ORDER BY key")
    assert rows == [
        (key, change["seq"], change["document"]["state"], canonical(change["document"]).decode())
        for key, change in sorted(newest.items())
    ]
    assert len(ask(file, "SELECT slug, title FROM events")) == len(newest) - 2


def test_news_is_printed_after_the_first_copy(site, file, capsys):
    assert run(site, file, "--print") == 0
    assert capsys.readouterr().out == ""
    site.log.grow(3)
    assert run(site, file, "--print") == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == site.log.changes[60:]


# ------------------------------------------------------------------------------------------------------- what may pass


def test_a_busy_or_broken_site_is_asked_again(site, file, capsys):
    site.build_bulk()
    site.failures = [503, "cut", 429, 502, "cut", "cut", 500]
    assert run(site, file) == 0
    assert held(file) == site.log.changes
    assert "503 Service Unavailable; again in" in capsys.readouterr().err


def test_a_download_that_breaks_is_taken_up_where_it_broke(site, file, monkeypatch):
    site.build_bulk()
    with mirror.closing(mirror.Site(site.url, first_wait=0)) as client:
        bulk = client.bulk()
        site.failures = ["cut"] * 3
        site.sent = 0
        assert b"".join(client.download(bulk)) == site.bulk[0]
    assert site.sent <= len(site.bulk[0]) + 5 * 1024


def test_a_site_that_stays_away_is_given_up(site, file, capsys, monkeypatch):
    site.failures = [503] * 20
    assert run(site, file) == 5
    assert len(site.asked) == mirror.ATTEMPTS
    assert "cannot be read: 503 Service Unavailable" in capsys.readouterr().err
    site.shutdown()
    site.server_close()
    assert run(site, file) == 5


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7), ("", 0), ("-3", 0), ("soon", 0), ("Thu, 01 Jan 1970 00:00:00 GMT", 0)]
)
def test_retry_after_is_read(header, seconds):
    assert mirror.retry_after(header) == seconds


def test_retry_after_may_be_a_date():
    from email.utils import formatdate

    assert 28 < mirror.retry_after(formatdate(time.time() + 30, usegmt=True)) <= 30


def test_pages_too_large_are_asked_for_in_parts(site, file, monkeypatch):
    monkeypatch.setattr(mirror, "LARGEST_PAGE", 10_000)
    assert run(site, file) == 0
    assert held(file) == site.log.changes
    monkeypatch.setattr(mirror, "LARGEST_PAGE", 300)
    site.log.grow(1)
    assert run(site, file) == 5


def test_without_its_bulk_file_the_log_is_copied_by_changes(site, file, capsys):
    site.build_bulk()
    site.manifest["base"] = "/api/v1/exports/6/"
    assert run(site, file) == 0
    assert held(file) == site.log.changes
    assert "exports/6/log.ndjson.gz answers 404. Copying change by change." in capsys.readouterr().err


@pytest.mark.parametrize("base", ["https://elsewhere.example/", "//elsewhere.example/x/"])
def test_a_manifest_leads_to_no_other_site(site, file, base):
    site.build_bulk()
    site.manifest["base"] = base
    with mirror.closing(mirror.Site(site.url)) as client, pytest.raises(mirror.Unreachable, match="of this site"):
        client.bulk()


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


# ---------------------------------------------------------------------------------------------------------- processes


def start(site: Site, file: str, *options: str, **constants: int) -> subprocess.Popen[str]:
    """The module as a copied file, with other constants, in a process of its own."""
    copied = Path(file).with_name("mirror.py")
    text = Path(mirror.__file__).read_text()
    for name, value in constants.items():
        text, found = re.subn(rf"^{name} = \d+", f"{name} = {value}", text, flags=re.MULTILINE)
        assert found == 1
    copied.write_text(text)
    return subprocess.Popen(
        [sys.executable, str(copied), site.url, file, *options], cwd=copied.parent,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        # A shell starts what runs in the background deaf to Ctrl-C, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip


@pytest.mark.parametrize("by", ["bulk", "changes"])
def test_killed_at_any_point_it_goes_on(site, file, by):
    """By kill -9, after so many random bytes, until one run gets through."""
    dice = random.Random(by)
    site.log.redact(7)
    site.log.grow(1200)
    site.log.redact(1100)
    if by == "bulk":
        site.build_bulk()
        site.log.grow(400)
    killed, seen = 0, [0]
    while True:
        process = start(site, file, PAGE=100, BATCH=50, BULK_FROM=500)
        until = site.sent + dice.randrange(1000, 50_000 if killed < 3 else 400_000)
        later = dice.choice([0, 0, 0.005, 0.03])

        def kill(sent: int, process=process, until=until, later=later) -> None:
            if sent > until:
                time.sleep(later)
                os.kill(process.pid, signal.SIGKILL)

        site.on_bytes = kill
        said = process.communicate(timeout=60)
        site.on_bytes = lambda sent: None
        if process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL, said
        killed += 1
        if ask(file, "SELECT count(*) FROM sqlite_master") != [(0,)]:
            changes = held(file)  # whole and in order at every stop
            assert [change["seq"] for change in changes] == list(range(1, len(changes) + 1))
            assert len(changes) >= seen[-1]
            seen.append(len(changes))
        assert killed < 60
    assert killed >= 3
    assert held(file) == site.log.changes
    assert mirror.main(["--check", file]) == 0


def test_following_shows_what_is_new_and_ends_at_ctrl_c(site, file):
    process = start(site, file, "--follow", "0.05", "--print")
    assert process.stderr is not None
    assert process.stdout is not None
    for line in process.stderr:
        if line.startswith("In step"):
            break
    site.log.grow(2)
    assert [json.loads(process.stdout.readline())["seq"] for _ in range(2)] == [61, 62]
    site.failures = [503, 503]
    site.log.grow(1)
    assert json.loads(process.stdout.readline()) == site.log.changes[62]
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130
    assert held(file) == site.log.changes


def test_memory_does_not_grow_with_the_log(tmp_path):
    """A log forty times as long takes at most a few megabytes more."""
    peaks = []
    for number in (500, 20_000):
        log = Log()
        for n in range(number):
            log.append(f"event-{n}", {"slug": f"event-{n}", "title": "x" * 500})
        with serving(log) as site:
            site.build_bulk()
            code = (
                "import re, sys; from events import mirror; status = mirror.main(sys.argv[1:]);"
                "print(status, *re.findall(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read()))"
            )
            command = [sys.executable, "-c", code, site.url, str(tmp_path / f"{number}.sqlite")]
            status, peak = subprocess.check_output(command, text=True, stderr=subprocess.DEVNULL).split()
        assert status == "0"
        peaks.append(int(peak) / 1024)
    assert peaks[1] < peaks[0] + 16
