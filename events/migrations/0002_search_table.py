"""The full-text index: an FTS5 table on SQLite, a tsvector with a GIN index on PostgreSQL."""

from django.db import migrations, models

import events.models.timeline

TABLES = {
    "sqlite": ("CREATE VIRTUAL TABLE events_search USING fts5(tokens, tokenize='ascii')",),
    "postgresql": (
        "CREATE TABLE events_search (rowid bigint PRIMARY KEY, tokens tsvector NOT NULL)",
        "CREATE INDEX events_search_tokens ON events_search USING gin (tokens)",
    ),
}


def create(apps, schema_editor):
    for statement in TABLES[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    schema_editor.execute("DROP TABLE events_search")


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(create, drop)],
            state_operations=[
                migrations.CreateModel(
                    name="SearchRow",
                    fields=[
                        ("position", models.BigIntegerField(db_column="rowid", primary_key=True, serialize=False)),
                        ("tokens", events.models.timeline.TokensField()),
                    ],
                    options={"db_table": "events_search"},
                )
            ],
        )
    ]
