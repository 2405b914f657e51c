"""Publishers may ask for bulk files; every editor may see which there are."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

LOOKING = ("view_export", "view_exportrequest")
ROLES = {"Contributor": LOOKING, "Editor": LOOKING, "Publisher": (*LOOKING, "add_exportrequest")}


def give(apps, schema_editor):
    # Permissions are made after the last migration; the groups need them now.
    config = apps.get_app_config("events")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    for name, codenames in ROLES.items():
        found = Permission.objects.filter(content_type__app_label="events", codename__in=codenames)
        for group in Group.objects.filter(name=name):
            group.permissions.add(*found)


def take(apps, schema_editor):
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    for name, codenames in ROLES.items():
        found = Permission.objects.filter(content_type__app_label="events", codename__in=codenames)
        for group in Group.objects.filter(name=name):
            group.permissions.remove(*found)


class Migration(migrations.Migration):
    dependencies = [("events", "0024_exports")]

    operations = [migrations.RunPython(give, take)]
