from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from events.services import publishing


class Command(BaseCommand):
    help = "Takes documents that the law forbids to keep out of the log. Correct the record first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("seqs", type=int, nargs="+", metavar="SEQ")
        parser.add_argument("--reason", required=True, help="public, in the log")
        parser.add_argument("--user", required=True, metavar="NAME", help="a superuser; not public")

    def handle(self, *, seqs: list[int], reason: str, user: str, **options: Any) -> None:
        by = User.objects.filter(username=user, is_active=True).first()
        if by is None:
            raise CommandError(f"There is no active user “{user}”.")
        try:
            with transaction.atomic():
                changes = [publishing.redact(seq, by=by, reason=reason) for seq in seqs]
        except publishing.PublishingError as problem:
            raise CommandError(str(problem)) from problem
        for seq, change in zip(seqs, changes, strict=True):
            self.stdout.write(f"Change {seq} is redacted, as change {change.seq} says.")
