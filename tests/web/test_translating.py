"""Every word of the interface can be translated; what the log and the API say depends on no language."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.base import Lexer, TokenType
from django.utils import translation

from events.choices import EventKind, Stage
from events.models import Change
from tests.browser.making import EVENT, NOWHERE, PAGES, everything

ROOT = Path(settings.BASE_DIR)
FOLDERS = ("access", "design", "embed", "events", "lanes", "log", "parts", "records", "site")
TEMPLATES = [
    *ROOT.glob("templates/*.html"),
    *(path for each in FOLDERS for path in ROOT.glob(f"templates/{each}/*.html")),
]

# ------------------------------------------------------------------------------------------------------------ templates

ELEMENT = re.compile(r"<(?:\"[^\"]*\"|'[^']*'|[^>\"'])*>", re.DOTALL)
SPOKEN = re.compile(r'\s(?:aria-label|alt|title|placeholder|data-label)="([^"]*)"')
NAMES = {
    "AI Access", "Tracker", "AI Access Tracker", "Atom", "CC BY", "CC BY 4.0", "CSV", "JSON", "JSON Feed", "SHA-256",
    "Secure Hash Algorithm 2, 256 bits", "UTC", "iCalendar",
}  # fmt: skip
GONE = "\x00"  # where a tag or a value stood


def bare(text):
    """The words of a template that no tag of translation surrounds."""
    left, within = [], False
    for token in Lexer(re.sub(r"{% comment %}.*?{% endcomment %}", "", text, flags=re.DOTALL)).tokenize():
        if token.token_type == TokenType.BLOCK and token.contents.startswith("blocktranslate"):
            within = True
        elif token.token_type == TokenType.BLOCK and token.contents == "endblocktranslate":
            within = False
        elif token.token_type == TokenType.TEXT and not within:
            left.append(token.contents)
        elif token.token_type != TokenType.COMMENT:
            left.append(GONE)
    html = re.sub(r"<(script|code|style|svg:style)\b.*?</\1>", "", "".join(left), flags=re.DOTALL)
    said = [*SPOKEN.findall(html), *ELEMENT.split(html)]
    words = [part.strip(' \n·–—:;,.…→←‹›×+−/()|"“”&') for each in said for part in each.split(GONE)]
    return [each for each in words if re.search(r"[A-Za-z]{2}", re.sub(r"&\w+;", "", each)) and each not in NAMES]


def test_bare_words_are_found_and_translated_ones_are_not():
    assert bare(
        '<p title="Here">{% translate "Yes" %} No {{ x }}{% blocktranslate %}<b>Yes</b>{% endblocktranslate %}</p>'
    ) == [
        "Here",
        "No",
    ]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_no_template_has_words_that_cannot_be_translated(path):
    assert bare(path.read_text()) == []


# -------------------------------------------------------------------------------------------------------------- Python

MARKS = {"_", "gettext", "gettext_noop", "gettext_lazy", "ngettext"}
PROSE = re.compile(r"[A-Za-z]{2,} [A-Za-z]|^[A-Z][a-z]+$| [a-z]{2,}|[a-z]{2,} $")
MACHINE = re.compile(r"charset=|filename=|max-age=|xml|<iframe|SELECT product|WITH asked|search_term|^-//")
# Vocabularies of others, references in the forms of bibliographies, names, and the map of tiles.
NOT_PROSE = {"structured.py", "citing.py", "samples.py", "tiles.py"}
NOT_PHRASES = {"Hub", "Service", " and ", "Country Group", "Origin", "AI Access Tracker"}


def unmarked(source):
    """The phrases of a module that no call marks for translation; docstrings are none."""
    tree = ast.parse(source)
    passed = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node, clean=False):
            passed.add(id(node.body[0].value))
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in MARKS:
                passed |= {id(each) for each in ast.walk(node)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed
        if PROSE.search(node.value) and not MACHINE.search(node.value) and node.value not in NOT_PHRASES
    ]


def test_unmarked_phrases_are_found_and_marked_ones_are_not():
    assert unmarked(
        'def f(x):\n    """Give a phrase."""\n    return _("All is %(x)s") % {"x": x} + f"and {x} more"'
    ) == ["and ", " more"]


@pytest.mark.parametrize("path", sorted(ROOT.glob("events/web/**/*.py")), ids=lambda path: path.name)
def test_no_module_of_the_pages_has_phrases_that_cannot_be_translated(path):
    assert path.name in NOT_PROSE or unmarked(path.read_text()) == []


# ------------------------------------------------------------------------------------------------------ other languages


@pytest.fixture
def pseudo(monkeypatch):
    """A language in which every phrase is the English one in brackets."""
    for name in ("gettext", "ngettext", "pgettext", "npgettext"):
        plain = getattr(translation._trans, name)
        monkeypatch.setattr(
            translation._trans, name, lambda *args, plain=plain: f"⟦{plain(*args)}⟧" if args[-1] else ""
        )


@pytest.mark.django_db
@pytest.mark.usefixtures("pseudo")
def test_pages_work_in_another_language_and_the_log_stays_as_it_is(client):
    everything()
    for address in ("/", "/?view=lanes", "/?kind=enforcement&from=x", "/design/", "/report/", *PAGES):
        response = client.get(address)
        assert response.status_code == (404 if address == NOWHERE else 200), address
        assert "⟦" in response.content.decode(), address
    event = client.get(f"/events/{EVENT}/").content.decode()
    assert "⟦Enforcement⟧" in event
    assert "⟦blocked⟧" in client.get("/").content.decode()
    assert not Change.objects.filter(document__contains="⟦").exists()


@pytest.mark.django_db
def test_the_site_speaks_its_language_and_the_api_speaks_english(client):
    everything()
    with translation.override("de"):
        page = client.get(f"/events/{EVENT}/").content.decode()
        error = client.get("/api/v1/events/nothing/").json()
        bad = client.get("/api/v1/events/?from=x").content
    assert '<html lang="de">' in page
    assert ">9. Juli 2024</time>" in page
    assert error["detail"] == client.get("/api/v1/events/nothing/").json()["detail"]
    assert bad == client.get("/api/v1/events/?from=x").content
    assert translation.get_language() == "en-us"


def test_labels_of_the_vocabularies_are_plain_text():
    assert type(EventKind.REPORT.label) is str
    assert type(Stage.ADOPTED.label) is str
