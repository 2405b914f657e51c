"""Write the public record as a data set (docs/data-format.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from events.services.dataset import exporting


class Command(BaseCommand):
    help = "Write the public record into a folder, in the format that load_dataset reads. Drafts are left out."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="where to write; must be empty or not there yet")

    def handle(self, *, folder: Path, **options: Any) -> None:
        if folder.exists() and any(folder.iterdir()):
            raise CommandError(f"{folder} is not empty: an export beside other files would be loaded with them.")
        self.stdout.write(f"{exporting.export(folder)} events written to {folder}.")
