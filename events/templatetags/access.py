"""Drawings of access that stand on a page by the hundred: a template takes several times as long to make them."""

from __future__ import annotations

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from events.web.access.bars import Bar

register = template.Library()

# Each status has its own filling and its own sign, so that color only repeats them.
FILLINGS = {"license_required": '<path class="fill" d="M.5 5.3h9v3.5q0 .7-.7 .7H1.2q-.7 0-.7-.7z"/>'}
SIGNS = {
    "blocked": '<path class="sign" d="M3.8 6h2.4v2.4H3.8z"/>',
    "license_required": '<path class="sign" d="M5 5.7 6.7 7.4 5 9.1 3.3 7.4z"/>',
    "limited": '<circle class="ring" cx="5" cy="7.2" r="1.4"/><path class="sign" d="M5 5.8a1.4 1.4 0 0 0 0 2.8z"/>',
    "available": '<circle class="ring" cx="5" cy="7.2" r="1.4"/>',
}


@register.simple_tag
def bar_drawn(bar: Bar, name: str) -> SafeString:
    """One bar; `name` says in words what it is of. The page has _bars_defs.html."""
    label = escape(_("%(name)s over time") % {"name": name})
    parts = [f'<svg class="bar" role="group" aria-label="{label}"><use href="#bars-grid"/>']
    parts += [
        f'<rect class="{each.status}{" scheduled" if each.scheduled else ""}" x="{each.x}" width="{each.width}" '
        f'y="{each.y}" height="{each.height}"/>'
        for each in bar.segments
    ]
    parts.append('<use href="#bars-on"/>')
    parts += [
        f'<a href="{escape(each.address)}"><title>{each.day}: {each.label}. {escape(each.event)}</title>'
        f'<line class="hit" x1="{each.x}" x2="{each.x}" y1="0" y2="34"/>'
        f'<circle class="mark{" scheduled" if each.scheduled else ""}" cx="{each.x}" cy="6" r="4.5"/></a>'
        for each in bar.steps
        if each.address
    ]
    parts.append("</svg>")
    return mark_safe("".join(parts))  # noqa: S308 - what others wrote is escaped


@register.simple_tag
def bar_in_words(bar: Bar, name: str) -> SafeString:
    """The same as a list to unfold."""
    again, since = _("again from"), _("from")
    scheduled = f' <span class="mark mark-scheduled">{_("Scheduled")}</span>'
    of = f'<span class="visually-hidden">: {escape(name)}</span>'
    steps = [
        f'<li><span class="status status-{each.status}">{each.label}</span> {again if each.ended else since} '
        f'<time datetime="{each.iso}">{each.day}</time>{scheduled if each.scheduled else ""} '
        + (f'<a href="{escape(each.address)}">{escape(each.event)}</a></li>' if each.address else "</li>")
        for each in bar.steps
    ]
    summary = f"<summary>{_('In words')}{of}</summary>"
    return mark_safe(  # noqa: S308 - what others wrote is escaped
        f'<details class="in-words">{summary}\n<ol>{"".join(steps)}</ol></details>'
    )


@register.simple_tag
def tile(status: str, x: int, y: int, code: str) -> SafeString:
    """A tile of the map; `code` "": the sign alone."""
    text = f'<text x="5" y="4.6">{code}</text>' if code else ""
    return mark_safe(  # noqa: S308 - all of it is ours
        f'<svg x="{x}" y="{y}" width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">'
        f'<rect x=".5" y=".5" width="9" height="9" rx=".7"/>{FILLINGS.get(status, "")}'
        f"{text}{SIGNS.get(status, '')}</svg>"
    )
