"""An event's page."""

from __future__ import annotations

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from events.caching import head, of_the_record
from events.choices import Action, RecordType
from events.lib.dates import today
from events.models import Change
from events.web import citing, crumbs, event_page, revisions
from events.web.pages import page
from events.web.record import Merged, address_of, find


@require_safe
@of_the_record(daily=True)
def detail(request: HttpRequest, key: str) -> HttpResponse:
    """What happened, who, where, under what, effects on access, evidence, before and after; or a reference to it.

    With `revision` the event as it stood then; what the page says of other records it says as of now.
    """
    try:
        current, document = find(RecordType.EVENT, key)
    except Merged as merged:
        return HttpResponsePermanentRedirect(merged.address)
    change = current.change
    asked, problem = None, ""
    if text := request.GET.get("revision", ""):
        asked, problem = revisions.read(text, head().seq)
    if asked and (then := change_at(key, asked)):
        change, document = then, orjson.loads(then.document or "")
    elif asked:
        problem = _("At revision %(asked)s this event had no public document.") % {"asked": asked}
    if problem:
        problem += _(" This is the newest one.")
    path = f"{address_of(RecordType.EVENT, key)}?revision={change.seq}"
    cited = citing.reference(request, f"{document['title']} ({document['date_display']})", path, change, of="event")
    if (file := citing.download(cited, request.GET.get("cite", ""), key)) is not None:
        return file
    return page(
        "events/event.html",
        {
            **event_page.shown(document, now=today()),
            "section": "timeline",
            "crumbs": crumbs.trail(crumbs.month(document["date"]), here=document["title"]),
            "change": change,
            "is_pinned": change != current.change,
            "problem": problem,
            "newest": address_of(RecordType.EVENT, key),
            "corrections": event_page.corrections(key, until=change.seq),
            "history": reverse("event-history", args=[key]),
            "forms": citing.written(cited, lambda form: f"{path}&cite={form}"),
        },
    )


def change_at(key: str, revision: int) -> Change | None:
    """The change that held the event's document at a revision; None where none did, or where it was redacted."""
    found = Change.objects.of(RecordType.EVENT, key).filter(seq__lte=revision).exclude(action=Action.REDACTED)
    change = found.first()
    is_whole = change is not None and change.document is not None and change.action != Action.MERGED
    return change if is_whole else None
