"""A client that openapi-python-client makes of the schema reads, pages and follows changes."""

import importlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from events.models import LogHead
from events.services import publishing
from tests.factories import EffectFactory, EventFactory, UserFactory, country, published_event

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("concurrency")]
NAME = "generated_tracker_client"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Forms that the generator has no name for: all are sent as files.
FILES = ("text/csv", "application/x-ndjson", XLSX, "*/*")
CONFIG = {"post_hooks": [], "content_type_overrides": dict.fromkeys(FILES, "application/octet-stream")}


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    """The folder of the package; that it is made without a warning is asserted."""
    folder: Path = tmp_path_factory.mktemp("client")
    schema = Client().get("/api/v1/schema/", headers={"Accept": "application/json"})
    (folder / "schema.json").write_bytes(schema.content)
    (folder / "config.yml").write_text(json.dumps(CONFIG))
    done = subprocess.run(
        [shutil.which("openapi-python-client", path=str(Path(sys.executable).parent)), "generate", "--path",
         "schema.json", "--output-path", NAME, "--meta", "none", "--config", "config.yml", "--fail-on-warning"],
        cwd=folder, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr + done.stdout
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.startswith(NAME)]:
        del sys.modules[name]


def part(name: str) -> Any:
    return importlib.import_module(f"{NAME}.{name}")


def test_generated_client_reads_pages_and_follows(generated, live_server):
    earlier = published_event(slug="earlier")
    effect = EffectFactory(event=EventFactory(slug="later"), product__slug="openai-api", country=country("CN"))
    publishing.publish(effect.event, by=None)
    publishing.retract(earlier, by=UserFactory(is_superuser=True), reason="Wrong.")
    published_event(slug="newest")

    with part("client").Client(base_url=live_server.url, raise_on_unexpected_status=True) as client:
        event = part("api.events.get_event").sync(client=client, key="later")
        assert (type(event).__name__, event.slug, event.access_effects[0].status.value) == (
            "EventDocument", "later", "blocked",
        )  # fmt: skip
        missing = part("api.events.get_event").sync(client=client, key="nothing")
        assert (type(missing).__name__, missing.status) == ("Problem", 404)
        [row] = (
            part("api.access.list_access")
            .sync(client=client, country=["CN"], product=["openai-api"], on=effect.effective_date)
            .results
        )
        assert row.status.value == "blocked"

        page = part("api.events.list_events").sync(client=client, page_size=1, count=True)
        slugs = []
        while page:
            slugs += [each.slug for each in page.results]
            query = dict(pair.split("=") for pair in page.next_.partition("?")[2].split("&")) if page.next_ else {}
            page = query and part("api.events.list_events").sync(client=client, page_size=1, before=query["before"])
        assert sorted(slugs) == ["later", "newest"]

        seen, more = [], True
        while more:
            after = seen[-1].seq if seen else 0
            changes = part("api.changes.list_changes").sync(client=client, after=after, page_size=3)
            seen += changes.results
            more = changes.next_ is not None
        assert [change.seq for change in seen] == list(range(1, LogHead.objects.get().seq + 1))
        assert {change.action.value for change in seen} == {"published", "retracted"}
