from events.tasks import exports, reissue

__all__ = ["exports", "reissue"]
