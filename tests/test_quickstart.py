"""What docs/quickstart.md, docs/sync.md and docs/exports.md show does what they say, against a running site."""

import datetime as dt
import gzip
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings

from events.models import Change
from events.services import publishing
from events.services.exports import building
from tests.factories import EffectFactory, EventCountryFactory, EventFactory, country

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("concurrency")]
SITE = "http://127.0.0.1:8000"


def snippets(page: str) -> list[tuple[str, str]]:
    """The language and the text of each block of code, in order."""
    text = (settings.BASE_DIR / "docs" / page).read_text("utf-8")
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def node() -> str:
    found = shutil.which("node")
    assert found, "The snippets in JavaScript are run by Node.js 18 or newer: apt-get install nodejs (.ci/run does)."
    return found


def run(language: str, code: str, folder: Path) -> str:
    """What a snippet prints, run as a reader would."""
    if language == "sh":
        command = ["bash", "-euo", "pipefail", "-c", code]
    else:
        file = folder / f"snippet.{ {'python': 'py', 'js': 'mjs'}[language] }"
        file.write_text(code)
        command = [sys.executable if language == "python" else node(), str(file)]
    place = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {"PATH": place, "PYTHONPATH": str(settings.BASE_DIR), "HOME": str(folder)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def site(live_server):
    event = EventFactory(title="The block takes effect", date=dt.date(2024, 7, 9))
    EffectFactory(event=event, product__slug="openai-api", product__company__slug="openai")
    EventCountryFactory(event=event, country=country("CN"), role="affected")
    publishing.publish(event, by=None)
    return live_server


def test_quickstart(site, tmp_path):
    shell, said = "", []
    for language, code in snippets("quickstart.md"):
        code = code.replace(SITE, site.url)
        if language == "sh" and code.startswith("API="):
            shell = code
            continue
        said.append((language, run(language, shell + code if language == "sh" else code, tmp_path)))
    assert [language for language, _ in said] == ["sh", "python", "sh", "python", "python", "js"]
    asked, years, _, effects, news, listed = (text for _, text in said)
    assert '"title":"The block takes effect"' in asked
    assert "openai-api" in asked
    assert "2024" in years
    assert "The block takes effect" in effects
    assert news.count("published") == min(Change.objects.count(), 5)
    assert listed == "2024-07-09 The block takes effect\n"


def test_questions_to_a_copy(site, tmp_path):
    [shell, queries] = [code for language, code in snippets("sync.md") if language in ("sh", "sql")]
    for line in shell.splitlines():
        if "--follow" not in line:
            run("sh", line.replace(SITE, site.url), tmp_path)
    copy = sqlite3.connect(tmp_path / "record.sqlite")
    found = [copy.execute(query).fetchall() for query in re.findall(r"SELECT.*?;", queries)]
    assert found == [[("2024-07-09", "The block takes effect")], [], []]
    copy.close()


def test_exports(site, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "files"
    made = building.build().export
    every = [(language, code.replace(SITE, site.url)) for language, code in snippets("exports.md")]
    assert [language for language, _ in every] == ["sh", "sh", "sh", "python", "sql", "sh", "sh"]
    (_, shell), *runnable = [each for each in every if each[0] != "sql"]
    said = [run(language, shell + code if language == "sh" else code, tmp_path) for language, code in runnable]
    workbook = openpyxl.load_workbook(tmp_path / f"events-revision-{made.revision}.xlsx")
    assert [sheet.max_row for sheet in workbook] == [2, 5]
    assert (tmp_path / "rulings.ndjson").read_text().startswith('{"end":{"rows":0,')
    assert json.loads((tmp_path / "manifest.json").read_text())["revision"] == made.revision
    assert len(gzip.decompress((tmp_path / "log.ndjson.gz").read_bytes()).splitlines()) == made.revision
    frame, datasette, sums = said[2:]
    assert "The block takes effect" in frame
    assert [event["title"] for event in json.loads(datasette)] == ["The block takes effect"]
    assert sums.splitlines() == ["log.ndjson.gz: OK", "tracker.sqlite: OK"]


def test_documents_link_to_pages_that_there_are():
    for page in ("quickstart.md", "sync.md", "versioning.md", "exports.md"):
        text = (settings.BASE_DIR / "docs" / page).read_text("utf-8")
        for target in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", text):
            assert (settings.BASE_DIR / "docs" / target).is_file(), (page, target)
