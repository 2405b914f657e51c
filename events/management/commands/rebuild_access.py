from __future__ import annotations

import sys
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from events.services import ledger, publishing, verifying

MOST = 100  # differences that are listed


class Command(BaseCommand):
    help = (
        "Draws the access ledger again, from the log alone. With --check it only compares: exit status 1 if it differs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing, and say where the two differ")

    def handle(self, *, check: bool, **options: Any) -> None:
        quiet = not sys.stderr.isatty() or not options["verbosity"]
        with tqdm(total=verifying.in_the_ledger(), disable=quiet, unit="", leave=False) as bar:
            if not check:
                try:
                    with publishing.recording() as head:
                        ledger.rebuild(advance=bar.update)
                except verifying.UNREADABLE as error:
                    raise CommandError("A document of the log is damaged: verify_log says which.") from error
                self.stdout.write(f"Drawn again from the log, revision {head.seq}: {sizes()}.")
                return
            with verifying.snapshot():
                findings = verifying.ledger(verifying.Tally(step=bar.update))
                listed = list(islice(findings, MOST))
                more = sum(1 for _ in findings)
        for finding in listed:
            self.stdout.write(str(finding))
        if more:
            self.stdout.write(f"… and {more:,} more.")
        if listed:
            sys.exit(1)
        self.stdout.write(f"The ledger is what the log gives, row by row: {sizes()}.")


def sizes() -> str:
    return ", ".join(
        f"{model.objects.count():,} {model._meta.verbose_name_plural}" for model, _ in ledger.HOLDERS.values()
    )
