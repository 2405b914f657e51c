"""Sites to look at: of the real data set, or of generated events, each with a DATA_DIR of its own that is kept."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from tests.benchmarks.serving import Server, serving

# No checker brings a Java of its own.
NPX = {"npm_config_ignore_scripts": "true", "npm_config_update_notifier": "false"}


def of_real_data() -> AbstractContextManager[Server]:
    return site("audit-real", ["load_dataset", "--if-empty"])


def of_generated(count: int) -> AbstractContextManager[Server]:
    return site(f"audit-{count}", ["generate_events", "--count", str(count), "--seed", "7"])


@contextmanager
def site(name: str, *commands: list[str]) -> Iterator[Server]:
    """A server as in production over SQLite, after these commands of manage.py."""
    data = (Path(os.environ.get("DATA_DIR", "var")) / name).resolve()
    place: dict[str, Any] = {"DATA_DIR": str(data), "DATABASE_URL": "", "REDIS_URL": "", "LOG_LEVEL": "ERROR"}
    place |= {"DJANGO_SETTINGS_MODULE": "tracker.settings", "REPORT_LIMIT": "0"}
    for command in (["migrate", "-v0"], ["collectstatic", "--no-input", "-v0"], *commands):
        subprocess.run([sys.executable, "manage.py", *command], env=os.environ | place, check=True, stdout=sys.stderr)
    with serving("tracker.wsgi:application", workers=2, **place) as server:
        yield server


def npx(*command: str, **environment: str) -> str:
    """What a program of npm prints."""
    ran = subprocess.run(
        ["npx", "--yes", *command], env=os.environ | NPX | environment, capture_output=True, text=True, timeout=600
    )
    if ran.returncode:
        raise SystemExit(f"npx {' '.join(command[:3])}: {ran.stderr.strip()[-2000:]}")
    return ran.stdout
