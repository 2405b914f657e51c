from __future__ import annotations

import math
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from events.models import Reissue
from events.services import reissue


class Command(BaseCommand):
    help = "Makes documents anew that embed what has changed. May be stopped at any point and run again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seconds", type=float, default=math.inf, help="at most; without, to the end")

    def handle(self, *, seconds: float, **options: Any) -> None:
        appended = reissue.run_outstanding(seconds=seconds)
        self.stdout.write(f"{appended:,} documents reissued, {Reissue.objects.outstanding().count():,} requests left.")
