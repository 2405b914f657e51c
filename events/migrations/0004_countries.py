"""All countries, and the one row that the log's appends lock."""

from dataclasses import asdict

from django.db import migrations

from events.lib.countries import countries


def create(apps, schema_editor):
    Country = apps.get_model("events", "Country")
    Country.objects.bulk_create(Country(**asdict(entry)) for entry in countries())
    apps.get_model("events", "LogHead").objects.get_or_create(pk=1)


def delete(apps, schema_editor):
    # By SQL: a queryset would follow relations to models of other states of the migrations, and fail.
    for name in ("Country", "LogHead"):
        schema_editor.execute(f"DELETE FROM {apps.get_model('events', name)._meta.db_table}")


class Migration(migrations.Migration):
    dependencies = [("events", "0003_exclusions")]

    operations = [migrations.RunPython(create, delete)]
