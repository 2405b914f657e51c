"""The three groups of editors, and what each may."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

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
READ_ONLY = ("country", "change", "publicdocument", "reissue")
GROUPS = ("countrygroup", "membership")


def permissions(models, actions):
    return {f"{action}_{model}" for model in models for action in actions}


CONTRIBUTOR = (
    permissions(CONTENT, ("add", "change", "view"))
    | permissions(PARTS, ("delete",))
    | permissions((*GROUPS, *READ_ONLY), ("view",))
)
EDITOR = CONTRIBUTOR | permissions(CONTENT, ("delete",)) | permissions(GROUPS, ("add", "change", "delete"))
ROLES = {
    "Contributor": CONTRIBUTOR | {"submit_event"},
    "Editor": EDITOR | {"submit_event"},
    "Publisher": EDITOR | {"submit_event", "publish_event"},
}


def create(apps, schema_editor):
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


def delete(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=ROLES).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0004_countries"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(create, delete)]
