"""Packages are made one at a time, whole or not at all, and when they are due."""

import datetime as dt
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from events.lib import batches
from events.models import Change, Event, Export, ExportRequest, LogHead
from events.queries.history import documents_at
from events.services import publishing
from events.services.exports import building
from events.tasks.exports import build_exports
from tests.factories import CompanyFactory, UserFactory, published_event
from tests.services.exports.conftest import lines

pytestmark = pytest.mark.django_db
SET_UP = (
    "import os, django; django.setup();"
    "from events.services.exports import building; from tests.factories import published_event;"
)


def folders(files) -> set[str]:
    return {each.name for each in files.iterdir() if each.is_dir()}


def corrected(row: Any, **fields: Any) -> None:
    with publishing.recording():
        for name, value in fields.items():
            setattr(row, name, value)
        row.save()
        publishing.correct(row, by=None, correction_class="clerical", note="A slip.")


class TestWhatIsMade:
    def test_delta_holds_the_changes_since_the_package_before(self):
        published_event()
        first = building.build().export
        assert lines(first.folder / "delta.ndjson") == []
        published_event()
        second = building.build().export
        assert second.previous == first
        found = [each["seq"] for each in lines(second.folder / "delta.ndjson")]
        assert found == list(range(first.revision + 1, second.revision + 1))
        third = building.build(again=True).export
        assert (third.previous, lines(third.folder / "delta.ndjson")) == (second, [])

    def test_nothing_is_made_again_where_nothing_has_changed(self, files):
        published_event()
        first = building.build()
        second = building.build()
        assert (first.is_new, second.is_new, second.export) == (True, False, first.export)
        assert folders(files) == {str(first.export.pk)}

    def test_empty_record_has_nothing_to_export(self, files):
        with pytest.raises(building.ExportError, match="empty"):
            building.build()
        building.request()
        assert building.build_due() is None
        assert (Export.objects.count(), ExportRequest.objects.outstanding().count()) == (0, 1)

    @pytest.mark.parametrize("size", [1, 3])
    def test_shows_one_revision_though_more_is_published_meanwhile(self, monkeypatch, size):
        """In batches of any size, with records changed, added and retracted while it is written out."""
        monkeypatch.setattr(batches, "BATCH", size)
        chief = UserFactory(is_superuser=True)
        changed, gone = published_event(slug="changed"), published_event(slug="gone")
        published_event()
        revision = LogHead.objects.get().seq
        before = documents_at(revision, "event")
        write_changes = building.write_changes

        def meanwhile(path, after, up_to):
            if not Event.objects.filter(slug="new").exists():
                corrected(changed, title="Another title")
                publishing.retract(gone, by=chief, reason="Wrong.")
                published_event(slug="new")
            return write_changes(path, after, up_to)

        monkeypatch.setattr(building, "write_changes", meanwhile)
        export = building.build().export
        assert export.revision == revision < LogHead.objects.get().seq
        assert len(lines(export.folder / "log.ndjson.gz")) == revision
        assert lines(export.folder / "documents/events.ndjson.gz") == list(before.values())
        assert lines(export.folder / "ndjson/retracted_events.ndjson.gz") == []


class TestOneAtATime:
    def test_second_builder_gives_way(self):
        published_event()
        with building.only_one():
            with pytest.raises(building.Busy):
                building.build()
            assert building.build_due() is None
        assert building.build().is_new

    def test_killed_build_leaves_the_newest_in_place_and_the_next_clears_up(self, migrated, tmp_path):
        site = tmp_path / "site"
        shutil.copytree(migrated, site)

        def run(script: str) -> int:
            return subprocess.run([sys.executable, "-c", SET_UP + script], cwd=settings.BASE_DIR, env={
                "PATH": os.environ["PATH"], "DATA_DIR": str(site), "DJANGO_SETTINGS_MODULE": "tracker.settings",
            }, timeout=120, capture_output=True).returncode  # fmt: skip

        def standing() -> set[str]:
            with closing(sqlite3.connect(site / "tracker.sqlite3")) as database:
                rows = database.execute("SELECT id FROM events_export WHERE removed_at IS NULL").fetchall()
            return {str(pk) for (pk,) in rows}

        files = site / "files" / "exports"
        assert run("published_event(); building.build(); published_event()") == 0
        [old] = folders(files)
        # As by kill -9, with all files written and nothing told of them.
        assert run("building.described = lambda *args: os._exit(9); building.build()") == 9
        assert standing() == {old}
        [left] = folders(files) - {old}
        assert (files / left / "log.ndjson.gz").exists()
        assert run("building.build()") == 0
        assert folders(files) == standing() > {old}

    def test_build_that_fails_in_its_last_step_leaves_no_trace(self, files, monkeypatch):
        published_event()
        old = building.build().export
        published_event()
        settle = building.settle

        def full(paths):
            settle(paths)
            if any(each.name == str(old.pk + 1) for each in files.iterdir()):
                raise OSError("No space left on device")

        monkeypatch.setattr(building, "settle", full)
        with pytest.raises(OSError, match="No space"):
            building.build()
        assert list(Export.objects.standing()) == [old]
        assert not building.is_due(timezone.now() + dt.timedelta(minutes=14))
        monkeypatch.undo()
        new = building.build().export
        assert folders(files) == {str(old.pk), str(new.pk)}

    def test_old_packages_go_and_the_newest_stays(self, files, settings):
        settings.EXPORTS_KEPT = 2
        published_event()
        made = [building.build(again=True).export for _ in range(4)]
        assert folders(files) == {str(each.pk) for each in made[2:]}
        assert list(Export.objects.standing()) == made[:1:-1]
        settings.EXPORTS_KEPT = 0
        building.build()
        assert folders(files) == {str(made[3].pk)}


class TestWhenItIsDue:
    def test_first_package_is_due_at_once_the_next_a_day_later_if_anything_has_changed(self):
        published_event()
        build_exports()
        first = Export.objects.get()
        assert building.build_due() is None
        later = first.created_at + dt.timedelta(hours=24, minutes=1)
        assert not building.is_due(later)
        published_event()
        assert not building.is_due(first.created_at + dt.timedelta(hours=23))
        assert building.is_due(later)
        with time_machine.travel(later, tick=False):
            build_exports()
        assert Export.objects.standing().count() == 2

    def test_package_that_is_asked_for_is_made_and_answers_the_request(self):
        published_event()
        old = building.build().export
        published_event()
        asked = building.request(by=UserFactory())
        build_exports()
        asked.refresh_from_db()
        assert asked.export != old
        assert asked.export == Export.objects.standing().first()
        in_vain = building.request()
        build_exports()
        in_vain.refresh_from_db()
        assert (in_vain.export, Export.objects.count()) == (asked.export, 2)

    def test_lost_files_are_made_again(self):
        published_event()
        lost = building.build().export
        lost.folder.rename(lost.folder.with_name("elsewhere"))
        assert building.build_due().export != lost
        lost.refresh_from_db()
        assert lost.removed_at


class TestRedaction:
    def redact(self, company) -> None:
        chief = UserFactory(is_superuser=True)
        publishing.redact(first_change(company).seq, by=chief, reason="By order of a court.")

    def company(self):
        company = CompanyFactory()
        publishing.publish_record(company, by=None)
        corrected(company, name="Another name")
        return company

    def test_takes_back_what_holds_the_document_and_has_another_made(self, files):
        company = self.company()
        old = building.build().export
        self.redact(company)
        old.refresh_from_db()
        assert old.withdrawn_at
        assert not Export.objects.standing().exists()
        build_exports()
        new = Export.objects.standing().get()
        assert folders(files) == {str(new.pk)}
        [written] = (each for each in lines(new.folder / "log.ndjson.gz") if each["seq"] == first_change(company).seq)
        assert written["document"] is None

    def test_of_what_is_written_out_meanwhile_has_it_begin_again(self, monkeypatch):
        company = self.company()
        before = LogHead.objects.get().seq
        write = building.write

        def meanwhile(folder, head, after):
            rows = write(folder, head, after)
            if LogHead.objects.get().seq == before:
                self.redact(company)
            return rows

        monkeypatch.setattr(building, "write", meanwhile)
        export = building.build().export
        assert export.revision == before + 1
        assert sum(each["document"] is None for each in lines(export.folder / "log.ndjson.gz")) == 1


def first_change(row: Any) -> Change:
    change = Change.objects.of("company", row.key).last()
    assert change
    return change
