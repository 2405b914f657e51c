"""On PostgreSQL, spans of the same membership or ownership may not overlap; SQLite cannot state it."""

from django.db import migrations

EXCLUSIONS = {
    "membership_spans_apart": (
        "events_membership",
        "group_id WITH =, country_id WITH =, daterange(since, until) WITH &&",
    ),
    "ownership_spans_apart": (
        "events_ownership",
        "owner_id WITH =, owned_id WITH =, kind WITH =, daterange(since, until) WITH &&",
    ),
}


def create(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        for name, (table, columns) in EXCLUSIONS.items():
            schema_editor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} EXCLUDE USING gist ({columns})")


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name, (table, _) in EXCLUSIONS.items():
            schema_editor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


class Migration(migrations.Migration):
    dependencies = [("events", "0002_search_table")]

    operations = [migrations.RunPython(create, drop)]
