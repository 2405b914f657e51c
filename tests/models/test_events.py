import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from events.choices import Certainty, Precision, State
from events.models import AccessEffect, Event
from tests.factories import BareEventFactory, CitationFactory, EffectFactory, GroupFactory, country, published_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def one_of_each_state():
    events = {"draft": BareEventFactory(), "in_review": BareEventFactory(state=State.IN_REVIEW)}
    events["published"] = published_event()
    events["denied"] = published_event(certainty=Certainty.DENIED)
    for state in ("retracted", "merged"):
        events[state] = published_event()
    Event.objects.filter(pk=events["retracted"].pk).update(
        state=State.RETRACTED, retracted_on=dt.date(2024, 8, 1), retraction_reason="Wrong."
    )
    Event.objects.filter(pk=events["merged"].pk).update(state=State.MERGED, merged_into=events["published"])
    return events


@pytest.mark.parametrize(
    ("method", "shown"),
    [
        ("published", {"published", "denied"}),
        ("public", {"published", "denied", "retracted", "merged"}),
        ("counting", {"published"}),
        ("in_review", {"in_review"}),
    ],
)
def test_queryset_selects_by_state(one_of_each_state, method, shown):
    found = getattr(Event.objects, method)()
    assert set(found) == {one_of_each_state[name] for name in shown}


def test_effects_counting_are_those_of_published_events_that_are_not_denied(one_of_each_state):
    for event in one_of_each_state.values():
        EffectFactory(event=event)
    assert [effect.event for effect in AccessEffect.objects.counting()] == [one_of_each_state["published"]]


@pytest.mark.parametrize(
    ("factory", "links"), [(EffectFactory, "effects"), (CitationFactory, "citations")], ids=["effects", "citations"]
)
class TestNumbers:
    def test_count_from_one_in_each_event(self, factory, links):
        events = [BareEventFactory(), BareEventFactory()]
        for event in events:
            factory(event=event)
            factory(event=event)
        assert [[each.number for each in getattr(event, links).all()] for event in events] == [[1, 2], [1, 2]]

    def test_are_never_given_twice(self, factory, links):
        event = BareEventFactory()
        factory(event=event)
        factory(event=event).delete()
        assert factory(event=event).number == 3

    def test_are_not_given_again_to_a_stale_copy_of_the_event(self, factory, links):
        event = BareEventFactory()
        stale = Event.objects.get(pk=event.pk)
        factory(event=event)
        assert factory(event=stale).number == 2

    def test_may_be_chosen_and_are_then_taken(self, factory, links):
        event = BareEventFactory()
        factory(event=event, number=5).delete()
        factory(event=event, number=2)
        assert factory(event=event).number == 6

    def test_stay_when_saved_again(self, factory, links):
        one = factory()
        factory(event=one.event)
        one.save()
        assert (one.number, factory(event=one.event).number) == (1, 3)


@pytest.mark.parametrize(
    ("precision", "date", "end", "last"),
    [
        (Precision.DAY, dt.date(2024, 7, 9), None, dt.date(2024, 7, 9)),
        (Precision.DAY, dt.date(2024, 7, 9), dt.date(2024, 7, 11), dt.date(2024, 7, 11)),
        (Precision.MONTH, dt.date(2024, 7, 1), None, dt.date(2024, 7, 31)),
        (Precision.QUARTER, dt.date(2024, 7, 1), dt.date(2024, 8, 1), dt.date(2024, 9, 30)),
        (Precision.YEAR, dt.date(2024, 1, 1), None, dt.date(2024, 12, 31)),
    ],
)
def test_last_day_is_the_last_that_an_event_may_reach(precision, date, end, last):
    assert Event(date=date, date_precision=precision, end_date=end).last_day == last


@pytest.mark.parametrize("codes", [["XX"], ["CN", "CN"], "CN", [1]])
def test_exceptions_are_codes_of_countries_each_once(codes):
    effect = EffectFactory.build(country=None, exceptions=codes)
    with pytest.raises(ValidationError, match="country codes"):
        effect.clean()


def test_exceptions_of_a_group_are_accepted():
    EffectFactory.build(country=None, exceptions=["CN", "RU"], by=["provider"]).clean()


def test_who_decides_is_of_the_vocabulary():
    with pytest.raises(ValidationError, match="own_government"):
        EffectFactory.build(by=["somebody"]).clean()


def test_a_citation_is_about_an_effect_of_its_own_event():
    citation = CitationFactory.build(about="effect")
    citation.event, citation.effect = BareEventFactory(), EffectFactory()
    with pytest.raises(ValidationError, match="another event"):
        citation.clean()


def test_texts_refuse_nul_and_lone_surrogates():
    for text in ("a\0b", "a\ud800b"):
        event = Event(slug="a", title=text)
        with pytest.raises(ValidationError) as refused:
            event.clean_fields()
        assert set(refused.value.message_dict) == {"title"}


@pytest.mark.parametrize("name", ["effects_numbered", "citations_numbered", "state", "published_at", "submitted_by"])
def test_what_publishing_keeps_is_not_edited(name):
    assert not Event._meta.get_field(name).editable


def test_group_and_country_are_both_shown_in_an_effects_name():
    group = GroupFactory(name="The Group")
    on_group = EffectFactory(country=None, group=group, product__name="Chip")
    on_country = EffectFactory(country=country("CN"), product__name="Phone")
    assert (str(on_group), str(on_country)) == ("Chip: Blocked in The Group", "Phone: Blocked in China")


def test_an_events_page_bears_its_slug():
    assert BareEventFactory(slug="a-ban").get_absolute_url() == "/events/a-ban/"
