"""A site's log behind a real HTTP server, for the tests of the mirror: it can be rewritten, tampered with, and fail."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from events.lib.canonical import canonical, sha256

NO_HASH = "0" * 64
API = "/api/v1/"


class Log:
    """A log in memory, chained as `events.services.log` chains it."""

    def __init__(self) -> None:
        self.changes: list[dict[str, Any]] = []

    @property
    def hash(self) -> str:
        return self.changes[-1]["hash"] if self.changes else NO_HASH

    def append(self, key: str, document: dict[str, Any] | None = None, *, action: str = "published") -> int:
        """Add a change of an event; its seq."""
        document = {"slug": key, "state": "published", "title": f"“{key}” é 出口"} if document is None else document
        change: dict[str, Any] = {
            "seq": len(self.changes) + 1, "at": "2026-11-22T19:38:00.000000Z", "type": "event", "key": key,
            "action": action, "class": "", "note": "", "self_published": True,
            "document_hash": sha256(canonical(document)), "previous_hash": self.hash,
        }  # fmt: skip
        self.changes.append(change | {"hash": sha256(canonical(change)), "document": document})
        return len(self.changes)

    def redact(self, seq: int) -> int:
        self.changes[seq - 1]["document"] = None
        key = self.changes[seq - 1]["key"]
        return self.append(key, {"key": key, "redacts": seq}, action="redacted")

    def grow(self, number: int) -> None:
        for _ in range(number):
            self.append(f"event-{len(self.changes) % 40}")

    def as_bulk(self, *, loosely: bool = False) -> bytes:
        """As sites write it, documents in canonical form at the end of each line; or `loosely`, equal but as JSON."""
        form: dict[str, Any] = {} if loosely else {"separators": (",", ":"), "ensure_ascii": False}
        lines = (json.dumps(change, **form).encode(errors="surrogatepass") for change in self.changes)
        return gzip.compress(b"".join(line + b"\n" for line in lines))


class Site(ThreadingHTTPServer):
    """What the mirror asks of a site. `bulk`: the bytes of the bulk file and the seq that it ends with, if any.

    `failures` are answered first: a status, or "cut" for a connection that ends in the midst of a body. `on_bytes` is
    told how many bytes of bodies were sent so far, after each kilobyte.
    """

    daemon_threads = False  # so that closing waits for them: what they leave open would be found in another test

    def __init__(self, log: Log) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.log = log
        self.bulk: tuple[bytes, int] | None = None
        self.manifest: dict[str, Any] = {}
        self.failures: list[int | str] = []
        self.is_empty = False  # its pages of changes, which lead on all the same
        self.asked: list[str] = []
        self.sent = 0
        self.on_bytes: Callable[[int], None] = lambda sent: None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def build_bulk(self, data: bytes | None = None) -> None:
        self.bulk = data or self.log.as_bulk(), len(self.log.changes)
        data, seq = self.bulk
        head = {"seq": seq, "hash": self.log.hash, "at": "2026-11-22T19:38:00.000000Z"}
        entry = {"name": "log", "path": "log.ndjson.gz", "bytes": len(data), "rows": seq, "compression": "gz"}
        entry["hash"] = f"sha256:{hashlib.sha256(data).hexdigest()}"
        self.manifest = {"revision": seq, "head": head, "base": f"{API}exports/7/", "resources": [entry]}


class Handler(BaseHTTPRequestHandler):
    server: Site
    protocol_version = "HTTP/1.1"
    timeout = 2  # seconds for which a connection may be silent

    def do_GET(self) -> None:
        site, parts = self.server, urlsplit(self.path)
        site.asked.append(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        failure = site.failures.pop(0) if site.failures else None
        if isinstance(failure, int):
            self.answer(b"{}", failure, retry_after="0")
            return
        status, body = self.body(parts.path.removeprefix(API), asked)
        start = int(self.headers.get("Range", "bytes=0-")[6:-1])
        if start:
            status, body = 206, body[start:]
        self.answer(body, status, cut=failure == "cut")

    def body(self, path: str, asked: dict[str, str]) -> tuple[int, bytes]:
        site, changes = self.server, self.server.log.changes
        if path == "changes/head/":
            seq = int(asked.get("at", len(changes)))
            if seq > len(changes):
                return 400, b"{}"
            return 200, json.dumps({"seq": seq, "hash": changes[seq - 1]["hash"] if seq else NO_HASH}).encode()
        if path == "changes/":
            after, size = int(asked["after"]), int(asked["page_size"])
            if after > len(changes):
                return 400, b"{}"
            page = [] if site.is_empty else changes[after : after + size]
            following = "more" if site.is_empty or after + size < len(changes) else None
            return 200, json.dumps({"next": following, "previous": None, "results": page}).encode()
        if site.bulk and path == "exports/latest/manifest.json":
            return 200, json.dumps(site.manifest).encode()
        if site.bulk and path == "exports/7/log.ndjson.gz":
            return 200, site.bulk[0]
        return 404, b"{}"

    def answer(self, body: bytes, status: int = 200, *, cut: bool = False, retry_after: str = "") -> None:
        self.send_response(status)
        headers = {"Content-Length": str(len(body))} | ({"Retry-After": retry_after} if retry_after else {})
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        for start in range(0, len(body) // 2 if cut else len(body), 1024):
            self.wfile.write(body[start : start + 1024])
            self.server.sent += 1024
            self.server.on_bytes(self.server.sent)
        if cut:
            self.close_connection = True

    def handle(self) -> None:
        with suppress(OSError):  # whoever asked was killed
            super().handle()

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serving(log: Log) -> Iterator[Site]:
    site = Site(log)
    thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        site.shutdown()
        thread.join()
        site.server_close()
