"""An import from the dry run to drafts: all or none, and only what was shown."""

import datetime as dt

import pytest
from django.db import IntegrityError
from django.utils import timezone

from events.choices import State
from events.models import Change, Event, Import, Source
from events.services import publishing, review, steps
from events.services.imports import running
from tests.admin import making
from tests.services.imports.making import as_csv, checked, imported, said, verdicts

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return making.user("Contributor")


def counts(found):
    return (found.new, found.changed, found.same, found.bad)


def test_dry_run_tells_of_each_row_what_it_does_and_does_nothing(editor):
    same, changed, public = making.event(), making.event(), making.published()
    merged, into = making.published(), making.published()
    publishing.merge(merged, into=into, by=None, note="The same.")
    rows = [
        {"id": same.slug, "title": same.title},
        {"id": changed.slug, "title": "Better"},
        {"id": "brand-new", "title": "New"},
        {"id": public.slug, "title": "Better"},
        {"id": public.slug + "-x", "title": "x" * 111},
        {"id": merged.slug, "title": "Better"},
    ]
    events, changes = Event.objects.count(), Change.objects.count()
    found = checked(as_csv(*rows), by=editor)
    assert found.state == "checked"
    assert counts(found) == (1, 1, 1, 3)
    assert [verdict for _, verdict in verdicts(found)] == ["same", "changed", "new", "bad", "bad", "bad"]
    assert [row.said for row in found.rows.all()] == [
        [],
        [f"title: {changed.title} → Better"],
        [],
        ["It is public: correct it in its form, or give this draft another id.", f"title: {public.title} → Better"],
        ["title: It has 111 characters; 110 are allowed."],
        [f"id: “{merged.slug}” is now “{into.slug}”."],
    ]
    assert [row.number for row in found.rows.all()] == [2, 3, 4, 5, 6, 7]
    assert (Event.objects.count(), Change.objects.count()) == (events, changes)
    changed.refresh_from_db()
    assert changed.title != "Better"


def test_nothing_is_imported_while_a_row_is_bad(editor):
    found = checked(as_csv({"title": "A"}, {"title": "B", "kind": "wrong"}), by=editor)
    with pytest.raises(running.ImportRefused, match="bad rows have to be mended"):
        running.start(found, by=editor)
    assert running.run_due() == 0
    assert not Event.objects.exists()


def test_imported_drafts_have_history_and_an_author_who_may_not_publish_them():
    publisher = making.user("Publisher")
    company, source = making.company(), making.source()
    row = {"title": "A", "date": "2024-07-09", "kind": "report", "companies": f"{company.slug}:actor"}
    found = imported(as_csv(row | {"sources": source.url}), by=publisher, name="week.csv")
    assert (found.state, found.content, len(found.hash)) == ("done", None, 64)
    event = Event.objects.get()
    assert found.rows.get().event == event
    assert (event.state, event.changed_by) == (State.DRAFT, publisher)
    step = event.steps.get()
    assert (step.by, step.note, steps.said(step)["title"]) == (publisher, "Imported from week.csv", "A")
    assert event.history.get().history_user == publisher
    assert not Change.objects.exists()
    review.submit(event, by=making.user("Editor"))
    with pytest.raises(publishing.PublishingError, match="Another editor"):
        publishing.publish(event, by=publisher)
    publishing.publish(event, by=making.user("Publisher"))


def test_same_file_again_says_that_all_is_same(editor):
    content = as_csv({"title": "A", "date": "2024-07"}, {"title": "B", "follows": "a:explains"})
    assert imported(content, by=editor).state == "done"
    again = checked(content, by=editor)
    assert counts(again) == (0, 0, 2, 0)
    assert not again.can_be_applied
    assert Import.objects.filter(hash=again.hash).count() == 2


def test_changed_draft_keeps_what_the_table_has_no_column_for_and_leaves_review(editor):
    event = making.in_review(summary="As it was.")
    found = imported(as_csv({"id": event.slug, "title": "Better"}), by=editor)
    assert found.state == "done"
    assert "It waits for review, and becomes a draft again." in said(found)
    event.refresh_from_db()
    assert (event.title, event.summary, event.state, event.changed_by) == ("Better", "As it was.", "draft", editor)
    assert event.citations.count() == event.company_links.count() == 1
    assert event.history.first().history_user == editor
    again = checked(as_csv({"id": event.slug, "title": "Better"}), by=editor)
    assert counts(again) == (0, 0, 1, 0)


def test_draft_keeps_citations_that_editors_numbered_otherwise(editor):
    event, second = making.event(), making.source()
    first = event.citations.get().source
    event.citations.all().delete()
    for source in (second, first):
        event.citations.create(source=source)
    urls = f"{second.url} {first.url}"
    assert counts(checked(as_csv({"id": event.slug, "title": event.title, "sources": urls}), by=editor)) == (0, 0, 1, 0)


@pytest.mark.parametrize("meanwhile", ["edited", "made"])
def test_only_what_was_shown_is_imported(meanwhile, editor):
    event = making.event()
    found = checked(as_csv({"id": event.slug, "title": "Better"}, {"id": "new", "title": "New"}), by=editor)
    running.start(found, by=editor)
    if meanwhile == "edited":
        Event.objects.filter(pk=event.pk).update(summary="Somebody else wrote this.")
    else:
        making.event(slug="new", title="Another")
    assert running.run_due() == 1
    found.refresh_from_db()
    assert (found.state, found.note) == ("checked", running.MOVED_ON)
    event.refresh_from_db()
    assert event.title != "Better"
    running.start(Import.objects.get(pk=found.pk), by=editor)
    running.run_due()
    event.refresh_from_db()
    found.refresh_from_db()
    assert (found.state, event.title) == ("done", "Better")


def test_failure_on_the_way_leaves_nothing_behind(editor, monkeypatch):
    """The second of two batches cannot be written."""
    source = {"sources.1.title": "S", "sources.1.publisher": making.publisher().slug, "sources.1.tier": "primary"}
    rows = [{"title": f"T {n}", "sources.1.url": f"https://example.com/{n}"} | source for n in range(3)]
    found = checked(as_csv(*rows), by=editor)
    running.start(found, by=editor)
    monkeypatch.setattr(running, "BATCH", 2)
    note, batches = steps.note_drafts, []

    def failing(events, **said):
        batches.append(events)
        if len(batches) == 2:
            raise IntegrityError("disk")
        note(events, **said)

    monkeypatch.setattr(steps, "note_drafts", failing)
    running.run_due()
    found.refresh_from_db()
    assert (found.state, found.note) == ("refused", "Nothing was imported. disk")
    assert len(batches) == 2
    assert not Event.objects.exists()
    assert not Source.objects.exists()


def test_lease_keeps_a_second_worker_away_and_expires_with_the_first(editor):
    found = running.upload("a.csv", as_csv({"title": "A"}), by=editor)
    dead = Import.objects.filter(pk=found.pk)
    dead.update(leased_until=timezone.now() + dt.timedelta(minutes=1), attempts=1)
    assert running.run_due() == 0
    dead.update(leased_until=timezone.now() - dt.timedelta(seconds=1))
    assert running.run_due() == 1
    assert dead.get().state == "checked"


def test_import_that_kills_its_worker_is_given_up(editor):
    found = running.upload("a.csv", as_csv({"title": "A"}), by=editor)
    Import.objects.filter(pk=found.pk).update(attempts=running.MOST_ATTEMPTS)
    assert running.run_due() == 0
    found.refresh_from_db()
    assert (found.state, found.note) == ("refused", running.GIVEN_UP)


def test_who_lost_the_right_meanwhile_imports_nothing(editor):
    found = checked(as_csv({"title": "A"}), by=editor)
    running.start(found, by=editor)
    editor.groups.clear()
    running.run_due()
    found.refresh_from_db()
    assert (found.state, found.note) == (
        "refused",
        "Nothing was imported. Whoever uploaded it may not import drafts any more.",
    )
    assert not Event.objects.exists()


def test_progress_is_told_row_by_row_and_by_batches(editor):
    found = imported(as_csv(*({"title": f"T {n}"} for n in range(3))), by=editor)
    assert found.progress == (3, 3)
