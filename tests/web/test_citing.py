"""References to pages: whoever wrote the names in it, the files stay well-formed."""

import datetime as dt
import json
import re

import pytest

from events.models import Change, LogHead
from events.services import publishing
from events.web.citing import FORMS, Reference
from tests.browser.making import NOWHERE, PAGES, everything
from tests.factories import EffectFactory, EventFactory, ProductFactory

NASTY = "R&D_100% {of} #1 $5 ~a^b \\end}\r\nER  - \nTY  - x\x00\x85“é”"
ADDRESS = "https://tracker.example/access/CN/openai-api/?on=2024-07-10&revision=7"


@pytest.fixture
def nasty() -> Reference:
    return Reference(NASTY, ADDRESS, 7, "ab" * 32, dt.date(2026, 11, 22), "access")


def test_bibtex_escapes_what_it_would_read_as_markup(nasty):
    text = FORMS["bibtex"].write(nasty)
    [title] = re.findall(r"^  title = \{\{(.*)\}\},$", text, re.MULTILINE)
    assert title == (
        r"R\&D\_100\% \textbraceleft{}of\textbraceright{} \#1 \$5 \textasciitilde{}a\textasciicircum{}b "
        r"\textbackslash{}end\textbraceright{} ER - TY - x “é”"
    )
    assert text.count("{") == text.count("}")
    assert text.startswith("@misc{access-7-")
    assert f"  url = {{{ADDRESS}}},\n" in text
    assert "  month = nov,\n" in text


def test_bibtex_keeps_braces_of_an_address_out(nasty):
    text = FORMS["bibtex"].write(Reference("x", "https://t.example/}{\\", 7, "ab", dt.date(2026, 1, 1)))
    assert "  url = {https://t.example/%7D%7B%5C},\n" in text


def test_ris_has_one_field_a_line_and_ends_once(nasty):
    lines = FORMS["ris"].write(nasty).split("\r\n")
    assert lines.pop() == ""
    assert " ".join(line[:2] for line in lines) == "TY AU TI PY DA PB ET N1 UR ID ER"
    assert {line[2:6] for line in lines} == {"  - "}
    fields = {line[:2]: line[6:] for line in lines}
    assert fields["TI"] == r"R&D_100% {of} #1 $5 ~a^b \end} ER - TY - x “é”"
    assert (fields["PY"], fields["DA"], fields["UR"]) == ("2026", "2026/11/22", ADDRESS)


def test_csl_is_json_of_one_item(nasty):
    [item] = json.loads(FORMS["csl"].write(nasty))
    assert item["title"] == r"R&D_100% {of} #1 $5 ~a^b \end} ER - TY - x “é”"
    assert item["issued"] == {"date-parts": [[2026, 11, 22]]}
    assert (item["type"], item["URL"], item["author"]) == ("webpage", ADDRESS, [{"literal": "AI Access Tracker"}])


def test_plain_text_quotes_a_title_with_quotations_in_single_ones():
    named = Reference("History of “It happens”", ADDRESS, 7, "ab", dt.date(2026, 1, 1))
    assert "AI Access Tracker. “History of ‘It happens’.” " in FORMS["text"].write(named)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_names_the_revision_its_hash_and_the_address(nasty, form):
    text = FORMS[form].write(nasty)
    assert "evision 7" in text
    assert "ab" * 32 in text
    assert ADDRESS in text


@pytest.fixture
def product(db):
    product = ProductFactory(slug="openai-api", name="OpenAI API & more")
    event = EventFactory(actor=product.company)
    EffectFactory(event=event, product=product)
    publishing.publish(event, by=None)
    return product


@pytest.mark.parametrize(
    ("form", "content_type"),
    [
        ("text", "text/plain"),
        ("bibtex", "text/x-bibtex"),
        ("ris", "application/x-research-info-systems"),
        ("csl", "application/vnd.citationstyles.csl+json"),
    ],
)
@pytest.mark.usefixtures("product")
def test_a_form_is_downloaded_and_shown_alike(client, form, content_type):
    head = LogHead.objects.get()
    page = client.get("/access/CN/openai-api/?on=2024-07-10&known=2024-07-09")
    [(shown, query)] = [(each.text, each.address) for each in page.context["forms"] if each.name == form]
    response = client.get(f"/access/CN/openai-api/{query}")
    assert response["Content-Type"] == f"{content_type}; charset=utf-8"
    assert re.fullmatch(r'attachment; filename="CN-openai-api-2024-07-10\.\w+"', response["Content-Disposition"])
    text = response.content.decode()
    assert text == shown
    assert f"http://testserver/access/CN/openai-api/?on=2024-07-10&known=2024-07-09&revision={head.seq}" in text
    assert Change.objects.get(seq=head.seq).hash in text


@pytest.mark.usefixtures("product")
def test_what_is_cited_is_the_revision_asked_for(client):
    head = LogHead.objects.get()
    earlier = Change.objects.get(seq=head.seq - 1)
    text = client.get(f"/access/CN/openai-api/?on=2024-07-10&revision={earlier.seq}&cite=text").content.decode()
    assert earlier.hash in text
    assert head.hash not in text


@pytest.mark.usefixtures("product")
def test_an_unknown_form_is_ignored(client):
    response = client.get("/access/CN/openai-api/?cite=endnote")
    assert response["Content-Type"].startswith("text/html")


@pytest.mark.usefixtures("product")
def test_an_unknown_answer_is_cited_as_such(client):
    text = client.get("/access/FR/openai-api/?on=2024-07-10&cite=text").content.decode()
    assert "in France on July 10, 2024: unknown.”" in text


def test_two_answers_of_one_revision_have_two_keys(nasty):
    other = Reference(NASTY, ADDRESS.replace("CN", "FR"), nasty.revision, nasty.hash, nasty.at)
    for name in ("bibtex", "ris", "csl"):
        assert nasty.key in FORMS[name].write(nasty)
    assert nasty.key != other.key


@pytest.mark.django_db
def test_every_kind_of_page_has_breadcrumbs_something_to_read_on_and_a_reference(client):
    everything()
    head = LogHead.objects.get()
    lists = ("/companies/", "/countries/", "/policies/", "/products/", "/agencies/")
    others = ("/design/", "/embed/timeline/", NOWHERE)
    for address in (*PAGES, "/access/", "/companies/openai/history/"):
        if address.startswith(("/?", "/report/")) or address in ("/", *lists, *others):
            continue  # not a page that somebody would cite
        content = client.get(address).content.decode()
        assert '<nav class="crumbs"' in content, address
        assert re.search(r'class="(related-links|read-on)"|id="routes"', content), address
        [cited] = re.findall(r'<pre[^>]*aria-labelledby="cite-text">(.*?)</pre>', content, re.DOTALL)
        assert "AI Access Tracker" in cited, address
    about = client.get("/about/").content.decode()
    assert f"Revision {head.seq}" in about
    assert head.hash in about
    matrix = client.get("/access/CN/?on=2024-07-10").content.decode()
    assert "“AI access in China on July 10, 2024.”" in matrix
    assert f"/access/CN/?on=2024-07-10&amp;revision={head.seq}" in matrix
