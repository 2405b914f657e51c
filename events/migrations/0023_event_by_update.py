from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events", "0022_report_permissions")]

    operations = [
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["state", "-updated_at", "-id"], name="event_by_update"),
        ),
    ]
