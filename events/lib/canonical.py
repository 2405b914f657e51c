"""Canonical JSON (RFC 8785, the JSON Canonicalization Scheme), hashes, and which text can be stored at all.

Of RFC 8785 only the plain part is allowed: strings, booleans, None, integers below 2**53 in size, lists, and dicts with
ASCII keys. Within it orjson with sorted keys writes the very bytes that the RFC asks for, and so does the standard
library's json: the two hard parts, numbers as ECMAScript prints them and keys in UTF-16 order, cannot come up.
"""

import hashlib
from collections.abc import Iterator

import orjson

LIMIT = 2**53  # from here on two integers may be the same double (RFC 8785, appendix D)
DEEPEST = 254  # levels of nesting that orjson writes
OPTIONS = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_STRICT_INTEGER
    | orjson.OPT_PASSTHROUGH_DATETIME  # "pass through" to a default that we do not give: an error
    | orjson.OPT_PASSTHROUGH_DATACLASS
)
SCALARS = frozenset({str, int, bool, type(None)})


class NotCanonical(ValueError):
    """A value that has no place in a document. `pointer` (a JSON pointer, RFC 6901) says where it stands."""

    def __init__(self, pointer: str, problem: str) -> None:
        super().__init__(f"{pointer or 'The document'}: {problem}.")
        self.pointer = pointer


def canonical(document: object) -> bytes:
    """The canonical bytes (UTF-8) of a document.

    Subclasses of str, int, list and dict (Django's choices and SafeString, DRF's ReturnDict) are written as the plain
    values they hold. Raises NotCanonical for all else that is not allowed, and for more than 254 levels of nesting.
    """
    # orjson refuses lone surrogates, big integers, keys that are no strings, and most other types. It writes floats
    # (NaN as null!), tuples, UUIDs and non-ASCII keys, and its output does not give them all away, so the types are
    # looked at. NUL shows as its escape, but so does a backslash before "u0000". Any suspicion goes to the thorough
    # walk, whose verdict counts; good documents seldom pay for it.
    try:
        written = orjson.dumps(document, option=OPTIONS)
    except orjson.JSONEncodeError as error:
        for problem in _problems(document):
            raise problem from None
        raise NotCanonical("", str(error)) from error
    plain = type(document) in SCALARS or _has_plain_types(document)
    keys_may_not_be_ascii = not written.isascii() and not _has_ascii_keys(document)
    if not plain or keys_may_not_be_ascii or (b"\\" in written and b"\\u0000" in written):
        for problem in _problems(document):
            raise problem
    return written


def sha256(data: bytes) -> str:
    """The SHA-256 of `data` as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def refuse_unstorable(text: str) -> None:
    """Raise ValueError where `text` holds NUL (PostgreSQL stores none) or a lone surrogate (UTF-8 has none)."""
    if "\0" in text:
        raise ValueError("The text holds a NUL character.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("The text holds half of a surrogate pair.") from None


def _has_plain_types(value: object) -> bool:
    """Whether a container holds nothing but the exact types of JSON, at any depth."""
    if type(value) is dict:
        value = value.values()
    elif type(value) is not list:
        return False
    for each in value:  # noqa: SIM110, all() is half as slow again or more
        if type(each) not in SCALARS and not _has_plain_types(each):
            return False
    return True


def _has_ascii_keys(value: object) -> bool:
    """Whether all keys of plain dicts, at any depth of plain containers, are ASCII strings."""
    if type(value) is dict:
        return "".join(value).isascii() and all(map(_has_ascii_keys, value.values()))
    return type(value) is not list or all(map(_has_ascii_keys, value))


def _problems(value: object, pointer: str = "", depth: int = 0) -> Iterator[NotCanonical]:
    """Everything that is wrong with a value, in order."""
    if depth > DEEPEST:
        yield NotCanonical(pointer, f"more than {DEEPEST} levels of nesting")
    elif isinstance(value, str):
        yield from _problems_of_text(value, pointer)
    elif isinstance(value, int):
        if abs(value) >= LIMIT:
            yield NotCanonical(pointer, "an integer of 2**53 or more in size")
    elif isinstance(value, dict):
        for key, held in value.items():
            within = f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"
            if type(key) is not str or not key.isascii():
                yield NotCanonical(within, "a key that is not an ASCII string")
            else:
                yield from _problems_of_text(key, within)
            yield from _problems(held, within, depth + 1)
    elif isinstance(value, list):
        for index, held in enumerate(value):
            yield from _problems(held, f"{pointer}/{index}", depth + 1)
    elif value is not None:
        yield NotCanonical(pointer, f"a value of type {type(value).__name__}")


def _problems_of_text(text: str, pointer: str) -> Iterator[NotCanonical]:
    try:
        refuse_unstorable(text)
    except ValueError as error:
        yield NotCanonical(pointer, str(error).rstrip("."))
