"""Made-up English of realistic lengths and frequencies, always the same."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import accumulate, islice
from random import Random
from typing import TypeVar

T = TypeVar("T")

# Words to measure search by: in so many events of every hundred, or in so many events at all.
COMMON = {"controls": 30, "wafers": 2}
RARE = {"brandevar": 500, "quixolite": 5}

BASE = """
access access access agency ahead allies announced approval audit authority authorities ban bill block board border
buyers capacity center chip chips cloud commerce commission companies company compliance computing contract country
customers data date deal decision defense delay demand department deployment developers directive draft effect
enterprise exports fabrication filing firm firms foreign framework goods government guidance hearing hold importers
industry inference investors issue items joint judge launch lawmakers letter license licenses limits list lithography
market markets memory minister ministry model models months network notice offer office officials operators order
orders packages parties partners period permits platform policy press pressure process products proposal provider
providers public quarter ranking regulator regulators release report reports request restrictions review revenue risk
route rule rules sales sanctions scope sector security server service services shipments staff state statement status
subsidiary suppliers supply support talks technology terms test tools trade training transfer treaty unit update users
vendor version visit vote weeks weights year years
""".split()  # noqa: SIM905 - one a line is 200 lines
JOINTS = """
a after against an and as at because before between by for from in into its of on over that the through to under until
with
""".split()  # noqa: SIM905
SYLLABLES = """
ba bel cor dan dor el fen gar hal in jor kal lin lor mar nel or pel quan ril sen tan tor ul vel wen xan yor zel
""".split()  # noqa: SIM905


def invented(number: int) -> str:
    """A name that no real thing bears."""
    found = ""
    number += len(SYLLABLES) ** 2
    while number:
        number, rest = divmod(number, len(SYLLABLES))
        found += SYLLABLES[rest]
    return found


# Zipf's law: the n-th word comes 1/n as often as the first. After the English ones a long tail of made-up ones.
WORDS = [*BASE, *(invented(number) for number in range(6_000))]
STOCK, MOST = 300_000, 200  # words in stock, and for one event


@cache
def stock() -> list[str]:
    """A long run of words, every third of them one that joins, from which texts are cut."""
    random = Random(0)  # noqa: S311 - nothing to keep secret
    words = random.choices(WORDS, cum_weights=list(accumulate(1 / (rank + 12) for rank in range(len(WORDS)))), k=STOCK)
    words[2::3] = random.choices(JOINTS, k=len(words[2::3]))
    return words


class Dice(Random):
    """Random numbers by the quickest way there is; that small ones come a hair more often matters to nobody here."""

    def below(self, limit: int) -> int:
        return int(self.random() * limit)

    def one_of(self, things: Sequence[T]) -> T:
        return things[int(self.random() * len(things))]


class Writer:
    """Texts of one event, cut from the stock at a place of its own."""

    def __init__(self, dice: Dice) -> None:
        start = dice.below(STOCK - MOST)
        self.words = iter(stock()[start : start + MOST])

    def words_of(self, length: int) -> list[str]:
        return list(islice(self.words, length))

    def line(self, length: int) -> str:
        return " ".join(islice(self.words, length)).capitalize()

    def sentence(self, length: int) -> str:
        return f"{self.line(length)}."
