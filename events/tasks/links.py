from __future__ import annotations

from django.conf import settings

from events.services import links
from events.tasks.inbox import AT_MOST, often


@often()
def check_sources() -> None:
    """Check the sources that are due. A lease on each makes a second run, or one that is killed, harmless."""
    if settings.CHECK_SOURCES:
        links.check_due(seconds=AT_MOST)
