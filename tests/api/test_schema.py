"""The OpenAPI document is right: by its own rules, and about what is answered."""

import datetime as dt
import re

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from openapi_spec_validator import OpenAPIV31SpecValidator

from events.choices import RecordType
from events.documents import COLLECTIONS, MODELS, SERIALIZERS
from events.filters import EventFilter
from events.services import publishing
from tests.api.test_records import one_of_each
from tests.factories import EffectFactory, EventFactory, EventRelationFactory, UserFactory, country, published_event

__all__ = ["one_of_each"]


@pytest.fixture(scope="module")
def schema() -> dict:
    return Client().get("/api/v1/schema/", headers={"Accept": "application/json"}).json()


def validator(schema: dict, name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": schema["components"]})


def test_schema_is_made_without_a_warning(tmp_path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yaml"))


def test_schema_is_openapi_31(schema):
    OpenAPIV31SpecValidator(schema).validate()
    assert schema["openapi"].startswith("3.1")


def test_schema_has_every_address(schema):
    patterns = next(each for each in get_resolver().url_patterns if str(each.pattern) == "api/v1/").url_patterns
    about_itself = {"schema/", "docs/", "redoc/"}
    addresses = {re.sub("<[a-z]+:([a-z]+)>", r"{\1}", str(each.pattern)) for each in patterns}
    assert set(schema["paths"]) == {f"/api/v1/{address}" for address in addresses - about_itself}
    names = [operation["operationId"] for methods in schema["paths"].values() for operation in methods.values()]
    assert len(set(names)) == len(names)


def test_list_of_events_has_the_filters_of_the_pages(schema):
    stated = {each["name"]: each for each in schema["paths"]["/api/v1/events/"]["get"]["parameters"]}
    assert set(EventFilter.base_filters) | {"page_size", "before", "after", "fields", "count", "format"} == set(stated)
    assert stated["kind"]["schema"]["items"]["enum"][0] == "announcement"
    assert (stated["company"]["style"], stated["company"]["explode"]) == ("form", True)
    assert (stated["fields"]["style"], stated["fields"]["explode"]) == ("form", False)
    assert stated["from"]["schema"] == {"type": "string", "format": "date"}


def test_each_operation_tells_its_problems(schema):
    for path, methods in schema["paths"].items():
        [operation] = methods.values()
        responses = operation["responses"]
        assert {"400", "405", "406", "429", "500"} <= set(responses)
        assert {"200", "302"} & set(responses)
        assert ("404" in responses) == ("{" in path or "/latest/" in path)
        for status, response in responses.items():
            if status >= "400":
                assert list(response["content"]) == ["application/problem+json"]


def test_every_operation_and_error_has_an_example_that_is_as_the_schema_says(schema):
    for methods in schema["paths"].values():
        [operation] = methods.values()
        bodies = [("request", operation["requestBody"])] if "requestBody" in operation else []
        for status, response in [*operation["responses"].items(), *bodies]:
            for form, content in response.get("content", {}).items():
                if status in {"200", "206"} and form != "application/json":
                    continue  # a file: what it holds is told in words
                stated = content["schema"] | {"components": schema["components"]}
                Draft202012Validator(stated).validate(content["example"])


def test_schema_comes_as_yaml_too_and_is_not_sent_twice(client):
    response = client.get("/api/v1/schema/", headers={"Accept": "application/yaml"})
    assert response.content.startswith(b"openapi: 3.1")
    again = client.get("/api/v1/schema/", headers={"Accept": "application/yaml", "If-None-Match": response["ETag"]})
    assert again.status_code == 304


def test_access_answers_are_as_the_schema_says(client, db, schema):
    effect = EffectFactory(event=EventFactory(), product__slug="api", country=country("CN"), until=dt.date(2024, 8, 1))
    EffectFactory(event=effect.event, product=effect.product, country=country("FR"), status="limited")
    publishing.publish(effect.event, by=None)
    for on in ("2024-07-01", "2024-07-15", "2025-01-01"):
        listed = client.get(f"/api/v1/access/?product=api&country=CN&country=FR&country=IT&on={on}&count=true").json()
        validator(schema, "AnswerList").validate(listed)
    changed = client.get("/api/v1/access/diff/?product=api&from=2024-01-01&to=2024-07-15&known=2025-01-01").json()
    assert len(changed["results"]) == 2
    validator(schema, "AccessChangeList").validate(changed)
    asked = {"questions": [{"country": "CN", "product": "api", "on": "2024-07-15", "known": None}], "revision": None}
    Draft202012Validator({"$ref": "#/components/schemas/Asked", "components": schema["components"]}).validate(asked)
    receipt = client.post("/api/v1/access/batch/", asked, content_type="application/json").json()
    validator(schema, "Receipt").validate(receipt)


def test_answers_are_as_the_schema_says(client, schema, one_of_each):
    earlier = published_event()
    event = EventRelationFactory(earlier=earlier, event__slug="later").event
    chief = UserFactory(is_superuser=True)
    publishing.retract(earlier, by=chief, reason="Wrong.")
    publishing.merge(published_event(), into=one_of_each, by=chief, note="The same.")
    assert event
    for record_type in RecordType:
        listed = client.get(f"/api/v1/{COLLECTIONS[MODELS[record_type]]}/?count=true").json()
        name = SERIALIZERS[record_type].__name__
        validator(schema, f"{name.removesuffix('Document')}List").validate(listed)
        for document in listed["results"]:
            validator(schema, name).validate(document)
    validator(schema, "EventDocument").validate(client.get(f"/api/v1/events/{earlier.slug}/").json())
    validator(schema, "ChangeList").validate(client.get("/api/v1/changes/?page_size=1000").json())
    validator(schema, "Change").validate(client.get("/api/v1/changes/1/").json())
    validator(schema, "Head").validate(client.get("/api/v1/changes/head/").json())
    validator(schema, "Status").validate(client.get("/api/v1/status/").json())
    validator(schema, "Problem").validate(client.get("/api/v1/events/?a=b").json())
