import datetime as dt
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from events.ingest import webpage
from events.ingest.called import Named
from events.ingest.findings import Page, findings
from events.ingest.kinds import kind_of
from events.ingest.names import Vocabulary
from events.ingest.text import Text
from tests.factories import CompanyFactory, ProductFactory, PublisherFactory
from tests.ingest.measuring import companies_that_act, measure, paragraphs, vocabulary
from tests.ingest.world import World

SAMPLES = Path(__file__).parent / "samples"
# Precision and recall that the part kept apart has to reach.
AIMS = {"companies": (0.95, 0.90), "countries": (0.95, 0.90), "dates": (0.95, 0.90),
        "relays": (0.85, 0.85), "policies": (0.85, 0.85)}  # fmt: skip


@pytest.mark.parametrize("part", ["tuned", "apart"])
def test_extraction_reaches_its_aims(part: str):
    scores = measure(part)
    missed = {
        kind: (score.precision, score.recall)
        for kind, (precision, recall) in AIMS.items()
        if (score := scores[kind]).precision < precision or score.recall < recall
    }
    assert missed == {}


def test_companies_found_to_act_are_those_on_record():
    """Before states were looked for, the first company of each text acted: 0.39, by 205 companies."""
    score = companies_that_act()
    assert (score.precision >= 0.65, score.recall >= 0.9) == (True, True), score


@pytest.mark.parametrize(
    ("text", "acting"),
    [
        ("OpenAI will block its API in China, Reuters reported. Italy ordered it to stop.", ["openai"]),
        ("Italy's Garante ordered OpenAI to stop.", []),
        ("OpenAI was fined by the Garante.", []),
        ("After a letter from BIS, Nvidia stopped sales to China.", ["nvidia"]),
        ("China banned Micron's chips from key infrastructure.", ["CN"]),
        ("Dutch regulators opened a case against Nvidia.", ["NL"]),
        ("Chinese customers of OpenAI lose its API.", ["openai"]),
        ("In China, Microsoft sells OpenAI's models.", ["microsoft"]),
        ("Huawei and 68 affiliates were put on the Entity List.", []),
        ("Nobody acts in the rain.", []),
    ],
)
def test_company_acts_where_no_state_does(text: str, acting: list[str]):
    said = findings(Page(text), vocabulary())
    named = {each.get("slug") or each["code"]: each["role"] for each in [*said["companies"], *said["countries"]]}
    assert [name for name, role in named.items() if role != "affected"] == acting


def test_a_third_of_at_least_60_paragraphs_is_kept_apart():
    tuned, apart = len(paragraphs("tuned")), len(paragraphs("apart"))
    assert tuned + apart >= 60
    assert apart * 3 >= tuned + apart


def keys(text: str, name: str) -> list[str]:
    return [each.get("slug") or each["code"] for each in findings(Page(text), vocabulary())[name]]


@pytest.mark.parametrize(
    ("said", "agencies"),
    [
        ("Italy's privacy watchdog acted.", ["garante"]),
        ("South Korea's defence and foreign ministries acted.", ["korea-defense-ministry", "korea-foreign-ministry"]),
        ("China was angry, the commerce ministry said.", ["mofcom"]),
        ("India was angry, its commerce ministry said.", []),
        ("In Taiwan the International Trade Administration acted.", ["taiwan-trade-administration"]),
        ("The U.S. International Trade Administration acted.", ["us-ita"]),
        ("The chief executive of an EU firm resigned.", []),
        ("The EU executive acted.", ["eu-commission"]),
        ("Commerce's rule was read by Treasury and State.", ["us-commerce", "us-treasury", "us-state"]),
        ("Treasury yields fell in Washington State.", []),
        ("The Defense Department acted.", ["us-defense"]),
    ],
)
def test_authorities_are_known_by_what_they_do(said: str, agencies: list[str]):
    assert keys(said, "agencies") == agencies


@pytest.mark.parametrize(
    ("said", "policies"),
    [
        ("the Framework for AI Diffusion", ["ai-diffusion-framework"]),
        ("the October 2023 chip rules", ["acs-ifr-2023"]),
        ("90 Fed. Reg. 47201", ["affiliates-rule"]),
        ("Regulation (EU) 2024/1689", ["eu-ai-act"]),
        ("E.O. 14110", ["eo-14110"]),
        ("31 CFR 850.101", ["outbound-investment-rule"]),
        ("H.R. 8283", ["ai-model-theft-act"]),
        ("the Export Control Reform Act", ["ecra-2018"]),
        ("Announcements Nos. 61 and 62 of 2025", ["china-announcement-61-2025", "china-announcement-62-2025"]),
        ("the Technology Prosperity Deal", []),
        ("Anthropic's list of supported countries", ["anthropic-supported-regions"]),
    ],
)
def test_policies_are_known_by_citation_and_in_other_spellings(said: str, policies: list[str]):
    assert keys(f"They read {said} again.", "policies") == policies


@pytest.mark.parametrize(
    ("said", "relays"),
    [
        ("It stopped, Reuters reported on Monday that day, citing a report in The Information.",
         [("Reuters", "The Information")]),
        ("According to Bloomberg, as relayed by Tom's Hardware, it stopped.", [("Tom's Hardware", "Bloomberg")]),
        ("Bloomberg, citing the FT, reported that it stopped.", [("Bloomberg", "Financial Times")]),
        ("It stopped, two people told Reuters.", [("", "Reuters")]),
        ("It stopped, according to a Bloomberg report.", [("", "Bloomberg")]),
        ("The deal was first reported by Axios.", [("", "Axios")]),
        ("It stopped, Nikkei says.", [("", "Nikkei")]),
        ("Nvidia reported record revenue. Qualcomm reported a loss.", []),
        ("Users reported errors. Nvidia said so.", []),
    ],
)  # fmt: skip
def test_relays_are_told_from_other_reports(said: str, relays: list[tuple[str, str]]):
    found = findings(Page(said), vocabulary())
    assert [(each["publisher"], each["relays"]) for each in found["relays"]] == relays
    assert not {"reuters", "bloomberg", "the-information"} & {each["slug"] for each in found["companies"]}


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("A source familiar with the matter told Reuters it stopped.", ["A source"]),
        ("Nvidia and AMD said they stopped.", ["Nvidia", "AMD"]),
        ("The Malaysian Communications and Multimedia Commission said so.",
         ["The Malaysian Communications and Multimedia Commission"]),
        ("A notice in the Federal Register says so.", []),
        ("U.S. Commerce Secretary Howard Lutnick hailed a “major milestone”.", ["Howard Lutnick"]),
        ("U.S. Commerce Secretary Howard Lutnick hailed it.", []),
        ("China's foreign ministry said so.", ["China's foreign ministry"]),
        ("A spokesperson for Nvidia said so.", ["A spokesperson for Nvidia"]),
        ("BIS made two rules; the second adds “controls on memory”.", []),
        ("QUESTION: Why? MR. DOE: We decided. QUESTION: When? MR. DOE: Today.", ["Doe"]),
        ("Reuters: What of it? Jane Doe: We noted it. AFP: And? Jane Doe: “No more.”", ["Jane Doe"]),
        ("Effective Date: The rule applies today. Background: It was proposed in May.", []),
    ],
)  # fmt: skip
def test_speakers_are_those_who_speak(said: str, names: list[str]):
    assert [each["name"] for each in findings(Page(said), vocabulary())["speakers"]] == names


def test_countries_that_may_be_other_things_count_beside_countries():
    assert keys("It is blocked in Turkey, Georgia and Jordan.", "countries") == ["TR", "GE", "JO"]
    assert keys("Michael Jordan left Georgia.", "countries") == []


@pytest.mark.parametrize(
    "piece",
    ["A", "U.S. ", "Alpha Beta ", "the big bad wolf of ", "foreign, trade, ", "October 7, 12, ", "The A of B said ",
     "\n", "\n ", "May 1, 2024 "],
)  # fmt: skip
def test_text_that_is_made_to_be_slow_is_read(piece: str):
    """A form that tries all ways to fit would not end."""
    assert findings(Page(piece * (60_000 // len(piece)), published=dt.date(2024, 7, 9)), vocabulary())


def test_longest_name_wins():
    assert keys("Azure OpenAI Service stays open.", "products") == ["azure-openai"]
    assert keys("Azure OpenAI Service stays open.", "companies") == []
    assert keys("Applied Materials Korea was fined.", "countries") == []


def test_longer_name_wins_though_a_shorter_one_begins_before_it():
    said = "Microsoft's Azure OpenAI Service stays open. Microsoft's Azure grows."
    assert (keys(said, "products"), keys(said, "companies")) == (["azure-openai"], ["microsoft"])


def test_case_and_possessives():
    assert keys("Meta's apple pie let us down; Apple's did not.", "companies") == ["meta", "apple"]
    assert keys("They told us in the us.", "countries") == []
    assert keys("Operators left. The operator said so.", "products") == []


def test_sentence_of_a_finding_is_the_one_it_stands_in():
    said = findings(Page("The U.S. acted. Nvidia Inc. sold chips to China. More."), vocabulary())
    assert said["companies"] == [
        {"slug": "nvidia", "sentence": "Nvidia Inc. sold chips to China.", "role": "actor"},
    ]
    assert said["countries"][0] == {"code": "US", "sentence": "The U.S. acted.", "role": "affected"}


@given(st.text(max_size=300))
def test_any_text_is_read(text: str):
    said = findings(Page(text, published=dt.date(2024, 7, 9)), vocabulary())
    assert json.dumps(said)
    assert all(dt.date.fromisoformat(day["date"]) for day in said["dates"])


def test_page_tells_title_publisher_author_and_date():
    page = webpage.read((SAMPLES / "article.html").read_bytes())
    assert (page.title, page.publisher, page.authors) == (
        "OpenAI blocks its API in China", "The Example Wire", ["Ada Example"],
    )  # fmt: skip
    assert page.published == dt.date(2024, 7, 9)
    assert "<" not in page.text
    assert "alert" not in page.text
    assert "Azure OpenAI Service stays open" in page.text


def test_wrong_encoding_is_survived():
    body = "Ein Verbot in Österreich".encode("latin-1")
    for charset in ("", "utf-8", "iso-8859-1", "no-such-charset"):
        assert webpage.read(body, media_type="text/plain", charset=charset).text == "Ein Verbot in Österreich"
    assert webpage.read(b"a\0b\x08c", media_type="text/plain").text == "abc"


@pytest.mark.parametrize("body", [b"", b"<html><body><script>x()</script></body></html>", b"   \n"])
def test_page_without_text_says_so(body: bytes):
    with pytest.raises(webpage.Unreadable, match="paste its text"):
        webpage.read(body)


def run(*arguments: str) -> dict:
    out = StringIO()
    call_command("extract", *arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


@pytest.fixture
def known(db: None) -> None:
    CompanyFactory(slug="openai", name="OpenAI")
    microsoft = CompanyFactory(slug="microsoft", name="Microsoft")
    ProductFactory(slug="azure-openai", name="Azure OpenAI Service", company=microsoft)
    PublisherFactory(slug="the-information", name="The Information")


def test_extract_prints_the_findings_of_a_file(known: None):
    said = run(str(SAMPLES / "article.html"))
    assert (said["title"], said["publisher"], said["published"]) == (
        "OpenAI blocks its API in China", "The Example Wire", "2024-07-09",
    )  # fmt: skip
    assert [each["slug"] for each in said["companies"]] == ["openai", "microsoft"]
    assert [each["slug"] for each in said["products"]] == ["azure-openai"]
    assert [each["code"] for each in said["countries"]] == ["CN"]
    assert [(each["date"], each["precision"]) for each in said["dates"]] == [
        ("2024-07-09", "day"), ("2024-06-25", "day"),
    ]  # fmt: skip
    assert [(each["publisher"], each["relays"]) for each in said["relays"]] == [("Seeking Alpha", "The Information")]
    assert said["kind"] == "restriction"
    assert set(said) == {
        "title", "publisher", "published", "companies", "agencies", "countries", "groups", "products", "policies",
        "dates", "speakers", "relays", "kind",
    }  # fmt: skip


def test_extract_takes_a_text_file_and_a_day(known: None, tmp_path: Path):
    (tmp_path / "note.txt").write_text("OpenAI stopped last month.")
    said = run(str(tmp_path / "note.txt"), "--published", "2024-07-09")
    assert (said["published"], said["dates"][0]["date"]) == ("2024-07-09", "2024-06-01")


def test_extract_takes_an_address(known: None, world: World):
    url = world.page("/story", (SAMPLES / "article.html").read_bytes())
    assert run(url)["title"] == "OpenAI blocks its API in China"
    out = StringIO()
    call_command("extract", url, stdout=out)
    assert "companies: openai" in out.getvalue()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"%PDF-1.7\n1 0 obj", "It is a PDF"),
        (b"PK\x03\x04more", "ZIP file"),
        (bytes(range(256)) * 9, "It is no text"),
        (b"a" * (5 * 1024 * 1024 + 1), "larger than 5 MB"),
    ],
)
def test_extract_says_what_kind_of_file_is_not_read(db: None, tmp_path: Path, body: bytes, said: str):
    (tmp_path / "file").write_bytes(body)
    with pytest.raises(CommandError, match=said):
        call_command("extract", str(tmp_path / "file"))


@pytest.mark.parametrize("charset", ["latin-1", "utf-8", "utf-8-sig", "utf-16"])
def test_extract_reads_a_text_in_any_usual_charset(db: None, tmp_path: Path, charset: str):
    (tmp_path / "note.txt").write_bytes("Ein Verbot in Köln seit 9 July 2024".encode(charset))
    assert run(str(tmp_path / "note.txt"))["dates"][0]["sentence"] == "Ein Verbot in Köln seit 9 July 2024"


def test_extract_wants_a_day_that_there_is(db: None):
    with pytest.raises(CommandError, match="2024-13-01 is no day"):
        call_command("extract", "x", "--published", "2024-13-01")


@pytest.mark.parametrize("page", ["/nowhere", "http://127.0.0.1:1/"])
def test_extract_says_what_cannot_be_read(db: None, page: str):
    with pytest.raises(CommandError, match=page):
        call_command("extract", page)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Three chip designers were put on the Entity List.", "listing"),
        ("The rules on generated pictures take effect.", "enforcement"),
        ("The regulator fines Example Corp over its chatbot.", "enforcement"),
        ("The Senate passes a bill on chip exports.", "proposal"),
        ("The ministry grants the toolmaker a license to sell one machine.", "licensing"),
        ("The ministry revoked the toolmaker’s license.", "rescission"),
        ("The court annuls the fine.", "ruling"),
        ("The assistant returns to Italy.", "restoration"),
        ("The company holds its assistant back from Europe.", "restriction"),
        ("The developer opens its assistant to 40 more countries.", "announcement"),
        ("The ministry adopts a national control list.", "adoption"),
        ("The company changed its usage terms.", "amendment"),
        ("We are updating the terms of the service.", "amendment"),
        ("The ministry has issued no licences for such exports.", "licensing"),
        ("The ministry is strengthening export controls on rare earths.", "restriction"),
        ("The office designated 275 persons; their property is blocked.", "listing"),
        ("Resolved: a change blocked requests of some customers.", "restoration"),
    ],
)
def test_kind_is_told_by_the_wording_of_a_headline(text: str, kind: str):
    assert kind_of(Text(text)) == kind


def test_notices_are_known_by_their_number_where_it_is_the_only_one():
    words = Vocabulary(
        [
            Named("policy", "a", ("Controls on graphite", "MOFCOM Announcement No. 39 of 2023")),
            Named("policy", "b", ("Controls on gallium", "MOFCOM Announcement No. 46 of 2024")),
            Named("policy", "c", ("Controls on drones", "MOFCOM Announcement No. 46 of 2023")),
            Named("policy", "d", ("US-UK Technology Prosperity Deal",)),
        ]
    )

    def policies(text: str) -> list[str]:
        return [each.key for each in words.find(Text(text)) if each.kind == "policy"]

    assert policies("Under Announcement 39 a license is needed.") == ["a"]
    assert policies("Announcement No. 46 of 2024 stands.") == ["b"]
    assert policies("Announcement No. 46 stands.") == []
    assert policies("Talks on the Technology Prosperity Deal go on.") == ["d"]


@pytest.mark.parametrize("number", ["55-58-60", "-", "-5"])
def test_notice_of_an_odd_number_is_known_by_its_name_alone(number: str):
    """One citation that is typed wrong keeps no page from being read."""
    words = Vocabulary([Named("policy", "a", ("Controls on graphite", f"MOFCOM Announcement No. {number} of 2025"))])
    assert [each.key for each in words.find(Text("Controls on graphite. Announcement No. 5 of 2025."))] == ["a"]


def test_department_is_known_by_its_short_name_where_it_acts():
    words = Vocabulary([Named("agency", "us-commerce", ("US Department of Commerce",), country="US", short="Commerce")])

    def agencies(text: str) -> list[str]:
        return [each.key for each in words.find(Text(text)) if each.kind == "agency"]

    assert agencies("On Monday Commerce announced a rule.") == ["us-commerce"]
    assert agencies("The order told Commerce to require reports.") == ["us-commerce"]
    assert agencies("The Chamber of Commerce said so. Commerce grew by a tenth.") == []
