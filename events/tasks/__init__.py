from events.tasks import inbox, reissue

__all__ = ["inbox", "reissue"]
