"""All countries; the one row that the log's appends lock; the three groups of editors, and what each may."""

from dataclasses import asdict

from django.contrib.auth.management import create_permissions
from django.db import migrations

from events.lib.countries import countries

CONTENT = (
    "event", "eventcompany", "eventagency", "eventcountry", "eventgroup", "eventproduct", "eventpolicy",
    "eventrelation", "accesseffect", "citation", "company", "companyalias", "ownership", "agency", "agencyalias",
    "product", "productalias", "policy", "policyalias", "publisher", "source",
)  # fmt: skip
# What hangs on an event and is taken off it again while it is a draft.
PARTS = (
    "eventcompany", "eventagency", "eventcountry", "eventgroup", "eventproduct", "eventpolicy", "eventrelation",
    "accesseffect", "citation",
)  # fmt: skip
GROUPS = ("countrygroup", "membership")
SHOWN = (
    "country", "change", "publicdocument", "reissue", "feed", "candidate", "job", "errorreport", "export",
    "exportrequest", "import",
)  # fmt: skip


def permissions(models, actions):
    return {f"{action}_{model}" for model in models for action in actions}


CONTRIBUTOR = (
    permissions(CONTENT, ("add", "change", "view"))
    | permissions(PARTS, ("delete",))
    | permissions((*GROUPS, *SHOWN), ("view",))
    | {"submit_event", "add_candidate", "change_candidate", "add_import"}
)
EDITOR = (
    CONTRIBUTOR
    | permissions(CONTENT, ("delete",))
    | permissions(GROUPS, ("add", "change", "delete"))
    | {"add_feed", "change_feed", "change_errorreport"}
)
PUBLISHER = EDITOR | {"publish_event", "add_exportrequest"}
ROLES = {"Contributor": CONTRIBUTOR, "Editor": EDITOR, "Publisher": PUBLISHER}


def create_rows(apps, schema_editor):
    Country = apps.get_model("events", "Country")
    Country.objects.bulk_create(Country(**asdict(entry)) for entry in countries())
    apps.get_model("events", "LogHead").objects.create(pk=1)


def delete_rows(apps, schema_editor):
    # By SQL: a queryset would follow relations to models of other states of the migrations, and fail.
    for name in ("Country", "LogHead"):
        schema_editor.execute(f"DELETE FROM {apps.get_model('events', name)._meta.db_table}")


def create_roles(apps, schema_editor):
    # Permissions are made after the last migration; the groups need them now.
    config = apps.get_app_config("events")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    for name, codenames in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        found = Permission.objects.filter(content_type__app_label="events", codename__in=codenames)
        if missing := codenames - set(found.values_list("codename", flat=True)):
            raise RuntimeError(f"There is no permission {', '.join(sorted(missing))}.")
        group.permissions.set(found)


def delete_roles(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=ROLES).delete()


class Migration(migrations.Migration):
    replaces = [("events", "0032_events_listed")]

    dependencies = [
        ("events", "0002_beyond_models"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.RunPython(create_rows, delete_rows),
        migrations.RunPython(create_roles, delete_roles),
    ]
