from __future__ import annotations

import datetime as dt
import json
from argparse import ArgumentParser, ArgumentTypeError
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
        parser.add_argument("--published", type=day, help="day of publication, as 2024-07-09")
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


def day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text} is no day; one is written as 2024-07-09.") from None


def read(name: str) -> Page:
    if name.startswith(("http://", "https://")):
        return extraction.page_at(name)
    try:
        with Path(name).open("rb") as file:
            body = file.read(extraction.LARGEST + 1)
    except (OSError, ValueError) as problem:  # ValueError: a NUL in the name
        raise CommandError(f"{name} cannot be read: {getattr(problem, 'strerror', None) or problem}.") from problem
    if not body.strip():
        raise CommandError(f"{name} is empty.")
    if len(body) > extraction.LARGEST:
        raise CommandError(f"{name} is larger than {extraction.LARGEST // http.MB} MB, which is not read.")
    return webpage.read(body)
