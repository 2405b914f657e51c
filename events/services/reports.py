"""Readers' reports of errors: received with a secret for their sender, and their addresses forgotten in time."""

from __future__ import annotations

import hashlib
import secrets

from django.utils import timezone

from events.models import ErrorReport
from events.models.reports import ADDRESS_KEPT

TOKEN_BYTES = 24  # 192 bits: nobody guesses one


def receive(*, path: str, revision: int, message: str, address: str = "") -> str:
    """Keep a report, and give the token by which its sender, and nobody else, finds it again."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    ErrorReport.objects.create(
        path=path, revision=revision, message=message, address=address, token_hash=hash_of(token)
    )
    return token


def found_by(token: str) -> ErrorReport | None:
    """The report whose sender was given this token."""
    return ErrorReport.objects.select_related("correction").filter(token_hash=hash_of(token)).first()


def hash_of(token: str) -> str:
    """What is stored of a token. It is random and long, so no slow hash is needed to keep it from being guessed."""
    return hashlib.sha256(token.encode()).hexdigest()


def forget_addresses() -> int:
    """Delete the senders' addresses of all reports that are older than ADDRESS_KEPT; how many those were."""
    return ErrorReport.objects.with_address_from_before(timezone.now() - ADDRESS_KEPT).update(address="")
