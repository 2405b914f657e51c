from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from events.services.exports import building


class Command(BaseCommand):
    help = "Makes the bulk files of the newest revision, unless there are some."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--again", action="store_true", help="even if nothing has changed since the newest")

    def handle(self, *, again: bool, **options: Any) -> None:
        try:
            outcome = building.build(again=again)
        except building.ExportError as problem:
            raise CommandError(str(problem)) from problem
        export = outcome.export
        if outcome.is_new:
            size = f"{len(export.files)} files, {export.size:,} bytes"
            self.stdout.write(f"Export {export.pk} of revision {export.revision}: {size}, in {export.folder}.")
        else:
            self.stdout.write(f"Nothing has changed since export {export.pk} of revision {export.revision}.")
