"""Of PostgreSQL's full-text table: few words wait to enter the index, and thousands have their frequency known.

The list of those that wait is read by each search: up to 4 MB of it, unless the index says otherwise. With none at all,
publishing many events takes a sixth longer. `events.queries.frequency` goes by the statistics: 4,000 words have theirs;
no other one is in more than some thousandths of the events.
"""

from django.db import migrations


def set_up(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER INDEX events_search_tokens SET (gin_pending_list_limit = 128)")  # kB
        schema_editor.execute("SELECT gin_clean_pending_list('events_search_tokens')")
        schema_editor.execute("ALTER TABLE events_search ALTER tokens SET STATISTICS 400")
        schema_editor.execute("ANALYZE events_search")


class Migration(migrations.Migration):
    dependencies = [("events", "0003_first_rows")]

    operations = [migrations.RunPython(set_up, migrations.RunPython.noop)]
