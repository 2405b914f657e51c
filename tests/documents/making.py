"""Documents of rows as they stand."""

from typing import Any

from events.documents import DocumentMaker, prefetched
from events.models import Event
from events.services import publishing


def document(row: Any, revision: int = 412) -> dict[str, Any]:
    return DocumentMaker().document(prefetched([type(row)._default_manager.get(pk=row.pk)])[0], revision=revision)


def published(event: Event) -> Event:
    publishing.publish(event, by=None)
    return event
