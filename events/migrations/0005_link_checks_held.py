from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("events", "0004_search_statistics")]

    operations = [
        migrations.AddIndex(
            model_name="linkcheck",
            index=models.Index(fields=["host"], condition=Q(leased_until__isnull=False), name="link_check_held"),
        ),
    ]
