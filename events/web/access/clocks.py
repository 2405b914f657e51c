"""The three clocks of an access page: the day asked about, the day of knowing, and the revision of the record."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from events.caching import head
from events.lib.dates import today
from events.models import Change, LogHead
from events.queries.reasons import Record
from events.web import revisions
from events.web.days import LONGEST, read


@dataclass(frozen=True)
class Clocks:
    """What a page was asked for; what could not be read has its default, its text as typed, and a problem by name."""

    on: dt.date
    known: dt.date | None
    revision: int
    is_pinned: bool  # whether the address names the revision
    typed: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, asked: QueryDict) -> Clocks:
        newest = head().seq
        typed = {name: asked.get(name, "").strip()[:LONGEST] for name in ("on", "known", "revision")}
        problems: dict[str, str] = {}

        def day(name: str) -> dt.date | None:
            found, problem = read(typed[name])
            if problem:
                problems[name] = problem
            return found

        on, known = day("on"), day("known")
        if known and known > today():
            problems["known"] = _("Nobody knows yet what will be known then.")
            known = None
        revision, problem = revisions.read(typed["revision"], newest)
        if problem:
            problems["revision"] = problem
        return cls(on or today(), known, revision or newest, revision is not None, typed, problems)

    @property
    def record(self) -> Record:
        return Record(self.revision)

    @cached_property
    def head(self) -> LogHead:
        """The log's head as the page speaks of it: a pinned page never says what came later."""
        if not self.is_pinned:
            return head()
        change = Change.objects.only("seq", "hash", "at").get(seq=self.revision)
        return LogHead(seq=change.seq, hash=change.hash, at=change.at)

    @cached_property
    def now(self) -> dt.date:
        """The day after which all is still to come: that of knowing, that of a pinned revision, else today."""
        if self.known:
            return self.known
        return self.head.at.date() if self.is_pinned and self.head.at else today()

    def query(self, **changed: Any) -> str:
        """These clocks as the query of an address, some of them changed (None: left out)."""
        named = {
            "on": self.on.isoformat(),
            "known": self.known.isoformat() if self.known else None,
            "revision": self.revision if self.is_pinned else None,
        }
        return urlencode({name: value for name, value in (named | changed).items() if value is not None})

    @property
    def permalink(self) -> str:
        """The query that pins all three."""
        return self.query(revision=self.revision)

    @property
    def newest(self) -> str:
        """The query that asks the record as it stands now."""
        return self.query(revision=None)
