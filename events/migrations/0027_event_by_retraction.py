"""The calendar asks for the events retracted lately."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events", "0026_bytewise_keys")]

    operations = [
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                fields=["-retracted_on", "-id"],
                condition=models.Q(retracted_on__isnull=False),
                name="event_by_retraction",
            ),
        ),
    ]
