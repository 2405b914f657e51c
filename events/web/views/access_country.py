"""The matrix of routes of one country on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from events.caching import of_the_record
from events.queries.answers import Question
from events.queries.reasons import Reasoned, histories, reasoned
from events.web import crumbs
from events.web.access.bars import chart, recorded
from events.web.access.clocks import Clocks
from events.web.access.matrix import Between, changed, matrix
from events.web.access.table import as_csv
from events.web.pages import page
from events.web.record import page_of_country
from events.web.words import country_in_sentence, country_names, day_in_words

MOST_ROUTES = 60  # told about with their course and evidence; of others the answer alone
MOST_ANSWERS = 6  # of a route that its bar goes back to; its own page has more


def told_of(found: Sequence[Reasoned]) -> list[Question]:
    """The routes that the page tells about: all of them, or of very many those whose answers changed last."""
    if len(found) <= MOST_ROUTES:
        return [each.question for each in found]
    on_record = [each for each in found if each.held or each.next]

    def age(each: Reasoned) -> tuple[int, str]:
        return -(each.answer.since or dt.date.min).toordinal(), each.question.product

    newest = sorted(on_record, key=age)
    return [each.question for each in newest[:MOST_ROUTES]]


@require_safe
@of_the_record(daily=True, pinned=True)
def country(request: HttpRequest, code: str) -> HttpResponse:
    """All products on record, whether customers in a country could use them, and how that came about.

    With `format=csv` the answers alone, as a table for spreadsheets; where a clock could not be read, the page says so.
    """
    if code.upper() not in country_names():
        raise Http404
    if code != code.upper():
        query = request.META["QUERY_STRING"]
        address = reverse("access-country", args=[code.upper()])
        return HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)
    clocks = Clocks.read(request.GET)
    record, now = clocks.record, clocks.now
    questions = [Question(slug, code, clocks.on, clocks.known) for slug in record.products]
    found = reasoned(questions, record)
    if request.GET.get("format") == "csv" and not clocks.problems:
        response = HttpResponse(as_csv(found, request.build_absolute_uri), content_type="text/csv; charset=utf-8")
        name = f"access-{code}-{clocks.on}-revision-{clocks.revision}.csv"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
    told = told_of(found)
    courses = {
        question.product: course
        for question, history in zip(told, histories(told, record, most=MOST_ANSWERS), strict=True)
        if (course := recorded(history))
    }
    titles = {slug: event["title"] for slug, event in record.events.items()}
    drawn = chart(list(courses.values()), titles, on=clocks.on, now=now)
    between = Between.read(request.GET, clocks.on)
    return page(
        "access/country.html",
        {
            "section": "access",
            "crumbs": crumbs.trail("access-map", here=country_names()[code]),
            "cited_as": _("AI access in %(country)s on %(day)s")
            % {"country": country_in_sentence(code), "day": day_in_words(clocks.on.isoformat())},
            "cited_at": f"{request.path}?{clocks.query(revision=clocks.revision)}",
            "code": code,
            "name": country_names()[code],
            "place": country_in_sentence(code),
            "country_address": page_of_country(code),
            "clocks": clocks,
            "head": clocks.head,
            "is_past": clocks.on < now,
            "keep": [(name, text) for name, text in between.typed.items() if text],
            "matrix": matrix(found, dict(zip(courses, drawn.bars, strict=True)), clocks, now),
            "scale": drawn.scale,
            "between": between,
            "changed": changed(record, code, between, clocks),
        },
    )
