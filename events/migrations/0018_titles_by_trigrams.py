"""Similar titles on PostgreSQL; SQLite has the full-text index alone, and this does nothing there."""

from typing import Any

from django.db import migrations

INDEX = "event_title_by_trigrams"


def create(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        schema_editor.execute(f"CREATE INDEX {INDEX} ON events_event USING gin (title gin_trgm_ops)")


def drop(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX IF EXISTS {INDEX}")


class Migration(migrations.Migration):
    dependencies = [("events", "0017_what_events_lack")]

    operations = [migrations.RunPython(create, drop)]
