"""Tags of published events with one independent origin only, or without a primary source, from their documents."""

from typing import Any

from django.db import migrations

LACKING = {
    "lacks:origin": "CAST(document ->> 'independent_origins' AS integer) < 2",
    "lacks:primary": "NOT EXISTS (SELECT 1 FROM events_timelinetag held "
    "WHERE held.tag = 'tier:primary' AND held.position = entry.position)",
}
TAGS = "CASE role WHEN '' THEN tag ELSE tag || '=' || role END"
IN_ORDER = {
    "postgresql": f"SELECT position, string_agg({TAGS}, ' ' ORDER BY tag COLLATE \"C\") AS bears "
    "FROM events_timelinetag GROUP BY position",
    "sqlite": f"SELECT position, group_concat({TAGS}, ' ') AS bears "
    "FROM (SELECT position, tag, role FROM events_timelinetag ORDER BY position, tag) GROUP BY position",
}


def tag(apps: Any, schema_editor: Any) -> None:
    vendor = schema_editor.connection.vendor
    document = "CAST(change.document AS jsonb)" if vendor == "postgresql" else "change.document"
    day = f"({document} ->> 'date')"
    month = f"CAST(substr({day}, 1, 4) AS integer) * 12 + CAST(substr({day}, 6, 2) AS integer) - 1"
    source = "FROM events_timelineentry entry JOIN events_change change ON change.seq = entry.change_id WHERE "
    for name, condition in LACKING.items():
        lacks = condition.replace("document", document)
        schema_editor.execute(
            "INSERT INTO events_timelinetag (tag, position, role, kind, last) "
            f"SELECT '{name}', entry.position, '', entry.kind, entry.last {source} {lacks}"
        )
        schema_editor.execute(
            "INSERT INTO events_timelinecount (tag, month, direction, count) "
            f"SELECT '{name}', {month}, entry.direction, COUNT(*) {source} {lacks} GROUP BY {month}, entry.direction"
        )
    renew(schema_editor)


def untag(apps: Any, schema_editor: Any) -> None:
    for table in ("events_timelinetag", "events_timelinecount"):
        schema_editor.execute(f"DELETE FROM {table} WHERE tag IN ('lacks:origin', 'lacks:primary')")
    renew(schema_editor)


def renew(schema_editor: Any) -> None:
    schema_editor.execute(
        "UPDATE events_timelineentry SET bears = found.bears "
        f"FROM ({IN_ORDER[schema_editor.connection.vendor]}) found "
        "WHERE found.position = events_timelineentry.position"
    )


class Migration(migrations.Migration):
    dependencies = [("events", "0016_checked_since_published")]

    operations = [migrations.RunPython(tag, untag)]
