"""Who of the editors sees what readers report, and who answers."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

ROLES = {
    "Contributor": ("view_errorreport",),
    "Editor": ("view_errorreport", "change_errorreport"),
    "Publisher": ("view_errorreport", "change_errorreport"),
}


def grant(apps, schema_editor):
    # Permissions are made after the last migration; the groups need them now.
    config = apps.get_app_config("events")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    for group, permissions in held(apps):
        group.permissions.add(*permissions)


def revoke(apps, schema_editor):
    for group, permissions in held(apps):
        group.permissions.remove(*permissions)


def held(apps):
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    for group in Group.objects.filter(name__in=ROLES):
        yield group, Permission.objects.filter(content_type__app_label="events", codename__in=ROLES[group.name])


class Migration(migrations.Migration):
    dependencies = [("events", "0021_error_reports")]

    operations = [migrations.RunPython(grant, revoke)]
