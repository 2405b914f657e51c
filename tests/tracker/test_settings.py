import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from django.urls import reverse

from tracker.settings import kept_secret


def settings_under(tmp_path: Path, names: str, **environment: str) -> list:
    """Return the named settings as a process with just these variables has them."""
    code = f"import json; from tracker import settings as s; print(json.dumps([s.{', s.'.join(names.split())}]))"
    env = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path / "data"), **environment}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


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


@pytest.mark.django_db
def test_sqlite_keeps_its_rules():
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's own settings")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_keys")
        assert cursor.fetchone() == (1,)
        cursor.execute("PRAGMA synchronous")
        assert cursor.fetchone() == (1,)
    assert connection.transaction_mode == "IMMEDIATE"


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
