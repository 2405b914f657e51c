"""Of PostgreSQL's full-text table: words enter the index at once, and thousands of them have their frequency known.

A list of what waits to enter the index would be read by each search, up to 4 MB of it. `events.queries.frequency` goes
by the statistics: 4,000 words have theirs; no other one is in more than some thousandths of the events.
"""

from django.db import migrations


def set_up(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SELECT gin_clean_pending_list('events_search_tokens')")
        schema_editor.execute("ALTER INDEX events_search_tokens SET (fastupdate = off)")
        schema_editor.execute("ALTER TABLE events_search ALTER tokens SET STATISTICS 400")
        schema_editor.execute("ANALYZE events_search")


class Migration(migrations.Migration):
    dependencies = [("events", "0003_first_rows")]

    operations = [migrations.RunPython(set_up, migrations.RunPython.noop)]
