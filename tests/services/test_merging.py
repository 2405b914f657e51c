"""Two records that are one: what leads on, and what moves."""

import datetime as dt

import pytest

from events.choices import CompanyRole
from events.models import CompanyAlias, EventCompany, EventRelation, Ownership, ProductAlias
from events.services import publishing, reissue
from events.services.publishing import PublishingError
from tests.factories import (
    CompanyFactory,
    EventCompanyFactory,
    EventFactory,
    EventPolicyFactory,
    EventRelationFactory,
    OwnershipFactory,
    PolicyFactory,
    ProductFactory,
    PublisherFactory,
    SourceFactory,
    published_event,
)
from tests.services.record import document_of

pytestmark = pytest.mark.django_db


class TestMerge:
    def test_leaves_a_document_that_leads_on(self, verified):
        row, into = published_event(slug="a"), published_event(slug="b")
        change = publishing.merge(row, into=into, by=None, note="The same.")
        assert (change.action, change.note) == ("merged", "The same.")
        assert document_of(row) == {"slug": "a", "state": "merged", "merged_into": "b"}
        assert verified() == []

    def test_moves_links_to_the_other_record(self, verified):
        ghost, heir = CompanyFactory(slug="ghost", name="Ghost"), CompanyFactory(slug="heir")
        event, both = published_event(actor=ghost), EventFactory(actor=heir)
        EventCompanyFactory(event=both, company=ghost, role=CompanyRole.TARGET)
        publishing.publish(both, by=None)
        product, child = ProductFactory(company=ghost), CompanyFactory()
        OwnershipFactory(owner=ghost, owned=child)
        CompanyAlias.objects.create(of=ghost, name="Spook")
        publishing.merge(ghost, into=heir, by=None, note="The same.")
        reissue.run_outstanding()
        assert [link["slug"] for link in document_of(event)["companies"]] == ["heir"]
        assert [(link.company, link.role) for link in EventCompany.objects.filter(event=both)] == [(heir, "actor")]
        product.refresh_from_db()
        assert (product.company, Ownership.objects.get().owner) == (heir, heir)
        assert document_of(heir)["aliases"] == ["Spook", "Ghost"]
        assert verified() == []

    def test_of_an_owner_and_its_own_company_leaves_no_circle(self, verified):
        owner, owned = CompanyFactory(), CompanyFactory()
        event = published_event(actor=owned)
        OwnershipFactory(owner=owner, owned=owned)
        product = ProductFactory(company=owner, models_from=owned)
        publishing.publish_record(product, by=None)
        publishing.merge(owned, into=owner, by=None, note="The same.")
        reissue.run_outstanding()
        product.refresh_from_db()
        assert (Ownership.objects.count(), product.models_from) == (0, None)
        assert [link["slug"] for link in document_of(event)["companies"]] == [owner.slug]
        assert verified() == []

    def test_of_two_owners_of_one_company_keeps_one_ownership(self):
        one, two, owned = CompanyFactory(), CompanyFactory(), CompanyFactory()
        for owner in (one, two):
            publishing.publish_record(owner, by=None)
            OwnershipFactory(owner=owner, owned=owned, since=dt.date(2020, 1, 1))
        publishing.merge(one, into=two, by=None, note="The same.")
        assert [ownership.owner for ownership in Ownership.objects.all()] == [two]

    def test_of_publishers_that_relay_each_other_leaves_none_that_relays_itself(self, verified):
        one, two = PublisherFactory(), PublisherFactory()
        source = SourceFactory(publisher=one, relays=two)
        published_event(source=source)
        publishing.merge(two, into=one, by=None, note="The same.")
        reissue.run_outstanding()
        source.refresh_from_db()
        assert (source.publisher, source.relays) == (one, None)
        assert verified() == []

    def test_of_two_events_that_relate_leaves_no_relation_to_itself(self, verified):
        earlier, later = published_event(), EventFactory()
        EventRelationFactory(event=later, earlier=earlier)
        publishing.publish(later, by=None)
        third = EventFactory()
        EventRelationFactory(event=third, earlier=earlier)
        publishing.publish(third, by=None)
        publishing.merge(earlier, into=later, by=None, note="The same.")
        reissue.run_outstanding()
        assert [(link.event, link.earlier) for link in EventRelation.objects.all()] == [(third, later)]
        assert document_of(third)["relations"][0]["event"] == later.slug
        assert verified() == []

    def test_of_products_with_one_alias_keeps_it_once(self, verified):
        one, two = ProductFactory(name="One"), ProductFactory()
        for product in (one, two):
            ProductAlias.objects.create(of=product, name="Copilot")
            publishing.publish_record(product, by=None)
        publishing.merge(one, into=two, by=None, note="The same.")
        assert document_of(two)["aliases"] == ["Copilot", "One"]

    def test_of_a_record_with_a_very_long_name(self):
        one, two = PolicyFactory(title="x" * 300), PolicyFactory()
        for policy in (one, two):
            publishing.publish_record(policy, by=None)
        publishing.merge(one, into=two, by=None, note="The same.")
        assert document_of(two)["aliases"] == ["x" * 200]

    def test_leads_on_from_what_was_merged_before(self, verified):
        one, two, three = (published_event() for _ in range(3))
        publishing.merge(one, into=two, by=None, note="The same.")
        publishing.merge(two, into=three, by=None, note="The same.")
        assert document_of(one)["merged_into"] == document_of(two)["merged_into"] == three.slug
        assert verified() == []

    def test_takes_a_policys_stages_along(self):
        one, two = PolicyFactory(), PolicyFactory()
        publishing.publish_record(two, by=None)
        event = EventFactory()
        EventPolicyFactory(event=event, policy=one, relation="adopts")
        publishing.publish(event, by=None)
        publishing.merge(one, into=two, by=None, note="The same.")
        assert [stage["stage"] for stage in document_of(two)["stages"]] == ["adopted"]

    def test_is_refused_for_itself_and_for_what_is_not_public(self):
        event, draft, company = published_event(), EventFactory(), CompanyFactory()
        for row, into, problem in [
            (event, event, "itself"),
            (event, draft, "not public"),
            (draft, event, "not public"),
            (company, event.companies.get(), "not public"),
        ]:
            with pytest.raises(PublishingError, match=problem):
                publishing.merge(row, into=into, by=None, note="The same.")
