from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('editorial', '0001_all_tables'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='searchentry',
            index=models.Index(fields=['letter', 'article'], name='search_entry_letters'),
        ),
        migrations.AddIndex(
            model_name='searchentry',
            index=models.Index(fields=['type_key', 'type_name'], name='search_entry_types'),
        ),
    ]
