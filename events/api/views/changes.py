"""The public log: for mirrors that stay in step, and for whoever verifies the chain."""

from __future__ import annotations

from http import HTTPStatus

import orjson
from django.http import HttpResponse, HttpResponseBase
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from events.api import shapes
from events.api.errors import BadParameters
from events.api.pagination import page_of
from events.api.parameters import Number, Parameters, Word
from events.api.renderers import json_answer, listing
from events.api.shapes import CHANGES
from events.api.tables import FORMAT, changes_as_csv, refuse_paging
from events.api.views.base import ReadOfTheRecord
from events.caching import head
from events.choices import RecordType
from events.documents import instant
from events.models import Change, LogHead
from events.queries.changes import Served, served

CHANGES_A_PAGE = Number("page_size", "How many changes a page has", least=1, most=1000, default=100)
AFTER = Number("after", "Changes after this seq", least=0)
BEFORE = Number("before", "The changes right before this seq", least=1)
TYPE = Word("type", "Changes of one type of record", words={each.value: each for each in RecordType})
AT = Number("at", "An older change's, 0 being the empty log's", least=0)


class ChangeList(ReadOfTheRecord):
    """The public log, oldest first and without gaps. Go on from the last `seq` seen to stay in step."""

    follows_the_log = True
    parameters = Parameters(CHANGES_A_PAGE, AFTER, BEFORE, TYPE, FORMAT)
    operation = "list_changes"
    answer = CHANGES
    example = "change"

    def get(self, request: Request) -> HttpResponseBase:
        asked = self.asked(request)
        if asked["format"] == "csv":
            refuse_paging(request.GET, "before", "after")
            refuse_ahead(asked["after"])
            changes = Change.objects.filter(type=asked["type"]) if asked["type"] else Change.objects.all()
            return changes_as_csv(f"changes-revision-{head().seq}", changes, asked)
        cursors = {"before": asked["before"], "after": asked["after"] or None}

        def read(downwards: bool, most: int) -> list[Served]:
            return served(record_type=asked["type"], **cursors, newest_first=downwards, most=most)

        page = page_of(read, "seq", **cursors, size=asked["page_size"])
        if not page.rows:
            refuse_ahead(asked["after"])
        return listing(request, page, [change.json for change in page.rows])


def refuse_ahead(after: int | None) -> None:
    """Tell whoever has more changes than there are that they are of another log. Raises BadParameters.

    The head is asked for now: the one that the answer began with may be older than what another process has answered.
    """
    if after and after > (newest := head().seq):
        detail = f"The newest change is {newest}. Whoever has {after} has another log, or this one as it was."
        raise BadParameters([("after", detail)])


class ChangeDetail(ReadOfTheRecord):
    """One change."""

    follows_the_log = True
    operation = "get_change"
    answer = shapes.Change
    example = "change"
    fails_with = (HTTPStatus.NOT_FOUND,)

    def get(self, request: Request, seq: int) -> HttpResponse:
        self.asked(request)
        found = served(after=seq - 1, before=seq + 1, most=1)
        if not found:
            raise NotFound(f"There is no change {seq}.")
        return json_answer(found[0].json)


class ChangeHead(ReadOfTheRecord):
    """The newest change's seq, hash and time, or an older one's: the anchor that a mirror compares itself with."""

    follows_the_log = True
    parameters = Parameters(AT)
    operation = "get_head"
    answer = shapes.Head
    example = "head"

    def get(self, request: Request) -> HttpResponse:
        at = self.asked(request)["at"]
        newest: Change | LogHead = head()
        if at is not None and at > newest.seq:
            raise BadParameters([("at", f"The newest change is {newest.seq}.")])
        if at is None:
            found = newest
        else:
            found = Change.objects.only("seq", "hash", "at").get(seq=at) if at else LogHead()
        when = instant(found.at) if found.at else None
        return json_answer(orjson.dumps({"seq": found.seq, "hash": found.hash, "at": when}))
