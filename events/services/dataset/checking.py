"""The rules that hold between entries of a data set, and between the parts of one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from events.choices import Certainty, Precision, RecordType, Stance
from events.documents import MODELS
from events.lib.dates import is_first_day
from events.lib.names import both, shared
from events.models import WORLD
from events.models.naming import empty_book, title_of
from events.models.sources import is_still_to_come
from events.services import rules
from events.services.dataset.entries import Entry, Key
from events.services.dataset.problems import Place, Problems
from events.services.dataset.reading import Dataset

Steps = tuple[str | int, ...]
# Keys that name another record: table, key, and what it names (a policy's issuer is of one of two types).
NAMES: dict[RecordType, dict[str, tuple[RecordType, ...]]] = {
    RecordType.GROUP: {"issuer": (RecordType.AGENCY,)},
    RecordType.AGENCY: {"group": (RecordType.GROUP,)},
    RecordType.PRODUCT: {"company": (RecordType.COMPANY,), "models_from": (RecordType.COMPANY,)},
    RecordType.POLICY: {"issuer": (RecordType.AGENCY, RecordType.COMPANY)},
    RecordType.PUBLISHER: {"group": (RecordType.GROUP,)},
    RecordType.SOURCE: {"publisher": (RecordType.PUBLISHER,), "relays": (RecordType.PUBLISHER,)},
}
# Lists of an event that name records, and the key in their items that does.
LISTS = {
    "companies": (RecordType.COMPANY, "slug"),
    "groups": (RecordType.GROUP, "slug"),
    "policies": (RecordType.POLICY, "slug"),
    "follows": (RecordType.EVENT, "id"),
    "agencies": (RecordType.AGENCY, ""),
    "products": (RecordType.PRODUCT, ""),
}
NAMED = tuple(RecordType(name) for name in ("group", "agency", "company", "product", "policy", "publisher"))


def check(dataset: Dataset, problems: Problems) -> None:
    for entry in dataset.entries.values():
        check_references(entry, dataset, problems)
        OF_ONE[entry.type](entry, problems)
    check_names(dataset, problems)
    check_merged(dataset, problems)
    check_access(dataset, problems)
    check_order(dataset, problems)


# ------------------------------------------------------------------------------------------------- what it refers to


def references(entry: Entry) -> Iterator[tuple[Steps, tuple[RecordType, ...], str]]:
    """Each record that an entry names: where in it, of which types, and its key."""
    values = entry.values
    if "merged_into" in values:
        yield ("merged_into",), (entry.type,), values["merged_into"]
    for key, types in NAMES.get(entry.type, {}).items():
        if key in values:
            yield (key,), types, values[key]
    if entry.type == RecordType.EVENT:
        for name, (record_type, key) in LISTS.items():
            for index, item in enumerate(values.get(name, ()), 1):
                yield (name, index, *([key] if key else [])), (record_type,), item[key] if key else item
        for index, effect in enumerate(values.get("access", ()), 1):
            if "group" in effect:
                yield ("access", index, "group"), (RecordType.GROUP,), effect["group"]


def check_references(entry: Entry, dataset: Dataset, problems: Problems) -> None:
    for path, types, key in references(entry):
        if not any(dataset.knows(record_type, key) for record_type in types):
            words = " or ".join(record_type.label.lower() for record_type in types)
            problems.add(entry.at(*path), f"There is no {words} “{key}”.")
            continue
        for record_type in types:
            named = dataset.entries.get((record_type, key))
            if named and "merged_into" in named.values and path != ("merged_into",):
                problems.add(entry.at(*path), rules.now(key, named.values["merged_into"]))


# ------------------------------------------------------------------------------------------------- what one entry says


def check_place(entry: Entry, problems: Problems) -> None:
    if "country" in entry.values and "group" in entry.values:
        problems.add(entry.at("group"), "It is of a country, or of a group, or of neither.")


def check_group(entry: Entry, problems: Problems) -> None:
    members = entry.values.get("members", [])
    if members and entry.key == WORLD:
        problems.add(entry.at("members"), rules.WORLD_HAS_NO_LIST)
    spans: dict[str, list[rules.Span]] = {}
    for index, member in enumerate(members, 1):
        since, until = member.get("since"), member.get("until")
        if since and until and since >= until:
            problems.add(entry.at("members", index), "The membership ends before it starts.")
        held = spans.setdefault(member["code"], [])
        held.append((since, until))
        if rules.overlap(held):
            problems.add(entry.at("members", index), rules.overlapping(member["code"]))


def check_product(entry: Entry, problems: Problems) -> None:
    if "company" in entry.values and entry.values["company"] == entry.values.get("models_from"):
        problems.add(entry.at("models_from"), "It names another company than the product's own.")


def check_source(entry: Entry, problems: Problems) -> None:
    if entry.values["publisher"] == entry.values.get("relays"):
        problems.add(entry.at("relays"), "A source does not relay its own publisher.")
    if "date" in entry.values and is_still_to_come(entry.values["date"]):
        problems.add(entry.at("date"), "It is in the future.")


def check_event(entry: Entry, problems: Problems) -> None:
    values = entry.values
    companies, countries = ([link["role"] for link in values.get(name, ())] for name in ("companies", "countries"))
    if not rules.acted(companies, values.get("agencies", ()), countries):
        problems.add(entry.place, rules.NOBODY_ACTS)
    if not rules.is_supported(citation.get("stance", Stance.SUPPORTS) for citation in values["citations"]):
        problems.add(entry.at("sources"), rules.NO_SUPPORT)
    for index, effect in enumerate(values.get("access", ()), 1):
        if effect["product"] not in values.get("products", ()):
            problems.add(entry.at("access", index, "product"), rules.not_among_products(effect["product"]))
    check_draft(entry, problems)


def check_draft(entry: Entry, problems: Problems) -> None:
    """What holds of an event before it is public, too."""
    values = entry.values
    if "date" in values:
        starts_period(values["date"], values["precision"], entry.at("date"), problems)
    if "end_date" in values and values["end_date"] < values.get("date", dt.date.max):
        problems.add(entry.at("end_date"), "It ends before it starts.")
    for index, effect in enumerate(values.get("access", ()), 1):
        check_effect(entry, effect, ("access", index), problems)
    effects = {f"effect:{effect['id']}" for effect in values.get("access", ())}
    citations = values.get("citations", ())
    ids = [citation["id"] for citation in citations if "id" in citation]
    if len(ids) != len(set(ids)):
        problems.add(entry.at("sources"), "Two citations have the same id.")
    for citation in citations:
        about = citation.get("about", "event")
        if about.startswith("effect:") and about not in effects:
            problems.add(entry.at("sources"), f"The event has no {about} that a quote could be about.")
    if entry.key in values.get("redirects", ()):
        problems.add(entry.at("redirects"), "An event does not redirect to itself.")


def check_effect(entry: Entry, effect: dict[str, Any], path: Steps, problems: Problems) -> None:
    if ("country" in effect) == ("group" in effect):
        problems.add(entry.at(*path), "An effect is on one country or on one group.")
    if "except" in effect and "group" not in effect:
        problems.add(entry.at(*path, "except"), "Only an effect on a group has exceptions.")
    starts_period(effect["from"], effect.get("precision", Precision.DAY), entry.at(*path, "from"), problems)
    if effect.get("until", effect["from"]) < effect["from"]:
        problems.add(entry.at(*path, "until"), "It ends before it starts.")


def starts_period(day: dt.date, precision: str, place: Place, problems: Problems) -> None:
    if not is_first_day(day, precision):
        problems.add(place, f"{day} is not the first day of its {precision}.")


OF_ONE: dict[RecordType, Callable[[Entry, Problems], None]] = {
    RecordType.GROUP: check_group,
    RecordType.AGENCY: check_place,
    RecordType.COMPANY: lambda entry, problems: None,
    RecordType.PRODUCT: check_product,
    RecordType.POLICY: lambda entry, problems: None,
    RecordType.PUBLISHER: check_place,
    RecordType.SOURCE: check_source,
    RecordType.EVENT: check_event,
}


# --------------------------------------------------------------------------------------------- what they say together


def check_names(dataset: Dataset, problems: Problems) -> None:
    """No two rows of a table share a name or an alias; where a type may share aliases, it is noted."""
    for record_type in NAMED:
        book = empty_book(MODELS[record_type])
        for entry in dataset.of(record_type):
            if "merged_into" in entry.values:
                continue  # its name is an alias of what it became
            for path, name, is_alias in names_of(entry):
                if (held := book.clash(entry.key, name, is_alias=is_alias)) is not None:
                    problems.add(entry.at(*path), shared(name, held))
                elif (held := book.sharer(entry.key, name)) is not None:
                    dataset.notices.append(f"{entry.at(*path)}: {shared(name, held)}")
                book.add(entry.key, name, is_alias=is_alias)
    for entry in dataset.of(RecordType.AGENCY):
        if (RecordType.COMPANY, entry.key) in dataset.entries:
            problems.add(entry.at("slug"), both(entry.key, "a company"))


def names_of(entry: Entry) -> Iterator[tuple[Steps, str, bool]]:
    """What a record is called: where it stands, the name, and whether it is an alias."""
    title = title_of(MODELS[entry.type])
    yield (title,), entry.values[title], False
    for index, name in enumerate(entry.values.get("aliases", ()), 1):
        yield ("aliases", index), name, True


def check_merged(dataset: Dataset, problems: Problems) -> None:
    redirects: dict[str, str] = {}
    for entry in dataset.of(RecordType.EVENT):
        for index, old in enumerate(entry.values.get("redirects", ()), 1):
            if dataset.knows(RecordType.EVENT, old) or redirects.setdefault(old, entry.key) != entry.key:
                problems.add(entry.at("redirects", index), f"“{old}” is an event's id, or redirects elsewhere.")
    for entry in dataset.entries.values():
        into = dataset.entries.get((entry.type, entry.values.get("merged_into", "")))
        if into and "merged_into" in into.values:
            problems.add(entry.at("merged_into"), f"“{into.key}” was itself merged: name what it is now.")


def check_access(dataset: Dataset, problems: Problems) -> None:
    """No two events give one product and place different statuses from the same day."""
    said: dict[tuple[Any, ...], tuple[str, Place]] = {}
    for entry in dataset.of(RecordType.EVENT):
        if entry.values["certainty"] == Certainty.DENIED or "retracted" in entry.values:
            continue
        for index, effect in enumerate(entry.values.get("access", ()), 1):
            key = (effect["product"], effect.get("country"), effect.get("group"), effect["from"])
            at = entry.at("access", index)
            status, place = said.setdefault(key, (effect["status"], at))
            if status != effect["status"]:
                problems.add(at, f"From the same day on, {place} says “{status}”.")


def check_order(dataset: Dataset, problems: Problems) -> None:
    """Relations that count lead to earlier events, and never in a circle."""
    for entry in dataset.of(RecordType.EVENT):
        for index, link in enumerate(entry.values.get("follows", ()), 1):
            earlier = dataset.entries.get((RecordType.EVENT, link["id"]))
            at = entry.at("follows", index, "id")
            if earlier is entry:
                problems.add(at, "An event does not relate to itself.")
            elif earlier and counts(entry) and rules.is_too_late(earlier.values["date"], entry.values["date"]):
                problems.add(at, rules.too_late(earlier.key))
    entries = {entry.id: entry for entry in dataset.of(RecordType.EVENT)}
    graph = {
        key: [
            other
            for other in followed(entry)
            if other in entries and other != key and entries[other].values["date"] <= entry.values["date"]
        ]
        for key, entry in entries.items()
    }
    if path := rules.circle(graph):
        problems.add(entries[path[0]].at("follows"), rules.in_a_circle(key for _, key in path))


def counts(entry: Entry) -> bool:
    return rules.relations_count(retracted="retracted" in entry.values)


def followed(entry: Entry) -> list[Key]:
    """The events that have to come before this one."""
    return [(RecordType.EVENT, link["id"]) for link in entry.values.get("follows", ()) if counts(entry)]


def in_order(dataset: Dataset) -> list[Entry]:
    """The events by date, those of one day by how many others they follow, one behind the other; then as they stand.

    Export writes them so, too: files that were exported are loaded and exported as the same.
    """
    events = list(dataset.of(RecordType.EVENT))
    dates = {entry.id: entry.values["date"] for entry in events}
    same_day = {entry.id: [other for other in followed(entry) if dates[other] == dates[entry.id]] for entry in events}
    depths = rules.depths(same_day)
    return sorted(events, key=lambda entry: (dates[entry.id], depths[entry.id]))
