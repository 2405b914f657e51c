"""What a package says of itself: a Frictionless Data Package (v2), sums, how to read it, how to cite it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import yaml
from django.utils.timezone import now
from rest_framework.serializers import SerializerMethodField

from events.choices import Action, RecordType
from events.documents import COLLECTIONS, MODELS, SERIALIZERS, instant
from events.models import Export
from events.services.exports.columns import Column, Table, columns
from events.services.exports.tables import TABLES

NAME = "ai-access-tracker"
TITLE = "AI Access Tracker"
ABSTRACT = (
    "A public record of who may use which AI, where, under which rule, since when, and who says so: "
    "its whole log of changes, and its newest state as tables."
)
LICENSE = {
    "name": "CC-BY-4.0",
    "path": "https://creativecommons.org/licenses/by/4.0/",
    "title": "Creative Commons Attribution 4.0",
}
RIGHTS = (
    "Our texts and the structure of the data are licensed under CC BY 4.0. Quotations (event_citations.quote) and "
    "titles of sources (sources.title), in the log and the documents too, are third parties'; their fields bear "
    '"rights": "third-party".'
)
THIRD_PARTY = "third-party"
PROFILES = "https://datapackage.org/profiles/2.0/"
# Of Parquet: registered with IANA.
MEDIA_TYPES = {
    "csv": "text/csv",
    "ndjson": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
    "sqlite": "application/vnd.sqlite3",
    "md": "text/markdown",
    "cff": "application/yaml",
    "txt": "text/plain",
    "json": "application/json",
}
LOG, DELTA, DATABASE, README, CITATION, SUMS = (
    "log.ndjson.gz", "delta.ndjson", "tracker.sqlite", "README.md", "CITATION.cff", "SHA256SUMS.txt",
)  # fmt: skip
MANIFEST = "datapackage.json"
TABLE_FORMS = {"csv": ".csv.gz", "ndjson": ".ndjson.gz", "parquet": ".parquet"}
PLURALS = {record_type: COLLECTIONS[model] for record_type, model in MODELS.items()}


def path_of(table: Table, form: str) -> str:
    return f"{form}/{table.name}{TABLE_FORMS[form]}"


def documents_path(record_type: RecordType) -> str:
    return f"documents/{PLURALS[record_type]}.ndjson.gz"


# What a line of the log holds.
CHANGES = (
    Column("seq", (), "integer", "Its number, from 1 without gaps", is_required=True),
    Column("at", (), "datetime", "When it was made, UTC", is_required=True),
    Column("type", (), "string", "Type of the record", is_required=True, words=tuple(RecordType.values)),
    Column("key", (), "string", "The record's slug or code", is_required=True),
    Column("action", (), "string", "What was done", is_required=True, words=tuple(Action.values)),
    Column("class", (), "string", "Of a correction: clerical, clarification or substantive; else empty"),
    Column("note", (), "string", "Why, where something was corrected, retracted or redacted"),
    Column("self_published", (), "boolean", "No second person checked it", is_required=True),
    Column("document_hash", (), "string", "SHA-256 of the document's canonical JSON (RFC 8785)", is_required=True),
    Column("previous_hash", (), "string", "hash of the change before it; 64 zeros in the first", is_required=True),
    Column("hash", (), "string", "SHA-256 of the canonical JSON of all fields above", is_required=True),
    Column("document", (), "any", "The record after this change; null once redacted"),
)


def fields_of(record_type: RecordType) -> tuple[Column, ...]:
    """The fields of a type's documents, as columns: what a method makes, or is no single value, may be anything."""
    document = SERIALIZERS[record_type]
    fields = document().fields
    return tuple(
        replace(each, is_required=False, type="any" if is_made(fields[each.name]) else each.type)
        for each in columns(document, *sorted(fields))  # as canonical JSON has them
    )


def is_made(field: Any) -> bool:
    return isinstance(field, SerializerMethodField) and field.field_name not in ("revision", "url", "html_url")


# ----------------------------------------------------------------------------------------------------------- descriptor


def resources(after: int | None, revision: int) -> list[dict[str, Any]]:
    """The files that hold data, without what is measured of them. `after`: the seq that the delta starts from."""
    if after is None:
        delta = "Empty: there is no package before this one"
    elif after == revision:
        delta = f"Empty: nothing has changed since the package before this one, of revision {after}"
    else:
        delta = f"The changes since the package before this one, from {after + 1} to {revision}"
    log = "The whole log, oldest first from seq 1: each line as /api/v1/changes/ gives it"
    found = [resource("log", LOG, log, CHANGES), resource("delta", DELTA, delta, CHANGES)]
    for record_type in RecordType:
        plural = PLURALS[record_type]
        says = f"The newest document of each of the {plural} that is listed, as the API gives it"
        found.append(resource(f"documents-{plural}", documents_path(record_type), says, fields_of(record_type)))
    found += [
        resource(f"{table.name}-{form}", path_of(table, form), table.description, table.columns, table.key)
        for form in TABLE_FORMS
        for table in TABLES
    ]
    return [*found, resource("database", DATABASE, "All tables in one SQLite file; opens in Datasette")]


def resource(
    name: str, path: str, description: str, fields: Sequence[Column] = (), key: Sequence[str] = ()
) -> dict[str, Any]:
    plain = path.removesuffix(".gz")
    form = plain.rpartition(".")[2]
    said = {
        "$schema": f"{PROFILES}dataresource.json",
        "name": name,
        "path": path,
        "description": description,
        "format": form,
        "mediatype": MEDIA_TYPES[form],
    }
    if form in ("csv", "ndjson"):
        said["encoding"] = "utf-8"
    if plain != path:
        said["compression"] = "gz"
    if not fields:
        return said
    dialect = {"dialect": {"$schema": f"{PROFILES}tabledialect.json", "delimiter": ","}} if form == "csv" else {}
    return said | {"type": "table"} | dialect | {"schema": schema_of(fields, key)}


def schema_of(fields: Sequence[Column], key: Sequence[str]) -> dict[str, Any]:
    """The columns as Table Schema (v2)."""
    said: dict[str, Any] = {
        "$schema": f"{PROFILES}tableschema.json",
        "fields": [field_of(column) for column in fields],
        "missingValues": [""],
    }
    return said | ({"primaryKey": list(key)} if key else {})


def field_of(column: Column) -> dict[str, Any]:
    said: dict[str, Any] = {"name": column.name, "type": column.type, "description": column.description}
    if column.type == "datetime":
        said["format"] = "%Y-%m-%dT%H:%M:%S.%fZ"
    constraints: dict[str, Any] = {}
    if column.is_required:
        constraints["required"] = True
    if column.words:
        constraints["enum"] = list(column.words)
    if constraints:
        said["constraints"] = constraints
    if column.refers:
        said["description"] += f" (in {column.refers})"
    if column.is_of_third_parties:
        said["rights"] = THIRD_PARTY
    return said


def descriptor(export: Export, listed: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The package's datapackage.json, and the manifest."""
    previous = export.previous
    return {
        "$schema": f"{PROFILES}datapackage.json",
        "name": NAME,
        "title": TITLE,
        "description": ABSTRACT,
        "version": str(export.revision),
        "created": export.created_at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "licenses": [LICENSE],
        "rights": RIGHTS,
        "contributors": [{"title": TITLE, "roles": ["publisher"]}],
        "keywords": ["artificial intelligence", "export controls", "access"],
        "id": f"{NAME}-export-{export.pk}",
        "revision": export.revision,
        "head": {"seq": export.revision, "hash": export.head_hash, "at": instant(export.head_at)},
        "previous": {"id": previous.pk, "revision": previous.revision} if previous else None,
        "base": export.base,
        "resources": list(listed),
    }


# ---------------------------------------------------------------------------------------------------------- for readers


def about(revision: int, head_hash: str) -> list[tuple[str, str]]:
    """What the SQLite file says of itself."""
    return [
        ("title", TITLE),
        ("revision", str(revision)),
        ("head_hash", head_hash),
        ("created", now().strftime("%Y-%m-%dT%H:%M:%SZ")),
        ("license", f"{LICENSE['title']} ({LICENSE['name']}), {LICENSE['path']}"),
        ("rights", RIGHTS),
    ]


def citation(revision: int, released: dt.date) -> str:
    """CITATION.cff, Citation File Format 1.2.0."""
    said = {
        "cff-version": "1.2.0",
        "message": "If you use this data set, please cite it as below, with its revision.",
        "type": "dataset",
        "title": f"{TITLE}: revision {revision}",
        "abstract": ABSTRACT,
        "authors": [{"name": TITLE}],
        "version": str(revision),
        "date-released": released,
        "license": LICENSE["name"],
        "keywords": ["artificial intelligence", "export controls", "access"],
    }
    return yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=120)


def sums(files: Iterable[dict[str, Any]]) -> str:
    """For `sha256sum --check`."""
    return "".join(f"{file['hash'].removeprefix('sha256:')}  {file['path']}\n" for file in files)


def readme(revision: int, head_hash: str, listed: Sequence[dict[str, Any]]) -> str:
    rows = {each["name"]: each["rows"] for each in listed if "rows" in each}
    lines = "\n".join(f"| {table.name} | {rows[f'{table.name}-csv']:,} | {table.description} |" for table in TABLES)
    return README_TEXT.format(
        title=TITLE, abstract=ABSTRACT, revision=revision, hash=head_hash, rights=RIGHTS, tables=lines,
        changes=rows["log"], delta=rows["delta"],
    )  # fmt: skip


README_TEXT = """# {title}: revision {revision}

{abstract}

It was drawn from the public log as it stood at change {revision}, whose hash is `{hash}`.

| file | |
|---|---|
| `log.ndjson.gz` | the whole log, {changes:,} changes, oldest first, one a line, as `/api/v1/changes/` gives them |
| `delta.ndjson` | the {delta:,} changes since the package before this one |
| `documents/*.ndjson.gz` | the newest document of each record that is listed, as the API gives it |
| `csv/`, `ndjson/`, `parquet/` | the tables below, in three forms |
| `tracker.sqlite` | the tables below in one SQLite file: `datasette tracker.sqlite` |
| `datapackage.json` | every file with its size, sum and rows, every column with its type and meaning |
| `SHA256SUMS.txt` | `sha256sum --check SHA256SUMS.txt` |
| `CITATION.cff` | how to cite it |

CSV is RFC 4180, UTF-8, with a head line, for programs: texts stand as they are. A spreadsheet may take one that begins
with `=`, `+`, `-` or `@` for a formula; import such a file with its columns as text. Nothing between two commas is null
or an empty text; the other forms tell them apart. Dates are ISO 8601; a date less exact than a day is the first day of
its period, and `date_precision` says so. Times are UTC.

```python
import pandas
events = pandas.read_parquet("parquet/events.parquet")
```

## Tables

| table | rows | |
|---|---|---|
{tables}

## Rights

{rights}
"""
