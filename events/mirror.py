"""A verified copy of an AI Access Tracker's whole public record in one SQLite file, kept in step with it.

    python -m events.mirror URL FILE                 # copy, or bring an earlier copy up to date
    python -m events.mirror URL FILE --follow 30     # and look for news every 30 seconds, until it is interrupted
    python -m events.mirror --check FILE             # verify a copy from its first change to its last, off line

This module stands alone: copy the file, `pip install httpx`, and run `python mirror.py …` (Python 3.11 or newer).
URL is the address of a site, such as https://tracker.example, or of its API.

**What it does.** The public record is a log of changes, numbered by `seq` from 1 without a gap. Each change carries a
record's whole document, the document's SHA-256, and a hash that covers the change and the hash of the one before, so
that the newest hash vouches for everything. The first copy comes from the bulk file of the log that
`exports/latest/manifest.json` names (where there is none, and for what is newer, from `changes/?after=SEQ`), and every
document and every link of the chain is verified before it is stored. It stores some hundred changes in a transaction:
killed at any point, even by kill -9, it goes on from there when it is started again. Memory does not grow with the log.

**What it refuses.** A change that does not verify; a log other than the one it has copied, naming the first `seq` that
differs; a document that is missing (null) without a `redacted` change that names it. When a redaction arrives, the
document that it names is taken out of the copy as well, and overwritten in the file. Nothing else is ever deleted:
a retracted record keeps its document, which says so.

**What the file holds** (SQLite; readers are never blocked, even while it is written):

changes   every change: seq, at, type, key, action, class, note, self_published, document_hash, previous_hash, hash,
          document (canonical JSON; null: redacted)
newest    of each record, by type and key: the seq of the change that holds its newest document, and its state
          (published, retracted, merged, redacted)
records   view: newest, with `at` and the document
mirror    one row: the site's address, and when the copy was last in step with it (UTC)

Views of what is published, with one column for each plain field and lists as JSON: `events` and, by `event`,
`event_companies`, `event_agencies`, `event_countries`, `event_groups`, `event_products`, `event_policies`,
`event_relations`, `access_effects`, `citations`; `companies`, `agencies`, `countries`, `groups`, `group_members`,
`products`, `policies`, `publishers`, `sources`. For example:

    SELECT date, title FROM events JOIN event_countries ON event = slug WHERE country = 'CN' ORDER BY date;

**Exit status.** 0: in step (`--check`: it verifies). 2: wrong arguments, or FILE is not a copy made by this program, or
cannot be written. 3: the site's log is not the one that FILE holds. 4: something does not verify. 5: the site cannot be
reached, or answers what it should not. 130: interrupted. Messages and progress go to stderr.
"""

from __future__ import annotations

import argparse
import datetime as dt
import email.utils
import hashlib
import json
import random
import sqlite3
import sys
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import httpx

NO_HASH = "0" * 64
CHAINED = (
    "seq", "at", "type", "key", "action", "class", "note", "self_published", "document_hash", "previous_hash",
)  # fmt: skip
FIELDS = (*CHAINED, "hash", "document")
# What a change has in these fields, at once: field by field it would take as long as the hashes.
ALL_FIELDS = frozenset(FIELDS)
CHAINED_OF = itemgetter(*CHAINED)
PLAIN_OF = itemgetter(*FIELDS[:-1])
TEXTS_OF = itemgetter(*(name for name in FIELDS if name not in ("seq", "self_published", "document")))

DOCUMENT = b',"document":'  # no text before it can hold this: within texts quotation marks are escaped

PAGE = 1000  # changes asked for at once
BATCH = 500  # changes of the bulk file stored at once
BULK_FROM = 5000  # missing changes from which on the bulk file is the shorter way
LARGEST_PAGE = 64 << 20  # bytes of a page of changes, and of one line of the bulk file
LARGEST_ANSWER = 8 << 20  # of any other
ATTEMPTS = 8
LONGEST_WAIT = 60.0  # seconds between two attempts
LONGEST_RETRY_AFTER = 900.0  # seconds for which a busy site may send us away
LONGEST_ANSWER = 300.0  # seconds that one page may take altogether
TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
TIMEOUT = httpx.Timeout(30.0, connect=10.0)

APPLICATION_ID = 0x41414154  # "AAAT": marks the file as ours
FORMAT = 1
# By name: the type of record, the list of its document that is unfolded, and columns as name=field, or just the field.
VIEWS = {
    "events": ("event", "", "slug title summary body kind certainty direction date date_precision end_date edtf "
               "reported_on reported_on_basis independent_origins published_at updated_at html_url"),
    "event_companies": ("event", "companies", "company=slug name role"),
    "event_agencies": ("event", "agencies", "agency=slug name"),
    "event_countries": ("event", "countries", "country=code name role"),
    "event_groups": ("event", "groups", "group_slug=slug name role"),
    "event_products": ("event", "products", "product=slug name"),
    "event_policies": ("event", "policies", "policy=slug title relation partial"),
    "event_relations": ("event", "relations", "relation earlier=event title date"),
    "access_effects": ("event", "access_effects", "id product country group_slug=group except status effective_date "
                       "date_precision until by reported_on note"),
    "citations": ("event", "citations", "id source=source.slug url=source.url title=source.title "
                  "publisher=source.publisher.slug published=source.published tier=source.tier stance about quote "
                  "speaker locator"),
    "companies": ("company", "", "slug name kind country=country.code aliases owns owned_by"),
    "agencies": ("agency", "", "slug name short country=country.code group_slug=group.slug aliases"),
    "countries": ("country", "", "code alpha3 name region=region.name"),
    "groups": ("group", "", "slug name issuer=issuer.slug citation official_url note is_world"),
    "group_members": ("group", "members", "country=code name since until"),
    "products": ("product", "", "slug name kind company=company.slug models_from=models_from.slug aliases"),
    "policies": ("policy", "", "slug title kind issuer=issuer.slug country=country.code citation official_url "
                 "stages aliases"),
    "publishers": ("publisher", "", "slug name kind country=country.code"),
    "sources": ("source", "", "slug title page_url normalized_url publisher=publisher.slug authors language published "
                "tier paywalled relays archive_url link_status link_status_since"),
}  # fmt: skip
NEWEST = "SELECT type, key, max(seq) FROM changes WHERE action <> 'redacted' GROUP BY type, key"
UNEXPLAINED = "SELECT min(seq) FROM changes WHERE document IS NULL AND seq NOT IN (SELECT redacts FROM redactions)"
NEWER = """
    INSERT INTO newest
    SELECT type, key, seq,
        CASE WHEN document IS NULL THEN 'redacted' ELSE coalesce(json_extract(document, '$.state'), 'published') END
    FROM changes WHERE seq > ? AND action <> 'redacted' ORDER BY seq
    ON CONFLICT (type, key) DO UPDATE SET seq = excluded.seq, state = excluded.state
"""
STATED = "SELECT type, key, seq FROM newest"
ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
Row = tuple[Any, ...]
T = TypeVar("T")


class Text(str):
    """A document as the very text that the site sent, which has the hash that its change states."""

    __slots__ = ()


class Stop(Exception):
    """Why it cannot go on, as a sentence."""

    status = 1


class CannotUse(Stop):
    status = 2


class Rewritten(Stop):
    status = 3


class NotVerified(Stop):
    status = 4


class Unreachable(Stop):
    status = 5


class Malformed(Unreachable):
    """The site says that it is asked for what cannot be (400): changes after one that it does not have."""


class BrokenLink(Exception):
    """A change does not follow the newest one that the copy holds."""


class Transient(Exception):
    """An attempt that may succeed later; `wait`: how many seconds the site asks for."""

    def __init__(self, problem: str, wait: float = 0.0) -> None:
        super().__init__(problem)
        self.wait = wait


def tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


# --------------------------------------------------------------------------------------------------------- verifying


def sha256(value: object) -> str:
    """Of the canonical JSON (RFC 8785) of a value; for strings, booleans, null and whole numbers this is that form."""
    return hashlib.sha256(ENCODER.encode(value).encode()).hexdigest()


def read(line: bytes) -> Any:
    """A change, from a line of the bulk file. Raises ValueError, RecursionError.

    Sites write it with its document at its end, in canonical form. Where these very bytes have the hash, there is no
    need to take them apart and put them together again, which would be most of the work of a copy.
    """
    head, _, rest = line.partition(DOCUMENT)
    if rest.startswith(b"{") and rest.endswith(b"}"):
        change = json.loads(head + b"}")
        if hashlib.sha256(rest[:-1]).hexdigest() == change.get("document_hash"):
            return change | {"document": Text(rest[:-1].decode())}
    return json.loads(line)


def document_of(change: Any) -> Any:
    document = change["document"]
    return json.loads(document) if isinstance(document, Text) else document


def verified(change: Any, seq: int, previous: str) -> Row:
    """The row of the change that follows change `seq`, whose hash is `previous`. Raises NotVerified, BrokenLink."""
    where = f"Change {seq + 1}"
    if not isinstance(change, dict) or change.keys() != ALL_FIELDS:
        raise NotVerified(f"{where} does not have the fields of a change, or has more: is this program too old?")
    document = change["document"]
    types = {*map(type, TEXTS_OF(change))}
    if types != {str} or type(change["self_published"]) is not bool or not isinstance(document, dict | Text | None):
        raise NotVerified(f"{where} has fields of another type than a change has.")
    if type(change["seq"]) is not int or change["seq"] != seq + 1:
        raise NotVerified(f"{where} is missing: {change['seq']!r} stands in its place.")
    try:
        if sha256(dict(zip(CHAINED, CHAINED_OF(change), strict=True))) != change["hash"]:
            raise NotVerified(f"{where} does not have the hash that it states.")
        text = ENCODER.encode(document) if isinstance(document, dict) else document
        own = text and hashlib.sha256(text.encode()).hexdigest()
    except (UnicodeEncodeError, RecursionError) as error:
        raise NotVerified(f"{where} cannot be written as canonical JSON: {error}.") from error
    if change["previous_hash"] != previous:
        raise BrokenLink(where)
    if text is not None and own != change["document_hash"]:
        raise NotVerified(f"The document of change {seq + 1} does not have the hash that the change states.")
    return (*PLAIN_OF(change), text)


def named_by(change: Any) -> int | None:
    """The seq whose document a change redacts; None where it is no redaction. Raises NotVerified."""
    if change["action"] != "redacted":
        return None
    named = (document_of(change) or {}).get("redacts")
    if type(named) is not int or not 0 < named < change["seq"]:
        raise NotVerified(f"Change {change['seq']} is a redaction, but names no change before it.")
    return named


# ---------------------------------------------------------------------------------------------------------- the file


class Copy:
    """The SQLite file. `seq` and `hash` are those of its newest change (0 and zeros: none)."""

    def __init__(self, file: str, *, make: bool = True) -> None:
        """Open the file, or make it. Raises CannotUse where it is something else's."""
        if not make and not Path(file).is_file():
            raise CannotUse(f"There is no file {file}.")
        try:
            self.db = sqlite3.connect(file, timeout=30, isolation_level=None)
            self.prepare(file)
        except sqlite3.Error as error:
            raise CannotUse(f"{file} cannot be used: {error}.") from error
        self.seq, self.hash = self.position()

    def prepare(self, file: str) -> None:
        [[application]] = self.db.execute("PRAGMA application_id")
        [[version]] = self.db.execute("PRAGMA user_version")
        [[tables]] = self.db.execute("SELECT count(*) FROM sqlite_master")
        if tables and application != APPLICATION_ID:
            raise CannotUse(f"{file} was not made by this program: it is left alone.")
        if version > FORMAT:
            raise CannotUse(f"{file} was made by a newer version of this program: get that one.")
        if not tables:
            with self.transaction():
                for statement in statements():
                    self.db.execute(statement)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        self.db.execute("PRAGMA secure_delete = ON")  # what is redacted is overwritten

    def close(self) -> None:
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def position(self) -> tuple[int, str]:
        row = self.db.execute("SELECT seq, hash FROM changes ORDER BY seq DESC LIMIT 1").fetchone()
        return row or (0, NO_HASH)

    def hash_at(self, seq: int) -> str:
        row = self.db.execute("SELECT hash FROM changes WHERE seq = ?", (seq,)).fetchone()
        return row[0] if row else NO_HASH

    @property
    def is_complete(self) -> bool:
        """Whether it has ever been in step."""
        return self.db.execute("SELECT in_step_at FROM mirror").fetchone()[0] is not None

    def add(self, changes: Iterable[Any]) -> None:
        """Verify what follows, and store it: all of it or nothing. Raises NotVerified, BrokenLink, CannotUse."""
        seq, previous = self.seq, self.hash
        rows, redactions = [], []
        for change in changes:
            row = verified(change, seq, previous)
            seq, previous = change["seq"], change["hash"]
            rows.append(row)
            if (named := named_by(change)) is not None:
                redactions.append((named, seq, change["type"], change["key"]))
        with self.transaction():
            if self.position() != (self.seq, self.hash):
                raise CannotUse("Another process is writing to the same file.")
            self.db.executemany(f"INSERT INTO changes VALUES ({', '.join('?' * len(FIELDS))})", rows)  # noqa: S608
            try:
                self.db.execute(NEWER, (self.seq,))
            except sqlite3.OperationalError as error:
                if "JSON" in str(error):
                    raise NotVerified(f"A document of the changes {self.seq + 1} to {seq} is not JSON.") from error
                raise
            for redaction in redactions:
                self.redact(*redaction)
        if redactions:
            self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # nor is it left in the file beside this one
        self.seq, self.hash = seq, previous

    def redact(self, named: int, by: int, record_type: str, key: str) -> None:
        """Take the document of change `named` out, for change `by` says so."""
        if self.db.execute("SELECT type, key FROM changes WHERE seq = ?", (named,)).fetchone() != (record_type, key):
            raise NotVerified(f"Change {by} redacts change {named}, which is one of another record.")
        self.db.execute("INSERT OR IGNORE INTO redactions VALUES (?, ?)", (named, by))
        self.db.execute("UPDATE changes SET document = NULL WHERE seq = ?", (named,))
        self.db.execute("UPDATE newest SET state = 'redacted' WHERE seq = ?", (named,))

    def refuse_unexplained(self) -> None:
        """Raise NotVerified where a document is null, and no redaction names it."""
        [[seq]] = self.db.execute(UNEXPLAINED)
        if seq is not None:
            raise NotVerified(f"The document of change {seq} is null, but no redaction names it.")

    def in_step(self, url: str) -> None:
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        with self.transaction():
            self.db.execute("UPDATE mirror SET url = ?, in_step_at = ?", (url, now))

    def check(self) -> None:
        """Verify all that the file holds, from its first change. Raises NotVerified."""
        seq, previous = 0, NO_HASH
        for row in self.db.execute("SELECT * FROM changes ORDER BY seq"):
            change = dict(zip(FIELDS, row, strict=True))
            change["self_published"] = bool(change["self_published"])
            try:
                change["document"] = None if change["document"] is None else json.loads(change["document"])
                verified(change, seq, previous)
            except (BrokenLink, ValueError, RecursionError) as error:
                raise NotVerified(f"Change {seq + 1} does not follow the one before it, or is not JSON.") from error
            seq, previous = change["seq"], change["hash"]
            named = named_by(change)
            if named and self.db.execute("SELECT document FROM changes WHERE seq = ?", (named,)).fetchone() != (None,):
                raise NotVerified(f"The redaction of change {named} was not carried out.")
        self.refuse_unexplained()
        for right, stated in ((NEWEST, STATED), (STATED, NEWEST)):
            if found := self.db.execute(f"{right} EXCEPT {stated} LIMIT 1").fetchone():
                raise NotVerified(f"The table `newest` is wrong about the {found[0]} {found[1]}.")


def statements() -> Iterator[str]:
    """The tables and views of a new file."""
    yield f"PRAGMA application_id = {APPLICATION_ID}"
    yield f"PRAGMA user_version = {FORMAT}"
    columns = ", ".join(f'"{name}" TEXT NOT NULL' for name in FIELDS[1:-1])
    columns = columns.replace('"self_published" TEXT', '"self_published" INTEGER')
    yield f"CREATE TABLE changes (seq INTEGER PRIMARY KEY, {columns}, document TEXT)"
    yield "CREATE INDEX changes_of_a_record ON changes (type, key, seq)"
    yield "CREATE INDEX changes_without_document ON changes (seq) WHERE document IS NULL"
    yield (
        "CREATE TABLE newest (type TEXT NOT NULL, key TEXT NOT NULL, seq INTEGER NOT NULL REFERENCES changes (seq), "
        "state TEXT NOT NULL, PRIMARY KEY (type, key)) WITHOUT ROWID"
    )
    yield "CREATE INDEX newest_by_seq ON newest (seq)"
    yield "CREATE TABLE redactions (redacts INTEGER PRIMARY KEY, seq INTEGER NOT NULL)"
    yield "CREATE TABLE mirror (url TEXT, in_step_at TEXT)"
    yield "INSERT INTO mirror VALUES (NULL, NULL)"
    yield (
        "CREATE VIEW records AS SELECT n.type, n.key, n.seq, c.at, n.state, c.document "
        "FROM newest n JOIN changes c ON c.seq = n.seq"
    )
    for name, (record_type, unfolded, columns) in VIEWS.items():
        pairs = [(column.partition("=")[0], column.rpartition("=")[2]) for column in columns.split()]
        where = "j.value" if unfolded else "c.document"
        named = [f"json_extract({where}, '$.{field}') AS \"{column}\"" for column, field in pairs]
        if unfolded:
            named.insert(0, f"n.key AS {'event' if record_type == 'event' else f'{record_type}_slug'}")
        source = f", json_each(c.document, '$.{unfolded}') j" if unfolded else ""
        yield (
            f"CREATE VIEW {name} AS SELECT {', '.join(named)} FROM newest n JOIN changes c ON c.seq = n.seq{source} "  # noqa: S608
            f"WHERE n.type = '{record_type}' AND n.state = 'published'"
        )


# ---------------------------------------------------------------------------------------------------------- the site


@dataclass(frozen=True)
class Bulk:
    """The bulk file of the log: where it is, what it weighs, and the head of the log that it ends with."""

    address: str
    size: int
    sum: str
    seq: int
    hash: str


class Site:
    """The API of a site. Every request has a time-out, a bound on its answer, and is tried again with back-off."""

    def __init__(self, url: str, *, first_wait: float = 0.5) -> None:
        self.url = api_of(url)
        self.first_wait = first_wait
        self.page = PAGE
        self.client = httpx.Client(
            timeout=TIMEOUT,
            follow_redirects=True,
            max_redirects=5,
            headers={"User-Agent": "ai-access-tracker-mirror/1"},
        )

    def close(self) -> None:
        self.client.close()

    def head(self, at: int | None = None) -> tuple[int, str]:
        """seq and hash of the newest change, or of an older one."""
        said = self.get("changes/head/" if at is None else f"changes/head/?at={at}")
        try:
            seq, stated = said["seq"], said["hash"]
        except (TypeError, KeyError) as error:
            raise Unreachable(f"{self.url}changes/head/ does not answer with the head of a log.") from error
        if type(seq) is not int or not isinstance(stated, str):
            raise Unreachable(f"{self.url}changes/head/ does not answer with the head of a log.")
        return seq, stated

    def changes(self, after: int) -> tuple[list[Any], bool]:
        """The changes after a seq, and whether there are more; fewer at once where they are large."""
        while True:
            path = f"changes/?after={after}&page_size={self.page}"
            said = self.get(path, most=LARGEST_PAGE, or_none_if_larger=self.page > 1)
            if said is not None:
                break
            self.page = max(self.page // 8, 1)
        if not isinstance(said, dict) or not isinstance(said.get("results"), list):
            raise Unreachable(f"{self.url}changes/ does not answer with a page of changes.")
        more = said.get("next") is not None
        if more and not said["results"]:  # or it would be asked for to no end
            raise Unreachable(f"{self.url}changes/ answers with an empty page that is not the last one.")
        return said["results"], more

    def bulk(self) -> Bulk | None:
        """The newest bulk file of the log; None: the site has none."""
        address = urljoin(self.url, "exports/latest/manifest.json")
        said = self.get("exports/latest/manifest.json", or_none_if_missing=True)
        if said is None:
            return None
        try:
            [log] = [each for each in said["resources"] if each["name"] == "log"]
            file = urljoin(urljoin(address, said["base"]), log["path"])
            found = Bulk(file, log["bytes"], log["hash"], said["head"]["seq"], said["head"]["hash"])
        except (TypeError, KeyError, ValueError) as error:
            raise Unreachable(f"{address} does not describe the file of the log.") from error
        if urlsplit(file)[:2] != urlsplit(address)[:2] or type(found.size) is not int or type(found.seq) is not int:
            raise Unreachable(f"{address} does not describe a file of this site.")
        return found

    def get(
        self,
        path: str,
        *,
        most: int = LARGEST_ANSWER,
        or_none_if_missing: bool = False,
        or_none_if_larger: bool = False,
    ) -> Any:
        """The JSON at a path. Raises Unreachable."""

        def ask() -> Any:
            until = time.monotonic() + LONGEST_ANSWER
            with self.opened(path) as response:
                if response.status_code == 404 and or_none_if_missing:
                    return None
                if response.status_code != 200:
                    error = Malformed if response.status_code == 400 else Unreachable
                    raise error(f"{response.url} answers {response.status_code} {response.reason_phrase}.")
                body = bytearray()
                for part in response.iter_bytes():
                    body += part
                    if len(body) > most:
                        if or_none_if_larger:
                            return None
                        raise Unreachable(f"{response.url} answers with more than {most >> 20} MB.")
                    if time.monotonic() > until:
                        raise Transient(f"no whole answer in {LONGEST_ANSWER:.0f} s")
            try:
                return json.loads(body)
            except (ValueError, RecursionError) as error:
                raise Unreachable(f"{urljoin(self.url, path)} does not answer with JSON.") from error

        return self.patiently(ask)

    def download(self, bulk: Bulk) -> Iterator[bytes]:
        """The bytes of the bulk file; a connection that breaks is taken up where it broke. Raises NotVerified."""
        total = hashlib.sha256()
        received = failures = 0
        while received < bulk.size:
            headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={received}-"} if received else {})
            try:
                with self.opened(bulk.address, headers) as response:
                    if response.status_code not in (200, 206):
                        raise Unreachable(f"{bulk.address} answers {response.status_code}.")
                    passed = 0 if response.status_code == 206 else received  # 200: from the beginning once more
                    for part in response.iter_raw():
                        fresh = part[passed:]
                        passed = max(passed - len(part), 0)
                        received += len(fresh)
                        if received > bulk.size:
                            raise NotVerified(f"{bulk.address} is larger than its manifest says.")
                        if fresh:
                            failures = 0
                            total.update(fresh)
                            yield fresh
                if received < bulk.size:
                    raise Transient(f"it ended after {received} of {bulk.size} bytes")
            except Transient as problem:
                failures += 1
                self.pause(problem, failures)
        if f"sha256:{total.hexdigest()}" != bulk.sum:
            raise NotVerified(f"{bulk.address} does not have the SHA-256 that its manifest states.")

    @contextmanager
    def opened(self, path: str, headers: dict[str, str] | None = None) -> Iterator[httpx.Response]:
        """A response whose body is still to be read. Raises Transient for what may pass."""
        try:
            with self.client.stream("GET", urljoin(self.url, path), headers=headers) as response:
                if response.status_code in TRANSIENT:
                    problem = f"{response.status_code} {response.reason_phrase}"
                    raise Transient(problem, retry_after(response.headers.get("Retry-After", "")))
                yield response
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise Transient(str(error) or type(error).__name__) from error
        except httpx.HTTPError as error:
            raise Unreachable(f"{self.url}: {error}") from error

    def patiently(self, ask: Callable[[], T]) -> T:
        failures = 0
        while True:
            try:
                return ask()
            except Transient as problem:
                failures += 1
                self.pause(problem, failures)

    def pause(self, problem: Transient, failures: int) -> None:
        """Wait for the next attempt: twice as long each time, and as long as the site asks. Raises Unreachable."""
        if failures >= ATTEMPTS or problem.wait > LONGEST_RETRY_AFTER:
            later = f" It asks to come again in {problem.wait:.0f} s." if problem.wait else ""
            raise Unreachable(f"{self.url} cannot be read: {problem}.{later}")
        backoff = min(self.first_wait * 2**failures, LONGEST_WAIT) * random.uniform(0.5, 1)  # noqa: S311, many mirrors
        wait = max(problem.wait, backoff)
        tell(f"{self.url}: {problem}; again in {wait:.1f} s")
        time.sleep(wait)


def api_of(url: str) -> str:
    """The API's address, from the site's or its own. Raises CannotUse."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise CannotUse(f"{url} is no address of a site, such as https://tracker.example.")
    path = parts.path.rstrip("/").removesuffix("/api/v1")
    return f"{parts.scheme}://{parts.netloc}{path}/api/v1/"


def retry_after(text: str) -> float:
    """Seconds, of a Retry-After header (a number or a date); 0 where it says nothing of use."""
    try:
        seconds = int(text) if text.isdecimal() else email.utils.parsedate_to_datetime(text).timestamp() - time.time()
    except ValueError:
        return 0.0
    return max(float(seconds), 0.0)


# ---------------------------------------------------------------------------------------------------------- in step


def lines_of(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a text in gzip, one member or several. Raises NotVerified."""
    unzip = zlib.decompressobj(31)
    rest = b""
    for part in parts:
        while part:
            try:
                rest += unzip.decompress(part, 1 << 20)
            except zlib.error as error:
                raise NotVerified(f"The bulk file is not gzip: {error}.") from error
            *lines, rest = rest.split(b"\n")
            yield from lines
            if len(rest) > LARGEST_PAGE:
                raise NotVerified(f"The bulk file has a line of more than {LARGEST_PAGE >> 20} MB.")
            part = unzip.unconsumed_tail
            if unzip.eof:
                part, unzip = unzip.unused_data, zlib.decompressobj(31)
    if rest:
        yield rest


class Mirror:
    """A copy and the site that it is a copy of."""

    def __init__(self, site: Site, copy: Copy, *, show: Callable[[Any], None] | None = None) -> None:
        self.site, self.copy, self.show = site, copy, show
        self.start()

    def start(self) -> None:
        """Progress is that of one time of bringing up to date, not of all since the program was started."""
        self.told = self.started = time.monotonic()
        self.first = self.copy.seq

    def bring_up_to_date(self, *, bulk: bool = True) -> None:
        """Copy what is missing, verified. Raises Stop."""
        self.start()
        seq, stated = self.site.head()
        if seq < self.copy.seq or (seq == self.copy.seq and stated != self.copy.hash):
            self.refuse_rewritten()
        missing = seq - self.copy.seq
        if bulk and (missing >= BULK_FROM or (missing and not self.copy.seq)):
            self.copy_bulk()
        more = seq > self.copy.seq
        while more:
            try:
                changes, more = self.site.changes(self.copy.seq)
            except Malformed:
                self.refuse_rewritten()
                raise
            self.add(changes, seq)
        if self.copy.hash_at(seq) != stated:
            self.refuse_rewritten()
            raise NotVerified(f"The log's head states change {seq} with a hash that its changes do not have.")
        self.copy.refuse_unexplained()
        self.copy.in_step(self.site.url)

    def copy_bulk(self) -> None:
        """What the newest bulk file holds beyond the copy. Where it cannot be had, changes/ has it all."""
        batch: list[Any] = []
        try:
            bulk = self.site.bulk()
            if bulk is None or bulk.seq <= self.copy.seq:
                tell("There is no bulk file of use: copying change by change.")
                return
            tell(f"Copying {bulk.seq:,} changes from {bulk.address} ({bulk.size / 1e6:,.1f} MB).")
            for number, line in enumerate(lines_of(self.site.download(bulk)), 1):
                if number <= self.copy.seq:  # from an earlier run
                    continue
                try:
                    batch.append(read(line))
                except (ValueError, RecursionError) as error:
                    raise NotVerified(f"Line {number} of the bulk file is not JSON.") from error
                if len(batch) == BATCH:
                    self.add(batch, bulk.seq)
                    batch = []
        except Unreachable as problem:
            tell(f"{problem} Copying change by change.")
            return
        self.add(batch, bulk.seq)
        if (self.copy.seq, self.copy.hash) != (bulk.seq, bulk.hash):
            raise NotVerified(f"The bulk file ends with change {self.copy.seq}; its manifest states another head.")

    def add(self, changes: list[Any], until: int) -> None:
        show = self.show if self.copy.is_complete else None
        try:
            self.copy.add(changes)
        except BrokenLink as where:
            self.refuse_rewritten()
            raise NotVerified(f"{where} does not name the hash of the one before it.") from where
        if show:
            for change in changes:
                show(change)
        if (now := time.monotonic()) - self.told > 2:
            rate = (self.copy.seq - self.first) / (now - self.started)
            tell(f"{self.copy.seq:,} of {max(until, self.copy.seq):,} changes, {rate:,.0f} a second")
            self.told = now

    def refuse_rewritten(self) -> None:
        """Raise Rewritten where the site's log is not the one that was copied, and say from where on.

        Each hash covers all changes before it, so the first that differs is found by halving.
        """
        newest, _ = self.site.head()
        same, differs = 0, min(self.copy.seq, newest) + 1
        while differs - same > 1:
            middle = (same + differs) // 2
            if self.site.head(middle)[1] == self.copy.hash_at(middle):
                same = middle
            else:
                differs = middle
        if differs <= self.copy.seq:
            there = f"nothing: its log ends with change {newest}, as one that was restored from an old backup does"
            if differs <= newest:
                there = self.site.head(differs)[1]
            raise Rewritten(
                f"The log of {self.site.url} has been rewritten: change {differs} is the first that differs (here "
                f"{self.copy.hash_at(differs)}, there {there}). The copy is left as it is."
            )


def follow(mirror: Mirror, seconds: float) -> None:
    """Stay in step until interrupted. That the site cannot be reached for a while ends nothing."""
    while True:
        time.sleep(seconds)
        try:
            mirror.bring_up_to_date(bulk=False)
        except Unreachable as problem:
            tell(str(problem))


def show(change: Any) -> None:
    sys.stdout.write(f"{json.dumps(change | {'document': document_of(change)}, ensure_ascii=False)}\n")
    sys.stdout.flush()


def run(options: argparse.Namespace) -> None:
    if options.check:
        with closing(Copy(options.check, make=False)) as copy:
            copy.check()
            tell(f"{options.check} verifies: {copy.seq:,} changes, the newest with the hash {copy.hash}.")
        return
    with closing(Site(options.url)) as site, closing(Copy(options.file)) as copy:
        mirror = Mirror(site, copy, show=show if options.print else None)
        mirror.bring_up_to_date(bulk=not options.no_bulk)
        tell(f"In step with {site.url} at change {copy.seq:,}, whose hash is {copy.hash}.")
        if options.follow is not None:
            follow(mirror, options.follow)


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mirror.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url", nargs="?", metavar="URL", help="address of the site, or of its API")
    parser.add_argument("file", nargs="?", metavar="FILE", help="the SQLite file; made where there is none")
    parser.add_argument("--follow", type=float, metavar="SECONDS", help="look for news as often, until interrupted")
    parser.add_argument("--print", action="store_true", help="news to stdout as lines of JSON, once it is stored")
    parser.add_argument("--no-bulk", action="store_true", help="do not use the bulk file")
    parser.add_argument("--check", metavar="FILE", help="verify a copy, without a site")
    return parser


def main(given: list[str] | None = None) -> int:
    """The exit status."""
    parser = arguments()
    options = parser.parse_args(given)
    if bool(options.check) == bool(options.url and options.file) or (options.check and options.url):
        parser.error("Give URL and FILE, or --check FILE.")
    if options.follow is not None and not options.follow > 0:
        parser.error("--follow takes a number of seconds above 0.")
    try:
        run(options)
    except Stop as problem:
        tell(str(problem))
        return problem.status
    except sqlite3.Error as error:
        tell(f"The file cannot be read or written: {error}.")
        return CannotUse.status
    except BrokenPipeError:
        return 0  # whoever reads what is printed has enough
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
