"""A copy that the mirror makes, and what it holds."""

import json
import sqlite3

from events import mirror
from tests.mirror.site import Site


def run(site: Site, file: str, *options: str) -> int:
    return mirror.main([site.url, file, *options])


def held(file: str) -> list[dict]:
    """The changes in a file, as the API gives them."""
    with sqlite3.connect(file) as db:
        rows = db.execute("SELECT * FROM changes ORDER BY seq").fetchall()
    db.close()
    changes = [dict(zip(mirror.FIELDS, row, strict=True)) for row in rows]
    for change in changes:
        change["self_published"] = bool(change["self_published"])
        change["document"] = change["document"] and json.loads(change["document"])
    return changes


def ask(file: str, sql: str) -> list[tuple]:
    db = sqlite3.connect(file)
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()
