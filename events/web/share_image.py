"""The picture that stands for a page where somebody shares it: 1200 by 630 pixels, PNG, in the site's own letters."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import cache as shared_cache
from django.utils.translation import gettext as _

from events.choices import AccessStatus, Certainty, EventKind
from events.web import words
from events.web.record import Document, names_in, names_missing, names_of

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

WIDTH, HEIGHT, MARGIN = 1200, 630, 72
KEPT_FOR = 30 * 24 * 3600  # seconds; the cache's own bound is tighter
FONTS = settings.BASE_DIR / "static" / "fonts"
# Letters that ours lack (Chinese, Japanese, Korean, …) are taken from the first of these that the machine has.
FALLBACKS = (
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),  # Debian: fonts-noto-cjk
    Path("/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf"),  # Debian: fonts-droid-fallback; no Korean
)
NO_CHARACTER = "\U0010ffff"  # of which every font draws its sign for a missing letter
SERIF, SANS, BOLD = "SourceSerifPro-Semibold.otf", "SourceSansPro-Regular.otf", "SourceSansPro-Semibold.otf"
# The light theme of the site (static/css/tokens.css), and its mark (static/img/icon.svg).
PAPER, INK, MUTED, DEEP, AMBER, WARNING = "#fcfcfa", "#14202a", "#53616b", "#0a3d57", "#ffb454", "#5f0c20"
STATUS = {
    AccessStatus.AVAILABLE: "#0669a8",
    AccessStatus.LIMITED: "#4d3f00",
    AccessStatus.LICENSE_REQUIRED: "#a65c06",
    AccessStatus.BLOCKED: "#5f0c20",
}
MOST_LINES = 4
MOST_EFFECTS = 2


@dataclass(frozen=True)
class Line:
    """An effect on access: its status, and what it says."""

    status: AccessStatus
    text: str


@dataclass(frozen=True)
class Picture:
    """What is to be drawn: a line of small letters, a title, effects, and a word in red where there is a warning."""

    kicker: str
    title: str
    lines: Sequence[Line] = ()
    warning: str = ""


def of_site() -> bytes:
    """The picture of pages that have none of their own."""
    title = _("Who may use which AI, where, under which rule, since when, and who says so")
    picture = Picture(_("A public record"), title)
    return kept(hashlib.sha256(repr(picture).encode()).hexdigest(), lambda: drawn(picture))


def of_event(document: Document, document_hash: str) -> bytes:
    """The picture of an event, drawn once for each revision of its document."""
    return kept(document_hash, lambda: drawn(picture_of(document)))


def kept(key: str, draw: Callable[[], bytes]) -> bytes:
    """What was drawn before, by whichever process, else what is drawn now."""
    key = f"share-image:{settings.BUILD}:{key}"
    found: bytes | None = shared_cache.get(key)
    if found is None:
        found = draw()
        shared_cache.set(key, found, KEPT_FOR)
    return found


def picture_of(document: Document) -> Picture:
    names = names_in(document) | names_of(names_missing(document))
    sentences = words.sentences(document["access_effects"], names)
    certainty = Certainty(document["certainty"])
    warning = "" if certainty == Certainty.CONFIRMED else _(certainty.label)
    return Picture(
        kicker=f"{words.event_day(document)}  ·  {_(EventKind(document['kind']).label)}",
        title=readable(document["title"]) or document["slug"].replace("-", " ").capitalize(),
        lines=[Line(AccessStatus(each.status), f"{each.product_name}: {each.text}") for each in sentences],
        warning=_("Retracted") if document["retraction"] else warning,
    )


# ------------------------------------------------------------------------------------------------------------- drawing


def drawn(picture: Picture) -> bytes:
    """The picture as PNG of 128 colors: some 20 kB."""
    from PIL import Image, ImageDraw  # loaded when a picture is first asked for: some 5 MB

    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, WIDTH, 14), fill=DEEP)
    small = font(SANS, 32)
    write(draw, MARGIN, 62, picture.kicker, small, MUTED)
    if picture.warning:
        at = MARGIN + length(draw, picture.kicker, small) + 28
        label = picture.warning.upper()
        room = length(draw, label, font(BOLD, 26))
        draw.rounded_rectangle((at, 60, at + room + 28, 104), 5, outline=WARNING, width=3)
        write(draw, at + 14, 65, label, font(BOLD, 26), WARNING)
    size, lines = fitted(draw, picture.title)
    top = 128
    for line in lines:
        write(draw, MARGIN, top, line, font(SERIF, size), INK)
        top += round(size * 1.2)
    top += 26
    for effect in picture.lines[:MOST_EFFECTS]:
        color, room_for = STATUS[effect.status], (HEIGHT - 138 - top) // 46
        if room_for < 1:
            break
        draw.rectangle((MARGIN, top + 9, MARGIN + 20, top + 29), fill=color)
        for line in cut(draw, wrapped(draw, effect.text, font(BOLD, 30)), font(BOLD, 30), min(room_for, 2)):
            write(draw, MARGIN + 38, top, line, font(BOLD, 30), color)
            top += 46
    name(draw)
    written = BytesIO()
    image.quantize(128, dither=Image.Dither.NONE).save(written, "PNG", optimize=True)
    return written.getvalue()


def name(draw: ImageDraw) -> None:
    """The site's mark and name at the foot."""
    left, top = MARGIN, HEIGHT - 108
    draw.rounded_rectangle((left, top, left + 56, top + 56), 12, fill=DEEP)
    for start, end in (((9, 28), (20, 28)), ((36, 28), (47, 28)), ((20, 13), (20, 43)), ((36, 13), (36, 43))):
        draw.line((left + start[0], top + start[1], left + end[0], top + end[1]), fill=PAPER, width=5)
    draw.polygon([(left + x, top + y) for x, y in ((28, 22), (34, 28), (28, 34), (22, 28))], fill=AMBER)
    draw.text((left + 76, top + 6), "AI Access Tracker", font=font(SERIF, 36), fill=DEEP)


@cache
def font(file: str, size: int) -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(str(FONTS / file), size, layout_engine=ImageFont.Layout.BASIC)


@cache
def fallback(size: int) -> FreeTypeFont | None:
    found = next((path for path in FALLBACKS if path.exists()), None)
    return font(str(found), size) if found else None


@lru_cache(maxsize=10_000)
def has(letters: FreeTypeFont, letter: str) -> bool:
    mask, missing = letters.getmask(letter), letters.getmask(NO_CHARACTER)
    return letter.isspace() or (mask.size, bytes(mask)) != (missing.size, bytes(missing))


def letters_of(letter: str, letters: FreeTypeFont) -> FreeTypeFont | None:
    """The font in which a letter is drawn; None: none has it."""
    other = None if has(letters, letter) else fallback(round(letters.size))
    if other is None:
        return letters if has(letters, letter) else None
    return other if has(other, letter) else None


def readable(text: str) -> str:
    """The text without letters that no font here has: better none than boxes."""
    kept = "".join(letter for letter in text if letters_of(letter, font(SERIF, 50)))
    return " ".join(kept.split()).lstrip(":;,.· ") if any(map(str.isalpha, kept)) else ""


def runs(text: str, letters: FreeTypeFont) -> list[tuple[FreeTypeFont, str]]:
    """The text in pieces of one font each."""
    drawn = ((found, letter) for letter in text if (found := letters_of(letter, letters)))
    return [(of, "".join(letter for _of, letter in piece)) for of, piece in groupby(drawn, key=lambda each: each[0])]


def length(draw: ImageDraw, text: str, letters: FreeTypeFont) -> float:
    return sum(draw.textlength(piece, font=of) for of, piece in runs(text, letters))


def write(draw: ImageDraw, left: float, top: float, text: str, letters: FreeTypeFont, color: str) -> None:
    """All fonts of a line stand on one base."""
    base = top + letters.getmetrics()[0]
    for of, piece in runs(text, letters):
        draw.text((left, base), piece, font=of, fill=color, anchor="ls")
        left += draw.textlength(piece, font=of)


def fitted(draw: ImageDraw, text: str) -> tuple[int, list[str]]:
    """The largest size in which a title fits, and its lines; the last one is cut where none does."""
    for size in (72, 64, 56, 50):
        lines = wrapped(draw, text, font(SERIF, size))
        if len(lines) * size <= 230:
            return size, lines
    return size, cut(draw, lines, font(SERIF, size), MOST_LINES)


def cut(draw: ImageDraw, lines: list[str], letters: FreeTypeFont, most: int) -> list[str]:
    """So many lines at most; the last one ends in an ellipsis where more would follow."""
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], shortened(draw, " ".join(lines[most - 1 :]), letters)]


def wrapped(draw: ImageDraw, text: str, letters: FreeTypeFont) -> list[str]:
    """The text in lines that fit between the margins; a word that is longer than a line is broken."""
    lines: list[str] = [""]
    for word in text.split():
        whole = f"{lines[-1]} {word}".strip()
        if fits(draw, whole, letters):
            lines[-1] = whole
            continue
        if lines[-1]:
            lines.append("")
        for letter in word:
            if not fits(draw, lines[-1] + letter, letters):
                lines.append("")
            lines[-1] += letter
    return lines


def shortened(draw: ImageDraw, text: str, letters: FreeTypeFont) -> str:
    """The text, with an ellipsis for what goes beyond the margin."""
    if fits(draw, text, letters):
        return text
    while text and not fits(draw, f"{text}…", letters):
        text = text[:-1]
    return f"{text.rstrip()}…"


def fits(draw: ImageDraw, text: str, letters: FreeTypeFont) -> bool:
    return length(draw, text, letters) <= WIDTH - 2 * MARGIN - 38
