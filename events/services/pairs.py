"""How many events bear two tags at once: the roll-ups by which the facets beside one filter are counted.

They are kept of the tags that many events bear; what few bear is counted by reading it. Publishing writes them: it adds
what each event brings, and counts a tag that has become frequent from all that bear it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from events.choices import RecordType
from events.models import TimelineEntry, TimelinePair, TimelineTag, day_of
from events.models.timeline import EVER
from events.queries.rolled import pairs_kept
from events.services import roll_ups

# So many events bear a tag when its pairs begin to be kept. As many are read in some 60 ms.
FREQUENT = 10_000
# What may be asked for alone, with facets beside it.
ASKED_FOR = {
    "kind", RecordType.COMPANY.value, RecordType.COUNTRY.value, RecordType.POLICY.value, RecordType.PRODUCT.value,
    RecordType.GROUP.value,
}  # fmt: skip
LACKS = "lacks:"  # tags for editors, which are no facet
Pairs = Counter[tuple[str, int, str]]  # tag, month (EVER: all of them), other


def pairs_of(tags: Iterable[str], month: int, kept: frozenset[str]) -> Iterator[tuple[str, int, str]]:
    """The pairs that an event adds to which bears these tags, its kind among them; every event bears the tag ""."""
    tags = [tag for tag in tags if not tag.startswith(LACKS)]
    for other in tags:
        yield "", EVER, other
    for tag in kept.intersection(tags):
        yield from pairs_with(tag, tags, month)


def pairs_with(tag: str, tags: Iterable[str], month: int) -> Iterator[tuple[str, int, str]]:
    """Those of one tag. Others of its own type are left out: a facet does not answer to its own filter.

    Not so of a group, by which countries are asked for: what concerns a country is counted by group, too.
    """
    yield tag, EVER, tag
    of = tag.partition(":")[0]
    for other in tags:
        if of == RecordType.GROUP or not other.startswith(f"{of}:"):
            if other != tag:
                yield tag, EVER, other
            yield tag, month, other


def add(counts: Pairs) -> None:
    """Add to the pairs, then begin to keep those of tags that have become frequent. The log's head is held."""
    if not any(counts.values()):
        return
    roll_ups.add(TimelinePair, counts)
    frequent = TimelinePair.objects.filter(tag="", month=EVER, count__gte=FREQUENT).values_list("other", flat=True)
    asked_for = {tag for tag in frequent if tag.partition(":")[0] in ASKED_FOR}
    for tag in sorted(asked_for - pairs_kept()) if asked_for else ():
        roll_ups.add(TimelinePair, counted(tag))


def counted(tag: str) -> Pairs:
    """The pairs of a tag, from all events that bear it."""
    of, _, key = tag.partition(":")
    entries = TimelineEntry.objects.order_by()
    if of == "kind":
        entries = entries.filter(kind=key)
    else:
        entries = entries.filter(position__in=TimelineTag.objects.filter(tag=tag).values("position"))
    found: Pairs = Counter()
    for position, kind, bears in entries.values_list("position", "kind", "bears").iterator(chunk_size=2000):
        day = day_of(position)
        tokens = (token.partition("=")[0] for token in bears.split())
        tags = [f"kind:{kind}", *(tag for tag in tokens if not tag.startswith(LACKS))]
        found.update(pairs_with(tag, tags, day.year * 12 + day.month - 1))
    return found
