from events.tasks import exports, imports, inbox, jobs, links, notices, reissue, reports

__all__ = ["exports", "imports", "inbox", "jobs", "links", "notices", "reissue", "reports"]
