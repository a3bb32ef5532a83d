from django.db import migrations


def forget(apps, schema_editor):
    """An account has the one address that it signs in with; the copies that were kept beside it outlived a change of it."""
    apps.get_model('account', 'EmailAddress').objects.using(schema_editor.connection.alias).all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0001_all_tables'),
        ('account', '0009_emailaddress_unique_primary_email'),
    ]

    operations = [
        migrations.RunPython(forget, migrations.RunPython.noop),
    ]
