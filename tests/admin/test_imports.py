"""Importing at the desk, and lists as files: what pages show, and what the server refuses all the same."""

import codecs
import csv
import io

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from events.models import Company, Event, Import, Source
from events.services.imports import running
from tests.admin import making
from tests.admin.making import list_url, signed_in
from tests.services.imports.making import as_csv, checked

pytestmark = pytest.mark.django_db
ADD = "admin:events_import_add"
ROLES = ("nobody", "Contributor", "Editor", "Publisher")


def page(found):
    return reverse("admin:events_import_change", args=[found.pk])


def upload(client, content, name="drafts.csv"):
    return client.post(reverse(ADD), {"file": SimpleUploadedFile(name, content)})


def role(name):
    return making.user("" if name == "nobody" else name)


def test_file_is_uploaded_checked_and_imported_by_its_page():
    client = signed_in(making.user("Contributor"))
    response = upload(client, as_csv({"title": "A"}, {"title": "B"}))
    found = Import.objects.get()
    assert response["Location"] == page(found)
    working = client.get(page(found)).content.decode()
    assert "Being checked" in working
    assert "<progress" in working
    assert 'name="_import"' not in working
    found.tell_progress(1, 2)
    fragment = client.get(page(found), headers={"HX-Request": "true"}).content.decode()
    assert 'value="1" max="2"' in fragment
    assert "<html" not in fragment
    running.run_due()
    assert client.get(page(found), headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    shown = client.get(page(found)).content.decode()
    assert "Import 2 new, 0 changed" in shown
    assert [str(line) for line in client.get("/admin/").context["sections"]["Waiting for me"]]
    client.post(page(found), {"_import": "1"})
    assert Event.objects.count() == 0
    running.run_due()
    shown = client.get(page(found)).content.decode()
    for event in Event.objects.all():
        assert making.change_url(event) in shown
    assert Event.objects.count() == 2


def test_page_shows_rows_by_verdict_and_why():
    editor = making.user("Editor")
    found = checked(as_csv({"title": "A"}, {"title": "B", "kind": "odd"}), by=editor)
    client = signed_in(editor)
    shown = client.get(page(found), {"verdict": "bad"})
    assert [row.key for row in shown.context["rows"]] == ["b"]
    html = shown.content.decode()
    assert "kind: &#x27;odd&#x27; is none of announcement" in html
    assert 'name="_import"' not in html
    assert "mend them in the file" in html
    client.post(page(found), {"_discard": "1"})
    found.refresh_from_db()
    assert (found.state, found.content) == ("discarded", None)


def test_refused_upload_says_why():
    client = signed_in(making.user("Editor"))
    assert "has to end in one of" in upload(client, b"x", "drafts.pdf").content.decode()
    assert "The submitted file is empty." in upload(client, b"").content.decode()
    assert "This field is required." in client.post(reverse(ADD)).content.decode()
    assert not Import.objects.exists()


@pytest.mark.parametrize("name", ROLES)
def test_only_those_who_draft_import(name):
    who = role(name)
    client, may = signed_in(who), name != "nobody"
    assert client.get(reverse(ADD)).status_code == (200 if may else 403)
    assert upload(client, as_csv({"title": "A"})).status_code == (302 if may else 403)
    assert Import.objects.exists() == may
    listed = client.get(list_url(Event))
    assert listed.status_code == (200 if may else 403)
    assert (reverse(ADD) in listed.content.decode()) == may


@pytest.mark.parametrize("press", ["_import", "_again", "_discard"])
@pytest.mark.parametrize("name", [*ROLES, "author"])
@pytest.mark.parametrize("state", ["checked", "bad", "done"])
def test_server_refuses_each_button_to_all_but_who_uploaded(state, name, press):
    author = making.user("Contributor")
    rows = [{"title": "A"}, *([{"title": "B", "kind": "odd"}] if state == "bad" else [])]
    found = checked(as_csv(*rows), by=author)
    if state == "done":
        running.start(found, by=author)
        running.run_due()
    client = signed_in(author if name == "author" else role(name))
    shown = client.get(page(found))
    before = Import.objects.values("state", "note").get(), Event.objects.count()
    client.post(page(found), {press: "1"})
    running.run_due()
    may = name == "author" and state != "done" and (press != "_import" or state == "checked")
    done = (Import.objects.values("state", "note").get(), Event.objects.count()) != before
    again = may and press == "_again"  # leads to where it was
    assert done == (may and not again)
    assert (f'name="{press}"' in shown.content.decode()) == may


def rows_of(response):
    return b"".join(response.streaming_content)


def exported(client, model, form, **query):
    return client.get(reverse(f"admin:events_{model._meta.model_name}_export", args=[form]), query)


def test_list_is_exported_exactly_as_filtered_searched_and_ordered():
    editor = making.user("Editor")
    client = signed_in(editor)
    for number, kind in enumerate(("report", "report", "ruling", "report")):
        making.event(slug=f"e-{number}", title=f"Chips {number}", kind=kind)
    making.event(title="Other", kind="report")
    query = {"kind__exact": "report", "q": "chips", "state__exact": "draft", "p": "1"}
    listed = client.get(list_url(Event), query | {"p": "1"})
    shown = [event.slug for event in listed.context["cl"].result_list]
    assert shown == ["e-3", "e-1", "e-0"]
    address = listed.context["exports"]["csv"]
    assert address.replace("&", "&amp;") in listed.content.decode()
    content = rows_of(client.get(address))
    assert content.startswith(codecs.BOM_UTF8)  # by which Excel knows UTF-8
    table = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [row["id"] for row in table] == [*shown, "#end rows=3"]
    assert table[0]["state"] == "draft"
    sheet = load_workbook(io.BytesIO(rows_of(exported(client, Event, "xlsx", **query))))["Event"]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == shown
    said = yaml.safe_load(rows_of(exported(client, Event, "yaml", **query)))
    assert [event["id"] for event in said["events"]] == shown


@pytest.mark.parametrize("form", ["csv", "xlsx", "yaml"])
def test_exported_list_of_events_is_imported_as_same(form):
    editor = making.user("Editor")
    draft, earlier = making.event(title="=1+1", summary="A, “b”; c:\nd"), making.published()
    making.hang(draft, 2)
    draft.relation_links.create(earlier=earlier, relation="explains")
    content = rows_of(exported(signed_in(editor), Event, form))
    found = checked(content, by=editor, name=f"list.{form}")
    assert (found.new, found.changed, found.bad, found.same) == (0, 0, 0, Event.objects.count())


def test_exported_table_holds_no_formula():
    making.event(title="=HYPERLINK(A1)")
    text = rows_of(exported(signed_in(making.user("Editor")), Event, "csv")).decode()
    assert "'=HYPERLINK(A1)" in text
    assert ",=HYPERLINK" not in text


@pytest.mark.parametrize("form", ["csv", "xlsx", "yaml"])
def test_lists_of_records_are_exported_too(form):
    making.company("OpenAI", slug="openai").aliases.create(name="Open AI")
    making.source(title="Story")
    client = signed_in(making.user("Contributor"))
    for model, word in ((Company, "Open AI"), (Source, "Story")):
        data = rows_of(exported(client, model, form))
        if form == "xlsx":
            cells = [cell.value for row in load_workbook(io.BytesIO(data)).worksheets[0] for cell in row]
            assert word in cells
        else:
            assert word in data.decode()


@pytest.mark.parametrize("name", ROLES)
def test_export_is_for_those_who_see_the_list(name):
    making.event()
    client = signed_in(role(name))
    assert exported(client, Event, "csv").status_code == (403 if name == "nobody" else 200)
    assert exported(signed_in(making.user("Editor")), Event, "pdf").status_code == 404


def test_export_of_an_unknown_filter_is_not_the_whole_list():
    making.event()
    response = exported(signed_in(making.user("Editor")), Event, "csv", kind__nonsense="x")
    assert response["Location"] == f"{list_url(Event)}?e=1"
