import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0001_all_tables'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='reference',
            name='reference_title_key',
        ),
        migrations.AlterField(
            model_name='reference',
            name='merged_into',
            field=models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='articles.reference'),
        ),
        migrations.AlterField(
            model_name='reference',
            name='supersedes',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='superseded_by', to='articles.reference', verbose_name='replaces (an earlier guideline)'),
        ),
        migrations.AddIndex(
            model_name='reference',
            index=models.Index(condition=models.Q(('title_key', ''), _negated=True), fields=['title_key'], name='reference_title_key'),
        ),
        migrations.AddIndex(
            model_name='reference',
            index=models.Index(condition=models.Q(('supersedes__isnull', False)), fields=['supersedes'], name='reference_supersedes'),
        ),
        migrations.AddIndex(
            model_name='reference',
            index=models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['merged_into'], name='reference_merged_into'),
        ),
    ]
