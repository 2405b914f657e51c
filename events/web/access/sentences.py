"""An answer in a sentence or two, and what its sentences are made of."""

from __future__ import annotations

import datetime as dt
import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from events.choices import AccessStatus, PlaceRole, ProductKind, Stance
from events.lib.dates import today
from events.models import WORLD
from events.queries.answers import Held, Question
from events.queries.reasons import Document, Reasoned
from events.web import words

MOST_VOICES = 3


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
        text = (
            _("%(reported)sno record covered %(product)s in %(country)s on %(on)s: unknown.")
            if question.known and tense in ("past", "foretold")
            else _("%(reported)sno record covers %(product)s in %(country)s on %(on)s: unknown.")
        ) % {
            "reported": reported,
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
        text += _("what follows is not on record.") if still else _("what followed is not on record.")
        return _("%(capitalized)s On %(on)s it is unknown: an end is no opening.") % {
            "capitalized": capitalized(text),
            "on": on,
        }
    start = {
        "future": _("on %(on)s, as far as is known now, ") % {"on": on},
        "present": _("today, %(on)s, ") % {"on": on},
    }.get(tense, _("on %(on)s, ") % {"on": on})
    who = deciders(found)
    by = _(", by %(who)s") if held.status == AccessStatus.BLOCKED else _(", by decision of %(who)s")
    text = _("%(reported)s%(start)s%(product)s %(said)s in %(country)s%(via)s%(deciders)s") % {
        "reported": reported,
        "start": start,
        "product": product,
        "said": said(held.status, tense, found.product),
        "country": country,
        "via": via,
        "deciders": by % {"who": who} if who else "",
    }
    names = voices(found)
    text += _("; reported by %(list)s.") % {"list": words.shortened(names, MOST_VOICES)} if names else "."
    return capitalized(text) + (_(" It is disputed that this happened.") if found.is_disputed else "")


def deciders(found: Reasoned) -> str:
    """Who decides, with the states that acted in the event where it is a foreign government; "": nobody knows."""
    effect, event = found.effect, found.event
    if effect is None or event is None:
        return ""
    acted = [words.country_in_sentence(each["code"]) for each in event["countries"]
             if each["role"] == PlaceRole.ACTING and each["code"] != found.country.code]  # fmt: skip
    acted += [words.group_in_sentence(each["slug"], each["name"]) for each in event["groups"]
              if each["role"] == PlaceRole.ACTING]  # fmt: skip
    return words.decided_by(effect["by"], acted)


def through(found: Reasoned) -> str:
    """ " (through the European Union)"; "" where the effect names the country itself."""
    group = found.group
    if group is None:
        return ""
    name = {"group": group_name(group)}
    return _(" (as in %(group)s)") % name if group["slug"] == WORLD else _(" (through %(group)s)") % name


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
