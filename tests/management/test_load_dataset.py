"""The command: what it prints and how it ends. What a load does is tested with the service."""

import pytest
from django.core.management import CommandError, call_command

from events.models import Event, LogHead
from events.services import publishing
from tests.databases import OnTheShippedRecord, filled_by, load_shipped
from tests.factories import EventFactory
from tests.services.dataset.making import Files

pytestmark = pytest.mark.django_db


@pytest.fixture
def files() -> Files:
    return Files()


def edit() -> None:
    with publishing.recording():
        event = Event.objects.get(slug="openai-block-takes-effect")
        event.title = "The block takes effect"
        event.save()
        publishing.correct(event, by=None, correction_class="clerical", note="A typo.")


class ShippedRecord(OnTheShippedRecord):
    def test_shipped_data_set_is_the_default(self) -> None:
        assert Event.objects.filter(state="published").count() > 300
        _, said = filled_by(load_shipped)
        assert said.splitlines()[-1].endswith("0 changed, 0 unchanged, 0 in conflict with an editor's changes, 0 gone.")


def test_faults_go_to_stderr_with_exit_status_1(files, tmp_path, capsys):
    files.blocked["kind"] = "ban"
    with pytest.raises(CommandError, match="Nothing was loaded") as caught:
        call_command("load_dataset", files.write(tmp_path))
    assert caught.value.returncode == 1
    assert (
        "companies.yaml, line 29: events openai-block-takes-effect: kind: 'ban' is none of" in capsys.readouterr().err
    )
    assert not Event.objects.exists()
    assert LogHead.objects.get().seq == 0


def test_conflicts_end_with_exit_status_3(files, tmp_path, capsys):
    call_command("load_dataset", files.write(tmp_path))
    edit()
    files.blocked["summary"] = "Changed."
    with pytest.raises(SystemExit) as caught:
        call_command("load_dataset", files.write(tmp_path))
    assert caught.value.code == 3
    conflict = "Not applied: companies.yaml, line 26: events openai-block-takes-effect: An editor changed the record"
    assert capsys.readouterr().err.startswith(conflict)


def test_force_applies_what_is_in_conflict(files, tmp_path):
    call_command("load_dataset", files.write(tmp_path))
    edit()
    files.blocked["summary"] = "Changed."
    call_command("load_dataset", files.write(tmp_path), force=True)
    assert Event.objects.get(slug="openai-block-takes-effect").summary == "Changed."


def test_what_is_gone_is_reported(files, tmp_path, capsys):
    call_command("load_dataset", files.write(tmp_path))
    files.blocked = {}
    call_command("load_dataset", files.write(tmp_path))
    gone = "No longer in the files, still in the record: event openai-block-takes-effect\n"
    assert capsys.readouterr().err == gone


def test_if_empty_loads_into_an_empty_record_alone(files, tmp_path, capsys):
    call_command("load_dataset", files.write(tmp_path), if_empty=True)
    assert Event.objects.count() == 2
    files.more = [files.announced | {"id": "another"}]
    call_command("load_dataset", files.write(tmp_path), if_empty=True)
    assert Event.objects.count() == 2
    assert capsys.readouterr().out.splitlines()[-1] == "The record is not empty: nothing was loaded."


def test_if_empty_counts_drafts_as_empty(files, tmp_path):
    EventFactory()
    call_command("load_dataset", files.write(tmp_path), if_empty=True)
    assert Event.objects.count() == 3


def test_no_progress_bar_without_a_terminal(files, tmp_path, capsys):
    call_command("load_dataset", files.write(tmp_path))
    assert capsys.readouterr().err == ""
