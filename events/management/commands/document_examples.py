"""Write docs/documents.md, and the examples of the API's schema, from the record at hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rest_framework import serializers

from events.choices import RecordType
from events.documents import SERIALIZERS
from events.documents.events import MergedDocument
from events.models import Change, PublicDocument
from events.services.log import chained_fields

# What shows each type best, in the data set that is shipped.
SHOWN = {
    RecordType.EVENT: "openai-api-block-takes-effect",
    RecordType.COMPANY: "microsoft-azure-china",
    RecordType.AGENCY: "bis",
    RecordType.COUNTRY: "CN",
    RecordType.GROUP: "ear-a6",
    RecordType.PRODUCT: "azure-openai",
    RecordType.POLICY: "openai-supported-countries",
    RecordType.PUBLISHER: "reuters",
}
STUB = {"slug": "azure-openai-service", "state": "merged", "merged_into": "azure-openai"}
CHANGE_FIELDS = {
    "seq": "Its number: 1, 2, 3, without gaps; the revision of the record after it",
    "at": "When it was made",
    "type": "The type of the record that changed",
    "key": "That record's slug, or a country's code",
    "action": "published, corrected, reissued (what it embeds has changed), retracted, merged or redacted",
    "class": "Of a correction: clerical, clarification or substantive; else empty",
    "note": "Why; may be empty",
    "self_published": "Whether nobody but its author checked it",
    "document_hash": "SHA-256 of the document's canonical JSON (RFC 8785), in hexadecimal digits",
    "previous_hash": "`hash` of the change before it; 64 zeros in the first",
    "hash": "SHA-256 of the canonical JSON of all fields above",
    "document": "The record after the change; null once redacted, which a later change then says",
}
INTRODUCTION = """\
# Documents

What the API serves, in full: one document of each type, taken from the record, and what each field says.
`manage.py document_examples` wrote this page.

Every field is always there; what is unknown is null, an empty string or an empty list, as its line says. Dates are ISO
8601 (`2024-07-09`), times UTC. `url` and `html_url` are paths, so that a document is the same on every host. In answers
the keys stand in alphabetical order and without spaces: the canonical form (RFC 8785), of which hashes are made. Fields
may be added; none goes, or changes what it says, before a version 2 of the API.
"""
MERGED_TEXT = "What the address of a record answers that turned out to be another one, with a 301. This one is made up."
CHANGE_TEXT = "An entry of the public log, [`/api/v1/changes/`](api.md#stay-in-step)."


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--root", type=Path, default=settings.BASE_DIR, help="folder of the checkout")

    def handle(self, *args: Any, root: Path, **options: Any) -> None:
        examples = read_examples()
        (root / "events/api/examples.json").write_bytes(orjson.dumps(examples, option=orjson.OPT_INDENT_2) + b"\n")
        (root / "docs/documents.md").write_text(page(examples), "utf-8")


def read_examples() -> dict[str, Any]:
    """A document of each type, a change and a merged stub, their keys in the order of the page."""
    examples: dict[str, Any] = {}
    for record_type, serializer in SERIALIZERS.items():
        key = SHOWN.get(record_type)
        if record_type == RecordType.SOURCE:
            key = newest(RecordType.EVENT, SHOWN[RecordType.EVENT])["citations"][0]["source"]["slug"]
        examples[record_type.value] = in_order(newest(record_type, str(key)), serializer().fields)
    change = Change.objects.of(RecordType.PUBLISHER, SHOWN[RecordType.PUBLISHER])[0]
    document = in_order(orjson.loads(str(change.document)), SERIALIZERS[RecordType.PUBLISHER]().fields)
    examples["change"] = chained_fields(change) | {"hash": change.hash, "document": document}
    examples["merged"] = STUB
    return {name: examples[name] for name in [*RecordType.values, "change", "merged"]}


def newest(record_type: RecordType, key: str) -> dict[str, Any]:
    found = PublicDocument.objects.of_type(record_type).filter(key=key).with_document().first()
    if found is None:
        raise CommandError(f"There is no {record_type.label.lower()} “{key}” in the record: load the data set first.")
    return orjson.loads(str(found.change.document))


def in_order(document: Mapping[str, Any], names: Mapping[str, Any]) -> dict[str, Any]:
    return {name: document[name] for name in names}


def page(examples: Mapping[str, Any]) -> str:
    parts = [INTRODUCTION]
    for record_type in RecordType:
        rows = list(described(SERIALIZERS[record_type]()))
        parts.append(section(record_type.label, "", examples[record_type.value], rows))
    parts.append(section("Change", CHANGE_TEXT, examples["change"], list(CHANGE_FIELDS.items())))
    parts.append(section("Merged record", MERGED_TEXT, examples["merged"], list(described(MergedDocument()))))
    return "\n".join(parts)


def section(title: str, text: str, example: Any, rows: list[tuple[str, str]]) -> str:
    shown = orjson.dumps(example, option=orjson.OPT_INDENT_2).decode()
    lines = "\n".join(f"| `{name}` | {meaning} |" for name, meaning in rows)
    return (
        f"## {title}\n\n{text}{chr(10) * 2 if text else ''}```json\n{shown}\n```\n\n| field | |\n|---|---|\n{lines}\n"
    )


def described(serializer: serializers.Serializer[Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Each field's name, with those of what it holds, and what it says."""
    for name, field in serializer.fields.items():
        held, many = what_it_holds(serializer, field)
        meaning = str(field.help_text or "").replace("|", "\\|")
        if words := list(getattr(held, "choices", ())):
            meaning += f": {', '.join(f'`{word}`' for word in words)}"
        yield prefix + name, meaning
        if isinstance(held, serializers.Serializer):
            yield from described(held, f"{prefix}{name}{'[]' if many else ''}.")


def what_it_holds(serializer: serializers.Serializer[Any], field: Any) -> tuple[Any, bool]:
    """The field itself, or of a list's its items, as the schema sees it; and whether it is a list."""
    if isinstance(field, serializers.SerializerMethodField):
        method = getattr(serializer, str(field.method_name))
        field = getattr(method, "_spectacular_annotation", {}).get("field", field)
        field = field() if isinstance(field, type) else field
    many = isinstance(field, serializers.ListSerializer | serializers.ListField)
    return (field.child if many else field), many
