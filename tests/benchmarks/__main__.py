"""`python -m tests.benchmarks`: what the record costs to read, beside its floors, as ratios of one run.

    python -m tests.benchmarks [--sizes 10000 100000] [--clients 1 16] [--seconds 3] [--rounds 3] [--servers]

Measures the database that DATABASE_URL names, else SQLite. The generated records are kept, in DATA_DIR/bench-SIZE or a
database of that name beside the one of DATABASE_URL, and made again only where they are missing.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

# What else a web worker is asked for, of what takes memory.
WIDELY = [
    "/access/", "/access/CN/", "/companies/", "/countries/CN/", "/calendar.ics", "/feed.atom", "/coverage/",
    "/api/v1/schema/", "/api/v1/events/export/?format=csv", "/api/v1/events/export/?format=ndjson",
    "/api/v1/events/export/?format=xlsx",
]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 16])
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--servers", action="store_true", help="also compare web servers, on the first size")
    parser.add_argument("--size", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--importing", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.importing:
        measure_importing()
        return
    if options.size:
        measure_size(options)
        return
    command = [sys.executable, "-m", "tests.benchmarks", "--importing"]
    subprocess.run(command, env=os.environ | place_of("import", anew=True), check=True)
    for size in options.sizes:
        environment = os.environ | place_of(size)
        command = [sys.executable, "-m", "tests.benchmarks", *sys.argv[1:], "--size", str(size)]
        subprocess.run(command, env=environment, check=True)


def place_of(size: int | str, *, anew: bool = False) -> dict[str, str]:
    """The environment in which a record of this size lives; `anew`: an empty one."""
    url = os.environ.get("DATABASE_URL", "")
    data = Path(os.environ.get("DATA_DIR", "var")) / f"bench-{'postgresql' if url else 'sqlite'}-{size}"
    if anew:
        shutil.rmtree(data, ignore_errors=True)
    place = {"DATA_DIR": str(data.resolve()), "DJANGO_SETTINGS_MODULE": "tracker.settings", "LOG_LEVEL": "ERROR"}
    if url:
        place["DATABASE_URL"] = urlsplit(url)._replace(path=f"/tracker_bench_{size}").geturl()
        make_database(url, f"tracker_bench_{size}", anew)
    return place


def make_database(url: str, name: str, anew: bool) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        if anew:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            connection.execute(f'CREATE DATABASE "{name}"')


def measure_importing() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from tests.benchmarks import writing

    call_command("migrate", verbosity=0)
    print(writing.line(seed=7))


def measure_size(options: argparse.Namespace) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    started = time.monotonic()
    call_command("generate_events", count=options.size, seed=7)
    if (took := time.monotonic() - started) > 5:
        print(f"generated {options.size:,} events in {took:.0f} s: {options.size / took:,.0f} a second")
    print(f"\n== {options.size:,} events on {connection.vendor}, {os.cpu_count()} processors\n")
    connection.close()
    read(options)


def read(options: argparse.Namespace) -> None:
    from tests.benchmarks import cached, exporting, lists, mirroring, servers
    from tests.benchmarks.serving import get, serving

    asked = list(lists.scenarios())
    with (
        serving("tracker.wsgi:application", ANSWER_CACHE_MB="0") as app,
        serving("tests.benchmarks.floors:application") as floor,
    ):
        rows = []
        print(lists.HEADING)
        for scenario, clients in product(asked, options.clients):
            row = lists.measure(scenario, app, floor, clients=clients, seconds=options.seconds, rounds=options.rounds)
            print(row, flush=True)
            rows.append(row)
        uncached = app.memory()
        print(mirroring.line(app), flush=True)
        for path in WIDELY * 4:
            get(app.url(path))
        print(f"two web workers hold {uncached} MB after lists, searches and matrices, nothing cached;")
        print(f"{app.memory()} MB after the mirror, pages, a calendar, the schema and exports too\n")
    print("\n".join(cached.table(asked, seconds=options.seconds, rounds=options.rounds)))
    for line in exporting.table(options.size, rounds=options.rounds):
        print(line, flush=True)
    if options.servers and options.size == options.sizes[0]:
        print("\n" + "\n".join(servers.table(seconds=options.seconds, rounds=options.rounds)))
    keep(options.size, rows)


def keep(size: int, rows: list[Any]) -> None:
    """Remember the processor time of each scenario, and compare it with that of smaller records of the same machine."""
    file = Path(os.environ["DATA_DIR"]).parent / f"bench-cpu-{Path(os.environ['DATA_DIR']).name.split('-')[1]}.json"
    known = json.loads(file.read_text()) if file.exists() else {}
    known[str(size)] = {f"{row.scenario.name}, {row.clients}": row.cpu("app") for row in rows}
    file.write_text(json.dumps(known, indent=1))
    smallest = min(known, key=int)
    if int(smallest) == size:
        return
    print(f"\nprocessor time a request, × that at {int(smallest):,} events:")
    for name, cpu in known[str(size)].items():
        if before := known[smallest].get(name):
            print(f"  {name:32}{cpu / before:6.2f}")


if __name__ == "__main__":
    main()
