import hashlib
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from events.lib.urls import BadUrl, meant_by, normalize, source_slug

PAGE = "https://example.com/2024/07/Story"


@pytest.mark.parametrize(
    "spelling",
    [
        PAGE,
        "http://example.com/2024/07/Story",
        "HTTPS://WWW.Example.COM/2024/07/Story/",
        "https://example.com./2024/07/Story",
        "https://example.com:443/2024/07/Story",
        "http://example.com:80/2024/07/Story",
        "https://m.example.com/2024/07/Story",
        "https://www.m.example.com/2024/07/Story",
        "https://amp.example.com/2024/07/Story",
        "https://example.com/2024/07/Story#comments",
        "https://example.com/2024/07/Story#!/2",
        "https://example.com/2024/07/Story?",
        "https://example.com/2024/07/Story?&",
        "https://example.com/2024/07/Story/index.html",
        "https://example.com/2024/07/%53tor%79",
        "https://example.com/2023/../2024/./07/Story",
        "https://example.com/2023/%2e%2e/2024/07/Story/.",
        "https://example.com/2024/07/Story?utm_source=x&UTM_Medium=y&fbclid=1&gclid=2&ref_src=twsrc%5Etfw",
        "https://example.com/2024/07/Story?smid=tw-share&cmpid=a&taid=b&mc_cid=c&mc_eid=d&igshid=e",
        "https://example.com/2024/07/Story?gad_source=1&gad_campaignid=2&igsh=3&mibextid=4&__twitter_impression=true",
        "https://example.com/2024/07/Story?guccounter=1&guce_referrer=aHR0&guce_referrer_sig=AQAA",
        "https://example.com/2024/07/Story/amp",
        "https://example.com/2024/07/Story/amp/",
        "https://example.com/amp/2024/07/Story",
        "https://example.com/AMP/2024/07/Story/",
        "https://example.com/2024/07/Story.amp",
        "https://example.com/2024/07/Story?amp",
        "https://example.com/2024/07/Story?amp=1",
        "https://example.com/2024/07/Story?outputType=amp",
        "https://www.google.com/amp/s/www.example.com/2024/07/Story",
        "https://www.google.co.uk/amp/s/amp.example.com/amp/2024/07/Story?usqp=mq331AQ",
        "https://google.com/amp/example.com/2024/07/Story",
        "https://www-example-com.cdn.ampproject.org/c/s/www.example.com/2024/07/Story/amp?amp_js_v=0.1",
        "https://cdn.ampproject.org/v/example.com/2024/07/Story",
        "https://www.google.com/amp/s/google.com/amp/s/example.com/2024/07/Story",
    ],
)
def test_normalize_sees_one_page_in_many_spellings(spelling):
    assert normalize(spelling) == PAGE
    assert source_slug(spelling) == hashlib.sha256(PAGE.encode()).hexdigest()[:12]


@pytest.mark.parametrize(
    ("url", "normalized"),
    [
        ("https://example.com", "https://example.com"),
        ("https://example.com/", "https://example.com"),
        ("https://example.com/?p=1", "https://example.com?p=1"),
        ("https://example.com:8080/", "https://example.com:8080"),
        ("https://example.com//a//b", "https://example.com//a//b"),
        ("https://example.com/a.amp.html", "https://example.com/a.html"),
        ("https://example.com/amp", "https://example.com/amp"),
        ("https://example.com/amplifier", "https://example.com/amplifier"),
        ("https://example.com/camp", "https://example.com/camp"),
        ("https://example.com/news/amp/world", "https://example.com/news/amp/world"),
        ("https://www.google.com/amp/about", "https://google.com/about"),
        ("https://example.com/a?b=2&a=1&b=1&c", "https://example.com/a?a=1&b=2&b=1&c"),
        ("https://example.com/a?q=x+y%2bz", "https://example.com/a?q=x%20y%2Bz"),
        ("https://example.com/a?ref=rss&mod=1&sample=1", "https://example.com/a?mod=1&ref=rss&sample=1"),
        ("https://example.com/a?outputType=json", "https://example.com/a?outputType=json"),
        ("https://example.com/%e4%b8%ad%2f%7e", "https://example.com/%E4%B8%AD%2F~"),
        ("https://example.com/中", "https://example.com/%E4%B8%AD"),
        ("https://example.com/100%|\"<>", "https://example.com/100%25%7C%22%3C%3E"),
        ("https://example.com/%%34%31", "https://example.com/%2541"),
        ("https://example.com/../../a", "https://example.com/a"),
        ("https://example.com/a/index.html?x=1", "https://example.com/a?x=1"),
        ("https://example.com/A/Index", "https://example.com/A/Index"),
        ("https://Bücher.example/", "https://xn--bcher-kva.example"),
        ("https://faß.de/", "https://xn--fa-hia.de"),
        ("https://www.中国。中国/", "https://xn--fiqs8s.xn--fiqs8s"),
        ("https://www.com/", "https://www.com"),
        ("https://m.com/", "https://m.com"),
        ("https://m.co.uk/", "https://m.co.uk"),
        ("https://www.gov.uk/a", "https://gov.uk/a"),
        ("https://www2.example.com/", "https://www2.example.com"),
        ("https://a_b.example.com/", "https://a_b.example.com"),
    ],
)  # fmt: skip
def test_normalize_keeps_what_may_tell_pages_apart(url, normalized):
    assert normalize(url) == normalized
    assert normalize(normalized) == normalized


BAD = [
    "", "example.com", "/a", "//example.com/a", "ftp://example.com/", "javascript:alert(1)", "mailto:a@example.com",
    "https:", "https://", "https:///a", "https:example.com", "https:\\\\example.com", "https://localhost/",
    "https://com", "https://.com", "https://example..com", "https://user@example.com/", "https://u:p@example.com/",
    "https://@example.com/", "https://127.0.0.1/", "https://1.2/", "https://[::1]/", "https://[::1", "https://[x]/",
    "https://example.com:x/", "https://example.com:99999/", "https://example.com:-1/", "https://exa mple.com/",
    "https://example.com/a b", " https://example.com/", "https://example.com/\n", "https://example.com/\0",
    "https://example.com/\u3000", "https://example.com/\x9f", "https://example.com/\ud800", "https://exam\tple.com/",
    "https://ex%61mple.com/", "https://-example.com/", "https://example-.com/", f"https://{'a' * 64}.com/",
    f"https://{'a.' * 130}com/", "https://a℀b.com/", "https://xn--é.com/", "https://example.com\\@evil.com/",
    "https://example.com/" + "a" * 4096, "https://example.com/" + "中" * 1000, "https://google.com/amp/s/a..b/",
]  # fmt: skip


@pytest.mark.parametrize("text", BAD, ids=ascii)
def test_normalize_refuses_what_is_no_address_of_a_page(text):
    with pytest.raises(BadUrl, match=r"\.$"):
        normalize(text)


PIECES = """
    http:// https:// www. m. amp. example.com google.com cdn.ampproject.org 中国 ß co.uk . / // /amp /amp/s/ /c/s/
    /index.html .amp .html /.. /. %2e % %2 5 %C3 ? & = amp=1 utm_source %75tm_a=1 a B + # : :443 :80 @ [ ] \\
""".split()  # noqa: SIM905
pieces = st.lists(st.sampled_from(PIECES)).map("".join)


@given(st.text() | pieces | pieces.map("https://a.com".__add__))
@example("https://google.com/amp/amp/s/a.com")
def test_normalize_is_total_and_idempotent(text):
    try:
        normalized = normalize(text)
    except BadUrl:
        return
    assert normalize(normalized) == normalized
    assert re.fullmatch(r"https://[a-z0-9_.-]+(:\d+)?(/[!-~]*)?(\?[!-~]+)?", normalized)
    assert re.fullmatch(r"[0-9a-f]{12}", source_slug(text))


def test_normalize_is_quick_with_nested_viewers():
    assert normalize("https://" + "google.com/amp/s/" * 200 + "example.com/a") == "https://example.com/a"


@pytest.mark.parametrize(
    "text",
    [
        f" {PAGE}\n",
        "example.com/2024/07/Story",
        "www.example.com:443/2024/07/Story/",
        f"https://web.archive.org/web/20240709120000/{PAGE}",
        "http://web.archive.org/web/20240709120000id_/http:/www.example.com/2024/07/Story/?utm_source=x",
        "web.archive.org/web/2024*/example.com/2024/07/Story",
    ],
)
def test_meant_by_takes_what_people_copy(text):
    assert meant_by(text) == PAGE


@pytest.mark.parametrize("text", ["", "Story", "ftp://example.com/a", "mailto:a@example.com", "https://", "a b.com"])
def test_meant_by_refuses_what_is_no_page(text):
    with pytest.raises(BadUrl):
        meant_by(text)
