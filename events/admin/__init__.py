"""The editors' desk: Django's admin over the record. Thin doors: permission, service, message."""

from events.admin import actors, events, exports, record, reports, rules, sources

__all__ = ["actors", "events", "exports", "record", "reports", "rules", "sources"]
