"""From a candidate to a draft: what an editor took of the findings, with the source cited and the relay recorded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F
from django.utils.text import slugify

from events.choices import EventKind, PolicyRelation, Precision, PublisherKind, Tier
from events.ingest.names import without_article
from events.lib.names import folded
from events.lib.urls import BadUrl, normalize
from events.models import (
    Agency,
    Candidate,
    Citation,
    Company,
    Country,
    CountryGroup,
    Event,
    EventAgency,
    EventCompany,
    EventCountry,
    EventGroup,
    EventPolicy,
    EventProduct,
    Policy,
    Product,
    Publisher,
    Source,
)
from events.models.base import RESERVED_SLUGS
from events.services import inbox, publishing, review

# What an event of a kind does to the policies that its report names, until an editor says otherwise.
RELATIONS: dict[str, str] = {
    EventKind.PROPOSAL: PolicyRelation.PROPOSES,
    EventKind.ADOPTION: PolicyRelation.ADOPTS,
    EventKind.ENFORCEMENT: PolicyRelation.BRINGS_INTO_FORCE,
    EventKind.AMENDMENT: PolicyRelation.AMENDS,
    EventKind.SUSPENSION: PolicyRelation.SUSPENDS,
    EventKind.RESCISSION: PolicyRelation.RESCINDS,
    EventKind.CLARIFICATION: PolicyRelation.INTERPRETS,
}


class DraftingError(ValueError):
    """No draft was made; `problems` are sentences for the desk."""

    def __init__(self, *problems: str) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Quotation:
    speaker: str
    quote: str


@dataclass(frozen=True)
class Taken:
    """What an editor took: slugs and codes with their roles, the source's particulars, the event's."""

    title: str
    kind: str
    publisher: str
    publisher_kind: str = PublisherKind.NEWS
    tier: str = Tier.SECONDARY
    relays: str = ""
    certainty: str = "confirmed"
    date: dt.date | None = None
    precision: str = Precision.DAY
    companies: Mapping[str, str] = field(default_factory=dict)
    countries: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    agencies: Sequence[str] = ()
    products: Sequence[str] = ()
    policies: Sequence[str] = ()
    url: str = ""  # of the source, where the candidate has none
    locator: str = ""
    summary: str = ""
    quotations: Sequence[Quotation] = ()


@publishing.recording()
def draft(candidate: Candidate, taken: Taken, *, by: AbstractUser) -> Event:
    """A draft of what was taken; the candidate and all that is gathered under it are settled by it.

    With the log's head, as whatever the desk saves: slugs, publishers and pages that are not there yet are made once.
    Raises DraftingError, and nothing is written: where a rule is broken, or where it has become a draft meanwhile.
    """
    event = Event(
        slug=free_slug(taken.title),
        title=taken.title,
        kind=taken.kind,
        certainty=taken.certainty,
        summary=taken.summary,
        date=taken.date,
        date_precision=taken.precision if taken.date else Precision.DAY,
    )
    save(event)
    link(event, taken)
    source = source_of(candidate, taken)
    for position, said in enumerate(taken.quotations or [Quotation("", "")]):
        save(
            Citation(
                event=event,
                source=source,
                position=position,
                locator=taken.locator,
                speaker=said.speaker,
                quote=said.quote,
            )
        )
    review.content_changed(event, by=by)
    # By the row that the update found, not by the one that was read: of two editors exactly one gets it.
    inbox.settle(candidate, by=by, event=event)
    if not Candidate.objects.filter(pk=candidate.pk, event=event).exists():
        raise DraftingError("Somebody made a draft of it meanwhile.")
    return event


def link(event: Event, taken: Taken) -> None:
    """Tie the event to what was taken; what has been deleted or merged since is left out."""
    relation = (
        RELATIONS.get(EventKind(taken.kind), PolicyRelation.ANNOUNCES) if taken.kind else PolicyRelation.ANNOUNCES
    )
    for row in found(Company, taken.companies):
        save(EventCompany(event=event, company=row, role=taken.companies[row.slug]))
    for row in found(Agency, taken.agencies):
        save(EventAgency(event=event, agency=row))
    for row in Country.objects.filter(code__in=taken.countries):
        save(EventCountry(event=event, country=row, role=taken.countries[row.code]))
    for row in CountryGroup.objects.filter(slug__in=taken.groups):
        save(EventGroup(event=event, group=row, role=taken.groups[row.slug]))
    for row in found(Product, taken.products):
        save(EventProduct(event=event, product=row))
    for row in found(Policy, taken.policies):
        save(EventPolicy(event=event, policy=row, relation=relation))


def found(model: Any, slugs: Any) -> Any:
    return model.objects.filter(slug__in=list(slugs), merged_into=None).order_by("pk")


def source_of(candidate: Candidate, taken: Taken) -> Source:
    """The source at the candidate's address, in any of its spellings; made where there is none yet."""
    url = candidate.url or taken.url
    try:
        known = Source.objects.filter(normalized_url=normalize(url)).first()
    except BadUrl as problem:
        raise DraftingError(f"The source needs an address: {problem}") from problem
    if known is not None:
        return known.merged_into or known
    source = Source(
        url=url,
        title=candidate.title or taken.title,
        publisher=publisher_called(taken.publisher, taken.publisher_kind),
        authors=candidate.authors,
        language="" if candidate.language.lower().startswith("en") else candidate.language,
        published=candidate.published,
        tier=taken.tier,
        relays=publisher_called(taken.relays, PublisherKind.NEWS) if taken.relays else None,
    )
    save(source)
    return source


def publisher_called(name: str, kind: str) -> Publisher:
    """The publisher of that name; made where there is none yet."""
    name = " ".join(name.split())
    if known := known_publisher(name):
        return known
    slug = slugify(name)[:110]
    if not slug:
        raise DraftingError("The source needs a publisher, with a name in Latin letters for its address.")
    if Publisher.objects.filter(slug=slug).exists():
        raise DraftingError(f"“{slug}”, the slug of a publisher of that name, is another publisher’s.")
    publisher = Publisher(slug=slug, name=name, kind=kind)
    save(publisher)
    return publisher


def known_publisher(name: str) -> Publisher | None:
    """The publisher of that name, whatever its case and with or without its article; of a merged one what it became."""
    bare = without_article(" ".join(name.split()))
    wanted = {folded(bare), folded(f"the {bare}")}  # here: SQLite folds ASCII alone
    called = [pk for pk, held in Publisher.objects.order_by().values_list("pk", "name") if folded(held) in wanted]
    known = Publisher.objects.filter(pk__in=called).select_related("merged_into")
    found = known.order_by(F("merged_into").asc(nulls_first=True), "pk").first()
    return found and (found.merged_into or found)


def free_slug(title: str) -> str:
    """A slug for an event of that title that none bears."""
    base = slugify(title)[:100].strip("-") or "draft"
    for number in range(1, 1000):
        slug = base if number == 1 else f"{base}-{number}"
        if slug not in RESERVED_SLUGS and not Event.objects.filter(slug=slug).exists():
            return slug
    raise DraftingError("There are a thousand events of that title.")


def save(row: models.Model) -> None:
    """Save a row that its own rules allow. Raises DraftingError."""
    try:
        row.full_clean()
    except ValidationError as problem:
        raise DraftingError(*(f"{row._meta.verbose_name}: {message}" for message in problem.messages)) from problem
    row.save()
