"""A page of the record as a reference, in the forms that reference managers read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop

from events.lib.canonical import sha256
from events.lib.dates import MONTH_NAMES, display
from events.models import Change, LogHead

AUTHOR = "AI Access Tracker"


@dataclass(frozen=True)
class Reference:
    """What a reference names. `url` is absolute; `revision` and `hash` are those of a change, `at` the day of it (UTC).

    The day of access is left out: what the record said at a revision does not change.
    """

    title: str
    url: str
    revision: int
    hash: str
    at: dt.date
    of: str = "page"  # what kind of page it leads to

    @property
    def key(self) -> str:
        """What the reference is called among others: every page of a revision has another one."""
        return f"{self.of}-{self.revision}-{sha256(self.url.encode())[:12]}"

    @property
    def note(self) -> str:
        return f"Revision {self.revision} of the public record, SHA-256 {self.hash}"


@dataclass(frozen=True)
class Form:
    """A form of references: who reads it, how it is sent, how it is written."""

    label: str
    content_type: str
    extension: str
    write: Callable[[Reference], str]


def line(text: str) -> str:
    """The text on one line, without control characters: no field can end early, and none can begin within."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


WITHIN_QUOTES = str.maketrans("“”", "‘’")


def plain(reference: Reference) -> str:
    day = display(reference.at, "day")
    title = line(reference.title).translate(WITHIN_QUOTES)
    return f"{AUTHOR}. “{title}.” {line(reference.note)}, {day}. {reference.url}\n"


# BibTeX counts braces even after a backslash, so that those of a text need a command.
BIBTEX = str.maketrans(
    {
        "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}", "$": r"\$", "&": r"\&", "%": r"\%", "#": r"\#", "_": r"\_",
    }
)  # fmt: skip


def bibtex(reference: Reference) -> str:
    def text(value: str) -> str:
        return line(value).translate(BIBTEX)

    return (
        f"@misc{{{reference.key},\n"
        f"  author = {{{{{text(AUTHOR)}}}}},\n"
        f"  title = {{{{{text(reference.title)}}}}},\n"
        f"  year = {{{reference.at.year}}},\n"
        f"  month = {MONTH_NAMES[reference.at.month - 1][:3].lower()},\n"
        f"  note = {{{text(reference.note)}}},\n"
        f"  url = {{{verbatim(reference.url)}}},\n"
        "}\n"
    )


def verbatim(url: str) -> str:
    """An address for a field that is read as it stands: nothing escaped, but what would end the field."""
    return line(url).replace("\\", "%5C").replace("{", "%7B").replace("}", "%7D")


def ris(reference: Reference) -> str:
    fields = (
        ("TY", "ELEC"),
        ("AU", AUTHOR),
        ("TI", reference.title),
        ("PY", str(reference.at.year)),
        ("DA", f"{reference.at:%Y/%m/%d}"),
        ("PB", AUTHOR),
        ("ET", f"Revision {reference.revision}"),
        ("N1", reference.note),
        ("UR", reference.url),
        ("ID", reference.key),
        ("ER", ""),
    )
    return "".join(f"{tag}  - {line(value)}\r\n" for tag, value in fields)


def csl(reference: Reference) -> str:
    item = {
        "id": reference.key,
        "type": "webpage",
        "title": line(reference.title),
        "author": [{"literal": AUTHOR}],
        "container-title": AUTHOR,
        "issued": {"date-parts": [[reference.at.year, reference.at.month, reference.at.day]]},
        "version": f"revision {reference.revision}",
        "note": reference.note,
        "URL": reference.url,
    }
    return orjson.dumps([item], option=orjson.OPT_INDENT_2).decode() + "\n"


FORMS = {
    "text": Form(gettext_noop("Plain text"), "text/plain", "txt", plain),
    "bibtex": Form("BibTeX", "text/x-bibtex", "bib", bibtex),
    "ris": Form("RIS", "application/x-research-info-systems", "ris", ris),
    "csl": Form("CSL-JSON", "application/vnd.citationstyles.csl+json", "json", csl),
}


@dataclass(frozen=True)
class Written:
    """A reference in one form, as a page shows it and links its download."""

    name: str
    form: Form
    text: str
    address: str = ""  # "": there is no download


def reference(request: HttpRequest, title: str, path: str, change: Change | LogHead, *, of: str) -> Reference:
    """What to cite of a page at a path (with its query) that shows the record as of a change."""
    assert change.at is not None, "an empty log has no page to cite"
    return Reference(title, request.build_absolute_uri(path), change.seq, change.hash, change.at.date(), of)


def written(cited: Reference, address: Callable[[str], str] = lambda form: "") -> list[Written]:
    """All forms; `address` makes the path of a form's download from its name."""
    return [Written(name, form, form.write(cited), address(name)) for name, form in FORMS.items()]


def download(cited: Reference, asked: str, name: str) -> HttpResponse | None:
    """The form that the parameter `cite` asks for as a file of that name; None: it names none."""
    form = FORMS.get(asked)
    if form is None:
        return None
    response = HttpResponse(form.write(cited), content_type=f"{form.content_type}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{form.extension}"'
    return response
