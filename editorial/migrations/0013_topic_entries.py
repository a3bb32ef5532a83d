import django.db.models.deletion
from django.db import migrations, models

# What is live already enters the lists of its topics; the same words on both engines.
ENTER = """
    INSERT INTO editorial_topicentry (publication_id, topic_id, published_at)
    SELECT p.id, t.topic_id, p.published_at
    FROM editorial_publication p JOIN editorial_publication_topics t ON t.publication_id = p.id
    WHERE p.state = 'live'
"""


LOOSE = """
    UPDATE editorial_publication SET is_loose = true
    WHERE state <> 'scheduled' AND NOT EXISTS (SELECT 1 FROM editorial_publication_topics t WHERE t.publication_id = editorial_publication.id)
"""


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0006_evidence_searched_until'),
        ('editorial', '0012_waiver_questions'),
    ]

    operations = [
        migrations.AddField(
            model_name='publication',
            name='is_loose',
            field=models.BooleanField(default=False, editable=False, verbose_name='became public under no topic'),
        ),
        migrations.AddIndex(
            model_name='publication',
            index=models.Index(fields=['published_at', 'id'], name='publication_in_order'),
        ),
        migrations.AddIndex(
            model_name='publication',
            index=models.Index(fields=['is_loose', 'state', '-published_at'], name='publication_loose'),
        ),
        migrations.CreateModel(
            name='TopicEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('published_at', models.DateTimeField()),
                ('publication', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='topic_entries', to='editorial.publication')),
                ('topic', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='articles.topic')),
            ],
            options={
                'verbose_name_plural': 'topic entries',
                'indexes': [models.Index(fields=['topic', '-published_at', 'publication'], name='topic_entry_newest')],
                'constraints': [models.UniqueConstraint(fields=('publication', 'topic'), name='topic_entry_once')],
            },
        ),
        migrations.RunSQL([ENTER, LOOSE], migrations.RunSQL.noop),
    ]
