import datetime as dt

import pytest

from events.choices import About, ReportedBasis, Stance
from events.models import Event
from events.queries.evidence import independent, origins, reported_on, voice
from tests.factories import BareEventFactory, CitationFactory, EffectFactory, PublisherFactory, SourceFactory

pytestmark = pytest.mark.django_db

JUNE, JULY, AUGUST = dt.date(2024, 6, 25), dt.date(2024, 7, 9), dt.date(2024, 8, 1)


def publishers(*slugs: str) -> dict:
    return {slug: PublisherFactory(slug=slug) for slug in slugs}


def cited(event: Event, by: str, relays: str | None, known: dict, **options) -> None:
    source = SourceFactory(publisher=known[by], relays=known[relays] if relays else None)
    CitationFactory(event=event, source=source, **options)


def origins_of(event: Event) -> list[str]:
    voices = [voice(citation) for citation in event.citations.all()]
    found = origins(voices)
    return [found[each] for each in voices]


class TestOrigins:
    @pytest.mark.parametrize(
        ("chain", "expected"),
        [
            ([("a", None), ("b", None)], ["a", "b"]),
            ([("a", "b")], ["b"]),
            ([("a", "b"), ("b", None)], ["b", "b"]),
            ([("a", "b"), ("b", "c")], ["c", "c"]),
            ([("a", "b"), ("b", "a")], ["a", "a"]),
            ([("a", "b"), ("b", "c"), ("c", "a")], ["a", "a", "a"]),
            ([("d", "b"), ("b", "c"), ("c", "b")], ["b", "b", "b"]),
        ],
        ids=[
            "two of their own",
            "a relay",
            "a relay and its origin",
            "a chain",
            "a circle",
            "of three",
            "into a circle",
        ],
    )
    def test_are_followed_through_the_sources_of_the_event(self, chain, expected):
        event, known = BareEventFactory(), publishers("a", "b", "c", "d")
        for by, relays in chain:
            cited(event, by, relays, known)
        assert origins_of(event) == expected
        assert independent(map(voice, event.citations.all())) == len(set(expected))

    def test_are_not_followed_through_other_events(self):
        event, known = BareEventFactory(), publishers("a", "b", "c")
        cited(event, "a", "b", known)
        cited(BareEventFactory(), "b", "c", known)
        assert origins_of(event) == ["b"]

    def test_end_after_ten_steps(self):
        event, known = BareEventFactory(), publishers(*(f"p{n:02}" for n in range(13)))
        for number in range(12):
            cited(event, f"p{number:02}", f"p{number + 1:02}", known)
        assert origins_of(event)[0] == "p10"

    def test_count_only_what_supports_the_event(self):
        event, known = BareEventFactory(), publishers("a", "b")
        cited(event, "a", None, known)
        cited(event, "b", None, known, stance=Stance.RESPONSE)
        assert independent(map(voice, event.citations.all())) == 1


class TestReportedOn:
    def event(self, **options) -> Event:
        event = BareEventFactory(**options)
        event.published_at = dt.datetime(2024, 7, 20, tzinfo=dt.UTC)
        return event

    def cite(self, event: Event, day: dt.date | None, **options) -> None:
        CitationFactory(event=event, source=SourceFactory(published=day), **options)

    def of(self, event: Event, effect=None):
        return reported_on(event, list(event.citations.all()), effect)

    def test_is_the_earliest_date_of_a_supporting_source(self):
        event = self.event()
        for day in (JULY, JUNE, None):
            self.cite(event, day)
        self.cite(event, dt.date(2020, 1, 1), stance=Stance.CONTEXT)
        assert self.of(event) == (JUNE, ReportedBasis.SOURCE)

    def test_of_an_effect_is_that_of_sources_about_it(self):
        event = self.event()
        effect, other = EffectFactory(event=event), EffectFactory(event=event)
        self.cite(event, JUNE)
        self.cite(event, JULY, about=About.EFFECT, effect=effect)
        assert self.of(event, effect) == (JULY, ReportedBasis.SOURCE)
        assert self.of(event, other) == (JUNE, ReportedBasis.SOURCE)

    def test_of_an_effect_takes_no_date_from_a_source_about_the_date(self):
        event = self.event()
        effect = EffectFactory(event=event)
        self.cite(event, dt.date(2020, 1, 1), about=About.DATE)
        assert self.of(event, effect) == (JULY, ReportedBasis.EVENT)

    def test_is_the_events_date_where_no_source_is_dated(self):
        event = self.event()
        self.cite(event, None)
        assert self.of(event) == (JULY, ReportedBasis.EVENT)

    def test_is_the_day_of_publication_where_the_event_is_later(self):
        event = self.event(date=AUGUST)
        self.cite(event, None)
        assert self.of(event) == (dt.date(2024, 7, 20), ReportedBasis.RECORD)
