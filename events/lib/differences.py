"""What changed from one document of a record to the next, field by field, for people."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

Document = Mapping[str, Any]

# Said by the change itself, or by the address.
LEFT_OUT = {"revision", "url", "html_url", "updated_at", "edtf", "date_display"}
# What readers call the fields, in the order in which they are told; others follow by their own names.
FIELDS = {
    "state": gettext_noop("State"),
    "retraction": gettext_noop("Retraction"),
    "title": gettext_noop("Title"),
    "name": gettext_noop("Name"),
    "date": gettext_noop("Date"),
    "date_precision": gettext_noop("How exact the date is"),
    "end_date": gettext_noop("Last day"),
    "kind": gettext_noop("Kind"),
    "certainty": gettext_noop("Certainty"),
    "summary": gettext_noop("Summary"),
    "body": gettext_noop("Text"),
    "companies": gettext_noop("Companies"),
    "agencies": gettext_noop("Agencies"),
    "countries": gettext_noop("Countries"),
    "groups": gettext_noop("Country groups"),
    "products": gettext_noop("Products"),
    "policies": gettext_noop("Policies"),
    "access_effects": gettext_noop("Effects on access"),
    "citations": gettext_noop("Sources"),
    "relations": gettext_noop("Relations to earlier events"),
    "independent_origins": gettext_noop("Independent origins"),
    "reported_on": gettext_noop("Reported on"),
    "reported_on_basis": gettext_noop("What tells since when it was reported"),
    "direction": gettext_noop("Direction"),
    "speaker": gettext_noop("Speaker"),
    "locator": gettext_noop("Place in the source"),
    "about": gettext_noop("What it is about"),
}
# What an item of a list says for machines, or says without saying anything.
SILENT = {"edtf", "url", "html_url", "reported_on_basis"}
USUAL = {"date_precision": "day", "about": "event", "stance": "supports", "partial": False}
TEXTS = {"title", "summary", "body", "quote", "note", "name", "reason"}
IDENTITIES = ("slug", "code", "id", "event")
NAMES = ("name", "title", "slug", "code", "event")
# A longer text is compared by whole lines: word by word the comparison takes seconds.
MOST_WORDS = 3_000


@dataclass(frozen=True)
class Part:
    """A piece of a text: "same", "added" or "removed"."""

    kind: str
    text: str


@dataclass(frozen=True)
class Difference:
    """One field: `parts` of a text, or else what it was and is, or what came into a list and went out of it."""

    field: str
    parts: tuple[Part, ...] = ()
    before: str = ""
    after: str = ""


def differences(old: Document, new: Document) -> list[Difference]:
    return list(_compared(old, new, ""))


def _compared(old: Mapping[str, Any], new: Mapping[str, Any], within: str) -> Iterator[Difference]:
    order = {name: place for place, name in enumerate(FIELDS)}
    for name in sorted(dict.fromkeys((*new, *old)), key=lambda name: order.get(name, len(order))):
        before, after = old.get(name), new.get(name)
        if before == after or (name in LEFT_OUT and not within):
            continue
        label = f"{within}{_label(name)}"
        if name in TEXTS and isinstance(before, str) and isinstance(after, str) and before and after:
            yield Difference(label, parts=tuple(text_parts(before, after)))
        elif _is_list_of_items(before) and _is_list_of_items(after):
            yield from _compared_items(before or [], after or [], label)
        elif isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from _compared(before, after, f"{label}: ")
        else:
            yield Difference(label, before=_said(before), after=_said(after))


def _is_list_of_items(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, Mapping) for item in value)


def _compared_items(
    old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]], label: str
) -> Iterator[Difference]:
    before = {_identity(item): item for item in old}
    after = {_identity(item): item for item in new}
    for key, item in before.items():
        if key not in after:
            yield Difference(label, before=_described(item))
    for key, item in after.items():
        if key not in before:
            yield Difference(label, after=_described(item))
        elif item != before[key]:
            yield from _compared(before[key], item, f"{label}, {_called(item)}: ")
    if list(before) != list(after) and set(before) == set(after):
        yield Difference(label, after="The order changed.")


def _identity(item: Mapping[str, Any]) -> str:
    return next((str(item[name]) for name in IDENTITIES if name in item), repr(sorted(item.items(), key=str)))


def _called(item: Mapping[str, Any]) -> str:
    if "source" in item:
        return f"{item['source']['publisher']['name']}, “{item['source']['title']}”"
    if "effective_date" in item:
        return f"{item['product']} in {item['country'] or item['group']}"
    return next((str(item[name]) for name in NAMES if item.get(name)), "")


def _described(item: Mapping[str, Any]) -> str:
    """An item of a list in one line: its name, then what else it says."""
    called = _called(item)
    skip = {*NAMES, *SILENT, "id", "source", "product", "country", "group"}
    rest = [
        f"{_label(name).lower()}: {f'“{value}”' if name == 'quote' else _said(value)}"
        for name, value in item.items()
        if name not in skip and value and value != USUAL.get(name)
    ]
    return f"{called} ({'; '.join(rest)})" if rest else called


def _said(value: Any) -> str:
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        return _described(value)
    if isinstance(value, list):
        return ", ".join(_said(item) for item in value)
    return str(value).replace("_", " ") if re.fullmatch(r"[a-z]+(_[a-z]+)+", str(value)) else str(value)


def _label(name: str) -> str:
    return _(FIELDS[name]) if name in FIELDS else name.replace("_", " ").capitalize()


def text_parts(old: str, new: str) -> Iterator[Part]:
    """A text's words, in order, as they stayed, went and came."""
    before, after = _words(old), _words(new)
    if len(before) + len(after) > MOST_WORDS:
        before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Part("same", "".join(before[a:b]))
            continue
        if b > a:
            yield Part("removed", "".join(before[a:b]))
        if d > c:
            yield Part("added", "".join(after[c:d]))


def _words(text: str) -> list[str]:
    return re.findall(r"\s+|\w+|[^\w\s]", text)
