"""Flags beside the names of countries: pictures of our own, since some systems show emoji flags as two letters."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

from django.conf import settings
from django.templatetags.static import static

FOLDER = "img/flags"
# Groups of countries that have a flag, by slug.
OF_GROUPS = {"eu": "EU"}


@cache
def known() -> frozenset[str]:
    """The codes that there is a flag for."""
    return frozenset(path.stem.upper() for path in (Path(settings.BASE_DIR) / "static" / FOLDER).glob("*.svg"))


@lru_cache(maxsize=300)
def flag_of(code: str) -> str:
    """The path of a country's flag by its alpha-2 code; "" where there is none."""
    return static(f"{FOLDER}/{code.lower()}.svg") if code in known() else ""


def flag_of_group(slug: str) -> str:
    return flag_of(OF_GROUPS[slug]) if slug in OF_GROUPS else ""
