import hashlib
import re
import unicodedata
from urllib.parse import parse_qsl, urlencode, urlsplit

import django.db.models.deletion
import records.clock
import simple_history.models
from django.conf import settings
from django.db import migrations, models


_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ß": "ss", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta"}
)
_FLAG = re.compile(r"\s*(?:retracted(?: article)?|withdrawn|removed)\s*[:.]\s*|\s*\[(?:internet|online)\]", re.IGNORECASE)


def _title_key(title):
    words = _FLAG.sub("", re.sub(r"</?[A-Za-z]{1,10}>", "", title))
    plain = unicodedata.normalize("NFKD", words.casefold().translate(_LETTERS))
    return "".join(character for character in plain if character.isalnum())[:40]


def _url_key(url):
    parts = urlsplit(url)
    query = urlencode(sorted(pair for pair in parse_qsl(parts.query) if not pair[0].lower().startswith("utm_")))
    path = parts.path.rstrip("/")
    if not (path or query):
        return ""
    return hashlib.sha256(f"{parts.netloc.lower().removeprefix('www.')}{path}?{query}".encode()).hexdigest()[:40]


def fill_keys(apps, schema_editor):
    """Give the works that are there the keys that saving one gives it from now on."""
    model = apps.get_model("articles", "Reference")
    rows = model.objects.using(schema_editor.connection.alias)
    batch = []
    for row in rows.only("title", "url").order_by("pk").iterator(2000):
        row.title_key, row.url_key = _title_key(row.title), _url_key(row.url)
        batch.append(row)
        if len(batch) == 2000:
            rows.bulk_update(batch, ["title_key", "url_key"], 500)
            batch = []
    rows.bulk_update(batch, ["title_key", "url_key"], 500)


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0003_registry_lists_and_look_ups'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoricalLikelyDuplicate',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('why', models.CharField(max_length=200)),
                ('proposed_at', models.DateTimeField(default=records.clock.now)),
                ('outcome', models.CharField(choices=[('open', 'Not decided'), ('merged', 'Merged'), ('apart', 'Two works')], default='open', max_length=6)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical likely duplicate',
                'verbose_name_plural': 'historical likely duplicates',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='LikelyDuplicate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('why', models.CharField(max_length=200)),
                ('proposed_at', models.DateTimeField(default=records.clock.now)),
                ('outcome', models.CharField(choices=[('open', 'Not decided'), ('merged', 'Merged'), ('apart', 'Two works')], default='open', max_length=6)),
            ],
            options={
                'ordering': ['proposed_at', 'pk'],
            },
        ),
        migrations.AlterModelOptions(
            name='reference',
            options={'ordering': ['title'], 'permissions': [('merge_reference', 'Can merge references that are one work')]},
        ),
        migrations.AddField(
            model_name='reference',
            name='title_key',
            field=models.CharField(blank=True, editable=False, max_length=40),
        ),
        migrations.AddField(
            model_name='reference',
            name='url_key',
            field=models.CharField(blank=True, editable=False, max_length=40),
        ),
        migrations.AddIndex(
            model_name='reference',
            index=models.Index(fields=['title_key'], name='reference_title_key'),
        ),
        migrations.AddIndex(
            model_name='reference',
            index=models.Index(condition=models.Q(('url_key', ''), _negated=True), fields=['url_key'], name='reference_url_key'),
        ),
        migrations.AddIndex(
            model_name='reference',
            index=models.Index(condition=models.Q(('isbn', ''), _negated=True), fields=['isbn'], name='reference_isbn'),
        ),
        migrations.AddField(
            model_name='historicallikelyduplicate',
            name='first',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='articles.reference'),
        ),
        migrations.AddField(
            model_name='historicallikelyduplicate',
            name='history_user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicallikelyduplicate',
            name='second',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='articles.reference'),
        ),
        migrations.AddField(
            model_name='likelyduplicate',
            name='first',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='articles.reference'),
        ),
        migrations.AddField(
            model_name='likelyduplicate',
            name='second',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='articles.reference'),
        ),
        migrations.AddConstraint(
            model_name='likelyduplicate',
            constraint=models.UniqueConstraint(fields=('first', 'second'), name='duplicate_proposed_once'),
        ),
        migrations.AddConstraint(
            model_name='likelyduplicate',
            constraint=models.CheckConstraint(condition=models.Q(('first__lt', models.F('second'))), name='duplicate_of_two_rows_in_order'),
        ),
        migrations.AddConstraint(
            model_name='likelyduplicate',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__in', ['open', 'merged', 'apart'])), name='duplicate_outcome_known'),
        ),
        migrations.RunPython(fill_keys, migrations.RunPython.noop),
    ]
