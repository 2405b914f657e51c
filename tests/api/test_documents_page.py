"""docs/documents.md and the schema's examples show what is answered, and say something of each field."""

import json
import re
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from events.choices import RecordType
from events.documents import SERIALIZERS
from events.documents.events import MergedDocument
from events.management.commands.document_examples import CHANGE_FIELDS, SHOWN, described
from events.models import Change
from events.services import publishing
from events.services.log import chained_fields
from tests.factories import (
    AgencyFactory,
    CompanyFactory,
    EventAgencyFactory,
    EventCountryFactory,
    EventFactory,
    EventGroupFactory,
    EventPolicyFactory,
    EventProductFactory,
    GroupFactory,
    PolicyFactory,
    ProductFactory,
    PublisherFactory,
    SourceFactory,
    published_event,
)

TITLES = {record_type.value: record_type.label for record_type in RecordType} | {
    "change": "Change",
    "merged": "Merged record",
}
EXAMPLES = json.loads((settings.BASE_DIR / "events/api/examples.json").read_text("utf-8"))


def section(name: str) -> str:
    page = (settings.BASE_DIR / "docs/documents.md").read_text("utf-8")
    found = re.search(rf"^## {TITLES[name]}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    assert found, name
    return found[1]


def rows(name: str) -> dict[str, str]:
    return dict(re.findall(r"^\| `(.+?)` \| (.*) \|$", section(name), re.MULTILINE))


def shown(name: str) -> Any:
    [block] = re.findall(r"```json\n(.*?)```", section(name), re.DOTALL)
    return json.loads(block)


def paths(value: Any, prefix: str = "") -> set[str]:
    """The names of all that a document holds, as the page spells them."""
    if isinstance(value, dict):
        own = {prefix + name for name in value}
        return own.union(*(paths(held, f"{prefix}{name}.") for name, held in value.items()))
    if isinstance(value, list):
        return set().union(*(paths(item, f"{prefix.removesuffix('.')}[].") for item in value))
    return set()


@pytest.mark.parametrize("name", TITLES)
def test_page_and_schema_show_the_same_examples(name):
    assert shown(name) == EXAMPLES[name]
    assert list(EXAMPLES) == list(TITLES)


@pytest.mark.parametrize("record_type", RecordType)
def test_page_describes_the_fields_that_there_are(record_type):
    assert rows(record_type) == dict(described(SERIALIZERS[record_type]()))
    assert list(shown(record_type)) == list(SERIALIZERS[record_type]().fields)
    assert paths(shown(record_type)) <= set(rows(record_type))
    assert all(rows(record_type).values())


def test_page_describes_changes_and_merged_records(db):
    published_event()
    fields = {*chained_fields(Change.objects.all()[0]), "hash", "document"}
    assert set(rows("change")) == set(CHANGE_FIELDS) == set(shown("change")) == fields
    assert rows("merged") == dict(described(MergedDocument()))
    assert set(shown("merged")) == set(MergedDocument().fields)


def test_command_writes_both_from_the_record(tmp_path, db):
    (tmp_path / "docs").mkdir()
    (tmp_path / "events/api").mkdir(parents=True)
    with pytest.raises(CommandError, match="load the data set first"):
        call_command("document_examples", root=tmp_path)
    source = SourceFactory(publisher=PublisherFactory(slug=SHOWN[RecordType.PUBLISHER]))
    event = EventFactory(
        slug=SHOWN[RecordType.EVENT], source=source, actor=CompanyFactory(slug=SHOWN[RecordType.COMPANY])
    )
    EventAgencyFactory(event=event, agency=AgencyFactory(slug=SHOWN[RecordType.AGENCY]))
    EventCountryFactory(event=event)
    EventGroupFactory(event=event, group=GroupFactory(slug=SHOWN[RecordType.GROUP]))
    EventProductFactory(event=event, product=ProductFactory(slug=SHOWN[RecordType.PRODUCT]))
    EventPolicyFactory(event=event, policy=PolicyFactory(slug=SHOWN[RecordType.POLICY]))
    publishing.publish(event, by=None)
    call_command("document_examples", root=tmp_path)
    written = json.loads((tmp_path / "events/api/examples.json").read_text("utf-8"))
    assert {name: list(value) for name, value in written.items()} == {
        name: list(value) for name, value in EXAMPLES.items()
    }
    assert (tmp_path / "docs/documents.md").read_text("utf-8").count("```json") == len(EXAMPLES)
