"""The mirror: a copy that is whole, whatever happens on the way."""

import gzip
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from events import mirror
from events.lib.canonical import canonical
from tests.mirror.copies import ask, held, run
from tests.mirror.site import Log, Site, serving

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
