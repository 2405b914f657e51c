"""What an event changed in access, in words, with the answers that follow from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from events.caching import head
from events.choices import AccessStatus, RecordType, ReportedBasis
from events.documents.access import STATUSES, UNKNOWN, path
from events.models import WORLD
from events.queries.answers import Question, answers
from events.web import words
from events.web.record import Document, Link, address_of

STATUS_LABEL = dict(STATUSES)
BASIS = {
    ReportedBasis.SOURCE: "",
    ReportedBasis.EVENT: gettext_noop("the event’s own date: no source is dated"),
    ReportedBasis.RECORD: gettext_noop("the day it was published here: no source is dated"),
}
MOST_PLACES = 40  # shown at once of one effect
MOST_COMPARED = 300  # effects compared with the day before; an event that has more says nothing of that


@dataclass(frozen=True)
class Place:
    """Where an effect holds; `answer` leads to what the record says of it on the effect's first day."""

    id: int
    name: str
    answer: str
    exceptions: str
    note: str
    citations: Sequence[int]


@dataclass(frozen=True)
class Effect:
    """Effects of one product that differ in their places alone.

    `before` is the status of the day before, which may be unknown; "": not asked for.
    """

    status: str
    label: str
    since: str
    since_iso: str
    until: str
    until_iso: str
    by: str
    reported_on: str
    basis: str
    before: str
    before_label: str
    scheduled: bool
    places: list[Place] = field(default_factory=list)

    @property
    def first(self) -> Sequence[Place]:
        return self.places[:MOST_PLACES]

    @property
    def more(self) -> Sequence[Place]:
        return self.places[MOST_PLACES:]

    @property
    def noted(self) -> list[tuple[str, list[Place]]]:
        """The notes, each with the places that it is about."""
        found: dict[str, list[Place]] = {}
        for place in self.places:
            if place.note:
                found.setdefault(place.note, []).append(place)
        return list(found.items())


def effects(document: Document, names: words.Names, now: dt.date) -> list[tuple[Link, list[Effect]]]:
    """By product, in the editors' order. A retracted event's are not compared with the days before."""
    rows: list[Mapping[str, Any]] = document["access_effects"]
    before = statuses_before(rows) if not document["retraction"] and len(rows) <= MOST_COMPARED else None
    found: dict[str, dict[tuple[Any, ...], Effect]] = {}
    for number, row in enumerate(rows):
        was = "" if before is None else before[number] or UNKNOWN
        by, basis = words.decided_by(row["by"]), _(BASIS[ReportedBasis(row["reported_on_basis"])])
        when = row["effective_date"], row["date_precision"], row["until"]
        same = (row["status"], *when, by, row["reported_on"], basis, was)
        effect = found.setdefault(row["product"], {}).get(same)
        if effect is None:
            effect = found[row["product"]][same] = Effect(
                status=row["status"],
                label=_(AccessStatus(row["status"]).label),
                since=words.day_in_words(row["effective_date"], row["date_precision"]),
                since_iso=row["effective_date"],
                until=words.day_in_words(row["until"]) if row["until"] else "",
                until_iso=row["until"] or "",
                by=by,
                reported_on=words.reported_in_words(row, document),
                basis=basis,
                before=was,
                before_label=_(STATUS_LABEL.get(was, "")),
                scheduled=row["effective_date"] > now.isoformat(),
            )
        effect.places.append(place_of(row, document, names))
    return [
        (
            Link(address_of(RecordType.PRODUCT, slug), names.get((RecordType.PRODUCT.value, slug), slug)),
            list(by.values()),
        )
        for slug, by in found.items()
    ]


def statuses_before(rows: Sequence[Mapping[str, Any]]) -> list[str | None]:
    """What held on the day before each effect, as the record tells now; None: unknown.

    A group is asked about as if it were a country that belongs to no other group.
    """
    questions = []
    for row in rows:
        day = dt.date.fromisoformat(row["effective_date"]) - dt.timedelta(days=1)
        questions.append(Question(row["product"], row["country"] or row["group"], day))
    return [answer.status for answer in answers(questions, revision=head().seq)] if questions else []


def place_of(row: Mapping[str, Any], document: Document, names: words.Names) -> Place:
    country, group, day = row["country"], row["group"], row["effective_date"]
    if country:
        name = words.country_names().get(country, country)
        answer = f"{path(Question(row['product'], country, dt.date.fromisoformat(day)))}?on={day}"
    else:
        name = _("Every country") if group == WORLD else names.get((RecordType.GROUP.value, group), group)
        answer = f"{reverse('access-map')}?{urlencode({'product': row['product'], 'on': day})}"
    return Place(
        id=row["id"],
        name=name,
        answer=answer,
        exceptions=words.listed([words.country_in_sentence(code) for code in row["except"]]),
        note=row["note"],
        citations=[each["id"] for each in document["citations"] if each["about"] == f"effect:{row['id']}"],
    )
