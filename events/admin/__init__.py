"""The editors' desk: Django's admin over the record. Thin doors: permission, service, message."""

from django.contrib import admin

from events.admin import actors, events, inbox, record, rules, sources

admin.site.site_header = "AI Access Tracker"
admin.site.site_title = "AI Access Tracker"
admin.site.index_title = "The editors’ desk"

__all__ = ["actors", "events", "inbox", "record", "rules", "sources"]
