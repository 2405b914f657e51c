"""Reports of errors: the form, and what became of a report for whoever sent it."""

from __future__ import annotations

import time
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from events.caching import head
from events.models.reports import ADDRESS_KEPT
from events.services import reports
from events.web import reporting
from events.web.pages import page
from events.web.reporting import ReportForm
from events.web.views.log import shown


@never_cache
@csrf_exempt  # Django's token needs a cookie, which no public page sets; reporting.is_from_elsewhere stands for it
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """The form, filled with the page that it was called from; who sends it is led to the page of the answer."""
    revision = head().seq
    if request.method != "POST":
        asked = {"page": request.GET.get("page", ""), "revision": request.GET.get("revision", "")}
        return form_page(ReportForm(initial=asked))
    if reporting.is_from_elsewhere(request):
        return form_page(ReportForm(), _("This came from another site. Nothing was sent: write it here."), status=403)
    form = ReportForm(request.POST)
    if not form.is_valid():
        return form_page(form)
    if reporting.is_one_too_many(request, time.time()):
        refused = _("So many reports have come from your address that we take more only in an hour. Nothing was sent.")
        response = form_page(form, refused, status=429)
        response.headers["Retry-After"] = str(reporting.WINDOW)
        return response
    said = form.cleaned_data
    read = said["revision"]
    token = reports.receive(
        path=said["page"],
        revision=revision if read is None else min(read, revision),
        message=said["message"],
        address=said["address"],
    )
    return HttpResponseRedirect(f"{reverse('report-detail', args=[token])}?new=1", status=303)


def form_page(form: ReportForm, problem: str = "", *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"section": "log", "form": form, "problem": problem}
    return page("site/report.html", context, status=status)


@never_cache
@require_safe
def detail(request: HttpRequest, token: str) -> HttpResponse:
    """What became of a report: for whoever holds its token."""
    found = reports.found_by(token)
    if found is None:
        raise Http404
    response = page(
        "site/report_answer.html",
        {
            "section": "log",
            "report": found,
            "is_new": request.GET.get("new") == "1",
            "forgotten_on": (found.received_at + ADDRESS_KEPT).date(),
            "corrections": shown([found.correction]) if found.correction else [],
        },
    )
    # The address is the key: it goes to no page that is linked from here.
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
