import re
from html.parser import HTMLParser

import pytest
from django.utils.safestring import SafeString
from hypothesis import given
from hypothesis import strategies as st

from events.lib.markdown import ATTRIBUTES, TAGS, render


class Inventory(HTMLParser):
    """The tags, attributes and link targets of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.links: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {(tag, name) for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]


def test_render_writes_the_usual_markup():
    text = (
        "# Title\n\nSome *emphasis*, **weight** and `code`.\n\n3. one\n4. two\n\n> said\n\n[a](https://bis.gov 'site')"
    )
    html = render(text)
    assert isinstance(html, SafeString)
    assert html == (
        "<h3>Title</h3>\n<p>Some <em>emphasis</em>, <strong>weight</strong> and <code>code</code>.</p>\n"
        '<ol start="3">\n<li>one</li>\n<li>two</li>\n</ol>\n<blockquote>\n<p>said</p>\n</blockquote>\n'
        '<p><a href="https://bis.gov" title="site" rel="nofollow noopener">a</a></p>\n'
    )


def test_render_keeps_links_within_the_site_and_to_mail():
    assert Inventory(render("[a](/events/x/) <mailto:a@example.org>")).links == ["/events/x/", "mailto:a@example.org"]


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![x](https://example.com/pixel.png)",
    "![x](javascript:alert(1))",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](data:image/png;base64,AAAA)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "[x](ftp://example.com/)",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "[a](https://e.com '\"onmouseover=alert(1) x=\"')",
    "[a](<https://e.com/\"onclick=alert(1)>)",
    "```\"><script>alert(1)</script>\n</code></pre><script>\n```",
    "`</code><script>`",
    "<svg/onload=alert(1)>",
    "<iframe src='https://e.com'></iframe>",
    "<style>*{display:none}</style>",
    "<!-- --><b>x</b><![CDATA[<script>]]>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "\0<script>\0alert(1)</script>",
    "> " * 3000 + "x",
    "[" * 3000 + "x" + "](u)" * 3000,
]  # fmt: skip


def check_harmless(html: str) -> None:
    found = Inventory(html)
    assert found.tags <= TAGS
    assert found.attributes <= {(tag, name) for tag, names in ATTRIBUTES.items() for name in names} | {("a", "rel")}
    for link in found.links:
        seen_by_browser = re.sub(r"[\0-\x20]", "", link)  # it strips more than it should
        scheme = re.match(r"([a-z][a-z0-9+.-]*):", seen_by_browser, re.IGNORECASE)
        assert scheme is None or scheme[1].lower() in ("http", "https", "mailto")
    assert html.count("<a ") == html.count('rel="nofollow noopener"')


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:40])
def test_render_disarms_hostile_markup(text):
    check_harmless(render(text))
    check_harmless(render(f"- {text}\n\n# {text}"))


@given(st.lists(st.sampled_from([*HOSTILE[:-2], "*", "`", "<", ">", "\n", "[", "](", ")", '"', "'", "&", "x", ":"])))
def test_render_disarms_any_mixture(parts):
    check_harmless(render("".join(parts)))
