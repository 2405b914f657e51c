"""What the event's form tells while one types, attaches and saves at the same time as somebody else."""

import datetime as dt

import pytest
from django.urls import reverse

from events.admin import unsaved
from events.models import AccessEffect, Event, Source
from tests.admin import making
from tests.admin.making import change_url, errors, filled_in, send, signed_in

pytestmark = pytest.mark.django_db
ADD = "/admin/events/event/add/"


def look(client, address, look_at, **typed):
    """What is said of a form that is filled in so."""
    data = filled_in(client.get(address)) | typed
    response = client.post(look_at, data)
    assert response.status_code == 200
    return response.context


def test_checklist_follows_what_is_typed_and_saves_nothing():
    client, new = signed_in(making.user("Contributor")), reverse("admin:events_event_look_new")
    assert look(client, ADD, new)["lacks"] == [
        "It needs a title.",
        "It needs a date.",
        "It needs a kind.",
        "It needs at least one source that supports it.",
        "It needs somebody who acted: a company as actor, an agency, or an acting country.",
    ]
    typed = {
        "title": "A block",
        "date": "2024-07-09",
        "kind": "enforcement",
        "company_links-0-company": making.company().pk,
        "company_links-0-role": "actor",
        "citations-0-url": "https://example.com/not-known-yet",
    }
    assert look(client, ADD, new, **typed)["lacks"] == []
    assert Event.objects.count() == 0


def test_duplicates_are_named_with_what_is_alike():
    openai = making.company("OpenAI")
    making.published(title="OpenAI blocks its API in China", actor=openai, date=dt.date(2024, 7, 9))
    making.event(title="A draft of OpenAI's block", actor=openai, date=dt.date(2024, 7, 11))
    making.published(title="OpenAI blocks its API in China", date=dt.date(2023, 7, 9))
    making.published(title="Something else entirely", date=dt.date(2024, 7, 9))
    typed = {
        "title": "OpenAI blocks API traffic in China",
        "date": "2024-07-10",
        "company_links-0-company": openai.pk,
        "company_links-0-role": "actor",
    }
    client = signed_in(making.user("Contributor"))
    found = look(client, ADD, reverse("admin:events_event_look_new"), **typed)["duplicates"]
    assert [(each.event.title, each.reasons) for each in found] == [
        ("OpenAI blocks its API in China", ("the same actor", "1 day apart", "a similar title")),
        ("A draft of OpenAI's block", ("the same actor", "1 day apart")),
    ]


def test_effects_are_told_as_answers_that_turn():
    azure = making.product(name="Azure OpenAI Service")
    known = making.event()
    known.product_links.create(product=azure)
    AccessEffect.objects.create(
        event=known, product=azure, country_id="CN", status="available", effective_date=dt.date(2024, 1, 1)
    )
    making.review.submit(known, by=making.user())
    making.publishing.publish(known, by=making.user("Publisher"))
    draft, client = making.event(), signed_in(making.user("Contributor"))
    typed = making.row("effects", draft, product=azure.pk, country="CN", status="limited", effective_date="2024-10-21")
    seen = look(client, change_url(draft), reverse("admin:events_event_look", args=[draft.pk]), **typed)
    assert [str(turn) for turn in seen["turns"]] == [
        "Azure OpenAI Service in China: available → limited from October 21, 2024"
    ]
    assert seen["lacks"] == []
    assert not draft.product_links.exists()
    send(client, change_url(draft), **typed)
    assert draft.product_links.get().product == azure  # what it has an effect on is among its products
    preview = client.get(reverse("event-preview", args=[draft.pk]))
    assert "available → limited from October 21, 2024" in preview.content.decode()
    assert preview["Cache-Control"] == "private, no-store"


def test_preview_is_for_editors():
    draft, nobody = making.event(), signed_in(making.User.objects.create_user("reader"))
    address = reverse("event-preview", args=[draft.pk])
    assert nobody.get(address).status_code == 403
    assert making.Client().get(address).status_code == 302
    early = making.event(date=None)
    shown = signed_in(making.user("Contributor")).get(reverse("event-preview", args=[early.pk]))
    assert "once it has a date" in shown.content.decode()


def test_source_is_found_by_its_address_or_made_with_the_citation():
    known = making.source("https://www.example.com/rule")
    cites = making.event(title="Cites it", cited=known)
    draft, client = making.event(), signed_in(making.user("Contributor"))
    said = client.get(reverse("admin:events_event_source"), {"citations-1-url": "example.com/rule/?utm_source=x"})
    assert (said.context["source"], said.context["events"]) == (known, [cites])
    unknown = client.get(reverse("admin:events_event_source"), {"citations-1-url": "https://example.com/new"})
    assert "not known yet" in unknown.content.decode()
    new = {"event": draft.pk, "stance": "supports", "about": "event", "position": "0"}
    rows = {
        "citations-TOTAL_FORMS": "3",
        **{f"citations-1-{name}": value for name, value in (new | {"url": "http://example.com/rule#top"}).items()},
        **{f"citations-2-{name}": value for name, value in (new | {"url": "https://example.com/new"}).items()},
    }
    refused = send(client, change_url(draft), **rows)
    assert errors(refused) == [
        "This page is not known yet: give its title, its publisher and its tier, and it is made."
    ]
    made = {
        "new_title": "New",
        "new_publisher": known.publisher_id,
        "new_tier": "primary",
        "new_published": "2024-07-09",
    }
    rows |= {f"citations-2-{name}": value for name, value in made.items()}
    saved = send(client, change_url(draft), **rows)
    assert saved.status_code == 302, errors(saved)
    cited = [citation.source for citation in draft.citations.order_by("pk")[1:]]
    assert cited[0] == known
    assert (cited[1].title, cited[1].url, cited[1].published) == ("New", "https://example.com/new", dt.date(2024, 7, 9))
    assert Source.objects.filter(url="https://example.com/new").count() == 1


def test_second_of_two_who_save_sees_both_versions_and_loses_nothing():
    draft, client, other = making.event(), signed_in(making.user("Editor")), making.user("Editor")
    typed = filled_in(client.get(change_url(draft))) | {"title": "My title", "summary": "My summary."}
    send(signed_in(other), change_url(draft), title="Their title")
    shown = client.post(change_url(draft), typed | {"_save": "1"})
    assert "Nothing of yours is lost" in errors(shown)[0]
    assert shown.context["saved_by"] == other
    assert [(each.field, each.before, each.after) for each in shown.context["both"]] == [
        ("Title", "Their title", "My title")
    ]
    assert [(each.field, bool(each.parts), each.after) for each in shown.context["conflict"]] == [
        ("Title", True, ""),
        ("Summary", False, "My summary."),
    ]
    assert shown.context["adminform"].form["title"].value() == "My title"
    assert Event.objects.get(pk=draft.pk).title == "Their title"
    again = client.post(change_url(draft), filled_in(shown) | {"_save": "1"})
    assert again.status_code == 302
    assert Event.objects.get(pk=draft.pk).title == "My title"
    assert "Their title" in str([step.document for step in draft.steps.all()])


def test_next_in_queue_goes_round():
    reviewer = making.user("Publisher")
    events = [making.in_review(date=dt.date(2024, 7, day)) for day in (3, 2, 1)]
    client, on = signed_in(reviewer), reverse("admin:events_event_next")
    for at, event in enumerate(events):
        going = client.get(on, {"queue": "review", "after": event.pk})
        assert going.url.startswith(change_url(events[(at + 1) % 3]))
    assert client.get(on, {"queue": "drafts", "after": events[0].pk}).url == reverse("admin:index")


def test_effects_that_are_not_saved_are_each_compared_with_what_held_before():
    product, known = making.product(), making.event()
    known.product_links.create(product=product)
    for country, status in (("CN", "blocked"), ("FR", "available")):
        known.effects.create(product=product, country_id=country, status=status, effective_date=dt.date(2024, 1, 1))
    making.review.submit(known, by=making.user())
    making.publishing.publish(known, by=making.user("Publisher"))
    draft = Event(title="Opens", kind="restoration", date=dt.date(2024, 7, 9))
    effects = [
        AccessEffect(
            event=draft, number=number, product=product, country_id=country, status="available",
            effective_date=dt.date(2024, 7, 9),
        )
        for number, country in ((1, "CN"), (2, "FR"))
    ]  # fmt: skip
    draft._prefetched_objects_cache = {name: [] for name in unsaved.NEEDED} | {"effects": effects}
    assert unsaved.document_of(draft)["direction"] == "relaxes"


def test_settling_the_last_critical_comment_brings_the_button_to_publish():
    author, publisher = making.user("Editor"), making.user("Publisher")
    event = making.in_review(by=author)
    comment = making.review.comment(event, by=author, field="date", weight="critical", text="Sure?")
    client = signed_in(publisher)
    assert 'value="Publish"' not in client.get(change_url(event)).content.decode()
    settle = reverse("admin:events_event_settle", args=[event.pk])
    response = client.post(settle, {"comment": comment.pk}, headers={"HX-Request": "true"})
    fragment = response.content.decode()
    assert '<span id="record-buttons" hx-swap-oob="true">' in fragment
    assert 'value="Publish" name="_publish" form="event_form"' in fragment
    assert "open critical comment" not in fragment
    assert response["HX-Trigger"] == "desk:changed"
