from events.tasks import exports, inbox, jobs, notices, reissue, reports

__all__ = ["exports", "inbox", "jobs", "notices", "reissue", "reports"]
