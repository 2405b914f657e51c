"""How an answer follows from the record, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.choices import RecordType, ReportedBasis
from events.models import WORLD, Change
from events.queries.answers import Held, reaching
from events.queries.reasons import Reasoned
from events.web import words
from events.web.access.sentences import group_name, in_words, precision_of, product_in_sentence
from events.web.record import Link, address_of


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
    made = [
        Step(
            _("The record is taken as it stood at revision %(revision)s, of %(date)s.")
            % {"revision": record.revision, "date": in_words(change.at.date())},
            [Link(f"/api/v1/changes/?after={change.seq - 1}&page_size=1", _("The change in the API"))],
        ),
        Step(
            how_many(len(now), known=question.known is not None)
            % {
                "number": len(now),
                "product": product_in_sentence(found.product),
                "country": country,
                "on": on,
                "known": in_words(question.known),
            }
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


def how_many(number: int, *, known: bool) -> str:
    """A whole sentence for each case: languages differ in more than the number."""
    if not number:
        if known:
            return _("No effect on %(product)s reaches %(country)s on %(on)s, of those reported by %(known)s.")
        return _("No effect on %(product)s reaches %(country)s on %(on)s.")
    if known:
        return ngettext(
            "One effect on %(product)s reaches %(country)s on %(on)s, of those reported by %(known)s.",
            "%(number)s effects on %(product)s reach %(country)s on %(on)s, of those reported by %(known)s.",
            number,
        )
    return ngettext(
        "One effect on %(product)s reaches %(country)s on %(on)s.",
        "%(number)s effects on %(product)s reach %(country)s on %(on)s.",
        number,
    )


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
    effect = next(each for each in event["access_effects"] if each["id"] == held.effect)
    reported = (
        _("%(text)s; reported on %(reported_on)s.")
        if effect["reported_on_basis"] == ReportedBasis.SOURCE
        else _("%(text)s; no source is dated, so that it counts as reported on %(reported_on)s.")
    )
    return Step(reported % {"text": text, "reported_on": in_words(held.reported_on)}, links)


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
