"""Lists, searches and forms: what they show, and that the number of queries does not grow with the rows."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.text import slugify

from events.admin import lists, matching
from events.admin.events import EventAdmin
from events.models import (
    AccessEffect,
    AccessRecord,
    Agency,
    Change,
    Citation,
    Company,
    CompanyAlias,
    Country,
    CountryGroup,
    Event,
    Feed,
    GroupRecord,
    LoadedEntry,
    LogHead,
    Membership,
    Ownership,
    Policy,
    Product,
    PublicDocument,
    Publisher,
    Reissue,
    Source,
    TimelineEntry,
)
from events.queries import timeline
from events.services import review
from tests.admin import making
from tests.admin.making import change_url, list_url, send, signed_in

pytestmark = pytest.mark.django_db

READ_ONLY = (
    AccessEffect, AccessRecord, Change, Citation, Country, GroupRecord, LoadedEntry, LogHead, Membership, Ownership,
    PublicDocument, Reissue, TimelineEntry,
)  # fmt: skip


def queries(client, url):
    client.get(url)  # content types and the like are read once a process
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(url).status_code == 200
    return [query["sql"] for query in captured]


def rows(n):
    """So many of each record, published and not."""
    for at in range(n):
        country = Country.objects.order_by("code")[at]
        group = making.group(issuer=making.agency(country=country))
        company = making.company(country=country)
        other = making.company()
        Ownership.objects.create(owner=company, owned=other, kind="parent")
        Membership.objects.create(group=group, country=country)
        policy = making.policy(country=country)
        product = making.product(company=company, models_from=other)
        draft = making.event(changed_by=making.user())
        AccessEffect.objects.create(
            event=draft, product=product, country=country, status="blocked", effective_date=dt.date(2024, 7, 9)
        )
        AccessRecord.objects.create(
            event=draft.slug, effect=1, product=product.slug, place=country.code, status="blocked",
            effective_date=dt.date(2024, 7, 9), date_precision="day", reported_on=dt.date(2024, 7, 9), recorded_from=1,
        )  # fmt: skip
        GroupRecord.objects.create(group=f"{group.slug}-{at}", country=country.code, recorded_from=1)
        LoadedEntry.objects.create(type="event", key=draft.slug, entry_hash="")
        if at < 3:
            making.public(policy)


@pytest.mark.parametrize(
    "model",
    [Event, Company, Agency, CountryGroup, Product, Policy, Publisher, Source, *READ_ONLY],
    ids=lambda model: model.__name__,
)
def test_list_makes_as_many_queries_for_five_rows_as_for_one(model):
    client = signed_in(making.superuser())
    if model in (TimelineEntry, Reissue):
        making.published()
    rows(1)
    before = queries(client, list_url(model))
    rows(4)
    if model in (TimelineEntry, Reissue):
        for _ in range(4):
            making.published()
    assert len(queries(client, list_url(model))) == len(before)
    assert len(before) < 16


@pytest.mark.parametrize(
    ("make", "model", "column"),
    [
        (lambda name: making.company(name), Company, 1),
        (lambda name: making.agency(name=name), Agency, 1),
        (lambda name: making.group(name=name), CountryGroup, 1),
        (lambda name: making.product(name=name), Product, 1),
        (lambda name: making.policy(title=name), Policy, 1),
        (lambda name: making.publisher(name=name), Publisher, 1),
        (lambda name: making.source(title=name), Source, 1),
        (lambda name: making.policy(citation=name), Policy, 5),
        (lambda name: making.product(company=making.company(name)), Product, 3),
        (lambda name: making.source(publisher=making.publisher(name=name)), Source, 2),
        (lambda name: Feed.objects.create(name=name, slug=slugify(name), kind="feed", url=f"x:{name}"), Feed, 1),
    ],
)
def test_texts_of_a_list_are_sorted_whatever_the_case(make, model, column):
    names = ["apple", "Banana", "zebra", "Zed", "ÉCOLE 1", "école 2", "École 3"]
    made = {make(name).pk: name for name in sorted(names, reverse=True)}
    client = signed_in(making.superuser())
    for way, expected in (("", names), ("-", names[::-1])):
        found = client.get(list_url(model), {"o": f"{way}{column}"}).context["cl"].result_list
        assert [made[row.pk] for row in found if row.pk in made] == expected


def test_rows_of_a_list_that_have_no_text_come_before_all_others():
    made = {making.agency(short=short).pk: short for short in ("b", "A", "")}
    served = {making.product(models_from=maker).pk: maker for maker in (making.company("A"), None)}
    client = signed_in(making.superuser())
    agencies = client.get(list_url(Agency), {"o": "2"}).context["cl"].result_list
    assert [made[row.pk] for row in agencies] == ["", "A", "b"]
    products = client.get(list_url(Product), {"o": "4"}).context["cl"].result_list
    assert [served[row.pk] is None for row in products] == [True, False]


def test_a_list_is_sorted_by_name_at_first_and_says_so():
    for name in ("Zed", "apple"):
        making.company(name)
    response = signed_in(making.superuser()).get(list_url(Company))
    assert [row.name for row in response.context["cl"].result_list] == ["apple", "Zed"]
    assert 'class="sortable column-name sorted ascending"' in response.content.decode()


def test_what_is_found_in_a_list_is_sorted_whatever_the_case():
    for name in ("Chips Zed", "chips apple"):
        company = making.company(name)
        for alias in ("one", "two"):
            company.aliases.create(name=f"{name} chips {alias}")
    client = signed_in(making.superuser())
    found = client.get(list_url(Company), {"q": "chips"}).context["cl"].result_list
    assert [row.name for row in found] == ["chips apple", "Chips Zed"]
    file = client.get(f"{list_url(Company)}export/csv/", {"q": "chips"}).getvalue().decode()
    assert file.index("chips apple") < file.index("Chips Zed")


def test_sources_are_listed_by_an_index_at_first():
    listed = queries(signed_in(making.superuser()), list_url(Source))
    assert [sql for sql in listed if "folded(" in sql or "LOWER(" in sql] == []


def test_event_form_takes_25_queries_at_most_whatever_hangs_on_it():
    found = []
    for times in (1, 5):
        author = making.user("Editor")
        event = making.in_review(by=author)
        making.hang(event, times)
        for _ in range(times):
            review.comment(event, by=author, field="date", weight="minor", text="Sure?")
        found.append(len(queries(signed_in(making.user("Publisher")), change_url(event))))
    assert found[0] == found[1]
    assert found[0] <= 25


def test_long_queues_and_finds_show_the_newest_of_what_the_filters_leave_and_are_whole_as_files(monkeypatch):
    """A list shows so many that it says that there are more; other filters choose among all, not among these."""
    monkeypatch.setattr(matching, "MAX_COUNTED", 1)
    days = [dt.date(2023, 7, 1), dt.date(2024, 7, 2), dt.date(2024, 8, 3), dt.date(2024, 8, 4)]
    first, *others = (making.published(title=f"Chips {day}", date=day, kind="report") for day in days)
    Event.objects.filter(pk=first.pk).update(kind="ruling", certainty="disputed")
    making.publishing.correct(first, by=None, correction_class="clerical", note="So.")
    client = signed_in(making.user("Editor"))
    newest = [event.slug for event in reversed(others)][:2]

    def listed(**more):
        return [event.slug for event in client.get(list_url(Event), query | more).context["cl"].result_list]

    for query in ({"queue": "one-origin"}, {"q": "chips"}, {"q": "chips", "queue": "one-origin"}):
        assert listed() == newest
        assert listed(state__exact="published") == newest
        assert listed(certainty__exact="confirmed") == newest
        for chosen in ({"kind__exact": "ruling"}, {"certainty__exact": "disputed"}, {"date__year": "2023"}):
            assert listed(**chosen) == [first.slug]
        assert listed(date__year="2024", date__month="7") == [others[0].slug]
        address = reverse("admin:events_event_export", args=["csv"])
        text = b"".join(client.get(address, query).streaming_content).decode()
        assert all(event.slug in text for event in (first, *others))


def test_what_is_asked_of_a_long_queue_is_asked_of_its_first_rows_and_says_so(monkeypatch):
    """Those that wait longest; a file has them all."""
    for day, title in ((1, "Chips"), (2, "Wafers"), (3, "Chips again")):
        event = making.published(title=title, date=dt.date(2024, 7, day), kind="ruling")
        Event.objects.filter(pk=event.pk).update(checked_on=dt.date(2024, 1, day))
    client = signed_in(making.user("Editor"))

    def listed(**asked):
        shown = client.get(list_url(Event), {"queue": "unchecked"} | asked)
        return [event.title for event in shown.context["cl"].result_list], shown.content.decode()

    asked = ({"q": "chips"}, {"q": "chips", "kind__exact": "ruling"}, {"q": "chips -wafers", "date__year": "2024"})
    for each in asked:
        titles, page = listed(**each)
        assert titles == ["Chips", "Chips again"]
        assert "of the first" not in page
    assert listed(q="-wafers")[0] == []
    monkeypatch.setattr(matching, "MAX_COUNTED", 1)
    assert listed()[0] == ["Chips", "Wafers"]
    for each in asked:
        titles, page = listed(**each)
        assert titles == ["Chips"]
        assert "of the first 1 of the queue" in page
        answer = client.get(reverse("admin:events_event_export", args=["csv"]), {"queue": "unchecked"} | each)
        text = b"".join(answer.streaming_content).decode()
        assert text.count("Chips") >= 2
        assert "Wafers" not in text


def test_frequent_word_is_looked_for_among_the_newest_events_and_the_list_says_so(monkeypatch):
    """By whole months; within the year that is chosen; a rare word among all, and a file has all of them."""
    for year, kind in ((2022, "ruling"), (2023, "report"), (2024, "report")):
        making.published(title=f"Chips {year}", date=dt.date(year, 7, 2), kind=kind)
    making.published(title="Wafers", date=dt.date(2021, 7, 2), kind="report")
    monkeypatch.setattr(timeline, "MOST_LOOKED_AT", 2)
    client = signed_in(making.user("Editor"))

    def listed(**asked):
        shown = client.get(list_url(Event), asked)
        said = "of the newest 2 events" in shown.content.decode()
        return [event.title for event in shown.context["cl"].result_list], said

    assert listed(q="chips") == (["Chips 2024", "Chips 2023"], True)
    assert listed(q="chips", kind__exact="ruling") == ([], True)
    assert listed(q="chips", date__year="2022") == (["Chips 2022"], False)
    assert listed(q="wafers") == (["Wafers"], False)
    answer = client.get(reverse("admin:events_event_export", args=["csv"]), {"q": "chips", "kind__exact": "ruling"})
    assert "Chips 2022" in b"".join(answer.streaming_content).decode()
    monkeypatch.setattr(matching, "MAX_COUNTED", 1)
    assert listed(q="chips")[1] is False  # it says that there are more


@pytest.mark.parametrize(
    "by", [{}, {"kind__exact": "ruling"}, {"certainty__exact": "disputed"}, {"date__year": "2024"}]
)
@pytest.mark.parametrize(
    "of", [{}, {"q": "chips"}, {"queue": "no-primary"}, {"queue": "unchecked"}, {"state__exact": "published"}]
)
def test_list_reads_events_by_an_index_or_in_their_own_order(of, by, monkeypatch):
    """No plan reads the whole table of events, to look at each or to sort them all by their keys."""
    monkeypatch.setattr(EventAdmin, "list_per_page", 1)
    for _ in range(2):
        making.published(title="Chips", kind="ruling", certainty="disputed", date=dt.date(2024, 7, 9))
    client = signed_in(making.user("Editor"))
    with CaptureQueriesContext(connection) as captured:
        assert client.get(list_url(Event), of | by).status_code == 200
    for query in captured.captured_queries:
        if query["sql"].startswith("SELECT"):
            assert not reads_all_events(query["sql"]), query["sql"]


def reads_all_events(sql):
    """Whether the database would read all rows of events, and not stop once a page is full."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # the few rows of a test are read fastest so
            cursor.execute(f"EXPLAIN {sql}".replace("%", "%%"), ())
            return "Seq Scan on events_event" in "".join(line for (line,) in cursor.fetchall())
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}".replace("%", "%%"), ())
        plan = [step[-1] for step in cursor.fetchall()]
    stops = "LIMIT" in sql and not any("TEMP B-TREE" in step for step in plan)
    return "SCAN events_event" in plan and not stops


def test_event_form_shown_again_makes_no_query_for_each_row():
    """The labels of rows typed in are read at once."""
    client, one, many = signed_in(making.superuser()), making.event(), making.event()
    making.hang(one, 1)
    making.hang(many, 5)
    labels = []
    for event in (one, many):
        with CaptureQueriesContext(connection) as captured:
            shown = send(client, change_url(event), title="")
        assert shown.status_code == 200
        assert "Policy" in shown.content.decode()
        selects = [query["sql"] for query in captured if '"events_policy"."id" IN' in query["sql"]]
        labels.append(len(selects))
    assert labels[0] == labels[1]


@pytest.mark.parametrize("model", [Company, CountryGroup], ids=lambda model: model.__name__)
def test_form_makes_as_many_queries_for_five_parts_as_for_one(model):
    client, found = signed_in(making.superuser()), []
    for times in (1, 5):
        row = making.company() if model is Company else making.group()
        for at, country in enumerate(Country.objects.order_by("code")[:times]):
            if model is Company:
                CompanyAlias.objects.create(of=row, name=f"Alias {times} {at}")
                Ownership.objects.create(owner=row, owned=making.company(), kind="investor")
                Ownership.objects.create(owned=row, owner=making.company(), kind="investor")
            else:
                Membership.objects.create(group=row, country=country)
        found.append(len(queries(client, change_url(row))))
    assert found[0] == found[1]


def test_long_list_is_not_counted_to_its_end(monkeypatch):
    monkeypatch.setattr(lists, "MAX_COUNTED", 3)
    for _ in range(5):
        making.company()
    client = signed_in(making.superuser())
    assert "more than 3 companies" in client.get(list_url(Company)).content.decode()
    for sql in queries(client, list_url(Event)):
        assert "COUNT(" not in sql or "LIMIT 4" in sql


def test_event_list_shows_dates_as_exact_as_known():
    making.event(title="A month", date=dt.date(2024, 6, 1), date_precision="month")
    making.event(title="No day", date=None)
    shown = signed_in(making.user("Contributor")).get(list_url(Event)).content.decode()
    assert '<td class="field-day">June 2024</td>' in shown
    assert '<td class="field-day">–</td>' in shown


def found(client, term, model=Event, **params):
    response = client.get(list_url(model), {"q": term} | params)
    return sorted(str(row) for row in response.context["cl"].result_list)


def test_events_are_found_by_words_names_aliases_and_slugs():
    openai = making.company("OpenAI")
    CompanyAlias.objects.create(of=openai, name="Open Artificial")
    making.published(title="Block of the API", slug="block-of-the-api", actor=openai)
    making.event(title="Draft of a block", slug="draft-of-a-block", actor=openai)
    making.published(title="Something else")
    client = signed_in(making.user("Contributor"))
    both = ["Block of the API", "Draft of a block"]
    assert found(client, "block") == both
    assert found(client, "OpenAI") == both
    assert found(client, "artificial") == both
    assert found(client, "block-of") == both[:1]
    assert found(client, "block API") == both[:1]
    assert found(client, "block", state__exact="draft") == both[1:]
    assert found(client, "else -something") == []
    assert found(client, "!?") == []


def test_events_are_chosen_by_year_and_month():
    making.event(title="Draft", date=dt.date(2022, 5, 3))
    making.published(title="July", date=dt.date(2024, 7, 9))
    making.published(title="August", date=dt.date(2024, 8, 9))
    client = signed_in(making.user("Contributor"))
    shown = client.get(list_url(Event))
    assert [year.title for year in shown.context["cl"].years] == ["2024", "2023", "2022"]
    assert found(client, "", date__year=2024) == ["August", "July"]
    assert found(client, "", date__year=2024, date__month=7) == ["July"]
    assert found(client, "", date__year=2022) == ["Draft"]
    for sql in queries(client, list_url(Event)):
        assert "DISTINCT" not in sql


def options(client, field, term):
    model, name = field.split(".")
    params = {"app_label": "events", "model_name": model, "field_name": name, "term": term}
    return [each["text"] for each in client.get(reverse("admin:autocomplete"), params).json()["results"]]


def test_autocomplete_finds_by_alias_code_and_address():
    openai = making.company("OpenAI")
    CompanyAlias.objects.create(of=openai, name="The Lab")
    rule = making.source("https://www.example.com/rule", title="The rule")
    earlier = making.published(title="An earlier block")
    client = signed_in(making.user("Contributor"))
    assert options(client, "eventcompany.company", "the lab") == ["OpenAI"]
    assert options(client, "eventcountry.country", "CN") == ["China"]
    assert options(client, "citation.source", "http://example.com/rule/?utm_source=x") == ["The rule"]
    assert options(client, "citation.source", "the rul") == [str(rule)]
    assert options(client, "eventrelation.earlier", "block") == [str(earlier)]


@pytest.mark.parametrize("model", READ_ONLY, ids=lambda model: model.__name__)
def test_log_and_what_is_drawn_from_it_are_to_look_at(model):
    making.published()
    rows(1)
    Reissue.objects.create(type="event", key="x", embedders=True)
    client, row = signed_in(making.superuser()), model._default_manager.first()
    before = model._default_manager.count()
    assert client.get(list_url(model)).status_code == 200
    assert client.get(change_url(row)).status_code == 200
    assert client.get(change_url(row), follow=True).context["has_change_permission"] is False
    assert client.post(change_url(row), {"note": "Forged"}).status_code == 403
    assert (
        client.post(
            reverse(f"admin:events_{model._meta.model_name}_delete", args=[row.pk]), {"post": "yes"}
        ).status_code
        == 403
    )
    assert client.get(reverse(f"admin:events_{model._meta.model_name}_add")).status_code == 403
    making.act(client, model, "delete_selected", row, post="yes")
    assert model._default_manager.count() == before


def test_changes_are_found_by_key_and_revision():
    event = making.published(slug="a-block")
    client = signed_in(making.user("Contributor"))
    assert found(client, "a-block", Change) == [str(Change.objects.get(key=event.slug))]
    assert found(client, "1", Change) == [str(Change.objects.get(seq=1))]
    assert '"slug": "a-block"' in client.get(change_url(Change.objects.get(key="a-block"))).content.decode().replace(
        "&quot;", '"'
    )


@pytest.mark.parametrize(
    "model", [Company, Agency, CountryGroup, Product, Policy, Publisher, Source], ids=lambda model: model.__name__
)
def test_records_are_filtered_by_whether_they_are_public(model):
    rows(2)
    client = signed_in(making.user("Contributor"))
    row = model._default_manager.order_by("pk").first()
    making.publishing.is_public(row) or making.public(row)
    public = found(client, "", model, public="yes")
    assert str(row) in public
    assert len(public) + len(found(client, "", model, public="no")) == model._default_manager.count()
