"""Markdown (CommonMark) as safe HTML for pages. The API hands out the Markdown itself."""

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

TAGS = {"a", "blockquote", "br", "code", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "strong", "ul"}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
LEVELS_ABOVE = 2  # a page's title and its section stand above the headings of a text

_markdown = MarkdownIt("commonmark", {"html": False})


def render(text: str) -> SafeString:
    """HTML of a text in Markdown: no raw HTML (it is shown as typed), no images, no links but http, https and mailto.

    Links within the site ("/events/…/") stay. Headings start at h3.
    """
    env: dict[str, object] = {}
    tokens = _markdown.parse(text, env)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + LEVELS_ABOVE, 6)}"
    html = _markdown.renderer.render(tokens, _markdown.options, env)
    # markdown-it escapes already; nh3 holds even if a plugin or a bug does not. It is the list of what may stay.
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener",
    )
    return mark_safe(clean)  # noqa: S308
