"""What somebody who found nothing may have meant: words of the names and aliases that the record knows.

The vocabulary grows with the companies, products, policies and agencies of the record, not with its events; it is read
once for each revision, and at most MOST_NAMES of them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from difflib import SequenceMatcher
from functools import lru_cache

from events.choices import RecordType
from events.models import AgencyAlias, CompanyAlias, PolicyAlias, ProductAlias, PublicDocument

MOST_NAMES = 20_000
NAMED = (RecordType.COMPANY, RecordType.PRODUCT, RecordType.POLICY, RecordType.AGENCY, RecordType.COUNTRY)
WORD = re.compile(r"[^\W_](?:[^\W_]|[-.](?=[^\W_]))+")
# Of the letters of two words, taken together, so many have to be the same in the same order (difflib's ratio).
ALIKE = 0.72
PARTS_OF_QUERY = re.compile(r"(-?\"[^\"]*\"|\S+)")


@lru_cache(maxsize=2)
def vocabulary(revision: int, hash_: str) -> dict[int, dict[str, str]]:
    """Words as names spell them, by their length and in lower case."""
    names = list(
        PublicDocument.objects.filter(type__in=NAMED)
        .order_by("type", "key")
        .values_list("name", flat=True)[:MOST_NAMES]
    )
    for aliases in (CompanyAlias, ProductAlias, PolicyAlias, AgencyAlias):
        public = PublicDocument.objects.filter(type__in=NAMED).values("key")
        names += aliases._default_manager.filter(of__slug__in=public).values_list("name", flat=True)[:MOST_NAMES]
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for name in names:
        for word in WORD.findall(name):
            found[len(word)].setdefault(word.lower(), word)
    return dict(found)


def closest(word: str, words: dict[int, dict[str, str]]) -> str | None:
    """The word of the vocabulary that is most like this one; None: none is, or it is one itself."""
    low = word.lower()
    if len(low) < 3 or low in words.get(len(low), {}):
        return None
    best: tuple[float, str] | None = None
    matcher = SequenceMatcher(b=low, autojunk=False)
    for length in range(len(low) - 2, len(low) + 3):
        for candidate, spelled in words.get(length, {}).items():
            matcher.set_seq1(candidate)
            least = max(ALIKE, best[0] if best else 0)
            if matcher.quick_ratio() > least and (ratio := matcher.ratio()) > least:
                best = (ratio, spelled)
    return best[1] if best else None


def meant(q: str, words: dict[int, dict[str, str]]) -> str | None:
    """The query with each unknown word replaced by the one most like it; None: nothing to propose."""
    parts = PARTS_OF_QUERY.findall(q)
    proposed = [
        part if part.startswith(("-", '"')) else (closest(part, words) or part)  # what is quoted is meant as typed
        for part in parts
    ]
    return " ".join(proposed) if proposed != parts else None
