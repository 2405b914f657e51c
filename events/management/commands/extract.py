from __future__ import annotations

import datetime as dt
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from events.ingest import webpage
from events.ingest.findings import Page
from events.lib import http
from events.services import extraction

LISTS = ("companies", "agencies", "countries", "groups", "products", "policies", "dates", "speakers", "relays")


class Command(BaseCommand):
    help = "Show what is found in a page or a text: who, where, when, under which rule, who says so."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("page", metavar="FILE_OR_URL", help="a text or HTML file, or an http(s) address")
        parser.add_argument("--published", type=dt.date.fromisoformat, help="day of publication, as 2024-07-09")
        parser.add_argument("--json", action="store_true", help="as JSON")

    def handle(self, **options: Any) -> None:
        try:
            said = extraction.found_in(read(options["page"]), published=options["published"])
        except (http.NetworkError, webpage.Unreadable) as problem:
            raise CommandError(f"{options['page']}: {problem}") from problem
        if options["json"]:
            self.stdout.write(json.dumps(said, ensure_ascii=False, indent=1))
            return
        self.stdout.write(f"{said['title'] or '(no title)'} – {said['publisher'] or '?'}, {said['published'] or '?'}")
        self.stdout.write(f"kind: {said['kind']}")
        for name in LISTS:
            for each in said[name]:
                values = [str(value) for key, value in each.items() if key != "sentence" and value]
                self.stdout.write(f"{name}: {' · '.join(values)}\n    {each['sentence']}")


def read(name: str) -> Page:
    if name.startswith(("http://", "https://")):
        return extraction.page_at(name)
    try:
        body = Path(name).read_bytes()
    except OSError as problem:
        raise CommandError(f"{name} cannot be read: {problem.strerror}.") from problem
    return webpage.read(body)
