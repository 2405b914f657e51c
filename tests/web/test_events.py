import datetime as dt
from itertools import pairwise

import pytest
from django.urls import reverse
from django.utils import timezone

from events.choices import Certainty, EventKind, PolicyRelation, RelationKind, Stance, Tier
from events.models import LinkCheck
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
    country,
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
    response = client.get(event.get_absolute_url())
    [(link, [blocked, licensed])] = response.context["effects"]
    assert (link.name, blocked.label, licensed.label) == ("The API", "Blocked", "License required")
    assert (blocked.since, blocked.until, blocked.by) == ("July 9, 2024", "January 1, 2025", "the provider")
    assert (licensed.since, [place.name for place in licensed.places]) == ("July 2024", ["European Union"])
    content = " ".join(response.content.decode().split())
    assert f'<a href="/access/CN/{product.slug}/?on=2024-07-09">China</a>' in content
    assert f'<a href="/access/?product={product.slug}&amp;on=2024-07-01">European Union</a>' in content
    assert "<small>except Ireland</small>" in content
    assert "Except enterprises" in content


def test_an_effect_says_what_held_the_day_before(client):
    product = ProductFactory(company=CompanyFactory())
    for day, status in ((dt.date(2024, 3, 1), "limited"), (dt.date(2024, 7, 9), "blocked")):
        event = EventFactory(actor=product.company, date=day)
        EffectFactory(event=event, product=product, status=status, effective_date=day)
        EffectFactory(event=event, product=product, status=status, effective_date=day, country=country("IR"))
        publishing.publish(event, by=None)
    [(_, [effect])] = client.get(event.get_absolute_url()).context["effects"]
    assert (effect.before, effect.status) == ("limited", "blocked")
    assert [place.name for place in effect.places] == ["China", "Iran"]
    publishing.retract(event, by=None, reason="Wrong.")
    [(_, [effect])] = client.get(event.get_absolute_url()).context["effects"]
    assert effect.before == ""


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
    assert "<strong>2 sources, 2 independent origins</strong>" in content


def test_pages_that_no_longer_answer_or_have_changed_are_marked(client):
    fine, gone, kept, changed = (SourceFactory(title=title) for title in ("Fine", "Gone", "Kept", "Changed"))
    event = EventFactory(source=fine)
    for source in (gone, kept, changed):
        CitationFactory(event=event, source=source)
    publishing.publish(event, by=None)
    LinkCheck.objects.create(source=fine, found="dead", found_since=timezone.now())  # which nothing has confirmed
    for source, status in ((gone, "dead"), (kept, "dead"), (changed, "changed")):
        LinkCheck.objects.create(source=source, status=status, status_since=dt.date(2026, 1, 2))
    LinkCheck.objects.filter(source=kept).update(url=kept.url, archive_url="https://archive.example/web/1/x")
    citations = {
        each["source"]["title"]: each
        for side in client.get(event.get_absolute_url()).context["sides"]
        for each in side.citations
    }
    assert {title: each["link"] for title, each in citations.items()} == {
        "Fine": "", "Gone": "dead", "Kept": "dead", "Changed": "changed",
    }  # fmt: skip
    content = " ".join(content_of(client, event).split())
    dead = 'no longer answers since <time datetime="2026-01-02">January 2, 2026</time>'
    assert content.count(dead) == 2
    assert content.count(f"{dead}; no archived copy is known.") == 1
    assert 'noticed on <time datetime="2026-01-02">January 2, 2026</time>; no archived copy is known.' in content
    assert 'href="https://archive.example/web/1/x"' in content
    LinkCheck.objects.filter(source=kept).update(url="https://example.com/before")  # the source's was mended since
    assert content_of(client, event).count("no archived copy is known.") == 3
    assert ">No longer answers</span>" in content
    assert ">Changed since cited</span>" in content


def test_an_event_links_what_came_before_and_what_came_after(client):
    before = published_event(title="Announced", date=dt.date(2024, 6, 1), date_precision="month")
    event = EventFactory(title="Done")
    EventRelationFactory(event=event, earlier=before, relation=RelationKind.IMPLEMENTS)
    publishing.publish(event, by=None)
    draft = EventFactory(title="Not yet public", date=dt.date(2024, 8, 1))
    EventRelationFactory(event=draft, earlier=event)
    assert line(client, event) == [("Announced", ["Implemented by"]), ("Done", [])]
    assert line(client, before) == [("Announced", []), ("Done", ["Implements"])]
    assert ">June 2024</time>" in content_of(client, event)


def line(client, event):
    """The thread of an event: titles, and how each stands to the one next to it."""
    stops = client.get(event.get_absolute_url()).context["thread"].stops
    return [(stop.title, [" ".join(filter(None, (tie.words, tie.title))) for tie in stop.ties]) for stop in stops]


def chained(count):
    """Events of a day each, each of which implements the one before it."""
    made = [EventFactory(title=f"E{n:02}", date=dt.date(2024, 1, 1) + dt.timedelta(n)) for n in range(count)]
    for earlier, later in pairwise(made):
        EventRelationFactory(event=later, earlier=earlier)
    publishing.publish_many(made, by=None)
    return made


def test_a_short_thread_goes_on_beyond_what_is_directly_related(client):
    made = chained(6)
    assert line(client, made[1]) == [
        ("E00", ["Implemented by"]),
        ("E01", []),
        ("E02", ["Implements"]),
        ("E03", ["Implements E02"]),
        ("E04", ["Implements E03"]),
    ]


def test_a_thread_names_a_retracted_event_as_such(client):
    made = chained(3)
    publishing.retract(made[0], by=None, reason="Wrong.")
    stops = client.get(made[1].get_absolute_url()).context["thread"].stops
    assert [(stop.title, stop.mark) for stop in stops] == [("E00", "Retracted"), ("E01", ""), ("E02", "")]


def test_a_long_thread_says_that_it_goes_on(client, monkeypatch):
    monkeypatch.setattr("events.web.thread.MOST_DIRECT", 3)
    start = published_event(title="Start", date=dt.date(2024, 1, 1))
    for number in range(5):
        later = EventFactory(title=f"Later {number}", date=dt.date(2024, 2, 1 + number))
        EventRelationFactory(event=later, earlier=start)
        publishing.publish(later, by=None)
    thread = client.get(start.get_absolute_url()).context["thread"]
    assert [stop.title for stop in thread.stops] == ["Start", "Later 0", "Later 1", "Later 2"]
    assert thread.more


def test_relays_are_drawn_as_trees_from_each_origin(client):
    publishers = {name: PublisherFactory(name=name, slug=name.lower()) for name in ("Wire", "Paper", "Blog", "Other")}
    event = EventFactory(source=SourceFactory(publisher=publishers["Paper"], relays=publishers["Wire"]))
    for name, relays in (("Blog", "Paper"), ("Other", None)):
        source = SourceFactory(publisher=publishers[name], relays=publishers[relays] if relays else None)
        CitationFactory(event=event, source=source)
    publishing.publish(event, by=None)
    response = client.get(event.get_absolute_url())

    def drawn(nodes):
        return {node.name: (node.sources, drawn(node.repeated_by)) for node in nodes}

    assert drawn(response.context["trees"]) == {
        "Wire": ([], {"Paper": ([1], {"Blog": ([2], {})})}),
        "Other": ([3], {}),
    }
    assert "3 sources, 2 independent origins" in response.content.decode()
    assert "independent origin, not cited itself" in response.content.decode()


def test_sources_that_disagree_stand_side_by_side(client):
    event = published_event()
    assert not client.get(event.get_absolute_url()).context["is_contested"]
    for stance in (Stance.RESPONSE, Stance.DISPUTES):
        CitationFactory(event=event, stance=stance, speaker="A spokesperson", quote="It is not so.")
    publishing.correct(event, by=None, correction_class="substantive", note="It is denied.")
    response = client.get(event.get_absolute_url())
    assert [side.heading for side in response.context["sides"]] == [
        "What supports it", "What disputes it", "What the subject says",
    ]  # fmt: skip
    assert "1 source, 1 independent origin" in response.content.decode()
    assert [(each.label, each.note) for each in response.context["corrections"]] == [("Substantive", "It is denied.")]
    assert "Corrected on" in response.content.decode()


def test_an_event_is_shown_as_it_stood_at_a_revision(client):
    event = published_event(title="Old title")
    first = client.get(event.get_absolute_url()).context["change"].seq
    event.title = "New title"
    event.save()
    publishing.correct(event, by=None, correction_class="clerical", note="Mended.")
    pinned = client.get(event.get_absolute_url(), {"revision": first})
    assert "<h1>Old title</h1>" in pinned.content.decode()
    assert f"as it stood at revision {first}" in pinned.content.decode()
    assert pinned.context["corrections"] == []
    assert "<h1>New title</h1>" in content_of(client, event)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("1", "At revision 1 this event had no public document. This is the newest one."),
        ("0", "There is no revision “0”: the newest is "),
        ("x", "There is no revision “x”: the newest is "),
        ("9" * 30, "There is no revision “99999999999999999999”: the newest is "),
    ],
)
def test_a_revision_at_which_there_was_no_such_event_is_told_and_the_newest_shown(client, asked, says):
    publishing.publish_record(CompanyFactory(), by=None)
    event = published_event(title="It happens")
    response = client.get(event.get_absolute_url(), {"revision": asked})
    assert "<h1>It happens</h1>" in response.content.decode()
    assert response.context["problem"].startswith(says)


def test_an_event_is_cited_with_its_revision_and_hash(client):
    event = published_event(title="Cited")
    response = client.get(event.get_absolute_url())
    change = response.context["change"]
    address = f"http://testserver/events/{event.slug}/?revision={change.seq}"
    for form in response.context["forms"]:
        file = client.get(form.address)
        assert file.content.decode() == form.text
        assert file["Content-Disposition"] == f'attachment; filename="{event.slug}.{form.form.extension}"'
        assert all(each in form.text for each in (address, change.hash, "Cited (July 9, 2024)"))


def test_a_scheduled_event_says_that_it_has_not_happened(client, time_machine):
    time_machine.move_to("2024-07-08T12:00:00Z")
    event = published_event(source=SourceFactory(published=dt.date(2024, 6, 25)))
    assert "This has not happened yet: it is expected for July 9, 2024" in content_of(client, event)
    time_machine.move_to("2024-07-09T12:00:00Z")
    assert "This has not happened yet" not in content_of(client, event)


def test_a_retracted_event_keeps_its_page_with_the_reason_and_leaves_the_lists(client, titles):
    event = published_event(title="Wrong")
    publishing.retract(event, by=None, reason="It never happened.")
    content = content_of(client, event)
    assert "Retracted on" in content
    assert "It never happened." in content
    assert titles(client.get(reverse("timeline"))) == []


def test_a_retracted_event_is_expected_no_more(client):
    event = published_event(date=dt.date(2050, 1, 1))
    before = content_of(client, event)
    publishing.retract(event, by=None, reason="It will not happen.")
    after = content_of(client, event)
    assert ("This has not happened yet" in before, "mark-scheduled" in before) == (True, True)
    assert ("This has not happened yet" in after, "mark-scheduled" in after) == (False, False)


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
    with django_assert_max_num_queries(16):
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
    assert ("Sources", True, False) in said
    assert ("Sources", False, True) in said


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


def test_history_goes_on_where_a_page_ends(client, monkeypatch):
    monkeypatch.setattr("events.web.views.history.PAGE", 3)
    event = published_event()
    for n in range(5):
        event.title = f"Title {n}"
        event.save()
        publishing.correct(event, by=None, correction_class="clerical", note=f"Change {n}.")
    response = client.get(reverse("event-history", args=[event.slug]))
    assert len(response.context["revisions"]) == 3
    assert response.context["revisions"][-1]["differences"]
    rest = client.get(response.context["paged"].older)
    assert [r["action"] for r in rest.context["revisions"]] == ["Corrected"] * 2 + ["Published"]
    back = client.get(rest.context["paged"].newer)
    assert [r["change"].seq for r in back.context["revisions"]] == [
        r["change"].seq for r in response.context["revisions"]
    ]
    assert back.context["revisions"][-1]["differences"]
