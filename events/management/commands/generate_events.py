"""Fill the record with synthetic events, to measure with."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from events.services import generating


class Command(BaseCommand):
    help = (
        "Publish synthetic events through the log, a batch a transaction. Run again with the same arguments it goes on "
        "where it was stopped. They bear the theme “synthetic”, and can share a database with the real data set."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--count", type=int, required=True, help="how many events there are to be")
        parser.add_argument("--seed", type=int, required=True, help="the same seed and count make the same events")
        parser.add_argument("--batch", type=int, default=1000, help="events a transaction (1000)")

    def handle(self, *, count: int, seed: int, batch: int, **options: Any) -> None:
        if not 0 < count < 2**31 or not 0 <= seed < 2**31 or batch < 1:
            raise CommandError("Count, seed and batch are positive whole numbers below 2^31 (the seed may be 0).")
        with tqdm(total=count, unit=" events", disable=None) as bar:  # None: only on a terminal
            there = generating.generate(count, seed, batch=batch, advance=bar.update)
        self.stdout.write(f"{max(count - there, 0)} events generated, {there} were there.")
