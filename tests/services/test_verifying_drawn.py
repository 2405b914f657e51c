"""Whoever alters what is drawn from the log is found out: public documents, the timeline, its search and its counts."""

import pytest
from django.db import connection

from events.models import (
    Change,
    Company,
    CompanyAlias,
    PublicDocument,
    Reissue,
    SearchRow,
    TimelineCount,
    TimelineEntry,
    TimelinePair,
    TimelineTag,
)
from events.models.timeline import KEY_BITS
from events.services import reissue
from tests.factories import published_event
from tests.services.record import superseded

pytestmark = pytest.mark.django_db

POINTERS = {
    "name": lambda public: public.update(name="Another name"),
    "is_listed": lambda public: public.update(is_listed=False),
    "points": lambda public: public.update(change=superseded()),
    "missing": lambda public: public.delete(),
    "astray": lambda public: public.update(change=Change.objects.filter(type="country").get(key="CN")),
}


@pytest.mark.parametrize("how", POINTERS)
def test_a_public_document_that_differs_from_the_log_is_found(record, verified, how):
    PublicDocument.objects.filter(type="country").delete()
    POINTERS[how](PublicDocument.objects.filter(type="event", key="first"))
    assert any(line.startswith("public document event first") for line in verified())


def test_a_public_document_that_points_at_no_change_is_found(record, verified):
    source = PublicDocument.objects.filter(type="source").earliest("pk")
    PublicDocument.objects.filter(pk=source.pk).update(change=source.change_id + 1_000)
    found = verified()
    source.save()  # or the foreign key refuses it when the test ends
    where = f"public document {source}"
    assert found == [f"{where}: points at change {source.change_id + 1_000}, which is not there"]


def first_position() -> int:
    return TimelineEntry.objects.get(change__key="first").pk


ENTRIES = {"kind": "ruling", "direction": "relaxes", "last": 1, "span": 1, "change": None}


@pytest.mark.parametrize("field", ENTRIES)
def test_a_timeline_entry_that_differs_is_found(record, verified, field):
    value = superseded() if field == "change" else ENTRIES[field]
    TimelineEntry.objects.filter(pk=first_position()).update(**{field: value})
    assert verified()[0].startswith(f"timeline entry of first, {field}: ")


def test_a_missing_timeline_entry_is_found(record, verified):
    TimelineEntry.objects.filter(pk=first_position()).delete()
    assert verified()[0] == "timeline entry of first: is missing"


def test_a_surplus_timeline_entry_is_found(record, verified):
    TimelineEntry.objects.create(position=1, kind="ruling", direction="relaxes", last=1, span=0, change=superseded())
    assert verified() == [f"timeline entry 1: is drawn from change {superseded().seq}, which is not current"]


def test_a_second_timeline_entry_of_a_change_is_found_where_the_database_takes_it(record, verified):
    table, entry = TimelineEntry._meta.db_table, TimelineEntry.objects.get(pk=first_position())
    with connection.cursor() as cursor:  # the same rows, and no constraint; the end of the test takes it back
        cursor.execute(f"ALTER TABLE {table} RENAME TO constrained")
        cursor.execute(f"CREATE TABLE {table} AS SELECT * FROM constrained")
    entry.pk += 1 << KEY_BITS  # the day after
    entry.save(force_insert=True)
    assert verified() == [f"timeline entries of change {entry.change_id}: are 2, where an event has one"]
    TimelineEntry.objects.exclude(change=entry.change).delete()  # so that there are no more of them than events
    assert f"timeline entries of change {entry.change_id}: are 2, where an event has one" in verified()


@pytest.mark.parametrize("fields", [{"role": "target"}, {"kind": "ruling"}, {"last": 1}])
def test_a_timeline_tag_that_differs_is_found(record, verified, fields):
    TimelineTag.objects.filter(tag="company:openai", position=first_position()).update(**fields)
    assert verified()[0].startswith("timeline tag company:openai of first: is (")


def test_a_missing_timeline_tag_is_found(record, verified):
    TimelineTag.objects.filter(tag="company:openai", position=first_position()).delete()
    assert verified() == ["timeline tag company:openai of first: is missing"]


@pytest.mark.parametrize("where", ["of an event", "of nothing"])
def test_a_surplus_timeline_tag_is_found(record, verified, where):
    position = first_position() if where == "of an event" else 1 << 33
    tag = TimelineTag.objects.create(tag="company:other", position=position, kind="ruling", last=1)
    assert verified() == [f"timeline tag {tag}: is given by no published event"]


def test_a_search_row_that_differs_is_found(record, verified):
    text = "'other':1" if connection.vendor == "postgresql" else "other"
    SearchRow.objects.filter(pk=first_position()).update(tokens=text)
    assert verified()[0].startswith("search row of first: ")


def test_a_missing_search_row_is_found(record, verified):
    SearchRow.objects.filter(pk=first_position()).delete()
    assert verified() == ["search row of first: is missing"]


def test_a_surplus_search_row_is_found(record, verified):
    SearchRow.objects.create(position=1, tokens="x")
    assert verified() == ["search row 1: belongs to no published event"]


def test_an_alias_that_the_log_does_not_know_is_found_in_the_search_row(record, verified):
    CompanyAlias.objects.create(of=Company.objects.get(slug="openai"), name="Sneaky")
    Reissue.objects.create(type="company", key="openai", embedders=True)
    reissue.run_outstanding()
    assert {line.partition(":")[0] for line in verified()} == {
        "search row of first",
        "search row of second",
        "company openai, row",
    }


def test_a_long_text_is_stored_as_it_is_verified(verified):
    published_event(body=" ".join(f"chip{number % 7} 出口管制 word-{number} h" for number in range(2_000)))
    assert verified() == []


def test_a_roll_up_that_differs_is_found(record, verified):
    TimelineCount.objects.filter(tag="company:openai", direction="restricts").update(count=7)
    assert verified() == ["roll-up “company:openai 2024-07 restricts: 7”: should be 1"]


def test_a_missing_roll_up_is_found(record, verified):
    TimelineCount.objects.filter(tag="company:openai", direction="restricts").delete()
    assert verified() == ["roll-up “company:openai 2024-07 restricts: 1”: is missing"]


def test_a_surplus_roll_up_is_found(record, verified):
    TimelineCount.objects.create(tag="company:other", month=1, direction="relaxes", count=1)
    assert verified() == ["roll-up “company:other 0-02 relaxes: 1”: should be 0"]


def test_a_roll_up_of_a_pair_that_differs_is_found(record, verified):
    TimelinePair.objects.filter(tag="", other="company:openai").update(count=7)
    assert verified() == ["roll-up “everything and company:openai, ever: 7”: should be 2"]


def test_a_roll_up_of_nothing_may_stay(record, verified):
    TimelineCount.objects.create(tag="company:other", month=1, direction="relaxes", count=0)
    assert verified() == []
