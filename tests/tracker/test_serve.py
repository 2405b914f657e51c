"""`make run` without its first half: the processes start, answer, and leave nothing behind."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import django
import pytest
from django.db import connections

from tests.ports import free_port
from tracker import serve
from tracker.serve import CannotServe, check_free, checked_port

pytestmark = pytest.mark.xdist_group("long")


@pytest.fixture
def port() -> int:
    return free_port()


@contextmanager
def serving(data_dir: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    env = {"PATH": os.environ["PATH"], "DATA_DIR": str(data_dir), "PORT": str(port), "WEB_WORKERS": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "tracker.serve"], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait(30)
        process.stdout and process.stdout.close()


def read_until(process: subprocess.Popen[str], word: str) -> str:
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line)
        if word in line:
            return "".join(lines)
    raise AssertionError(f"It ended without saying “{word}”:\n{''.join(lines)}")


def processes_of(data_dir: Path) -> list[str]:
    """Command lines of what still runs with this DATA_DIR in its environment."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdecimal() and f"DATA_DIR={data_dir}\0".encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:  # gone meanwhile
            continue
    return found


def assert_nothing_runs(data_dir: Path) -> None:
    deadline = time.monotonic() + 5
    while processes_of(data_dir) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes_of(data_dir) == []


def assert_body_in_chunks_is_read(port: int) -> None:
    question = b'{"questions": [{"product": "openai-api", "country": "CN"}]}'
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/access/batch/", iter([question]), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as response:  # an iterator has no length: it is sent in chunks
        assert len(json.load(response)["answers"]) == 1


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in Linux's /proc")
def test_serve_starts_and_ends_all_of_it_twice(tmp_path: Path, port: int):
    with serving(tmp_path, port) as process:
        assert len(re.findall(r"user editor, password \S{16}", read_until(process, "Ctrl-C ends everything"))) == 1
        assert urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10).read() == b"ok"
        assert len(processes_of(tmp_path)) >= 6
        assert_body_in_chunks_is_read(port)
        with serving(tmp_path, free_port()) as second:
            assert "give this one its own DATA_DIR" in read_until(second, "DATA_DIR")
            assert second.wait(30) == 1
        process.terminate()
        assert process.wait(30) == 0
    assert_nothing_runs(tmp_path)
    with serving(tmp_path, port) as process:
        assert "password" not in read_until(process, "Ctrl-C ends everything")
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert_nothing_runs(tmp_path)


def test_taken_port_is_one_sentence_before_anything_is_made(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with serving(tmp_path / "data", port) as process:
            assert process.stdout
            assert process.stdout.read().strip() == (
                f"Port {port} is taken on 127.0.0.1; stop what uses it, or choose another: make run PORT={port + 1}."
            )
            assert process.wait(10) == 1
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("text", ["0", "65536", "http", "-1", "8000.0", "٣"])
def test_port_that_is_none_is_refused(text: str):
    with pytest.raises(CannotServe, match="1 to 65535"):
        checked_port(text)


def test_address_of_another_machine_is_refused():
    with pytest.raises(CannotServe, match=r"Cannot listen on 192\.0\.2\.1"):
        check_free("192.0.2.1", 8000)


def test_address_is_told_however_late_the_site_answers(monkeypatch: pytest.MonkeyPatch, capsys):
    class Slow(BaseHTTPRequestHandler):
        statuses = iter([503, 503, 200])

        def do_GET(self) -> None:
            self.send_response(next(self.statuses))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    monkeypatch.setattr(serve, "PATIENCE", 1)
    with HTTPServer(("127.0.0.1", 0), Slow) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        serve.announce("127.0.0.1", server.server_port)
        server.shutdown()
    waiting, told = capsys.readouterr().out.split("Still waiting ...")
    assert "does not answer yet" in waiting
    assert f"http://127.0.0.1:{server.server_port}/api/v1/docs/" in told


def test_unknown_kind_of_database_is_one_sentence(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(django, "setup", lambda: connections["bogus"].ensure_connection())
    monkeypatch.setitem(connections.databases, "bogus", {**connections.databases["default"], "ENGINE": "bogus"})
    with pytest.raises(CannotServe, match=r"^The database could not be prepared: 'bogus' isn't an available"):
        serve.prepare()
