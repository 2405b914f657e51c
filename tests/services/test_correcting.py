"""What becomes of what is public: corrections, retractions and redactions."""

import json

import pytest

from events.choices import CompanyRole
from events.models import Change, Event, LogHead, PublicDocument, Reissue, TimelineEntry
from events.services import publishing
from events.services.publishing import PublishingError
from tests.factories import CompanyFactory, EventCompanyFactory, EventFactory, UserFactory, published_event
from tests.services.record import correct, document_of, log_lines

pytestmark = pytest.mark.django_db


class TestCorrect:
    def test_appends_the_new_document_with_class_and_note(self, publisher):
        event = published_event()
        change = correct(
            event, by=publisher, proposed_by=UserFactory(), correction_class="substantive", note=" Wrong. ", title="New"
        )
        event.refresh_from_db()
        assert (change.action, change.correction_class, change.note) == ("corrected", "substantive", "Wrong.")
        assert (document_of(event)["title"], event.updated_at) == ("New", change.at)
        assert event.published_at < event.updated_at

    def test_of_nothing_appends_nothing(self):
        event = published_event()
        before = (LogHead.objects.get().seq, event.updated_at)
        assert correct(event) is None
        event.refresh_from_db()
        assert (LogHead.objects.get().seq, event.updated_at) == before
        assert Reissue.objects.count() == 0

    @pytest.mark.parametrize("correction_class", ["", "big", "Clerical"])
    def test_needs_a_class(self, correction_class):
        with pytest.raises(PublishingError, match="clerical, clarification, substantive"):
            correct(published_event(), correction_class=correction_class, title="New")

    @pytest.mark.parametrize("note", ["", "  "])
    def test_needs_a_note(self, note):
        with pytest.raises(PublishingError, match="note"):
            correct(published_event(), note=note, title="New")

    @pytest.mark.parametrize("correction_class", ["clarification", "substantive"])
    def test_that_is_not_clerical_needs_a_second_person(self, publisher, correction_class):
        event = published_event()
        for proposed_by in (None, publisher):
            with pytest.raises(PublishingError, match="second person"):
                correct(event, by=publisher, proposed_by=proposed_by, correction_class=correction_class, title="New")
        assert Event.objects.get().title != "New"

    def test_that_is_clerical_does_not(self, publisher):
        assert not correct(published_event(), by=publisher, title="New").self_published

    def test_by_a_superuser_alone_says_so(self, superuser):
        change = correct(published_event(), by=superuser, correction_class="substantive", title="New")
        assert change.self_published

    def test_of_a_company_takes_one_publisher(self, publisher):
        company = published_event().companies.get()
        change = correct(company, by=publisher, correction_class="substantive", name="Renamed")
        assert (change.type, change.self_published, document_of(company)["name"]) == ("company", False, "Renamed")

    def test_publishes_what_it_newly_names(self):
        event = published_event()
        with publishing.recording():
            EventCompanyFactory(event=event, company__slug="new", role=CompanyRole.TARGET)
            publishing.correct(event, by=None, correction_class="clarification", note="Who was meant.")
        assert [(key, action) for _, key, action in log_lines()][-2:] == [
            ("new", "published"),
            (event.slug, "corrected"),
        ]

    def test_may_not_take_away_what_publication_needs(self):
        event = published_event()
        event.citations.all().delete()
        with pytest.raises(PublishingError, match="supports"):
            publishing.correct(event, by=None, correction_class="clerical", note="x")

    def test_is_for_public_records_only(self):
        retracted, merged, into = published_event(), published_event(), published_event()
        publishing.retract(retracted, by=None, reason="Wrong.")
        publishing.merge(merged, into=into, by=None, note="The same.")
        ghost, heir = CompanyFactory(), published_event().companies.get()
        publishing.publish_record(ghost, by=None)
        publishing.merge(ghost, into=heir, by=None, note="The same.")
        for row in (EventFactory(), CompanyFactory(), retracted, merged, ghost):
            row.refresh_from_db()
            with pytest.raises(PublishingError, match="not public"):
                correct(row)

    def test_may_not_rename_the_address(self):
        event = published_event(slug="a")
        with pytest.raises(PublishingError, match="not public"):
            correct(event, slug="b")
        assert Event.objects.get().slug == "a"

    def test_undoes_the_rows_where_it_is_refused(self):
        event = published_event(title="Old")
        with pytest.raises(PublishingError):
            correct(event, title="New", note="")
        assert Event.objects.get().title == "Old"


class TestRetract:
    def test_keeps_the_address_and_gives_the_reason(self, publisher, verified):
        event = published_event(slug="a")
        change = publishing.retract(event, by=publisher, reason=" It did not happen. ")
        document = document_of(event)
        assert (change.action, change.note) == ("retracted", "It did not happen.")
        assert (document["state"], document["retraction"]) == (
            "retracted", {"on": change.at.date().isoformat(), "reason": "It did not happen."},
        )  # fmt: skip
        assert (TimelineEntry.objects.count(), PublicDocument.objects.get(key="a").is_listed) == (0, False)
        assert verified() == []

    def test_needs_a_reason(self, publisher):
        with pytest.raises(PublishingError, match="reason"):
            publishing.retract(published_event(), by=publisher, reason=" ")

    def test_is_for_published_events_only(self):
        with pytest.raises(PublishingError, match="not published"):
            publishing.retract(EventFactory(), by=None, reason="x")

    def test_happens_once(self):
        event = published_event()
        publishing.retract(event, by=None, reason="x")
        with pytest.raises(PublishingError, match="not published"):
            publishing.retract(event, by=None, reason="y")


class TestRedact:
    @pytest.fixture
    def wrong(self):
        event = published_event(title="Somebody's address")
        first = Change.objects.get(type="event")
        correct(event, title="A title")
        return first

    def test_takes_the_document_and_says_so(self, superuser, wrong, verified):
        change = publishing.redact(wrong.seq, by=superuser, reason=" A court. ")
        wrong.refresh_from_db()
        assert (wrong.document, change.action, change.note) == (None, "redacted", "A court.")
        assert json.loads(change.document) == {"key": wrong.key, "redacts": wrong.seq}
        assert (change.type, change.key) == (wrong.type, wrong.key)
        assert verified() == []

    def test_leaves_the_newest_document_what_it_is(self, superuser, wrong):
        publishing.redact(wrong.seq, by=superuser, reason="x")
        assert document_of(Event.objects.get())["title"] == "A title"

    def test_is_refused_twice_of_nothing_and_of_what_stands(self, superuser, wrong):
        redaction = publishing.redact(wrong.seq, by=superuser, reason="x")
        current = PublicDocument.objects.get(type="event").change_id
        for seq, problem in [
            (wrong.seq, "already"),
            (redaction.seq, "itself a redaction"),
            (current, "correct the record first"),
            (999, "There is no change 999"),
        ]:
            with pytest.raises(PublishingError, match=problem):
                publishing.redact(seq, by=superuser, reason="x")

    def test_needs_a_reason(self, superuser, wrong):
        with pytest.raises(PublishingError, match="reason"):
            publishing.redact(wrong.seq, by=superuser, reason="")
