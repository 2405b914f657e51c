"""The one way out to the network: what is fetched from addresses that editors, feeds and pages give.

Each call is bounded: in time as a whole and for each step, in size after decompression, in redirects, in media types.
The address that a connection is made to is the very one that was judged public (`events.lib.addresses`), on every hop,
so a name that resolves to something else a moment later gains nothing; TLS and Host still name the host. Nothing here
tries again: whoever asked writes down when to.
"""

from __future__ import annotations

import datetime as dt
import re
import time
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http.client import responses
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from django.conf import settings

from events.lib.addresses import NotPublic, Unresolvable, is_allowed

if TYPE_CHECKING:
    import httpx

MB = 1024 * 1024
TOTAL = 60.0  # seconds
LARGEST = 10 * MB
REDIRECTS = 5
PIECE = 64 * 1024  # bytes that are decompressed at a time, whatever they would become
GZIP_OR_ZLIB = zlib.MAX_WBITS | 32  # by the header that is there
PORTS = (80, 443)
LONGEST_WAIT = dt.timedelta(days=1)  # that a server may ask for by Retry-After

PAGES = ("text/html", "application/xhtml+xml", "text/plain")
FEEDS = ("application/atom+xml", "application/rss+xml", "application/xml", "text/xml", "application/rdf+xml", *PAGES)
JSON = ("application/json",)


class NetworkError(Exception):
    """Nothing usable came back; the message is a sentence for editors. What it is for may be tried again."""

    retry_after: dt.timedelta | None = None


class Refused(NetworkError):
    """We do not go there: the address is not of the public web, whatever is tried again."""


class TimedOut(NetworkError):
    pass


class TooLarge(NetworkError):
    pass


class WrongType(NetworkError):
    pass


class RedirectLoop(NetworkError):
    pass


class BadStatus(NetworkError):
    """The server answered with an error."""

    def __init__(self, status: int, url: str, retry_after: dt.timedelta | None = None) -> None:
        words = responses.get(status, "")
        super().__init__(f"{urlsplit(url).hostname} answered {f'{status} {words}'.strip()}.")
        self.status = status
        self.retry_after = retry_after

    @property
    def is_gone(self) -> bool:
        """Whether the server says that the page does not exist, and not merely that it will not hand it out now."""
        return self.status in (404, 410)


@dataclass(frozen=True)
class Answer:
    """What a server gave: `url` is the last of the redirects, `body` is decompressed; 304 has none."""

    url: str
    status: int
    body: bytes
    media_type: str = ""
    charset: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)  # lower-case names

    @property
    def is_unchanged(self) -> bool:
        return self.status == 304

    @property
    def etag(self) -> str:
        return self.validator("etag", longest=300)

    @property
    def last_modified(self) -> str:
        return self.validator("last-modified", longest=100)

    def validator(self, name: str, *, longest: int) -> str:
        """What may be sent back to ask whether it has changed; none where it is not ASCII, which cannot be sent.

        Nor where it is longer than what is kept: a part names nothing, and one that ends with a space cannot be sent.
        """
        value = self.headers.get(name, "")
        return value if value.isascii() and len(value) <= longest else ""


def fetch(
    url: str,
    *,
    types: Collection[str] = (),
    headers: Mapping[str, str] | None = None,
    largest: int = LARGEST,
    seconds: float = TOTAL,
    method: str = "GET",
    form: Mapping[str, str] | None = None,
) -> Answer:
    """What stands at a URL, following redirects; `types` are the media types that are read (none: any).

    `largest` bounds the body in bytes after decompression, `seconds` the whole of it. A `form` is sent by POST, to that
    URL alone. Raises NetworkError.
    """
    import httpcore  # web processes need what is above and never come here: 6 MB
    import httpx

    from events.lib.connections import client

    deadline = time.monotonic() + seconds
    seen: set[str] = set()
    sent = {"Accept-Encoding": "gzip, deflate", "User-Agent": settings.FETCH_USER_AGENT, "Accept": accepted(types)}
    sent |= headers or {}
    method = "POST" if form is not None else method
    with client() as session:
        while True:
            check(url)
            if url in seen or len(seen) > REDIRECTS:
                raise RedirectLoop(f"{urlsplit(url).hostname} redirects in a circle or more than {REDIRECTS} times.")
            seen.add(url)
            try:
                with session.stream(
                    method, url, headers=sent, data=form, extensions={"deadline": deadline}
                ) as response:
                    if response.has_redirect_location:  # a 304 may have a Location, too, and is none
                        if form is not None:
                            raise NetworkError(f"{urlsplit(url).hostname} redirects what it was sent.")
                        came_from, url = url, joined(url, response.headers["location"])
                        if origin(url) != origin(came_from):  # who we are there is no business of others
                            sent.pop("Authorization", None)
                        continue
                    return read(response, url, types=types, largest=largest)
            except (httpx.TimeoutException, httpcore.TimeoutException):
                host = urlsplit(url).hostname
                raise TimedOut(f"{host} took longer than {seconds:.0f} seconds, or stopped answering.") from None
            except NotPublic as problem:
                raise Refused(str(problem)) from None
            except Unresolvable as problem:
                raise NetworkError(str(problem)) from None
            except (httpx.InvalidURL, UnicodeError) as problem:  # the latter of names that IDNA does not know
                raise Refused(f"This is no address of a page: {problem}.") from None
            except httpx.HTTPError as problem:
                raise NetworkError(f"{urlsplit(url).hostname} could not be read: {reason(problem)}.") from problem


def check(url: str) -> None:
    """Refuse what is no http(s) address without a password at a usual port. Raises Refused."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as problem:
        raise Refused(f"This is no address of a page: {problem}.") from None
    if any(sign.isascii() and not sign.isprintable() for sign in url):  # as httpx; and a database may not hold NUL
        raise Refused("This is no address of a page: it holds control characters.")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused("An address starts with http:// or https:// and names a host.")
    if parts.username is not None or parts.password is not None:
        raise Refused("An address with a user name or password is not fetched.")
    if port not in (None, *PORTS) and not is_allowed(parts.hostname, port):
        raise Refused(f"Port {port} is not one of the web’s ({', '.join(map(str, PORTS))}).")


def joined(url: str, location: str) -> str:
    """Where a redirect leads. Raises Refused."""
    try:
        return urljoin(url, location)
    except ValueError as problem:
        raise Refused(f"{urlsplit(url).hostname} redirects to what is no address: {problem}.") from None


def origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def accepted(types: Collection[str]) -> str:
    return ", ".join([*types, "*/*;q=0.1"]) if types else "*/*"


def read(response: httpx.Response, url: str, *, types: Collection[str], largest: int) -> Answer:
    """The answer with its whole body. Raises NetworkError."""
    if response.status_code >= 400:
        raise BadStatus(response.status_code, url, waiting(response.headers.get("retry-after", "")))
    kind, _, parameters = response.headers.get("content-type", "").lower().partition(";")
    charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", parameters)
    has_body = response.status_code != 304 and response.request.method != "HEAD"
    if has_body and types and kind.strip() and kind.strip() not in types:
        raise WrongType(f"It is of type {kind.strip()}, which is not read here.")
    body = b""
    if has_body:
        declared = response.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > largest:
            raise too_large(largest)
        body = whole(decompressed(response), largest)
    return Answer(
        url=url,
        status=response.status_code,
        body=body,
        media_type=kind.strip(),
        charset=charset[1] if charset else "",
        headers=dict(response.headers),
    )


def whole(pieces: Iterator[bytes], largest: int) -> bytes:
    found = bytearray()
    for piece in pieces:
        found += piece
        if len(found) > largest:
            raise too_large(largest)
    return bytes(found)


def too_large(largest: int) -> TooLarge:
    return TooLarge(f"It is larger than {largest / MB:.0f} MB.")


def decompressed(response: httpx.Response) -> Iterator[bytes]:
    """The body in pieces of bounded size, however small it is compressed."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        yield from response.iter_raw(PIECE)
        return
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise NetworkError(f"It is compressed by {encoding}, which we did not ask for.")
    unzip = zlib.decompressobj(GZIP_OR_ZLIB)
    try:
        for raw in response.iter_raw(PIECE):
            left = raw
            while left:
                if unzip.eof:
                    if not left.startswith(b"\x1f"):  # no further member of gzip: zlib would keep all that comes
                        return
                    unzip = zlib.decompressobj(GZIP_OR_ZLIB)
                yield unzip.decompress(left, PIECE)
                left = unzip.unconsumed_tail or unzip.unused_data
        yield unzip.flush()
    except zlib.error:
        raise NetworkError("Its compressed body is damaged.") from None
    if not unzip.eof:
        raise NetworkError("It ended before its compressed body did.")


def waiting(text: str) -> dt.timedelta | None:
    """How long Retry-After asks to wait, in seconds or until a date (RFC 9110, 10.2.3); at most a day."""
    if text.strip().isdecimal():
        return min(dt.timedelta(seconds=int(text.strip()[:9])), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=dt.UTC)
    return min(max(until - dt.datetime.now(dt.UTC), dt.timedelta()), LONGEST_WAIT)


def reason(problem: Exception) -> str:
    return str(problem).rstrip(".") or type(problem).__name__
