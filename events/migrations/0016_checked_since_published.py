"""Published events count as checked on the day of their newest change."""

from django.db import migrations
from django.db.models import F
from django.db.models.functions import TruncDate


def note(apps, schema_editor):
    published = apps.get_model("events", "Event").objects.filter(state="published")
    published.update(checked_on=TruncDate("updated_at"))
    published.filter(date__gt=F("checked_on")).update(awaited=F("date"))


class Migration(migrations.Migration):
    dependencies = [("events", "0015_review")]

    operations = [migrations.RunPython(note, migrations.RunPython.noop)]
