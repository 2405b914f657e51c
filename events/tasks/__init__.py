from events.tasks import exports, imports, inbox, jobs, notices, reissue, reports

__all__ = ["exports", "imports", "inbox", "jobs", "notices", "reissue", "reports"]
