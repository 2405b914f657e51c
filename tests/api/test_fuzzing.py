"""schemathesis, with all of its checks, finds nothing over the whole schema."""

import os
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from events.services import publishing
from events.services.exports import building
from tests.factories import (
    AgencyFactory,
    CitationFactory,
    CompanyFactory,
    EffectFactory,
    EventFactory,
    GroupFactory,
    PolicyFactory,
    country,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("concurrency")]
# 400 is judged by a check of our own, which is stricter: tests/api/fuzzing.py.
CONFIG = """
request-timeout = 60

[parameters]
"path.key" = "it"
"path.seq" = 1
"path.number" = 1
"path.file" = "README.md"

[[operations]]
include-path-regex = "/countries/"
parameters = { "path.key" = "CN" }

[[operations]]
include-path-regex = "/agencies/"
parameters = { "path.key" = "office" }

[[operations]]
include-path-regex = "/sources/"
parameters = { "path.key" = "SOURCE" }

[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "400", "404"]
"""


def command(schema: str, *options: str) -> list[str]:
    tool = shutil.which("schemathesis", path=str(Path(sys.executable).parent))
    return [str(tool), "--config-file", "schemathesis.toml", "run", schema, "--checks", "all", "--no-color", *options]


def test_nothing_is_found_over_the_whole_schema(live_server, tmp_path, settings):
    """The cases that its seed picks. A longer search: SECONDS=600 in the environment."""
    event = EventFactory(slug="it", actor=CompanyFactory(slug="it"))
    effect = EffectFactory(event=event, product__slug="it", country=country("CN"))
    source = CitationFactory(event=event, source__publisher__slug="it").source
    publishing.publish(effect.event, by=None)
    for row in (AgencyFactory(slug="office"), GroupFactory(slug="it"), PolicyFactory(slug="it")):
        publishing.publish_record(row, by=None)
    settings.MEDIA_ROOT = tmp_path / "files"
    made = building.build().export
    config = CONFIG.replace("SOURCE", source.slug).replace('number" = 1', f'number" = {made.pk}')
    (tmp_path / "schemathesis.toml").write_text(config)
    seconds = os.environ.get("SECONDS", "")
    bounded = ("--max-examples", "1", "--phases", "examples,fuzzing", "--seed", "1")
    more = ("--max-time", seconds) if seconds else bounded
    hooks = {"SCHEMATHESIS_HOOKS": "tests.api.fuzzing", "PYTHONPATH": str(settings.BASE_DIR)}
    # Fetched here: schemathesis would wait for it ten seconds and no more, however busy the machine.
    with urllib.request.urlopen(f"{live_server.url}/api/v1/schema/", timeout=120) as response:
        (tmp_path / "schema.json").write_bytes(response.read())
    done = subprocess.run(
        command("schema.json", "--url", live_server.url, *more), cwd=tmp_path, capture_output=True, text=True,
        env={"PATH": os.environ["PATH"]} | hooks,
        timeout=60 + 2 * int(seconds or 60),
    )  # fmt: skip
    said = "\n".join(line[:1000] for line in done.stdout.splitlines())  # some repeat a body of hundreds of questions
    assert done.returncode == 0, said[-20_000:] + done.stderr
