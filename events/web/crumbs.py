"""Breadcrumbs: the way from the front page to a page as links. The last one is the page itself, and leads nowhere."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from events.lib.dates import last_day
from events.web.record import Link
from events.web.words import day_in_words

# What the parts of the site are called, by the names of their routes.
PARTS = {
    "access-map": gettext_noop("Access"),
    "company-list": gettext_noop("Companies"),
    "country-list": gettext_noop("Countries"),
    "policy-list": gettext_noop("Policies"),
    "product-list": gettext_noop("Products"),
    "agency-list": gettext_noop("Agencies"),
    "change-list": gettext_noop("Changes"),
    "correction-list": gettext_noop("Corrections"),
    "about": gettext_noop("About"),
    "data": gettext_noop("Data"),
    "coverage": gettext_noop("Coverage"),
    "report-error": gettext_noop("Report an error"),
}


def trail(*steps: str | Link, here: str) -> list[Link]:
    """The steps from the front page to one that is called `here`: names of routes of PARTS, or links."""
    links = [Link(reverse(step), _(PARTS[step])) if isinstance(step, str) else step for step in steps]
    return [Link(reverse("timeline"), _("Timeline")), *links, Link("", here)]


def month(iso: str) -> Link:
    """All events of the month of a date."""
    first = dt.date.fromisoformat(iso).replace(day=1)
    end = last_day(first, "month")
    return Link(f"{reverse('timeline')}?from={first}&to={end}", day_in_words(first.isoformat(), "month"))
