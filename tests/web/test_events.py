import datetime as dt

import pytest
from django.urls import reverse

from events.choices import Certainty, EventKind, PolicyRelation, RelationKind, Stance, Tier
from events.services import publishing, reissue
from tests.factories import (
    BareEventFactory,
    CitationFactory,
    CompanyFactory,
    EffectFactory,
    EventAgencyFactory,
    EventFactory,
    EventGroupFactory,
    EventPolicyFactory,
    EventProductFactory,
    EventRelationFactory,
    GroupFactory,
    PolicyFactory,
    ProductFactory,
    PublisherFactory,
    SourceFactory,
    UserFactory,
    published_event,
)

pytestmark = pytest.mark.django_db


def content_of(client, event):
    return " ".join(client.get(event.get_absolute_url()).content.decode().split())


@pytest.mark.parametrize("name", ["event-detail", "event-history"])
def test_a_draft_is_not_found(client, name):
    for event in (BareEventFactory(), EventFactory()):
        assert client.get(reverse(name, args=[event.slug])).status_code == 404


def test_what_is_not_there_is_not_found_on_a_page_of_the_site(client):
    response = client.get("/events/nothing/")
    assert response.status_code == 404
    assert "Nothing is here" in response.content.decode()


def test_an_event_shows_who_under_what_and_its_texts(client):
    event = EventFactory(
        title="A rule", summary="In short.", body="More *about* it.\n\n<script>x</script>",
        actor=CompanyFactory(name="Acme"), kind=EventKind.RESTRICTION, certainty=Certainty.REPORTED,
    )  # fmt: skip
    EventAgencyFactory(event=event, agency__name="The Agency")
    EventPolicyFactory(
        event=event, policy=PolicyFactory(title="The Rule"), relation=PolicyRelation.SUSPENDS, partial=True
    )
    EventGroupFactory(event=event, group=GroupFactory(name="The Group"))
    publishing.publish(event, by=None)
    content = content_of(client, event)
    assert "<h1>A rule</h1>" in content
    assert "In short." in content
    assert "More <em>about</em> it." in content
    assert "<script>x" not in content
    assert ">Acme</a> <small>acted</small>" in content
    assert ">The Agency</a> <small>acted</small>" in content
    assert "<small>Suspends in part</small>" in content
    assert ">The Group</a> <small>affected</small>" in content
    assert '<span class="mark mark-reported">Reported</span>' in content
    assert "Restricts" in content


def test_an_event_shows_its_effects_with_place_status_time_and_who_decided(client):
    company = CompanyFactory()
    product = ProductFactory(name="The API", company=company)
    event = EventFactory(actor=company)
    EventProductFactory(event=event, product=product)
    EffectFactory(event=event, product=product, until=dt.date(2025, 1, 1), note="Except enterprises")
    group = GroupFactory(name="European Union", members=["FR", "IE"])
    EffectFactory(event=event, product=product, country=None, group=group, exceptions=["IE"], status="license_required",
                  effective_date=dt.date(2024, 7, 1), date_precision="month")  # fmt: skip
    publishing.publish(event, by=None)
    content = content_of(client, event)
    assert ">Blocked</span>" in content
    assert "July 9, 2024</time> until <time" in content
    assert "January 1, 2025</time>" in content
    assert "The provider" in content
    assert "Except enterprises" in content
    assert "European Union</a> <small>except Ireland</small>" in content
    assert ">License required</span>" in content
    assert ">July 2024</time>" in content


def test_evidence_shows_tier_date_chain_quote_stance_and_what_it_is_about(client):
    information, alpha = PublisherFactory(name="The Information"), PublisherFactory(name="Seeking Alpha")
    event = EventFactory()
    product = ProductFactory()
    EventProductFactory(event=event, product=product)
    effect = EffectFactory(event=event, product=product)
    relaying = SourceFactory(
        publisher=alpha, relays=information, title="Alpha’s report", tier=Tier.TERTIARY, paywalled=True,
        archive_url="https://archive.example/1", published=dt.date(2024, 7, 8), url="https://alpha.example/x",
    )  # fmt: skip
    CitationFactory(event=event, source=relaying, quote="It stays open.", speaker="A spokesperson", locator="p. 3",
                    about="effect", effect=effect)  # fmt: skip
    third = SourceFactory(publisher__name="PYMNTS", relays=alpha, published=None)
    CitationFactory(event=event, source=third, stance=Stance.RESPONSE)
    publishing.publish(event, by=None)
    content = content_of(client, event)
    assert "<b>Seeking Alpha</b>, <time" in content
    assert "July 8, 2024" in content
    assert '<a href="https://alpha.example/x" rel="noopener nofollow external">Alpha’s report</a>' in content
    assert "Reports what The Information reported</p>" in content
    assert "Reports what Seeking Alpha reported , which reports what The Information reported" in content.replace(
        "reported,", "reported ,"
    )
    assert 'href="https://archive.example/1"' in content
    assert "Tertiary" in content
    assert "Paywall" in content
    assert "“It stays open.”" in content
    assert "A spokesperson" in content
    assert "p. 3" in content
    assert 'href="#effect-1">About effect 1</a>' in content
    assert "Response of the subject" in content
    assert "undated" in content
    assert "<strong>2 independent origins</strong>" in content


def test_an_event_links_what_came_before_and_what_came_after(client):
    before = published_event(title="Announced", date=dt.date(2024, 6, 1), date_precision="month")
    event = EventFactory(title="Done")
    EventRelationFactory(event=event, earlier=before, relation=RelationKind.IMPLEMENTS)
    publishing.publish(event, by=None)
    draft = EventFactory(title="Not yet public", date=dt.date(2024, 8, 1))
    EventRelationFactory(event=draft, earlier=event)
    content = content_of(client, event)
    assert (
        f'Implements</span> <a href="/events/{before.slug}/">Announced</a> <time datetime="2024-06-01">June 2024<'
        in content
    )
    assert "Not yet public" not in content
    assert f'Implemented by</span> <a href="/events/{event.slug}/">Done</a>' in content_of(client, before)


def test_a_retracted_event_keeps_its_page_with_the_reason_and_leaves_the_lists(client, titles):
    event = published_event(title="Wrong")
    publishing.retract(event, by=None, reason="It never happened.")
    content = content_of(client, event)
    assert "Retracted on" in content
    assert "It never happened." in content
    assert titles(client.get(reverse("timeline"))) == []


def test_a_merged_event_leads_to_the_one_it_became_and_keeps_its_history(client):
    event, other = published_event(title="Twice"), published_event()
    publishing.merge(event, into=other, by=None, note="The same.")
    response = client.get(event.get_absolute_url())
    assert (response.status_code, response["Location"]) == (301, other.get_absolute_url())
    history = client.get(reverse("event-history", args=[event.slug])).content.decode()
    assert "The same." in history
    assert "Merged" in history


def test_an_event_names_its_revision_and_hash_and_links_history_and_document(client):
    event = published_event()
    response = client.get(event.get_absolute_url())
    content = response.content.decode()
    change = response.context["change"]
    assert f"Revision {change.seq}" in content
    assert change.document_hash in content
    assert f'href="/events/{event.slug}/history/"' in content
    assert f'href="/api/v1/events/{event.slug}/"' in content


def test_an_event_takes_the_same_queries_however_much_it_says(client, django_assert_max_num_queries):
    event = EventFactory()
    for _ in range(5):
        product = ProductFactory()
        EventProductFactory(event=event, product=product)
        EffectFactory(event=event, product=product, country=None, group=GroupFactory())
        CitationFactory(event=event)
        EventRelationFactory(event=event, earlier=published_event(date=dt.date(2024, 1, 1)))
    publishing.publish(event, by=None)
    with django_assert_max_num_queries(5):
        client.get(event.get_absolute_url())


# ------------------------------------------------------------------------------------------------------------- history


def revisions(client, event):
    return client.get(reverse("event-history", args=[event.slug])).context["revisions"]


def test_history_shows_each_revision_and_what_it_changed(client):
    event = published_event(title="OpenAI blocks China")
    event.title = "OpenAI blocks mainland China"
    event.save()
    publishing.correct(event, by=None, correction_class="clarification", note="Hong Kong is apart.")
    newest, first = revisions(client, event)
    assert (newest["action"], newest["class"], first["action"]) == ("Corrected", "Clarification", "Published")
    [difference] = newest["differences"]
    assert difference.field == "Title"
    content = client.get(reverse("event-history", args=[event.slug])).content.decode()
    assert "OpenAI blocks <ins>mainland </ins>China" in content
    assert "Hong Kong is apart." in content
    assert "no second person" in content


def test_history_shows_what_came_into_a_list_and_went_out_of_it(client):
    event = published_event()
    event.citations.all().delete()
    CitationFactory(event=event, source__title="A better source", source__publisher__name="The Post")
    publishing.correct(event, by=None, correction_class="substantive", note="Another source.")
    newest, _ = revisions(client, event)
    said = [(d.field, bool(d.before), "A better source" in d.after) for d in newest["differences"]]
    assert ("Citations", True, False) in said
    assert ("Citations", False, True) in said


def test_history_folds_reissues(client):
    company = CompanyFactory(name="Old Name")
    event = published_event(actor=company)
    company.name = "New Name"
    company.save()
    publishing.correct(company, by=None, correction_class="clerical", note="Renamed.")
    reissue.run_outstanding()
    newest, _ = revisions(client, event)
    assert newest["is_reissue"]
    content = client.get(reverse("event-history", args=[event.slug])).content.decode()
    assert "<details><summary>Brought up to date" in content


def test_history_says_what_was_redacted_and_compares_nothing_with_it(client):
    event = published_event(title="Names somebody")
    seq = revisions(client, event)[0]["change"].seq
    event.title = "Names nobody"
    event.save()
    publishing.correct(event, by=None, correction_class="substantive", note="A name taken out.")
    publishing.redact(seq, by=UserFactory(is_superuser=True), reason="Court order.")
    response = client.get(reverse("event-history", args=[event.slug]))
    content = response.content.decode()
    assert [r["action"] for r in response.context["revisions"]] == ["Redacted", "Corrected", "Published"]
    assert "Names somebody" not in content
    assert "The document of this revision was redacted." in content
    assert f"Takes the document of revision {seq} out of the log." in content
    assert "Court order." in content


def test_history_goes_on_where_a_page_ends(client):
    event = published_event()
    for n in range(60):
        event.title = f"Title {n}"
        event.save()
        publishing.correct(event, by=None, correction_class="clerical", note=f"Change {n}.")
    response = client.get(reverse("event-history", args=[event.slug]))
    assert len(response.context["revisions"]) == 50
    assert response.context["revisions"][-1]["differences"]
    rest = client.get(response.context["paged"].older)
    assert [r["action"] for r in rest.context["revisions"]] == ["Corrected"] * 10 + ["Published"]
    back = client.get(rest.context["paged"].newer)
    assert [r["change"].seq for r in back.context["revisions"]] == [
        r["change"].seq for r in response.context["revisions"]
    ]
    assert back.context["revisions"][-1]["differences"]
