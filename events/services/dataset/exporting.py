"""The public record as a data set: what is loaded from it makes equal documents, and is exported as the same bytes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TextIO

from django.db.models import F, QuerySet, prefetch_related_objects

from events.choices import Action, RecordType, State
from events.documents import MODELS, prefetched, references, type_of
from events.models import Event, EventRelation, Ownership, PublicDocument, Source
from events.services import publishing, rules
from events.services.dataset.describing import describe, describe_ownership, filled
from events.services.dataset.entries import TABLES
from events.services.dataset.layout import flow, row, table
from events.services.dataset.reading import NO_THEME, REFERENCE

BATCH = 500
SHORT = ("agencies", "companies", "publishers", "products")
Ids = set[tuple[RecordType, Any]]


def export(folder: Path) -> int:
    """Write the public record into a folder: reference.yaml and a file a theme; the number of events.

    The head of the log is held, so that it is the record as it stands at one revision.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with publishing.recording():
        used: Ids = set()
        count = write_events(folder, used)
        with open(folder / f"{REFERENCE}.yaml", "w", encoding="utf-8", newline="\n") as file:
            file.writelines(list(reference(used)) or ["{}\n"])
    return count


def write_events(folder: Path, used: Ids) -> int:
    """The files of events, by date; notes in `used` all that their documents make public."""
    files: dict[str, TextIO] = {}
    count = 0
    with ExitStack() as stack:
        for event in public_events():
            values = describe(event)
            theme = values.pop("theme", NO_THEME)
            if theme not in files:
                path = folder / f"{theme}.yaml"
                files[theme] = stack.enter_context(open(path, "w", encoding="utf-8", newline="\n"))
                files[theme].write("events:\n")
            files[theme].write("\n")
            files[theme].writelines(row(laid_out(values, event), 2, short=False))
            used |= {(type_of(other), other.pk) for other in references(event)}
            count += 1
    return count


def public_events() -> Iterator[Event]:
    """Published and retracted events in the order of loading, as `checking.in_order` has it, a batch at a time."""
    public = (State.PUBLISHED, State.RETRACTED)
    same_day: dict[int, list[int]] = defaultdict(list)
    relations = EventRelation.objects.filter(
        event__date=F("earlier__date"), event__state=State.PUBLISHED, earlier__state__in=public
    )
    for pk, earlier in relations.order_by().values_list("event", "earlier"):
        same_day[pk].append(earlier)
    depths = rules.depths(same_day)
    dated = Event.objects.filter(state__in=public).values_list("date", "pk")
    pks = [pk for _, _, pk in sorted((date, depths.get(pk, 0), pk) for date, pk in dated)]
    for start in range(0, len(pks), BATCH):
        found = Event.objects.in_bulk(pks[start : start + BATCH])
        batch = prefetched(found[pk] for pk in pks[start : start + BATCH])
        prefetch_related_objects(batch, "merged_from")
        yield from batch


def laid_out(values: dict[str, Any], event: Event) -> dict[str, Any]:
    """An event's normal form in the keys of its file: its citations under their sources."""
    citations = values.pop("citations", [])
    checked = {key: values.pop(key) for key in ("numbered", "retracted", "redirects", "checked") if key in values}
    described = {citation.source.slug: citation.source for citation in event.citations.all()}
    grouped: dict[str, list[dict[str, Any]]] = {}
    for position, citation in enumerate(citations, 1):
        grouped.setdefault(citation.pop("source"), []).append(citation | {"position": position})
    order = [citation["position"] for of_source in grouped.values() for citation in of_source]
    if order == sorted(order):  # as they stand, without a word on it
        for of_source in grouped.values():
            for citation in of_source:
                del citation["position"]
    sources = [description(described[slug]) | citing(of_source) for slug, of_source in grouped.items()]
    return values | ({"sources": sources} if sources else {}) | checked


def citing(citations: list[dict[str, Any]]) -> dict[str, Any]:
    """How a source is cited: what is the same for all its citations once, the rest with each of its quotes."""
    shared = {
        key: value
        for key, value in citations[0].items()
        if key in ("stance", "locator") and all(citation.get(key) == value for citation in citations)
    }
    quotes = [{key: value for key, value in citation.items() if key not in shared} for citation in citations]
    if len(quotes) == 1 and not quotes[0].keys() & {"text", "speaker", "about"}:
        return shared | quotes[0]
    return shared | {"quotes": quotes}


def description(source: Source) -> dict[str, Any]:
    values = filled(describe(source))
    values.pop("merged_into", None)
    return values | link(source)


def link(source: Source) -> dict[str, Any]:
    """What checks of its address have confirmed, where it is in the document."""
    check = getattr(source, "link_check", None)
    if check is None or check.status_since is None:
        return {}
    return {"link": {"status": check.status, "since": check.status_since}}


# ---------------------------------------------------------------------------------------------------------- references


def reference(used: Ids) -> Iterator[str]:
    """reference.yaml, in the order in which it is loaded."""
    close(used)
    for name, (record_type, _) in TABLES.items():
        if record_type != RecordType.SOURCE:
            rows = (of_reference(each, used) for each in public_rows(record_type))
            yield from table(name, rows, short=name in SHORT)
        if record_type == RecordType.COMPANY:
            yield from table("ownerships", ownerships(), short=True)
    yield from table("sources", lone_sources(used), short=False)
    if lone := [row.code for row in public_rows(RecordType.COUNTRY) if (RecordType.COUNTRY, row.pk) not in used]:
        yield f"countries: {flow(lone)}\n"


def close(used: Ids) -> None:
    """Add what the records in `used` name in turn: all that loading the events makes public."""
    level = set(used)
    while level:
        named: Ids = set()
        for record_type in MODELS:
            pks = [pk for kind, pk in level if kind == record_type]
            for start in range(0, len(pks), BATCH):
                rows = prefetched(MODELS[record_type]._default_manager.filter(pk__in=pks[start : start + BATCH]))
                named |= {(type_of(other), other.pk) for row in rows for other in references(row)}
        level = named - used
        used |= level


def public_rows(record_type: RecordType) -> Iterator[Any]:
    """The rows of all public records of a type, by slug."""
    public = PublicDocument.objects.of_type(record_type).exclude(change__action=Action.REDACTED)
    name = "code" if record_type == RecordType.COUNTRY else "slug"
    rows: QuerySet[Any] = MODELS[record_type]._default_manager.filter(**{f"{name}__in": public.values("key")})
    keys = list(rows.order_by(name).values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        yield from prefetched(rows.filter(pk__in=keys[start : start + BATCH]).order_by(name))


def of_reference(record: Any, used: Ids) -> dict[str, Any]:
    values = describe(record)
    values.pop("ownerships", None)
    if "members" in values:
        values["members"] = [m["code"] if m.keys() == {"code"} else m for m in values["members"]]
    if (type_of(record), record.pk) not in used and "merged_into" not in values:
        values["published"] = True
    return values


def ownerships() -> Iterator[dict[str, Any]]:
    """Ownerships between public companies, in the order in which documents list them."""
    public = PublicDocument.objects.of_type(RecordType.COMPANY).values("key")
    rows = Ownership.objects.filter(owner__slug__in=public, owned__slug__in=public).select_related("owner", "owned")
    for held in rows.order_by("pk"):
        yield {"owner": held.owner.slug} | describe_ownership(held)


def lone_sources(used: Ids) -> Iterator[dict[str, Any]]:
    """Public sources that no event cites, and those that were merged."""
    for source in public_rows(RecordType.SOURCE):
        if (RecordType.SOURCE, source.pk) not in used:
            values = describe(source)
            yield values if "merged_into" in values else values | link(source) | {"published": True}
