"""The matrix of a country: every route to AI on a day, by the developer whose models or goods it leads to."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from django.http import QueryDict
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from events.choices import AccessStatus, RecordType, Stance
from events.documents.access import UNKNOWN, path
from events.models import WORLD
from events.queries.answers import Question, answers
from events.queries.reasons import Reasoned, Record, developer_of
from events.web import words
from events.web.access.bars import STATUS_LABEL, Bar, label_of
from events.web.access.clocks import Clocks
from events.web.access.sentences import deciders
from events.web.days import LONGEST, read
from events.web.record import Link, address_of

OF_MANY_MAKERS = gettext_noop("Goods of many makers")
MOST_PUBLISHERS = 2
KEPT = 500  # rows in memory, of some 5 kB each
CLOSED = {
    AccessStatus.BLOCKED: gettext_noop("Closed by"),
    AccessStatus.LIMITED: gettext_noop("Limited by"),
    AccessStatus.LICENSE_REQUIRED: gettext_noop("License demanded by"),
}


@dataclass(frozen=True)
class Next:
    status: str
    label: str
    day: str
    scheduled: bool


@dataclass(frozen=True)
class Row:
    """One route, ready for the template; texts are empty where there is nothing to say."""

    product: Link
    offered_by: str
    status: str
    label: str
    since: str  # when the status began, or, where it is unknown, when what held ended
    since_iso: str
    again: str  # the first day of the newest effect, where that says the same again; else ""
    ended: str  # what held until `since`
    disputed: bool
    closed_by: str
    note: str
    via: Link | None
    event: Link | None
    reported_on: str
    reported_by: str
    undated: bool  # whether nobody knows when it was reported that
    origins: str
    next: Next | None
    bar: Bar

    @property
    def drawn(self) -> SafeString:
        return drawn(self, get_language())


@lru_cache(maxsize=KEPT)
def drawn(row: Row, language: str | None) -> SafeString:
    """A row's HTML. Until the next day most rows stay the same, whatever is published meanwhile."""
    return mark_safe(get_template("access/_matrix_row.html").render({"row": row}))  # noqa: S308 - a template


@dataclass(frozen=True)
class Developer:
    """One whose models or goods the routes lead to; `address` is "" for goods of many makers."""

    slug: str
    name: str
    address: str
    rows: list[Row]


@dataclass(frozen=True)
class Brief:
    product: Link
    status: str
    label: str


@dataclass(frozen=True)
class Matrix:
    developers: list[Developer]
    counts: list[tuple[str, str, int]]  # status, its name, how many
    brief: list[Brief]  # routes that are not told about, with their answers alone, by name
    unrecorded: list[Link]  # products of which nothing is on record here, at any time

    @property
    def recorded(self) -> int:
        return sum(number for _, _, number in self.counts)


def matrix(found: Sequence[Reasoned], bars: Mapping[str, Bar], clocks: Clocks, now: dt.date) -> Matrix:
    """`bars` by product: those of the routes to tell about. Of others with an answer, the answer alone is said."""
    asked = clocks.query()
    rows: dict[str | None, list[tuple[tuple[bool, str], Row]]] = {}
    names: dict[str | None, str] = {None: _(OF_MANY_MAKERS)}
    for each in found:
        if each.question.product in bars:
            developer, maker = developer_of(each.product), each.product["models_from"] or each.product["company"]
            names[developer] = maker["name"] if maker else _(OF_MANY_MAKERS)
            row = row_of(each, bars[each.question.product], asked, now)
            rows.setdefault(developer, []).append(((bool(row.offered_by), row.product.name.casefold()), row))
    brief = [each for each in found if each.question.product not in bars and (each.held or each.next)]
    shown = [each for each in found if each.question.product in bars]
    counted = Counter(each.status or UNKNOWN for each in (*shown, *brief))
    without = {each.question.product for each in (*shown, *brief)}
    return Matrix(
        developers=[
            Developer(
                slug or "many-makers",
                names[slug],
                address_of(RecordType.COMPANY, slug) if slug else "",
                [row for _rest, row in sorted(rows[slug], key=lambda each: each[0])],
            )
            for slug in sorted(rows, key=lambda slug: (slug is None, names[slug].casefold()))
        ],
        counts=[
            (status, label, counted[status])
            for status, label in (*reversed(AccessStatus.choices), (UNKNOWN, STATUS_LABEL[UNKNOWN]))
            if counted[status]
        ],
        brief=sorted(
            (Brief(product_link(each, asked), each.status or UNKNOWN, label_of(each.status)) for each in brief),
            key=lambda each: each.product.name.casefold(),
        ),
        unrecorded=sorted(
            (product_link(each, asked) for each in found if each.question.product not in without),
            key=lambda link: link.name.casefold(),
        ),
    )


def product_link(found: Reasoned, asked: str) -> Link:
    return Link(f"{path(found.question)}?{asked}", found.product["name"])


def row_of(found: Reasoned, bar: Bar, asked: str, now: dt.date) -> Row:
    answer, held, product = found.answer, found.held, found.product
    company, decided = product["company"], answer.since
    newest = words.day_in_words(decided.isoformat(), found.since_precision or "day") if decided else ""
    began = bar.since(found.status, answer.question.on.isoformat())
    effect = found.effect if found.status else None
    publishers, undated = reporters(found)
    return Row(
        product=product_link(found, asked),
        offered_by=company["name"] if company and company["slug"] != developer_of(product) else "",
        status=found.status or UNKNOWN,
        label=label_of(found.status),
        since=began.day if began else newest,
        since_iso=began.iso if began else decided.isoformat() if decided else "",
        again=newest if began and began.day != newest else "",
        ended=words.status_in_sentence(held.status) if held and answer.has_ended else "",
        disputed=found.is_disputed,
        closed_by=closed_by(found),
        note=effect["note"] if effect else "",
        via=group_link(found),
        event=Link(found.event["html_url"], found.event["title"]) if found.event else None,
        reported_on=words.reported_in_words(found.effect, found.event) if found.effect and found.event else "",
        reported_by=words.shortened(publishers, MOST_PUBLISHERS),
        undated=undated,
        origins=words.origins_in_words(found.independent_origins),
        next=next_of(found, now),
        bar=bar,
    )


def closed_by(found: Reasoned) -> str:
    """ "Closed by the provider"; "" where it is open, or where nobody knows."""
    verb = _(CLOSED.get(AccessStatus(found.status), "")) if found.status else ""
    who = deciders(found) if verb else ""
    return f"{verb} {who}" if who else ""


def group_link(found: Reasoned) -> Link | None:
    if found.group is None:
        return None
    slug = found.group["slug"]
    return Link(
        address_of(RecordType.GROUP, slug), _("a rule for every country") if slug == WORLD else found.group["name"]
    )


def reporters(found: Reasoned) -> tuple[list[str], bool]:
    """Who supports it, the editors' first source first; and whether all of them are undated, though a day is asked."""
    told, undated = (found.citations, False) if found.question.known else (found.told, False)
    if not told:
        told, undated = found.undated_citations, bool(found.undated_citations)
    names = [each["source"]["publisher"]["name"] for each in told if each["stance"] == Stance.SUPPORTS]
    return list(dict.fromkeys(names)), undated


def next_of(found: Reasoned, now: dt.date) -> Next | None:
    following = found.next
    if following is None:
        return None
    day = following.question.on
    return Next(
        following.status or UNKNOWN,
        label_of(following.status),
        words.day_in_words(day.isoformat(), following.day_precision),
        scheduled=day > now,
    )


# ------------------------------------------------------------------------------------------ what changed between days


@dataclass(frozen=True)
class Between:
    """The two days of the form; what could not be read has a problem by the name of its field."""

    start: dt.date | None
    end: dt.date
    typed: dict[str, str]
    problems: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, asked: QueryDict, on: dt.date) -> Between:
        """Where only one day is given the other one is `on`, the day that the page is about."""
        typed = {name: asked.get(name, "").strip()[:LONGEST] for name in ("from", "to")}
        days: dict[str, dt.date | None] = {}
        problems: dict[str, str] = {}
        for name, text in typed.items():
            days[name], problem = read(text)
            if problem:
                problems[name] = problem
        start, end = days["from"], days["to"] or on
        if days["to"] and not start and not problems:
            start, end = sorted((on, end))
        if start and start > end and not problems:
            problems["from"] = _("The first day comes after the second.")
        return cls(start, end, typed, problems)

    @property
    def is_asked(self) -> bool:
        return self.start is not None and not self.problems

    @property
    def suggested_from(self) -> str:
        """A year earlier, to begin with."""
        if self.start:
            return self.start.isoformat()
        return dt.date.fromordinal(max(self.end.toordinal() - 365, 1)).isoformat()


@dataclass(frozen=True)
class Side:
    """What held on one of the two days."""

    status: str
    label: str
    address: str


@dataclass(frozen=True)
class Changed:
    product: str
    before: Side
    after: Side


def changed(record: Record, country: str, between: Between, clocks: Clocks) -> list[Changed]:
    """The products of another status on the second day than on the first, by name."""
    if not between.is_asked or between.start is None:
        return []
    days = between.start, between.end
    slugs = list(record.products)
    found = answers(
        [Question(slug, country, day, clocks.known) for day in days for slug in slugs], revision=record.revision
    )
    rows = []
    for slug, before, after in zip(slugs, found[: len(slugs)], found[len(slugs) :], strict=True):
        if before.status != after.status:
            sides = [
                Side(
                    each.status or UNKNOWN,
                    label_of(each.status),
                    f"{path(each.question)}?{clocks.query(on=each.question.on.isoformat())}",
                )
                for each in (before, after)
            ]
            rows.append(Changed(record.products[slug]["name"], *sides))
    return sorted(rows, key=lambda row: row.product.casefold())
