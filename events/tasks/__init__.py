from events.tasks import notices, reissue

__all__ = ["notices", "reissue"]
