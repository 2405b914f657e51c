"""Slugs, keys and tags compare byte by byte on PostgreSQL too, whatever the database's locale: ranges of them are
asked for (`country:` up to `country;`), and the last tie between two effects goes by their events' slugs.
"""

from django.db import migrations

KEYS = {
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


def collate(collation):
    def alter(apps, schema_editor):
        connection = schema_editor.connection
        if connection.vendor != "postgresql":  # SQLite compares so anyway
            return
        for name, fields in KEYS.items():
            model = apps.get_model("events", name)
            columns = ", ".join(
                f'ALTER COLUMN "{field.column}" TYPE {field.db_type(connection)} COLLATE "{collation}"'
                for field in map(model._meta.get_field, fields)
            )
            schema_editor.execute(f"ALTER TABLE {model._meta.db_table} {columns}")

    return alter


class Migration(migrations.Migration):
    dependencies = [("events", "0025_export_roles")]

    operations = [migrations.RunPython(collate("C"), collate("default"))]
