"""What derives from an event, or did, is made anew when it changes."""

import datetime as dt
from typing import Any

import pytest

from events.models import Event, Source
from events.services import publishing, reissue
from tests.factories import (
    CompanyFactory,
    EffectFactory,
    EventFactory,
    EventPolicyFactory,
    EventRelationFactory,
    GroupFactory,
    MembershipFactory,
    OwnershipFactory,
    PolicyFactory,
    ProductFactory,
    SourceFactory,
    country,
)
from tests.services.record import document_of

pytestmark = pytest.mark.django_db


class TestFollowUp:
    def effect_of(self, day: str, **options: Any) -> Event:
        event = EventFactory(date=dt.date.fromisoformat(day))
        EffectFactory(event=event, effective_date=dt.date.fromisoformat(day), **options)
        return event

    def direction(self, event: Event) -> str:
        reissue.run_outstanding()
        return document_of(event)["direction"]

    def test_an_earlier_effect_published_later_turns_the_direction(self, verified):
        product = ProductFactory()
        late = self.effect_of("2024-07-09", product=product, status="limited")
        publishing.publish(late, by=None)
        assert self.direction(late) == "restricts"
        early = self.effect_of("2024-01-01", product=product, status="blocked")
        publishing.publish(early, by=None)
        assert self.direction(late) == "relaxes"
        publishing.retract(Event.objects.get(pk=early.pk), by=None, reason="Wrong.")
        assert self.direction(late) == "restricts"
        assert verified() == []

    @pytest.mark.parametrize("code", ["CN", "AQ"])  # AQ is in no group
    def test_an_effect_on_the_world_turns_that_of_every_country(self, code, verified):
        product, world = ProductFactory(), GroupFactory(slug="world")
        GroupFactory(members=["CN"])
        late = self.effect_of("2024-07-09", product=product, status="limited", country=country(code))
        publishing.publish(late, by=None)
        publishing.publish(self.effect_of("2024-01-01", product=product, country=None, group=world), by=None)
        assert self.direction(late) == "relaxes"
        assert verified() == []

    def test_an_effect_on_a_group_reaches_a_member_that_joined_after_many_effects(self, verified):
        product, group = ProductFactory(), GroupFactory()
        MembershipFactory(group=group, country=country("CN"), since=dt.date(2023, 1, 1))
        for year in range(2018, 2023):
            publishing.publish(self.effect_of(f"{year}-06-01", product=product, status="available"), by=None)
        late = self.effect_of("2024-07-09", product=product, status="limited")
        publishing.publish(late, by=None)
        assert self.direction(late) == "restricts"
        publishing.publish(self.effect_of("2017-01-01", product=product, country=None, group=group), by=None)
        assert self.direction(late) == "relaxes"
        assert verified() == []

    @pytest.mark.parametrize("joins", [True, False])
    def test_a_membership_that_comes_or_goes_turns_the_direction(self, joins, verified):
        product, group = ProductFactory(), GroupFactory(members=["RU"])
        if not joins:
            MembershipFactory(group=group, country=country("CN"))
        publishing.publish(self.effect_of("2024-01-01", product=product, country=None, group=group), by=None)
        late = self.effect_of("2024-07-09", product=product, status="limited")
        publishing.publish(late, by=None)
        assert self.direction(late) == ("restricts" if joins else "relaxes")
        with publishing.recording():
            if joins:
                MembershipFactory(group=group, country=country("CN"))
            else:
                group.memberships.filter(country="CN").delete()
            publishing.correct(group, by=None, correction_class="substantive", note="Membership.")
        assert self.direction(late) == ("relaxes" if joins else "restricts")
        assert verified() == []

    @pytest.mark.parametrize("merged", [False, True])
    def test_a_report_dated_anew_turns_the_direction_of_what_comes_after(self, merged, verified):
        product = ProductFactory()
        for members, status in ((["CN", "RU"], "available"), (["CN", "IR"], "blocked")):
            group = GroupFactory(members=members)
            early = self.effect_of("2024-01-01", product=product, country=None, group=group, status=status)
            publishing.publish(early, by=None)
        late = self.effect_of("2024-07-09", product=product, status="limited")
        publishing.publish(late, by=None)
        assert self.direction(late) == "relaxes"
        source = early.citations.get().source
        earlier = dt.date(2023, 12, 1)
        if merged:
            into = SourceFactory(published=earlier)
            publishing.publish_record(into, by=None)
            publishing.merge(source, into=into, by=None, note="One page.")
        else:
            with publishing.recording():
                Source.objects.filter(pk=source.pk).update(published=earlier)
                source.refresh_from_db()
                publishing.correct(source, by=None, correction_class="substantive", note="Its date.")
        assert self.direction(late) == "restricts"
        assert verified() == []

    def test_an_ownership_that_ends_is_taken_from_both_companies(self, verified):
        owner, owned = CompanyFactory(), CompanyFactory()
        OwnershipFactory(owner=owner, owned=owned)
        publishing.publish_record(owner, by=None)
        with publishing.recording():
            owner.owns.all().delete()
            publishing.correct(owner, by=None, correction_class="substantive", note="Sold.")
        reissue.run_outstanding()
        assert [document_of(row)[side] for row, side in ((owner, "owns"), (owned, "owned_by"))] == [
            [],
            [],
        ]
        assert verified() == []

    def test_an_ownership_that_ends_on_one_side_of_two_turns_who_decided(self, verified):
        """Each has owned a part of the other, and only one part is sold."""
        provider, actor = CompanyFactory(), CompanyFactory()
        OwnershipFactory(owner=provider, owned=actor)
        OwnershipFactory(owner=actor, owned=provider)
        event = EventFactory(actor=actor)
        EffectFactory(event=event, product=ProductFactory(company=provider))
        publishing.publish(event, by=None)
        assert self.deciders(event) == ["provider"]
        with publishing.recording():
            provider.owns.all().delete()
            publishing.correct(provider, by=None, correction_class="substantive", note="Sold.")
        assert self.deciders(event) == ["other_company"]
        assert verified() == []

    def deciders(self, event: Event) -> list[str]:
        reissue.run_outstanding()
        [effect] = document_of(event)["access_effects"]
        return effect["by"]

    def test_stages_follow_publication_correction_and_retraction(self, verified):
        policy = PolicyFactory()
        publishing.publish_record(policy, by=None)
        event = EventFactory()
        EventPolicyFactory(event=event, policy=policy, relation="adopts")
        publishing.publish(event, by=None)
        event.refresh_from_db()
        assert self.stages(policy) == ["adopted"]
        with publishing.recording():
            event.policy_links.all().delete()
            publishing.correct(event, by=None, correction_class="substantive", note="Another rule was meant.")
        assert self.stages(policy) == []
        with publishing.recording():
            EventPolicyFactory(event=event, policy=policy, relation="brings_into_force")
            publishing.correct(event, by=None, correction_class="substantive", note="It was after all.")
        assert self.stages(policy) == ["in_force"]
        publishing.retract(event, by=None, reason="Wrong.")
        assert self.stages(policy) == []
        assert verified() == []

    def stages(self, policy: Any) -> list[str]:
        reissue.run_outstanding()
        return [stage["stage"] for stage in document_of(policy)["stages"]]

    def test_a_relation_shows_once_its_earlier_event_is_public(self, verified):
        earlier, later = EventFactory(slug="earlier"), EventFactory()
        EventRelationFactory(event=later, earlier=earlier)
        publishing.publish(later, by=None)
        assert document_of(later)["relations"] == []
        publishing.publish(earlier, by=None)
        reissue.run_outstanding()
        assert [link["event"] for link in document_of(later)["relations"]] == ["earlier"]
        assert verified() == []
