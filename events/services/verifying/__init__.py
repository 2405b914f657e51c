"""Whether the log still is what was written, and whether all that is drawn from it still says the same.

Everything is read in batches by keyset, in one snapshot of the database: 100,000 events take two minutes and little
memory, and writers do not wait. The log alone decides; of rows only an event's primary key is taken as it is.
"""

from __future__ import annotations

from collections.abc import Iterator

from events.choices import RecordType
from events.models import Change, LogHead, PublicDocument, Reissue
from events.services import ledger as ledgers
from events.services.verifying.chain import chain
from events.services.verifying.drawn import timeline
from events.services.verifying.ledger import ledger
from events.services.verifying.newest import documents, pointers
from events.services.verifying.reading import UNREADABLE, Finding, Tally, snapshot
from events.services.verifying.rows import unlike_rows

__all__ = ["UNREADABLE", "Finding", "Tally", "ledger", "snapshot", "to_look_at", "verify"]


def verify(tally: Tally, *, expect: tuple[int, str] | None = None, rows: bool = False) -> Iterator[Finding]:
    """All that is wrong. `expect` is the seq and hash of a change as somebody outside has kept them.

    With `rows` also whether each public row gives its newest document again. The tally is filled on the way.
    """
    with snapshot():
        head = LogHead.objects.filter(pk=1).first()
        if head is None:
            yield Finding("head", "is missing")
        tally.head = head or LogHead()
        tally.seen["outstanding reissues"] = Reissue.objects.outstanding().count()
        yield from chain(tally, head, expect)
        yield from pointers()
        yield from documents(tally)
        yield from timeline(tally)
        yield from ledger(tally)
        if rows:
            yield from unlike_rows(tally)


def to_look_at(*, rows: bool) -> int:
    """How many steps `verify` will take, for a progress bar."""
    documents = PublicDocument.objects.count()
    events = PublicDocument.objects.of_type(RecordType.EVENT).count()
    return Change.objects.count() + documents * (2 if rows else 1) + events + in_the_ledger()


def in_the_ledger() -> int:
    """How many records have rows in the access ledger."""
    return PublicDocument.objects.filter(type__in=ledgers.HOLDERS).count()
