"""What models cannot say: the full-text index; and on PostgreSQL the spans that may not overlap, an index of titles by
trigrams, and keys that compare byte by byte, whatever the database's locale.
"""

from django.db import migrations, models

import events.models.timeline

SPANS_APART = {
    "membership_spans_apart": (
        "events_membership",
        "group_id WITH =, country_id WITH =, daterange(since, until) WITH &&",
    ),
    "ownership_spans_apart": (
        "events_ownership",
        "owner_id WITH =, owned_id WITH =, kind WITH =, daterange(since, until) WITH &&",
    ),
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
# Ranges of them are asked for (`country:` up to `country;`), and the last tie between two effects goes by their events'
# slugs. SQLite compares so anyway.
BYTEWISE = {
    "accessrecord": ("event", "product", "place"),
    "agency": ("slug",),
    "change": ("key",),
    "company": ("slug",),
    "countrygroup": ("slug",),
    "event": ("slug",),
    "feed": ("slug",),
    "grouprecord": ("group", "country"),
    "loadedentry": ("key",),
    "policy": ("slug",),
    "product": ("slug",),
    "publicdocument": ("key",),
    "publisher": ("slug",),
    "reissue": ("key",),
    "source": ("slug",),
    "timelinecount": ("tag",),
    "timelinepair": ("tag", "other"),
    "timelinetag": ("tag",),
}


class On(migrations.RunSQL):
    """SQL for databases of one vendor."""

    def __init__(self, vendor, sql, reverse_sql):
        super().__init__(sql, reverse_sql)
        self.vendor = vendor

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == self.vendor:
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == self.vendor:
            super().database_backwards(app_label, schema_editor, from_state, to_state)


def collate(collation):
    def alter(apps, schema_editor):
        connection = schema_editor.connection
        if connection.vendor != "postgresql":
            return
        for name, fields in BYTEWISE.items():
            model = apps.get_model("events", name)
            columns = ", ".join(
                f'ALTER COLUMN "{field.column}" TYPE {field.db_type(connection)} COLLATE "{collation}"'
                for field in map(model._meta.get_field, fields)
            )
            schema_editor.execute(f"ALTER TABLE {model._meta.db_table} {columns}")

    return alter


class Migration(migrations.Migration):
    replaces = [("events", "0031_import_roles")]

    dependencies = [("events", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                On(
                    "sqlite",
                    "CREATE VIRTUAL TABLE events_search USING fts5(tokens, tokenize='ascii')",
                    "DROP TABLE events_search",
                ),
                On(
                    "postgresql",
                    "CREATE TABLE events_search (rowid bigint PRIMARY KEY, tokens tsvector NOT NULL)",
                    "DROP TABLE events_search",
                ),
                On(
                    "postgresql",
                    "CREATE INDEX events_search_tokens ON events_search USING gin (tokens)",
                    "DROP INDEX events_search_tokens",
                ),
            ],
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
        ),
        migrations.RunPython(collate("C"), collate("default")),
        On("postgresql", "CREATE EXTENSION IF NOT EXISTS btree_gist", migrations.RunSQL.noop),
        *(
            On(
                "postgresql",
                f"ALTER TABLE {table} ADD CONSTRAINT {name} EXCLUDE USING gist ({columns})",
                f"ALTER TABLE {table} DROP CONSTRAINT {name}",
            )
            for name, (table, columns) in SPANS_APART.items()
        ),
        On("postgresql", "CREATE EXTENSION IF NOT EXISTS pg_trgm", migrations.RunSQL.noop),
        On(
            "postgresql",
            "CREATE INDEX event_title_by_trigrams ON events_event USING gin (title gin_trgm_ops)",
            "DROP INDEX event_title_by_trigrams",
        ),
    ]
