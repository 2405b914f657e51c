"""The public log by the API: complete, in order, and verifiable by anybody."""

import hashlib
import json

import pytest

from events.choices import CorrectionClass
from events.models import Change, LogHead
from events.services import publishing
from tests.factories import UserFactory, published_event


@pytest.fixture
def chief(db):
    return UserFactory(is_superuser=True)


@pytest.fixture
def log(chief) -> int:
    """A log with changes of every action, and texts that are hard to spell. Returns the newest seq."""
    event, other, third = (published_event(title=f"“{text}”") for text in ("Müller 出口管制", '\\u0041 " / \x7f', "🙂"))
    first = Change.objects.of("event", event.slug).get().seq
    event.summary = "Changed."
    event.save()
    publishing.correct(event, by=chief, correction_class=CorrectionClass.SUBSTANTIVE, note="é, in the note.")
    publishing.retract(other, by=chief, reason="Wrong.")
    publishing.merge(third, into=event, by=chief, note="The same.")
    publishing.redact(first, by=chief, reason="A court's order.")
    return LogHead.objects.get().seq


def everything(get, query: str = "") -> list[dict]:
    found, page = [], get(f"changes/?page_size=3{query}")
    while True:
        found += page["results"]
        if page["next"] is None:
            return found
        page = get(page["next"].removeprefix("http://testserver"))


def test_chain_can_be_verified_with_json_and_hashlib_alone(get, log):
    def sha256(value) -> str:
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    changes = everything(get)
    previous, redacted = "0" * 64, set()
    for change in changes:
        document, own = change.pop("document"), change.pop("hash")
        if document is None:
            redacted.add(change["seq"])
        else:
            assert sha256(document) == change["document_hash"]
        assert change["previous_hash"] == previous
        assert sha256(change) == own
        previous = own
        if change["action"] == "redacted":
            redacted.remove(document["redacts"])
    assert redacted == set()
    assert [change["seq"] for change in changes] == list(range(1, log + 1))
    actions = {change["action"] for change in changes}
    assert actions == {"published", "corrected", "retracted", "merged", "redacted"}
    assert get("changes/head/") == {"seq": log, "hash": previous, "at": changes[-1]["at"]}


def test_changes_after_a_seq_of_a_type(get, log):
    changes = everything(get)
    assert get(f"changes/?after={log}") == {"next": None, "previous": None, "results": []}
    assert get("changes/?after=2&page_size=2")["results"] == changes[2:4]
    assert everything(get, "&type=event") == [change for change in changes if change["type"] == "event"]
    page = get("changes/?after=4&page_size=2")
    before = get(page["previous"].removeprefix("http://testserver"))
    assert before["results"] == changes[2:4]
    assert get(before["next"].removeprefix("http://testserver")) == page
    assert get("changes/?after=0") == get("changes/")


@pytest.mark.parametrize("more", ["", "&type=event", "&page_size=1", "&format=csv"])
def test_whoever_is_ahead_of_the_log_learns_it(get, client, log, more):
    """A copy of a record that was restored from an old backup, or of another record."""
    [error] = get(f"changes/?after={log + 1}{more}", status=400)["errors"]
    assert error["parameter"] == "after"
    assert error["detail"].startswith(f"The newest change is {log}. ")
    assert client.get(f"/api/v1/changes/?after={log}{more}").status_code == 200
    published_event()
    assert client.get(f"/api/v1/changes/?after={log + 1}{more}").status_code == 200  # it is at the head now


def test_one_change(get, log):
    changes = everything(get)
    assert get("changes/1/") == changes[0]
    assert [get(f"changes/{change['seq']}/") for change in changes] == changes
    get(f"changes/{log + 1}/", status=404)
    get("changes/0/", status=404)


def test_head_at_an_older_seq(get, log):
    changes = everything(get)
    for change in changes:
        assert get(f"changes/head/?at={change['seq']}") == {name: change[name] for name in ("seq", "hash", "at")}
    assert get("changes/head/?at=0") == {"seq": 0, "hash": "0" * 64, "at": None}
    [error] = get(f"changes/head/?at={log + 1}", status=400)["errors"]
    assert error == {"parameter": "at", "detail": f"The newest change is {log}."}


def test_empty_log(get):
    assert get("changes/") == {"next": None, "previous": None, "results": []}
    assert get("changes/head/") == {"seq": 0, "hash": "0" * 64, "at": None}


def test_pages_ask_once(client, log, django_assert_num_queries):
    for size in (1, 1000):
        with django_assert_num_queries(2):  # the head of the log, the changes
            client.get(f"/api/v1/changes/?page_size={size}")
