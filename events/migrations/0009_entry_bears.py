"""All tags of an event beside its entry, so that what thousands of events bear is counted without an index of its own."""

from typing import Any

from django.db import migrations, models

TAGS = "CASE role WHEN '' THEN tag ELSE tag || '=' || role END"
IN_ORDER = {
    "postgresql": f"SELECT position, string_agg({TAGS}, ' ' ORDER BY tag COLLATE \"C\") AS bears "
    "FROM events_timelinetag GROUP BY position",
    "sqlite": f"SELECT position, group_concat({TAGS}, ' ') AS bears "
    "FROM (SELECT position, tag, role FROM events_timelinetag ORDER BY position, tag) GROUP BY position",
}


def fill(apps: Any, schema_editor: Any) -> None:
    schema_editor.execute(
        "UPDATE events_timelineentry SET bears = found.bears "
        f"FROM ({IN_ORDER[schema_editor.connection.vendor]}) found "
        "WHERE found.position = events_timelineentry.position"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0008_ledger_by_day"),
    ]

    operations = [
        migrations.AddField(
            model_name="timelineentry",
            name="bears",
            field=models.TextField(default=""),
            preserve_default=False,
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
