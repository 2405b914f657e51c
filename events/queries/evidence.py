"""What an event's citations say of it together: since when it was reported, and by how many independently."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from events.choices import About, ReportedBasis, Stance, Tier
from events.models import AccessEffect, Citation, Event

# A chain of relays longer than this is no longer evidence of anything.
MOST_RELAYS = 10


class Voice(NamedTuple):
    """A cited source as far as its origin goes: who published it, and whose report it repeats (slugs)."""

    publisher: str
    relays: str | None
    supports: bool


def origins(voices: Iterable[Voice]) -> dict[Voice, str]:
    """Map each source to the slug of the publisher whose own reporting it rests on.

    A source's origin is what it relays, followed through the sources of the same event, else its publisher. Publishers
    that repeat one another in a circle are one origin, named by the first of them.
    """
    voices = list(voices)
    relayed = relayed_by(voices)
    return {voice: chain(voice.relays, relayed)[-1] if voice.relays else voice.publisher for voice in voices}


def relayed_by(voices: Iterable[Voice]) -> dict[str, str]:
    """Map the publishers among an event's sources that repeat another one to it: the first that one says it does."""
    found: dict[str, str] = {}
    for voice in voices:
        if voice.relays:
            found.setdefault(voice.publisher, voice.relays)
    return found


def chain(repeated: str, relayed: Mapping[str, str]) -> list[str]:
    """The publishers through which a report goes back, from the one that is repeated to the origin."""
    passed = [repeated]
    while len(passed) < MOST_RELAYS and (following := relayed.get(passed[-1])):
        if following in passed:
            return passed[: passed.index(min(passed[passed.index(following) :])) + 1]
        passed.append(following)
    return passed


def independent(voices: Iterable[Voice]) -> int:
    """How many origins, relays followed to their source, support an event."""
    return len({origin for voice, origin in origins(voices).items() if voice.supports})


def primary(citations: Iterable[Mapping[str, Any]]) -> int:
    """How many of the independent origins of a document's citations speak in a source of the first tier themselves."""
    voices = [(voice_in(citation), citation["source"]["tier"]) for citation in citations]
    origin_of = origins(voice for voice, _ in voices)
    return len({origin_of[voice] for voice, tier in voices if voice.supports and tier == Tier.PRIMARY})


def voice(citation: Citation) -> Voice:
    source = citation.source
    relays = source.relays.slug if source.relays else None
    return Voice(source.publisher.slug, relays, citation.stance == Stance.SUPPORTS)


def voice_in(citation: Mapping[str, Any]) -> Voice:
    """That of a document's citation."""
    source = citation["source"]
    relays = source["relays"]["slug"] if source["relays"] else None
    return Voice(source["publisher"]["slug"], relays, citation["stance"] == Stance.SUPPORTS)


def reported_on(
    event: Event, citations: Iterable[Citation], effect: AccessEffect | None = None
) -> tuple[dt.date, ReportedBasis]:
    """The day since which the event, or one effect of it, was publicly reported, and where that day comes from.

    The earliest publication date among supporting citations about the effect, else about the event (for the event: of
    all that support it); where none is dated, the earlier of the event's date and the day it was published here (UTC).
    """
    about_event, about_effect = [], []
    for citation in citations:
        day = citation.source.published
        if citation.stance != Stance.SUPPORTS or day is None:
            continue
        if effect is None or citation.about == About.EVENT:
            about_event.append(day)
        elif citation.effect_id == effect.pk:
            about_effect.append(day)
    if dated := about_effect or about_event:
        return min(dated), ReportedBasis.SOURCE
    assert event.date
    assert event.published_at
    published = event.published_at.astimezone(dt.UTC).date()
    return (event.date, ReportedBasis.EVENT) if event.date <= published else (published, ReportedBasis.RECORD)
