from events.tasks import reissue

__all__ = ["reissue"]
