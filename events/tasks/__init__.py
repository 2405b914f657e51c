from events.tasks import coverage, exports, imports, inbox, jobs, links, notices, reissue, reports
from tracker import celery  # `shared_task` finds this app, and not Celery's default one

__all__ = ["celery", "coverage", "exports", "imports", "inbox", "jobs", "links", "notices", "reissue", "reports"]
