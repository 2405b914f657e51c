"""What the site says of itself, and what machines ask it."""

from __future__ import annotations

import datetime as dt
import hashlib

import orjson
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.template.loader import get_template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from events.caching import head, of_the_record
from events.choices import EventKind
from events.lib.dates import today
from events.models import Export, position_of
from events.queries import jobs, timeline
from events.queries.coverage import counted_last
from events.queries.timeline import Criteria
from events.services import shipped_feeds
from events.web import coverage as counts
from events.web import crumbs, embedding, glossary, sitemaps
from events.web.downloads import Downloads
from events.web.embedding import Frame
from events.web.pages import page
from events.web.rows import briefly
from events.web.sharing import origin_of
from events.web.structured import NAME


@require_safe
@of_the_record
def about(request: HttpRequest) -> HttpResponse:
    """What the record is, how it is made, and what its words mean."""
    return page("site/about.html", {"section": "about", "crumbs": crumbs.trail(here=_("About")), **glossary.terms()})


@require_safe
@cache_control(public=True, max_age=60)
def coverage(request: HttpRequest) -> HttpResponse:
    """Which sources are cited and how fresh the record is, by year and place, and what is not covered.

    Its counts are some hours old at most, and what it says of feeds changes without a revision: it is not keyed by one.
    """
    counted = counted_last()
    newest = timeline.page(Criteria(), before=position_of(today() + dt.timedelta(days=1), 0), size=1).documents
    return page(
        "site/coverage.html",
        {
            "section": "about",
            "crumbs": crumbs.trail("about", here=_("Coverage")),
            "counted": counted,
            "newest": briefly(orjson.loads(newest[0])) if newest else None,
            "regions": counts.by_region(counted.coverage),
            "places": counts.by_place(counted.coverage),
            "source_years": counts.source_years(counted.coverage),
            "tiers": counts.tiers(counted.coverage),
            "certainties": counts.certainties(counted.coverage),
            "publishers": counts.publishers(counted.coverage),
            "not_named": counts.not_named(counted.coverage),
            "watched": (watched := jobs.watched()),
            "unwatched": jobs.unwatched(),
            "by_hand": shipped_feeds.by_hand(feed.url for feed in watched),
        },
    )


@require_safe
def data(request: HttpRequest) -> HttpResponseBase:
    """How to get the data, in which formats, under which license. It changes with the bulk files as with the record."""
    newest = Export.objects.standing().first()
    origin = origin_of(request)
    encoding = request.headers.get("Accept-Encoding")
    known = f"{head().seq}|{newest.pk if newest else None}|{settings.BUILD}|{encoding}|{origin}"
    etag = f'"{hashlib.sha256(known.encode()).hexdigest()[:32]}"'
    response: HttpResponseBase | None = get_conditional_response(request, etag)
    if response is None:
        context = {
            "section": "data",
            "crumbs": crumbs.trail(here=_("Data")),
            "downloads": Downloads(newest) if newest else None,
            "origin": origin,
            "snippet": embedding.snippet(NAME, QueryDict(), origin, Frame()),
        }
        response = page("site/data.html", context)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
    return response


@never_cache
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may read, and where all pages are listed."""
    listed_at = origin_of(request) + reverse("sitemap")
    text = f"User-agent: *\nDisallow: /admin/\nDisallow: /report/\n\nSitemap: {listed_at}\n"
    return HttpResponse(text, content_type="text/plain")


@require_safe
@of_the_record
def sitemap(request: HttpRequest) -> HttpResponse:
    """The index of all sections."""
    return HttpResponse(sitemaps.index(origin_of(request), sitemaps.sections()), content_type="application/xml")


@require_safe
@of_the_record
def sitemap_section(request: HttpRequest, section: str) -> HttpResponse:
    """The pages of one section, each with the time of its record's newest change."""
    pages = sitemaps.pages_of(section, head().at)
    if pages is None:
        raise Http404
    return HttpResponse(sitemaps.urlset(origin_of(request), pages), content_type="application/xml")


@require_safe
@of_the_record
def llms(request: HttpRequest) -> HttpResponse:
    """The site in brief for language models (https://llmstxt.org/)."""
    text = get_template("site/llms.txt").render({"origin": origin_of(request), "head": head(), "kinds": EventKind})
    return HttpResponse(text, content_type="text/markdown; charset=utf-8")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Where browsers look for an icon on pages that name none."""
    return redirect(static("img/icon.svg"))


migrated: set[str] = set()


def is_migrated() -> bool:
    """Whether every migration of this code is applied; once it is, it stays so for as long as this code runs."""
    if connection.alias not in migrated:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        migrated.add(connection.alias)
    return True


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Whether this process can do its work: 200, or 503 with what is wrong. No details: anybody may ask."""
    checks = {"database": False, "migrations": False, "log": False}
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        checks["database"] = True
        checks["migrations"] = is_migrated()
        checks["log"] = checks["migrations"] and head().seq >= 0
    except DatabaseError:
        pass  # the answer says it; Django closes a broken connection when the request ends
    is_ready = all(checks.values())
    return JsonResponse({"ready": is_ready, "checks": checks}, status=200 if is_ready else 503)
