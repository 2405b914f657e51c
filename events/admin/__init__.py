"""The editors' desk: Django's admin over the record. Thin doors: permission, service, message."""

from events.admin import actors, events, record, rules, sources

__all__ = ["actors", "events", "record", "rules", "sources"]
