"""The page of one answer: what it says, by which steps, on whose word."""

import datetime as dt
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.choices import AccessStatus, Certainty, CorrectionClass, ProductKind
from events.models import LogHead
from events.services import publishing
from events.web.access.sentences import product_in_sentence, said
from tests.databases import OnTheShippedRecord
from tests.factories import (
    CitationFactory,
    CompanyFactory,
    EffectFactory,
    EventFactory,
    GroupFactory,
    MembershipFactory,
    ProductFactory,
    PublisherFactory,
    SourceFactory,
    country,
)


class Text(HTMLParser):
    """What a page says, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def text_of(response: Any) -> str:
    reader = Text()
    reader.feed(response.content.decode())
    return " ".join("".join(reader.parts).split())


def effect(*given, **options):
    event = event_with(*given, **options)
    publishing.publish(event, by=None)
    return event


def event_with(product, status="blocked", day="2024-07-09", *, source=None, until=None, certainty="confirmed", **place):
    """An event in review with this effect, reported on June 25, 2024 where no source is given."""
    event = EventFactory(
        date=dt.date.fromisoformat(day),
        certainty=certainty,
        actor=product.company,
        **({"source": source} if source else {}),
    )
    place = {"country": None, **place} if "group" in place else place
    EffectFactory(event=event, product=product, status=status, effective_date=event.date, until=until, **place)
    return event


@pytest.fixture
def api(db, time_machine):
    time_machine.move_to("2024-08-01T12:00:00Z")
    return ProductFactory(slug="openai-api", name="OpenAI API", company=CompanyFactory(slug="openai", name="OpenAI"))


def ask(client, **asked):
    response = client.get("/access/CN/openai-api/", asked)
    assert response.status_code == 200
    return response


def sentence(client, **asked):
    return ask(client, **asked).context["sentence"]


# --------------------------------------------------------------------------------------------------------- real answers


class ShippedAnswers(OnTheShippedRecord):
    def sentence(self, path: str) -> str:
        return str(self.client.get(f"/access/{path}").context["sentence"])

    def test_the_api_was_blocked_in_china(self) -> None:
        assert self.sentence("CN/openai-api/?on=2024-07-10") == (
            "On July 10, 2024, the OpenAI API was blocked in China, by the provider; "
            "reported by The Register, Global Times, The Batch, and DIGITIMES."
        )

    def test_before_it_was_announced_nobody_knew(self) -> None:
        page = self.client.get("/access/CN/openai-api/?on=2024-07-10&known=2024-06-24")
        assert page.context["sentence"] == (
            "As reported by June 24, 2024, on July 10, 2024, the OpenAI API was limited in China, by decision of the "
            "provider; reported by OpenAI and South China Morning Post."
        )
        assert "Left out, since it was reported later: The country’s own: blocked from July 9, 2024" in text_of(page)

    def test_the_same_models_stayed_available_by_another_route(self) -> None:
        page = self.client.get("/access/CN/azure-openai/?on=2024-07-10")
        assert page.context["sentence"] == (
            "On July 10, 2024, the Azure OpenAI Service was available in China, by decision of the provider; "
            "reported by PYMNTS (relaying Seeking Alpha)."
        )
        routes = {route["link"].name: route["status"] for route in page.context["routes"]}
        assert routes["OpenAI API"] == "blocked"
        assert "Reports what PYMNTS reported, which reports what Seeking Alpha reported" in text_of(page)

    def test_a_country_is_reached_through_its_group(self) -> None:
        page = self.client.get("/access/FR/apple-intelligence/?on=2024-07-01")
        assert page.context["sentence"].startswith(
            "On July 1, 2024, Apple Intelligence was blocked in France (through the European Union), by the provider;"
        )
        assert "France has belonged to it since January 1, 1958" in text_of(page)
        assert 'href="/api/v1/groups/eu/"' in page.content.decode()

    def test_what_no_record_covers_is_unknown(self) -> None:
        page = self.client.get("/access/CH/apple-intelligence/?on=2024-07-01")
        assert page.context["sentence"] == (
            "No record covers Apple Intelligence in Switzerland on July 1, 2024: unknown. "
            "Nothing here says that it was open or closed."
        )
        assert "It is no legal advice." in text_of(page)


# --------------------------------------------------------------------------------------------------------- the sentence


def test_the_tense_is_that_of_the_day(client, api):
    effect(api)
    effect(api, "limited", "2024-09-01")
    past, present, future = (sentence(client, on=day) for day in ("2024-07-31", "2024-08-01", "2024-09-02"))
    assert past.startswith("On July 31, 2024, the OpenAI API was blocked in China, by the provider; reported by")
    assert present.startswith("Today, August 1, 2024, the OpenAI API is blocked in China, by the provider;")
    assert future.startswith("On September 2, 2024, as far as is known now, the OpenAI API will be limited in China,")
    assert sentence(client) == present


def test_what_was_only_announced_by_then_was_to_be(client, api):
    effect(api)
    foretold = sentence(client, on="2024-07-10", known="2024-07-01")
    assert foretold.startswith(
        "As reported by July 1, 2024, on July 10, 2024, the OpenAI API was to be blocked in China,"
    )
    assert "was blocked" in sentence(client, on="2024-07-10", known="2024-07-09")


def test_what_has_ended_is_unknown_and_no_opening(client, api):
    effect(api, until=dt.date(2024, 7, 20))
    response = ask(client, on="2024-07-25")
    assert response.context["sentence"] == (
        "The OpenAI API had been blocked in China from July 9, 2024 until July 20, 2024; "
        "what followed is not on record. On July 25, 2024 it is unknown: an end is no opening."
    )
    assert response.context["status"] == "unknown"
    assert "It ended on July 20, 2024" in text_of(response)
    assert "until July 20, 2024" not in sentence(client, on="2024-07-19")


def test_what_is_yet_to_end_is_not_told_as_past(client, api):
    effect(api, until=dt.date(2024, 9, 1))
    assert sentence(client, on="2024-09-02").startswith(
        "The OpenAI API is blocked in China from July 9, 2024 until September 1, 2024; what follows is not on record."
    )


def test_a_disputed_event_counts_and_is_marked(client, api):
    effect(api, certainty=Certainty.DISPUTED)
    response = ask(client, on="2024-07-10")
    assert response.context["sentence"].endswith("It is disputed that this happened.")
    assert "Disputed" in text_of(response)


@pytest.mark.parametrize(
    ("name", "kind", "phrase"),
    [
        ("OpenAI API", ProductKind.API, "the OpenAI API was blocked"),
        ("Business API for assistants", ProductKind.API, "the Business API for assistants was blocked"),
        ("Azure OpenAI Service", ProductKind.CLOUD_SERVICE, "the Azure OpenAI Service was blocked"),
        ("ChatGPT", ProductKind.APP, "ChatGPT was blocked"),
        ("Nvidia H20", ProductKind.CHIP, "the Nvidia H20 was blocked"),
        ("Huawei Ascend chips", ProductKind.CHIP, "Huawei Ascend chips were blocked"),
        ("Nvidia Blackwell GPUs", ProductKind.CHIP, "Nvidia Blackwell GPUs were blocked"),
        ("Copilot in Windows", ProductKind.APP, "Copilot in Windows was blocked"),
        ("gallium and germanium", ProductKind.MATERIAL, "gallium and germanium were blocked"),
    ],
)  # fmt: skip
def test_names_have_their_article_and_number(name, kind, phrase):
    product = {"name": name, "kind": kind}
    assert f"{product_in_sentence(product)} {said(AccessStatus.BLOCKED, 'past', product)}" == phrase


# ------------------------------------------------------------------------------------------------------------ the steps


def decisive(response):
    return next(step.text for step in response.context["steps"] if "decides" in step.text)


def test_the_latest_start_decides_and_the_steps_say_so(client, api):
    effect(api, "limited", "2024-07-01")
    own = effect(api, "blocked", "2024-07-09")
    through = effect(api, "available", "2024-07-05", group=GroupFactory(slug="g", name="Group", members=["CN"]))
    response = ask(client, on="2024-07-10")
    reaching = next(step for step in response.context["steps"] if step.items)
    assert reaching.text.startswith("2 effects on the OpenAI API reach China on July 10, 2024.")
    assert [item.links[0].address for item in reaching.items] == [own.get_absolute_url(), through.get_absolute_url()]
    assert decisive(response) == "The one that starts latest decides: the country’s own, from July 9, 2024."


def test_a_status_that_is_said_again_holds_since_it_was_first_said(client, api):
    effect(api, "blocked", "2024-06-01", date_precision="month")
    effect(api, "blocked", "2024-07-09")
    response = ask(client, on="2024-07-10")
    assert (response.context["since"], response.context["since_is_exact"]) == ("June 2024", False)
    assert "newest effect: from July 9, 2024" in text_of(response)
    assert response.context["document"]["since"] == "2024-07-09"
    assert "newest effect" not in text_of(ask(client, on="2024-07-08"))


def test_a_report_without_a_date_is_no_more_exact_than_the_event(client, api):
    event = EventFactory(
        date=dt.date(2023, 1, 1), date_precision="year", actor=api.company, source=SourceFactory(published=None)
    )
    EffectFactory(event=event, product=api, effective_date=event.date, date_precision="year")
    publishing.publish(event, by=None)
    response = ask(client, on="2024-07-10")
    assert response.context["reported_on"] == "2023"
    assert "no source is dated, so that it counts as reported on January 1, 2023." in text_of(response)
    [row] = client.get("/access/CN/").context["matrix"].developers[0].rows
    assert row.reported_on == "2023"
    page = text_of(client.get(event.get_absolute_url()))
    assert "Reported since 2023 (the event’s own date: no source is dated)" in page
    assert "January 1" not in page


def test_what_is_told_as_known_by_a_day_warns_of_hindsight(client, api):
    effect(api, "blocked", "2024-07-09")
    hindsight = "Titles and notes are the record’s own, and may tell what came out later."
    assert hindsight in text_of(ask(client, on="2024-07-10", known="2024-07-09"))
    assert hindsight not in text_of(ask(client, on="2024-07-10"))


def test_a_tie_is_explained(client, api):
    small = GroupFactory(slug="small", name="Small", members=["CN"])
    large = GroupFactory(slug="large", name="Large", members=["CN", "RU"])
    effect(api, "available", "2024-07-09", group=large)
    assert decisive(ask(client, on="2024-07-10")) == "It is the only one, so it decides: available."
    effect(api, "limited", "2024-07-09", group=small)
    assert "On a tie the group with fewer members decides: that of the Small." in decisive(ask(client, on="2024-07-10"))
    effect(api, "blocked", "2024-07-09")
    assert "On a tie the country’s own decides." in decisive(ask(client, on="2024-07-10"))


def test_between_equal_groups_the_later_report_decides(client, api):
    for slug, day in (("one", "2024-06-01"), ("other", "2024-06-02")):
        source = SourceFactory(published=dt.date.fromisoformat(day))
        effect(api, "limited", "2024-07-09", source=source, group=GroupFactory(slug=slug, name=slug, members=["CN"]))
    assert "the one that was reported later decides: that of the other." in decisive(ask(client, on="2024-07-10"))


def test_a_group_reaches_a_country_from_its_joining(client, api):
    group = GroupFactory(slug="g", name="Club")
    MembershipFactory(group=group, country=country("CN"), since=dt.date(2024, 7, 20))
    effect(api, "blocked", "2024-07-01", group=group)
    response = ask(client, on="2024-07-25")
    assert "China has belonged to it since July 20, 2024, so that it reaches it from that day" in text_of(response)
    assert response.context["since"] == "July 20, 2024"
    assert ask(client, on="2024-07-19").context["status"] == "unknown"


def test_the_steps_name_the_revision(client, api):
    effect(api)
    response = ask(client, on="2024-07-10")
    revision = LogHead.objects.get().seq
    assert response.context["steps"][0].text.startswith(f"The record is taken as it stood at revision {revision}, of")


# --------------------------------------------------------------------------------------------------------- the evidence


def test_evidence_is_what_had_been_published_by_then(client, api):
    event = EventFactory(date=dt.date(2024, 7, 9), actor=api.company, source=SourceFactory(title="Early"))
    CitationFactory(event=event, source=SourceFactory(title="Late", published=dt.date(2024, 7, 30)))
    CitationFactory(event=event, source=SourceFactory(title="Undated", published=None))
    EffectFactory(event=event, product=api)
    publishing.publish(event, by=None)
    response = ask(client, on="2024-07-10", known="2024-07-10")
    assert [each["source"]["title"] for each in response.context["evidence"]] == ["Early"]
    assert [each["source"]["title"] for each in response.context["undated"]] == ["Undated"]
    assert "1 independent origin" in text_of(response)
    assert "1 source of the event is left out, since it was published after July 10, 2024." in text_of(response)
    everything = ask(client, on="2024-07-10")
    assert [each["source"]["title"] for each in everything.context["evidence"]] == ["Early", "Late"]
    assert "3 independent origins" in text_of(everything)


def test_a_relayed_report_names_whose_it_is(client, api):
    relayed = SourceFactory(
        publisher=PublisherFactory(name="Seeking Alpha"), relays=PublisherFactory(name="The Information")
    )
    effect(api, source=relayed)
    response = ask(client, on="2024-07-10")
    assert response.context["sentence"].endswith("reported by Seeking Alpha (relaying The Information).")
    assert "Reports what The Information reported" in text_of(response)


# ----------------------------------------------------------------------------------------- before, after, and elsewhere


def test_the_course_marks_the_answer_and_what_is_scheduled(client, api):
    effect(api, "available", "2023-03-01")
    effect(api, "blocked", "2024-07-09")
    effect(api, "limited", "2024-10-01")
    response = ask(client, on="2024-07-10")
    found = [(each["status"], each["is_current"], each["is_scheduled"]) for each in response.context["course"]]
    assert found == [("available", False, False), ("blocked", True, False), ("limited", False, True)]
    assert response.context["next"]["status"] == "limited"
    before = ask(client, on="2020-01-01")
    assert not any(each["is_current"] for each in before.context["course"])
    assert "Nothing on record reaches the day asked about." in text_of(before)


def test_what_others_closed_before_and_nobody_opened_is_told(client, api):
    effect(api, "blocked", "2024-05-01", by=["provider"])
    effect(api, "available", "2024-05-20", by=["provider"])
    effect(api, "license_required", "2024-06-01", by=["foreign_government"])
    effect(api, "blocked", "2024-06-10", until=dt.date(2024, 6, 30), by=["international"])
    effect(api, "limited", "2024-07-09", by=["own_government"])
    response = ask(client, on="2024-07-10")
    assert response.context["status"] == "limited"
    assert [(each["status"], each["from"], each["by"]) for each in response.context["others"]] == [
        ("license_required", "June 1, 2024", "a foreign government")
    ]
    assert "What others decided" in text_of(response)
    earlier = ask(client, on="2024-06-15")
    assert [each["by"] for each in earlier.context["others"]] == ["a foreign government"]
    assert ask(client, on="2024-06-05").context["others"] == []
    assert "What others decided" not in text_of(ask(client, on="2024-06-05"))


def test_other_routes_to_the_same_models_are_told_on_the_same_clocks(client, api):
    effect(api)
    azure = ProductFactory(
        name="Azure OpenAI Service", company=CompanyFactory(name="Microsoft"), models_from=api.company
    )
    effect(azure, "available", "2024-07-08", source=SourceFactory(published=dt.date(2024, 7, 8)))
    effect(ProductFactory(name="Someone else’s"))
    response = ask(client, on="2024-07-10", known="2024-07-09")
    [route] = response.context["routes"]
    assert (route["link"].name, route["company"], route["status"]) == ("Azure OpenAI Service", "Microsoft", "available")
    assert route["link"].address == f"/access/CN/{azure.slug}/?on=2024-07-10&known=2024-07-09"
    assert ask(client, on="2024-07-10", known="2024-07-01").context["routes"][0]["status"] == "unknown"


def test_goods_of_many_makers_have_no_other_routes(client, api):
    goods = ProductFactory(slug="chips", name="AI chips", kind=ProductKind.CHIP, company=None)
    event = EventFactory()
    EffectFactory(event=event, product=goods)
    publishing.publish(event, by=None)
    response = client.get("/access/CN/chips/")
    assert response.context["developer"] is None
    assert "Other routes" not in text_of(response)


# ------------------------------------------------------------------------------------------------------------ addresses


def test_a_code_may_be_typed_small(client, api):
    effect(api)
    response = client.get("/access/cn/openai-api/?on=2024-07-10")
    assert (response.status_code, response["Location"]) == (301, "/access/CN/openai-api/?on=2024-07-10")


def test_a_merged_product_leads_to_the_one_it_became(client, api):
    effect(api)
    twin = ProductFactory(slug="twin")
    publishing.publish_record(twin, by=None)
    before = LogHead.objects.get().seq
    publishing.merge(twin, into=api, by=None, note="The same.")
    response = client.get("/access/CN/twin/?on=2024-07-10&known=2024-07-09")
    assert (response.status_code, response["Location"]) == (
        301,
        "/access/CN/openai-api/?on=2024-07-10&known=2024-07-09",
    )
    assert client.get(f"/access/CN/twin/?on=2024-07-10&revision={before}").status_code == 200


@pytest.mark.parametrize("path", ["CN/nothing", "XX/openai-api", "CHN/openai-api", "cn/nothing"])
def test_what_the_record_does_not_know_is_not_found(client, api, path):
    effect(api)
    assert client.get(f"/access/{path}/").status_code == 404


def test_a_product_is_unknown_at_a_revision_before_it(client, api):
    effect(ProductFactory())
    before = LogHead.objects.get().seq
    effect(api)
    assert client.get(f"/access/CN/openai-api/?revision={before}").status_code == 404


def test_the_page_pins_its_clocks_and_names_the_same_answer_in_the_api(client, api):
    effect(api)
    response = ask(client, on="2024-07-10", known="2024-07-09")
    revision = LogHead.objects.get().seq
    query = f"on=2024-07-10&amp;known=2024-07-09&amp;revision={revision}"
    text = response.content.decode()
    assert f'<a href="/access/CN/openai-api/?{query}">Permalink' in text
    [address] = re.findall(r'href="(/api/v1/access/[^"]+)"', text)
    [answer] = client.get(address.replace("&amp;", "&")).json()["results"]
    assert answer == response.context["document"]


def test_a_pinned_revision_says_what_the_record_said(client, api):
    event = effect(api)
    before = LogHead.objects.get().seq
    changed = event.effects.get()
    changed.status = AccessStatus.LIMITED
    changed.save()
    publishing.correct(event, by=None, correction_class=CorrectionClass.SUBSTANTIVE, note="It was milder.")
    assert ask(client, on="2024-07-10").context["status"] == "limited"
    assert ask(client, on="2024-07-10", revision=before).context["status"] == "blocked"


@pytest.mark.parametrize("path", ["/access/", "/access/CN/", "/access/CN/openai-api/"])
def test_a_pinned_page_reads_the_same_whatever_came_later(client, api, path):
    event = effect(api)
    asked = {"product": "openai-api", "on": "2024-07-10", "revision": LogHead.objects.get().seq}
    before = client.get(path, asked).content
    publishing.retract(event, by=None, reason="It never happened.")
    assert client.get(path, asked).content == before


def test_bad_clocks_are_told_and_the_answer_is_given(client, api):
    effect(api)
    text = text_of(ask(client, on="yesterday", known="2030-01-01", revision="999999"))
    assert "“yesterday” is not a date." in text
    assert "Nobody knows yet what will be known then." in text
    assert "There is no revision “999999”" in text


def test_only_what_will_never_read_otherwise_is_kept_for_ever(client, api):
    effect(api)
    revision = LogHead.objects.get().seq

    def kept(**asked):
        return "immutable" in ask(client, **asked)["Cache-Control"]

    assert kept(on="2024-07-10", revision=revision)
    assert kept(on="2024-07-10", known="2024-07-09", revision=revision)
    for asked in (
        {"on": "2024-07-10"},
        {"revision": revision},
        {"on": "2024-08-01", "revision": revision},
        {"on": "2024-09-01", "revision": revision},
        {"on": "yesterday", "revision": revision},
        {"on": "2024-07-10", "known": "2024-09-01", "revision": revision},
        {"on": "2024-07-10", "revision": revision + 1},
        {"on": "2024-07-10", "revision": "x"},
    ):
        assert not kept(**asked), asked


def test_nothing_is_inline(client, api):
    effect(api)
    text = ask(client).content.decode()
    assert "style=" not in text
    assert "<script" not in text.replace('<script type="application/ld+json">', "")


def test_as_many_queries_for_many_products_as_for_one(client, api):
    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            ask(client, on="2024-07-10", known="2024-07-10")
        return len(counted)

    effect(api)
    effect(api, "limited", "2024-05-01")
    effect(ProductFactory(company=api.company))
    effect(api, "limited", "2024-07-02", group=GroupFactory(members=["CN"]))
    few = queries()
    more = []
    for number in range(6):
        more.append(event_with(ProductFactory(company=api.company)))
        more.append(event_with(api, "limited", f"2024-06-0{number + 1}"))
        more.append(event_with(api, "limited", "2024-07-01", group=GroupFactory(members=["CN"])))
    publishing.publish_many(more, by=None)
    assert queries() == few
