"""The form by which a reader says that a page is wrong."""

from __future__ import annotations

from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext_lazy as _

from events.models.base import storable
from events.models.reports import LONGEST, LONGEST_ADDRESS, LONGEST_PATH, SHORTEST
from tracker.client import client_of
from tracker.limits import Limit

WINDOW = 3600  # seconds
limit = Limit("reports", settings.REPORT_LIMIT, WINDOW)


class ReportForm(forms.Form):
    """What is wrong, on which page; whoever writes may leave an address. `website` is a trap: people do not see it."""

    page = forms.CharField(
        label=_("Page"),
        max_length=LONGEST_PATH,
        validators=[storable],
        help_text=_("Its address on this site, such as /events/…/"),
    )
    revision = forms.IntegerField(required=False, min_value=0, max_value=2**53, widget=forms.HiddenInput)
    message = forms.CharField(
        label=_("What is wrong, and how do you know?"),
        min_length=SHORTEST,
        max_length=LONGEST,
        validators=[storable],
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("A link to a source helps most."),
    )
    address = forms.EmailField(
        label=_("Your email address (optional)"),
        required=False,
        max_length=LONGEST_ADDRESS,
        validators=[storable],
        help_text=_("Only if we may ask you back. It is deleted after 180 days, and shown to our editors alone."),
    )
    website = forms.CharField(label=_("Leave this empty"), required=False)

    def clean_page(self) -> str:
        return path_on_this_site(self.cleaned_data["page"])

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise ValidationError(_("This field is there for programs that fill in everything. Leave it empty."))
        return ""


def path_on_this_site(text: str) -> str:
    """The path and the query of one of the site's public pages. Raises ValidationError for all else."""
    try:
        parts = urlsplit(iri_to_uri(text))
        if parts.scheme or parts.netloc or resolve(parts.path).app_names == ["admin"]:
            raise Resolver404
    except (Resolver404, ValueError):
        raise ValidationError(_("There is no such page on this site: an address here begins with “/”.")) from None
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def is_from_elsewhere(request: HttpRequest) -> bool:
    """Whether another site made the sender's browser send this form.

    Browsers say so themselves (Fetch Metadata, and Origin before that), so that no cookie is needed to tell; what says
    nothing of the kind is no browser, and acts for nobody who does not know of it.
    """
    said = request.headers.get("Sec-Fetch-Site")
    if said is not None:
        return said not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.get_host()


def is_one_too_many(request: HttpRequest, now: float) -> bool:
    """Whether this client has sent as many reports in this hour as it may; else counts this one."""
    return bool(settings.REPORT_LIMIT) and limit.spend(client_of(request), now) is None
