from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0002_few_replace_or_merge'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='listimport',
            constraint=models.UniqueConstraint(condition=models.Q(('place', 'looked up work by work')), fields=('source', 'data_as_of'), name='one_list_a_day_of_what_was_asked'),
        ),
    ]
