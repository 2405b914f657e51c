from events.tasks import reissue, reports

__all__ = ["reissue", "reports"]
