"""What feeds bring becomes candidates, each once; their pages are read; editors settle them.

Each look at a feed and each reading of a page is one lease: taken by a conditional UPDATE, given back in the one
transaction that writes what came of it. A worker that dies in between leaves a row that is due again.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import deque
from collections.abc import Iterable
from functools import cached_property
from typing import Any

import structlog
from django.contrib.auth.models import AbstractUser
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from events.choices import CandidateState, Reading
from events.ingest import IMPORTERS, REQUESTS, webpage
from events.ingest.entry import LOOKED_BACK, BadFeed, Entry, are_alike, content_hash, title_words
from events.ingest.findings import Page
from events.ingest.names import Vocabulary
from events.lib import http, pauses
from events.lib.urls import BadUrl, normalize, source_slug
from events.models import Candidate, Event, Feed
from events.queries.names import vocabulary
from events.services import extraction

log = structlog.get_logger(__name__)

LEASE = 5 * 60  # seconds; longer than a look or a reading may take
LARGEST = 5 * http.MB  # of one answer; feedparser takes a second for 100 kB
UNDATED = 20  # items without a day that the first look at a feed takes
PAGES = 10  # of one look; where there are more, the next look goes on
ATTEMPTS = 5
LONGEST_PAUSE = dt.timedelta(days=1)
FIRST_PAUSE = dt.timedelta(minutes=5)
ALIKE_WITHIN = dt.timedelta(days=7)
COMPARED = 2000  # candidates, the newest
TEXT_KEPT = dt.timedelta(days=30)
# What reading a page writes on its candidate.
KEPT = ("title", "publisher", "authors", "published", "language", "text", "findings", "reading", "problem", "next_at")
BROKE = "What it sent could not be read to the end ({})."
BETWEEN_PAGES = 2.0  # seconds between two pages of one host


class InboxError(ValueError):
    """It cannot be done; the message is a sentence for the desk."""


# ------------------------------------------------------------------------------------------------------------- feeds


def poll_due(*, seconds: float) -> int:
    """Look at the feeds that are due, for at most so many seconds, and count the new candidates."""
    started, new = time.monotonic(), 0
    while time.monotonic() - started < seconds and (feed := Feed.objects.active().take(seconds=LEASE)) is not None:
        mind_a_death(feed, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
        new += poll(feed)
    return new


def mind_a_death(row: Any, *, first: dt.timedelta, longest: dt.timedelta) -> None:
    """If whoever last held a feed or check died over it, count that as a failure, and let the next try wait as long.

    How this one ends says when the next is; if it never ends, what kills its workers is tried as rarely as what fails.
    """
    if row.was_left:
        row.failures += 1
        row.next_at = timezone.now() + pauses.after(row.failures, first=first, longest=longest)
        type(row)._default_manager.held(row).update(failures=row.failures, next_at=row.next_at)


def poll(feed: Feed) -> int:
    """Look at one feed, which is held, and count the new candidates. What goes wrong is written on the feed."""
    try:
        return look(feed)
    except (http.NetworkError, BadFeed) as problem:
        failed(feed, str(problem), getattr(problem, "retry_after", None))
    except DatabaseError:
        raise
    except Exception as problem:  # what the world sends finds every hole in a parser; the time limit ends here, too
        log.exception("What a feed sent broke its reader", feed=feed.slug)
        failed(feed, BROKE.format(type(problem).__name__), None)
    return 0


def look(feed: Feed) -> int:
    """Fetch and store all pages of a feed. Raises NetworkError and BadFeed, with what came before them stored."""
    url = REQUESTS[feed.kind](feed.url, feed.cursor) if feed.kind in REQUESTS else feed.url
    asked = {"If-None-Match": feed.etag, "If-Modified-Since": feed.last_modified}
    types = http.JSON if feed.kind in REQUESTS else http.FEEDS
    new = 0
    for number in range(PAGES):
        headers = {name: value for name, value in asked.items() if value} if number == 0 else {}
        answer = http.fetch(url, types=types, headers=headers, largest=LARGEST)
        if answer.is_unchanged:
            break
        batch = IMPORTERS[feed.kind](answer.body, url=answer.url, cursor=feed.cursor)
        new += store(feed, batch.entries)
        if batch.cursor != feed.cursor:
            advance(feed, batch.cursor)
        elif number == 0:  # of several pages the first may stay as it is, and a later one not
            feed.etag, feed.last_modified = ("", "") if batch.more else (answer.etag, answer.last_modified)
        if not batch.more:
            break
        url = batch.more
    succeeded(feed, new)
    return new


def advance(feed: Feed, cursor: str) -> None:
    """Keep how far a page has brought a look, though a later page may fail, or the worker die.

    Pages come the oldest first, so that what is still missing is of that day or later. The next look asks for something
    else, of which the ETag says nothing.
    """
    feed.cursor, feed.etag, feed.last_modified = cursor, "", ""
    Feed.objects.held(feed).update(cursor=cursor, etag="", last_modified="")


def succeeded(feed: Feed, new: int) -> None:
    now = timezone.now()
    Feed.objects.held(feed).update(
        etag=feed.etag,
        last_modified=feed.last_modified,
        cursor=feed.cursor,
        checked_at=now,
        good_at=now,
        failures=0,
        leased_until=None,
        next_at=now + dt.timedelta(minutes=feed.minutes),
    )


def failed(feed: Feed, problem: str, retry_after: dt.timedelta | None) -> None:
    """Write down what went wrong and when to try again; what the feed was when all was well stays."""
    now = timezone.now()
    backing_off = pauses.after(feed.failures + 1, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
    pause = max(backing_off, retry_after or dt.timedelta(), dt.timedelta(minutes=feed.minutes))
    Feed.objects.held(feed).update(
        checked_at=now,
        failures=feed.failures + 1,
        error=problem[:500],
        error_at=now,
        leased_until=None,
        next_at=now + pause,
    )
    log.warning("A feed could not be read", feed=feed.slug, problem=problem)


def store(feed: Feed, entries: Iterable[Entry]) -> int:
    """Keep those entries as candidates that the feed's editors want and that are not known yet; count them.

    What was old at the last good look, or is at the first one, is passed over, unless the feed is asked from a day on.
    Of what bears no day the first look takes so many, and has the others known.
    """
    wanted = [entry for entry in entries if feed.wants(f"{entry.title}\n{entry.summary}\n{entry.url}")]
    known: list[Entry] = []
    if feed.kind not in REQUESTS:
        since = (feed.good_at or timezone.now()).date() - LOOKED_BACK
        wanted = [entry for entry in wanted if entry.published is None or entry.published >= since]
        if feed.good_at is None:
            known = [entry for entry in wanted if entry.published is None][UNDATED:]
            wanted = [entry for entry in wanted if entry not in known]
    told = Told()
    new = sum(add(entry, feed=feed, told=told) is not None for entry in wanted)
    for entry in known:
        add(entry, feed=feed, dismissed=True)
    return new


class Told:
    """What the candidates of the last days tell by their titles: read once for many that are compared with them."""

    @cached_property
    def titles(self) -> deque[tuple[int, frozenset[str]]]:
        """Keys and words of those under which others are gathered, the newest last."""
        recent = Candidate.objects.filter(same_as=None, found_at__gte=timezone.now() - ALIKE_WITHIN).exclude(title="")
        recent = recent.exclude(state=CandidateState.DISMISSED, settled_by=None)  # nobody has seen it
        newest = list(recent.order_by("-found_at", "-pk").values_list("pk", "title")[:COMPARED])
        return deque(((pk, title_words(title)) for pk, title in reversed(newest)), COMPARED)

    def like(self, title: str) -> Candidate | None:
        """The newest one whose title tells the same."""
        words = title_words(title)
        found = next((pk for pk, other in reversed(self.titles) if are_alike(words, other)), None)
        return Candidate.objects.filter(pk=found).first() if found else None

    def add(self, candidate: Candidate) -> None:
        self.titles.append((candidate.pk, title_words(candidate.title)))


def add(
    entry: Entry,
    *,
    feed: Feed | None = None,
    by: AbstractUser | None = None,
    dismissed: bool = False,
    told: Told | None = None,
) -> Candidate | None:
    """A candidate of the entry, gathered under an earlier one that says the same; None: it is known already.

    The same page in any spelling of its address, or the same words at another address, is known. `dismissed`: it only
    becomes known, and nobody is shown it.
    """
    told = told or Told()
    try:
        normalized = normalize(entry.url)
    except BadUrl:
        return None
    # Of a page that is known by its address alone, the address is one word: "/a-b" and "/a/b" are two pages.
    digest = content_hash(entry.title, entry.summary or source_slug(normalized))
    if Candidate.objects.filter(normalized_url=normalized).exists():
        return None
    if Candidate.objects.filter(content_hash=digest).exists():
        return None
    candidate = Candidate(
        feed=feed,
        url=entry.url[:2000],
        normalized_url=normalized[:2000],
        content_hash=digest,
        title=entry.title[:500],
        summary=entry.summary,
        publisher=entry.publisher[:300],
        authors=list(entry.authors),
        published=entry.published,
        language=entry.language,
        details=entry.details,
        added_by_id=by.pk if by else None,
    )
    if dismissed:
        candidate.state, candidate.settled_at, candidate.next_at = CandidateState.DISMISSED, timezone.now(), None
    elif entry.title:
        candidate.same_as = told.like(entry.title)
    try:
        with transaction.atomic():
            candidate.save()
            if feed and not dismissed:
                Feed.objects.filter(pk=feed.pk).update(brought=F("brought") + 1)
    except IntegrityError:  # another worker was faster
        return None
    if candidate.title and not dismissed and candidate.same_as is None:
        told.add(candidate)
    return candidate


# ------------------------------------------------------------------------------------------------------------- pages


def submit_link(url: str, *, by: AbstractUser) -> Candidate:
    """The candidate of an address that an editor pasted: a new one, or the one that there is, to be read (again).

    Raises InboxError.
    """
    try:
        normalized = normalize(url.strip())
    except BadUrl as problem:
        raise InboxError(str(problem)) from problem
    known = Candidate.objects.filter(normalized_url=normalized).first()
    candidate = known or add(Entry(url.strip(), title=""), by=by)
    candidate = candidate or Candidate.objects.filter(normalized_url=normalized).first()
    if candidate is None:
        raise InboxError("The address was added by somebody else at the same moment; paste it once more.")
    if candidate.reading != Reading.READ:
        read_again(candidate)
    return candidate


def submit_text(text: str, *, title: str, published: dt.date | None, by: AbstractUser) -> Candidate:
    """The candidate of a pasted text, with its findings at once."""
    digest = content_hash(title, text)
    known = Candidate.objects.filter(content_hash=digest).first()
    candidate = known or Candidate(content_hash=digest, title=title[:500], published=published, added_by_id=by.pk)
    keep(candidate, Page(webpage.cleaned(text), title=title, published=published), vocabulary())
    try:
        with transaction.atomic():
            candidate.save(update_fields=KEPT if known else None)  # as of what is read: it may be settled meanwhile
    except IntegrityError:  # pasted twice at once
        return Candidate.objects.get(content_hash=digest)
    return candidate


def read_again(candidate: Candidate) -> None:
    """Let its page be read now, whatever came of it before."""
    Candidate.objects.filter(pk=candidate.pk).update(
        reading=Reading.WAITING, next_at=timezone.now(), attempts=0, problem="", leased_until=None
    )


def read_due(*, seconds: float) -> int:
    """Read the pages that are due, for at most so many seconds, politely to each host; count what was read."""
    started, count, words, hosts = time.monotonic(), 0, None, {}  # type: ignore[var-annotated]
    while time.monotonic() - started < seconds and (candidate := Candidate.objects.take(seconds=LEASE)) is not None:
        if candidate.attempts >= ATTEMPTS:  # each ended with the worker
            not_read(candidate, webpage.Unreadable("Reading it never came to an end: paste its text."))
            continue
        # Counted before it is tried, so that a page that kills its worker is not tried forever.
        candidate.attempts += 1
        Candidate.objects.held(candidate).update(attempts=candidate.attempts)
        words = words or vocabulary()
        host = candidate.normalized_url.split("/")[2] if candidate.normalized_url else ""
        time.sleep(max(0.0, min(BETWEEN_PAGES, hosts.get(host, 0.0) - time.monotonic())))
        count += read(candidate, words)
        hosts[host] = time.monotonic() + BETWEEN_PAGES
    return count


def read(candidate: Candidate, words: Vocabulary) -> bool:
    """Read the page of one candidate, which is held. What goes wrong is written on it, and tried again for a while."""
    held = candidate.leased_until
    try:
        page = extraction.page_at(candidate.url)
        page.published = page.published or candidate.published
        page.title = page.title or candidate.title
        page.publisher = page.publisher or candidate.publisher
        keep(candidate, page, words)
    except (http.NetworkError, webpage.Unreadable) as problem:
        not_read(candidate, problem)
        return False
    except DatabaseError:
        raise
    except Exception as problem:  # as of feeds
        log.exception("A page broke its reader", url=candidate.url)
        not_read(candidate, webpage.Unreadable(BROKE.format(type(problem).__name__)))
        return False
    with transaction.atomic():
        if not Candidate.objects.filter(pk=candidate.pk, leased_until=held).update(leased_until=None):
            return False  # its lease was over, and somebody else has it
        candidate.save(update_fields=KEPT)  # an editor may have settled it meanwhile
    return True


def keep(candidate: Candidate, page: Page, words: Vocabulary) -> None:
    """Put on the candidate what its page says and what is found in it."""
    candidate.title = candidate.title or page.title[:500]
    candidate.publisher = page.publisher[:300] or candidate.publisher
    candidate.authors = page.authors or candidate.authors
    candidate.published = page.published or candidate.published
    candidate.language = candidate.language or page.language
    candidate.text = page.text
    candidate.findings = extraction.found_in(page, words=words)
    candidate.reading, candidate.problem = Reading.READ, ""
    candidate.next_at = candidate.leased_until = None


def not_read(candidate: Candidate, problem: Exception) -> None:
    """Try again later, unless it can never be read or has been tried often enough."""
    gone = isinstance(problem, http.BadStatus) and problem.is_gone
    hopeless = gone or isinstance(problem, http.Refused | http.TooLarge | http.WrongType | webpage.Unreadable)
    again = None
    if not hopeless and candidate.attempts < ATTEMPTS:
        asked = getattr(problem, "retry_after", None) or dt.timedelta()
        backing_off = pauses.after(candidate.attempts, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
        again = timezone.now() + max(backing_off, asked)
    Candidate.objects.held(candidate).update(
        problem=str(problem)[:500],
        reading=Reading.WAITING if again else Reading.FAILED,
        next_at=again,
        leased_until=None,
    )


# ---------------------------------------------------------------------------------------------------------- settling


@transaction.atomic
def settle(candidate: Candidate, *, by: AbstractUser, event: Event | None = None) -> None:
    """Take it, and all that is gathered under it, off the desk: it became a draft, or is dismissed.

    What was put away may become a draft yet; what became one stays that.
    """
    state = CandidateState.DRAFTED if event else CandidateState.DISMISSED
    root = candidate.same_as_id or candidate.pk
    found = Candidate.objects.filter(Q(pk=root) | Q(same_as=root), state=CandidateState.NEW)
    if event:
        found |= Candidate.objects.put_away().filter(pk=candidate.pk)
    found.update(state=state, event=event, settled_at=timezone.now(), settled_by=by, next_at=None)


def reopen(candidate: Candidate) -> None:
    """Put a candidate that was put away back on the desk; its page is read, if it went before that."""
    put_away = Candidate.objects.put_away().filter(pk=candidate.pk)
    put_away.filter(reading=Reading.WAITING).update(next_at=timezone.now(), attempts=0)
    put_away.update(state=CandidateState.NEW, settled_at=None, settled_by=None)


def delete_texts() -> int:
    """Delete fetched texts 30 days after their candidates were settled; count them."""
    old = Candidate.objects.filter(settled_at__lt=timezone.now() - TEXT_KEPT).exclude(text="")
    return old.update(text="", findings={}, reading=Reading.GONE, next_at=None)
