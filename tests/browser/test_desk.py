"""An editor's day in a real browser, from an empty form to a retraction, by four people."""

import datetime as dt

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from playwright.sync_api import expect

from events.models import (
    AccessEffect,
    AccessRecord,
    Agency,
    Candidate,
    Change,
    Citation,
    Company,
    Country,
    CountryGroup,
    Event,
    LoadedEntry,
    Ownership,
    Policy,
    Product,
    Publisher,
    Source,
)
from events.services.imports import running
from tests.admin import making

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("long")]
PASSWORD = "correct horse battery"
TITLE = "OpenAI blocks API traffic from China"
LISTED = (
    AccessEffect, AccessRecord, Agency, Candidate, Change, Citation, Company, CountryGroup, Event, LoadedEntry,
    Policy, Product, Publisher, Source,
)  # fmt: skip


@pytest.fixture
def people():
    found = {}
    for name, role in (("ann", "Contributor"), ("ben", "Publisher"), ("cem", "Publisher")):
        found[name] = making.user(role)
        found[name].username = name
        found[name].set_password(PASSWORD)
        found[name].save()
    return found


@pytest.fixture
def known():
    """OpenAI, Reuters, a source that is known already, and an event much like the one to be drafted."""
    openai = making.company("OpenAI")
    reuters = making.publisher(name="Reuters")
    source = making.source("https://www.reuters.com/openai-china", title="OpenAI to cut off China", publisher=reuters)
    making.published(
        title="OpenAI announces that it will block API traffic from China",
        actor=openai,
        cited=source,
        date=dt.date(2024, 7, 8),
    )
    return source


def log_in(visit, name):
    page = visit("/admin/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="The editors’ desk")).to_be_visible()
    return page


def choose(page, name, text):
    """Choose in the autocomplete of a field."""
    page.locator(f"#id_{name} + .select2").click()
    page.locator(".select2-search__field").last.fill(text)
    page.locator(".select2-results__option", has_text=text).first.click()


def cite(page, number, address, **new):
    if number:
        page.locator("#citations-group .add-row a").click()
    row = page.locator(f"#citations-{number}")
    row.locator(f"#id_citations-{number}-url").fill(address)
    row.locator(f"#id_citations-{number}-url").blur()
    return row


def write(page, name, text):
    """Fill a field in, and wait for what is said of it: the tests' database in memory serves one at a time."""
    expect(page.locator("#look h2").first).to_be_visible()
    with page.expect_response(lambda response: response.url.endswith("/look/")):
        page.locator(f"#id_{name}").fill(text)
        page.locator(f"#id_{name}").blur()


def opened(page, title):
    """Open an event of the list, and wait until its form is whole."""
    page.get_by_role("link", name=title).click()
    expect(page.locator("#look h2").first).to_be_visible()


def is_clean(page):
    """No violation that axe finds on the page, opened anew without the policy that axe's own styles would break."""
    context = page.context.browser.new_context(bypass_csp=True, storage_state=page.context.storage_state())
    again = context.new_page()
    again.goto(page.url)
    expect(again.locator("#look:not(:has(h2))")).to_have_count(0)  # what htmx fetches has come
    found = Axe().run(again).response["violations"]
    context.close()
    said = [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found]
    assert said == [], said


@pytest.mark.usefixtures("people", "known")
def test_a_day_at_the_desk(visit):
    # Ann drafts, with three sources of which one is known, and is told of what it may be already.
    page = log_in(visit, "ann")
    is_clean(page)
    page.get_by_role("link", name="Draft an event").click()
    checklist = page.get_by_role("region", name="Before it can be published")
    expect(checklist).to_contain_text("It needs a title.")
    page.locator("#id_title").fill(TITLE)
    page.locator("#id_kind").select_option("enforcement")
    page.locator("#id_date").fill("2024-07-09")
    page.locator("#id_date").blur()
    choose(page, "company_links-0-company", "OpenAI")
    page.locator("#id_company_links-0-role").select_option("actor")
    expect(page.get_by_role("region", name="Is it one of these?")).to_contain_text("the same actor, 1 day apart")
    row = cite(page, 0, "http://reuters.com/openai-china/?utm_source=x")
    expect(row).to_contain_text("Known: “OpenAI to cut off China”, Reuters")
    expect(row).to_contain_text("Already cited by “OpenAI announces")
    for number, address in ((1, "https://openai.com/supported-countries"), (2, "https://www.ft.com/content/1")):
        row = cite(page, number, address)
        expect(row).to_contain_text("This page is not known yet")
        page.locator(f"#id_citations-{number}-new_title").fill(f"Page {number}")
        page.locator(f"#id_citations-{number}-new_tier").select_option("primary")
        choose(page, f"citations-{number}-new_publisher", "Reuters")
    expect(checklist).to_contain_text("Nothing is missing.")
    is_clean(page)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".messagelist")).to_contain_text("waits for review")
    assert Source.objects.count() == 3

    # Ben comments and sends it back.
    page = log_in(visit, "ben")
    expect(page.get_by_role("region", name="News for me")).to_contain_text("Waits for review")
    page.get_by_role("link", name="In review, not by me").click()
    opened(page, TITLE)
    page.locator("#panel").get_by_label("About").select_option("date")
    page.locator("#panel").get_by_label("Weight").select_option("critical")
    page.locator("#panel textarea").fill("Was it not July 10?")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.get_by_role("region", name="Comments (1 open)")).to_contain_text("Was it not July 10?")
    is_clean(page)
    write(page, "send_back_note", "See my comment.")
    page.get_by_role("button", name="Send back").click()
    expect(page.locator(".messagelist")).to_contain_text("is a draft again")

    # Ann mends it.
    page = log_in(visit, "ann")
    page.get_by_role("link", name="Sent back to me").click()
    opened(page, TITLE)
    expect(page.locator(".sent-back")).to_contain_text("See my comment.")
    write(page, "summary", "OpenAI stopped serving China. The day is given by Reuters.")
    page.get_by_role("button", name="Save and submit for review").click()
    expect(page.locator(".messagelist")).to_contain_text("waits for review")

    # Ben settles his comment and publishes.
    page = log_in(visit, "ben")
    page.get_by_role("link", name="In review, not by me").click()
    opened(page, TITLE)
    expect(page.locator("#look")).to_contain_text("open critical comment")
    expect(page.get_by_role("button", name="Publish", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Settle").click()
    expect(page.locator("#panel")).to_contain_text("settled by ben")
    page.reload()
    expect(page.locator("#look")).to_contain_text("Nothing is missing.")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("is published")
    slug = Event.objects.get(title=TITLE).slug
    page.goto(f"/events/{slug}/")
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()

    # He proposes a correction; Cem sees the difference and publishes it.
    pk = Event.objects.get(title=TITLE).pk
    page.goto(f"/admin/events/event/{pk}/change/")
    write(page, "summary", "OpenAI stopped serving China. The day is given by OpenAI.")
    with page.expect_response(lambda response: response.url.endswith("/look/")):
        page.locator("#id_correction_class").select_option("substantive")
    write(page, "correction_note", "OpenAI gave the day itself.")
    page.get_by_role("button", name="Correct", exact=True).click()
    expect(page.locator("del")).to_have_text(["Reuters"])
    expect(page.get_by_role("button", name="Publish the correction")).to_have_count(0)
    page = log_in(visit, "cem")
    page.get_by_role("link", name="Corrections that wait for a second person").click()
    opened(page, TITLE)
    page.get_by_role("link", name="See the difference").click()
    is_clean(page)
    page.get_by_role("button", name="Publish the correction").click()
    expect(page.locator(".messagelist")).to_contain_text("is on record")

    # And retracts it; each step is in its history.
    page.get_by_role("link", name="Retract…").click()
    page.get_by_label("Reason").fill("It is the announcement.")
    page.get_by_role("button", name="Retract", exact=True).click()
    page.goto(f"/admin/events/event/{pk}/history/")
    assert page.locator(".desk-history > li > .about strong").all_text_contents() == [
        "Retracted",
        "Corrected",
        "Correction proposed",
        "Published",
        "Submitted for review",
        "Saved",
        "Sent back",
        "Submitted for review",
        "Saved",
    ]
    is_clean(page)


@pytest.mark.usefixtures("people", "known")
def test_drafts_come_from_a_file_whose_rows_are_shown_first(visit, tmp_path):
    """A bad row is told and mended; the progress bar gives way to the rows by itself; the list goes out as a file."""
    page = log_in(visit, "ann")
    page.goto("/admin/events/event/")
    page.get_by_role("link", name="Import…").click()
    is_clean(page)
    rows = [
        "title,date,kind,companies,sources",
        "A ban,2024-07,restriction,OpenAI:actor,https://reuters.com/openai-china",
    ]
    for name, row in (("bad.csv", "A lift,2024-09,restoration,Nobody:actor,"), ("good.csv", "A lift,2024-09,,,")):
        file = tmp_path / name
        file.write_text("\n".join([rows[0], rows[1], row]))
        page.goto("/admin/events/import/add/")
        page.get_by_label("File of events").set_input_files(file)
        page.get_by_role("button", name="Check the file").click()
        expect(page.get_by_role("progressbar", name="Being checked")).to_be_visible()
        running.run_due()
        expect(page.get_by_role("navigation", name="Rows")).to_contain_text("All: 2")
        is_clean(page)
        if name == "bad.csv":
            expect(page.get_by_role("row", name="A lift")).to_contain_text("There is no company “Nobody”.")
            expect(page.get_by_role("button", name="Import")).to_have_count(0)
            page.get_by_role("button", name="Discard").click()
    page.get_by_role("button", name="Import 2 new, 0 changed").click()
    expect(page.get_by_role("progressbar", name="Being imported")).to_be_visible()
    running.run_due()
    page.get_by_role("link", name="A ban").click()
    expect(page.locator("#id_title")).to_have_value("A ban")
    page.goto("/admin/events/import/")
    is_clean(page)
    page.goto("/admin/events/event/?state__exact=draft&q=ban")
    is_clean(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as CSV").click()
    text = download.value.path().read_text()
    assert "A ban" in text
    assert "A lift" not in text
    # What the list says can be imported again, and then says the same.
    page.goto("/admin/events/import/add/")
    page.get_by_label("File of events").set_input_files(
        {"name": "list.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("progressbar", name="Being checked")).to_be_visible()
    running.run_due()
    expect(page.get_by_role("navigation", name="Rows")).to_contain_text("Same: 1")


@pytest.mark.usefixtures("people")
def test_saved_citation_is_tied_to_another_effect(visit):
    draft = making.event()
    making.hang(draft, 2)
    one, two = draft.effects.all()
    page = log_in(visit, "ann")
    page.goto(page.url.replace("/admin/", making.change_url(draft)))
    field = page.locator("#id_citations-1-effect")
    expect(field).to_have_value(str(one.pk))
    field.select_option(str(two.pk))
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("was changed")
    assert [each.effect for each in draft.citations.all()] == [None, two, two]


@pytest.mark.usefixtures("people")
def test_nothing_of_a_form_is_out_of_the_window(visit):
    owned = making.company("Siemens EDA")
    Ownership.objects.create(owner=making.company("Siemens"), owned=owned, kind="parent")
    page = log_in(visit, "ben")
    page.set_viewport_size({"width": 1280, "height": 900})
    for address, field in (
        (making.change_url(owned), ".has_original input[name$=since]"),
        ("/admin/events/candidate/add/", "#id_url"),
    ):
        page.goto(page.url.partition("/admin/")[0] + address)
        assert page.evaluate("document.documentElement.scrollWidth") == 1280, address
        box = page.locator(field).first.bounding_box()
        assert box["x"] + box["width"] < 1280, address


@pytest.mark.usefixtures("people")
def test_no_column_of_a_list_is_out_of_a_window_of_1280_pixels(visit):
    """Names of other records, dates, addresses and hashes as long as they are on record."""
    country = Country.objects.get(code="US")
    committee = making.agency(
        name="House Select Committee on the Chinese Communist Party", short="House", country=country
    )
    paper = making.publisher(name="Peterson Institute for International Economics", country=country)
    group = making.group(
        name="Country Group D:5: arms embargo", issuer=committee, citation="Supplement No. 1 to Part 740"
    )
    maker = making.company("Taiwan Semiconductor Manufacturing Company", country=country)
    making.product(name="Chinese-origin gallium and germanium", company=maker, models_from=making.company("OpenAI"))
    making.policy(title="Delegated Regulation", agency=committee, country=country, citation="Regulation (EU) 2025/2003")
    source = making.source(title="Digital Omnibus on AI: what changed, and why it matters", publisher=paper)
    source.published = dt.date(2024, 9, 24)
    source.save()
    event = making.published(
        title="Suspension of the Chinese minerals ban on the United States ends",
        date=dt.date(2024, 9, 24),
        cited=source,
    )
    ann = User.objects.get(username="ann")
    User.objects.filter(pk=ann.pk).update(username="maria.contributor")
    making.hang(event, 1)
    Event.objects.filter(pk=event.pk).update(kind="enforcement", changed_by=ann, assigned_to=ann)
    AccessEffect.objects.filter(event=event).update(group=group, until=dt.date(2025, 9, 24))
    AccessRecord.objects.create(
        event="china-us-minerals-ban-suspension", effect=1, product="china-gallium-germanium", place="CN",
        status="license_required", effective_date=dt.date(2024, 9, 24), until=dt.date(2025, 9, 24),
        date_precision="day", reported_on=dt.date(2024, 9, 24), recorded_from=1, recorded_until=2,
    )  # fmt: skip
    LoadedEntry.objects.create(type="source", key="china-us-minerals-ban-suspension", entry_hash="0123456789abcdef" * 4)
    url = "https://www.federalregister.gov/documents/2024/07/01/2024-1234/a-long-address-without-a-title"
    Candidate.objects.create(url=url, normalized_url=url, content_hash="0", published=dt.date(2024, 9, 24))
    page = log_in(visit, "ben")
    User.objects.filter(username="ben").update(is_superuser=True)
    page.set_viewport_size({"width": 1280, "height": 900})
    start = page.url.partition("/admin/")[0]
    too_wide = []
    for model in LISTED:
        page.goto(start + making.list_url(model))
        results = page.locator(".results")
        expect(results.locator("tbody tr").first).to_be_visible()
        if results.evaluate("each => each.scrollWidth > each.clientWidth"):
            too_wide.append(model.__name__)
    assert too_wide == []


@pytest.mark.usefixtures("people")
def test_two_in_one_record_keep_what_both_changed_and_the_keyboard_goes_on_in_the_queue(visit):
    first, second = (making.in_review(title=f"Rule {day}", date=dt.date(2024, 7, day)) for day in (2, 1))
    page = log_in(visit, "ben")
    page.get_by_role("link", name="In review, not by me").click()
    opened(page, "Rule 2")
    making.send(
        making.signed_in(making.user("Editor")),
        making.change_url(first),
        title="Their rule 2",
        certainty="disputed",
        **{"company_links-0-role": "target"},
    )
    write(page, "title", "My rule 2")
    write(page, "summary", "Mine.")
    page.keyboard.press("Control+s")
    conflict = page.get_by_role("region", name="and you changed").get_by_role("table").first
    expect(conflict.locator("del")).to_have_text(["Their"])
    expect(conflict.locator("ins")).to_have_text(["My"])
    expect(page.locator("#id_certainty")).to_have_value("disputed")
    expect(page.locator("#id_company_links-0-role")).to_have_value("target")
    expect(page.locator("#id_title")).to_have_value("My rule 2")
    expect(page.locator("#look h2").first).to_be_visible()
    is_clean(page)
    page.keyboard.press("Control+s")
    expect(page.locator(".messagelist")).to_contain_text("changed successfully")
    saved = Event.objects.get(pk=first.pk)
    assert (saved.title, saved.summary, saved.certainty) == ("My rule 2", "Mine.", "disputed")
    assert saved.company_links.get().role == "target"
    page.goto("/admin/")
    making.in_review(title="Rule 0", date=dt.date(2024, 6, 30))
    page.get_by_role("link", name="In review, not by me").click()
    opened(page, second.title)
    page.keyboard.press("Alt+n")
    expect(page.locator("#id_title")).to_have_value("Rule 0")
    expect(page.locator("#look h2").first).to_be_visible()
    page.keyboard.press("Alt+n")
    expect(page.locator("#id_title")).to_have_value(second.title)
