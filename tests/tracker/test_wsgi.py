"""What a web process loads: no more than it needs to answer."""

import json
import sys

import pytest
from django.db import connection

from tests.services.test_concurrency import Shared, shared
from tracker.sparing import without

__all__ = ["shared"]

# A process of its own answers the pages that are asked for, and says what it has loaded.
ANSWERING = """
import json, sys
from tracker.wsgi import application
from django.conf import settings
from django.core.management import call_command
from tests.wsgi import get

if "cache" in settings.DATABASES:
    call_command("createcachetable", database="cache", verbosity=0)
answers = [get(application, path, HTTP_HOST="localhost")[0] for path in sys.argv[1:]]
print(json.dumps([answers, sorted({name.partition(".")[0] for name, module in sys.modules.items() if module})]))
"""
# Of workers and commands, or of what installed packages could do besides: 40 MB of each process.
UNNEEDED = {
    "babel", "celery", "dateparser", "feedparser", "httpx", "jinja2", "kombu", "lxml", "openpyxl", "pandas", "PIL",
    "pyarrow", "pycountry", "pygments", "redis", "requests", "rich", "tqdm", "trafilatura", "xlsxwriter",
}  # fmt: skip


@pytest.mark.django_db(transaction=True)
@pytest.mark.xdist_group("concurrency")
def test_web_process_that_answered_has_loaded_nothing_that_only_others_need(shared):
    database: Shared = shared()
    database.environment |= {"DEBUG": "1", "LOG_LEVEL": "CRITICAL"}  # DEBUG: without files that collectstatic makes
    said, _ = database.start("-c", ANSWERING, "/", "/api/v1/events/", "/api/v1/events/?q=ban").communicate()
    answers, loaded = json.loads(said.splitlines()[-1])
    assert answers == [200, 200, 200], said
    unneeded = UNNEEDED | ({"psycopg"} if connection.vendor == "sqlite" else set())
    assert unneeded.intersection(loaded) == set()


def test_what_was_missing_can_be_imported_afterwards():
    sys.modules.pop("colorsys", None)
    with without("colorsys", "json"), pytest.raises(ModuleNotFoundError):
        import colorsys
    import colorsys

    assert colorsys.rgb_to_hsv(0, 0, 0) == (0, 0, 0)
    assert sys.modules["json"] is json  # what was loaded before stayed
