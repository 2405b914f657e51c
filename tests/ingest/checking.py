"""Sources at addresses of this machine, and checks of their pages, at one time or another."""

import datetime as dt
from typing import Any

import orjson
import time_machine
from django.utils import timezone

from events.choices import RecordType
from events.models import LinkCheck, PublicDocument, Source
from events.services import links, reissue
from tests.factories import SourceFactory, published_event

DAY = dt.timedelta(days=1)
PAGE = (
    "<html><body><article><p>OpenAI said on Tuesday that it would block access to its API.</p></article></body></html>"
)
OTHER = PAGE.replace("would block", "had never blocked")


def source_at(url: str, *, is_public: bool = False, **fields: Any) -> Source:
    """A source at an address of this machine, which no form would take."""
    source = SourceFactory(**fields)
    if is_public:
        published_event(source=source)
    Source.objects.filter(pk=source.pk).update(url=url)
    if is_public:
        for embedders in (False, True):
            reissue.request(RecordType.SOURCE, [source.slug], embedders=embedders)
        reissue.run_outstanding()
    source.refresh_from_db()
    return source


def check(source: Source) -> LinkCheck:
    """Check it as a worker would, now."""
    links.check_now([source.pk])
    assert links.check_due(seconds=10) == 1
    return LinkCheck.objects.get(source=source)


def at(days: float) -> Any:
    return time_machine.travel(timezone.now() + days * DAY, tick=True)


def status_in_document(source: Source) -> tuple[str, str | None]:
    public = PublicDocument.objects.of_type(RecordType.SOURCE).with_document().get(key=source.slug)
    document = orjson.loads(str(public.change.document))
    return document["link_status"], document["link_status_since"]
