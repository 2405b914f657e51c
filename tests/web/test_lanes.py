import datetime as dt
import re
from itertools import pairwise
from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from events.choices import Certainty, CompanyRole, EventKind, PlaceRole, RelationKind
from events.queries import bearing
from events.queries import lanes as lane_queries
from events.services import publishing
from events.web.lanes import marks
from events.web.lanes.counts import short
from events.web.lanes.marks import Place
from events.web.lanes.scale import COLUMN, PERIODS, WIDTH, Scale
from tests.factories import (
    CompanyFactory,
    EventCompanyFactory,
    EventCountryFactory,
    EventFactory,
    EventGroupFactory,
    EventRelationFactory,
    GroupFactory,
    published_event,
)

NOW = dt.date(2024, 7, 20)


@pytest.fixture
def story(db, time_machine):
    """OpenAI's block of July 2024 with the announcement before it, and another company that answers."""
    time_machine.move_to("2024-07-20T12:00:00Z")
    openai = CompanyFactory(slug="openai", name="OpenAI")
    alibaba = CompanyFactory(slug="alibaba", name="Alibaba")
    announced = EventFactory(title="Announced", slug="announced", actor=openai, date=dt.date(2024, 6, 25))
    done = EventFactory(
        title="Blocked", slug="blocked", actor=openai, date=dt.date(2024, 7, 9), kind=EventKind.RESTRICTION
    )
    answered = EventFactory(title="Answered", slug="answered", actor=alibaba, date=dt.date(2024, 7, 10))
    EventCountryFactory(event=done)
    EventCompanyFactory(event=done, company=alibaba, role=CompanyRole.AFFECTED)
    EventRelationFactory(event=done, earlier=announced, relation=RelationKind.IMPLEMENTS)
    EventRelationFactory(event=answered, earlier=announced, relation=RelationKind.RESPONDS_TO)
    publishing.publish_many([announced, done, answered], by=None)


def lanes(client, **asked):
    response = client.get("/", {"view": "lanes"} | asked)
    assert response.status_code == 200
    return response


def marks_of(response):
    """The slugs of the marks on each lane, by its name."""
    return {row.name: [mark.slug for mark in found] for row, found in response.context["picture"].drawing.lanes}


def cells_of(response):
    """The counts of each row, by its name, periods without events left out."""
    picture = response.context["picture"]
    names = [period.name for period, _ in response.context["periods"]]
    return {
        row.name: {name: cell.count for name, cell in zip(names, row.cells, strict=True) if cell.count}
        for row in (picture.all, *picture.rows)
    }


@pytest.mark.usefixtures("story")
def test_each_event_stands_in_the_lanes_that_it_names_and_leads_to_its_page(client):
    response = lanes(client)
    assert marks_of(response) == {"Alibaba": ["blocked", "answered"], "OpenAI": ["announced", "blocked"]}
    content = response.content.decode()
    label = "July 9, 2024: Blocked (Restriction, restricts). Implements: Announced."
    assert content.count(f'<a href="/events/blocked/"><title>{label}</title>') == 2
    assert "#m-restricts-done" in content
    assert "#m-neither-said" in content


@pytest.mark.usefixtures("story")
def test_threads_run_from_the_earlier_event_to_the_later_one_between_the_nearest_lanes(client):
    drawing = lanes(client).context["picture"].drawing
    assert [(thread.earlier, thread.later, thread.kind) for thread in drawing.threads] == [
        ("announced", "blocked", "implements"),
        ("announced", "answered", "responds_to"),
    ]
    assert drawing.same.count("M") == 1  # the block stands in two lanes


@pytest.mark.usefixtures("story")
def test_counts_lead_to_the_list_of_their_period_and_lane(client):
    with mock.patch("events.web.lanes.page.MOST_EVENTS", 0):
        response = lanes(client, kind=EventKind.RESTRICTION)
    assert response.context["picture"].drawing is None
    assert cells_of(response) == {
        "All events": {"July 2024": "1"},
        "Alibaba": {"July 2024": "1"},
        "OpenAI": {"July 2024": "1"},
    }
    [cell] = [cell for cell in response.context["picture"].rows[1].cells if cell.count]
    assert cell.title == "OpenAI, July 2024: 1 event, 1 restricts"
    assert cell.address == "/?kind=restriction&company=openai&from=2024-07-01&to=2024-07-31"
    assert "<h4><a" in client.get(cell.address).content.decode()


@pytest.mark.usefixtures("story")
def test_lists_stay_within_the_range_that_is_asked_for(client):
    with mock.patch("events.web.lanes.page.MOST_EVENTS", 0):
        response = lanes(client, **{"from": "2024-07-05", "to": "2024-07-09", "zoom": "quarter"})
    addresses = [cell.address for cell in response.context["picture"].all.cells if cell.count]
    assert addresses == ["/?from=2024-07-05&to=2024-07-09"]


@pytest.mark.usefixtures("story")
def test_what_stands_in_no_lane_is_gathered(client):
    response = lanes(client, lanes="country")
    assert marks_of(response) == {"China": ["blocked"], "All others": ["announced", "answered"]}
    assert response.context["picture"].rows[-1].note == "what names no country"


@pytest.mark.django_db
def test_at_most_twelve_lanes_are_drawn_those_with_the_most_events_first(client, time_machine):
    time_machine.move_to("2024-07-20T12:00:00Z")
    first, *rest = [CompanyFactory(slug=f"c{n:02}", name=f"C{n:02}") for n in range(14)]
    made = [EventFactory(actor=company, date=dt.date(2024, 7, 1)) for company in (*rest, first, first)]
    publishing.publish_many(made, by=None)
    rows = lanes(client).context["picture"].rows
    assert [row.name for row in rows] == ["C00", *(f"C{n:02}" for n in range(1, 12)), "All others"]
    assert rows[-1].note == "2 more companies and what names no company"
    with mock.patch.object(lane_queries, "FEW", 0), mock.patch("events.web.lanes.page.MOST_EVENTS", 0):
        rows = lanes(client, zoom="year").context["picture"].rows
    assert (rows[-1].name, rows[-1].note) == ("Other companies", "2 more companies")
    assert [cell.title for cell in rows[-1].cells if cell.count] == ["Other companies, 2024: 2 mentions, 2 do neither"]


@pytest.mark.django_db
def test_a_group_of_countries_has_a_lane_of_its_own(client, time_machine):
    time_machine.move_to("2024-07-20T12:00:00Z")
    event = EventFactory(slug="act", date=dt.date(2024, 7, 1))
    EventGroupFactory(event=event, group=GroupFactory(name="European Union", members=["FR"]), role=PlaceRole.ACTING)
    publishing.publish(event, by=None)
    assert marks_of(lanes(client, lanes="country")) == {"European Union": ["act"]}


@pytest.mark.django_db
def test_an_inexact_date_is_a_span_and_a_scheduled_event_looks_so(client, time_machine):
    time_machine.move_to("2024-07-20T12:00:00Z")
    company = CompanyFactory(name="Acme")
    made = [
        EventFactory(slug="quarter", date=dt.date(2024, 4, 1), date_precision="quarter", actor=company),
        EventFactory(slug="ahead", date=dt.date(2024, 8, 5), actor=company),
        EventFactory(slug="disputed", date=dt.date(2024, 3, 5), actor=company, certainty=Certainty.DISPUTED),
        EventFactory(slug="before", date=dt.date(2023, 1, 1), end_date=dt.date(2024, 2, 1), actor=company),
    ]
    publishing.publish_many(made, by=None)
    response = lanes(client, start="2023-09")
    [(_, found)] = response.context["picture"].drawing.lanes
    mark = {each.slug: each for each in found}
    assert mark["quarter"].is_vague
    assert (mark["quarter"].span_x, mark["quarter"].span_width) == ("58.33%", "25%")
    assert [each.slug for each in found if each.is_scheduled] == ["ahead"]
    assert [each.slug for each in found if each.is_doubted] == ["disputed"]
    assert mark["before"].is_carried
    assert not mark["before"].is_vague
    assert (mark["before"].span_x, mark["ahead"].span_x) == ("0%", "")
    content = response.content.decode()
    assert '<a href="/events/ahead/" class="scheduled"><title>August 5, 2024: ' in content
    assert '<line class="now"' in content


@pytest.mark.usefixtures("story")
def test_the_columns_fit_what_filters_leave(client):
    def title(**asked):
        return lanes(client, **asked).context["scale"].title

    assert title() == "August 2023 – July 2024"
    assert title(zoom="year") == "2013 – 2024"
    assert title(start="2020-05", zoom="quarter") == "Q2 2020 – Q1 2023"
    published_event(date=dt.date(2015, 3, 1), kind=EventKind.RESTRICTION)
    assert title(kind=EventKind.RESTRICTION) == "2013 – 2024"
    assert title(start="0001-01") == "January – December 1"
    assert title(start="9999-12", zoom="year") == "9988 – 9999"


@pytest.mark.usefixtures("story")
def test_links_move_and_zoom_and_keep_the_filters(client):
    response = lanes(client, kind=EventKind.RESTRICTION, lanes="country", start="2024-02")
    content = response.content.decode()
    kept = "/?kind=restriction&amp;view=lanes"
    assert f'href="{kept}&amp;lanes=country&amp;zoom=year&amp;start=' in content
    assert f'href="{kept}&amp;zoom=month&amp;start=2024-02" data-move="kind">Companies' in content
    assert response.context["moves"]["earlier"] == response.context["moves"]["later"] == ""  # nothing would be seen
    assert '<a href="/?kind=restriction">List</a>' in content
    assert '<input type="hidden" name="view" value="lanes">' in content
    [chip] = response.context["chips"]
    assert chip.without == "/?view=lanes&lanes=country&start=2024-02"
    earlier = lanes(client, start="2024-09").context["moves"]
    assert earlier["earlier"] == "/?view=lanes&zoom=month&start=2024-03"
    assert earlier["later"] == ""
    assert earlier["today"] == "/?view=lanes&zoom=month&start=2023-09"


@pytest.mark.usefixtures("story")
def test_a_forms_address_is_put_in_order_and_stays_with_the_lanes(client):
    response = client.get("/", {"q": "", "company": "OpenAI", "view": "lanes", "zoom": "year"})
    assert response.status_code == 302
    assert response["Location"] == "/?company=openai&view=lanes&zoom=year"


@pytest.mark.usefixtures("story")
def test_bad_values_are_named_and_the_rest_is_drawn(client):
    response = lanes(client, lanes="planet", zoom="hour", start="2024-13")
    assert response.context["problems"] == (
        "There are no lanes by “planet”, only by company, country or policy.",
        "There is no zoom “hour”, only year, quarter or month.",
        "“2024-13” is no month to start with. Write 2024-07.",
    )
    assert marks_of(response)
    wrong = lanes(client, country="XX", start="\0")
    assert "Nothing is drawn until these values are mended." in wrong.content.decode()
    assert "lanes.js" not in wrong.content.decode()


@pytest.mark.django_db
def test_an_empty_record_has_no_lanes(client):
    assert "No events match." in lanes(client).content.decode()
    assert "No events match." in lanes(client, q="nothing").content.decode()


@pytest.mark.usefixtures("story")
def test_a_script_gets_the_lanes_alone(client):
    content = client.get("/", {"view": "lanes"}, headers={"HX-Request": "true"}).content.decode()
    assert content.startswith('<section id="lanes"')
    assert "<form" not in content


@pytest.mark.usefixtures("story")
def test_lanes_that_cannot_be_counted_are_absent_and_the_page_says_so(client):
    with mock.patch.object(bearing, "MOST_READ", 1), mock.patch("events.web.lanes.page.MOST_EVENTS", 0):
        response = lanes(client, company="openai")
    assert cells_of(response) == {"All events": {"June 2024": "1", "July 2024": "1"}}  # by roll-ups
    assert "so no lane is counted" in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("asked", [{}, {"company": "acme"}, {"q": "word"}])
def test_lanes_take_as_many_queries_for_few_events_as_for_many(client, asked, time_machine):
    time_machine.move_to("2024-07-20T12:00:00Z")
    company = CompanyFactory(slug="acme")
    counts = []
    for _ in range(2):
        made = [EventFactory(title=f"Word {n}", actor=company, date=dt.date(2024, 7, 1 + n)) for n in range(4)]
        publishing.publish_many(made, by=None)
        lanes(client, **asked)
        with CaptureQueriesContext(connection) as queries:
            lanes(client, **asked)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12


@pytest.mark.usefixtures("story")
def test_what_is_drawn_stands_where_the_style_sheet_has_its_rows(client, settings):
    css = (settings.BASE_DIR / "static/css/lanes.css").read_text()
    heights = {int(n): int(px) for n, px in re.findall(r"\.lanes \.tall-(\d+) \{ height: (\d+)px", css)}
    assert heights == {
        n: marks.height_of(n) for n in range(marks.LEAST_UPON_ONE_ANOTHER, marks.MOST_UPON_ONE_ANOTHER + 1)
    }
    picture = lanes(client).context["picture"]
    assert f"height: {picture.all.pixels}px" in css
    assert picture.height == picture.all.pixels + sum(row.pixels for row in picture.rows)


# ------------------------------------------------------------------------------------------- no database from here on


@given(st.lists(st.tuples(st.integers(0, WIDTH), st.integers(1, 300)), max_size=60))
def test_no_two_marks_of_a_level_overlap(spans):
    places = [Place(left, left + width, left + width / 2) for left, width in spans]
    levels = marks.packed(places)
    for level in set(levels):
        along = sorted((place for place, own in zip(places, levels, strict=True) if own == level), key=lambda p: p.left)
        assert all(one.right <= other.left for one, other in pairwise(along))
    # Nothing stands higher than it has to: something below each is in its way.
    for place, level in zip(places, levels, strict=True):
        for lower in range(level):
            assert any(
                own == lower and other.left < place.right and place.left < other.right
                for other, own in zip(places, levels, strict=True)
            )


@given(st.dates(dt.date(1990, 1, 1), dt.date(2050, 12, 31)), st.sampled_from(["year", "quarter", "month"]))
def test_a_later_day_lies_further_to_the_right_and_each_period_in_its_column(day, zoom):
    scale = Scale.starting(zoom, day.year * 12 + day.month - 1, NOW)
    assert 0 <= scale.x(day) < COLUMN
    assert scale.x(day + dt.timedelta(days=1)) > scale.x(day)
    assert [scale.x(period.first) for period in scale.periods] == [COLUMN * n for n in range(PERIODS)]
    assert scale.x(scale.periods[0].first - dt.timedelta(days=1)) == -1
    assert scale.x(scale.periods[-1].last + dt.timedelta(days=1)) == WIDTH + 1
    assert scale.moved(-6).moved(6) == scale


def test_long_counts_are_shortened_to_fit():
    assert [short(n) for n in (7, 1_234, 12_345, 123_456, 1_234_567)] == ["7", "1,234", "12.3k", "123k", "1.23M"]
