from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0005_events_end_and_return'),
        ('reviews', '0005_part_that_can_be_judged'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='submission',
            index=models.Index(fields=['kind', 'state', '-decided_at'], name='submission_decided'),
        ),
    ]
