"""A server on this machine that stands in for the world, faults included."""

from __future__ import annotations

import gzip
import time
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self
from urllib.parse import parse_qs

Respond = Callable[["Handler"], None]
STEP = 0.05  # seconds between the bytes that drip


class Killed(BaseException):
    """The end of a worker, as far as a test can have one: nothing of ours catches it."""


def die(*given: Any, **named: Any) -> Any:
    raise Killed


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: World

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.server.asked[path] += 1
        self.server.requests.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
        if self.command == "POST":
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.server.forms.append(parse_qs(sent.decode()))
        respond = self.server.pages.get(self.path) or self.server.pages.get(path)
        if respond is None:
            self.give(b"Not here", status=404)
        else:
            respond(self)
        self.close_connection = True

    do_HEAD = do_POST = do_GET  # noqa: N815

    def give(
        self, body: bytes = b"", *, status: int = 200, kind: str = "text/html", cut: int | None = None, **headers: str
    ) -> None:
        """An answer; `cut` sends only so many bytes of what Content-Length promises."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD" and status != 304:
            self.write(body[:cut])

    def write(self, data: bytes) -> bool:
        """Whether anybody still listens."""
        try:
            self.wfile.write(data)
        except OSError:
            return False
        return True

    def log_message(self, *said: Any) -> None:
        pass


class World(ThreadingHTTPServer):
    """`world.pages["/path"]` says how a path answers; `world.asked` counts, `world.requests` lists."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.pages: dict[str, Respond] = {}
        self.asked: Counter[str] = Counter()
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.forms: list[dict[str, list[str]]] = []

    def __enter__(self) -> Self:
        Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *problem: Any) -> None:
        self.shutdown()
        self.server_close()

    def forget(self) -> None:
        """Be as new, for the next test."""
        self.pages, self.asked, self.requests, self.forms = {}, Counter(), [], []

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def page(self, path: str, body: str | bytes = b"", **options: Any) -> str:
        """Let a path give this; returns its URL."""
        data = body.encode() if isinstance(body, str) else body
        self.pages[path] = lambda handler: handler.give(data, **options)
        return self.url(path)

    def redirect(self, path: str, to: str) -> str:
        return self.page(path, status=302, Location=to)

    def answers(self, path: str, respond: Respond) -> str:
        self.pages[path] = respond
        return self.url(path)


def hang(handler: Handler) -> None:
    """Accept and say nothing."""
    time.sleep(3)


def drip(handler: Handler) -> None:
    """A byte at a time, each soon enough to look alive."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.end_headers()
    while handler.write(b"x"):
        time.sleep(STEP)


def drip_headers(handler: Handler) -> None:
    while handler.write(b"HTTP/1.1 200 OK\r\n" if not handler.server.asked["sent"] else b"X-A: b\r\n"):
        handler.server.asked["sent"] += 1
        time.sleep(STEP)


def flood(megabytes: int) -> Respond:
    """A body without Content-Length that is never made whole here."""

    def respond(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.end_headers()
        for _ in range(megabytes * 16):
            if not handler.write(b"y" * 65536):
                return

    return respond


def bomb(megabytes: int) -> bytes:
    """Zeros by gzip: about a thousandth of their size."""
    return gzip.compress(b"\0" * (megabytes * 1024 * 1024), 9)
