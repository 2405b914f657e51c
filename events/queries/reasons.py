"""Access answers with all that they rest on: the event, who decided, who says so, and what comes next."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from events.choices import Certainty, Precision, RecordType
from events.lib.countries import CountryEntry, countries_by_code
from events.models import AccessRecord
from events.models.base import SLUG
from events.queries.answers import MOST_OF_A_PLACE, Answer, Held, Question, answers, courses, scheduled
from events.queries.evidence import independent, voice_in
from events.queries.history import documents_at, merged_at

Document = Mapping[str, Any]


class Unknown(Exception):
    """What a question names and the record does not know; `name` says what it was named as ("product")."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(problem)
        self.name = name


@dataclass(frozen=True)
class Record:
    """What answers draw on besides the ledger, as it stood at a revision: products, and the events that decide."""

    revision: int
    events: dict[str, Document] = field(default_factory=dict)
    asked_for: dict[str, Document | None] = field(default_factory=dict)  # products looked for by slug; None: none such

    @cached_property
    def products(self) -> Mapping[str, Document]:
        """All products by slug, but for those that turned out to be another one."""
        found = documents_at(self.revision, RecordType.PRODUCT)
        self.asked_for.update(found)
        return {slug: each for slug, each in found.items() if "merged_into" not in each}

    @cached_property
    def groups(self) -> Mapping[str, Document]:
        return documents_at(self.revision, RecordType.GROUP)

    def group(self, slug: str) -> Document:
        """The group; by its slug alone where all that was said of it by then was redacted."""
        return self.groups.get(slug) or {"slug": slug, "name": slug, "url": f"/api/v1/groups/{slug}/"}

    def knows(self, slug: str) -> bool:
        """Whether there is such a product, or was; not where all that was said of it by then was redacted."""
        try:
            self.product(slug)
        except Unknown:
            return False
        return True

    def product(self, slug: str) -> Document:
        """The product of this slug, or the one that it became. Raises Unknown."""
        found = self.document_of_product(slug)
        if found and "merged_into" in found:
            found = self.document_of_product(found["merged_into"])
        if not found:
            raise Unknown("product", f"There is no product “{slug}” on record at revision {self.revision}.")
        return found

    def read_products(self, slugs: Iterable[Any]) -> None:
        """Have the documents of these products at hand, as far as there are any; of what is no slug there is none."""
        asked = {slug for slug in slugs if isinstance(slug, str) and re.fullmatch(SLUG, slug)}
        if missing := asked - self.asked_for.keys():
            self.asked_for.update(dict.fromkeys(missing) | documents_at(self.revision, RecordType.PRODUCT, missing))

    def document_of_product(self, slug: str) -> Document | None:
        if "products" not in self.__dict__:
            self.read_products([slug])
        return self.asked_for.get(slug)

    def country(self, code: str) -> CountryEntry:
        """Raises Unknown."""
        if code not in countries_by_code():
            raise Unknown("country", f"There is no country “{code}”: give a code of ISO 3166-1 alpha-2, such as CN.")
        return countries_by_code()[code]

    def company(self, slug: str, name: str = "company") -> str:
        """The slug of the company, or of the one that it became. Raises Unknown with that name."""
        slug = merged_at(self.revision, RecordType.COMPANY).get(slug, slug)
        if slug not in documents_at(self.revision, RecordType.COMPANY, [slug]):
            raise Unknown(name, f"There is no company “{slug}” on record at revision {self.revision}.")
        return slug

    def read_events(self, held: Iterable[Held | AccessRecord | None]) -> None:
        """Have the documents at hand of the events that decided."""
        missing = {each.event for each in held if each} - self.events.keys()
        if missing:
            self.events.update(documents_at(self.revision, RecordType.EVENT, missing))


@dataclass(frozen=True)
class Reasoned:
    """An answer and what the record said of it at that revision."""

    answer: Answer
    record: Record
    next: Reasoned | None = None

    @property
    def question(self) -> Question:
        return self.answer.question

    @property
    def held(self) -> Held | None:
        return self.answer.held

    @property
    def status(self) -> str | None:
        return self.answer.status

    @property
    def product(self) -> Document:
        return self.record.product(self.question.product)

    @property
    def country(self) -> CountryEntry:
        return self.record.country(self.question.country)

    @property
    def group(self) -> Document | None:
        """The group through which it comes; None where it is the country's own, or where there is none."""
        return self.record.group(self.held.place) if self.held and self.held.span else None

    @property
    def event(self) -> Document | None:
        return self.record.events[self.held.event] if self.held else None

    @property
    def effect(self) -> Document | None:
        if self.held is None or self.event is None:
            return None
        return next(each for each in self.event["access_effects"] if each["id"] == self.held.effect)

    @property
    def day_precision(self) -> str:
        """How exactly the day asked about is known where it is the first one of the answer; any other is exact."""
        return (self.since_precision if self.answer.since == self.question.on else None) or "day"

    @property
    def since_precision(self) -> str | None:
        """How exact the first day of the answer is; the days on which effects end and countries join are exact."""
        if self.held is None:
            return None
        as_given = self.answer.since == self.held.effective_date and not self.answer.has_ended
        return self.held.date_precision if as_given else Precision.DAY.value

    @property
    def is_disputed(self) -> bool:
        return self.event is not None and self.event["certainty"] == Certainty.DISPUTED

    @property
    def is_direct(self) -> bool:
        return self.held is not None and self.held.span is None

    @cached_property
    def told(self) -> list[Document]:
        """The event's citations, but for those that are about its other effects alone."""
        if self.held is None or self.event is None:
            return []
        about = ("event", "date", f"effect:{self.held.effect}")
        return [each for each in self.event["citations"] if each["about"] in about]

    @cached_property
    def citations(self) -> list[Document]:
        """Those that had been published by the day asked about as `known`; all that bear a date where none is."""
        known = self.question.known
        return [
            each
            for each in self.told
            if (day := each["source"]["published"]) and (known is None or dt.date.fromisoformat(day) <= known)
        ]

    @cached_property
    def undated_citations(self) -> list[Document]:
        """Those of which nobody knows whether they had been published by then."""
        return [each for each in self.told if not each["source"]["published"]]

    @property
    def independent_origins(self) -> int:
        """How many independent origins support it among what had been published; without `known`, among all."""
        return independent(map(voice_in, self.citations if self.question.known else self.told))


def reasoned(questions: Sequence[Question], record: Record) -> list[Reasoned]:
    """The answers with their reasons, and the next change of each; as many queries for one as for many."""
    found = answers(questions, revision=record.revision)
    later = scheduled(found, revision=record.revision)
    record.read_events(answer.held for answer in (*found, *later) if answer)
    return [
        Reasoned(answer, record, Reasoned(following, record) if following else None)
        for answer, following in zip(found, later, strict=True)
    ]


def explained(given: Iterable[Answer], record: Record) -> list[Reasoned]:
    """Answers with their reasons, and without what comes next."""
    found = list(given)
    record.read_events(answer.held for answer in found)
    return [Reasoned(answer, record) for answer in found]


def histories(questions: Sequence[Question], record: Record, *, most: int | None = None) -> list[list[Reasoned]]:
    """Every answer that each pair has had and is to have, oldest first; with `most` only so many of the newest."""
    found = courses(questions, revision=record.revision, most=most or MOST_OF_A_PLACE)
    if most:
        found = [each[-most:] for each in found]
    record.read_events(answer.held for each in found for answer in each)
    return [explained(each, record) for each in found]


def routes(record: Record, *, developer: str | None = None, company: str | None = None) -> list[str]:
    """Slugs of the products that serve a developer's models, whoever offers them; or of those that a company offers."""
    return [
        slug
        for slug, product in record.products.items()
        if (developer is None or developer_of(product) == developer)
        and (company is None or (product["company"] or {}).get("slug") == company)
    ]


def developer_of(product: Document) -> str | None:
    """Slug of the company whose models, or whose goods, a product is; None: goods of many makers."""
    maker = product["models_from"] or product["company"]
    return maker["slug"] if maker else None
