"""Files of drafts for tests, and what a worker makes of them."""

import csv
import io
from typing import Any

from django.contrib.auth.models import User
from openpyxl import Workbook

from events.models import Import
from events.services.imports import running


def as_csv(*rows: dict[str, Any]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(key for row in rows for key in row)))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def as_xlsx(*rows: dict[str, Any]) -> bytes:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    book, data = Workbook(), io.BytesIO()
    book.active.append(columns)
    for row in rows:
        book.active.append([row.get(column) for column in columns])
    book.save(data)
    return data.getvalue()


def checked(content: bytes, *, by: User, name: str = "drafts.csv") -> Import:
    """A file that a worker has checked."""
    found = running.upload(name, content, by=by)
    running.run_due()
    return Import.objects.get(pk=found.pk)


def imported(content: bytes, *, by: User, name: str = "drafts.csv") -> Import:
    found = checked(content, by=by, name=name)
    running.start(found, by=by)
    running.run_due()
    return Import.objects.get(pk=found.pk)


def verdicts(found: Import) -> list[tuple[str, str]]:
    return list(found.rows.values_list("key", "verdict"))


def said(found: Import) -> list[str]:
    """All sentences of all rows."""
    return [sentence for row in found.rows.all() for sentence in row.said]
