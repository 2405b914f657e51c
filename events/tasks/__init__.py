from events.tasks import exports, notices, reissue, reports

__all__ = ["exports", "notices", "reissue", "reports"]
