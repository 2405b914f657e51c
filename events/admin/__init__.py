from events.admin import actors, events, exports, inbox, record, reports, rules, sources

__all__ = ["actors", "events", "exports", "inbox", "record", "reports", "rules", "sources"]
