"""Load the curated data set (docs/data-format.md) into the record."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from events.choices import RecordType
from events.services.dataset import loading
from events.services.dataset.problems import DatasetError

CONFLICTS = 3


class Command(BaseCommand):
    help = (
        "Load a data set: new entries are published, changed ones corrected, unchanged ones left alone. "
        "All or nothing. Exit status 1: the files are faulty; 3: editors changed what the files change too."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        shipped = settings.BASE_DIR / "events" / "data"
        parser.add_argument("path", nargs="?", type=Path, default=shipped, help="folder of .yaml files")
        parser.add_argument("--if-empty", action="store_true", help="do nothing if anything was ever published here")
        parser.add_argument("--force", action="store_true", help="apply changes even where an editor made others")

    def handle(self, *, path: Path, if_empty: bool, force: bool, **options: Any) -> None:
        if if_empty and not loading.is_empty():
            self.stdout.write("The record is not empty: nothing was loaded.")
            return
        try:
            dataset = loading.read(path)
            total = sum(1 for _ in dataset.of(RecordType.EVENT))
            with tqdm(total=total, unit=" events", disable=None) as bar:  # None: only on a terminal
                plan = loading.load(dataset, force=force, advance=bar.update)
        except DatasetError as error:
            for problem in error.problems:
                self.stderr.write(problem)
            if error.left_out:
                self.stderr.write(f"... and {error.left_out} more.")
            raise CommandError("Nothing was loaded.") from error
        for notice in dataset.notices:
            self.stderr.write(f"Note: {notice}")
        for gone in plan.gone:
            self.stderr.write(f"No longer in the files, still in the record: {gone}")
        for conflict in plan.conflicts:
            self.stderr.write(f"Not applied: {conflict}")
        self.stdout.write(
            f"{len(plan.new)} new, {len(plan.changed)} changed, {plan.unchanged} unchanged, "
            f"{len(plan.conflicts)} in conflict with an editor's changes, {len(plan.gone)} gone."
        )
        if plan.conflicts:
            sys.exit(CONFLICTS)
