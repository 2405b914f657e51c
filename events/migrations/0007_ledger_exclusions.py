"""On PostgreSQL, what the record held of one effect or membership may not overlap; SQLite cannot state it."""

from django.db import migrations

EXCLUSIONS = {
    "accessrecord_held_once": (
        "events_accessrecord",
        "event WITH =, effect WITH =, int8range(recorded_from, recorded_until) WITH &&",
    ),
    "grouprecord_held_once": (
        "events_grouprecord",
        "group_slug WITH =, country WITH =, daterange(since, until) WITH &&,"
        " int8range(recorded_from, recorded_until) WITH &&",
    ),
}


class OnPostgreSQL(migrations.RunSQL):
    """SQL that PostgreSQL runs, and no other database."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)


class Migration(migrations.Migration):
    dependencies = [("events", "0006_access_ledger")]

    operations = [
        OnPostgreSQL(
            f"ALTER TABLE {table} ADD CONSTRAINT {name} EXCLUDE USING gist ({columns})",
            f"ALTER TABLE {table} DROP CONSTRAINT {name}",
        )
        for name, (table, columns) in EXCLUSIONS.items()
    ]
