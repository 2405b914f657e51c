from events.tasks import inbox, jobs, reissue

__all__ = ["inbox", "jobs", "reissue"]
