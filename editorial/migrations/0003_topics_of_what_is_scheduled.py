from django.db import migrations


def copy(apps, schema_editor):
    """What was scheduled before got its topics when it went live; now it has them from the moment at which it is scheduled."""
    publications = apps.get_model('editorial', 'Publication').objects.using(schema_editor.connection.alias)
    for found in publications.filter(state='scheduled').select_related('article'):
        topics = list(found.article.topics.all())
        found.topics.set(topics)
        publications.filter(pk=found.pk).update(is_loose=not topics)


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0003_one_list_a_day'),
        ('editorial', '0002_letters_and_types_by_index'),
    ]

    operations = [
        migrations.RunPython(copy, migrations.RunPython.noop),
    ]
