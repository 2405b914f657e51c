"""What an answer's page says: the answer in a sentence, the steps to it, its facts, what came before, other routes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from events.choices import AccessStatus, RecordType, ReportedBasis
from events.documents.access import UNKNOWN, path
from events.models import WORLD, Change
from events.queries.answers import answers
from events.queries.reasons import Document, Reasoned, developer_of, explained, histories, routes
from events.web import words
from events.web.access.bars import chart, label_of, recorded
from events.web.access.clocks import Clocks
from events.web.access.sentences import deciders, group_name, in_words, product_in_sentence, sentence
from events.web.access.steps import steps
from events.web.effects import BASIS
from events.web.evidence import citations as citations_of
from events.web.record import Link, address_of

MOST_ROUTES = 100


def shown(found: Reasoned, clocks: Clocks, change: Change) -> dict[str, Any]:
    """All that the page says, for its template; `change` is that of the revision."""
    held, event = found.held, found.event
    holds = held if held and not found.answer.has_ended else None
    effect = found.effect or {}
    return {
        "found": found,
        "product": found.product,
        "country": found.country,
        "product_phrase": product_in_sentence(found.product),
        "country_phrase": words.country_in_sentence(found.country.code),
        "status": found.status or UNKNOWN,
        "status_label": label_of(found.status),
        "sentence": sentence(found),
        "steps": steps(found, change),
        "until": in_words(holds.ends) if holds else "",
        "ended": in_words(held.until) if held and not holds else "",
        "holds": holds is not None,
        "by": deciders(found) if holds else "",
        "note": effect.get("note", ""),
        "event": Link(address_of(RecordType.EVENT, event["slug"]), event["title"], event["date_display"])
        if event
        else None,
        "certainty": event["certainty"] if event and event["certainty"] != "confirmed" else "",
        "group": group_link(found.group),
        "reported_on": words.reported_in_words(effect, event) if effect and event else "",
        "reported_basis": _(BASIS[ReportedBasis(effect["reported_on_basis"])]) if effect else "",
        "next": following(found, clocks),
        "evidence": evidence(found, found.citations),
        "undated": evidence(found, found.undated_citations),
        "origins": words.origins_in_words(found.independent_origins),
        "left_out": len(found.told) - len(found.citations) - len(found.undated_citations),
        **course(found, clocks),
        **other_routes(found, clocks),
    }


def group_link(group: Document | None) -> Link | None:
    """Its note says how an effect comes by it: "through" the European Union, "as in" every country."""
    if group is None:
        return None
    how = _("as in") if group["slug"] == WORLD else _("through")
    return Link(address_of(RecordType.GROUP, group["slug"]), group_name(group), how)


def following(found: Reasoned, clocks: Clocks) -> dict[str, Any] | None:
    """The next change of status."""
    if found.next is None:
        return None
    status = found.next.status or UNKNOWN
    event = found.next.event if not found.next.answer.has_ended else None
    return {
        "on": found.next.question.on,
        "display": in_words(found.next.question.on, found.next.day_precision),
        "status": status,
        "label": label_of(status),
        "event": Link(address_of(RecordType.EVENT, event["slug"]), event["title"]) if event else None,
        "address": f"?{clocks.query(on=found.next.question.on.isoformat())}",
    }


def evidence(found: Reasoned, citations: Sequence[Document]) -> list[dict[str, Any]]:
    """These citations as on the event's page, numbered as there; chains of relays go by all of the event's."""
    if found.event is None:
        return []
    ids = {each["id"] for each in citations}
    told = citations_of(dict(found.event))
    return [each | {"about_effect": None} for each in told if each["id"] in ids]


def course(found: Reasoned, clocks: Clocks) -> dict[str, Any]:
    """Every answer that the pair has had and is to have, oldest first, with the page's own marked, and as a bar.

    `again`: the first day of the effect that decides, where it only says what held already; else "".
    """
    [history] = histories([found.question], found.record)
    on, now = found.question.on, clocks.now
    current = max((place for place, each in enumerate(history) if each.question.on <= on), default=-1)
    titles = {slug: event["title"] for slug, event in found.record.events.items()}
    drawn = chart([recorded(history)], titles, on=on, now=now)
    told = [
        {
            "status": each.status or UNKNOWN,
            "label": label_of(each.status),
            "from": in_words(each.answer.since, each.since_precision or "day"),
            "from_iso": each.question.on,
            "address": f"?{clocks.query(on=each.question.on.isoformat())}",
            "ended": each.answer.has_ended,
            "group": group_link(each.group),
            "event": Link(address_of(RecordType.EVENT, each.event["slug"]), each.event["title"])
            if each.event
            else None,
            "is_current": place == current,
            "is_scheduled": each.question.on > now,
        }
        for place, each in enumerate(history)
    ]
    newest = in_words(found.answer.since, found.since_precision or "day")
    began = drawn.bars[0].since(found.status, on.isoformat())
    return {
        "course": told,
        "bar": drawn.bars[0],
        "scale": drawn.scale,
        "since": began.day if began else newest,
        "since_is_exact": began.is_exact if began else found.since_precision in (None, "day"),
        "again": newest if began and began.day != newest else "",
        "others": others([each for each in history[: current + 1] if each.status], found),
    }


def others(past: Sequence[Reasoned], found: Reasoned) -> list[dict[str, Any]]:
    """What others than those who decide closed before, each by their newest effect, where no end of it is on record.

    The newest effect decides, whoever brings it about: a license that one state demands goes on behind a limit that
    another one sets.
    """
    newest = {word: each for each in past if each.effect for word in each.effect["by"]}
    decides = set(found.effect["by"]) if found.effect else set()
    still = {
        each.held: each
        for word, each in newest.items()
        if word not in decides and each.held and each.status != AccessStatus.AVAILABLE
        and (each.held.ends is None or each.held.ends > found.question.on)
    }  # fmt: skip
    return [
        {
            "status": each.status,
            "label": label_of(each.status),
            "from": in_words(each.answer.since, each.since_precision or "day"),
            "by": deciders(each),
            "note": each.effect["note"] if each.effect else "",
            "event": Link(address_of(RecordType.EVENT, each.event["slug"]), each.event["title"])
            if each.event
            else None,
        }
        for each in still.values()
    ]


def other_routes(found: Reasoned, clocks: Clocks) -> dict[str, Any]:
    """The other products that lead to the same developer's models, with their status on the same clocks."""
    record, question = found.record, found.question
    developer = developer_of(found.product)
    slugs = [slug for slug in routes(record, developer=developer) if slug != question.product] if developer else []
    slugs.sort(key=lambda slug: record.products[slug]["name"].casefold())
    asked = [replace(question, product=slug) for slug in slugs[:MOST_ROUTES]]
    told = explained(answers(asked, revision=record.revision), record)
    told.sort(key=lambda each: each.status is None)
    maker = found.product["models_from"] or found.product["company"]
    return {
        "developer": Link(address_of(RecordType.COMPANY, maker["slug"]), maker["name"]) if maker else None,
        "routes_left_out": len(slugs) - len(asked),
        "routes": [
            {
                "link": Link(f"{path(each.question)}?{clocks.query()}", each.product["name"]),
                "company": each.product["company"]["name"] if each.product["company"] else "",
                "status": each.status or UNKNOWN,
                "label": label_of(each.status),
                "since": in_words(each.answer.since, each.since_precision or "day"),
                "ended": each.answer.has_ended,
            }
            for each in told
        ],
    }
