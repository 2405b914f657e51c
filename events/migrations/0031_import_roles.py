"""Whoever drafts may import drafts."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

ROLES = ("Contributor", "Editor", "Publisher")
IMPORTING = ("add_import", "view_import")


def permissions(apps):
    # Permissions are made after the last migration; the groups need them now.
    config = apps.get_app_config("events")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    Permission = apps.get_model("auth", "Permission")
    return Permission.objects.filter(content_type__app_label="events", codename__in=IMPORTING)


def give(apps, schema_editor):
    found = permissions(apps)
    for group in apps.get_model("auth", "Group").objects.filter(name__in=ROLES):
        group.permissions.add(*found)


def take(apps, schema_editor):
    found = permissions(apps)
    for group in apps.get_model("auth", "Group").objects.filter(name__in=ROLES):
        group.permissions.remove(*found)


class Migration(migrations.Migration):
    dependencies = [("events", "0030_imports")]

    operations = [migrations.RunPython(give, take)]
