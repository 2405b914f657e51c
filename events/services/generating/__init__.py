"""Synthetic events for measuring: as many as asked for, the same for the same count and seed, and none of them real."""

from events.services.generating.running import generate

__all__ = ["generate"]
