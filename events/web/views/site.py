"""What the site says of itself, and what machines ask it."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.utils.cache import get_conditional_response
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from events.caching import head, of_the_record
from events.choices import EventKind
from events.models import Export
from events.web.downloads import Downloads
from events.web.pages import page


@require_safe
@of_the_record
def about(request: HttpRequest) -> HttpResponse:
    """What the record is, how it is made, and what its words mean."""
    return page("site/about.html", {"section": "about", "kinds": EventKind})


@require_safe
def data(request: HttpRequest) -> HttpResponseBase:
    """How to get the data, in which formats, under which license. It changes with the bulk files as with the record."""
    newest = Export.objects.standing().first()
    known = f"{head().seq}|{newest.pk if newest else None}|{settings.BUILD}|{request.headers.get('Accept-Encoding')}"
    etag = f'"{hashlib.sha256(known.encode()).hexdigest()[:32]}"'
    response: HttpResponseBase | None = get_conditional_response(request, etag)
    if response is None:
        response = page("site/data.html", {"section": "data", "downloads": Downloads(newest) if newest else None})
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
    return response


@never_cache
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse("User-agent: *\nDisallow: /admin/\n", content_type="text/plain")


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
