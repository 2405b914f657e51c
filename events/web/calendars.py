"""Dates as a calendar that people subscribe to (iCalendar, RFC 5545)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import orjson
from django.utils.translation import gettext as _

from events.choices import Certainty, EventKind, Precision, RecordType, State
from events.lib.dates import last_day
from events.lib.lasting import for_calendar, lasting_id
from events.models import Event, PublicDocument, position_of
from events.queries import timeline
from events.queries.timeline import Criteria
from events.web import words
from events.web.matching import that_match
from events.web.record import Document, documents_of, names_in, names_missing, names_of

if TYPE_CHECKING:
    from icalendar import Event as Component

MOST = 500  # events still to come, the nearest first, and as many past ones, the newest first
CANCELLED_FOR = dt.timedelta(days=90)
REFRESH = dt.timedelta(hours=6)


def calendar(criteria: Criteria, title: str, home: str, *, origin: str, today: dt.date) -> bytes:
    """The events that match, around today; those retracted in the last 90 days among them, as canceled."""
    from icalendar import Calendar, vDuration, vText  # loaded when a calendar is first asked for

    tomorrow = position_of(today + dt.timedelta(days=1), 0)
    coming = timeline.page(criteria, after=tomorrow - 1, size=MOST)
    past = timeline.page(criteria, before=tomorrow, size=MOST)
    canceled = retracted(criteria, today)

    def documents() -> Iterator[Document]:
        """Read one by one, twice: a thousand at once, with what is made of them, would take 20 MB."""
        yield from map(orjson.loads, (*coming.documents, *past.documents))
        yield from canceled

    names = names_of(set().union(*map(names_missing, documents())))
    found = Calendar()
    found.add("prodid", "-//AI Access Tracker//Events//EN")
    found.add("version", "2.0")
    found.add("calscale", "GREGORIAN")
    for name in ("name", "x-wr-calname"):  # RFC 7986, and what calendars read before it
        found.add(name, vText(for_calendar(title)))
    said = description(is_cut=coming.newer is not None or past.older is not None)
    for name in ("description", "x-wr-caldesc"):
        found.add(name, vText(said))
    found.add("url", home)
    for name in ("refresh-interval", "x-published-ttl"):
        found.add(name, vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    start, end, rest = found.to_ical().partition(b"END:VCALENDAR")
    parts = (component(document, names_in(document) | names, origin).to_ical() for document in documents())
    return b"".join([start, *parts, end, rest])


def description(*, is_cut: bool) -> str:
    said = _("Who may use which AI, where, under which rule, since when, and who says so.")
    if is_cut:
        said += " " + _("The nearest %(most)s events to come and the newest %(most)s past ones; the site has more.") % {
            "most": MOST
        }
    return said


def retracted(criteria: Criteria, today: dt.date) -> list[Document]:
    """The documents of the events retracted in the last 90 days that matched while they stood."""
    recent = Event.objects.filter(state=State.RETRACTED, retracted_on__gt=today - CANCELLED_FOR)
    slugs: Sequence[str] = list(recent.order_by("-retracted_on", "-pk").values_list("slug", flat=True)[:MOST])
    public = PublicDocument.objects.of_type(RecordType.EVENT).filter(key__in=slugs)
    return that_match(documents_of(public), criteria)


def component(document: Document, names: words.Names, origin: str) -> Component:
    """One event, all day long on each day on which it may have been: nobody is busy because of it."""
    from icalendar import Event as Component

    start = dt.date.fromisoformat(document["date"])
    last = last_day(start, document["date_precision"])
    if document["end_date"]:
        last = max(last, dt.date.fromisoformat(document["end_date"]))
    changed = dt.datetime.fromisoformat(document["updated_at"])
    found = Component()
    found.add("uid", lasting_id("event", document["slug"]))
    found.add("sequence", document["revision"])
    found.add("dtstamp", changed)
    found.add("created", dt.datetime.fromisoformat(document["published_at"]))
    found.add("last-modified", changed)
    found.add("dtstart", start)
    found.add("dtend", last + dt.timedelta(days=1))  # the first day after it
    found.add("summary", for_calendar(summary(document)))
    found.add("description", for_calendar(text(document, names, origin)))
    found.add("status", status(document))
    found.add("transp", "TRANSPARENT")
    found.add("categories", [_(EventKind(document["kind"]).label)])
    found.add("url", origin + document["html_url"])
    return found


def status(document: Document) -> str:
    if document["state"] == State.RETRACTED:
        return "CANCELLED"
    return "CONFIRMED" if document["certainty"] == Certainty.CONFIRMED else "TENTATIVE"


def summary(document: Document) -> str:
    """The title, after what of it a calendar would hide: that the day is not known, or that it is not sure."""
    title = str(document["title"])
    if document["date_precision"] != Precision.DAY:
        title = _("%(period)s (day not known): %(title)s") % {"period": document["date_display"], "title": title}
    if document["state"] == State.RETRACTED:
        return _("Retracted: %(title)s") % {"title": title}
    if document["certainty"] != Certainty.CONFIRMED:
        return f"{_(Certainty(document['certainty']).label)}: {title}"
    return title


def text(document: Document, names: words.Names, origin: str) -> str:
    said = [f"{document['date_display']} · {_(EventKind(document['kind']).label)}"]
    if document["retraction"]:
        said.append(_("Retracted: %(title)s") % {"title": document["retraction"]["reason"]})
    if document["summary"]:
        said.append(document["summary"])
    said += [f"{each.product_name}: {each.text}" for each in words.sentences(document["access_effects"], names)]
    said.append(words.origins_in_words(document["independent_origins"]))
    said.append(origin + document["html_url"])
    return "\n".join(said)
