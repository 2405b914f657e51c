"""The timeline's facets: the values of each filter with how many events bear them, as the form offers them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from events.choices import Certainty, EventKind, RecordType, Tier
from events.queries.facets import Facets
from events.web.flags import flag_of, flag_of_group
from events.web.record import names_of

CHOICES = {"kind": EventKind, "certainty": Certainty, "tier": Tier}
# How many values of each filter by records are offered, the most frequent ones; any other may be typed.
OFFERED = {"country": 8, "company": 8, "product": 6, "policy": 5, "agency": 5, "group": 4}

FLAGS: dict[str, Callable[[str], str]] = {"country": flag_of, "group": flag_of_group}


@dataclass(frozen=True)
class Value:
    """One value that may be asked for. `count` None: too many events match to be counted."""

    value: str
    label: str
    count: int | None
    chosen: bool
    flag: str = ""


def values_of(found: Facets, frequent: Facets, filters: QueryDict) -> dict[str, list[Value]]:
    """The values of each facet, the most frequent first, and those that are asked for in any case.

    Where too many events match to count a facet's values, those are offered that are `frequent` in the whole record.
    """
    keys = {
        name: most_frequent(found.values[name] or frequent.values[name] or Counter(), filters.getlist(name), most)
        for name, most in OFFERED.items()
    }
    names = names_of((RecordType(name).value, key) for name in OFFERED for key in keys[name])
    offered: dict[str, list[Value]] = {}
    for name in OFFERED:
        offered[name] = values(
            keys[name], {key: names.get((name, key), key) for key in keys[name]}, found, filters, name
        )
    for name, choices in CHOICES.items():
        labels = {str(value): _(str(label)) for value, label in choices.choices}
        counts = found.values[name]
        order = [value for value in labels if counts is None or counts[value] or value in filters.getlist(name)]
        if name == "kind" and counts is not None:
            order.sort(key=lambda value: -counts[value])
        offered[name] = values(order, labels, found, filters, name)
    return offered


def values(keys: Sequence[str], labels: Mapping[str, str], found: Facets, filters: QueryDict, name: str) -> list[Value]:
    counts, chosen = found.values[name], set(filters.getlist(name))
    flags = FLAGS.get(name)
    return [
        Value(
            key,
            labels[key],
            None if counts is None else counts[key],
            key in chosen,
            flags(key) if flags else "",
        )
        for key in keys
    ]


def most_frequent(counts: Counter[str], asked: Sequence[str], most: int) -> list[str]:
    """The keys borne most often, ties by key, and those asked for that are not among them."""
    ordered = sorted((key for key, count in counts.items() if count), key=lambda key: (-counts[key], key))
    return list(dict.fromkeys([*ordered[:most], *asked]))
