"""Rows of a file as drafts in the normal form of the data set, whose readers and rules they share."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.text import slugify

from events.choices import Certainty, Precision, RecordType
from events.lib.urls import source_slug
from events.models import Source
from events.services import rules
from events.services.dataset import shapes
from events.services.dataset.checking import check_draft, check_source
from events.services.dataset.describing import describe
from events.services.dataset.entries import ADDED, CITING, NEEDED, Entry, event_by
from events.services.dataset.parsing import Map, Seq
from events.services.dataset.problems import Place, Problems
from events.services.dataset.reading import Dataset, Reader
from events.services.imports.files import Row
from events.services.imports.references import known_events, known_sources, references


@dataclass
class Draft:
    """A row as read: its event in normal form (None: it cannot be read), and what is wrong with it.

    `kept` are the keys that a table has no column for: of an event that is there they stay what they are.
    """

    number: int
    key: str
    title: str
    entry: Entry | None
    problems: list[str]
    kept: frozenset[str] = frozenset()


def read(rows: Sequence[Row], file: str, advance: Callable[[], object] = lambda: None) -> tuple[list[Draft], Dataset]:
    """The drafts of a file, and the sources that they would make. `advance` is called for each row."""
    reader = DraftReader(rows, file)
    drafts = []
    for row in rows:
        drafts.append(reader.draft(row))
        advance()
    return drafts, reader.dataset


class DraftReader:
    def __init__(self, rows: Sequence[Row], file: str) -> None:
        self.file = file
        self.dataset = Dataset()
        self.ids = Counter(filter(None, (id_of(row.node) for row in rows)))
        follows = {text for row in rows for text in texts_at(row.node, "follows", "id")}
        self.sources = known_sources({text for row in rows for text in texts_at(row.node, "sources", "url")})
        self.descriptions: dict[int, dict[str, Any]] = {}
        self.shape = event_by(references({*self.ids, *known_events(follows)}), needed=("title",))

    def draft(self, row: Row) -> Draft:
        problems = Problems()
        key = id_of(row.node)
        place = Place(self.file, line=row.line)
        values = shapes.attempt(self.shape, row.node, place, problems)
        if self.ids[key] > 1:
            problems.add(place.within("id", 0), f"“{key}” stands in the file {self.ids[key]} times.")
        title = row.node.get("title") if isinstance(row.node, Map) else None
        entry = None
        if values is not None and not problems:
            entry = self.entry(values, key, place, row.node, problems)
        in_table = row.columns is not None
        said = row.problems + [sentence(at, message, in_table=in_table) for at, message in problems.found]
        kept = frozenset(self.shape.keys) - row.columns if row.columns is not None else frozenset()
        return Draft(row.line, key, str(title or "")[:200], entry if not said else None, said, kept)

    def entry(self, values: dict[str, Any], key: str, place: Place, node: Map, problems: Problems) -> Entry | None:
        values = {"id": key, "precision": Precision.DAY.value, "certainty": Certainty.CONFIRMED.value} | values
        try:
            shapes.event_slug(key, place, problems)
        except shapes.Wrong as wrong:
            problems.add(place.within("id", 0), str(wrong))
            return None
        reader = Reader(self.dataset, problems)
        cited = [
            self.source(reader, source, place.within("sources", 0).within(index, 0), problems)
            for index, source in enumerate(values.pop("sources", ()), 1)
        ]
        if cited or "quote" in values:
            reader.cite(values, cited, place)
        entry = Entry(RecordType.EVENT, key, values, place, node)
        check_draft(entry, problems)
        if any(link["id"] == key for link in values.get("follows", ())):
            problems.add(entry.at("follows"), "An event does not relate to itself.")
        return entry

    def source(
        self, reader: Reader, values: dict[str, Any], place: Place, problems: Problems
    ) -> tuple[str, dict[str, Any]]:
        """A source that is cited: the slug of the one that is known, or that will be made, and how it is cited."""
        slug = source_slug(values["url"])
        if (known := self.sources.get(slug)) is not None:
            described = self.described(known)
            for key in (*NEEDED, *ADDED):
                if key in values and key not in ("url", "slug") and values[key] != described.get(key):
                    problems.add(
                        place.within(key, 0), f"The record says {described.get(key, 'nothing')!s} of this page."
                    )
            return known.slug, {key: values[key] for key in CITING.keys() | {"quotes"} if key in values}
        if lacking := [key for key in NEEDED if key not in values]:
            problems.add(place.within(lacking[0], 0), rules.UNKNOWN_PAGE)
            return slug, {}
        made, citing = reader.add_source(values, place, Map())
        check_source(self.dataset.entries[RecordType.SOURCE, made], problems)
        return made, citing

    def described(self, source: Source) -> dict[str, Any]:
        if source.pk not in self.descriptions:
            self.descriptions[source.pk] = describe(source)
        return self.descriptions[source.pk]


def id_of(node: Any) -> str:
    """What a row calls its event, or what would be made of its title."""
    if not isinstance(node, Map):
        return ""
    said = node.get("id")
    if isinstance(said, str) and said:
        return said
    title = node.get("title")
    return slugify(title)[:100].strip("-") if isinstance(title, str) else ""


def texts_at(node: Any, table: str, key: str) -> Iterator[str]:
    """The texts under a key of the items of a list, of a row that nobody has checked yet."""
    items = node.get(table) if isinstance(node, Map) else None
    for item in items if isinstance(items, Seq) else ():
        if isinstance(item, Map) and isinstance(item.get(key), str):
            yield item[key]


def sentence(place: Place, message: str, *, in_table: bool) -> str:
    """What is wrong, and where in the row; of a table by its column ("sources.2.url")."""
    where = re.sub(r"\[(\d+)\]", r".\1", place.field) if in_table else place.field
    return f"{where}: {message}" if where else message
