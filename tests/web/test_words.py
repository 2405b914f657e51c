import pytest

from events.lib.differences import Difference, Part, differences, text_parts
from events.web.words import country_in_sentence, listed, sentences, shortened


def effect(**said):
    return {
        "product": "api", "country": "CN", "group": None, "except": [], "status": "blocked",
        "effective_date": "2024-07-09", "date_precision": "day", "until": None,
    } | said  # fmt: skip


NAMES = {("product", "api"): "The API", ("group", "eu"): "European Union", ("group", "world"): "World"}


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({}, "blocked in China from July 9, 2024"),
        ({"country": "US", "status": "available"}, "available in the United States from July 9, 2024"),
        ({"date_precision": "year", "effective_date": "2024-01-01"}, "blocked in China from 2024"),
        ({"until": "2025-01-01"}, "blocked in China from July 9, 2024 until January 1, 2025"),
        ({"country": None, "group": "eu"}, "blocked in the European Union from July 9, 2024"),
        (
            {"country": None, "group": "world", "except": ["US", "FR"], "status": "license_required"},
            "license required in every country except the United States and France from July 9, 2024",
        ),
    ],
)
def test_an_effect_in_words(said, text):
    [sentence] = sentences([effect(**said)], NAMES)
    assert (sentence.product_name, sentence.text) == ("The API", text)


def test_effects_that_differ_in_place_only_are_one_sentence():
    codes = ["CN", "RU", "IR", "KP", "CU", "SY", "VE"]
    [sentence] = sentences([effect(country=code) for code in codes], NAMES)
    assert sentence.text == "blocked in China, Russia, Iran, North Korea, and 3 more from July 9, 2024"


def test_lists_in_words():
    assert [listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])] == ["a", "a and b", "a, b, and c"]
    assert shortened(list("abcde"), most=4) == "a, b, c, d, and e"  # one more is no longer than saying so
    assert country_in_sentence("NL") == "the Netherlands"


def test_texts_are_compared_word_by_word():
    assert list(text_parts("a big dog", "a small dog")) == [
        Part("same", "a "), Part("removed", "big"), Part("added", "small"), Part("same", " dog")
    ]  # fmt: skip


def test_a_long_text_is_compared_by_lines():
    old = "".join(f"line {n} of a text\n" for n in range(2000))
    parts = list(text_parts(old, old.replace("line 7 ", "line seven ")))
    assert Part("removed", "line 7 of a text\n") in parts
    assert Part("added", "line seven of a text\n") in parts


def test_documents_are_compared_field_by_field():
    policy = {"slug": "rule", "title": "Rule", "relation": "adopts", "partial": False}
    old = {"kind": "report", "end_date": None, "agencies": [{"slug": "bis", "name": "BIS"}], "policies": [policy]}
    new = {
        "kind": "ruling",
        "end_date": "2024-07-09",
        "agencies": [],
        "policies": [policy | {"relation": "brings_into_force", "partial": True}],
    }
    old["revision"], new["revision"] = 1, 2
    assert differences(old, new) == [
        Difference("Last day", after="2024-07-09"),
        Difference("Kind", before="report", after="ruling"),
        Difference("Agencies", before="BIS"),
        Difference("Policies, Rule: Relation", before="adopts", after="brings into force"),
        Difference("Policies, Rule: Partial", before="no", after="yes"),
    ]
