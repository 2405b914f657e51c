"""Tags by which events are selected that answer, enforce or reverse an earlier one, for the entries that there are."""

import datetime as dt
from collections import Counter
from typing import Any

import orjson
from django.db import migrations
from django.db.models import F

BATCH = 500
EVER = 0  # the month of pairs over all months
KEY_BITS = 33  # of a position, below the day


def relations_of(document: str | None) -> set[str]:
    return {f"relation:{each['relation']}" for each in orjson.loads(document)["relations"]} if document else set()


def bearing(bears: str, tags: set[str]) -> str:
    """What an entry bears, with more tags, in the order in which publishing writes it."""
    borne = [tuple(token.partition("=")[::2]) for token in bears.split()]
    return " ".join(f"{tag}={role}" if role else tag for tag, role in sorted({*borne, *((tag, "") for tag in tags)}))


def fill(apps: Any, schema_editor: Any) -> None:
    entry_model, tag_model, count_model, pair_model = (
        apps.get_model("events", name) for name in ("TimelineEntry", "TimelineTag", "TimelineCount", "TimelinePair")
    )
    counts: Counter[tuple[str, int, str]] = Counter()
    pairs: Counter[tuple[str, int, str]] = Counter()
    kept = set(pair_model.objects.filter(month=EVER, other=F("tag")).values_list("tag", flat=True))
    position = -1
    while entries := list(
        entry_model.objects.filter(position__gt=position)
        .select_related("change")
        .only("position", "kind", "direction", "last", "bears", "change__document")
        .order_by("position")[:BATCH]
    ):
        rows, changed = [], []
        for entry in entries:
            position = entry.position
            tags = relations_of(entry.change.document)
            if not tags:
                continue
            day = dt.date.fromordinal(position >> KEY_BITS)
            month = day.year * 12 + day.month - 1
            counts.update((tag, month, entry.direction) for tag in tags)
            pairs.update(("", EVER, tag) for tag in tags)
            borne = {f"kind:{entry.kind}", *(token.partition("=")[0] for token in entry.bears.split())}
            pairs.update((other, when, tag) for other in kept & borne for when in (EVER, month) for tag in tags)
            rows += [
                tag_model(tag=tag, position=position, role="", kind=entry.kind, last=entry.last) for tag in sorted(tags)
            ]
            entry.bears = bearing(entry.bears, tags)
            changed.append(entry)
        tag_model.objects.bulk_create(rows)
        entry_model.objects.bulk_update(changed, ["bears"])
    count_model.objects.bulk_create(
        count_model(tag=tag, month=month, direction=direction, count=count)
        for (tag, month, direction), count in sorted(counts.items())
    )
    pair_model.objects.bulk_create(
        pair_model(tag=tag, month=month, other=other, count=count)
        for (tag, month, other), count in sorted(pairs.items())
    )


def empty(apps: Any, schema_editor: Any) -> None:
    entry_model, tag_model, count_model, pair_model = (
        apps.get_model("events", name) for name in ("TimelineEntry", "TimelineTag", "TimelineCount", "TimelinePair")
    )
    entries = entry_model.objects.filter(bears__contains="relation:").only("position", "bears")
    for entry in entries.iterator():
        entry.bears = " ".join(token for token in entry.bears.split() if not token.startswith("relation:"))
        entry.save(update_fields=["bears"])
    for model in (tag_model, count_model):
        model.objects.filter(tag__startswith="relation:").delete()
    pair_model.objects.filter(other__startswith="relation:").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0012_timeline_pairs"),
    ]

    operations = [
        migrations.RunPython(fill, empty, elidable=True),
    ]
