"""Change lists that stay quick at a million rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import FieldDoesNotExist
from django.core.paginator import Paginator
from django.db.models import CharField, Func, Max, Min, QuerySet, TextField
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest
from django.utils.functional import cached_property

from events.admin import matching
from events.admin.matching import BESIDE, MAX_COUNTED, QUEUE, STATE, YEAR, newest_matching
from events.admin.queues import QUEUES
from events.choices import State
from events.lib.dates import MONTH_NAMES
from events.models import Event, TimelineCount

OTHERS = sorted(set(State) - {State.PUBLISHED})


class CappedPaginator(Paginator[Any]):
    """Counts no further than 10,000 rows: beyond, the list says "more than", and a filter or a search leads on."""

    @cached_property
    def counted(self) -> int:
        rows: Any = self.object_list
        return rows.order_by()[: MAX_COUNTED + 1].count() if isinstance(rows, QuerySet) else len(rows)

    @property
    def count(self) -> int:
        return min(self.counted, MAX_COUNTED)

    @property
    def has_more(self) -> bool:
        return self.counted > MAX_COUNTED


class PublicFilter(admin.SimpleListFilter):
    """Of reference records: part of the public record, or not yet."""

    title = "public"
    parameter_name = "public"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Public"), ("no", "Not yet public")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        if self.value() not in ("yes", "no"):
            return None
        return queryset.filter(in_record=self.value() == "yes")


class Folded(Func):
    """A text as it is sorted: by the bytes of its letters whatever their case.

    SQLite is taught `events.lib.names.folded` by `events.apps`; PostgreSQL's lower() is as near as it comes, and knows
    ASCII alone in a database whose locale is C.
    """

    function = "folded"
    arity = 1

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template='LOWER(%(expressions)s) COLLATE "C"', **context)


class NamesChangeList(ChangeList):
    """A list whose texts are sorted whatever the case, and what is empty before all others."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        return [whatever_the_case(self.model, part) for part in super().get_ordering(request, queryset)]


def whatever_the_case(model: Any, part: Any) -> Any:
    """A part of an order; where it is the name of a text, or of a record that is sorted by one, the text folded."""
    if not isinstance(part, str):
        return part
    path = part.removeprefix("-")
    try:
        for name in path.split(LOOKUP_SEP):
            field = model._meta.get_field(name)
            model = field.related_model
        if field.is_relation:
            [name] = model._meta.ordering
            path, field = LOOKUP_SEP.join((path, name)), model._meta.get_field(name)
    except (FieldDoesNotExist, AttributeError, ValueError):  # an annotation, a key, or more than one text
        return part
    if not isinstance(field, CharField | TextField) or field.choices:
        return part
    return Folded(path).desc(nulls_last=True) if part.startswith("-") else Folded(path).asc(nulls_first=True)


@dataclass(frozen=True)
class Period:
    title: str
    link: str
    chosen: bool = False


class EventChangeList(ChangeList):
    """The list of events, with years and months to choose from.

    Django's own date hierarchy reads every date of the table. This one reads the roll-up of published events by month,
    and the dates of the few others by the index on state and date.
    """

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Event]:
        self.of_first = self.first_of(request)
        found = self.found(request, exclude_parameters)
        self.of_newest: int | None = getattr(request, "of_newest", None)
        return found

    def found(self, request: HttpRequest, exclude_parameters: Any) -> QuerySet[Event]:
        found: QuerySet[Event] = super().get_queryset(request, exclude_parameters)
        # A queue, a search and a state each have an index of their own; the dates of all events together have none.
        if YEAR not in request.GET or {QUEUE, STATE, SEARCH_VAR} & set(request.GET):
            return found
        if (newest := newest_matching(request)) is not None:
            others = Event.objects.filter(state__in=OTHERS, date__year=request.GET[YEAR])
            found = found.filter(pk__in=others.order_by().values("pk").union(newest))
        return found

    def first_of(self, request: HttpRequest) -> int:
        """How many rows of a long queue are asked for what else is asked; 0: all that are in it."""
        queue = QUEUES.get(request.GET.get(QUEUE, ""))
        if queue is None or queue.model is not Event or queue.tag or not set(request.GET) - BESIDE:
            return 0
        assert isinstance(request.user, AbstractUser)
        return matching.MAX_COUNTED if queue.first(request.user).count() > matching.MAX_COUNTED else 0

    @property
    def years(self) -> list[Period]:
        first, last = self.span
        if first is None or last is None:
            return []
        chosen = self.chosen("year")
        return [
            Period(str(year), self.link({"date__year": year}), year == chosen)
            for year in range(last.year, first.year - 1, -1)
        ]

    @property
    def months(self) -> list[Period]:
        """Those of the chosen year."""
        year = self.chosen("year")
        if year is None:
            return []
        return [
            Period(name, self.link({"date__year": year, "date__month": month}), month == self.chosen("month"))
            for month, name in enumerate(MONTH_NAMES, 1)
        ]

    @property
    def all_dates(self) -> str:
        return self.link({})

    def link(self, params: dict[str, Any]) -> str:
        return self.get_query_string(params, ["date__"])

    def chosen(self, part: str) -> int | None:
        value = self.params.get(f"date__{part}")
        return int(value) if isinstance(value, str) and value.isdecimal() else None

    @cached_property
    def span(self) -> tuple[dt.date | None, dt.date | None]:
        """The dates between which all events lie."""
        days = list(self.ends())
        return (min(days), max(days)) if days else (None, None)

    def ends(self) -> Iterator[dt.date]:
        published = TimelineCount.objects.filter(tag="", count__gt=0).aggregate(first=Min("month"), last=Max("month"))
        if published["first"] is not None:
            yield from (dt.date(month // 12, month % 12 + 1, 1) for month in published.values())
        others = Event.objects.filter(state__in=OTHERS)
        yield from (day for day in others.aggregate(first=Min("date"), last=Max("date")).values() if day)
