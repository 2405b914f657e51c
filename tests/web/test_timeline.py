import datetime as dt
import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from events.choices import Certainty, CompanyRole, EventKind, PlaceRole
from events.services import publishing
from events.web import rows
from events.web.views import timeline
from tests.factories import (
    BareEventFactory,
    CompanyFactory,
    EffectFactory,
    EventCompanyFactory,
    EventCountryFactory,
    EventFactory,
    EventGroupFactory,
    EventProductFactory,
    EventRelationFactory,
    GroupFactory,
    ProductFactory,
    country,
    published_event,
)

pytestmark = pytest.mark.django_db
JULY = dt.date(2024, 7, 9)


def days(number, **options):
    """Events on so many days, the first the oldest, published in one batch."""
    company = CompanyFactory()
    made = [
        EventFactory(title=f"Event {n}", date=JULY + dt.timedelta(days=n), actor=company, **options)
        for n in range(number)
    ]
    publishing.publish_many(made, by=None)
    return made


def test_timeline_lists_published_events_newest_first_under_year_and_month(client, titles):
    published_event(title="Older", date=dt.date(2023, 5, 1))
    published_event(title="Newer", date=JULY)
    response = client.get(reverse("timeline"))
    assert titles(response) == ["Newer", "Older"]
    groups = response.context["listing"].groups
    assert [(group.year, group.month) for group in groups] == [(2024, "July 2024"), (2023, "May 2023")]


def test_timeline_leaves_drafts_out(client, titles):
    published_event(title="Shown")
    BareEventFactory(title="Draft")
    EventFactory(title="In review")
    response = client.get(reverse("timeline"))
    assert titles(response) == ["Shown"]


def test_timeline_of_an_empty_record_says_so(client):
    response = client.get(reverse("timeline"))
    assert response.status_code == 200
    assert "No events have been recorded yet." in response.content.decode()


def test_a_date_is_never_more_exact_than_known(client):
    published_event(date=dt.date(2024, 1, 1), date_precision="year")
    published_event(date=dt.date(2024, 7, 1), date_precision="quarter")
    response = client.get(reverse("timeline"))
    assert [group.month for group in response.context["listing"].groups] == ["Q3 2024", "Some time in 2024"]
    assert "July 1" not in response.content.decode()


def test_a_row_says_who_where_and_what_it_did_to_access(client):
    company = CompanyFactory(name="OpenAI")
    product = ProductFactory(name="OpenAI API", company=company)
    earlier = published_event(title="OpenAI announces a block", date=dt.date(2024, 6, 25))
    event = EventFactory(title="The block takes effect", date=JULY, kind=EventKind.ENFORCEMENT, actor=company)
    EventCountryFactory(event=event)
    EventProductFactory(event=event, product=product)
    EventRelationFactory(event=event, earlier=earlier)
    for code in ("CN", "US"):
        EffectFactory(event=event, product=product, country=country(code))
    publishing.publish(event, by=None)
    [first, _] = [row for g in client.get(reverse("timeline")).context["listing"].groups for row in g.rows]
    text = " ".join(first.split())
    assert "<b>OpenAI API</b>: blocked in China and the United States from July 9, 2024" in text
    assert '<span>By <a href="/companies/' in text
    flag = r'<img class="flag" src="[^"]+/cn[^"]*\.svg" alt="" [^>]+>'
    assert re.search(rf'<span>Affects <a href="/countries/CN/">{flag}China</a></span>', text)
    assert f'Implements <a href="/events/{earlier.slug}/">OpenAI announces a block</a>' in text
    assert "1 independent origin" in text


def test_an_effect_on_a_group_that_the_event_does_not_name_has_the_groups_name(client):
    group = GroupFactory(name="European Union", members=["IE", "FR"])
    event = EventFactory()
    product = ProductFactory(name="Sora")
    EventProductFactory(event=event, product=product)
    EffectFactory(event=event, product=product, country=None, group=group, exceptions=["IE"])
    publishing.publish(event, by=None)
    content = client.get(reverse("timeline")).content.decode()
    assert "<b>Sora</b>: blocked in the European Union except Ireland from" in content


def test_certainty_shows_where_an_event_is_not_confirmed(client):
    published_event(certainty=Certainty.CONFIRMED)
    assert "mark-confirmed" not in client.get(reverse("timeline")).content.decode()
    published_event(certainty=Certainty.DISPUTED)
    assert "mark-disputed" in client.get(reverse("timeline")).content.decode()


def test_markup_in_a_title_is_shown_as_typed(client):
    event = published_event(title='<script>alert(1)</script> "x"', summary="</p><img src=x onerror=1>")
    for address in (reverse("timeline"), event.get_absolute_url(), reverse("change-list")):
        content = client.get(address).content.decode()
        assert "<script>alert" not in content
        assert "<img" not in content
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in content


# ------------------------------------------------------------------------------------------------------------ upcoming


def test_scheduled_events_stand_in_their_own_block_nearest_first(client, titles, time_machine):
    time_machine.move_to("2024-07-09T12:00:00Z")
    published_event(title="Today", date=JULY)
    published_event(title="Later", date=dt.date(2025, 1, 1))
    published_event(title="Tomorrow", date=JULY + dt.timedelta(days=1))
    response = client.get(reverse("timeline"))
    assert [event["title"] for event in response.context["upcoming"].rows] == ["Tomorrow", "Later"]
    assert titles(response) == ["Today"]


def test_scheduled_events_are_marked_in_a_filtered_list(client, titles, time_machine):
    time_machine.move_to("2024-07-01T12:00:00Z")
    event = published_event(title="To come", date=JULY, kind=EventKind.ENFORCEMENT)
    response = client.get(reverse("timeline"), {"kind": "enforcement"})
    assert titles(response) == ["To come"]
    assert response.context["upcoming"] is None
    assert "mark-scheduled" in response.content.decode()
    time_machine.move_to("2024-07-09T00:00:00Z")
    assert "mark-scheduled" not in client.get(reverse("timeline"), {"kind": "enforcement"}).content.decode()
    assert "mark-scheduled" not in client.get(event.get_absolute_url()).content.decode()


# ------------------------------------------------------------------------------------------------------------- filters


def test_filters_narrow_the_list(client, titles):
    openai = CompanyFactory(slug="openai", name="OpenAI")
    wanted = EventFactory(title="Wanted", kind=EventKind.RESTRICTION, actor=openai, date=JULY)
    EventCountryFactory(event=wanted)
    publishing.publish(wanted, by=None)
    published_event(title="Other company", kind=EventKind.RESTRICTION, date=JULY)
    published_event(title="Other kind", actor=openai, date=JULY)
    published_event(title="Other day", kind=EventKind.RESTRICTION, actor=openai, date=dt.date(2020, 1, 1))
    asked = {"company": "openai", "kind": "restriction", "from": "2024-07-01", "to": "2024-07-31", "country": "CN"}
    assert titles(client.get(reverse("timeline"), asked)) == ["Wanted"]


def test_words_are_searched(client, titles):
    published_event(title="Restricting chips in Macao")
    published_event(title="Something else")
    assert titles(client.get(reverse("timeline"), {"q": "chip -else"})) == ["Restricting chips in Macao"]


def test_a_country_is_found_through_a_group_it_was_in(client, titles):
    group = GroupFactory(members=["FR"])
    event = EventFactory(title="Hits the group")
    EventGroupFactory(event=event, group=group)
    publishing.publish(event, by=None)
    assert titles(client.get(reverse("timeline"), {"country": "FR", "role": "affected"})) == ["Hits the group"]
    assert titles(client.get(reverse("timeline"), {"country": "FR", "role": "acting"})) == []


def test_what_a_form_sends_is_put_into_a_clean_address(client):
    published_event(actor=CompanyFactory(slug="openai", name="OpenAI"))
    sent = "?q=&company=OpenAI&company=&country=china&from=&to=&match=possible&utm_source=x"
    response = client.get(reverse("timeline") + sent)
    assert response.status_code == 302
    assert response["Location"] == "/?company=openai&country=CN"


def test_a_record_may_be_named_by_an_alias(client):
    company = CompanyFactory(slug="openai", name="OpenAI")
    company.aliases.create(name="Open AI, Inc.")
    published_event(actor=company)
    assert client.get(reverse("timeline"), {"company": "open ai, inc."})["Location"] == "/?company=openai"


@pytest.mark.parametrize(
    ("name", "typed"),
    [("École", "ÉCOLE"), ("МТС", "мтс"), ("Ωμέγα", "ΩΜΈΓΑ"), ("Groß", "GROSS"), ("100%_x", "100%_X"), ("Über", "über")],
)
def test_a_record_may_be_named_whatever_the_case_in_any_script(client, name, typed):
    named, nicknamed = CompanyFactory(slug="named", name=name), CompanyFactory(slug="nicknamed", name="Other")
    nicknamed.aliases.create(name=f"{name} Labs")
    for each in (named, nicknamed):
        publishing.publish_record(each, by=None)
    for asked, found in ((typed, "named"), (f"{typed} LABS", "nicknamed")):
        response = client.get(reverse("timeline"), {"company": asked})
        assert (response.status_code, response["Location"]) == (302, f"/?company={found}")


def test_each_filter_is_a_chip_that_leads_to_the_list_without_it(client):
    published_event(actor=CompanyFactory(slug="openai", name="OpenAI"))
    response = client.get(reverse("timeline"), {"company": "openai", "role": "actor", "kind": ["report", "ruling"]})
    assert [(chip.label, chip.value) for chip in response.context["chips"]] == [
        ("Company", "OpenAI"), ("Kind", "Report"), ("Kind", "Ruling"), ("Role", "Actor")
    ]  # fmt: skip
    without_company, without_report, *_ = [chip.without for chip in response.context["chips"]]
    assert without_company == "/?kind=report&kind=ruling"  # a role without a company means nothing
    assert without_report == "/?company=openai&kind=ruling&role=actor"


def test_what_is_listed_can_be_taken_along(client):
    published_event(title="Taken along", actor=CompanyFactory(slug="openai"), kind=EventKind.RULING)
    published_event(title="Another company's")
    content = client.get(reverse("timeline"), {"company": "openai", "kind": "ruling"}).content.decode()
    links = re.findall(r'href="([^"]*)"', re.search(r'<p class="take.*?</p>', content)[0])
    assert [link.partition("?")[0] for link in links] == [
        "/api/v1/events/export/", "/api/v1/events/export/", "/feed.atom", "/calendar.ics",
    ]  # fmt: skip
    for link in (links[0], *links[2:]):
        response = client.get(link.replace("&amp;", "&"))
        body = b"".join(response) if response.streaming else response.content
        assert (b"Taken along" in body, b"Another" in body) == (True, False)


def test_of_nothing_nothing_can_be_taken_along(client):
    published_event()
    assert 'class="take' not in client.get(reverse("timeline"), {"q": "nothing"}).content.decode()


def test_one_event_is_one_event_on_the_chart(client):
    published_event(date=JULY)
    assert ">1 event</text>" in client.get(reverse("timeline")).content.decode()
    published_event(date=JULY)
    assert ">2 events</text>" in client.get(reverse("timeline")).content.decode()


def test_unknown_parameters_are_ignored(client, titles):
    published_event(title="Shown")
    response = client.get(reverse("timeline"), {"utm_source": "newsletter", "page": "7"})
    assert response.status_code == 200
    assert titles(response) == ["Shown"]


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("company", "nobody", "There is no company “nobody” in the record."),
        ("country", "Atlantis", "There is no country “Atlantis” in the record."),
        ("kind", "nonsense", "nonsense is not one of the available choices"),
        ("from", "2024-13-01", "Write a date such as 2024-07-09."),
        ("role", "actor", "A role is one of a company, country or group"),
    ],
)
def test_a_bad_value_shows_a_message_and_the_filled_form_and_lists_nothing(client, titles, name, value, says):
    published_event()
    response = client.get(reverse("timeline"), {name: value, "q": "kept"})
    content = response.content.decode()
    assert response.status_code == 200
    assert says in content
    assert titles(response) == []
    assert 'value="kept"' in content
    assert value in content
    assert "<details open>" in content


def test_a_range_that_ends_before_it_starts_is_a_bad_value(client):
    response = client.get(reverse("timeline"), {"from": "2024-07-02", "to": "2024-07-01"})
    assert "The range ends before it starts." in response.content.decode()


@pytest.mark.parametrize("q", ["%", "_", '"', "🤖", "- -"])
def test_a_search_without_a_word_is_a_bad_value(client, titles, q):
    published_event()
    response = client.get(reverse("timeline"), {"q": q})
    assert "There is no word in it to look for." in response.content.decode()
    assert titles(response) == []
    assert f'value="{escape(q)}"' in response.content.decode()


def test_hostile_values_are_escaped_and_break_nothing(client):
    for value in ("%00", "%ED%A0%80x", "%22%3E%3Cscript%3E", "%25", "a" * 3000):
        response = client.get(f"/?q={value}&company={value}&before={value}", follow=True)
        assert response.status_code == 200
        assert "<script>" not in response.content.decode().replace("<script src=", "")


def test_nothing_found_is_said(client):
    published_event()
    content = client.get(reverse("timeline"), {"q": "xylophone"}).content.decode()
    assert "No event on record matches all of this." in content


# -------------------------------------------------------------------------------------------------------------- paging


def pages(client, start):
    """All pages from an address on by "older", as lists of titles."""
    response = client.get(start)
    yield response
    while older := response.context["listing"].older:
        response = client.get(older)
        yield response


@pytest.mark.parametrize("filters", ["", "?kind=announcement"])
def test_pages_hold_every_event_once_in_both_directions(client, titles, filters):
    made = days(61)
    found = list(pages(client, reverse("timeline") + filters))
    assert [len(titles(response)) for response in found] == [30, 30, 1]
    assert [title for response in found for title in titles(response)] == [e.title for e in reversed(made)]
    back = client.get(found[-1].context["listing"].newer)
    assert titles(back) == titles(found[1])
    assert titles(client.get(back.context["listing"].newer)) == titles(found[0])


def test_the_first_page_has_no_newer_and_the_last_no_older(client):
    days(31)
    first, last = pages(client, reverse("timeline"))
    assert (first.context["listing"].newer, last.context["listing"].older) == ("", "")


@pytest.mark.parametrize("cursor", ["nonsense", "zz-00000000", "-1", "123"])
def test_a_bad_cursor_shows_a_message_and_lists_nothing(client, titles, cursor):
    published_event()
    response = client.get(reverse("timeline"), {"before": cursor})
    assert response.status_code == 200
    assert titles(response) == []
    assert 'role="alert"' in response.content.decode()


def test_a_cursor_is_good_for_its_own_filters_only(client, titles):
    days(31)
    older = client.get(reverse("timeline")).context["listing"].older
    response = client.get(older + "&kind=announcement")
    assert titles(response) == []
    assert "belongs to other filters" in response.content.decode()


@pytest.mark.parametrize("asked", [{}, {"kind": "announcement"}, {"q": "event"}])
def test_the_count_is_exact(client, asked):
    days(3)
    assert "3 events" in client.get(reverse("timeline"), asked).content.decode()


def test_what_is_too_much_to_be_counted_is_said_to_be_so(client, monkeypatch):
    monkeypatch.setattr("events.queries.bearing.MOST_READ", 2)
    days(3)
    response = client.get(reverse("timeline"), {"q": "event"})
    assert response.context["count"] is None
    assert response.context["inexact"]
    content = response.content.decode()
    assert "More events match than can be counted here." in content
    assert "Where a number is missing, it is not known." in content
    [company] = response.context["fields"]["company"].values
    assert company.count is None


# ---------------------------------------------------------------------------------------------------------------- htmx


def test_htmx_gets_older_rows_alone_and_goes_on_in_the_month(client):
    days(40)
    older = client.get(reverse("timeline")).context["listing"].older
    response = client.get(older, headers={"HX-Request": "true"})
    content = response.content.decode()
    assert "<html" not in content
    assert content.count('<li class="event"') == 10
    assert '<h3 class="month">' not in content  # these days are of the month that the page ended with
    assert "<html" in client.get(older).content.decode()


@pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
def test_boosted_links_and_restored_history_get_the_whole_page(client, header):
    published_event()
    content = client.get(reverse("timeline"), headers={"HX-Request": "true", header: "true"}).content.decode()
    assert "<html" in content


# ------------------------------------------------------------------------------------------------- caching and queries


def test_a_page_sets_no_cookie_and_may_be_kept_publicly_until_the_record_changes(client):
    event = published_event()
    for address in (reverse("timeline"), event.get_absolute_url(), reverse("change-list"), reverse("company-list")):
        response = client.get(address)
        assert "Set-Cookie" not in response.headers
        assert not response.cookies
        assert response["Cache-Control"] == "public, max-age=0, must-revalidate"
        assert {name.strip() for name in response["Vary"].split(",")} >= {"HX-Request", "Accept-Encoding"}
        assert "Cookie" not in response["Vary"]
        etag = response["ETag"]
        assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
        assert client.get(address, headers={"If-None-Match": etag, "HX-Request": "true"}).status_code == 200


def test_a_page_changes_with_the_record(client, titles):
    published_event(title="First")
    etag = client.get(reverse("timeline"))["ETag"]
    published_event(title="Second", date=dt.date(2024, 8, 1))
    response = client.get(reverse("timeline"), headers={"If-None-Match": etag})
    assert response.status_code == 200
    assert titles(response) == ["Second", "First"]


def test_a_corrected_event_shows_its_new_row(client, titles):
    event = published_event(title="Tpyo")
    client.get(reverse("timeline"))
    event.title = "Typo"
    event.save()
    publishing.correct(event, by=None, correction_class="clerical", note="Spelling.")
    assert titles(client.get(reverse("timeline"))) == ["Typo"]


def test_writing_to_a_page_is_refused(client):
    assert client.post(reverse("timeline")).status_code == 405


def rich_event(n):
    event = EventFactory(date=JULY + dt.timedelta(days=n))
    EventCountryFactory(event=event, country=country("US"), role=PlaceRole.ACTING)
    EventCompanyFactory(event=event, role=CompanyRole.TARGET)
    EffectFactory(event=event, country=None, group=GroupFactory())
    return event


@pytest.mark.parametrize(
    "path", ["/", "/?country=US", "/?kind=announcement", "/countries/US/", "/changes/", "/companies/"]
)
def test_the_number_of_queries_is_the_same_at_1_and_5_rows(client, path):
    def queries():
        cache.clear()
        rows.kept.clear()
        timeline.asked_for.clear()
        timeline.around.clear()
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    publishing.publish(rich_event(0), by=None)
    client.get(path)
    one = queries()
    publishing.publish_many([rich_event(n) for n in range(1, 5)], by=None)
    assert queries() == one
    assert one <= 30
