import django.db.models.deletion
import django.utils.timezone
import records.clock
import records.models.person
import simple_history.models
import uuid
from django.conf import settings
from django.db import migrations, models

from records.migrating import CreateModels


class Migration(migrations.Migration):

    replaces = [('records', '0001_initial'), ('records', '0002_delivery_stopped'), ('records', '0003_delivery_unread'), ('records', '0004_delivery_without_account')]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [CreateModels([
        migrations.CreateModel(
            name='Sweep',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=60, unique=True)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='completed last')),
                ('swept_on', models.DateField(blank=True, null=True, verbose_name='the latest day it was run for')),
                ('done', models.PositiveIntegerField(default=0, verbose_name='dealt with in the last run')),
                ('seconds', models.FloatField(default=0, verbose_name='seconds of the last run')),
                ('last_error', models.CharField(blank=True, max_length=200)),
                ('held_since', models.DateTimeField(blank=True, null=True, verbose_name='held by the brake since')),
                ('held_because', models.CharField(blank=True, max_length=300, verbose_name='why the brake holds it')),
                ('released_for', models.DateField(blank=True, null=True, verbose_name='the day up to which the brake was released')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='e-mail address')),
                ('is_staff', models.BooleanField(default=False, verbose_name='may use the admin')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'ordering': ['email'],
            },
            managers=[
                ('objects', records.models.person.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='AccessLink',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('object_type', models.CharField(max_length=60)),
                ('object_id', models.UUIDField()),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('expires_at', models.DateTimeField()),
                ('exchanged_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='CalendarLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='calendar_link', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('number', models.BigAutoField(primary_key=True, serialize=False)),
                ('object_type', models.CharField(max_length=60)),
                ('object_id', models.UUIDField(db_index=True)),
                ('act', models.CharField(max_length=40)),
                ('before', models.CharField(blank=True, max_length=20)),
                ('after', models.CharField(blank=True, max_length=20)),
                ('at', models.DateTimeField(default=records.clock.now)),
                ('note', models.TextField(blank=True)),
                ('detail', models.JSONField(blank=True, default=dict)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='HistoricalPerson',
            fields=[
                ('id', models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical person',
                'verbose_name_plural': 'historical people',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='MailPreference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.BooleanField(default=False, verbose_name='one mail a day with everything that is not urgent')),
                ('no_news', models.BooleanField(default=False, verbose_name='no mail about what is not my duty')),
                ('saved_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='mail_preference', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Outbox',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=40)),
                ('object_type', models.CharField(max_length=60)),
                ('object_id', models.UUIDField()),
                ('occurs_on', models.DateField(blank=True, null=True, verbose_name='the day it is for')),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sent', 'Sent'), ('failed', 'Failed'), ('overtaken', 'Overtaken by a later reminder'), ('dropped', 'Nobody had to be told any more')], default='waiting', max_length=10)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('not_before', models.DateTimeField(default=django.utils.timezone.now)),
                ('leased_until', models.DateTimeField(blank=True, null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('last_error', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'verbose_name_plural': 'outbox',
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['not_before'], name='outbox_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'sent', 'failed', 'overtaken', 'dropped'])), name='outbox_state_known'), models.UniqueConstraint(condition=models.Q(('occurs_on__isnull', False)), fields=('object_id', 'kind', 'occurs_on'), name='one_occurrence_a_day')],
            },
        ),
        migrations.CreateModel(
            name='Person',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=200, verbose_name='printed name')),
                ('credentials', models.CharField(blank=True, max_length=200, verbose_name='credentials, as printed after the name')),
                ('user', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='person', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'people',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='HistoricalPersonalTie',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('kind', models.CharField(choices=[('coauthor', 'wrote together'), ('mentor', 'mentor or pupil'), ('grant', 'held a grant together'), ('family', 'family or close friend')], max_length=10)),
                ('since', models.DateField()),
                ('until', models.DateField(blank=True, null=True)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('one', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='records.person')),
                ('other', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='records.person')),
            ],
            options={
                'verbose_name': 'historical personal tie',
                'verbose_name_plural': 'historical personal ties',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalAffiliation',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('institution', models.CharField(max_length=200)),
                ('since', models.DateField()),
                ('until', models.DateField(blank=True, null=True)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='records.person')),
            ],
            options={
                'verbose_name': 'historical affiliation',
                'verbose_name_plural': 'historical affiliations',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='PrintedName',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('words', models.JSONField(verbose_name='name, credentials and interests as printed')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='printed_names', to='records.person')),
            ],
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('channel', models.CharField(choices=[('mail', 'By a mail of its own'), ('digest', 'In the daily digest'), ('inbox', 'In the inbox alone')], default='mail', max_length=6)),
                ('subject', models.CharField(blank=True, max_length=400)),
                ('path', models.CharField(blank=True, max_length=200, verbose_name='the page it leads to')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('handed_at', models.DateTimeField(blank=True, null=True, verbose_name='last handed to the mail server')),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('read_at', models.DateTimeField(blank=True, null=True, verbose_name='seen in the inbox')),
                ('recipient', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('outbox', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='records.outbox')),
                ('stopped', models.CharField(blank=True, max_length=200, verbose_name='why it is not sent')),
            ],
            options={
                'verbose_name_plural': 'deliveries',
                'indexes': [models.Index(fields=['recipient', '-made_at'], name='delivery_inbox'), models.Index(condition=models.Q(('channel', 'digest'), ('sent_at__isnull', True)), fields=['recipient'], name='delivery_for_digest'), models.Index(condition=models.Q(('read_at__isnull', True)), fields=['recipient'], name='delivery_unread')],
                'constraints': [models.UniqueConstraint(fields=('outbox', 'recipient'), name='one_delivery_per_person')],
            },
        ),
        migrations.CreateModel(
            name='Affiliation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('institution', models.CharField(max_length=200)),
                ('since', models.DateField()),
                ('until', models.DateField(blank=True, null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='affiliations', to='records.person')),
            ],
            options={
                'ordering': ['-since'],
                'constraints': [models.CheckConstraint(condition=models.Q(('until__isnull', True), ('until__gte', models.F('since')), _connector='OR'), name='affiliation_ends_after_start')],
            },
        ),
        migrations.CreateModel(
            name='PersonalTie',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('coauthor', 'wrote together'), ('mentor', 'mentor or pupil'), ('grant', 'held a grant together'), ('family', 'family or close friend')], max_length=10)),
                ('since', models.DateField()),
                ('until', models.DateField(blank=True, null=True)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('one', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ties_from', to='records.person')),
                ('other', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ties_to', to='records.person')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['coauthor', 'mentor', 'grant', 'family'])), name='tie_kind_known'), models.CheckConstraint(condition=models.Q(('one', models.F('other')), _negated=True), name='tie_between_two_people')],
            },
        ),
    ])]
