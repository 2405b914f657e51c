"""The public form of an access answer. It is drawn from the ledger when asked for, and never stored."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from rest_framework import serializers

from events.choices import AccessStatus, Certainty, ClosedBy, Precision
from events.documents.base import API, CountryRef, Named
from events.documents.events import CitationDocument
from events.queries.answers import Question
from events.queries.reasons import Reasoned

UNKNOWN = "unknown"
STATUSES = [*AccessStatus.choices, (UNKNOWN, "Unknown")]


class DecidingEvent(serializers.Serializer[Any]):
    slug = serializers.CharField(help_text="Its name in addresses")
    title = serializers.CharField(help_text="What happened, in a line")
    edtf = serializers.CharField(help_text="Its date as exactly as it is known, ISO 8601-2")
    certainty = serializers.ChoiceField(choices=Certainty.choices, help_text="How sure it is that it happened")
    url = serializers.CharField(help_text="Path in the API")
    html_url = serializers.CharField(help_text="Path of its page")


class EndedDocument(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=AccessStatus.choices, help_text="What held until then")
    since = serializers.DateField(help_text="Its first day")
    until = serializers.DateField(help_text="The first day on which it no longer held")


class NextDocument(serializers.Serializer[Any]):
    on = serializers.DateField(help_text="The first day of the next status")
    status = serializers.ChoiceField(choices=STATUSES, help_text="What it will be then")
    event = DecidingEvent(allow_null=True, help_text="What brings it; null where what holds now just ends")


class AnswerDocument(serializers.Serializer[Any]):
    """Whether customers in a country could use a product on a day, as far as was known, and by what evidence."""

    product = Named(help_text="The product: one route to its developer's models")
    company = Named(allow_null=True, help_text="Who offers it; null: goods of many makers")
    models_from = Named(
        allow_null=True, help_text="The developer whose models it serves, where that is another company"
    )
    country = CountryRef(help_text="Where the customers are")
    on = serializers.DateField(help_text="The day asked about; local to the country")
    known = serializers.DateField(
        allow_null=True, help_text="Only what had been reported by this day counts; null: all that is on record"
    )
    revision = serializers.IntegerField(help_text="The record as it stood at this revision")
    status = serializers.ChoiceField(
        choices=STATUSES, help_text="unknown: no record covers it; neither open nor closed"
    )
    since = serializers.DateField(
        allow_null=True,
        help_text="The first day of the effect that decides, which may repeat an earlier status; where it has ended, "
        "the day of its end; null: nothing is on record",
    )
    since_precision = serializers.ChoiceField(
        choices=Precision.choices, allow_null=True, help_text="How exact that day is"
    )
    until = serializers.DateField(allow_null=True, help_text="The first day on which it no longer holds, where known")
    ended = EndedDocument(
        allow_null=True, help_text="What held last, where it has ended and nothing followed; else null"
    )
    by = serializers.ListField(
        child=serializers.ChoiceField(choices=ClosedBy.choices), help_text="Who decides the status"
    )
    note = serializers.CharField(
        allow_blank=True, help_text="What else there is to know, whatever `known` is; may be empty"
    )
    event = DecidingEvent(allow_null=True, help_text="The event that decides; null: nothing is on record")
    effect = serializers.IntegerField(allow_null=True, help_text="id of the deciding effect in that event")
    disputed = serializers.BooleanField(help_text="Whether it is disputed that the event happened")
    direct = serializers.BooleanField(help_text="Whether the effect names the country itself, not a group")
    group = Named(allow_null=True, help_text="The group through which the effect reaches the country; null if direct")
    reported_on = serializers.DateField(allow_null=True, help_text="When the effect was first known in public")
    citations = CitationDocument(many=True, help_text="The evidence; with `known`, what had been published by then")
    undated_citations = CitationDocument(many=True, help_text="Evidence that bears no date")
    independent_origins = serializers.IntegerField(
        help_text="How many origins, relays followed to their source, support it among the citations given"
    )
    next = NextDocument(allow_null=True, help_text="The next change of status on record; null: none")
    url = serializers.CharField(help_text="Path of this very answer in the API, forever")
    html_url = serializers.CharField(help_text="Path of its page, forever")


def answer_document(found: Reasoned) -> dict[str, Any]:
    """An answer in its public form: JSON values alone, so that a receipt can be taken of it."""
    question, answer, held, product = found.question, found.answer, found.held, found.product
    holds = held if held and not answer.has_ended else None
    ended = held if held and answer.has_ended else None
    effect = found.effect or {}
    return {
        "product": {"slug": product["slug"], "name": product["name"]},
        "company": product["company"],
        "models_from": product["models_from"],
        "country": {"code": found.country.code, "name": found.country.name},
        "on": day(question.on),
        "known": day(question.known),
        "revision": found.record.revision,
        "status": answer.status or UNKNOWN,
        "since": day(answer.since),
        "since_precision": found.since_precision,
        "until": day(holds.ends) if holds else None,
        "ended": {"status": ended.status, "since": day(ended.since), "until": day(ended.until)} if ended else None,
        "by": effect["by"] if holds else [],
        "note": effect["note"] if holds else "",
        "event": event_document(found),
        "effect": held.effect if held else None,
        "disputed": found.is_disputed,
        "direct": found.is_direct,
        "group": {"slug": found.group["slug"], "name": found.group["name"]} if found.group else None,
        "reported_on": day(held.reported_on) if held else None,
        "citations": found.citations,
        "undated_citations": found.undated_citations,
        "independent_origins": found.independent_origins,
        "next": next_document(found.next),
        "url": f"{API}/access/?{urlencode({'country': question.country, 'product': question.product} | pins(found))}",
        "html_url": permalink(found),
    }


def event_document(found: Reasoned) -> dict[str, Any] | None:
    if found.event is None:
        return None
    return {name: found.event[name] for name in ("slug", "title", "edtf", "certainty", "url", "html_url")}


def next_document(following: Reasoned | None) -> dict[str, Any] | None:
    if following is None:
        return None
    return {
        "on": day(following.question.on),
        "status": following.status or UNKNOWN,
        "event": None if following.answer.has_ended else event_document(following),
    }


def permalink(found: Reasoned) -> str:
    return f"{path(found.question)}?{urlencode(pins(found))}"


def path(question: Question) -> str:
    return f"/access/{question.country}/{question.product}/"


def pins(found: Reasoned) -> dict[str, Any]:
    """The three clocks of an answer, as parameters of its address."""
    known = {"known": day(found.question.known)} if found.question.known else {}
    return {"on": day(found.question.on), **known, "revision": found.record.revision}


def day(value: Any) -> str | None:
    return None if value is None else str(value.isoformat())
