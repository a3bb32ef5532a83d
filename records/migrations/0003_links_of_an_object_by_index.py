from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0002_forget_addresses_of_allauth'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='accesslink',
            index=models.Index(fields=['object_id'], name='access_link_of_an_object'),
        ),
    ]
