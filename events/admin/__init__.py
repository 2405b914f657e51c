from events.admin import actors, events, exports, imports, inbox, record, reports, rules, sources

__all__ = ["actors", "events", "exports", "imports", "inbox", "record", "reports", "rules", "sources"]
