"""Answers drawn from the record, which stay the same for as long as its revision does.

A view of the record is marked `@of_the_record`. Its ETag is a hash of the address, the revision, the build, what the
form of the answer is negotiated by and, where the answer depends on it, today's date; a 304 is decided by the revision,
before any other query. `Front` stands before the application and keeps whole answers, by address, until the revision
moves. So an answer is at most REVISION_SECONDS older than the log; it is not older at all where mirrors go on from it,
nor for whoever names another version or is logged in.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import wraps
from threading import Lock
from typing import Any, NamedTuple
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings
from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import http_date

from events.models import LogHead

View = Callable[..., HttpResponseBase]

# What the form of an answer is negotiated by, besides its address, and where WSGI keeps it.
NEGOTIATED = {"Accept": "HTTP_ACCEPT", "Accept-Encoding": "HTTP_ACCEPT_ENCODING", "HX-Request": "HTTP_HX_REQUEST"}
HISTORY_RESTORE = "HTTP_HX_HISTORY_RESTORE_REQUEST"
# How a view tells `Front` for how long its answer is good, in the request's environment.
GOOD_FOR = "events.good_for"


class GoodFor(NamedTuple):
    """A revision and, where the answer depends on it, a day. `to_the_moment`: followers of the log rely on it."""

    revision: int
    day: dt.date | None = None
    to_the_moment: bool = False


def head() -> LogHead:
    """The head of the log as readers see it; an empty log has one too.

    Each request asks, so the SQL is ready made: the ORM takes ten times as long to write it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, hash, at FROM events_loghead WHERE id = 1")
        row = cursor.fetchone()
    if row is None:
        return LogHead()
    seq, hash_, at = row
    if at is not None and at.tzinfo is None:  # SQLite has no time zones; Django writes times there in UTC
        at = at.replace(tzinfo=dt.UTC)
    return LogHead(seq=seq, hash=hash_, at=at)


def kept(name: str, asked: Any, make: Callable[[], Any]) -> Any:
    """What was made once at this revision for what was asked (by its repr), by whichever process of the site."""
    key = f"{name}:{head().seq}:{settings.BUILD}:{hashlib.sha256(repr(asked).encode()).hexdigest()}"
    found = cache.get(key)
    if found is None:
        found = make()
        cache.set(key, found)
    return found


class Remembered:
    """What a function makes of what is asked, kept by this process until the log moves on; for what is small.

    The head's hash is the key: unlike a revision, no two records share it. Of an empty log nothing is kept.
    """

    def __init__(self, make: Callable[[Any], Any], *, most: int = 1000) -> None:
        self.make, self.most = make, most
        self.hash, self.found = "", dict[Any, Any]()

    def __call__(self, asked: Any) -> Any:
        if not (now := head().hash):
            return self.make(asked)
        if now != self.hash or len(self.found) >= self.most:
            self.hash, self.found = now, {}
        found = self.found  # another thread may put an empty one there meanwhile
        if asked not in found:
            found[asked] = self.make(asked)
        return found[asked]

    def clear(self) -> None:
        self.hash, self.found = "", {}


def of_the_record(
    view: View | None = None, *, daily: bool = False, pinned: bool = False, to_the_moment: bool = False
) -> Any:
    """Mark a view whose answer depends on its address, the record and, with `daily`, on today's date (UTC) alone.

    With `pinned` it reads the parameter `revision`, and what it says of that stays the same forever. It reads neither
    session nor user: an answer to a request that carries authorization is private all the same. `to_the_moment`: no
    answer is older than the log.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if "HTTP_AUTHORIZATION" in request.META:
                private = view(request, *args, **kwargs)
                private.headers["Cache-Control"] = "private, no-store"
                return private
            now = head()
            today = dt.datetime.now(dt.UTC).date() if daily else None
            etag = etag_of(request, now.seq, today)
            modified = modified_at(now, today)
            anything = is_anything(request.META)
            response: HttpResponseBase | None = None if anything else get_conditional_response(request, etag, modified)
            if response is None:
                found = view(request, *args, **kwargs)
                if found.status_code != 200:
                    return found
                # Only now is it sure that there is something.
                response = (anything and get_conditional_response(request, etag, modified)) or found
            request.META[GOOD_FOR] = GoodFor(now.seq, today, to_the_moment)
            response.headers["ETag"] = etag
            if modified:
                response.headers["Last-Modified"] = http_date(modified)
            response.headers["Cache-Control"] = (
                "public, max-age=31536000, immutable"
                if pinned and is_settled(request.GET, now.seq, today)
                else "public, max-age=0, must-revalidate"
            )
            patch_vary_headers(response, NEGOTIATED)
            return response

        return answer

    return decorate if view is None else decorate(view)


def is_anything(environ: Mapping[str, Any]) -> bool:
    """Whether a request asks for what is there only if there is nothing: If-None-Match: * (RFC 9110, 13.1.2)."""
    return str(environ.get("HTTP_IF_NONE_MATCH", "")).strip() == "*"


def is_settled(asked: QueryDict, newest: int, today: dt.date | None) -> bool:
    """Whether the answer stays the same forever: its address names a revision that there is.

    Where the answer depends on today's date as well, all days that it names have to be past: it speaks of them so.
    """
    revision = asked.get("revision", "")
    if not (revision.isascii() and revision.isdigit() and len(revision) < 20 and 1 <= int(revision) <= newest):
        return False
    if today is None:
        return True
    days = [asked.get("on", ""), *filter(None, [asked.get("known")])]
    try:
        return all(dt.date.fromisoformat(day) < today for day in days)
    except ValueError:
        return False


def etag_of(request: HttpRequest, revision: int, today: dt.date | None) -> str:
    address = f"{request.path}?{request.META.get('QUERY_STRING', '')}"  # or one page's tag would do for a missing one
    parts = [address, str(revision), settings.BUILD, str(today)]
    parts += [request.META.get(name, "") for name in NEGOTIATED.values()]
    parts.append(request.META.get(HISTORY_RESTORE, ""))
    return f'"{hashlib.sha256("|".join(parts).encode()).hexdigest()[:32]}"'


def modified_at(now: LogHead, today: dt.date | None) -> int | None:
    """The time of the newest change, or the start of the day where the answer depends on that, in seconds."""
    moments = [now.at] if now.at else []
    if today:
        moments.append(dt.datetime.combine(today, dt.time(), dt.UTC))
    return int(max(moments).timestamp()) if moments else None


# --------------------------------------------------------------------------------------- whole answers, kept in memory


@dataclass(frozen=True)
class Kept:
    """An answer, or that it was a 304: then there is no body."""

    good_for: GoodFor
    etag: str
    headers: list[tuple[str, str]]
    unchanged: list[tuple[str, str]]  # the headers of a 304
    body: bytes | None
    size: int  # about how many bytes it takes, its address and headers among them


class Front:
    """A WSGI application before the application: what it has answered at this revision it answers again."""

    def __init__(self, application: WSGIApplication, *, room: int | None = None) -> None:
        self.application = application
        self.room = settings.ANSWER_CACHE_MB << 20 if room is None else room  # bytes, of one process
        self.kept: OrderedDict[tuple[str, ...], Kept] = OrderedDict()
        self.held = 0
        self.lock = Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "GET" or "HTTP_AUTHORIZATION" in environ:
            return self.application(environ, start_response)
        key = key_of(environ)
        kept = self.kept.get(key)
        if kept is None:
            return self.ask(key, environ, start_response)
        asked = environ.get("HTTP_IF_NONE_MATCH")
        is_known = bool(asked and (kept.etag in asked or (kept.body is not None and is_anything(environ))))
        revision, day, to_the_moment = kept.good_for
        # Whoever names another version may have a newer one.
        is_other = (asked and not is_known) or "HTTP_IF_MODIFIED_SINCE" in environ
        now = revision_for(environ, to_the_moment=to_the_moment or bool(is_other))
        if revision != now or (day and day != dt.datetime.now(dt.UTC).date()):
            return self.ask(key, environ, start_response)
        if is_known:
            start_response("304 Not Modified", kept.unchanged)
            return (b"",)
        if kept.body is None:
            return self.ask(key, environ, start_response)
        start_response("200 OK", kept.headers)
        return (kept.body,)

    def ask(self, key: tuple[str, ...], environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Let the application answer, and keep the answer where it says for how long that is good."""
        said: list[Any] = []

        def listen(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            said[:] = status, headers
            return start_response(status, headers, *rest)

        response = self.application(environ, listen)
        if GOOD_FOR not in environ or said[0][:3] not in {"200", "304"} or getattr(response, "streaming", False):
            return response
        body = b"".join(response)
        headers = [pair for pair in said[1] if pair[0] not in OF_ONE_CLIENT]
        size = len(body) + sum(map(len, key)) + sum(len(name) + len(value) for name, value in headers) + OVERHEAD
        if size <= self.room // 8 and not any(name == "Set-Cookie" for name, _ in headers):
            etag = next(value for name, value in headers if name == "ETag").removeprefix("W/")
            unchanged = [pair for pair in headers if pair[0] in KEPT_ON_304]
            whole = body if said[0].startswith("200") else None
            self.keep(key, Kept(environ[GOOD_FOR], etag, headers, unchanged, whole, size))
        if hasattr(response, "close"):
            response.close()
        return (body,)

    def keep(self, key: tuple[str, ...], kept: Kept) -> None:
        with self.lock:
            if old := self.kept.pop(key, None):
                self.held -= old.size
            self.kept[key] = kept
            self.held += kept.size
            while self.held > self.room:
                _, oldest = self.kept.popitem(last=False)
                self.held -= oldest.size


OVERHEAD = 2_000  # bytes that an answer's objects take
# What an answer says to one client alone. Answers from memory are counted for nobody.
OF_ONE_CLIENT = {"RateLimit", "RateLimit-Policy"}
KEPT_ON_304 = {"ETag", "Last-Modified", "Cache-Control", "Vary", "Content-Location", "Expires"}


def key_of(environ: WSGIEnvironment) -> tuple[str, ...]:
    get = environ.get
    return (
        get("HTTP_HOST", ""),
        get("HTTP_X_FORWARDED_PROTO", ""),
        environ["PATH_INFO"],
        get("QUERY_STRING", ""),
        get("HTTP_ACCEPT", ""),
        get("HTTP_ACCEPT_ENCODING", ""),
        get("HTTP_HX_REQUEST", ""),
        get(HISTORY_RESTORE, ""),
        get("HTTP_ORIGIN", ""),
    )


def revision_for(environ: WSGIEnvironment, *, to_the_moment: bool) -> int | None:
    """The revision that an answer goes by; whoever is logged in may just have made a newer one."""
    return recent_revision(0 if to_the_moment or "HTTP_COOKIE" in environ else settings.REVISION_SECONDS)


class RecentRevision:
    """The revision as this process asked it at most so many seconds ago: asking a server takes a round trip."""

    def __init__(self) -> None:
        self.known: tuple[float, int | None] = (-math.inf, None)  # when it was asked, and what it was

    def __call__(self, seconds: float) -> int | None:
        now = time.monotonic()  # taken before it is asked
        asked_at, found = self.known
        if now - asked_at >= seconds:
            found = current_revision()
            if now > self.known[0]:  # another thread may have asked later, and have its answer already
                self.known = now, found
        return found


recent_revision = RecentRevision()


def current_revision() -> int | None:
    """The head's seq, asked on the bare connection: this runs for thousands of answers a second. None: cannot tell."""
    ours: Any = connections[DEFAULT_DB_ALIAS]  # of this thread; `connection` would look for it at each attribute
    try:
        if ours.connection is None:
            ours.ensure_connection()
        row = ours.connection.execute("SELECT seq FROM events_loghead WHERE id = 1").fetchone()
    except (DatabaseError, ours.Database.Error):  # the driver's own: no cursor of Django's translates it
        ours.close()
        return None
    return row[0] if row else 0
