import datetime as dt

import pytest

from events.choices import AccessStatus
from events.queries.answers import Answer, Held, Question, Span
from events.queries.reasons import Reasoned, Record
from events.web.access.bars import BASE, Scale, chart, recorded

NOW = dt.date(2024, 7, 1)


def answer(day, status, *, precision="day", until=None, event="it-happens"):
    """What an effect with this first day says on it; with `until`, what it says once it has ended."""
    held = Held(1, event, 1, "api", "CN", status, day, precision, until, day) if status else None
    return Reasoned(Answer(Question("api", "CN", until or day), held), Record(1))


def drawn(*history, on=NOW, now=NOW):
    return chart([list(history)], {"it-happens": "It happens"}, on=on, now=now)


def edges(segment):
    left = float(segment.x.rstrip("%"))
    return left, left + float(segment.width.rstrip("%"))


class TestSegments:
    def test_what_closes_more_stands_higher_and_all_stand_on_one_line(self):
        days = [dt.date(2023, month, 1) for month in range(1, 5)]
        done = drawn(*map(answer, days, AccessStatus.values))
        found = done.bars[0].segments
        assert [segment.status for segment in found] == ["available", "limited", "license_required", "blocked"]
        heights = [segment.height for segment in found]
        assert heights == sorted(set(heights))
        assert {segment.y + segment.height for segment in found} == {BASE}

    def test_each_goes_on_until_the_next_begins(self):
        done = drawn(answer(dt.date(2023, 1, 1), "limited"), answer(dt.date(2024, 1, 1), "blocked"))
        first, second = done.bars[0].segments
        assert edges(first)[0] == 0
        assert edges(first)[1] == pytest.approx(edges(second)[0], abs=0.02)
        assert edges(second)[1] == pytest.approx(100, abs=0.02)

    def test_the_same_status_again_is_one_segment_with_two_steps(self):
        done = drawn(answer(dt.date(2023, 1, 1), "blocked"), answer(dt.date(2024, 1, 1), "blocked"))
        assert (len(done.bars[0].segments), len(done.bars[0].steps)) == (1, 2)

    @pytest.mark.parametrize(
        ("status", "day", "began"),
        [
            ("limited", "2024-03-01", "2023-06-01"),  # said again in February 2024
            ("limited", "2023-12-31", "2023-06-01"),
            ("available", "2023-05-31", "2023-01-01"),
            ("blocked", "2024-03-01", None),  # not what the bar says of that day
            ("available", "2022-12-31", None),
        ],
    )
    def test_a_status_began_where_it_was_first_said(self, status, day, began):
        done = drawn(
            answer(dt.date(2023, 1, 1), "available"),
            answer(dt.date(2023, 6, 1), "limited"),
            answer(dt.date(2024, 2, 1), "limited"),
            answer(dt.date(2024, 9, 1), "limited"),
        )
        found = done.bars[0].since(status, day)
        assert (found.iso if found else None) == began
        assert done.bars[0].now_since.day == "June 1, 2023"

    def test_nothing_is_drawn_where_no_record_covers_it(self):
        start, end = dt.date(2023, 1, 1), dt.date(2023, 7, 1)
        done = drawn(answer(start, "blocked"), answer(start, "blocked", until=end))
        (segment,) = done.bars[0].segments
        assert edges(segment)[1] == pytest.approx(float(done.scale.x(end).rstrip("%")), abs=0.02)
        last = done.bars[0].steps[-1]
        assert (last.status, last.label, last.ended, last.day) == ("unknown", "Unknown", True, "July 1, 2023")

    def test_what_is_still_to_come_is_marked(self):
        done = drawn(answer(dt.date(2024, 1, 1), "available"), answer(dt.date(2024, 9, 1), "blocked"))
        assert [(each.status, each.scheduled) for each in done.bars[0].segments] == [
            ("available", False), ("available", True), ("blocked", True),
        ]  # fmt: skip
        assert [step.scheduled for step in done.bars[0].steps] == [False, True]
        assert done.scale.looks_ahead
        assert done.bars[0].now.status == "available"

    def test_what_begins_today_is_not_to_come(self):
        done = drawn(answer(NOW, "blocked"))
        assert not done.bars[0].steps[0].scheduled
        assert done.bars[0].now.status == "blocked"
        assert not done.scale.looks_ahead


class TestSteps:
    def test_dates_are_no_more_exact_than_what_is_known(self):
        done = drawn(answer(dt.date(2023, 3, 1), "blocked", precision="month"))
        (step,) = done.bars[0].steps
        assert (step.day, step.event, step.address) == ("March 2023", "It happens", "/events/it-happens/")

    def test_the_day_on_which_a_country_joins_is_exact(self):
        held = Held(1, "it-happens", 1, "api", "eu", "blocked", dt.date(2023, 1, 1), "year", None, dt.date(2023, 1, 1),
                    Span(dt.date(2023, 4, 5), None, 27))  # fmt: skip
        joined = Reasoned(Answer(Question("api", "HR", dt.date(2023, 4, 5)), held), Record(1))
        assert drawn(joined).bars[0].steps[0].day == "April 5, 2023"

    def test_days_of_membership_before_the_first_record_are_left_out(self):
        joined, first = answer(dt.date(2020, 1, 31), None), answer(dt.date(2023, 1, 1), "blocked")
        left = answer(dt.date(2024, 1, 31), None)
        assert recorded([joined, first, left]) == [first, left]
        assert recorded([joined]) == []
        assert drawn(first, left).bars[0].steps[-1].address == ""


class TestScale:
    def test_it_reaches_from_the_year_of_the_first_day_to_today(self):
        scale = Scale.over([dt.date(2021, 11, 18)], on=NOW, now=NOW)
        assert [tick.year for tick in scale.ticks] == [2021, 2022, 2023, 2024]
        assert scale.ticks[0].x == "0%"
        assert scale.on_x == "100%"
        assert scale.on_anchor == "end"

    def test_it_includes_the_day_asked_about_unless_that_is_far_off(self):
        days = [dt.date(2021, 11, 18)]
        assert Scale.over(days, on=dt.date(2019, 5, 1), now=NOW).ticks[0].year == 2019
        assert Scale.over(days, on=dt.date(2027, 5, 1), now=NOW).on_x
        for far in (dt.date.min, dt.date(1990, 1, 1), dt.date.max):
            scale = Scale.over(days, on=far, now=NOW)
            assert (scale.on_x, scale.ticks[0].year) == ("", 2021)

    def test_it_has_few_ticks_however_long_it_is(self):
        scale = Scale.over([dt.date(1990, 1, 1)], on=NOW, now=NOW)
        assert 5 <= len(scale.ticks) <= 9

    @pytest.mark.parametrize("first", [dt.date(1, 1, 1), dt.date(9999, 12, 31), dt.date(2024, 1, 1)])
    def test_any_day_can_be_drawn(self, first):
        scale = Scale.over([first], on=first, now=dt.date(2024, 1, 1))
        assert scale.ticks
        assert scale.x(first).endswith("%")

    def test_all_bars_share_it(self):
        early, late = [answer(dt.date(2020, 5, 1), "blocked")], [answer(dt.date(2024, 5, 1), "blocked")]
        done = chart([early, late], {}, on=NOW, now=NOW)
        assert edges(done.bars[0].segments[0])[0] < 10
        assert edges(done.bars[1].segments[0])[0] > 90
