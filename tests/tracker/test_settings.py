import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from tracker.settings import kept_secret


def output_under(tmp_path: Path, code: str, **environment: str) -> str:
    """Return what `code` prints in a process of its own that has just these variables."""
    env = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "tracker.settings",
        "DATA_DIR": str(tmp_path / "data"),
        **environment,
    }
    return subprocess.run([sys.executable, "-c", code], env=env, stdout=subprocess.PIPE, text=True, check=True).stdout


def settings_under(tmp_path: Path, names: str, **environment: str) -> list[Any]:
    code = f"import json; from tracker import settings as s; print(json.dumps([s.{', s.'.join(names.split())}]))"
    return json.loads(output_under(tmp_path, code, **environment))


def test_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path):
    path = tmp_path / "secret_key"
    secret = kept_secret(path)
    assert len(secret) >= 50
    assert kept_secret(path) == secret
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_defaults_serve_one_machine_without_debug(tmp_path: Path):
    debug, hosts, broker, secure, proxy = settings_under(
        tmp_path, "DEBUG ALLOWED_HOSTS CELERY_BROKER_URL SECURE_SSL_REDIRECT SECURE_PROXY_SSL_HEADER"
    )
    assert not debug
    assert hosts == ["localhost", "127.0.0.1", "[::1]", "127.0.0.1"]
    assert broker == "filesystem://localhost/"
    assert not secure
    assert proxy is None
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def test_redis_takes_cache_and_broker(tmp_path: Path):
    caches, broker = settings_under(tmp_path, "CACHES CELERY_BROKER_URL", REDIS_URL="redis://cache.example:6379/1")
    assert caches["default"]["LOCATION"] == "redis://cache.example:6379/1"
    assert broker == "redis://cache.example:6379/1"


def test_public_site_believes_its_proxy(tmp_path: Path):
    proxies, redirect, header = settings_under(
        tmp_path, "PROXIES SECURE_SSL_REDIRECT SECURE_PROXY_SSL_HEADER", SECURE_SSL="1"
    )
    assert (proxies, redirect, header) == (1, True, ["HTTP_X_FORWARDED_PROTO", "https"])


def test_sqlite_connections_keep_foreign_keys_and_wait_for_the_lock(tmp_path: Path):
    code = """if True:
        import django; django.setup()
        from django.db import connection
        with connection.cursor() as cursor:
            for name in ("foreign_keys", "journal_mode", "synchronous", "busy_timeout"):
                cursor.execute("PRAGMA " + name)
                print(*cursor.fetchone())
        """
    assert output_under(tmp_path, code).split() == ["1", "wal", "1", "20000"]


def test_cache_is_a_file_of_its_own_made_by_migrate(tmp_path: Path):
    code = """if True:
        import django; django.setup()
        from django.core.cache import cache
        from django.core.management import call_command
        from django.db import connection
        call_command("migrate", verbosity=0)
        cache.set("name", "value")
        print(cache.get("name"), cache.add("name", "other"), "cache" in connection.introspection.table_names())
        """
    assert output_under(tmp_path, code).split() == ["value", "False", "False"]
    assert (tmp_path / "data" / "cache.sqlite3").exists()


@pytest.mark.django_db
def test_log_in_locks_a_name_only_for_the_address_that_guessed(client, settings, django_user_model):
    settings.AXES_ENABLED = True
    django_user_model.objects.create_superuser("editor", password="correct horse")
    address = reverse("admin:login")
    wrong = {"username": "editor", "password": "wrong"}
    answers = [client.post(address, wrong).status_code for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert answers == [200, 200, 200, 200, 429]
    right = {"username": "editor", "password": "correct horse"}
    assert client.post(address, right).status_code == 429
    assert client.post(address, right, REMOTE_ADDR="192.0.2.1").status_code == 302


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_logged_tracebacks_leave_out_the_values_of_variables(tmp_path: Path, log_format: str):
    code = """if True:
        import logging, sys
        import django; django.setup()
        logging.getLogger().handlers[0].setStream(sys.stdout)
        password = "".join(["hunt", "er2"])
        try:
            int("x")
        except ValueError:
            logging.getLogger("events").exception("It failed")
        """
    said = output_under(tmp_path, code, LOG_FORMAT=log_format)
    assert "It failed" in said
    assert "ValueError" in said
    assert "hunter2" not in said
