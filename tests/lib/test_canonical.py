import json
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
import rfc8785
from django.db.models import IntegerChoices, TextChoices
from django.utils.safestring import mark_safe
from hypothesis import given
from hypothesis import strategies as st

from events.lib.canonical import NotCanonical, canonical, refuse_unstorable, sha256

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
keys = st.text(st.characters(max_codepoint=127, exclude_characters="\0"))
integers = st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1)
documents: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | integers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
)


@given(documents)
def test_canonical_writes_the_bytes_of_rfc_8785_and_of_the_standard_library(document):
    written = canonical(document)
    assert written == rfc8785.dumps(document)
    assert written == json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


class Color(Enum):
    RED = 1


NOT_ALLOWED = [
    1.0, 1e22, float("nan"), float("inf"), 2**53, -(2**53), 2**64, "\0", "a\0b", "\\\0", "\ud800", "a\udfff",
    {"é": 1}, {"\ud800": 1}, {"a\0": 1}, {1: 1}, {None: 1}, {Color.RED: 1}, (1,), {1}, b"x", date(2024, 7, 9),
    Decimal(1), UUID(int=1), Color.RED, object(),
]  # fmt: skip


@pytest.mark.parametrize("wrong", NOT_ALLOWED, ids=[str(place) for place in range(len(NOT_ALLOWED))])
def test_canonical_refuses_what_is_not_allowed(wrong):
    with pytest.raises(NotCanonical):
        canonical(wrong)


@given(documents, st.sampled_from(NOT_ALLOWED), documents)
def test_canonical_names_the_place_of_what_it_refuses(before, wrong, after):
    with pytest.raises(NotCanonical) as caught:
        canonical({"a": before, "b/~": [before, {"c": wrong}], "d": after})
    assert caught.value.pointer.startswith("/b~1~0/1/c")
    assert str(caught.value).startswith(caught.value.pointer + ": ")


def test_canonical_says_what_is_wrong():
    with pytest.raises(NotCanonical, match=r"^/effects/0/rate: a value of type float\.$"):
        canonical({"effects": [{"rate": 0.5}]})


def test_canonical_takes_a_backslash_before_u0000_for_the_text_it_is():
    assert canonical(["\\u0000", "\\\\u0000"]) == rb'["\\u0000","\\\\u0000"]'
    with pytest.raises(NotCanonical):
        canonical(["\\u0000", "\\\\\0"])


def test_canonical_writes_subclasses_as_what_they_hold():
    class Kind(TextChoices):
        RULING = "ruling"

    class Size(IntegerChoices):
        BIG = 3

    class Ordered(dict[str, Any]):
        pass

    assert canonical(Ordered(b=Kind.RULING, a=[Size.BIG, mark_safe("<b>")])) == b'{"a":[3,"<b>"],"b":"ruling"}'


def test_canonical_refuses_bottomless_documents():
    ring: list[Any] = []
    ring.append(ring)
    with pytest.raises(NotCanonical, match="levels of nesting"):
        canonical(ring)


def test_sha256_is_the_published_example():
    assert sha256(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2


@pytest.mark.parametrize("text", ["\0", "a\ud800", "\udc00\ud800"])
def test_refuse_unstorable_refuses(text):
    with pytest.raises(ValueError, match="The text holds"):
        refuse_unstorable(text)


@given(texts)
def test_refuse_unstorable_lets_all_other_text_pass(text):
    refuse_unstorable(text)
