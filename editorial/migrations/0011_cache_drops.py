from django.db import migrations, models
from django.utils import timezone


class Migration(migrations.Migration):

    dependencies = [
        ("editorial", '0010_reader_questions'),
    ]

    operations = [
        migrations.CreateModel(
            name="CacheDrop",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(max_length=300)),
                ("posted_at", models.DateTimeField(default=timezone.now)),
                ("not_before", models.DateTimeField(db_index=True, default=timezone.now)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
            ],
        ),
    ]
