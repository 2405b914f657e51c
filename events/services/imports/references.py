"""What a row may call other records: by slug, by code, by name or by alias, whatever the case."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, TypeVar

from events.choices import RecordType
from events.documents import MODELS, prefetched
from events.lib.names import NameBook, folded
from events.lib.urls import BadUrl, normalize, source_slug
from events.models import Agency, Country, Event, Source
from events.models.naming import book_of
from events.services.dataset.entries import References
from events.services.dataset.problems import Place, Problems
from events.services.dataset.shapes import Wrong, said

BATCH = 500
Key = TypeVar("Key", str, int)


class Called:
    """Reads a name as the slug or code of the record that bears it; one that was merged stands for what it became."""

    def __init__(self, kind: str, keys: dict[str, str], book: NameBook) -> None:
        self.kind, self.keys, self.book = kind, keys, book

    def __call__(self, value: Any, place: Place, problems: Problems) -> str:
        if not isinstance(value, str):
            hint = " Norway is written 'NO'." if value is False else ""
            raise Wrong(f"{said(value)} is no name of a {self.kind}.{hint}")
        word = value.strip()
        if word in self.keys:
            return self.keys[word]
        found = self.book.names.get(folded(word)) or self.book.aliases.get(folded(word)) or []
        if not found:
            raise Wrong(f"There is no {self.kind} “{word}”.")
        if len(set(found)) > 1:
            raise Wrong(f"“{word}” may be any of {', '.join(sorted(set(found)))}: name it by its slug.")
        return self.keys.get(found[0], found[0])


def of_type(record_type: RecordType) -> Called:
    model = MODELS[record_type]
    rows = model._default_manager.order_by()
    book = book_of(model)
    if record_type == RecordType.AGENCY:
        for key, short in Agency.objects.exclude(short="").values_list("slug", "short"):
            book.add(key, short, is_alias=True)
    if record_type == RecordType.GROUP:
        keys = {slug: slug for slug in rows.values_list("slug", flat=True)}
    else:
        keys = {slug: into or slug for slug, into in rows.values_list("slug", "merged_into__slug")}
    return Called(record_type.label.lower(), keys, book)


def countries() -> Called:
    rows = list(Country.objects.values_list("code", "alpha3", "name"))
    book = NameBook()
    for code, alpha3, name in rows:
        for called in {code, alpha3, name}:
            book.add(code, called)
    return Called(RecordType.COUNTRY.label.lower(), {code: code for code, *_ in rows}, book)


def references(events: Collection[str]) -> References:
    """Readers of all that the record holds, and of these events."""
    called = Called(RecordType.EVENT.label.lower(), {key: key for key in events}, NameBook())
    return References(
        company=of_type(RecordType.COMPANY),
        agency=of_type(RecordType.AGENCY),
        product=of_type(RecordType.PRODUCT),
        policy=of_type(RecordType.POLICY),
        group=of_type(RecordType.GROUP),
        publisher=of_type(RecordType.PUBLISHER),
        country=countries(),
        event=called,
    )


def in_batches(keys: Collection[Key]) -> Iterator[list[Key]]:
    held = sorted(keys)
    return (held[start : start + BATCH] for start in range(0, len(held), BATCH))


def known_events(slugs: Collection[str]) -> set[str]:
    """Which of these slugs events have."""
    return {
        slug
        for batch in in_batches(slugs)
        for slug in Event.objects.filter(slug__in=batch).values_list("slug", flat=True)
    }


def known_sources(urls: Collection[str]) -> dict[str, Source]:
    """The sources at these addresses, in any spelling, by the slug of the address; merged ones are what they became."""
    asked: dict[str, str] = {}
    for url in urls:
        try:
            asked[normalize(url)] = source_slug(url)
        except BadUrl:
            continue  # whoever reads the row says so
    found: dict[str, Source] = {}
    for batch in in_batches(asked):
        slugs = [asked[url] for url in batch]
        rows = Source.objects.select_related("merged_into")
        # A known page's address may have been mended since: its slug is still the old one's.
        for row in rows.filter(slug__in=slugs):
            found[row.slug] = row.merged_into or row
        for row in rows.filter(normalized_url__in=batch):
            found[asked[row.normalized_url]] = row.merged_into or row
    prefetched(found.values())
    return found
