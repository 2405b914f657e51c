"""Loading an export gives the same documents, and exporting those the same bytes."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
import yaml
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from events.choices import CorrectionClass, RecordType
from events.models import (
    Agency,
    Citation,
    CountryGroup,
    Event,
    LinkCheck,
    Ownership,
    Policy,
    Product,
    PublicDocument,
    Source,
)
from events.services import publishing, reissue
from events.services.dataset import exporting, layout, loading
from tests.databases import connected_to, filled_by, load_shipped
from tests.factories import (
    AgencyFactory,
    BareEventFactory,
    CompanyFactory,
    EventFactory,
    EventRelationFactory,
    PublisherFactory,
    SourceFactory,
    country,
)

pytestmark = pytest.mark.django_db
SHIPPED = settings.BASE_DIR / "events" / "data"
TIMES = ("revision", "published_at", "updated_at")


def documents() -> dict[tuple[str, str], dict]:
    """Every newest document, but for revision and times."""
    found = {}
    for current in PublicDocument.objects.with_document():
        said = orjson.loads(current.change.document or "")
        if said.get("reported_on_basis") == "record":
            said["reported_on"] = None
        for effect in said.get("access_effects", ()):
            if effect["reported_on_basis"] == "record":
                effect["reported_on"] = None
        found[current.type, current.key] = {key: value for key, value in said.items() if key not in TIMES}
    return found


def round_trip(build: Callable[[], object], tmp_path: Path) -> tuple[dict, dict]:
    """The documents of a record, and of one loaded from its export; both are exported as the same bytes."""
    with transaction.atomic():
        build()
        before = documents()
        exporting.export(tmp_path / "first")
        transaction.set_rollback(True)
    return before, loaded_and_exported_alike(tmp_path / "first", tmp_path / "second")


def loaded_and_exported_alike(first: Path, second: Path) -> dict:
    """The documents of the record loaded from an export, whose own export is the same bytes."""
    assert loading.is_empty()
    loading.load(loading.read(first))
    exporting.export(second)
    assert contents(first) == contents(second)
    return documents()


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def shipped(django_db_setup, django_db_blocker, tmp_path_factory) -> tuple[dict, Path]:
    """The documents of the shipped record, and the folder with its export."""
    folder = tmp_path_factory.mktemp("shipped") / "exported"
    with django_db_blocker.unblock(), connected_to(filled_by(load_shipped)[0]):
        exporting.export(folder)
        return documents(), folder


@pytest.mark.xdist_group("shipped")
def test_shipped_data_set_survives_a_round_trip(shipped, tmp_path, verified):
    before, exported = shipped
    assert loaded_and_exported_alike(exported, tmp_path / "second") == before
    assert verified() == []


@pytest.mark.xdist_group("shipped")
def test_export_of_the_shipped_data_set_says_what_its_files_say(shipped):
    dataset, exported = loading.read(SHIPPED), loading.read(shipped[1])
    left_out = dataset.entries.keys() - exported.entries.keys()
    assert {record_type for record_type, _ in left_out} <= {RecordType.GROUP}
    assert [key for key in exported.entries if exported.entries[key].digest != dataset.entries[key].digest] == []


def test_record_with_all_that_can_be_said_survives_a_round_trip(tmp_path, verified):
    before, after = round_trip(everything, tmp_path)
    assert after == before
    assert verified() == []


def everything() -> None:
    """A record that uses every field, with what only editors can bring about: gaps in ids, merged and lone records."""
    bis, openai = AgencyFactory(slug="bis", short="BIS", country=country("US")), CompanyFactory(slug="openai")
    CountryGroup.objects.create(slug="world", name="World")
    d5 = CountryGroup.objects.create(
        slug="d5", name="D:5", issuer=bis, citation="15 CFR", official_url="https://ecfr.example/#d5", note="A\nnote.",
        checked="known",
    )  # fmt: skip
    for code, since, until in (
        ("CN", None, None),
        ("RU", dt.date(2020, 1, 1), dt.date(2021, 1, 1)),
        ("NO", None, None),
    ):
        d5.memberships.create(country=country(code), since=since, until=until)
    of_group = Agency.objects.create(slug="body", name="Body of the group", group=d5)
    bis.aliases.create(name="Bureau: of Industry, and # Security")
    owner = CompanyFactory(slug="owner", country=country("US"))
    Ownership.objects.create(
        owner=owner, owned=openai, kind="investor", note="yes", since=dt.date(2019, 7, 1), since_precision="month",
        until=dt.date(2030, 1, 1), until_precision="year",
    )  # fmt: skip
    product = Product.objects.create(slug="azure", name="null", kind="cloud_service", company=owner, models_from=openai)
    goods = Product.objects.create(slug="goods", name="12", kind="material")
    policy = Policy.objects.create(slug="rule", title="Rule [1]", kind="regulation", agency=bis, country=country("US"),
                                   citation="90 FR 1", official_url="https://fr.example/a?b=1")  # fmt: skip
    terms = Policy.objects.create(slug="terms", title="Terms", kind="company_terms", company=openai)
    wire, paper = PublisherFactory(slug="wire", group=d5), PublisherFactory(slug="paper", country=country("GB"))
    story = SourceFactory(
        url="https://Paper.example/story/?a=1#top", title="L’accès «fermé»\u00a0: 出口管制 'x' \"y\"",
        publisher=paper, relays=wire, authors=["A. Author", "true"], language="fr", published=None,
        tier="tertiary", paywalled=True, archive_url="https://archive.example/1",
    )  # fmt: skip
    LinkCheck.objects.create(source=story, status="dead", status_since=dt.date(2026, 1, 2))
    moved = SourceFactory(url="https://paper.example/old", publisher=paper)
    Source.objects.filter(pk=moved.pk).update(
        url="https://paper.example/new", normalized_url="https://paper.example/new"
    )
    moved.refresh_from_db()
    first = EventFactory(slug="first", title="First: a - b", source=story, actor=openai, date=dt.date(2024, 7, 1))
    event = BareEventFactory(
        slug="second", state="in_review", title="- Second #2", summary="Line one.\nLine two.", theme="companies",
        body="# Head\n\n  indented\n\n* a\n* b 🤖\n\ttab\u2028end ", kind="report", certainty="disputed",
        checked="excerpt",
        date=dt.date(2024, 7, 1), date_precision="quarter", end_date=dt.date(2024, 12, 31),
    )  # fmt: skip
    event.company_links.create(company=owner, role="target")
    event.company_links.create(company=openai, role="actor")
    event.agency_links.create(agency=of_group)
    event.country_links.create(country=country("NO"), role="acting")
    event.group_links.create(group=d5, role="affected")
    event.product_links.create(product=product)
    event.product_links.create(product=goods)
    event.policy_links.create(policy=terms, relation="adopts", partial=True)
    event.policy_links.create(policy=policy, relation="proposes")
    event.relation_links.create(earlier=first, relation="explains")
    effects = [
        event.effects.create(
            product=product, group=d5, exceptions=["NO", "CN"], status="limited", by=["provider"], note="n",
            effective_date=dt.date(2024, 1, 1), date_precision="year", until=dt.date(2025, 1, 1),
        ),
        event.effects.create(product=goods, country=country("CN"), status="blocked", effective_date=event.date),
        event.effects.create(product=goods, country=country("RU"), status="blocked", effective_date=event.date),
    ]  # fmt: skip
    # The first effect and the last citation are taken away again: ids with gaps, and one that is remembered.
    effects[2].delete()
    for position, (source, fields) in enumerate(
        (
            (moved, {"quote": "a", "speaker": "b", "locator": "p. 1"}),
            (story, {"stance": "response", "about": "date"}),
            (moved, {"quote": "c", "about": "effect", "effect": effects[1], "locator": "p. 2"}),
            (SourceFactory(publisher=wire), {"stance": "context"}),
            (SourceFactory(publisher=wire), {}),
        )
    ):
        Citation.objects.create(event=event, source=source, position=position, **fields)
    event.citations.get(number=1).delete()
    event.citations.get(number=5).delete()
    Citation.objects.create(event=event, source=moved, position=9)
    publishing.publish_many([first, event], by=None)
    wrong = EventFactory(slug="wrong", date=dt.date(2024, 7, 2), source=story)
    same = EventFactory(slug="same", date=dt.date(2024, 7, 2), source=story)
    publishing.publish_many([wrong, same], by=None)
    publishing.retract(wrong, by=None, reason="It did not happen.")
    publishing.merge(same, into=first, by=None, note="The same.")
    twin = CompanyFactory(slug="twin", name="Twin")
    publishing.publish_record(twin, by=None)
    publishing.merge(twin, into=openai, by=None, note="The same.")
    old = SourceFactory(publisher=paper)
    publishing.publish_record(old, by=None)
    publishing.merge(old, into=story, by=None, note="The same.")
    for lone in (SourceFactory(publisher=paper), CompanyFactory(slug="lone"), country("AQ"), country("NO")):
        if not publishing.is_public(lone):
            publishing.publish_record(lone, by=None)
    EventFactory(slug="draft", title="Nobody's business")
    CompanyFactory(slug="draft-company")
    reissue.run_outstanding()


def test_events_of_one_day_that_follow_one_another_are_exported_as_they_are_loaded(tmp_path):
    """Whichever came first, and in whichever files they stand."""

    def build() -> None:
        themes = ("companies", "", "companies", "companies", "")
        follows, first, _, second, third = events = [EventFactory(theme=theme) for theme in themes]
        for event, earlier in ((follows, third), (third, second), (second, first)):
            EventRelationFactory(event=event, earlier=earlier)
        publishing.publish_many(events, by=None)

    before, after = round_trip(build, tmp_path)
    assert after == before


def test_drafts_are_not_exported(tmp_path):
    everything()
    exporting.export(tmp_path / "out")
    written = "".join(path.read_text() for path in (tmp_path / "out").iterdir())
    assert "draft" not in written
    assert "Nobody" not in written


def test_events_without_a_theme_have_a_file_of_their_own(tmp_path):
    everything()
    exporting.export(tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "companies.yaml",
        "events.yaml",
        "reference.yaml",
    ]


def test_empty_record_survives_a_round_trip(tmp_path):
    assert exporting.export(tmp_path / "out") == 0
    assert loading.load(loading.read(tmp_path / "out")).new == []


def test_correction_is_exported_in_its_newest_form(tmp_path):
    event = EventFactory(slug="first")
    publishing.publish(event, by=None)
    with publishing.recording():
        Event.objects.update(title="Corrected")
        publishing.correct(event, by=None, correction_class=CorrectionClass.CLERICAL, note="A typo.")
    exporting.export(tmp_path / "out")
    [entry] = yaml.safe_load((tmp_path / "out" / "events.yaml").read_text())["events"]
    assert entry["title"] == "Corrected"


def test_command_refuses_a_folder_that_holds_something(tmp_path):
    (tmp_path / "other.yaml").write_text("events: []\n")
    with pytest.raises(CommandError, match="is not empty"):
        call_command("export_dataset", tmp_path)


TEXTS = st.text(
    st.one_of(
        st.characters(codec="utf-8", exclude_characters="\0"),
        st.sampled_from("'\"#:-[]{}&*!|>%@`\n \t,?~\\\u2028\u0085\ufeff"),
    ),
    min_size=1,
)


@given(TEXTS, TEXTS)
def test_any_text_is_read_back_as_it_was(one, other):
    values = {"a": one, "b": [one, other], "c": [{"d": other}, {"e": one}], "f": {"g": other}, "sources": [{"h": one}]}
    lines = "".join(layout.table("rows", [values], short=False, apart=True))
    assert yaml.load(lines, yaml.CSafeLoader) == {"rows": [values]}


@given(
    st.sampled_from(
        ["yes", "No", "null", "~", "1", "1e3", "0x1f", "2024-07-09", "12:30:45", "=", "<<", ".inf", "TRUE", "-"]
    )
)
def test_word_that_yaml_would_take_for_something_else_is_quoted(word):
    assert yaml.load("".join(layout.table("rows", [{"a": word, "b": [word]}], short=True)), yaml.CSafeLoader) == {
        "rows": [{"a": word, "b": [word]}]
    }
