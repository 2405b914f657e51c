from django.db import migrations, models

# Of every tag how many events bear it: until now the sum of its months.
TOTALS = """
    INSERT INTO events_timelinepair (tag, month, other, count)
    SELECT '', 0, tag, SUM(count) FROM events_timelinecount WHERE tag <> '' GROUP BY tag
"""


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0011_addresses_of_pages"),
    ]

    operations = [
        migrations.CreateModel(
            name="TimelinePair",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tag", "month", "other", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("tag", models.CharField(blank=True, max_length=140)),
                ("month", models.IntegerField()),
                ("other", models.CharField(max_length=140)),
                ("count", models.IntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("month", 0), ("other", models.F("tag"))),
                        fields=["tag"],
                        name="pairs_kept",
                    )
                ],
            },
        ),
        migrations.RunSQL(TOTALS, migrations.RunSQL.noop),
    ]
