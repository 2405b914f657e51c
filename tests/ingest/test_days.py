"""Which days a text speaks of."""

import datetime as dt

import pytest

from events.ingest import days
from events.ingest.text import Text


@pytest.mark.parametrize(
    ("said", "published", "date", "precision"),
    [
        ("starting Tuesday, July 9, it", "2024-06-25", "2024-07-09", "day"),
        ("on June 25 it said", "2024-07-09", "2024-06-25", "day"),
        ("In December the", "2025-02-03", "2024-12-01", "month"),
        ("by December it will", "2025-02-03", "2025-12-01", "month"),
        ("last month they", "2025-01-15", "2024-12-01", "month"),
        ("this quarter they", "2024-08-15", "2024-07-01", "quarter"),
        ("next year they", "2024-08-15", "2025-01-01", "year"),
        ("yesterday", "2024-03-01", "2024-02-29", "day"),
        ("on Monday it", "2024-07-09", "2024-07-08", "day"),
        ("last Tuesday it", "2024-07-09", "2024-07-02", "day"),
        ("from Monday it", "2024-07-09", "2024-07-15", "day"),
        ("next Friday", "2024-07-09", "2024-07-12", "day"),
        ("12 August 2026", None, "2026-08-12", "day"),
        ("the 2nd quarter of 2025", None, "2025-04-01", "quarter"),
        ("since 2023", None, "2023-01-01", "year"),
        ("in early October", "2024-12-01", "2024-10-01", "month"),
        ("by the end of the year", "2024-07-09", "2024-01-01", "year"),
        ("by year-end", "2024-07-09", "2024-01-01", "year"),
        ("in Q3 2024", None, "2024-07-01", "quarter"),
        ("2024Q3 results", None, "2024-07-01", "quarter"),
        ("in the third quarter of last year", "2025-02-01", "2024-07-01", "quarter"),
        ("three days ago", "2024-07-09", "2024-07-06", "day"),
        ("next Monday", "2024-07-09", "2024-07-15", "day"),
        ("Thursday of last week", "2024-07-09", "2024-07-04", "day"),
        ("it will meet on Friday", "2024-07-09", "2024-07-12", "day"),
        ("it said on Friday it will", "2024-07-09", "2024-07-05", "day"),
        ("July of last year", "2025-02-03", "2024-07-01", "month"),
        ("last December", "2024-12-05", "2023-12-01", "month"),
        ("this July", "2025-02-03", "2025-07-01", "month"),
        ("dated 2024-07-09", None, "2024-07-09", "day"),
        ("dated 2024/7/9", None, "2024-07-09", "day"),
        ("dated 09.07.2024", None, "2024-07-09", "day"),
        ("dated 07/19/2024", None, "2024-07-19", "day"),
        ("dated 19/07/2024", None, "2024-07-19", "day"),
        ("2024年7月9日", None, "2024-07-09", "day"),
        ("9-July-2024", None, "2024-07-09", "day"),
        ("JULY 9, 2024", None, "2024-07-09", "day"),
        ("the 9th of July 2024", None, "2024-07-09", "day"),
        ("the 2022 rules", None, "2022-01-01", "year"),
        ("in late 2025", None, "2025-01-01", "year"),
        ("the first half of 2023", None, "2023-01-01", "year"),
        ("Tuesday, July 9", "2024-07-11", "2024-07-09", "day"),
        ("July 9 (Tuesday)", "2024-07-11", "2024-07-09", "day"),
    ],
)  # fmt: skip
def test_date_is_resolved_against_the_day_of_publication(said: str, published: str | None, date: str, precision: str):
    day = dt.date.fromisoformat(published) if published else None
    assert [(str(each.date), each.precision) for each in days.find(Text(said), day)] == [(date, precision)]


@pytest.mark.parametrize(("published", "said"), [(dt.date.min, "yesterday"), (dt.date.max, "next Monday")])
def test_day_beyond_the_calendar_is_none(published: dt.date, said: str):
    assert days.find(Text(said), published) == []


@pytest.mark.parametrize("said", ["on June 31 it", "They may march in sun", "on July 9", "89 FR 5698", "two weeks ago"])
def test_what_is_no_date_or_cannot_be_known_is_none(said: str):
    assert days.find(Text(said), None) == []


@pytest.mark.parametrize(
    "said",
    [
        "on 07/09/2024", "within 30 days", "60 days after publication", "effective immediately", "two weeks ago",
        "in fiscal 2025", "for fiscal year 2026", "the Defense Production Act of 1950", "Announcement No. 57 of 2025",
        "by each July 1", "the third-quarter outlook", "over the weekend",
    ],
)  # fmt: skip
def test_what_may_be_several_dates_or_a_name_is_none(said: str):
    assert days.find(Text(said), dt.date(2024, 7, 9)) == []


@pytest.mark.parametrize(
    ("said", "dates"),
    [
        ("on October 7 and 17", ["2022-10-07", "2022-10-17"]),
        ("on October 7, 12 and 21, 2021", ["2021-10-07", "2021-10-12", "2021-10-21"]),
        ("on October 7, 12 firms", ["2022-10-07"]),
        ("from 1 to 15 July 2024", ["2024-07-01", "2024-07-15"]),
        ("between May and July 2025", ["2025-05-01", "2025-07-01"]),
        ("from December to January 2025", ["2024-12-01", "2025-01-01"]),
        ("from March 3 to April 5, 2025", ["2025-03-03", "2025-04-05"]),
    ],
)
def test_dates_beside_each_other_share_their_month_and_year(said: str, dates: list[str]):
    assert [str(each.date) for each in days.find(Text(said), dt.date(2022, 11, 1))] == dates
