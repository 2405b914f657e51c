"""The words of full-text search: one tokenizer for stored texts and for queries.

SQLite's FTS5 (tokenizer "ascii") and PostgreSQL's tsvector store these tokens and nothing else, so that both give the
same answers. A text is folded (NFKC, case, accents), then cut at all that is no letter or digit and at every joint of
letters and digits: "GPT-4o" is gpt, 4, o. English words are stemmed; Han, Kana and Hangul, written without spaces,
become overlapping pairs of characters.

What a writer joined, a reader may not, and the other way round, so compounds are kept in their joined form too:
"GPT-4o" as gpt4o, "U.S." as us, "Deep-Seek" as deepseek. They stand at the end of what is stored, between separators.

Tokens are of [a-z0-9] only, at most 60 characters. A word with any other letter is ENCODED followed by its code points
in hexadecimal, each ended by a "z" ("м" is u043cz); so is an ASCII word that starts with ENCODED itself, lest two words
share a token. What is longer becomes ENCODED, "h" and its hash. When any of this changes, the index has to be rebuilt.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import blake2b
from itertools import islice

from Stemmer import Stemmer

MAX_TOKENS = 16_000  # the last position that a tsvector holds is 16,383
MAX_PIECES = 14_000  # of them, so that the joined forms of a long text have room
MAX_TOKEN_LENGTH = 60  # bytes; a tsvector holds at most 1 MiB (2**20 - 1), with some 4 bytes more for each token
MAX_TERMS = 20
MAX_QUERY_LENGTH = 1000  # characters
NAME_LENGTH = 40  # texts up to this are mostly names, which come up again and again: cached whole
CACHED_LENGTH = 30  # longer words (no English ones, not stemmed) and compounds would fill the caches for nothing

ENCODED = "u0"
SEPARATOR = ENCODED  # stands between fields; no word's token is ENCODED alone

# Han, Hiragana, Katakana and Hangul: the letters, without the punctuation and combining marks among them.
CJK = (
    "\u1100-\u11ff\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3130-\u318f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U000323af"
)
IS_CJK = re.compile(f"[{CJK}]")
# A run of CJK, or a compound: letters and digits, joined by nothing or by single hyphens, periods, apostrophes, "_".
SEGMENT = re.compile(rf"[{CJK}]+|[^\W_{CJK}]+(?:[-‐._'’][^\W_{CJK}]+)*")
# All of ASCII that no segment holds.
BLANKS = str.maketrans({chr(code): " " for code in range(128) if not chr(code).isalnum() and chr(code) not in "-._'"})
PIECE = re.compile(r"\d+|[^\W\d_]+")
POSSESSIVE = re.compile(r"(?<=[^\W_])\.?['’]s(?![^\W_])")
# Letters that Unicode does not take apart into a base letter and an accent.
BASE_LETTERS = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ħ": "h", "æ": "ae", "œ": "oe"})
NO_LETTER = re.compile(r"[^\w\0-\x7f]")
VOICED_MARKS = "\u3099\u309a"  # they make another kana (が from か), so they are no accents

PROCESSORS = re.compile("[cdglntvx]pus")
QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))
QUERY_PART = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))')


Analysis = tuple[tuple[str, ...], tuple[str, ...]]  # pieces, joined forms


@dataclass(frozen=True)
class Term:
    """A word or phrase asked for. A text matches if it has the pieces side by side in order, or the joined form.

    `joined` is None for phrases of several words, for words of one piece, and for numbers.
    """

    pieces: tuple[str, ...]
    joined: str | None = None


@dataclass(frozen=True)
class Query:
    """What a reader asked for: texts that match all `terms` and none of `excluded`. Both may be empty."""

    terms: tuple[Term, ...]
    excluded: tuple[Term, ...]


def tokens(*texts: str) -> list[str]:
    """The tokens to store for the fields of a record: their pieces in order, then their joined forms.

    SEPARATOR stands between fields, so that no phrase is found across two. At most 16,000: longer texts lose their end.
    """
    found: list[str] = []
    compounds: dict[str, None] = {}
    for text in texts:
        if found and found[-1] != SEPARATOR:
            found.append(SEPARATOR)
        pieces, its_compounds = (_cached_text if len(text) <= NAME_LENGTH else _analyzed_text)(text)
        found += pieces
        compounds |= its_compounds
        if len(found) > MAX_PIECES:
            del found[MAX_PIECES:]
            break
    for joined in compounds:
        found += (SEPARATOR, joined)
    return found[:MAX_TOKENS]


def parse_query(q: str) -> Query:
    """What a reader typed: words (all must match), "phrases", and either of them excluded by a minus sign before it.

    Nothing is an error: an odd quotation mark is none, and a database's operators are words or nothing. Only the first
    20 terms of the first 1,000 characters count.
    """
    terms: list[Term] = []
    excluded: list[Term] = []
    for is_excluded, term in islice(_terms(_fold(q[:MAX_QUERY_LENGTH]).translate(QUOTES)), MAX_TERMS):
        (excluded if is_excluded else terms).append(term)
    return Query(tuple(terms), tuple(excluded))


def matches(text: str, terms: Sequence[Term]) -> list[tuple[int, int]]:
    """Where a text bears words of a query's terms: the start and end of each, in order, none within another.

    It is for showing, so a phrase's words are found by themselves as well.
    """
    pieces = {piece for term in terms for piece in term.pieces}
    joined = {term.joined for term in terms if term.joined} | pieces
    found: list[tuple[int, int]] = []
    for segment in SEGMENT.finditer(text):
        its_pieces: set[str] = set()
        its_joined: set[str] = set()
        for part in SEGMENT.findall(_fold(segment[0])):
            some, whole = _analyze(part)
            its_pieces.update(some)
            its_joined.update(whole)
        if IS_CJK.match(segment[0]):
            found += _matches_in_cjk(segment[0], segment.start(), pieces)
        elif its_joined & joined or (its_pieces and its_pieces <= pieces):
            found.append(segment.span())
        elif its_pieces & pieces:
            found += [
                (segment.start() + part.start(), segment.start() + part.end())
                for part in PIECE.finditer(segment[0])
                if pieces.intersection(tokens(part[0]))
            ]
    return found


def _matches_in_cjk(text: str, start: int, pieces: set[str]) -> list[tuple[int, int]]:
    width = min(len(text), 2)
    marked = {
        at + each
        for at in range(len(text) - width + 1)
        if pieces.intersection(tokens(text[at : at + width]))
        for each in range(width)
    }
    found: list[tuple[int, int]] = []
    for at in sorted(marked):
        if found and found[-1][1] == start + at:
            found[-1] = (found[-1][0], start + at + 1)
        else:
            found.append((start + at, start + at + 1))
    return found


def fts5_match(terms: Sequence[Term], *, any_of: bool = False) -> str:
    """The right side of FTS5's MATCH for all of one or more terms, or for any of them.

    FTS5 has no NOT that stands alone: leave out rows that match any of the excluded terms by a second MATCH.
    """
    alternatives = (_alternatives(term, '"{}"', " ") for term in terms)
    return (" OR " if any_of else " AND ").join(f"({' OR '.join(each)})" for each in alternatives)


def tsquery(terms: Sequence[Term], *, any_of: bool = False) -> str:
    """The text of a PostgreSQL tsquery (to be cast, `%s::tsquery`) for all of one or more terms, or for any of them."""
    alternatives = (_alternatives(term, "{}", " <-> ") for term in terms)
    return (" | " if any_of else " & ").join(f"({' | '.join(each)})" for each in alternatives)


def tsvector(tokens: Sequence[str]) -> str:
    """The text of a PostgreSQL tsvector (to be cast, `%s::tsvector`): each token with its position, from 1.

    PostgreSQL keeps the first 256 positions of a token: phrases beyond the 256th occurrence of a word are not found.
    """
    parts = [""] * (2 * len(tokens))
    parts[::2], parts[1::2] = tokens, _positions()[: len(tokens)]
    return "".join(parts).rstrip()


@cache
def _positions() -> list[str]:
    return [f":{position} " for position in range(1, MAX_TOKENS + 1)]


def _fold(text: str) -> str:
    """The text in NFKC and lower case, without accents and possessives."""
    if text.isascii():
        text = text.lower()
    else:
        text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
        text = NO_LETTER.sub(_without_accent, text)
        text = unicodedata.normalize("NFKC", text).translate(BASE_LETTERS)
    return POSSESSIVE.sub("", text) if "'s" in text or "’s" in text else text


def _without_accent(found: re.Match[str]) -> str:
    mark = found[0]
    return "" if unicodedata.category(mark) == "Mn" and mark not in VOICED_MARKS else mark


def _analyzed_text(text: str) -> tuple[list[str], dict[str, None]]:
    """The pieces of a text, and its joined forms in order. Both may be shared: not to be changed."""
    folded = _fold(text)
    words = folded.translate(BLANKS).split() if folded.isascii() else SEGMENT.findall(folded)
    # What _analyze does, without a call of ours for each word.
    analyzed = [(_cached if len(word) <= CACHED_LENGTH else _analyzed)(word) for word in words]
    return [piece for pieces, _ in analyzed for piece in pieces], {
        each: None for _, joined in analyzed if joined for each in joined
    }


_cached_text = lru_cache(maxsize=4_000)(_analyzed_text)  # some 3 MB when full


def _analyzed(word: str) -> Analysis:
    """The tokens of a folded text without blanks, and those of the joined forms of its segments, where they have one.

    An ASCII text is cut at its blanks first, which is done in half the time of finding segments: what a word between
    them is made of is mostly known.
    """
    found: list[str] = []
    compounds: list[str] = []
    for segment in SEGMENT.findall(word):
        if IS_CJK.match(segment):
            pieces = [segment[at : at + 2] for at in range(max(len(segment) - 1, 1))]
        else:
            pieces = PIECE.findall(segment)
            # Numbers are not joined: whoever asks for "3.5" does not mean 35.
            if len(pieces) > 1 and not all(map(str.isdigit, pieces)):
                compounds.append(_token("".join(pieces)))
        found += map(_token, pieces)
    return tuple(found), tuple(compounds)


_cached = lru_cache(maxsize=20_000)(_analyzed)  # with the stems some 9 MB when full


def _analyze(word: str) -> Analysis:
    return (_cached if len(word) <= CACHED_LENGTH else _analyzed)(word)


def _token(word: str) -> str:
    if not word.isascii() or word.startswith(ENCODED):
        word = ENCODED + "".join(f"{ord(letter):x}z" for letter in word)
    elif word.isalpha() and len(word) <= CACHED_LENGTH:
        word = _stem(word)
    if len(word) > MAX_TOKEN_LENGTH:
        word = f"{ENCODED}h{blake2b(word.encode(), digest_size=16).hexdigest()}"
    return word


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    if PROCESSORS.fullmatch(word):  # the stemmer takes "GPUs" for a word like "bus"
        return word[:-1]
    return Stemmer("english", 0).stemWord(word)  # a new one each time: it keeps state, and threads would share it


def _terms(query: str) -> Iterator[tuple[bool, Term]]:
    """Each term of a folded query, with whether it is excluded."""
    for part in QUERY_PART.finditer(query):
        segments = SEGMENT.findall(part["word"] or part["phrase"] or "")
        analyzed = [_analyze(segment) for segment in segments]
        if pieces := tuple(piece for found, _ in analyzed for piece in found):
            joined = analyzed[0][1] if len(analyzed) == 1 else ()
            yield bool(part["minus"]), Term(pieces, *joined)


def _alternatives(term: Term, phrase: str, between: str) -> list[str]:
    """The phrase of a term's pieces and its joined form, in one engine's syntax. Tokens need no escaping."""
    forms = [term.pieces] if term.joined is None else [term.pieces, (term.joined,)]
    return [phrase.format(between.join(form)) for form in forms]
