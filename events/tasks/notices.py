from __future__ import annotations

from events.services import notices
from events.tasks.patience import patient


@patient()
def send_notices() -> None:
    """Mail what editors are told; what fails is due again later."""
    notices.send_due()
