"""What is on its way out says so: in the answer, and in the schema."""

import datetime as dt

import pytest

from events.api import schema
from events.api.deprecation import Deprecation
from events.api.parameters import Parameter, Parameters
from events.api.views.about import Status, schema_as

OLD = Deprecation(dt.date(2027, 1, 1), dt.date(2028, 1, 1), "Use `new`.")
OLDER = Deprecation(dt.date(2026, 1, 1), dt.date(2029, 1, 1), "Use events/.")

pytestmark = pytest.mark.django_db


def test_nothing_is_deprecated_unless_declared(client):
    assert "Deprecation" not in client.get("/api/v1/status/").headers


def test_a_deprecated_parameter_is_announced_where_it_is_used(client, monkeypatch):
    monkeypatch.setattr(
        Status, "parameters", Parameters(Parameter("old", "Old", deprecated=OLD), Parameter("new", "New"))
    )
    assert "Deprecation" not in client.get("/api/v1/status/?new=1").headers
    headers = client.get("/api/v1/status/?old=1").headers
    assert headers["Deprecation"] == "@1798761600"
    assert headers["Sunset"] == "Sat, 01 Jan 2028 00:00:00 GMT"
    assert headers["Link"] == '</data/#versions>; rel="deprecation"; type="text/html"'
    [old, new] = schema.parameters_of(Status)
    assert (old.deprecated, new.deprecated) == (True, False)
    assert old.description == "Old. Deprecated since 2027-01-01; it may go on 2028-01-01. Use `new`."


def test_of_a_deprecated_route_the_earlier_days_count(client, monkeypatch):
    monkeypatch.setattr(Status, "parameters", Parameters(Parameter("old", "Old", deprecated=OLD)))
    monkeypatch.setattr(Status, "deprecated", OLDER)
    headers = client.get("/api/v1/status/?old=1").headers
    assert headers["Deprecation"] == "@1767225600"
    assert headers["Sunset"] == "Sat, 01 Jan 2028 00:00:00 GMT"


def test_the_schema_says_what_is_deprecated(monkeypatch):
    monkeypatch.setattr(Status, "deprecated", OLDER)
    text = schema_as.__wrapped__("application/json")[0].decode()
    assert '"deprecated": true' in text
    assert "it may go on 2029-01-01. Use events/." in text


def test_the_policy_stands_where_the_header_leads(client):
    assert b'id="versions"' in client.get("/data/").content
