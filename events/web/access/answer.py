"""What an answer's page says: the answer in a sentence, the steps to it, its facts, what came before, other routes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from events.choices import AccessStatus, ProductKind, RecordType, ReportedBasis, Stance
from events.documents.access import UNKNOWN, path
from events.lib.dates import today
from events.models import WORLD, Change
from events.queries.answers import Held, Question, answers, reaching
from events.queries.reasons import Document, Reasoned, developer_of, explained, histories, routes
from events.web import words
from events.web.access.bars import chart, label_of, recorded
from events.web.access.clocks import Clocks
from events.web.effects import BASIS
from events.web.evidence import citations as citations_of
from events.web.record import Link, address_of

MOST_VOICES = 3
MOST_ROUTES = 100


# ------------------------------------------------------------------------------------------------ products in sentences

WITH_ARTICLE = {"API", "Service", "app", "website", "Hub", "agent", "algorithm", "foundry"}
PLURAL = re.compile(r"(?:[a-z]+[a-rt-z]s|[A-Z]+s)")  # "chips", "GPUs"; not "access"
QUALIFIED = re.compile(r" (?:\(|(?:for|in|of|under|with) ).*")


def head_of(product: Document) -> str:
    """The name without what only qualifies it: "WhatsApp Business API", of "… for AI assistants"."""
    return QUALIFIED.sub("", str(product["name"]))


def is_plural(product: Document) -> bool:
    head = head_of(product)
    several = product["kind"] == ProductKind.MATERIAL and " and " in head
    return several or any(PLURAL.fullmatch(word) for word in head.split())


def product_in_sentence(product: Document) -> str:
    """ "the OpenAI API", "the Nvidia H20", "ChatGPT", "Huawei Ascend chips"."""
    is_thing = product["kind"] == ProductKind.CHIP or head_of(product).split()[-1] in WITH_ARTICLE
    return (
        _("the %(name)s") % {"name": product["name"]} if is_thing and not is_plural(product) else str(product["name"])
    )


def capitalized(text: str) -> str:
    """A sentence with its first letter large, but for names that begin small on purpose: "iFlytek"."""
    return text[:1].upper() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


# --------------------------------------------------------------------------------------------------------- the sentence

# Each for one and for several.
BE = {
    "past": (gettext_noop("was"), gettext_noop("were")),
    "present": (gettext_noop("is"), gettext_noop("are")),
    "future": (gettext_noop("will be"), gettext_noop("will be")),
    "foretold": (gettext_noop("was to be"), gettext_noop("were to be")),
    "before": (gettext_noop("had been"), gettext_noop("had been")),
}
REQUIRE = {
    "past": (gettext_noop("required"), gettext_noop("required")),
    "present": (gettext_noop("requires"), gettext_noop("require")),
    "future": (gettext_noop("will require"), gettext_noop("will require")),
    "foretold": (gettext_noop("was to require"), gettext_noop("were to require")),
    "before": (gettext_noop("had required"), gettext_noop("had required")),
}


def said(status: str, tense: str, product: Document) -> str:
    """ "was blocked", "will require a license"."""
    if status == AccessStatus.LICENSE_REQUIRED:
        return _("%(require)s a license") % {"require": _(REQUIRE[tense][is_plural(product)])}
    return _("%(is)s %(blocked)s") % {
        "is": _(BE[tense][is_plural(product)]),
        "blocked": words.status_in_sentence(status),
    }


def tense_of(question: Question, since: dt.date | None = None) -> str:
    now = today()
    if question.on > now:
        return "future"
    if since and question.known and since > question.known:
        return "foretold"
    return "past" if question.on < now else "present"


def in_words(day: dt.date | None, precision: str = "day") -> str:
    return words.day_in_words(day.isoformat(), precision) if day else ""


def sentence(found: Reasoned) -> str:
    """The answer in a sentence or two: "On July 10, 2024, the OpenAI API was blocked in China, by the provider; …"."""
    question, held = found.question, found.held
    product, country = product_in_sentence(found.product), words.country_in_sentence(found.country.code)
    reported = _("As reported by %(known)s, ") % {"known": in_words(question.known)} if question.known else ""
    on = in_words(question.on)
    tense = tense_of(question, found.answer.since)
    if held is None:
        covers = {"past": _("covered"), "foretold": _("covered")}.get(tense if question.known else "", _("covers"))
        text = _("%(reported)sno record %(covers)s %(product)s in %(country)s on %(on)s: unknown.") % {
            "reported": reported,
            "covers": covers,
            "product": product,
            "country": country,
            "on": on,
        }
        return _("%(capitalized)s Nothing here says that it was open or closed.") % {"capitalized": capitalized(text)}
    via = through(found)
    if found.answer.has_ended:
        now, still = today(), bool(held.until and held.until > today())
        tense = ("present" if held.since <= now else "future") if still else "before" if question.on < now else "past"
        span = _("from %(since)s until %(until)s") % {
            "since": in_words(held.since, precision_of(held)),
            "until": in_words(held.until),
        }
        text = _("%(reported)s%(product)s %(said)s in %(country)s%(via)s %(span)s; ") % {
            "reported": reported,
            "product": product,
            "said": said(held.status, tense, found.product),
            "country": country,
            "via": via,
            "span": span,
        }
        text += _("what %(what)s is not on record.") % {"what": _("follows") if still else _("followed")}
        return _("%(capitalized)s On %(on)s it is unknown: an end is no opening.") % {
            "capitalized": capitalized(text),
            "on": on,
        }
    start = {
        "future": _("on %(on)s, as far as is known now, ") % {"on": on},
        "present": _("today, %(on)s, ") % {"on": on},
    }.get(tense, _("on %(on)s, ") % {"on": on})
    by = words.decided_by((found.effect or {})["by"])
    deciders = (_(", by ") if held.status == AccessStatus.BLOCKED else _(", by decision of ")) + by if by else ""
    text = _("%(reported)s%(start)s%(product)s %(said)s in %(country)s%(via)s%(deciders)s") % {
        "reported": reported,
        "start": start,
        "product": product,
        "said": said(held.status, tense, found.product),
        "country": country,
        "via": via,
        "deciders": deciders,
    }
    names = voices(found)
    text += _("; reported by %(list)s.") % {"list": words.shortened(names, MOST_VOICES)} if names else "."
    return capitalized(text) + (_(" It is disputed that this happened.") if found.is_disputed else "")


def through(found: Reasoned) -> str:
    """ " (through the European Union)"; "" where the effect names the country itself."""
    group = found.group
    if group is None:
        return ""
    return f" ({_('as in') if group['slug'] == WORLD else _('through')} {group_name(group)})"


def group_name(group: Document) -> str:
    return words.group_in_sentence(group["slug"], group["name"])


def precision_of(held: Held) -> str:
    return "day" if held.joined else held.date_precision


def voices(found: Reasoned) -> list[str]:
    """Who supports it, each publisher once, with whose report it repeats; those undated only where no other is."""
    named: dict[str, str] = {}
    for citations in (found.citations, found.undated_citations):
        for citation in citations:
            source = citation["source"]
            if citation["stance"] == Stance.SUPPORTS:
                relays = _(" (relaying %(name)s)") % {"name": source["relays"]["name"]} if source["relays"] else ""
                named.setdefault(source["publisher"]["name"], source["publisher"]["name"] + relays)
        if named:
            break
    return list(named.values())


# ------------------------------------------------------------------------------------------------------------ the steps


@dataclass(frozen=True)
class Step:
    """One step by which the answer follows from the record, with what it is read off."""

    text: str
    links: Sequence[Link] = ()
    items: Sequence[Step] = ()


def steps(found: Reasoned, change: Change) -> list[Step]:
    """How the answer follows from the record, in order."""
    question, record = found.question, found.record
    now, ever = reaching([question, replace(question, known=None)], revision=record.revision)
    late = [held for held in ever if question.known and held.reported_on > question.known]
    record.read_events([*now, *late])
    country, on = words.country_in_sentence(found.country.code), in_words(question.on)
    which = {0: _("No effect"), 1: _("One effect")}.get(len(now), _("%(now)s effects") % {"now": len(now)})
    reaches = _("reaches") if len(now) < 2 else _("reach")
    reported = _(", of those reported by %(known)s") % {"known": in_words(question.known)} if question.known else ""
    made = [
        Step(
            _("The record is taken as it stood at revision %(revision)s, of %(date)s.")
            % {"revision": record.revision, "date": in_words(change.at.date())},
            [Link(f"/api/v1/changes/?after={change.seq - 1}&page_size=1", _("The change in the API"))],
        ),
        Step(
            (
                _("%(which)s on %(product_in_sentence)s %(reaches)s %(country)s on %(on)s%(reported)s.")
                % {
                    "which": which,
                    "product_in_sentence": product_in_sentence(found.product),
                    "reaches": reaches,
                    "country": country,
                    "on": on,
                    "reported": reported,
                }
            )
            + (
                _(" Of those on the country itself, and on each group to which it belongs, only the latest counts.")
                if now
                else ""
            ),
            items=[reach(held, found) for held in now],
        ),
    ]
    if question.known:
        left_out = (
            _("Left out, since it was reported later:")
            if late
            else _("Nothing that was reported later would change this.")
        )
        made.append(Step(left_out, items=[reach(held, found) for held in late]))
    if now:
        made.append(Step(why_it_decides(now, found)))
        made.append(Step(whether_it_ended(found)))
    else:
        made.append(Step(_("What no record covers is unknown. It is not taken for open, and not for closed.")))
    return made


def reach(held: Held, found: Reasoned) -> Step:
    """An effect and how it reaches the country."""
    record, code = found.record, found.country.code
    event = record.events[held.event]
    start = in_words(held.effective_date, held.date_precision)
    status = _("%(in_sentence)s from %(start)s") % {
        "in_sentence": words.status_in_sentence(held.status),
        "start": start,
    }
    if held.until:
        status += _(" until %(until)s") % {"until": in_words(held.until)}
    text = _("The country’s own: %(status)s") % {"status": status}
    links = [Link(address_of(RecordType.EVENT, held.event), event["title"])]
    if held.span:
        group = record.group(held.place)
        name = group_name(group)
        text = _("Through %(name)s: %(status)s") % {"name": name, "status": status}
        if held.place != WORLD:
            since = held.span.since
            member = words.country_in_sentence(code)
            joined = (
                _("since %(since)s") % {"since": in_words(since)} if since else _("for as long as the record goes back")
            )
            text += (
                _("; %(member)s has belonged to it %(joined)s") % {"member": member, "joined": joined}
                if not held.span.until
                else _("; %(member)s belonged to it") % {"member": member}
            )
            if held.span.until:
                text += _("%(what)s until %(until)s") % {
                    "what": _(" from %(since)s") % {"since": in_words(since)} if since else "",
                    "until": in_words(held.span.until),
                }
            if held.joined:
                text += _(", so that it reaches it from that day")
            links.append(Link(group["url"], _("%(name)s in the API") % {"name": group["name"]}))
    return Step(
        _("%(text)s; reported on %(reported_on)s.") % {"text": text, "reported_on": in_words(held.reported_on)}, links
    )


def why_it_decides(now: Sequence[Held], found: Reasoned) -> str:
    first = now[0]
    what = _("that of %(group)s") % {"group": group_name(found.group)} if found.group else _("the country’s own")
    if len(now) == 1:
        return _("It is the only one, so it decides: %(in_sentence)s.") % {
            "in_sentence": words.status_in_sentence(first.status)
        }
    second = now[1]
    day = in_words(first.since, precision_of(first))
    if second.since != first.since:
        return _("The one that starts latest decides: %(what)s, from %(day)s.") % {"what": what, "day": day}
    if first.span is None:
        return _("Two start on %(day)s, later than any other. On a tie the country’s own decides.") % {"day": day}
    if second.span and second.span.members != first.span.members:
        return _(
            "Two start on %(day)s, later than any other. On a tie the group with fewer members decides: %(what)s."
        ) % {"day": day, "what": what}
    if second.reported_on != first.reported_on:
        return _(
            "Two start on %(day)s, later than any other. On such a tie the one that was reported later "
            "decides: %(what)s."
        ) % {"day": day, "what": what}
    return _(
        "Two start on %(day)s, and nothing else tells them apart: the order of their names decides for %(what)s."
    ) % {"day": day, "what": what}


def whether_it_ended(found: Reasoned) -> str:
    held, on = found.held, in_words(found.question.on)
    assert held
    if found.answer.has_ended:
        return _(
            "It ended on %(until)s, so that it no longer holds on %(on)s. An end is no opening: from "
            "then on the answer is unknown, until something new is recorded."
        ) % {"until": in_words(held.until), "on": on}
    if held.ends:
        return _("It still holds on %(on)s; on record it lasts until %(ends)s.") % {
            "on": on,
            "ends": in_words(held.ends),
        }
    return _("It still holds on %(on)s: no end is on record.") % {"on": on}


# ------------------------------------------------------------------------------------------------- the rest of the page


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
        "since": in_words(found.answer.since, found.since_precision or "day"),
        "since_is_exact": found.since_precision in (None, "day"),
        "until": in_words(holds.ends) if holds else "",
        "ended": in_words(held.until) if held and not holds else "",
        "holds": holds is not None,
        "by": words.decided_by(effect["by"]) if holds else "",
        "note": effect.get("note", ""),
        "event": Link(address_of(RecordType.EVENT, event["slug"]), event["title"], event["date_display"])
        if event
        else None,
        "certainty": event["certainty"] if event and event["certainty"] != "confirmed" else "",
        "group": group_link(found.group),
        "reported_on": in_words(held.reported_on) if held else "",
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
        "display": in_words(found.next.question.on, found.next.since_precision or "day"),
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
    """Every answer that the pair has had and is to have, oldest first, with the page's own marked, and as a bar."""
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
    return {"course": told, "bar": drawn.bars[0], "scale": drawn.scale}


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
