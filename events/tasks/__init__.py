from events.tasks import coverage, exports, imports, inbox, jobs, links, notices, reissue, reports

__all__ = ["coverage", "exports", "imports", "inbox", "jobs", "links", "notices", "reissue", "reports"]
