"""What stands around the timeline's list: the chart, the facets, the ready-made questions, and what may be meant."""

import datetime as dt
from collections import Counter

import pytest
from django.http import QueryDict
from django.urls import reverse

from events.choices import Certainty, EventKind, RelationKind, Tier
from events.lib.tokens import matches, parse_query
from events.queries.timeline import Criteria
from events.queries.vocabulary import meant
from events.services import publishing
from events.web.highlights import highlighted
from events.web.histogram import HEIGHT, MOST_BARS, histogram
from events.web.presets import presets
from tests.factories import CompanyFactory, EventCountryFactory, EventFactory, EventRelationFactory, published_event

JULY = dt.date(2024, 7, 9)


def address(**dates):
    return f"/?{dates['from']}..{dates['to']}"


def month(year, number):
    return year * 12 + number - 1


def drawn(counts, criteria=None):
    return histogram(Counter(counts), None, criteria or Criteria(), address)


def test_a_chart_has_whole_years_of_bars_that_say_what_they_stand_for():
    found = drawn({(month(2024, 7), "restricts"): 3, (month(2024, 7), "neither"): 1, (month(2023, 2), "relaxes"): 1})
    assert (found.span, len(found.bars), found.highest) == ("month", 24, 4)
    july = found.bars[18]
    assert july.said == "July 2024: 4 events; 3 restrict, 1 does neither"
    assert july.address == "/?2024-07-01..2024-07-31"
    assert [tick.label for tick in found.ticks] == ["2023", "2024"]
    assert found.rows == [(2024, [3, 0, 0, 1], 4), (2023, [0, 0, 1, 0], 1)]
    paths = {direction: outline for direction, _, outline in found.paths}
    assert paths["restricts"] == f"M18.1 {HEIGHT - 75}h.8v75h-.8z"
    assert paths["neither"] == "M18.1 0h.8v25h-.8z"  # on top of it


@pytest.mark.parametrize(("years", "span"), [(5, "month"), (6, "quarter"), (15, "quarter"), (16, "year"), (90, "year")])
def test_a_chart_has_no_more_bars_than_a_phone_shows(years, span):
    found = drawn({(month(2000, 1), "neither"): 1, (month(1999 + years, 12), "neither"): 1})
    assert found.span == span
    assert len(found.bars) <= max(MOST_BARS, years)


def test_the_range_that_is_asked_for_is_marked():
    criteria = Criteria(start=dt.date(2024, 3, 15), end=dt.date(2024, 5, 1))
    found = drawn({(month(2024, n), "neither"): 1 for n in range(1, 13)}, criteria)
    assert (found.first, found.last) == (2, 4)
    assert [bar.place for bar in found.bars if bar.chosen] == [2, 3, 4]


def test_nothing_is_drawn_of_nothing():
    assert drawn({}) is None


@pytest.mark.parametrize(
    ("text", "q", "found"),
    [
        ("OpenAI’s block on GPT-4o and H20 chips", "openai gpt4o h20 chip", ["OpenAI’s", "GPT-4o", "H20", "chips"]),
        ("出口管制法令", "管制", ["管制"]),
        ("Deep-Seek and Müller", "deepseek muller", ["Deep-Seek", "Müller"]),
        ("Nothing of it", "else", []),
    ],
)
def test_matches_are_found_as_search_finds_them(text, q, found):
    assert [text[start:end] for start, end in matches(text, parse_query(q).terms)] == found


def test_marks_around_matches_let_no_markup_in():
    terms = parse_query("b script").terms
    assert highlighted("a <b> & <script>", terms) == "a &lt;<mark>b</mark>&gt; &amp; &lt;<mark>script</mark>&gt;"


@pytest.mark.parametrize(
    ("q", "proposed"),
    [
        ("opnai chna", "OpenAI China"),
        ('hauwei -opnai "opnai"', 'Huawei -opnai "opnai"'),
        ("openai", None),
        ("zzzz", None),
        ("ai", None),
    ],
)
def test_what_is_proposed_is_spelled_as_the_record_spells_it(q, proposed):
    words = {5: {"china": "China"}, 6: {"openai": "OpenAI", "huawei": "Huawei"}}
    assert meant(q, words) == proposed


@pytest.mark.django_db
def test_nothing_is_proposed_that_finds_nothing_either(client):
    published_event(actor=CompanyFactory(slug="openai", name="OpenAI"))
    assert client.get(reverse("timeline"), {"q": "opnai"}).context["meant"] == ("OpenAI", "/?q=OpenAI")
    assert client.get(reverse("timeline"), {"q": "opnai", "kind": "ruling"}).context["meant"] is None


@pytest.mark.django_db
def test_a_facet_answers_to_all_filters_but_its_own(client):
    openai = CompanyFactory(slug="openai", name="OpenAI")
    for kind in (EventKind.RULING, EventKind.RULING, EventKind.REPORT):
        event = EventFactory(kind=kind, actor=openai)
        EventCountryFactory(event=event)
        publishing.publish(event, by=None)
    published_event(kind=EventKind.LISTING)
    fields = client.get(reverse("timeline"), {"company": "openai", "kind": "ruling"}).context["fields"]
    assert [(each.value, each.count, each.chosen) for each in fields["kind"].values] == [
        ("ruling", 2, True), ("report", 1, False)
    ]  # fmt: skip
    [china] = fields["country"].values
    assert (china.label, china.count) == ("China", 2)
    assert china.flag.startswith("/static/img/flags/cn")


@pytest.mark.django_db
def test_events_are_found_by_how_they_relate_to_earlier_ones(client, titles):
    earlier = published_event(title="Ban", date=dt.date(2024, 1, 1))
    later = EventFactory(title="No ban", date=JULY)
    EventRelationFactory(event=later, earlier=earlier, relation=RelationKind.REVERSES)
    publishing.publish(later, by=None)
    assert titles(client.get(reverse("timeline"), {"relation": "reverses"})) == ["No ban"]
    assert titles(client.get(reverse("timeline"), {"relation": "enforces"})) == []
    answer = client.get("/api/v1/events/", {"relation": "reverses", "fields": "title"}).json()
    assert answer["results"] == [{"title": "No ban"}]


def test_ready_made_questions_are_filters_and_can_be_put_away():
    def spelled(query):
        return query.urlencode()

    found = {each.label: each.address for each in presets(QueryDict(), JULY, spelled)}
    assert found == {
        "Last seven days": "from=2024-07-03&to=2024-07-09",
        "Takes effect in the next 30 days": "from=2024-07-10&to=2024-08-08",
        "Reversals": "relation=reverses",
        "Disputed": f"certainty={Certainty.DISPUTED.value}",
    }
    chosen = [each for each in presets(QueryDict("relation=reverses"), JULY, spelled) if each.chosen]
    assert [(each.label, each.address) for each in chosen] == [("Reversals", "")]


@pytest.mark.django_db
def test_a_row_says_how_many_origins_are_primary(client):
    event = EventFactory()
    event.citations.update(locator="")
    source = event.citations.get().source
    source.tier = Tier.PRIMARY
    source.save()
    publishing.publish(event, by=None)
    assert '1 independent origin</a>, <span class="primary">1 primary</span>' in client.get("/").content.decode()
