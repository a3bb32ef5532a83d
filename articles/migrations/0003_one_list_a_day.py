from django.db import migrations, models

WORK_BY_WORK = 'looked up work by work'


def set_apart(apps, schema_editor):
    """Where two lists of one day were begun at once, the later one gets a place of its own; what was read into it stays there."""
    lists, seen = apps.get_model('articles', 'ListImport').objects.using(schema_editor.connection.alias), set()
    for key, *day in lists.filter(place=WORK_BY_WORK).order_by('started_at', 'pk').values_list('pk', 'source', 'data_as_of'):
        if tuple(day) in seen:
            lists.filter(pk=key).update(place=f'{WORK_BY_WORK}, {key}')
        seen.add(tuple(day))


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0002_few_replace_or_merge'),
    ]

    operations = [
        migrations.RunPython(set_apart, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='listimport',
            constraint=models.UniqueConstraint(condition=models.Q(('place', 'looked up work by work')), fields=('source', 'data_as_of'), name='one_list_a_day_of_what_was_asked'),
        ),
    ]
