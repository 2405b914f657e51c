"""A message broker in a folder, for one machine without a server: each message is one file.

Kombu's own file-system transport reads a message that its sender has not finished writing, and ends the worker over
it (kombu issue 1551). Here a file gets its name when it is whole, a worker takes one by renaming it, and one that
cannot be read is logged and left out: messages are nudges, and what is due stands in the database.
"""

import contextlib
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

import structlog
from kombu.transport import virtual
from kombu.utils.json import dumps, loads

log = structlog.get_logger(__name__)


class Channel(virtual.Channel):
    """Names of waiting messages are <nanoseconds>-<random>.<queue>; those that begin with a dot are not waiting."""

    @property
    def folder(self) -> Path:
        client: Any = self.connection.client
        return Path(client.transport_options["folder"])

    def waiting(self, queue: str) -> list[Path]:
        """The messages for `queue`, oldest first."""
        return sorted(self.folder.glob(f"[0-9]*.{queue}"))

    def _put(self, queue: str, message: Any, **kwargs: Any) -> None:
        path = self.folder / f"{time.time_ns():020}-{uuid.uuid4().hex}.{queue}"
        unfinished = path.with_name(f".{path.name}")
        unfinished.write_text(dumps(message), "utf-8")
        unfinished.rename(path)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        for path in self.waiting(queue):
            taken = path.with_name(f".{path.name}")
            try:
                path.rename(taken)
            except FileNotFoundError:  # another worker was faster
                continue
            text = taken.read_bytes()
            taken.unlink()
            try:
                return loads(text)
            except ValueError:
                log.error("Left out a message that is not JSON", message=path.name)
        raise Empty

    def _size(self, queue: str) -> int:
        return len(self.waiting(queue))

    def _purge(self, queue: str) -> int:
        messages = self.waiting(queue)
        for path in messages:
            path.unlink(missing_ok=True)
        return len(messages)


class Transport(virtual.Transport):
    Channel = Channel
    default_port = 0
    driver_type = driver_name = "filesystem"
    polling_interval = 0.5  # seconds; an idle look at the folder takes some 20 microseconds
    # So that Celery gives each child of its pool a pipe of its own. With other transports all children wait for work
    # under one lock; one that is killed meanwhile takes the lock with it, and no task is begun any more (billiard 457).
    implements = virtual.Transport.implements.extend(asynchronous=True)

    def register_with_event_loop(self, connection: Any, loop: Any) -> None:
        """Look for messages twice a second, for as long as the connection is used."""
        loop.call_repeatedly(self.polling_interval, self.take_waiting, connection)

    def take_waiting(self, connection: Any) -> None:
        """Hand over what waits, as far as the worker takes it now."""
        with contextlib.suppress(TimeoutError):
            while True:
                self.drain_events(connection, timeout=0)

    def drain_events(self, connection: Any, timeout: float | None = None, **kwargs: Any) -> None:
        """Look up after a second at most, so that a worker that shall end does so soon."""
        super().drain_events(connection, timeout=timeout and min(timeout, 1), **kwargs)

    def driver_version(self) -> str:
        return "1"
