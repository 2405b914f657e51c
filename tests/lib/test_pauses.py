"""Pauses before something is tried again."""

import datetime as dt

import pytest

from events.lib import pauses

FIRST, LONGEST = dt.timedelta(minutes=5), dt.timedelta(days=1)


@pytest.mark.parametrize(("failures", "about"), [(1, FIRST), (2, 2 * FIRST), (5, 16 * FIRST), (40, LONGEST)])
def test_pauses_double_up_to_the_longest(failures, about):
    found = [pauses.after(failures, first=FIRST, longest=LONGEST) for _ in range(200)]
    assert all(0.9 * about <= pause <= 1.1 * about for pause in found)
    assert len(set(found)) > 100
