"""Documents as the record held them at a revision."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import orjson
from django.db.models import Max

from events.choices import Action, RecordType
from events.models import Change

Document = dict[str, Any]


def documents_at(revision: int, record_type: RecordType, keys: Collection[str] | None = None) -> dict[str, Document]:
    """The newest documents of a type up to a revision, by key: of these records, or of all (None).

    Records of which nothing was public then are left out, and so is what has been redacted since.
    """
    changes = Change.objects.filter(type=record_type, seq__lte=revision, document__isnull=False)
    if keys is not None:
        changes = changes.filter(key__in=keys)
    newest = changes.exclude(action=Action.REDACTED).order_by().values("key").annotate(newest=Max("seq"))
    rows = Change.objects.filter(seq__in=newest.values("newest")).order_by("key").values_list("key", "document")
    return {key: orjson.loads(document) for key, document in rows if document}


def merged_at(revision: int, record_type: RecordType) -> dict[str, str]:
    """The records that had been merged by then, each with the one that it became."""
    merges = Change.objects.filter(type=record_type, action=Action.MERGED, seq__lte=revision).order_by("seq")
    return {
        key: orjson.loads(document)["merged_into"]
        for key, document in merges.values_list("key", "document")
        if document
    }
