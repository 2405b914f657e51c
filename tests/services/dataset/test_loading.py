"""What a load does to the record, and what it leaves alone."""

import datetime as dt

import orjson
import pytest
from django.contrib.auth.models import User

from events.choices import CorrectionClass
from events.models import (
    AccessEffect,
    Change,
    Citation,
    Company,
    Event,
    LoadedEntry,
    LogHead,
    Product,
    PublicDocument,
    Publisher,
    Reissue,
    Source,
)
from events.services import publishing
from events.services.dataset import loading
from events.services.dataset.problems import DatasetError
from tests.factories import CompanyFactory, EventFactory, UserFactory
from tests.services.dataset.making import Files

pytestmark = pytest.mark.django_db
EVENT = "openai-block-takes-effect"


@pytest.fixture
def load(folder):
    def write_and_load(files: Files, **options):
        return loading.load(loading.read(files.write(folder)), **options)

    return write_and_load


@pytest.fixture
def publisher() -> User:
    return UserFactory(is_superuser=True)


def document(record_type: str, key: str) -> dict:
    current = PublicDocument.objects.with_document().get(type=record_type, key=key)
    return orjson.loads(current.change.document or "")


def corrections() -> list[tuple[str, str, str, str]]:
    changes = Change.objects.filter(action="corrected").order_by("seq")
    return list(changes.values_list("type", "key", "correction_class", "note"))


def edit_title(title: str, by: User) -> None:
    with publishing.recording():
        event = Event.objects.get(slug=EVENT)
        event.title = title
        event.save()
        publishing.correct(event, by=by, correction_class=CorrectionClass.CLERICAL, note="A typo.")


def test_new_entries_are_published_with_all_that_they_refer_to(files, load, verified):
    load(files)
    shown = document("event", EVENT)
    assert shown["access_effects"][0]["by"] == ["provider"]
    assert shown["relations"][0]["event"] == "openai-announces-block"
    assert shown["citations"][0]["source"]["relays"]["slug"] == "reuters"
    assert set(Change.objects.values_list("self_published", flat=True)) == {True}
    assert [stage["stage"] for stage in document("policy", "supported-countries")["stages"]] == [
        "announced",
        "in_force",
    ]
    assert not Reissue.objects.outstanding().exists()
    assert verified() == []


def test_reference_that_no_event_uses_stays_unpublished(files, load):
    load(files)
    assert Product.objects.filter(slug="azure-openai").exists()
    assert not PublicDocument.objects.filter(type="product", key="azure-openai").exists()
    assert not PublicDocument.objects.filter(type="group").exists()


def test_theme_is_the_name_of_the_file_and_checked_is_kept(files, load):
    load(files)
    event = Event.objects.get(slug=EVENT)
    assert (event.theme, event.checked) == ("companies", "excerpt")


def test_second_load_touches_nothing(files, load):
    load(files)
    head, loaded = LogHead.objects.get(), list(LoadedEntry.objects.values())
    plan = load(files)
    assert (plan.new, plan.changed, plan.conflicts, plan.gone) == ([], [], [], [])
    assert plan.unchanged == LoadedEntry.objects.count()
    assert LogHead.objects.get().hash == head.hash
    assert list(LoadedEntry.objects.values()) == loaded
    assert not Event.history.exists()


def test_layout_of_a_file_does_not_count(files, load, folder):
    load(files)
    for path in folder.iterdir():
        path.write_text("# a remark\n" + path.read_text())
    files.announced, files.blocked = files.blocked, files.announced
    plan = load(files)
    assert (plan.new, plan.changed) == ([], [])


def test_fault_anywhere_changes_nothing(files, load):
    load(files)
    revision = LogHead.objects.get().seq
    files.announced["title"] = "Changed"
    files.blocked["kind"] = "ban"
    with pytest.raises(DatasetError):
        load(files)
    assert LogHead.objects.get().seq == revision
    assert Event.objects.get(slug="openai-announces-block").title != "Changed"


def test_contradiction_with_an_editors_event_changes_nothing(files, load, publisher):
    load(files)
    other = EventFactory(date=dt.date(2024, 7, 9))
    AccessEffect.objects.create(
        event=other,
        product=Product.objects.get(slug="azure-openai"),
        country_id="CN",
        status="available",
        effective_date=dt.date(2024, 7, 9),
    )
    other.product_links.create(product=Product.objects.get(slug="azure-openai"))
    publishing.publish(other, by=publisher)
    counts = Event.objects.count(), LogHead.objects.get().seq
    files.blocked["products"].append("azure-openai")
    files.blocked["access"].append(files.blocked["access"][0] | {"id": 2, "product": "azure-openai"})
    with pytest.raises(DatasetError, match="Azure OpenAI Service in China from 2024-07-09 is available by"):
        load(files)
    assert (Event.objects.count(), LogHead.objects.get().seq) == counts
    assert AccessEffect.objects.filter(event__slug=EVENT).count() == 1


def test_name_that_an_editor_has_given_to_another_record_is_refused(files, load):
    load(files)
    CompanyFactory(slug="mistral-ai", name="Mistral")
    files.reference["companies"].append({"slug": "mistral", "name": "Mistral", "kind": "developer"})
    with pytest.raises(DatasetError, match="name: In the record “Mistral” is a name of “mistral-ai” too"):
        load(files)
    assert not Company.objects.filter(slug="mistral").exists()


def test_changed_event_is_corrected_openly(files, load, verified):
    load(files)
    files.blocked["title"] = "The block takes effect"
    files.blocked["companies"].append({"slug": "microsoft", "role": "affected"})
    load(files)
    assert corrections() == [("event", EVENT, "clarification", "data set")]
    assert document("event", EVENT)["title"] == "The block takes effect"
    assert [link["slug"] for link in document("event", EVENT)["companies"]] == ["openai", "microsoft"]
    assert verified() == []
    assert load(files).changed == []


def test_changed_reference_is_corrected_and_reaches_what_embeds_it(files, load, verified):
    load(files)
    files.row("companies", "openai") | {"name": "Open AI"}
    files.row("companies", "openai")["name"] = "OpenAI Group"
    files.row("companies", "openai")["aliases"] = ["OpenAI LP"]
    load(files)
    assert corrections() == [("company", "openai", "clarification", "data set")]
    assert document("company", "openai")["aliases"] == ["OpenAI LP"]
    assert document("event", EVENT)["companies"][0]["name"] == "OpenAI Group"
    assert verified() == []


def test_changed_description_of_a_source_corrects_the_source_alone(files, load, verified):
    load(files)
    for event in (files.announced, files.blocked):
        event["sources"][0]["title"] = "OpenAI to pull plug on 'unsupported' nations"
    load(files)
    assert [(kind, note) for kind, _, _, note in corrections()] == [("source", "data set")]
    assert document("event", EVENT)["citations"][0]["source"]["title"] == "OpenAI to pull plug on 'unsupported' nations"
    assert verified() == []


def test_ids_of_effects_and_citations_stay(files, load):
    load(files)
    first = files.blocked["sources"][0]
    files.blocked["sources"] = [
        {"publisher": "reuters", "title": "Second", "url": "https://reuters.example/2", "tier": "secondary"},
        first,
    ]
    files.blocked["access"] = [files.blocked["access"][0] | {"id": 2, "status": "limited"}]
    load(files)
    citations = document("event", EVENT)["citations"]
    assert [(each["id"], each["source"]["title"]) for each in citations] == [(2, "Second"), (1, first["title"])]
    assert [effect["id"] for effect in document("event", EVENT)["access_effects"]] == [2]
    files.blocked["access"] = []
    del files.blocked["access"]
    files.blocked["sources"] = [first]
    load(files)
    event = Event.objects.get(slug=EVENT)
    assert (event.effects_numbered, event.citations_numbered) == (2, 2)
    assert list(Citation.objects.filter(event=event).values_list("number", flat=True)) == [1]


def test_id_of_an_effect_that_is_gone_is_not_given_again(files, load):
    load(files)
    files.blocked["access"][0]["id"] = 2
    load(files)
    files.blocked["access"][0]["id"] = 1
    with pytest.raises(DatasetError, match=rf"events {EVENT}: access\[1\].id: The id 1 was given to another effect"):
        load(files)


def test_editors_correction_survives_a_reload(files, load, publisher):
    load(files)
    edit_title("The block takes effect", publisher)
    plan = load(files)
    assert (plan.changed, plan.conflicts) == ([], [])
    assert document("event", EVENT)["title"] == "The block takes effect"


def test_change_of_what_an_editor_changed_is_a_conflict(files, load, publisher):
    load(files)
    edit_title("The block takes effect", publisher)
    files.blocked["summary"] = "Changed."
    files.announced["summary"] = "Changed too."
    [conflict] = load(files).conflicts
    assert conflict.startswith("companies.yaml, line ")
    assert conflict.endswith(f"events {EVENT}: An editor changed the record since it was last loaded.")
    assert document("event", EVENT)["title"] == "The block takes effect"
    assert document("event", "openai-announces-block")["summary"] == "Changed too."
    assert len(load(files).conflicts) == 1


def test_force_applies_the_files_over_an_editors_change(files, load, publisher):
    load(files)
    edit_title("The block takes effect", publisher)
    files.blocked["summary"] = "Changed."
    assert load(files, force=True).conflicts == []
    assert document("event", EVENT)["title"] == files.blocked["title"]
    assert load(files).conflicts == []


def test_reissue_is_no_editors_change(files, load):
    load(files)
    files.row("companies", "openai")["name"] = "OpenAI Group"
    load(files)
    files.blocked["summary"] = "Changed."
    assert load(files).conflicts == []


def test_edited_draft_of_a_reference_is_a_conflict(files, load):
    load(files)
    Product.objects.filter(slug="azure-openai").update(name="Azure OpenAI")
    files.row("products", "azure-openai")["kind"] = "api"
    assert len(load(files).conflicts) == 1
    assert load(files, force=True).conflicts == []
    assert Product.objects.get(slug="azure-openai").name == "Azure OpenAI Service"


def test_reference_published_by_an_editors_event_is_not_edited(files, load, publisher):
    load(files)
    event = EventFactory()
    event.product_links.create(product=Product.objects.get(slug="azure-openai"))
    publishing.publish(event, by=publisher)
    files.row("products", "azure-openai")["name"] = "Azure OpenAI"
    assert load(files).conflicts == []
    assert document("product", "azure-openai")["name"] == "Azure OpenAI"


def test_record_from_elsewhere_is_a_conflict_unless_it_says_the_same(files, load):
    CompanyFactory(slug="microsoft", name="Microsoft Corporation")
    Publisher.objects.create(slug="reuters", name="Reuters", kind="news")
    [conflict] = load(files).conflicts
    assert conflict.endswith("companies microsoft: The record has it already, from elsewhere, and says something else.")
    assert load(files, force=True).conflicts == []
    assert Company.objects.get(slug="microsoft").name == "Microsoft"


def test_entry_gone_from_the_files_is_reported_and_stays(files, load):
    load(files)
    files.blocked = {}
    files.reference["products"] = []
    plan = load(files)
    assert sorted(plan.gone) == [f"event {EVENT}", "product azure-openai", "product openai-api"]
    assert Event.objects.get(slug=EVENT).state == "published"


def test_retracted_event_is_published_and_then_retracted(files, load, verified):
    files.blocked["retracted"] = {"on": dt.date(2024, 8, 1), "reason": "It was another company."}
    files.more = [files.announced | {"id": "instead", "date": dt.date(2024, 7, 9)}]
    files.more[0] |= {"products": ["openai-api"], "access": [files.blocked["access"][0] | {"status": "available"}]}
    load(files)
    actions = Change.objects.filter(key=EVENT).exclude(action="reissued").order_by("seq")
    assert list(actions.values_list("action", flat=True)) == ["published", "retracted"]
    shown = document("event", EVENT)
    assert shown["retraction"] == {"on": "2024-08-01", "reason": "It was another company."}
    assert [relation["event"] for relation in shown["relations"]] == ["openai-announces-block"]
    assert verified() == []


def test_published_event_is_retracted_once_the_files_say_so(files, load):
    load(files)
    files.blocked["retracted"] = {"on": dt.date(2024, 8, 1), "reason": "It was another company."}
    load(files)
    assert document("event", EVENT)["state"] == "retracted"
    files.blocked["summary"] = "Changed."
    assert load(files, force=True).conflicts != []


def test_redirects_lead_to_the_event(files, load, verified):
    files.blocked["redirects"] = ["openai-blocks-china"]
    load(files)
    assert document("event", "openai-blocks-china") == {
        "slug": "openai-blocks-china",
        "state": "merged",
        "merged_into": EVENT,
    }
    assert verified() == []
    assert load(files).new == []


def test_entry_that_became_another_ones_earlier_id_is_merged(files, load, verified):
    load(files)
    files.blocked["redirects"] = ["openai-announces-block"]
    del files.blocked["follows"]
    files.announced = {}
    plan = load(files)
    assert plan.gone == []
    assert document("event", "openai-announces-block")["merged_into"] == EVENT
    assert verified() == []


def test_new_ownership_is_told_on_both_sides(files, load, verified):
    del files.reference["ownerships"]
    load(files)
    files.reference["ownerships"] = [{"owner": "microsoft", "owned": "openai", "kind": "investor", "since": "2019-07"}]
    load(files)
    assert document("company", "openai")["owned_by"][0]["company"]["slug"] == "microsoft"
    assert document("company", "microsoft")["owns"][0]["since"] == "2019-07"
    assert verified() == []
    files.row("companies", "openai")["kind"] = "other"
    assert load(files).conflicts == []


def test_source_that_an_editor_corrected_is_left_alone_by_a_change_of_its_event(files, load, publisher):
    load(files)
    source = Source.objects.get()
    with publishing.recording():
        source.title = "Mended"
        source.save()
        publishing.correct(source, by=publisher, correction_class=CorrectionClass.CLERICAL, note="A typo.")
    files.blocked["summary"] = "Changed."
    assert load(files).conflicts == []
    assert document("source", source.slug)["title"] == "Mended"


def test_event_that_moves_to_another_file_keeps_its_document(files, load, folder):
    load(files)
    revision = LogHead.objects.get().seq
    files.write(folder)
    (folder / "companies.yaml").rename(folder / "nations.yaml")
    loading.load(loading.read(folder))
    assert Event.objects.get(slug=EVENT).theme == "nations"
    assert LogHead.objects.get().seq == revision


def test_editors_draft_of_the_same_name_is_a_conflict(files, load):
    draft = EventFactory(slug=EVENT)
    assert len(load(files).conflicts) == 1
    draft.refresh_from_db()
    assert draft.state == "in_review"
    assert load(files, force=True).conflicts == []
    assert document("event", EVENT)["title"] == files.blocked["title"]


def test_use_of_what_an_editor_deleted_is_refused(files, load):
    load(files)
    Product.objects.get(slug="azure-openai").delete()
    assert load(files).conflicts == []
    files.blocked["products"].append("azure-openai")
    with pytest.raises(DatasetError, match="The record has no product “azure-openai” any more"):
        load(files)
