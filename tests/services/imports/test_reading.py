"""What a file of drafts may hold, how its rows name things, and what lies beyond its bounds."""

import io
import zipfile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.choices import Verdict
from events.models import CompanyAlias, Country, Event, Source
from events.services.imports import files
from events.services.imports.planning import make_plan
from tests.admin import making
from tests.services.imports.making import as_csv, as_xlsx, checked, imported, said, verdicts

pytestmark = pytest.mark.django_db
FORMATS = {"drafts.csv": as_csv, "drafts.xlsx": as_xlsx}


@pytest.fixture
def editor():
    return making.user("Contributor")


@pytest.mark.parametrize("name", FORMATS)
def test_rows_name_records_by_slug_code_name_and_alias(name, editor):
    openai = making.company("OpenAI")
    CompanyAlias.objects.create(of=openai, name="Open AI, Inc.")
    microsoft, gone = making.company("Microsoft"), making.company("MS Corp")
    gone.merged_into = microsoft
    gone.save()
    agency = making.agency(short="BIS")
    product, policy, group = making.product(), making.policy(), making.group()
    earlier = making.event()
    row = {
        "title": "A block",
        "date": "2024-07-09",
        "kind": "enforcement",
        "companies": f"open ai, inc.:actor; {gone.slug}:target",
        "countries": "China:affected; DEU:affected; NO:affected",
        "agencies": "BIS",
        "groups": f"{group.name.upper()}:acting",
        "products": product.name,
        "policies": f"{policy.title}:enforces:partial",
        "follows": f"{earlier.slug}:implements",
        "access.1.product": product.slug,
        "access.1.country": "CHN",
        "access.1.status": "blocked",
        "access.1.from": "2024-07-09",
        "access.1.by": "provider; foreign_government",
    }
    found = imported(FORMATS[name](row), by=editor, name=name)
    assert (found.state, said(found)) == ("done", [])
    event = Event.objects.get(slug="a-block")
    assert [(link.company, link.role) for link in event.company_links.all()] == [
        (openai, "actor"),
        (microsoft, "target"),
    ]
    assert [link.country_id for link in event.country_links.all()] == ["CN", "DE", "NO"]
    assert [link.agency for link in event.agency_links.all()] == [agency]
    assert [(link.group, link.role) for link in event.group_links.all()] == [(group, "acting")]
    assert [(link.policy, link.relation, link.partial) for link in event.policy_links.all()] == [
        (policy, "enforces", True)
    ]
    assert [link.earlier for link in event.relation_links.all()] == [earlier]
    [effect] = event.effects.all()
    assert (effect.number, effect.product, effect.country, effect.by) == (
        1,
        product,
        Country.objects.get(code="CN"),
        ["provider", "foreign_government"],
    )


def test_unknown_names_are_told_with_their_column(editor):
    rows = as_csv({"title": "A", "companies": "Nobody:actor", "countries": "Chinaa:affected", "products": "gpt-9"})
    found = checked(rows, by=editor)
    assert verdicts(found) == [("a", "bad")]
    assert said(found) == [
        "companies.1.slug: There is no company “Nobody”.",
        "countries.1.code: There is no country “Chinaa”.",
        "products.1: There is no product “gpt-9”.",
    ]


def test_alias_of_two_products_is_no_name(editor):
    for _ in range(2):
        made = making.product()
        made.aliases.create(name="Copilot")
    found = checked(as_csv({"title": "A", "products": "copilot"}), by=editor)
    assert "may be any of" in said(found)[0]


def test_known_page_is_found_in_another_spelling_and_may_not_be_described_otherwise(editor):
    known = making.source("https://www.reuters.com/openai-china/", title="As it is")
    fine = {"title": "A", "sources.1.url": "http://reuters.com/openai-china?utm_source=x"}
    found = imported(as_csv(fine), by=editor)
    assert found.state == "done"
    assert [each.source for each in Event.objects.get(slug="a").citations.all()] == [known]
    found = checked(as_csv(fine | {"title": "B", "sources.1.title": "Otherwise"}), by=editor)
    assert said(found) == ["sources.1.title: The record says As it is of this page."]


def test_new_page_needs_a_description_and_is_made_once(editor):
    publisher = making.publisher(name="Wire")
    page = {"sources.1.url": "https://wire.example.com/a"}
    found = checked(as_csv({"title": "A"} | page), by=editor)
    assert "This page is not known yet" in said(found)[0]
    whole = page | {"sources.1.title": "News", "sources.1.publisher": "wire", "sources.1.tier": "secondary"}
    found = checked(as_csv({"title": "A"} | whole, {"title": "B"} | whole | {"sources.1.title": "Olds"}), by=editor)
    assert "is described in another way in drafts.csv, line 2" in said(found)[0]
    found = imported(as_csv({"title": "A"} | whole, {"title": "B"} | whole), by=editor)
    source = Source.objects.get()
    assert (source.publisher, source.citations.count(), source.history.get().history_user) == (publisher, 2, editor)


def test_inexact_date_says_how_exact_it_is(editor):
    found = imported(as_csv({"title": "A", "date": "2024-35"}, {"title": "B", "date": "2024-07"}), by=editor)
    assert found.state == "done"
    dates = Event.objects.order_by("slug").values_list("date", "date_precision")
    assert [(str(day), precision) for day, precision in dates] == [("2024-07-01", "quarter"), ("2024-07-01", "month")]


def test_one_id_stands_once_in_a_file(editor):
    found = checked(as_csv({"title": "A"}, {"title": "a"}), by=editor)
    assert said(found) == ["id: “a” stands in the file 2 times."] * 2


def test_apostrophe_of_an_export_is_taken_off_again_and_formulas_are_refused(editor):
    found = imported(as_csv({"id": "sum", "title": "'=SUM(A1:A2)"}), by=editor)
    assert found.state == "done"
    assert Event.objects.get(slug="sum").title == "=SUM(A1:A2)"
    found = checked(as_xlsx({"title": "=SUM(A1:A2)"}, {"title": "#N/A"}), by=editor, name="drafts.xlsx")
    assert "title: A formula stands here: put its value." in said(found)


def zip_bomb():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/worksheets/sheet1.xml", b"0" * (files.MOST_UNPACKED + 1))
    return data.getvalue()


def entity_bomb():
    """A workbook whose sheet declares entities that hold one another."""
    good, data = zipfile.ZipFile(io.BytesIO(as_xlsx({"title": "A"}))), io.BytesIO()
    with zipfile.ZipFile(data, "w") as package:
        for name in good.namelist():
            text = good.read(name)
            if name == "xl/worksheets/sheet1.xml":
                text = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + text.replace(
                    b"<sheetData>", b"<sheetData>&b;"
                )
            package.writestr(name, text)
    return data.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.csv", "title\nMüller\n".encode("latin-1"), "a.csv, line 2: The file is not UTF-8."),
        ("a.yaml", "events:\n- title: Müller\n".encode("latin-1"), "line 2: The file is not UTF-8."),
        ("a.yaml", b"a: &a [x, x]\nb: &b [*a, *a]\nevents: [*b, *b]\n", "Anchors and aliases (& and *) are not"),
        ("a.yaml", b"events:\n- title: !!python/object:os.system x\n", "Tags (!) are not allowed."),
        ("a.yaml", b"- title: A\n", "A file of events has the one key"),
        ("a.yaml", b"events: []\n", "It has no rows."),
        ("a.csv", b"title\n", "It has no rows."),
        ("a.csv", b"title,Name of it\nA,B\n", "“Name of it” is no column"),
        ("a.csv", b"title,title\nA,B\n", "Two columns are called “title”."),
        ("a.csv", b'title\n"A"x\n', "a.csv, line 2: This is no CSV"),
        ("a.csv", b"title\n" + b"x" * 200_000, "This is no CSV: field larger than field limit"),
        ("a.csv", b"title\nA\nB\0\n", "a.csv, line 3: The text holds a NUL character."),
        ("a.csv", b"id\na\0\n", "a.csv, line 2: The text holds a NUL character."),
        ("a.yaml", b'events:\n- title: A\n  "\\0": B\n', "a.yaml, line 2: The text holds a NUL character."),
        ("a.yaml", b'events:\n- follows:\n  - id: "a\\0"\n', "a.yaml, line 2: The text holds a NUL character."),
        ("a.xlsx", b"title\nA\n", "This is no workbook (XLSX)."),
        ("a.xlsx", zip_bomb(), "Unpacked the workbook is larger than"),
        ("a.xlsx", entity_bomb(), "This is no workbook that can be read: ValueError."),
    ],
)
def test_file_beyond_its_bounds_is_refused_with_its_place(name, content, why, editor):
    found = checked(content, by=editor, name=name)
    assert found.state == "refused"
    assert why in found.note
    assert found.content is None
    assert not found.rows.exists()


def test_number_that_is_too_long_is_none(editor):
    found = checked(as_csv({"title": "A", "access.1.id": "9" * 5_000}), by=editor)
    assert f"access.1.id: '{'9' * 5_000}' is no positive whole number." in said(found)


def test_file_of_too_many_rows_is_refused(editor, monkeypatch):
    monkeypatch.setattr(files, "MOST_ROWS", 2)
    found = checked(as_csv({"title": "A"}, {"title": "B"}, {"title": "C"}), by=editor)
    assert found.note == "drafts.csv: It has more than 2 rows: divide it."


def test_comparing_takes_as_many_queries_for_many_rows_as_for_few(db):
    company, source = making.company(), making.source()
    counts = []
    for count in (2, 40):
        row = {"companies": f"{company.slug}:actor", "sources.1.url": source.url}
        content = as_csv(*({"title": f"T {number}"} | row for number in range(count)))
        with CaptureQueriesContext(connection) as captured:
            assert len(make_plan(content, "a.csv").of(Verdict.NEW)) == count
        counts.append(len(captured))
    assert counts[0] == counts[1]
