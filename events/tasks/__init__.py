from events.tasks import exports, reissue, reports

__all__ = ["exports", "reissue", "reports"]
