"""What starts and what ends next is read off an index, whatever the product."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0007_ledger_exclusions"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="accessrecord",
            index=models.Index(fields=["effective_date"], name="accessrecord_by_start"),
        ),
        migrations.AddIndex(
            model_name="accessrecord",
            index=models.Index(
                condition=models.Q(("until__isnull", False)), fields=["until"], name="accessrecord_by_end"
            ),
        ),
    ]
