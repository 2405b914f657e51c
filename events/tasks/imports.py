from __future__ import annotations

from events.services.imports import running
from events.tasks.patience import patient

# 10,000 rows take minutes on a slow machine. The lease on an import outlasts it.
AT_MOST = 30 * 60


@patient(soft_time_limit=AT_MOST, time_limit=AT_MOST + 60)
def run_imports() -> None:
    """Check and import files of drafts. A lease on each makes a second run, or one that is killed, harmless."""
    running.run_due()
