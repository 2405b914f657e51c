"""What the tests of publishing do to a record, and read of the log."""

import json

from events.choices import Action
from events.documents import type_of
from events.models import Change, PublicDocument
from events.services import publishing


def document_of(row) -> dict:
    return json.loads(PublicDocument.objects.get(type=type_of(row), key=row.key).change.document or "")


def log_lines() -> list[tuple[str, str, str]]:
    return list(Change.objects.order_by("seq").values_list("type", "key", "action"))


def correct(row, *, by=None, correction_class="clerical", note="A slip.", proposed_by=None, **fields):
    with publishing.recording():
        for name, value in fields.items():
            setattr(row, name, value)
        row.save()
        return publishing.correct(row, by=by, correction_class=correction_class, note=note, proposed_by=proposed_by)


def superseded() -> Change:
    """The first change of the first event of `record`: nothing points at it any more."""
    return Change.objects.filter(key="first", action=Action.PUBLISHED).get()
