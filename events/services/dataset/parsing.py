"""YAML as plain values that know their lines, and nothing of YAML that a data set does not need.

Built from the parser's events, so that aliases, tags, repeated keys and deep nesting are refused before anything is
made of them; the C parser is ten times as fast as Python's.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import yaml

from events.lib.canonical import LIMIT
from events.services.dataset.problems import Place, Problems

LARGEST = 64 * 1024 * 1024
DEEPEST = 12
LONGEST_QUOTED = 60
PLAIN_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "bool", "timestamp", "null", "float")}


class Map(dict[str, Any]):
    """A mapping that knows the line of each key."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}


class Seq(list[Any]):
    """A list that knows the line of each item."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[int] = []


@dataclass(frozen=True)
class Written:
    """What no field takes, as it is written: a day with a time of it, a number past all bounds."""

    text: str

    def __repr__(self) -> str:
        return self.text if len(self.text) <= LONGEST_QUOTED else f"{self.text[:LONGEST_QUOTED]}…"


class Malformed(Exception):
    """The file cannot be read at all."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def parse(data: bytes, file: str, problems: Problems) -> Map | None:
    """The mapping that a file holds; None where there is none, which is reported."""
    try:
        value = parsed(data)
    except Malformed as error:
        problems.add(Place(file, line=error.line), str(error))
        return None
    if not isinstance(value, Map):
        problems.add(Place(file), "The file is empty." if value is None else "The file has to hold keys and values.")
        return None
    return value


def parsed(data: bytes) -> Any:
    """What a text of YAML holds. Raises Malformed."""
    if len(data) > LARGEST:
        raise Malformed(0, f"The file is larger than {LARGEST // 2**20} MB.")
    loader = yaml.CSafeLoader(decoded(data))
    try:
        return _Builder(loader).document()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise Malformed(line, f"This is no YAML: {error.problem}.") from None
    except yaml.YAMLError as error:
        raise Malformed(0, f"This is no YAML: {' '.join(str(error).split())}.") from None
    finally:
        loader.dispose()


def decoded(data: bytes) -> str:
    """A file's text. Raises Malformed."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed(data.count(b"\n", 0, error.start) + 1, "The file is not UTF-8.") from None


class _Builder:
    def __init__(self, loader: yaml.CSafeLoader) -> None:
        self.loader = loader

    def document(self) -> Any:
        self.loader.get_event()  # the stream's start
        if self.loader.check_event(yaml.StreamEndEvent):
            return None
        self.loader.get_event()  # the document's start
        value = self.value(self.loader.get_event(), 0)
        self.loader.get_event()  # the document's end
        if not self.loader.check_event(yaml.StreamEndEvent):
            raise Malformed(_line(self.loader.peek_event()), "A file holds one document.")
        return value

    def value(self, event: Any, depth: int) -> Any:
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise Malformed(_line(event), "Anchors and aliases (& and *) are not allowed.")
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event)
        if depth == DEEPEST:
            raise Malformed(_line(event), f"Nested more than {DEEPEST} levels deep.")
        if event.tag is not None:
            raise Malformed(_line(event), "Tags (!) are not allowed.")
        return self.sequence(depth) if isinstance(event, yaml.SequenceStartEvent) else self.mapping(depth)

    def sequence(self, depth: int) -> Seq:
        found = Seq()
        while not isinstance(event := self.loader.get_event(), yaml.SequenceEndEvent):
            found.lines.append(_line(event))
            found.append(self.value(event, depth + 1))
        return found

    def mapping(self, depth: int) -> Map:
        found = Map()
        while not isinstance(event := self.loader.get_event(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise Malformed(_line(event), "A key has to be a word.")
            self.value(event, depth + 1)
            if event.value in found:
                raise Malformed(_line(event), f"The key “{event.value}” stands here twice.")
            found.lines[event.value] = _line(event)
            found[event.value] = self.value(self.loader.get_event(), depth + 1)
        return found

    def scalar(self, event: yaml.ScalarEvent) -> Any:
        if event.tag is not None:
            raise Malformed(_line(event), "Tags (!) are not allowed.")
        tag = self.loader.resolve(yaml.ScalarNode, event.value, event.implicit)
        if tag == "tag:yaml.org,2002:str" or tag not in PLAIN_TAGS:
            return event.value
        try:
            value = self.loader.construct_object(yaml.ScalarNode(tag, event.value))
        except ValueError:  # such as 2024-02-30: whoever reads the field says so
            return event.value
        is_huge = isinstance(value, int) and abs(value) >= LIMIT
        return Written(event.value) if is_huge or isinstance(value, dt.datetime) else value


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
