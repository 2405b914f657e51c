from events.tasks import exports, inbox, jobs, links, notices, reissue, reports

__all__ = ["exports", "inbox", "jobs", "links", "notices", "reissue", "reports"]
