import pytest
from django.urls import reverse

from events.models import Change
from events.services import publishing
from tests.factories import CompanyFactory, UserFactory, published_event

pytestmark = pytest.mark.django_db


def seqs(response):
    return [row["change"].seq for row in response.context["rows"]]


def corrected(event, number):
    event.summary = f"Summary {number}"
    event.save()
    publishing.correct(event, by=None, correction_class="clerical", note=f"Note {number}.")


def test_the_log_shows_its_head_and_every_change_newest_first(client):
    event = published_event(title="First of all")
    response = client.get(reverse("change-list"))
    newest = Change.objects.first()
    assert seqs(response) == list(range(newest.seq, 0, -1))
    content = response.content.decode()
    assert newest.hash in content
    assert f"Revision {newest.seq}" in content
    assert f'href="/events/{event.slug}/history/#revision-{newest.seq}"' in content


def test_the_log_can_be_narrowed_by_type_and_action(client):
    event = published_event()
    corrected(event, 1)
    narrowed = client.get(reverse("change-list"), {"type": "event", "action": "corrected"})
    assert [(row["change"].type, row["change"].action) for row in narrowed.context["rows"]] == [("event", "corrected")]
    assert narrowed.context["problems"] == []


def test_what_the_log_cannot_be_narrowed_by_is_told_and_left_out(client):
    published_event()
    response = client.get(reverse("change-list"), {"type": "nonsense", "action": "published", "utm_source": "x"})
    assert "There is no type “nonsense” in the log, so it narrows nothing." in response.content.decode()
    assert len(response.context["problems"]) == 1
    assert seqs(response) == seqs(client.get(reverse("change-list"), {"action": "published"})) != []


@pytest.mark.parametrize("name", ["change-list", "correction-list"])
def test_the_log_goes_on_in_both_directions(client, name, monkeypatch):
    monkeypatch.setattr("events.web.views.log.PAGE", 2)
    event = published_event()
    for number in range(5):
        corrected(event, number)
    response = client.get(reverse(name))
    pages = [seqs(response)]
    while response.context["paged"].older:
        response = client.get(response.context["paged"].older)
        pages.append(seqs(response))
    flat = [seq for page in pages for seq in page]
    assert flat == sorted(flat, reverse=True)
    assert len(flat) == (Change.objects.count() if name == "change-list" else 5)
    assert seqs(client.get(response.context["paged"].newer)) == pages[-2]


@pytest.mark.parametrize("query", ["before=x", "after=-1", "before=1&after=1", "before=99999999999999999999"])
def test_a_bad_cursor_of_the_log_shows_a_message(client, query):
    published_event()
    for name in ("change-list", "correction-list"):
        response = client.get(f"{reverse(name)}?{query}")
        assert response.status_code == 200
        assert seqs(response) == []
        assert 'role="alert"' in response.content.decode()


def test_corrections_show_what_was_corrected_retracted_merged_and_redacted_and_why(client):
    plain = published_event(title="Untouched")
    event = published_event(title="Corrected event")
    corrected(event, 1)
    retracted = published_event(title="Retracted event")
    publishing.retract(retracted, by=None, reason="It was satire.")
    one, other = CompanyFactory(name="Twin"), CompanyFactory(name="Original")
    for each in (one, other):
        publishing.publish_record(each, by=None)
    publishing.merge(one, into=other, by=None, note="One company.")
    first = Change.objects.get(type="event", key=event.slug, action="published")
    publishing.redact(first.seq, by=UserFactory(is_superuser=True), reason="Court order.")
    response = client.get(reverse("correction-list"))
    content = response.content.decode()
    assert [row["action"] for row in response.context["rows"]] == ["Redacted", "Merged", "Retracted", "Corrected"]
    for reason in ("Note 1.", "It was satire.", "One company.", "Court order."):
        assert reason in content
    assert f"Takes the document of revision {first.seq} out of the log." in content
    assert plain.title not in content


def test_without_corrections_the_page_says_so(client):
    published_event()
    assert "Nothing has been corrected so far." in client.get(reverse("correction-list")).content.decode()
