"""`make run`: everything on one machine. Prepares the data, then runs web, worker and beat until Ctrl-C."""

import contextlib
import errno
import fcntl
import hashlib
import http.client
import itertools
import os
import secrets
import shlex
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import TextIO

import honcho.manager
from honcho.compat import ProcessManager
from honcho.manager import Manager

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 120  # attempts, of a quarter of a second at least, before it is said that the site takes long


class CannotServe(Exception):
    """Says in one sentence what stands in the way."""


def main() -> int:
    os.chdir(ROOT)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
    os.environ.setdefault("LOG_FORMAT", "console")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    # So that after an update no browser is told that the page it keeps is current.
    os.environ.setdefault("BUILD", hash_of("events", "static", "templates", "tracker", "requirements.txt"))
    host = os.environ.get("HOST") or "127.0.0.1"
    try:
        port = checked_port(os.environ.get("PORT") or "8000")
        check_free(host, port)
        lock = take_data_dir()
        prepare()
    except CannotServe as problem:
        print(f"\n{problem}\n", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    with lock:
        return run(host, port)


def checked_port(text: str) -> int:
    if text.isascii() and text.isdecimal() and 0 < int(text) < 65536:
        return int(text)
    raise CannotServe(f"PORT has to be a number from 1 to 65535, not “{text}”.")


def check_free(host: str, port: int) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free
            probe.bind(address)
    except PermissionError:
        raise CannotServe(f"Port {port} is only for the superuser; choose one from 1024: make run PORT=8000.") from None
    except socket.gaierror:
        raise CannotServe(f"HOST is “{host}”, which is no address of this machine.") from None
    except OSError as problem:
        if problem.errno == errno.EADDRINUSE:
            raise CannotServe(
                f"Port {port} is taken on {host}; stop what uses it, or choose another: make run PORT={port + 1}."
            ) from None
        raise CannotServe(f"Cannot listen on {host}, port {port}: {problem.strerror}.") from None


def take_data_dir() -> TextIO:
    """Return the open lock file that keeps a second worker and beat out of the same DATA_DIR."""
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    try:
        lock = (settings.DATA_DIR / "serve.lock").open("w")
    except ImproperlyConfigured as problem:
        raise CannotServe(str(problem)) from None
    except OSError as problem:
        raise CannotServe(f"Cannot write in DATA_DIR: {problem}.") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise CannotServe(f"Another `make run` works in {settings.DATA_DIR}; give this one its own DATA_DIR.") from None
    return lock


def hash_of(*folders_and_files: str) -> str:
    digest = hashlib.sha256()
    for name in folders_and_files:
        for path in sorted([ROOT / name, *(ROOT / name).rglob("*")]):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def prepare() -> None:
    """Bring the database up to date, fill an empty record, and see that somebody can log in."""
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import CommandError, call_command
    from django.db import DatabaseError, connections

    try:
        django.setup()
        call_command("migrate", interactive=False, verbosity=0)
        collect_static_files()
        call_command("load_dataset", if_empty=True)
        call_command("load_feeds", verbosity=0)
        make_first_editor()
    except (DatabaseError, CommandError, ImproperlyConfigured) as problem:
        raise CannotServe(f"The database could not be prepared: {problem}") from problem
    finally:
        connections.close_all()  # what starts next opens its own


def collect_static_files() -> None:
    """Hash and compress the static files, unless they and the packages are as they were: it takes some seconds."""
    from django.conf import settings
    from django.core.management import call_command

    made_from = hash_of("static", "requirements.txt")
    stamp = settings.STATIC_ROOT / ".made-from"
    if not stamp.exists() or stamp.read_text() != made_from:
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(made_from)


def make_first_editor() -> None:
    from django.contrib.auth.models import User

    if User.objects.exists():
        return
    password = secrets.token_urlsafe(12)
    User.objects.create_superuser("editor", password=password)
    print(f"\n  An account for the editors' desk: user editor, password {password}")
    print("  The password is not shown again.\n", flush=True)


class LeadersOnly(ProcessManager):
    """Asks the leader of each group to end, so that it can end its own children in order; kills whole groups."""

    def terminate(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


def run(host: str, port: int) -> int:
    """Run web, worker and beat; when one ends, or at Ctrl-C, end all. Return the exit status."""
    python = shlex.quote(sys.executable)
    # Celery's warning about root is for those who accept pickled tasks; ours are JSON.
    root = shlex.quote("ignore:You're running the worker with superuser privileges")
    celery = f"exec nice -n 5 {python} -W {root} -m celery --quiet --app tracker"
    honcho.manager.KILL_WAIT = 8  # seconds; an idle worker takes about three
    manager = Manager()
    manager._procmgr = LeadersOnly()
    manager.add_process(
        "web",
        # One arena: the threads of a worker take turns anyway, and each arena of its own holds on to what it once held.
        f"exec env MALLOC_ARENA_MAX=1 {python} -m granian tracker.wsgi:application --interface wsgi --no-ws"
        f" --log-level warning --host {shlex.quote(host)} --port {port}"
        f" --workers {int(os.environ.get('WEB_WORKERS') or 2)}"
        f" --blocking-threads {int(os.environ.get('WEB_THREADS') or 2)} --blocking-threads-idle-timeout 600"
        " --respawn-failed-workers --workers-kill-timeout 4",
    )
    manager.add_process("worker", f"{celery} worker --without-gossip --without-mingle --without-heartbeat")
    manager.add_process("beat", f"{celery} beat")
    # honcho knows Ctrl-C and SIGTERM; a closed terminal is the same to us.
    signal.signal(signal.SIGHUP, hang_up)
    threading.Thread(target=announce, args=(host, port), daemon=True).start()
    manager.loop()
    return 0 if manager.returncode in (130, 143) else manager.returncode or 1


def hang_up(signum: int, frame: FrameType | None) -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def announce(host: str, port: int) -> None:
    """Print the address once the site answers there, however long a busy machine takes."""
    from django.conf import settings

    # A server that listens everywhere is asked, and shown, at the loopback address.
    name = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104
    everywhere = name != host
    allowed = [known.lstrip(".").replace("*", "localhost") for known in settings.ALLOWED_HOSTS] or ["localhost"]
    for attempt in itertools.count(1):
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection(name, port, timeout=5)
            with contextlib.closing(connection):
                connection.request("GET", "/healthz", headers={"Host": allowed[0]})
                if connection.getresponse().status == 200:
                    break
        if attempt == PATIENCE:
            print("\n  The site does not answer yet; what it says stands above. Still waiting ...\n", flush=True)
        time.sleep(0.25)
    base = f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
    print(
        f"""
  AI Access Tracker is running. Open first:

    {base}/              the timeline
    {base}/api/v1/docs/  the API
    {base}/admin/        the editors' desk

  Data: {settings.DATA_DIR}.  Ctrl-C ends everything.
"""
        + (f"  From other machines it answers to ALLOWED_HOSTS: {', '.join(allowed)}.\n" if everywhere else ""),
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
