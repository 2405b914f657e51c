"""Whether the pages of sources still answer, and still say what they said: asked weekly, politely, from leased rows.

What a check finds is kept beside the source, outside the log. Only what two checks three days apart agree on becomes
the source's status, and has its document made anew.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import random
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils import timezone

from events.choices import LinkStatus, RecordType
from events.ingest import webpage
from events.ingest.text import digest, words
from events.lib import archiver, http, pauses, robots
from events.models import LinkCheck, Source
from events.services import inbox, publishing, reissue

log = structlog.get_logger(__name__)

EVERY = dt.timedelta(weeks=1)
CONFIRMED_AFTER = dt.timedelta(days=3)
FIRST_PAUSE, LONGEST_PAUSE = dt.timedelta(hours=1), dt.timedelta(days=1)
APART = dt.timedelta(minutes=1)  # between first checks of sources that came together
BETWEEN_PAGES = 10.0  # seconds between two pages of one host, whoever asks
LEASE = 5 * 60  # seconds; longer than a check may take
HEAD_SECONDS, PAGE_SECONDS = 15.0, 40.0
LARGEST = 5 * http.MB
BATCH = 500
SPAN = 10_000  # keys of sources that are looked through at once
# What servers answer to robots, or to those who have not paid; it says nothing of the page.
NOT_FOR_US = (401, 402, 403, 406, 407, 451)


@dataclass(frozen=True)
class Result:
    """What one check found; `found` is "" where it could not tell, and `problem` says why, for editors."""

    found: str = ""
    problem: str = ""
    http_status: int | None = None
    final_url: str = ""
    content_hash: str = ""
    etag: str = ""
    last_modified: str = ""
    retry_after: dt.timedelta | None = None
    is_for_good: bool = False  # there is no use in asking again before the week is over


def check_due(*, seconds: float) -> int:
    """Check the sources that are due, for at most so many seconds; count them."""
    started, count = time.monotonic(), 0
    add_missing()
    while time.monotonic() - started < seconds and (row := LinkCheck.objects.checkable().take(seconds=LEASE)):
        inbox.mind_a_death(row, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
        count += check(row)
    return count


def add_missing() -> None:
    """Rows for sources that have none, among the newest, and among some others, whose keys are drawn each time.

    So it takes no longer the more sources there are, and none is left out: one with a smaller key may come later.
    """
    newest = Source.objects.aggregate(newest=Max("pk"))["newest"] or 0
    for first in {max(newest - SPAN + 1, 0), random.randint(0, newest // SPAN) * SPAN}:  # noqa: S311
        end = first + SPAN
        # The keys are said twice: PostgreSQL would read all rows of checks up to them.
        known = LinkCheck.objects.filter(source=OuterRef("pk"), source__gte=first, source__lt=end)
        add(Source.objects.filter(~Exists(known), pk__gte=first, pk__lt=end))


def add(sources: QuerySet[Source]) -> None:
    """Rows for these, which have none. Those that came together are first asked one after another, within a week."""
    missing = list(sources.filter(merged_into=None).order_by("pk")[:BATCH])
    if not missing:
        return
    spread, now = min(EVERY, APART * (len(missing) - 1)), timezone.now()
    LinkCheck.objects.bulk_create(
        (
            LinkCheck(
                source=source, url=source.url, host=host_of(source.url), next_at=now + spread * number / len(missing)
            )
            for number, source in enumerate(shuffled(missing))
        ),
        ignore_conflicts=True,
    )


def shuffled(sources: list[Source]) -> list[Source]:
    """So that sources of one host, which come together, are not asked together."""
    return random.sample(sources, len(sources))


def check(row: LinkCheck) -> bool:
    """Check one source, whose row is held; whether it was asked. False: its host was asked a moment ago, and waits."""
    source = row.source
    if row.url != source.url:  # it was mended since: what was read at the old address counts no more
        row.url, row.host = source.url, host_of(source.url)
        row.etag = row.last_modified = row.content_hash = row.cited_hash = row.found = ""
        row.archive_url = row.archive_problem = ""
        row.found_since = None
    try:
        rules = robots.rules_for(row.url)
        pause = max(rules.delay, BETWEEN_PAGES)
        if (wait := still_to_wait(row, pause)) > dt.timedelta():
            put_off(row, wait, pause)
            return False
        result = look(row) if rules.allowed else forbidden(row.url)
    except DatabaseError:
        raise
    except Exception as problem:  # as of feeds; else its row, which is due longest, would end each run there
        log.exception("A page broke its reader", url=row.url)
        result = Result(problem=inbox.BROKE.format(type(problem).__name__), is_for_good=True)
    if keep(row, result):  # first: whatever the archiver does costs no check
        archive(row, is_alive=result.found == LinkStatus.OK)
    return True


def still_to_wait(row: LinkCheck, pause: float) -> dt.timedelta:
    """For how long the host is still to be left alone: while another asks it, and for a pause afterwards."""
    now = timezone.now()
    others = LinkCheck.objects.filter(host=row.host).exclude(pk=row.pk)
    if others.filter(leased_until__gt=now).exists():
        return dt.timedelta(seconds=pause * random.uniform(1, 2))  # noqa: S311
    last = others.aggregate(last=Max("checked_at"))["last"]
    return last + dt.timedelta(seconds=pause) - now if last else dt.timedelta()


def put_off(row: LinkCheck, wait: dt.timedelta, pause: float) -> None:
    """Let many due pages of the host wait, not this one alone: or each would be taken in turn to no end.

    One after another, over as long as all that are due take: of those that wait to the same moment, all but one would
    have to be put off again.
    """
    now = timezone.now()
    due = LinkCheck.objects.due(now).filter(host=row.host)
    some = list(due.only("pk")[:BATCH])
    apart = dt.timedelta(seconds=pause) * due.count() / max(len(some), 1)
    for number, each in enumerate(some):
        each.next_at = now + wait + apart * (number + random.random())  # noqa: S311
    due.bulk_update(some, ("next_at",))  # those that are due still
    LinkCheck.objects.held(row).update(next_at=now + wait, leased_until=None)


# ----------------------------------------------------------------------------------------------------- asking a server


def look(row: LinkCheck) -> Result:
    """Ask for a page: HEAD first, which is enough where nothing changed, then GET."""
    try:
        head = http.fetch(row.url, method="HEAD", seconds=HEAD_SECONDS)
    except http.BadStatus as problem:
        if problem.status == 429:
            return failed(row, problem)
        head = None  # some servers do not know HEAD, or answer it as they please
    except http.NetworkError:
        head = None
    if head is not None:
        if host_of(head.url) != row.host and not robots.rules_for(head.url).allowed:
            return forbidden(head.url)
        if row.content_hash and is_the_same(head, row):
            return answered(row, head, row.content_hash)
    try:
        page = http.fetch(row.url, seconds=PAGE_SECONDS, largest=LARGEST)
    except http.TooLarge as problem:
        status, url = (head.status, head.url) if head else (None, "")
        return Result(LinkStatus.OK, f"{problem} Whether it changed is not looked at.", status, url)
    except http.NetworkError as problem:
        return failed(row, problem)
    return answered(row, page, content_hash(page))


def is_the_same(head: http.Answer, row: LinkCheck) -> bool:
    """Whether the server says that the page is the one of the last check."""
    if head.etag or row.etag:
        return head.etag == row.etag
    return bool(head.last_modified) and head.last_modified == row.last_modified


def answered(row: LinkCheck, answer: http.Answer, digest: str) -> Result:
    return Result(
        found=LinkStatus.OK if digest == (row.cited_hash or digest) else LinkStatus.CHANGED,
        http_status=answer.status,
        final_url=answer.url,
        content_hash=digest,
        etag=answer.etag,
        last_modified=answer.last_modified,
    )


def failed(row: LinkCheck, problem: http.NetworkError) -> Result:
    """A page that does not exist, or whose server cannot be reached, is dead; one that is not for us may be alive."""
    status = problem.status if isinstance(problem, http.BadStatus) else None
    if status == 429 or status in NOT_FOR_US:
        return Result("", str(problem), status, retry_after=problem.retry_after, is_for_good=status != 429)
    return Result(LinkStatus.DEAD, str(problem), status, retry_after=problem.retry_after)


def forbidden(url: str) -> Result:
    return Result("", f"The robots.txt of {host_of(url)} asks us not to fetch it.", is_for_good=True)


def content_hash(answer: http.Answer) -> str:
    """The SHA-256 of the words of a page's main text, whatever their case and spacing; of anything else its bytes'."""
    if answer.media_type in ("", *http.PAGES):
        try:
            page = webpage.read(answer.body, media_type=answer.media_type, charset=answer.charset, url=answer.url)
        except webpage.Unreadable:
            pass
        else:
            return digest(word.folded for word in words(page.text))
    return hashlib.sha256(answer.body).hexdigest()


# ---------------------------------------------------------------------------------------------------- what came of it


def keep(row: LinkCheck, result: Result) -> bool:
    """Write down what a check found, and when to check again; give the row back. False: somebody else has it.

    With the log's head: whoever is just making the source's document anew has not seen what this may ask for.
    """
    with publishing.recording():
        return write_down(row, result)


def write_down(row: LinkCheck, result: Result) -> bool:
    held, now = row.leased_until, timezone.now()
    if not LinkCheck.objects.filter(pk=row.pk, leased_until=held).update(leased_until=None):
        return False  # its lease was over, and somebody else has it
    if result.found:
        is_new = result.found != row.found or (
            # Another change each time is the page's way: only words that stay are a change of the document.
            result.found == LinkStatus.CHANGED and result.content_hash != row.content_hash
        )
        if is_new or row.found_since is None:
            row.found, row.found_since = result.found, now
    if result.content_hash:
        if not row.cited_hash:
            row.cited_hash, row.cited_at = result.content_hash, now
        row.content_hash, row.etag, row.last_modified = result.content_hash, result.etag, result.last_modified
    is_well = result.found in (LinkStatus.OK, LinkStatus.CHANGED)
    row.failures = 0 if is_well else row.failures + 1
    row.checked_at, row.problem, row.http_status = now, result.problem[:500], result.http_status
    row.final_url = (result.final_url or row.final_url)[:2000]
    row.leased_until = None
    if result.found:
        confirm(row, now)
    row.next_at = now + pause_until_next(row, result)
    row.save()
    return True


def confirm(row: LinkCheck, now: dt.datetime) -> None:
    """Let what is found for three days be the status, and have the source's document say so."""
    if not row.found_since or row.found == row.status or now - row.found_since < CONFIRMED_AFTER:
        return
    if row.found == LinkStatus.DEAD and row.http_status is None and not anybody_answers(row, now):
        return
    row.status, row.status_since = row.found, row.found_since.date()
    reissue.request(RecordType.SOURCE, [row.source.slug], embedders=False)
    log.info("The status of a source changed", source=row.source.slug, status=row.status)


def anybody_answers(row: LinkCheck, now: dt.datetime) -> bool:
    """Whether another server answered within a day. Where none does, it is our own connection that is dead."""
    answered = LinkCheck.objects.filter(http_status__isnull=False, checked_at__gte=now - dt.timedelta(days=1))
    return answered.exclude(host=row.host).exists()


def pause_until_next(row: LinkCheck, result: Result) -> dt.timedelta:
    """A week; sooner to confirm what is new, and after failures, twice as long after each."""
    if result.is_for_good or (result.found and row.found == row.status):
        pause = pauses.about(EVERY)
    elif result.found in (LinkStatus.OK, LinkStatus.CHANGED):
        pause = pauses.about(CONFIRMED_AFTER * 1.2)
    else:
        pause = pauses.after(row.failures, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
    return max(pause, result.retry_after or dt.timedelta())


# ------------------------------------------------------------------------------------------------------------- a copy


def archive(row: LinkCheck, *, is_alive: bool) -> None:
    """Find a kept copy where none is known, or have one made of a page that answers; written on the row by itself.

    What goes wrong is logged and told to editors; with the next check it is tried again.
    """
    if not settings.ARCHIVER_URL or row.archive_url or row.source.archive_url:
        return
    try:
        found, problem = archiver.copy_of(row.url, near=row.source.published, may_save=is_alive), ""
    except http.NetworkError as failure:
        found, problem = "", str(failure)[:500]
        log.warning("The archiver gave no copy", url=row.url, problem=problem)
    except Exception as failure:  # as of pages
        found, problem = "", f"The archiver could not be asked ({type(failure).__name__})."
        log.exception("The archiver could not be asked", url=row.url)
    # Not of an address that was mended meanwhile.
    LinkCheck.objects.filter(pk=row.pk, url=row.url, archive_url="").update(archive_url=found, archive_problem=problem)


# ------------------------------------------------------------------------------------------------------------ editors


def check_now(sources: list[int]) -> None:
    """Let these sources be checked with the next beat, whatever came of them before."""
    for start in range(0, len(sources), BATCH):
        add(Source.objects.filter(pk__in=sources[start : start + BATCH], link_check=None))
    LinkCheck.objects.filter(source__in=sources).update(next_at=timezone.now(), leased_until=None)


def take_as_cited(row: LinkCheck) -> None:
    """What the page says now is what is cited: an editor has read it. The mark goes at once.

    A check that is under way compares with what was cited before: it loses its lease, and is made again.
    """
    with publishing.recording():  # as in keep
        row.refresh_from_db()
        row.cited_hash, row.cited_at, row.leased_until = row.content_hash, timezone.now(), None
        if row.found == LinkStatus.CHANGED:
            row.found = LinkStatus.OK
        if row.status == LinkStatus.CHANGED:
            row.status, row.status_since = LinkStatus.OK, timezone.now().date()
            reissue.request(RecordType.SOURCE, [row.source.slug], embedders=False)
        row.save()


def host_of(url: str) -> str:
    return (urlsplit(url).hostname or "")[:255]
