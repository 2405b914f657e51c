from __future__ import annotations

import argparse
import re
import sys
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from tqdm import tqdm

from events.services import verifying

MOST = 100  # findings that are listed; one flaw may show in a million rows


def anchor(text: str) -> tuple[int, str]:
    """SEQ:HASH, as receipts and manifests give it."""
    if not (found := re.fullmatch(r"([1-9]\d*):([0-9a-f]{64})", text)):
        raise argparse.ArgumentTypeError("Write SEQ:HASH, a number and 64 lower-case hexadecimal digits.")
    return int(found[1]), found[2]


class Command(BaseCommand):
    help = "Checks the public log, and all that is drawn from it. Exit status 1 where something is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--expect", type=anchor, metavar="SEQ:HASH", help="a change as kept by somebody outside")
        parser.add_argument("--rows", action="store_true", help="also whether the rows give the newest documents again")

    def handle(self, *, expect: tuple[int, str] | None, rows: bool, **options: Any) -> None:
        quiet = not sys.stderr.isatty() or not options["verbosity"]
        with tqdm(total=verifying.to_look_at(rows=rows), disable=quiet, unit="", leave=False) as bar:
            tally = verifying.Tally(step=bar.update)
            findings = verifying.verify(tally, expect=expect, rows=rows)
            listed = list(islice(findings, MOST))
            more = sum(1 for _ in findings)
        for finding in listed:
            self.stdout.write(str(finding))
        if more:
            self.stdout.write(f"… and {more:,} more.")
        counts = ", ".join(f"{number:,} {what}" for what, number in tally.seen.items() if number)
        self.stdout.write(f"Revision {tally.head.seq}, head {tally.head.hash}: {counts or 'an empty log'}.")
        if listed:
            sys.exit(1)
