"""What the three groups of editors may do with feeds and candidates."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

LOOKING = {"view_feed", "view_candidate", "view_job"}
ROLES = {
    "Contributor": LOOKING | {"add_candidate", "change_candidate"},
    "Editor": LOOKING | {"add_candidate", "change_candidate", "add_feed", "change_feed"},
    "Publisher": LOOKING | {"add_candidate", "change_candidate", "add_feed", "change_feed"},
}


def grant(apps, schema_editor):
    # Permissions are made after the last migration; the groups need them now.
    config = apps.get_app_config("events")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    for group, found in held(apps):
        group.permissions.add(*found)


def withdraw(apps, schema_editor):
    for group, found in held(apps):
        group.permissions.remove(*found)


def held(apps):
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    for name, codenames in ROLES.items():
        for group in Group.objects.filter(name=name):
            yield group, list(Permission.objects.filter(content_type__app_label="events", codename__in=codenames))


class Migration(migrations.Migration):
    dependencies = [("events", "0019_inbox")]

    operations = [migrations.RunPython(grant, withdraw)]
