"""The floors: bare WSGI applications that answer what the API answers, with as little as can be between socket and SQL.

`/joins/…` assembles each event's JSON from the tables by one SQL statement; `/documents/…` only selects the stored
documents, and does not look at groups of countries; `/copy/` copies all of them, `/table/` as CSV, `/workbook/` as a
workbook; `/memory/…` serves bytes from memory. They know nothing of roles or inexact dates, and check nothing: what the
application does beyond them is what their ratio prices.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import sqlite3
import threading
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

import orjson
import psycopg

from events.lib import xlsx

DATABASE_URL = os.environ.get("DATABASE_URL", "")
DATA_DIR = os.environ.get("DATA_DIR", "var")
POSTGRESQL = DATABASE_URL.startswith("postgres")
local = threading.local()


def connection() -> Any:
    if not hasattr(local, "connection"):
        if POSTGRESQL:
            local.connection = psycopg.connect(DATABASE_URL, autocommit=True)
        else:
            local.connection = sqlite3.connect(f"{DATA_DIR}/tracker.sqlite3")
            local.connection.execute("PRAGMA mmap_size=2147418112")
            local.connection.execute("PRAGMA cache_size=-16000")
    return local.connection


OBJECT = "json_build_object" if POSTGRESQL else "json_object"
TEXT = "::text" if POSTGRESQL else ""
MARK = "%s" if POSTGRESQL else "?"


def nested(fields: dict[str, str], source: str) -> str:
    """A JSON array of what hangs on event `e`, as a scalar subquery."""
    pairs = ", ".join(f"'{name}', {column}" for name, column in fields.items())
    if POSTGRESQL:
        return f"COALESCE((SELECT json_agg({OBJECT}({pairs}) ORDER BY l.id) FROM {source}), '[]'::json)"
    return f"json((SELECT json_group_array({OBJECT}({pairs})) FROM {source}))"


def linked(kind: str, table: str, key: str, label: str, *own: str) -> str:
    fields = {key: f"o.{key}", label: f"o.{label}"} | {name: f"l.{name}" for name in own}
    column = "code" if table == "country" else "id"
    join = f"events_event{kind} l JOIN events_{table} o ON o.{column} = l.{kind}_id WHERE l.event_id = e.id"
    return nested(fields, join)


SCALARS = (
    "slug", "title", "summary", "body", "kind", "certainty", "state", "date", "date_precision", "end_date",
    "published_at", "updated_at",
)  # fmt: skip
LISTS = {
    "companies": linked("company", "company", "slug", "name", "role"),
    "agencies": linked("agency", "agency", "slug", "name"),
    "countries": linked("country", "country", "code", "name", "role"),
    "groups": linked("group", "countrygroup", "slug", "name", "role"),
    "products": linked("product", "product", "slug", "name"),
    "policies": linked("policy", "policy", "slug", "title", "relation", "partial"),
    "access_effects": nested(
        {"id": "l.number", "product": "o.slug", "country": "l.country_id", "status": "l.status"}
        | {name: f"l.{name}" for name in ("effective_date", "date_precision", "until", "note")},
        "events_accesseffect l JOIN events_product o ON o.id = l.product_id WHERE l.event_id = e.id",
    ),
    "relations": nested(
        {"relation": "l.relation", "event": "o.slug", "title": "o.title", "date": "o.date"},
        "events_eventrelation l JOIN events_event o ON o.id = l.earlier_id WHERE l.event_id = e.id",
    ),
    "citations": nested(
        {name: f"l.{name}" for name in ("quote", "speaker", "locator", "stance", "about")}
        | {
            "source": f"{OBJECT}('slug', s.slug, 'url', s.url, 'title', s.title, 'published', s.published, "
            f"'tier', s.tier, 'paywalled', s.paywalled, 'publisher', {OBJECT}('slug', p.slug, 'name', p.name))"
        },
        "events_citation l JOIN events_source s ON s.id = l.source_id "
        "JOIN events_publisher p ON p.id = s.publisher_id WHERE l.event_id = e.id",
    ),
}
PAIRS = ", ".join([*(f"'{name}', e.{name}" for name in SCALARS), *(f"'{name}', {sql}" for name, sql in LISTS.items())])
ASSEMBLED = f"SELECT {OBJECT}({PAIRS}){TEXT} FROM"
STORED = "SELECT c.document FROM"
KEY_BITS = 33


def answer(kind: str, asked: dict[str, str]) -> bytes:
    """The JSON of a list, or of one event (`slug`)."""
    if slug := asked.get("slug"):
        if kind == "joins":
            sql = f"{ASSEMBLED} events_event e WHERE e.slug = {MARK}"
        else:
            sql = (
                f"{STORED} events_publicdocument d JOIN events_change c ON c.seq = d.change_id "
                f"WHERE d.type = 'event' AND d.key = {MARK}"
            )
        [(document,)] = connection().execute(sql, (slug,)).fetchall()
        return str(document).encode()
    inner, values = joins(asked) if kind == "joins" else documents(asked)
    rows = connection().execute(inner, values).fetchall()
    return b'{"next": null, "previous": null, "results": [' + ",".join(row[0] for row in rows).encode() + b"]}"


# A country is involved by itself, or as a member of a group on the event's date, or as every country is.
INVOLVES = f"""(
    EXISTS (SELECT 1 FROM events_eventcountry l WHERE l.event_id = i.id AND l.country_id = {MARK})
    OR EXISTS (
        SELECT 1 FROM events_eventgroup l JOIN events_countrygroup o ON o.id = l.group_id
        LEFT JOIN events_membership m ON m.group_id = l.group_id AND m.country_id = {MARK}
            AND (m.since IS NULL OR m.since <= i.date) AND (m.until IS NULL OR m.until > i.date)
        WHERE l.event_id = i.id AND (m.id IS NOT NULL OR o.slug = 'world')
    )
)"""


def joins(asked: dict[str, str]) -> tuple[str, list[Any]]:
    where: list[str] = ["i.state = 'published'"]
    values: list[Any] = []
    if country := asked.get("country"):
        where.append(INVOLVES)
        values += [country, country]
    for name, column, sign in (("kind", "kind", "="), ("from", "date", ">="), ("to", "date", "<=")):
        if value := asked.get(name):
            where.append(f"i.{column} {sign} {MARK}")
            values.append(value)
    if date := asked.get("date"):
        where.append(f"(i.date, i.id) < ({MARK}, {MARK})")
        values += [date, int(asked["id"])]
    if word := asked.get("word"):
        match = f"tokens @@ {MARK}::tsquery" if POSTGRESQL else f"tokens MATCH {MARK}"
        where.append(f"i.id IN (SELECT rowid & {(1 << KEY_BITS) - 1} FROM events_search WHERE {match})")
        values.append(word)
    condition = " AND ".join(where)
    newest = f"(SELECT * FROM events_event i WHERE {condition} ORDER BY i.date DESC, i.id DESC LIMIT 51) e"
    return f"{ASSEMBLED} {newest} ORDER BY e.date DESC, e.id DESC", values


def documents(asked: dict[str, str]) -> tuple[str, list[Any]]:
    """From the tables of the timeline, by the same indexes that the application uses."""
    where: list[str] = []
    values: list[Any] = []
    table = "events_timelineentry t"
    if country := asked.get("country"):
        table = "events_timelinetag g JOIN events_timelineentry t ON t.position = g.position"
        where += [f"g.tag = {MARK}", f"g.kind = {MARK}"]
        values += [f"country:{country}", asked["kind"]]
        for name, sign, days in (("from", ">=", 0), ("to", "<", 1)):
            where.append(f"g.position {sign} {MARK}")
            values.append((dt.date.fromisoformat(asked[name]).toordinal() + days) << KEY_BITS)
    if date := asked.get("date"):
        where.append(f"t.position < {MARK}")
        values.append((dt.date.fromisoformat(date).toordinal() << KEY_BITS) | int(asked["id"]))
    if word := asked.get("word"):
        table = "events_search s JOIN events_timelineentry t ON t.position = s.rowid"
        where.append(f"s.tokens @@ {MARK}::tsquery" if POSTGRESQL else f"s.tokens MATCH {MARK}")
        values.append(word)
    condition = f"WHERE {' AND '.join(where)}" if where else ""
    order = "g.position" if "g.tag" in condition else "s.rowid" if "tokens" in condition else "t.position"
    return (
        f"{STORED} {table} JOIN events_change c ON c.seq = t.change_id {condition} ORDER BY {order} DESC LIMIT 51",
        values,
    )


# The newest effect on each place of a pair; `joins` reads it from the tables of events, `documents` from the ledger.
DIRECT = {
    "joins": (
        "SELECT e.id FROM events_accesseffect e JOIN events_event v ON v.id = e.event_id "
        "WHERE e.product_id = p.id AND {place} AND e.effective_date <= {day} "
        "AND v.state = 'published' AND v.certainty <> 'denied' ORDER BY e.effective_date DESC LIMIT 1"
    ),
    "documents": (
        "SELECT r.id FROM events_accessrecord r WHERE r.product = p.slug AND {place} AND r.effective_date <= {day} "
        "AND r.recorded_until IS NULL ORDER BY r.effective_date DESC, r.reported_on DESC, r.event DESC, r.effect DESC "
        "LIMIT 1"
    ),
}
PLACES = {
    "joins": ("e.country_id = c.code", "e.group_id = m.group_id"),
    "documents": ("r.place = c.code", "r.place = g.slug"),
}
HELD = {
    "joins": ("events_accesseffect", "held.status, held.effective_date"),
    "documents": ("events_accessrecord", "held.status, held.effective_date, held.event"),
}


def access(kind: str, asked: dict[str, str]) -> bytes:
    """The newest effect for each pair of a product and a country, directly or by a group, as JSON rows."""
    where, values = ["1 = 1"], []
    for name, column in (("product", "p.slug"), ("country", "c.code")):
        if value := asked.get(name):
            where.append(f"{column} = {MARK}")
            values.append(value)
    day = f"'{asked['on']}'"
    own, through = (DIRECT[kind].format(place=place, day=day) for place in PLACES[kind])
    pairs = f"events_product p CROSS JOIN events_country c WHERE {' AND '.join(where)}"
    table, columns = HELD[kind]
    sql = f"""
        SELECT newest.product, newest.country, {columns} FROM (
            SELECT p.slug AS product, c.code AS country, ({own}) AS found FROM {pairs}
            UNION ALL
            SELECT p.slug, c.code, ({through}) FROM events_product p CROSS JOIN events_country c
            JOIN events_membership m ON m.country_id = c.code JOIN events_countrygroup g ON g.id = m.group_id
            WHERE {" AND ".join(where)}
                AND (m.since IS NULL OR m.since <= {day}) AND (m.until IS NULL OR m.until > {day})
        ) newest JOIN {table} held ON held.id = found
    """
    rows = connection().execute(sql, values * 2).fetchall()
    return orjson.dumps([[str(value) for value in row] for row in rows])


CHANGE = ("seq", "at", "type", "key", "action", "note", "self_published", "document_hash", "previous_hash", "hash")


def changes(asked: dict[str, str]) -> bytes:
    """The changes after a seq, each with its document."""
    columns = ", ".join(f'"{name}"' for name in ("document", *CHANGE))
    sql = f"SELECT {columns} FROM events_change WHERE seq > {MARK} ORDER BY seq LIMIT 101"
    rows = connection().execute(sql, (int(asked["after"]),)).fetchall()
    parts = (
        b'%s,"document":%s}' % (orjson.dumps(dict(zip(CHANGE, row[1:], strict=True)))[:-1], row[0].encode())
        for row in rows
    )
    return b'{"next": null, "previous": null, "results": [' + b",".join(parts) + b"]}"


def copied() -> Iterable[bytes]:
    """All documents of the timeline, newest first, a line each, in keyset batches of 500."""
    last = 1 << 62
    sql = (
        f"SELECT t.position, c.document FROM events_timelineentry t JOIN events_change c ON c.seq = t.change_id "
        f"WHERE t.position < {MARK} ORDER BY t.position DESC LIMIT 500"
    )
    while rows := connection().execute(sql, (last,)).fetchall():
        yield b"\n".join([*(row[1].encode() for row in rows), b""])
        last = rows[-1][0]


def tabled() -> Iterable[bytes]:
    """The same documents as CSV: each read, its lists as slugs or codes, nothing made harmless."""
    for rows in rows_copied():
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        yield text.getvalue().encode()


def worked() -> Iterable[bytes]:
    """The same rows as the barest workbook that Excel opens: a sheet of texts, compressed as the application does."""
    outlet = xlsx.Outlet()
    with ZipFile(outlet, "w", ZIP_DEFLATED, compresslevel=xlsx.COMPRESSION) as package:
        package.writestr("[Content_Types].xml", xlsx.CONTENT_TYPES)
        package.writestr("_rels/.rels", xlsx.ROOT)
        package.writestr("xl/styles.xml", xlsx.STYLES)
        package.writestr("xl/workbook.xml", xlsx.listed(["Events"]))
        package.writestr("xl/_rels/workbook.xml.rels", xlsx.related(1))
        with package.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(xlsx.SHEET_START.encode())
            for rows in rows_copied():
                sheet.write("".join(map(bare_row, rows)).encode())
                yield outlet.take()
            sheet.write(xlsx.SHEET_END.encode())
    yield outlet.take()


def bare_row(values: list[Any]) -> str:
    cells = [f'<c t="inlineStr"><is><t>{escape(str(value))}</t></is></c>' for value in values]
    return f"<row>{''.join(cells)}</row>"


def rows_copied() -> Iterable[list[list[Any]]]:
    for batch in copied():
        yield [
            [slugs(value) if isinstance(value, list) else value for name, value in document.items() if name != "body"]
            for document in map(orjson.loads, batch.splitlines())
        ]


def slugs(linked: list[dict[str, Any]]) -> str:
    return " ".join(each.get("slug") or each.get("code") or "" for each in linked)


ALL = {"copy": copied, "table": tabled, "workbook": worked}
MEMORY = b"0123456789abcdef" * (1 << 16)


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    kind = environ["PATH_INFO"].strip("/").split("/")[0]
    asked = {name: values[0] for name, values in parse_qs(urlsplit("?" + environ["QUERY_STRING"]).query).items()}
    if kind in ALL:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return ALL[kind]()
    if kind == "memory":
        body = MEMORY[: int(asked["size"])]
    else:
        body = access(kind, asked) if "on" in asked else changes(asked) if "after" in asked else answer(kind, asked)
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return (body,)
