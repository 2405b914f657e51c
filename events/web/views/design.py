"""The parts that pages are made of, on one page."""

from __future__ import annotations

from django.db.models import TextChoices
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from events.caching import of_the_record
from events.choices import AccessStatus, Certainty, Direction, EventKind
from events.web import samples
from events.web.filtering import Chip
from events.web.flags import flag_of
from events.web.pages import page
from events.web.words import country_names

COLORS = (
    "paper", "panel", "ink", "muted", "rule", "field", "accent", "gold", "highlight", "added", "removed",
    "available", "limited", "license", "blocked", "unknown", "restricts", "relaxes", "mixed", "neither",
    "confirmed", "reported", "disputed", "denied",
)  # fmt: skip
SHEETS = tuple(
    f"css/{name}.css" for name in ("timeline", "event", "records", "access", "access-map", "lanes", "design")
)
SHOWN_FLAGS = ("CN", "US", "NL", "TW", "NP")


def in_words(vocabulary: type[TextChoices]) -> list[tuple[str, str]]:
    return [(value, _(label)) for value, label in vocabulary.choices]


@require_safe
@of_the_record
def design(request: HttpRequest) -> HttpResponse:
    """Colors, type, marks and parts with samples. It reads nothing of the record, so it is open in production, too."""
    return page(
        "design/design.html",
        {
            "sheets": SHEETS,
            "colors": COLORS,
            "statuses": [*in_words(AccessStatus), ("unknown", _("Unknown"))],
            "directions": in_words(Direction),
            "certainties": [*in_words(Certainty), ("scheduled", _("Scheduled"))],
            "kinds": in_words(EventKind),
            "chip": Chip(_("Country"), country_names()["CN"], "#parts"),
            "flags": [(flag_of(code), country_names()[code]) for code in SHOWN_FLAGS],
        }
        | samples.parts(),
    )
