"""What is demanded of the tokens in static/css/tokens.css, and whether they keep it."""

import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from tests.design.color import DEFICIENCIES, contrast, distance, parsed, seen

TOKENS = Path(__file__).resolve().parents[2] / "static" / "css" / "tokens.css"
Scheme = dict[str, str]

# WCAG 2.2: 1.4.3 for text, 1.4.11 for the parts of graphics and of controls that are needed to understand them.
TEXT, GRAPHIC = 4.5, 3.0
# CIEDE2000. A step of 2.3 is one just noticed among neighbors (Mahy et al., "Evaluation of uniform color differences",
# 1994). Marks are small and stand far apart, so about four such steps; shape and word carry the meaning besides.
APART = 9.0

SETS = {
    "status": ("available", "limited", "license", "blocked", "unknown"),
    "direction": ("restricts", "relaxes", "mixed", "neither"),
    "kind": ("kind-says", "kind-rules", "kind-acts", "kind-undoes"),
    "certainty": ("confirmed", "reported", "disputed", "denied"),
}
GROUNDS = ("paper", "panel")
ON_GROUNDS = ("ink", "muted", "accent", "gold", *(name for names in SETS.values() for name in names))
# What stands on what, and how well it has to stand out.
PAIRS = (
    *((name, ground, TEXT) for name in ON_GROUNDS for ground in GROUNDS),
    *(("field", ground, GRAPHIC) for ground in GROUNDS),
    *(("ink", ground, TEXT) for ground in ("highlight", "added", "removed")),
    ("accent-ink", "accent", TEXT),
    ("paper", "accent", TEXT),
    ("paper", "ink", TEXT),
    *(("paper", name, GRAPHIC) for name in SETS["status"]),  # signs on the tiles of the map
)


def schemes(text: str) -> dict[str, Scheme]:
    """The colors of each scheme by name; dark and print as they stand after light."""
    parts = re.split(r"@media ([^{]+)\{", text)
    light = colors(parts[0])
    found = {"light": light}
    for condition, body in zip(parts[1::2], parts[2::2], strict=True):
        found["dark" if "dark" in condition else "print"] = light | colors(body)
    return found


def colors(css: str) -> Scheme:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6});", css))


def problems(text: str) -> Iterator[str]:
    """What is wrong with a style sheet of tokens, a sentence each."""
    for scheme, tokens in schemes(text).items():
        for name, ground, least in PAIRS:
            found = contrast(parsed(tokens[name]), parsed(tokens[ground]))
            if found < least:
                yield f"{scheme}: --{name} on --{ground} has a contrast of {found:.2f}, less than {least}."
        for kind, names in SETS.items():
            for vision in DEFICIENCIES:
                for one, other in combinations(names, 2):
                    found = distance(seen(parsed(tokens[one]), vision), seen(parsed(tokens[other]), vision))
                    if found < APART:
                        yield f"{scheme}, {vision}: --{one} and --{other} ({kind}) are {found:.1f} apart, not {APART}."


def missing(text: str) -> Iterator[str]:
    """Colors that dark mode or print leave as they are on white paper by daylight."""
    parts = re.split(r"@media ([^{]+)\{", text)
    light = colors(parts[0])
    for condition, body in zip(parts[1::2], parts[2::2], strict=True):
        for name in sorted(light.keys() - colors(body).keys()):
            yield f"@media {condition.strip()} does not set --{name}."
