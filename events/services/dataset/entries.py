"""The tables of the data set, the keys of their rows, and what is remembered of an entry.

An entry is kept in one normal form, whichever way it was written: read from a file here, drawn from rows by
`describing`. Two entries say the same if their normal forms are equal; so a digest of it tells a change.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from events.choices import (
    AccessStatus,
    Certainty,
    Checked,
    ClosedBy,
    CompanyKind,
    CompanyRole,
    EventKind,
    LinkStatus,
    OwnershipKind,
    PlaceRole,
    PolicyKind,
    PolicyRelation,
    Precision,
    ProductKind,
    PublisherKind,
    RecordType,
    RelationKind,
    Stance,
    Tier,
)
from events.lib.canonical import canonical, sha256
from events.models import (
    AccessEffect,
    Agency,
    AgencyAlias,
    Citation,
    Company,
    CompanyAlias,
    CountryGroup,
    Event,
    Ownership,
    Policy,
    PolicyAlias,
    Product,
    ProductAlias,
    Publisher,
    Source,
)
from events.services.dataset.parsing import Map
from events.services.dataset.problems import Place
from events.services.dataset.shapes import (
    Read,
    Record,
    about,
    code,
    day,
    either,
    event_slug,
    listing,
    loose_day,
    number,
    slug,
    source_id,
    text,
    true,
    url,
    word,
)

Key = tuple[str, str]


@dataclass
class Entry:
    """One entry: `type` and `key` as in the public log, `values` its normal form, `place` and `node` where it stands.

    `published`: public by itself, though nothing that is public may refer to it.
    """

    type: RecordType
    key: str
    values: dict[str, Any]
    place: Place = field(default_factory=lambda: Place(""))
    node: Map = field(default_factory=Map)
    published: bool = False

    @property
    def id(self) -> Key:
        return self.type, self.key

    def at(self, *path: str | int) -> Place:
        """The place of a part of it, as exactly as is known; list items count from 1."""
        place = self.place
        node: Any = self.node
        for step in path:
            line = 0
            if isinstance(step, int) and step <= len(getattr(node, "lines", ())):
                line, node = node.lines[step - 1], node[step - 1]
            elif isinstance(step, str) and isinstance(node, Map) and step in node:
                line, node = node.lines[step], node[step]
            place = place.within(step, line)
        return place

    @property
    def digest(self) -> str:
        return digest(self.values)


def digest(values: dict[str, Any]) -> str:
    return sha256(canonical(_plain(values)))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, dt.date) else value


aliases = {
    RecordType.AGENCY: {"aliases": listing(text(AgencyAlias, "name"))},
    RecordType.COMPANY: {"aliases": listing(text(CompanyAlias, "name"))},
    RecordType.PRODUCT: {"aliases": listing(text(ProductAlias, "name"))},
    RecordType.POLICY: {"aliases": listing(text(PolicyAlias, "name"))},
}
# What an export adds: a record that is public by itself, and one that turned out to be another.
standing = {"published": true, "merged_into": slug}

GROUP = Record(
    {"slug": slug, "name": text(CountryGroup, "name")},
    {
        "issuer": slug,
        "citation": text(CountryGroup, "citation"),
        "url": url(CountryGroup, "official_url"),
        "members": listing(either(code, Record({"code": code}, {"since": day, "until": day}), "code")),
        "checked": word(Checked),
        "note": text(CountryGroup, "note"),
        "published": true,
    },
)
AGENCY = Record(
    {"slug": slug, "name": text(Agency, "name")},
    {"short": text(Agency, "short"), **aliases[RecordType.AGENCY], "country": code, "group": slug, **standing},
)
COMPANY = Record(
    {"slug": slug, "name": text(Company, "name"), "kind": word(CompanyKind)},
    {**aliases[RecordType.COMPANY], "country": code, **standing},
)
OWNERSHIP = Record(
    {"owner": slug, "owned": slug, "kind": word(OwnershipKind)},
    {"since": loose_day, "until": loose_day, "note": text(Ownership, "note")},
)
PRODUCT = Record(
    {"slug": slug, "name": text(Product, "name"), "kind": word(ProductKind)},
    {**aliases[RecordType.PRODUCT], "company": slug, "models_from": slug, **standing},
)
POLICY = Record(
    {"slug": slug, "title": text(Policy, "title"), "kind": word(PolicyKind), "issuer": slug},
    {
        **aliases[RecordType.POLICY],
        "country": code,
        "citation": text(Policy, "citation"),
        "url": url(Policy, "official_url"),
        **standing,
    },
)
PUBLISHER = Record(
    {"slug": slug, "name": text(Publisher, "name"), "kind": word(PublisherKind)},
    {"country": code, "group": slug, **standing},
)


@dataclass(frozen=True)
class References:
    """How an event names other records: readers that give their slugs, and codes of countries."""

    company: Read = slug
    agency: Read = slug
    product: Read = slug
    policy: Read = slug
    group: Read = slug
    publisher: Read = slug
    country: Read = code
    event: Read = slug


BY_SLUG = References()
Readers = dict[str, Read]


def description(named: References) -> tuple[Readers, Readers]:
    """What is said of a source: the keys that it needs, and those that it may have."""
    return (
        {"publisher": named.publisher, "title": text(Source, "title"), "url": url(Source, "url"), "tier": word(Tier)},
        {
            "slug": source_id,
            "date": day,
            "authors": listing(text(Publisher, "name")),
            "language": text(Source, "language"),
            "paywalled": true,
            "relays": named.publisher,
            "archive": url(Source, "archive_url"),
            "link": Record({"status": word(LinkStatus), "since": day}, {}),
        },
    )


NEEDED, ADDED = description(BY_SLUG)
SOURCE = Record(NEEDED, {**ADDED, "published": true, "merged_into": source_id})
CITING = {"stance": word(Stance), "locator": text(Citation, "locator"), "id": number, "position": number}
QUOTE = Record({}, {"text": text(Citation, "quote"), "speaker": text(Citation, "speaker"), "about": about, **CITING})


def cited_source(named: References, *, whole: bool) -> Record:
    """A source as an event cites it; `whole` where all that makes a source has to be said again."""
    needed, added = description(named)
    if not whole:
        needed, added = {"url": needed.pop("url")}, needed | added
    return Record(needed, {**added, **CITING, "quotes": listing(QUOTE)})


def effect_by(named: References) -> Record:
    return Record(
        {"id": number, "product": named.product, "status": word(AccessStatus), "from": day},
        {
            "country": named.country,
            "group": named.group,
            "except": listing(named.country),
            "precision": word(Precision),
            "until": day,
            "by": listing(word(ClosedBy)),
            "note": text(AccessEffect, "note"),
        },
    )


def event_by(named: References, *, needed: Collection[str]) -> Record:
    """An event whose keys `needed` have to be there; the sources of one that needs them are described in full."""
    readers: Readers = {
        "id": event_slug,
        "date": day,
        "precision": word(Precision),
        "kind": word(EventKind),
        "certainty": word(Certainty),
        "title": text(Event, "title"),
        "sources": listing(cited_source(named, whole="sources" in needed)),
        "end_date": day,
        "summary": text(Event, "summary"),
        "body": text(Event, "body"),
        "companies": listing(Record({"slug": named.company, "role": word(CompanyRole)}, {}), by="slug"),
        "agencies": listing(named.agency),
        "countries": listing(Record({"code": named.country, "role": word(PlaceRole)}, {}), by="code"),
        "groups": listing(Record({"slug": named.group, "role": word(PlaceRole)}, {}), by="slug"),
        "products": listing(named.product),
        "policies": listing(
            Record({"slug": named.policy, "relation": word(PolicyRelation)}, {"partial": true}), by="slug"
        ),
        "access": listing(effect_by(named), by="id"),
        "follows": listing(Record({"id": named.event, "relation": word(RelationKind)}, {}), by="id"),
        "quote": Record(
            {"text": text(Citation, "quote"), "speaker": text(Citation, "speaker"), "source": url(Source, "url")}, {}
        ),
        "numbered": Record({}, {"access": number, "sources": number}),
        "retracted": Record({"on": day, "reason": text(Event, "retraction_reason")}, {}),
        "redirects": listing(event_slug),
        "checked": word(Checked),
    }
    return Record(
        {key: readers[key] for key in readers if key in needed},
        {key: readers[key] for key in readers if key not in needed},
    )


EVENT = event_by(BY_SLUG, needed=("id", "date", "precision", "kind", "certainty", "title", "sources"))

# In the order in which they are loaded: what is referred to comes first. The name of a table in reference.yaml.
TABLES = {
    "groups": (RecordType.GROUP, GROUP),
    "agencies": (RecordType.AGENCY, AGENCY),
    "companies": (RecordType.COMPANY, COMPANY),
    "products": (RecordType.PRODUCT, PRODUCT),
    "policies": (RecordType.POLICY, POLICY),
    "publishers": (RecordType.PUBLISHER, PUBLISHER),
    "sources": (RecordType.SOURCE, SOURCE),
}
COUNTRIES = listing(code)
