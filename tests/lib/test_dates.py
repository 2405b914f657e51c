from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.lib.dates import display, edtf, is_first_day, last_day, parse_edtf

PRECISIONS = ["day", "month", "quarter", "year"]

dates = st.tuples(st.dates(), st.sampled_from(PRECISIONS)).filter(lambda pair: is_first_day(*pair))


@pytest.mark.parametrize(
    ("day", "precision", "last", "shown", "machine"),
    [
        (date(2024, 7, 9), "day", date(2024, 7, 9), "July 9, 2024", "2024-07-09"),
        (date(2024, 1, 1), "month", date(2024, 1, 31), "January 2024", "2024-01"),
        (date(2024, 2, 1), "month", date(2024, 2, 29), "February 2024", "2024-02"),
        (date(2024, 12, 1), "month", date(2024, 12, 31), "December 2024", "2024-12"),
        (date(2024, 1, 1), "quarter", date(2024, 3, 31), "Q1 2024", "2024-33"),
        (date(2024, 7, 1), "quarter", date(2024, 9, 30), "Q3 2024", "2024-35"),
        (date(2024, 10, 1), "quarter", date(2024, 12, 31), "Q4 2024", "2024-36"),
        (date(2024, 1, 1), "year", date(2024, 12, 31), "2024", "2024"),
        (date(9999, 1, 1), "year", date(9999, 12, 31), "9999", "9999"),
    ],
)
def test_a_date_has_a_last_day_and_two_spellings(day, precision, last, shown, machine):
    assert last_day(day, precision) == last
    assert display(day, precision) == shown
    assert edtf(day, precision) == machine
    assert parse_edtf(machine) == (day, precision)


@pytest.mark.parametrize(
    ("day", "precision", "end", "shown", "machine"),
    [
        (date(2019, 2, 14), "day", date(2019, 11, 5), "February 14 – November 5, 2019", "2019-02-14/2019-11-05"),
        (date(2019, 2, 14), "day", date(2019, 2, 16), "February 14 – February 16, 2019", "2019-02-14/2019-02-16"),
        (date(2019, 2, 14), "day", date(2020, 3, 3), "February 14, 2019 – March 3, 2020", "2019-02-14/2020-03-03"),
        (date(2019, 2, 14), "day", date(2019, 2, 14), "February 14, 2019", "2019-02-14"),
        (date(2019, 1, 1), "month", date(2019, 3, 3), "January 2019 – March 3, 2019", "2019-01/2019-03-03"),
        (date(2019, 1, 1), "year", date(2020, 3, 3), "2019 – March 3, 2020", "2019/2020-03-03"),
    ],
)
def test_a_range_is_shown_with_both_ends(day, precision, end, shown, machine):
    assert display(day, precision, end) == shown
    assert edtf(day, precision, end) == machine


@given(dates)
def test_parse_edtf_reads_what_edtf_writes(pair):
    assert parse_edtf(edtf(*pair)) == pair


@given(dates)
def test_a_period_ends_on_the_day_before_the_next_starts(pair):
    day, precision = pair
    last = last_day(day, precision)
    assert last >= day
    assert last == date.max or is_first_day(last + timedelta(days=1), precision)
    assert precision == "day" or not any(is_first_day(day + timedelta(days=n), precision) for n in (1, 27))


@pytest.mark.parametrize(
    ("day", "precision"),
    [
        (date(2024, 7, 2), "month"),
        (date(2024, 8, 1), "quarter"),
        (date(2024, 7, 1), "year"),
        (date(2024, 1, 2), "year"),
    ],
)
def test_is_first_day_knows_the_days_within_a_period(day, precision):
    assert not is_first_day(day, precision)


@pytest.mark.parametrize(
    "text",
    ["", "24", "2024-7", "2024-00", "2024-13", "2024-32", "2024-37", "2024-02-30", "0000", "2024-07-09/2024-07-10",
     "2024-07-09T00:00", " 2024", "2024\n", "٢٠٢٤", "2024-33-01", "2024?"],
)  # fmt: skip
def test_parse_edtf_refuses_with_a_sentence(text):
    with pytest.raises(ValueError, match=r"\.$"):
        parse_edtf(text)
