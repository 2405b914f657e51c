from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser

from events.queries.reasons import Unknown
from events.services import receipts

LARGEST = 64 << 20  # bytes; one with 500 answers and all their evidence has some 5 MB


class Command(BaseCommand):
    help = "Asks the questions of a receipt again, at its revision. Exit status 1 where an answer or the head differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="a receipt of access/batch/, as it was answered")

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            if file.stat().st_size > LARGEST:
                raise CommandError(f"{file}: it is larger than any receipt.")
            kept = orjson.loads(file.read_bytes())
            found = list(receipts.differences(kept))
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}.") from error
        except orjson.JSONDecodeError as error:
            raise CommandError(f"{file}: it is not JSON: {error}.") from error
        except (receipts.NoReceipt, Unknown) as error:
            raise CommandError(f"{file}: {error}") from error
        for difference in found:
            self.stdout.write(difference)
        if found:
            sys.exit(1)
        head = kept["head"]
        self.stdout.write(f"All {len(kept['answers'])} answers hold at revision {head['seq']}, head {head['hash']}.")
