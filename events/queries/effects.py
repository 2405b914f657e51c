"""What an event's effects do to the answers on access, told before it is published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from events.choices import AccessStatus
from events.lib.dates import display
from events.models import AccessEffect
from events.queries.access import Geography, statuses_before

MOST_NAMED = 5  # countries of a group that are named one by one


@dataclass(frozen=True)
class Turn:
    """An answer that an effect changes; `before` None: unknown. `places` are names."""

    product: str
    places: tuple[str, ...]
    before: str | None
    after: str
    day: str

    @property
    def where(self) -> str:
        """The places in words: all of a few, the number of many."""
        if len(self.places) <= MOST_NAMED:
            return ", ".join(self.places)
        return f"{', '.join(self.places[:MOST_NAMED])} and {len(self.places) - MOST_NAMED} more"

    @property
    def stays(self) -> bool:
        return self.before == self.after

    def __str__(self) -> str:
        after = AccessStatus(self.after).label.lower()
        if self.stays:
            return f"{self.product} in {self.where}: stays {after} from {self.day}"
        before = AccessStatus(self.before).label.lower() if self.before else "unknown"
        return f"{self.product} in {self.where}: {before} → {after} from {self.day}"


def turns(effects: Sequence[AccessEffect], geography: Geography, names: dict[str, str]) -> list[Turn]:
    """How each effect changes the answers of the countries that it reaches, those that change alike together.

    `names` are those of countries by code. Effects may be unsaved; two queries, however many.
    """
    reached = [(effect, code) for effect in effects for code in codes(effect, geography)]
    asked = [
        AccessEffect(product=effect.product, country_id=code, effective_date=effect.effective_date)
        for effect, code in reached
    ]
    found: dict[tuple[int, str | None], list[str]] = {}
    number = {id(effect): at for at, effect in enumerate(effects)}
    befores = statuses_before(asked, geography) if asked else []
    for (effect, code), before in zip(reached, befores, strict=True):
        found.setdefault((number[id(effect)], before), []).append(names.get(code, code))
    return [
        Turn(
            product=str(effects[at].product),
            places=tuple(places),
            before=before,
            after=effects[at].status,
            day=display(effects[at].effective_date, effects[at].date_precision),
        )
        for (at, before), places in sorted(found.items(), key=lambda item: (item[0][0], item[0][1] or ""))
    ]


def codes(effect: AccessEffect, geography: Geography) -> Iterator[str]:
    """The countries that an effect reaches on its first day."""
    if effect.country_id:
        yield effect.country_id
        return
    day: dt.date = effect.effective_date
    for code in geography.countries:
        if effect.group_id in geography.groups_of(code, day) and code not in effect.exceptions:
            yield code
