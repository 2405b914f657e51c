import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from queue import Empty

import pytest
from celery.contrib.testing.worker import start_worker
from kombu import Connection

from tracker.broker import Channel
from tracker.celery import app


@pytest.fixture
def channel(tmp_path: Path):
    with Connection(transport="tracker.broker:Transport", transport_options={"folder": str(tmp_path)}) as connection:
        yield connection.channel()


def test_messages_come_out_in_the_order_they_went_in(channel: Channel):
    for number in range(3):
        channel._put("here", {"n": number})
        channel._put("elsewhere", {"n": -number})
    assert channel._size("here") == 3
    assert [channel._get("here")["n"] for _ in range(3)] == [0, 1, 2]
    with pytest.raises(Empty):
        channel._get("here")
    assert channel._purge("elsewhere") == 3


def test_unreadable_message_is_left_out(channel: Channel, tmp_path: Path):
    (tmp_path / "00000000000000000001-x.here").write_text("")  # as a full disk leaves it
    channel._put("here", {"n": 1})
    assert channel._get("here") == {"n": 1}
    assert list(tmp_path.iterdir()) == []


def test_message_being_written_is_not_seen(channel: Channel, tmp_path: Path):
    (tmp_path / ".00000000000000000001-x.here").write_text(json.dumps({"n": 1}))
    with pytest.raises(Empty):
        channel._get("here")


@app.task(name="tests.say")
def say(path: str, text: str) -> None:
    Path(path).write_text(text)


def test_worker_runs_a_task_from_the_broker_of_this_run(tmp_path: Path):
    """By the folder, or by Redis where REDIS_URL names one."""
    said = tmp_path / "said"
    with start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=20):
        say.delay(str(said), "hello")
        deadline = time.monotonic() + 20
        while not said.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
    assert said.read_text() == "hello"


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.xdist_group("long")
def test_worker_whose_idle_children_are_killed_goes_on(tmp_path: Path):
    """With one lock for all children, whoever is killed while waiting for work holds it forever."""
    broker = tmp_path / "broker"
    broker.mkdir()
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "--quiet", "--app", "tracker", "worker", "--include", __name__],
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)},
    )

    def is_said(text: str) -> bool:
        said = tmp_path / text
        with Connection(transport="tracker.broker:Transport", transport_options={"folder": str(broker)}) as connection:
            say.apply_async((str(said), text), queue="celery", connection=connection)  # type: ignore[call-arg]
        deadline = time.monotonic() + 40
        while not said.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        return said.exists()

    try:
        assert is_said("before")
        idle = children_of(worker.pid)
        assert len(idle) == 2
        for child in idle:
            os.kill(child, signal.SIGKILL)
        assert is_said("after")
        assert is_said("once more")
    finally:
        worker.terminate()
        try:
            worker.wait(30)
        except subprocess.TimeoutExpired:
            worker.kill()
