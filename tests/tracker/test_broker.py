import json
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
