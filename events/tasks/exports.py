from __future__ import annotations

from events.services.exports import building
from events.tasks.patience import patient

# A million events take the better part of an hour, and a slow disk longer. A message that is given out again meanwhile
# finds the lock taken, and ends at once.
AT_MOST = 4 * 3600


@patient(soft_time_limit=AT_MOST, time_limit=AT_MOST + 60)
def build_exports() -> None:
    """Make bulk files where they are due; twice at once or killed midway does no harm."""
    building.build_due()
