"""An import from the dry run to drafts: all or none, and only what was shown."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.choices import State
from events.documents import working_document
from events.lib import bulk
from events.models import Change, Event, Import, Source, Step
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


@pytest.fixture
def described():
    """What a new page needs to be cited."""
    return {"sources.1.title": "S", "sources.1.publisher": making.publisher().slug, "sources.1.tier": "primary"}


def test_failure_on_the_way_leaves_nothing_behind(editor, described, monkeypatch):
    """Sources and events are written, and then the history is not."""
    rows = [{"title": f"T {n}", "sources.1.url": f"https://example.com/{n}"} | described for n in range(3)]
    found = checked(as_csv(*rows), by=editor)
    running.start(found, by=editor)
    written, insert = [], bulk.insert_instances

    def failing(connection, rows):
        if rows and isinstance(rows[0], Step):
            raise IntegrityError("disk")
        insert(connection, rows)
        written.append(len(rows))

    monkeypatch.setattr(bulk, "insert_instances", failing)
    running.run_due()
    found.refresh_from_db()
    assert (found.state, found.note) == ("refused", "Nothing was imported. disk")
    assert sum(written) > 6
    assert not Event.objects.exists()
    assert not Source.objects.exists()


def test_everybody_else_waits_for_no_more_statements_of_many_rows_than_of_few(editor, described):
    """Making the rows and documents is over when the head of the log is taken."""
    product, earlier = making.product(), making.event()
    columns = described | {
        "access.1.product": product.slug,
        "access.1.country": "CN",
        "access.1.status": "blocked",
        "access.1.from": "2024-07-09",
        "products": product.slug,
        "follows": f"{earlier.slug}:explains",
    }
    found = []
    for times in (2, 30):
        rows = [{"title": f"T {times} {n}", "sources.1.url": f"https://example.com/{times}/{n}"} for n in range(times)]
        for summary in ("New", "Changed"):
            one = checked(
                as_csv(*(row | columns | {"summary": summary, "access.1.note": summary} for row in rows)), by=editor
            )
            running.start(one, by=editor)
            with CaptureQueriesContext(connection) as captured:
                running.run_due()
            statements = [query["sql"] for query in captured]
            [taken] = [number for number, sql in enumerate(statements) if 'FROM "events_loghead"' in sql]
            found.append(len(statements) - taken)
    assert Event.objects.filter(summary="Changed").count() == 32
    assert found[:2] == found[2:]


def test_imported_draft_says_what_its_history_says(editor, described):
    """Its documents are made before its rows are written, and again from what is written."""
    product, company, known = making.product(), making.company(), making.source()
    first = {
        "title": "First",
        "date": "2024-07",
        "companies": f"{company.slug}:actor",
        "products": product.slug,
        "access": f"[{{id: 2, product: {product.slug}, country: CN, status: blocked, from: 2024-07-09}}, "
        f"{{id: 1, product: {product.slug}, country: FR, status: available, from: 2024-07-09}}]",
        "sources.1.url": "https://example.com/new",
        "sources.1.quotes": "[{text: Blocked., about: 'effect:2'}]",
        "sources.2.url": known.url,
    } | described
    second = {"title": "Second", "follows": "first:explains", "sources.1.url": "https://example.com/new"} | described
    imported(as_csv(first, second), by=editor)
    imported(
        as_csv(
            first | {"summary": "Changed", "sources.1.locator": "p. 2"}, second | {"title": "Again", "id": "second"}
        ),
        by=editor,
    )
    for event in Event.objects.filter(slug__in=("first", "second")):
        assert steps.said(event.steps.first()) == working_document(event)
        assert (event.steps.count(), event.history.count()) == (2, 2)
    first, second = Event.objects.get(slug="first"), Event.objects.get(slug="second")
    assert working_document(first)["direction"] == "mixed"
    assert [citation.effect and citation.effect.number for citation in first.citations.all()] == [2, None]
    assert (first.effects_numbered, first.citations_numbered, first.summary) == (2, 2, "Changed")
    assert second.relation_links.get().earlier == first
    assert second.citations.get().source == first.citations.first().source


def test_worker_that_lost_its_lease_writes_nothing(editor):
    """Another has imported the file while it was still comparing."""
    found = checked(as_csv({"title": "A"}), by=editor)
    running.start(found, by=editor)
    late = Import.objects.select_related("by").get(pk=found.pk)
    running.run_due()
    Event.objects.all().delete()
    running.apply(late)
    assert not Event.objects.exists()
    late = Import.objects.get(pk=found.pk)
    assert (late.state, late.content) == ("done", None)


def test_worker_at_work_keeps_its_lease(editor, monkeypatch):
    monkeypatch.setattr(running, "RENEWED", -1)
    found = running.upload("a.csv", as_csv({"title": "A"}), by=editor)
    soon = timezone.now() + dt.timedelta(seconds=1)
    Import.objects.filter(pk=found.pk).update(leased_until=soon)
    running.telling(found)(1, 2)
    assert Import.objects.get(pk=found.pk).leased_until > soon


def test_lease_keeps_a_second_worker_away_and_expires_with_the_first(editor):
    found = running.upload("a.csv", as_csv({"title": "A"}), by=editor)
    dead = Import.objects.filter(pk=found.pk)
    dead.update(leased_until=timezone.now() + dt.timedelta(minutes=1), attempts=1)
    assert running.run_due() == 0
    dead.update(leased_until=timezone.now() - dt.timedelta(seconds=1))
    assert running.run_due() == 1
    assert dead.get().state == "checked"


def test_import_that_was_started_since_it_was_found_is_not_checked_instead(editor):
    found = running.upload("a.csv", as_csv({"title": "A"}), by=editor)
    running.run_due()
    running.start(Import.objects.get(pk=found.pk), by=editor)
    assert running.leased(found) is None
    running.run_due()
    assert Import.objects.get(pk=found.pk).state == "done"


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
