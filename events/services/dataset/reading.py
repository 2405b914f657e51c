"""A folder of YAML files as entries in normal form, checked as far as the files alone can tell."""

from __future__ import annotations

import datetime as dt
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from events.choices import RecordType
from events.lib.dates import parse_edtf
from events.lib.urls import source_slug
from events.models.base import SLUG
from events.services import rules
from events.services.dataset import shapes
from events.services.dataset.entries import COUNTRIES, EVENT, OWNERSHIP, TABLES, Entry, Key
from events.services.dataset.parsing import Map, Seq, parse
from events.services.dataset.problems import Place, Problems

REFERENCE = "reference"
NO_THEME = "events"  # the file of the events that belong to no theme
CITING = ("id", "position", "stance", "locator", "quotes")
DEFAULTS = {"stance": "supports", "about": "event"}


@dataclass
class Dataset:
    """All entries by type and key, in the order of the files; `ownerships` in theirs, as (owner, the rest).

    `countries` are public by themselves. `links` are what checks of sources had confirmed where they were exported, by
    slug. `notices` are for a person to look at.
    """

    entries: dict[Key, Entry] = field(default_factory=dict)
    ownerships: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    countries: list[str] = field(default_factory=list)
    links: dict[str, dict[str, Any]] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    broken: set[Key] = field(default_factory=set)  # in the files, but not to be read

    def of(self, record_type: RecordType) -> Iterator[Entry]:
        return (entry for entry in self.entries.values() if entry.type == record_type)

    def knows(self, record_type: RecordType, key: str) -> bool:
        return (record_type, key) in self.entries or (record_type, key) in self.broken


def read_files(folder: Path, problems: Problems) -> Dataset:
    """Read reference.yaml and, as events of the theme that its name says, each other *.yaml."""
    parsed = {
        path: parse(data, path.name, problems)
        for path in paths_in(folder, problems)
        if (data := contents(path, problems)) is not None
    }
    dataset = Dataset()
    if problems:  # what a broken file holds would be missed everywhere
        return dataset
    reader = Reader(dataset, problems)
    for path, content in parsed.items():
        assert content is not None
        if path.stem == REFERENCE:
            reader.reference(path.name, content)
        else:
            reader.events(path.name, path.stem, content)
    return dataset


def paths_in(folder: Path, problems: Problems) -> list[Path]:
    """The files of a data set, the reference first."""
    try:
        found = sorted(folder.iterdir(), key=lambda path: (path.stem != REFERENCE, path.name))
    except OSError as error:
        problems.add(Place(str(folder)), f"The folder cannot be read: {error.strerror}.")
        return []
    for path in found:
        if path.suffix.lower() in (".yml", ".yaml") and path.suffix != ".yaml":
            problems.add(Place(path.name), f"It would not be read: name it {path.stem}.yaml.")
    paths = [path for path in found if path.suffix == ".yaml" and not path.name.startswith(".")]
    if not paths and not problems:
        problems.add(Place(str(folder)), "There are no .yaml files.")
    return paths


def contents(path: Path, problems: Problems) -> bytes | None:
    """The bytes of a file; None where it cannot be read, which is reported."""
    try:
        if not stat.S_ISREG(path.stat().st_mode) and not path.is_dir():  # a pipe or a device may never end
            problems.add(Place(path.name), "This is no file.")
            return None
        return path.read_bytes()
    except OSError as error:  # a folder of that name, too
        problems.add(Place(path.name), f"The file cannot be read: {error.strerror}.")
        return None


class Reader:
    """Reads files into a data set; what is wrong goes to `problems`."""

    def __init__(self, dataset: Dataset, problems: Problems) -> None:
        self.dataset = dataset
        self.problems = problems

    def reference(self, file: str, content: Map) -> None:
        known = (*TABLES, "ownerships", "countries")
        for table, line in content.lines.items():
            if table not in known:
                place = Place(file, field=table, line=line)
                self.problems.add(place, f"There is no such table; there are {', '.join(known)}.")
        for table, (record_type, shape) in TABLES.items():
            for place, node, values in self.rows(file, content, table, shape, "slug"):
                if record_type == RecordType.SOURCE and values is not None:
                    self.add_source(values, place, node)
                elif record_type != RecordType.SOURCE:
                    self.add(record_type, "slug", place, node, values)
        for place, _, values in self.rows(file, content, "ownerships", OWNERSHIP, "owner"):
            if values is not None:
                self.add_ownership(place, values)
        if "countries" in content:
            place = Place(file, field="countries", line=content.lines["countries"])
            self.dataset.countries = shapes.attempt(COUNTRIES, content["countries"], place, self.problems) or []

    def events(self, file: str, theme: str, content: Map) -> None:
        if not re.fullmatch(SLUG, theme) or len(theme) > 60:
            self.problems.add(Place(file), "The file's name, its theme, has to be a slug.")
        for key, line in content.lines.items():
            if key != "events":
                self.problems.add(Place(file, field=key, line=line), "A file of events has the one key “events”.")
        if "events" not in content:
            self.problems.add(Place(file, field="events"), "It is missing.")
        for place, node, values in self.rows(file, content, "events", EVENT, "id"):
            if values is not None:
                within, nodes = place.within("sources", node.lines["sources"]), node["sources"]
                sources = [
                    self.add_source(source, within.within(index, nodes.lines[index - 1]), nodes[index - 1])
                    for index, source in enumerate(values.pop("sources"), 1)
                ]
                self.cite(values, sources, place)
                if theme != NO_THEME:
                    values["theme"] = theme
            self.add(RecordType.EVENT, "id", place, node, values)

    def rows(
        self, file: str, content: Map, table: str, shape: shapes.Read, id_key: str
    ) -> Iterator[tuple[Place, Map, dict[str, Any] | None]]:
        """Each row of a table with its place, its node and what it says; None where something is wrong with it."""
        listed = content.get(table, Seq())
        if not isinstance(listed, Seq):
            self.problems.add(Place(file, field=table, line=content.lines[table]), "A list is wanted.")
            return
        for index, (node, line) in enumerate(zip(listed, listed.lines, strict=True), 1):
            name = node.get(id_key) if isinstance(node, Map) else None
            place = Place(file, f"{table} {name if isinstance(name, str) else f'[{index}]'}", line=line)
            before = self.problems.count
            values = shapes.attempt(shape, node, place, self.problems)
            fine = values is not None and self.problems.count == before
            yield place, node if isinstance(node, Map) else Map(), values if fine else None

    def add(self, record_type: RecordType, id_key: str, place: Place, node: Map, values: dict[str, Any] | None) -> None:
        """Note an entry; of one that cannot be read only that it is there."""
        if values is None:
            self.dataset.broken.add((record_type, str(node.get(id_key))))
            return
        published = values.pop("published", False)
        entry = Entry(record_type, values[id_key], values, place, node, published)
        if earlier := self.dataset.entries.get(entry.id):
            self.problems.add(entry.at(id_key), f"“{entry.key}” stands already in {earlier.place}.")
        self.dataset.entries.setdefault(entry.id, entry)

    def add_ownership(self, place: Place, values: dict[str, Any]) -> None:
        owner = values.pop("owner")
        entry = self.dataset.entries.get((RecordType.COMPANY, owner))
        if entry is None:
            if not self.dataset.knows(RecordType.COMPANY, owner):
                self.problems.add(place.within("owner", 0), f"There is no company “{owner}”.")
            return
        if not self.dataset.knows(RecordType.COMPANY, values["owned"]):
            self.problems.add(place.within("owned", 0), f"There is no company “{values['owned']}”.")
        if owner == values["owned"]:
            self.problems.add(place.within("owned", 0), "A company does not own itself.")
        if "since" in values and "until" in values and first_day(values["since"]) >= first_day(values["until"]):
            self.problems.add(place.within("until", 0), "It ends before it starts.")
        held = entry.values.setdefault("ownerships", [])
        alike = [row for row in held if all(row.get(key) == values.get(key) for key in ("owned", "kind"))]
        if any(row.get("since") == values.get("since") for row in alike):
            self.problems.add(place, "It is listed twice.")
        elif rules.overlap([span_of(row) for row in (*alike, values)]):
            self.problems.add(place, "It overlaps with another one of its kind.")
        held.append(values)
        self.dataset.ownerships.append((owner, values))

    def add_source(self, values: dict[str, Any], place: Place, node: Map) -> tuple[str, dict[str, Any]]:
        """Note a source's description, which has to be the same wherever it is cited; its slug and how it is cited."""
        citing = {key: values.pop(key) for key in CITING if key in values}
        published = values.pop("published", False)
        link = values.pop("link", None)
        derived = source_slug(values["url"])
        slug = values.pop("slug", derived)
        if slug != derived:
            values["slug"] = slug
        entry = Entry(RecordType.SOURCE, slug, values, place, node, published)
        if link:
            self.dataset.links[slug] = link
        earlier = self.dataset.entries.setdefault(entry.id, entry)
        if earlier.values != values:
            different = next(key for key in {**values, **earlier.values} if values.get(key) != earlier.values.get(key))
            message = f"{values['url']} is described in another way in {earlier.place}: its “{different}” differs."
            self.problems.add(place, message)
        return slug, citing

    def cite(self, values: dict[str, Any], sources: Iterable[tuple[str, dict[str, Any]]], place: Place) -> None:
        """Turn the sources of an event, and its quote, into its list of citations."""
        citations: list[dict[str, Any]] = []
        seen = set()
        for index, (slug, citing) in enumerate(sources, 1):
            at = place.within("sources", 0).within(index, 0)
            if slug in seen:
                self.problems.add(at, "The page is cited already: one event cites it once, with several quotes.")
            seen.add(slug)
            quotes = citing.pop("quotes", [{}])
            if len(quotes) > 1 and citing.keys() & {"id", "position"}:
                self.problems.add(at, "“id” and “position” belong to each of the quotes.")
            citations += [{"source": slug, **citing, **quote} for quote in quotes]
        if quote := values.pop("quote", None):
            self.quote(citations, quote, place.within("quote", 0))
        if any("position" in citation for citation in citations):
            citations.sort(key=lambda citation: citation.get("position", 0))
        for citation in citations:
            citation.pop("position", None)
            for key, default in DEFAULTS.items():
                if citation.get(key) == default:
                    del citation[key]
        values["citations"] = without_usual_ids(citations)

    def quote(self, citations: list[dict[str, Any]], quote: dict[str, Any], place: Place) -> None:
        """Put the event's quote into the citation of its source."""
        slug = source_slug(quote.pop("source"))
        of_it = [index for index, citation in enumerate(citations) if citation["source"] == slug]
        if not of_it:
            self.problems.add(place.within("source", 0), "It is the URL of none of the event's sources.")
        elif "text" not in citations[of_it[0]]:
            citations[of_it[0]] |= quote
        else:
            citations.insert(of_it[-1] + 1, {"source": slug, **quote})


def span_of(values: dict[str, Any]) -> rules.Span:
    """From which day on something holds, and from which no longer (None: unbounded)."""
    since, until = (first_day(values[key]) if key in values else None for key in ("since", "until"))
    return since, until


def first_day(text: str) -> dt.date:
    return parse_edtf(text)[0]


def without_usual_ids(citations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The citations, their ids left out where they just count them."""
    if [citation.get("id", index) for index, citation in enumerate(citations, 1)] == [*range(1, len(citations) + 1)]:
        for citation in citations:
            citation.pop("id", None)
    return citations
