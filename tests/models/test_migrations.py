"""What migrations write, and that each of them goes backwards and forwards again."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from events.models import Country, LogHead


@pytest.mark.django_db
def test_roles_grow_from_contributor_to_publisher():
    held = {group.name: set(group.permissions.values_list("codename", flat=True)) for group in Group.objects.all()}
    assert set(held) == {"Contributor", "Editor", "Publisher"}
    assert held["Contributor"] < held["Editor"] < held["Publisher"]
    assert held["Publisher"] - held["Editor"] == {"add_exportrequest", "publish_event"}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["Contributor", "Editor", "Publisher"])
def test_no_role_may_edit_the_log_or_countries(name):
    held = set(Group.objects.get(name=name).permissions.values_list("codename", flat=True))
    written = {
        f"{action}_{model}"
        for action in ("add", "change", "delete")
        for model in (
            *("change", "loghead", "publicdocument", "reissue", "country", "timelineentry", "searchrow"),
            *("accessrecord", "grouprecord"),
        )
    }
    assert held & written == set()


@pytest.mark.django_db
def test_a_contributor_deletes_no_record_but_what_hangs_on_an_event():
    codenames = Group.objects.get(name="Contributor").permissions.values_list("codename", flat=True)
    parts = {"accesseffect", "citation"} | {
        f"event{of}" for of in ("company", "agency", "country", "group", "product", "policy", "relation")
    }
    assert {codename for codename in codenames if codename.startswith("delete")} == {f"delete_{part}" for part in parts}


@pytest.mark.django_db
def test_models_and_migrations_agree():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
@pytest.mark.parametrize(("steps", "lacks"), [(32, False), (31, True), (30, True), (2, True), (1, True)])
def test_only_a_database_that_took_all_steps_before_the_first_release_lacks_nothing(steps, lacks):
    """With the others `migrate` fails on what they have already, where it would find nothing to do."""
    loader = MigrationExecutor(connection).loader
    replaced = {name for migration in loader.replacements.values() for _, name in migration.replaces}
    names = sorted({"0001_initial", *replaced})
    assert len(names) == 32
    recorder = MigrationRecorder(connection)
    recorder.migration_qs.filter(app="events").delete()
    for name in names[:steps]:
        recorder.record_applied("events", name)
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    assert any(step.name < "0004" for step, _ in plan) == lacks  # what came since is lacking anyway


@pytest.mark.xdist_group("long")
@pytest.mark.django_db(transaction=True)
def test_migrations_go_backwards_and_forwards():
    executor = MigrationExecutor(connection)
    newest = [node for node in executor.loader.graph.leaf_nodes() if node[0] == "events"]
    try:
        executor.migrate([("events", None)])
        left = [table for table in connection.introspection.table_names() if table.startswith("events_")]
    finally:
        MigrationExecutor(connection).migrate(newest)
    assert left == []
    assert (Country.objects.count(), LogHead.objects.get().seq, Group.objects.count()) == (249, 0, 3)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM events_search")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db
def test_slugs_keys_and_tags_compare_byte_by_byte_whatever_the_databases_locale():
    names = ("slug", "key", "tag", "other", "event", "product", "place", "group_slug")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema() "
                "AND column_name = ANY(%s) AND data_type = 'character varying' AND collation_name IS DISTINCT FROM 'C'",
                [list(names)],
            )
            unlike = {row for row in cursor.fetchall() if row[0].startswith("events_")}
        else:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE name LIKE 'events_%%' AND sql LIKE '%%COLLATE%%'")
            unlike = set(cursor.fetchall())
    only_shown = {("events_importrow", "key")}  # of a row of somebody's file: nothing is looked up by it
    assert {row for row in unlike if "historical" not in row[0]} - only_shown == set()
