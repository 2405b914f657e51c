"""Whether an event that has left the timeline would match its filters, told by its document alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence

from events.choices import RecordType, State
from events.lib.tokens import Term
from events.models import PublicDocument
from events.queries.branches import Choice
from events.queries.recent import Changed
from events.queries.timeline import Criteria
from events.services.projections import Aliases, AliasesOf, Selected, search_tokens, selected
from events.web.record import Document, documents_of


def matcher(criteria: Criteria) -> Callable[[Sequence[Changed]], set[int]]:
    """Which of some retracted events matched while they were published, by primary key."""

    def matching(rows: Sequence[Changed]) -> set[int]:
        if not rows:
            return set()
        public = PublicDocument.objects.of_type(RecordType.EVENT).filter(key__in=[row.slug for row in rows])
        kept = {document["slug"] for document in that_match(documents_of(public), criteria)}
        return {row.pk for row in rows if row.slug in kept}

    return matching


def that_match(documents: Iterable[Document], criteria: Criteria) -> list[Document]:
    """The documents, of retracted events too, that match."""
    documents = list(documents)
    aliases = Aliases(documents) if criteria.words.terms or criteria.words.excluded else no_aliases
    return [document for document in documents if matches(document, criteria, aliases)]


def no_aliases(record_type: RecordType, slug: str) -> Sequence[str]:
    return ()


def matches(document: Document, criteria: Criteria, aliases: AliasesOf = no_aliases) -> bool:
    row = selected(document | {"state": State.PUBLISHED.value}, 0)
    assert row is not None
    day, last = dt.date.fromisoformat(document["date"]), dt.date.fromordinal(row.last)
    first_asked, last_asked = criteria.start or dt.date.min, criteria.end or dt.date.max
    if criteria.certain:
        in_range = first_asked <= day and last <= last_asked
    else:
        in_range = first_asked <= last and day <= last_asked
    return (
        in_range
        and (not criteria.kinds or row.kind in criteria.kinds)
        and all(
            any(bears(row, choice, criteria.roles, day) for choice in alternatives) for alternatives in criteria.choices
        )
        and has_words(document, criteria, aliases)
    )


def bears(row: Selected, choice: Choice, roles: Sequence[str], day: dt.date) -> bool:
    if choice.tag not in row.tags:
        return False
    if roles and choice.has_roles and row.tags[choice.tag] not in roles:
        return False
    return (choice.since is None or choice.since <= day) and (choice.until is None or day < choice.until)


def has_words(document: Document, criteria: Criteria, aliases: AliasesOf) -> bool:
    if not (criteria.words.terms or criteria.words.excluded):
        return True
    text = f" {' '.join(search_tokens(document, aliases))} "
    return all(holds(text, term) for term in criteria.words.terms) and not any(
        holds(text, term) for term in criteria.words.excluded
    )


def holds(text: str, term: Term) -> bool:
    """Whether tokens, each between spaces, hold a term's pieces side by side, or its joined form."""
    return f" {' '.join(term.pieces)} " in text or (term.joined is not None and f" {term.joined} " in text)
