import django.db.models.deletion
import django.utils.timezone
import django_fsm
import editorial.models.search
import records.clock
import uuid
from django.conf import settings
from django.db import migrations, models

from records.migrating import CreateModels


COLUMNS = "title_terms, other_terms, heading_terms, body_terms"
NEW, OLD = (", ".join(f"{row}.{column}" for column in COLUMNS.split(", ")) for row in ("NEW", "OLD"))
# Where a later migration makes the table of entries anew, it makes these triggers anew too.
SQLITE = (
    f"CREATE VIRTUAL TABLE editorial_searchindex USING fts5({COLUMNS}, content='editorial_searchentry', content_rowid='id', "
    "tokenize=\"unicode61 remove_diacritics 0\")",
    "CREATE VIRTUAL TABLE editorial_searchterms USING fts5vocab(editorial_searchindex, 'row')",
    "CREATE TRIGGER editorial_searchindex_put AFTER INSERT ON editorial_searchentry BEGIN "
    f"INSERT INTO editorial_searchindex (rowid, {COLUMNS}) VALUES (NEW.id, {NEW}); END",
    "CREATE TRIGGER editorial_searchindex_drop AFTER DELETE ON editorial_searchentry BEGIN "
    f"INSERT INTO editorial_searchindex (editorial_searchindex, rowid, {COLUMNS}) VALUES ('delete', OLD.id, {OLD}); END",
    f"CREATE TRIGGER editorial_searchindex_change AFTER UPDATE OF {COLUMNS} ON editorial_searchentry BEGIN "
    f"INSERT INTO editorial_searchindex (editorial_searchindex, rowid, {COLUMNS}) VALUES ('delete', OLD.id, {OLD}); "
    f"INSERT INTO editorial_searchindex (rowid, {COLUMNS}) VALUES (NEW.id, {NEW}); END",
)
POSTGRESQL = ("CREATE INDEX editorial_searchentry_vector ON editorial_searchentry USING gin (vector)",)


def make_index(apps, schema_editor):
    """The full-text index that the engine brings along, following the rows of the entries."""
    for sql in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(sql)


def drop_index(apps, schema_editor):
    """Without it; on PostgreSQL it goes with its column."""
    if schema_editor.connection.vendor == "sqlite":
        for trigger in ("put", "drop", "change"):
            schema_editor.execute(f"DROP TRIGGER editorial_searchindex_{trigger}")
        schema_editor.execute("DROP TABLE editorial_searchterms")
        schema_editor.execute("DROP TABLE editorial_searchindex")


class Migration(migrations.Migration):

    replaces = [('editorial', '0001_initial'), ('editorial', '0002_initial'), ('editorial', '0003_page_stale'), ('editorial', '0004_publication_policy_override'), ('editorial', '0005_saved_filter'), ('editorial', '0006_evidence_cases'), ('editorial', '0007_search_entries'), ('editorial', '0008_notices_lately'), ('editorial', '0009_retraction_authors'), ('editorial', '0010_reader_questions'), ('editorial', '0011_cache_drops'), ('editorial', '0012_waiver_questions'), ('editorial', '0013_topic_entries')]

    initial = True

    dependencies = [
        ('articles', '0001_all_tables'),
        ('records', '0001_all_tables'),
        ('reviews', '0001_all_tables'),
    ]

    operations = [CreateModels([
        migrations.CreateModel(
            name='Publication',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('state', django_fsm.FSMField(choices=[('scheduled', 'Scheduled'), ('live', 'Public'), ('withheld', 'Withheld'), ('superseded', 'Replaced'), ('retracted', 'Retracted'), ('cancelled', 'Cancelled')], default='scheduled', editable=False, max_length=50, protected=True)),
                ('scheduled_for', models.DateTimeField(editable=False, null=True)),
                ('published_at', models.DateTimeField(editable=False, null=True)),
                ('approved_on', models.DateField(editable=False)),
                ('last_reviewed_on', models.DateField(editable=False)),
                ('last_updated_on', models.DateField(editable=False, null=True)),
                ('review_due_on', models.DateField(editable=False)),
                ('change_note', models.CharField(blank=True, max_length=300, verbose_name='what changed, for readers')),
                ('ended_on', models.DateField(editable=False, null=True)),
                ('withheld_reason', models.TextField(blank=True, editable=False, verbose_name='why it is withheld, for readers')),
                ('withheld_on', models.DateField(editable=False, null=True)),
                ('withheld_by_calendar', models.BooleanField(default=False, editable=False, verbose_name='withheld because its review stayed overdue')),
                ('correction', models.TextField(blank=True, editable=False, verbose_name='what was wrong, for readers, once it goes live')),
                ('next_look_on', models.DateField(default=records.clock.today, editable=False, null=True, verbose_name='the day the calendar looks at it next')),
                ('retraction_notice', models.TextField(blank=True, editable=False, verbose_name='the public notice of the retraction')),
                ('retraction_reason', models.CharField(blank=True, choices=[('serious_error', 'A serious error that could harm'), ('unreliable', 'Unreliable findings'), ('evidence', 'The evidence it rests on was retracted'), ('plagiarism', 'Plagiarism or redundant publication'), ('interests', 'An undisclosed interest, or a compromised review'), ('legal', 'Legal or ethical grounds')], editable=False, max_length=40)),
                ('retraction_keeps_text', models.BooleanField(default=True, editable=False)),
                ('retracted_on', models.DateField(editable=False, null=True)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='publications', to='articles.article')),
                ('last_review', models.ForeignKey(help_text='The submission whose review counts now.', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reviews.submission')),
                ('published_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('retraction_proposed_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('submission', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='publications', to='reviews.submission')),
                ('topics', models.ManyToManyField(blank=True, related_name='publications', to='articles.topic')),
                ('policy_override', models.TextField(blank=True, editable=False, verbose_name='what its policy asked for and did not get, and why, for readers')),
                ('retraction_authors', models.CharField(blank=True, choices=[('agree', 'They agree'), ('disagree', 'They do not agree'), ('silent', 'They were asked and did not answer')], editable=False, max_length=8, verbose_name='what the authors say to it')),
                ('is_loose', models.BooleanField(default=False, editable=False, verbose_name='became public under no topic')),
            ],
            options={
                'ordering': ['-published_at'],
                'permissions': [('publish', 'Can publish what was approved'), ('withhold', 'Can withhold a page and restore it'), ('retract', 'Can propose and confirm a retraction')],
                'indexes': [models.Index(condition=models.Q(('state__in', ['live', 'withheld'])), fields=['review_due_on'], name='publication_due'), models.Index(condition=models.Q(('next_look_on__isnull', False)), fields=['next_look_on'], name='publication_look'), models.Index(fields=['state', '-published_at'], name='publication_by_state'), models.Index(fields=['published_at', 'id'], name='publication_in_order'), models.Index(fields=['is_loose', 'state', '-published_at'], name='publication_loose')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['live', 'withheld'])), fields=('article',), name='one_live_publication'), models.UniqueConstraint(condition=models.Q(('state', 'scheduled')), fields=('article',), name='one_scheduled_publication'), models.CheckConstraint(condition=models.Q(('state__in', ['scheduled', 'live', 'withheld', 'superseded', 'retracted', 'cancelled'])), name='publication_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'withheld'), _negated=True), models.Q(('withheld_reason', ''), _negated=True), _connector='OR'), name='withheld_has_reason'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'retracted'), _negated=True), models.Q(('retraction_notice', ''), _negated=True), _connector='OR'), name='retracted_has_notice'), models.CheckConstraint(condition=models.Q(('retraction_authors__in', ['', 'agree', 'disagree', 'silent'])), name='authors_say_known')],
            },
            bases=(django_fsm.ConcurrentTransitionMixin, models.Model),
        ),
        migrations.CreateModel(
            name='PublishedPage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('path', models.CharField(max_length=200, unique=True)),
                ('status', models.PositiveSmallIntegerField(default=200)),
                ('etag', models.CharField(max_length=70)),
                ('stale_on', models.DateField(null=True, verbose_name='shown as it is until this day')),
                ('location', models.CharField(blank=True, max_length=200, verbose_name='where a redirect leads')),
                ('body', models.BinaryField()),
                ('gzipped', models.BinaryField()),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pages', to='articles.article')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('stale_on__isnull', False)), fields=['stale_on'], name='page_stale')],
            },
        ),
        migrations.CreateModel(
            name='Address',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=120, unique=True)),
                ('is_current', models.BooleanField(default=True)),
                ('since', models.DateTimeField(default=records.clock.now)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='addresses', to='articles.article')),
            ],
            options={
                'verbose_name_plural': 'addresses',
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_current', True)), fields=('article',), name='one_current_address')],
            },
        ),
        migrations.CreateModel(
            name='PageNotice',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('corrected', 'Corrected'), ('evidence', 'Evidence changed'), ('in_question', 'Approval in question'), ('withheld', 'Withheld'), ('retracted', 'Retracted')], max_length=12)),
                ('words', models.TextField(blank=True)),
                ('since', models.DateField()),
                ('made_at', models.DateTimeField(default=records.clock.now)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='articles.article')),
                ('ends', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='ended_by', to='editorial.pagenotice')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['made_at'],
                'indexes': [models.Index(fields=['kind', '-made_at'], name='notice_recent')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['corrected', 'evidence', 'in_question', 'withheld', 'retracted'])), name='notice_kind_known')],
            },
        ),
        migrations.CreateModel(
            name='SavedFilter',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=60)),
                ('chosen', models.JSONField(default=dict, verbose_name='what the form of the list was sent with')),
                ('saved_at', models.DateTimeField(default=records.clock.now)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='saved_filters', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.UniqueConstraint(fields=('owner', 'name'), name='one_filter_of_a_name'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='saved_filter_has_name')],
            },
        ),
        migrations.CreateModel(
            name='EvidenceCase',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('opened_at', models.DateTimeField(default=records.clock.now)),
                ('due_on', models.DateField(null=True, verbose_name='to be decided by')),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='evidence_cases', to='articles.article')),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='articles.evidenceevent')),
                ('notice', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='editorial.pagenotice')),
                ('re_review', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='evidence_cases', to='reviews.submission')),
            ],
            options={
                'ordering': ['opened_at'],
                'constraints': [models.UniqueConstraint(fields=('article', 'event'), name='one_case_per_event_and_article')],
            },
        ),
        migrations.CreateModel(
            name='EvidenceOutcome',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('removed', 'The claim was removed in a new version'), ('kept', 'The reference stays, with a note'), ('retracted', 'The article was retracted'), ('no_change', 'It changes nothing that the article says')], max_length=10)),
                ('rationale', models.TextField()),
                ('at', models.DateTimeField(default=records.clock.now)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='outcome', to='editorial.evidencecase')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['removed', 'kept', 'retracted', 'no_change'])), name='evidence_outcome_known'), models.CheckConstraint(condition=models.Q(('rationale', ''), _negated=True), name='evidence_outcome_has_rationale')],
            },
        ),
        migrations.CreateModel(
            name='SearchSpelling',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=60)),
                ('term', models.CharField(max_length=60)),
            ],
            options={
                'ordering': ['key', 'term'],
                'indexes': [models.Index(fields=['term'], name='search_spelling_term')],
                'constraints': [models.UniqueConstraint(fields=('key', 'term'), name='search_spelling_once')],
            },
        ),
        migrations.CreateModel(
            name='SearchEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('audience', models.CharField(choices=[('professional', 'Health professional'), ('plain', 'Patient or family')], max_length=12)),
                ('path', models.CharField(max_length=200)),
                ('mark', models.CharField(max_length=64, verbose_name='digest of what it was made from')),
                ('title', models.CharField(max_length=300)),
                ('letter', models.CharField(max_length=1, verbose_name='under which it stands from A to Z')),
                ('type_key', models.CharField(max_length=40)),
                ('type_name', models.CharField(max_length=80)),
                ('title_terms', models.TextField()),
                ('other_terms', models.TextField(verbose_name='terms of other names of what the title is about')),
                ('heading_terms', models.TextField(verbose_name='terms of summary and headings')),
                ('body_terms', models.TextField()),
                ('vector', editorial.models.search.VectorField()),
                ('passages', models.JSONField(verbose_name='[[block, heading above, words, [[after how many characters, number of the reference], ...]], ...]')),
                ('references', models.JSONField(default=list, verbose_name='[[number, the reference in one line, what became of it], ...]')),
                ('spellings_known', models.BooleanField(default=False, verbose_name='whether near spellings of its terms are found')),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='search_entries', to='articles.article')),
                ('publication', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='search_entries', to='editorial.publication')),
            ],
            options={
                'ordering': ['title'],
                'indexes': [models.Index(fields=['letter', 'title'], name='search_entry_a_to_z'), models.Index(condition=models.Q(('spellings_known', False)), fields=['id'], name='search_entry_to_learn')],
                'constraints': [models.UniqueConstraint(fields=('article', 'audience'), name='one_search_entry'), models.CheckConstraint(condition=models.Q(('audience__in', ['professional', 'plain'])), name='search_entry_audience_known')],
            },
        ),
        migrations.CreateModel(
            name='FormUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mark', models.CharField(max_length=64)),
                ('until', models.DateTimeField(verbose_name='when the span ends')),
                ('count', models.PositiveIntegerField(default=0)),
            ],
            options={
                'indexes': [models.Index(fields=['until'], name='form_use_until')],
                'constraints': [models.UniqueConstraint(fields=('mark', 'until'), name='form_use_once')],
            },
        ),
        migrations.CreateModel(
            name='ReaderQuestion',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('question', 'Question'), ('report', 'Report of an error')], max_length=8)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('answered', 'Answered by an article'), ('re_review', 'Re-review opened'), ('commissioned', 'Draft commissioned'), ('declined', 'Declined')], default='waiting', max_length=12)),
                ('text', models.TextField(blank=True, verbose_name='what the reader wrote')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name="the reader's address")),
                ('asked_at', models.DateTimeField(default=records.clock.now)),
                ('confirmed_at', models.DateTimeField(null=True, verbose_name='when the address was confirmed')),
                ('closed_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, choices=[('personal', 'It asks about one person'), ('scope', 'It is about something that is not written about here'), ('no_error', 'No error was found'), ('put_right', 'It is put right, or being put right'), ('empty', 'There is no question or report in it'), ('erased', 'It was erased before it was dealt with')], max_length=10, verbose_name='why it was declined')),
                ('erased_at', models.DateTimeField(null=True, verbose_name='when words and address were erased')),
                ('answer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reader_questions', to='articles.article', verbose_name='the article that answers it')),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('re_review', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reviews.submission')),
                ('version', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='articles.articleversion', verbose_name='the version it came from')),
            ],
            options={
                'ordering': ['asked_at'],
                'permissions': [('answer_question', "Can answer readers' questions and reports")],
                'indexes': [models.Index(fields=['state', 'kind', 'asked_at'], name='question_by_state'), models.Index(condition=models.Q(('erased_at__isnull', True)), fields=['closed_at'], name='question_to_erase')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['question', 'report'])), name='question_kind_known'), models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'answered', 're_review', 'commissioned', 'declined'])), name='question_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'declined'), models.Q(('reason', ''), _negated=True)), models.Q(models.Q(('state', 'declined'), _negated=True), ('reason', '')), _connector='OR'), name='declined_question_has_reason'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('state__in', ['waiting', 'commissioned'])), models.Q(('closed_at__isnull', False), ('state__in', ['answered', 're_review', 'declined'])), _connector='OR'), name='closed_question_has_moment'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['answered', 'commissioned']), _negated=True), ('answer__isnull', False), _connector='OR'), name='answered_question_has_article'), models.CheckConstraint(condition=models.Q(models.Q(('state', 're_review'), _negated=True), ('re_review__isnull', False), _connector='OR'), name='re_reviewed_question_has_it'), models.CheckConstraint(condition=models.Q(('erased_at__isnull', True), models.Q(('email', ''), ('text', '')), _connector='OR'), name='erased_question_is_empty')],
            },
        ),
        migrations.CreateModel(
            name='CacheDrop',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('path', models.CharField(max_length=300)),
                ('posted_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('not_before', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='WaiverQuestion',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('check_id', models.CharField(max_length=60)),
                ('place', models.CharField(blank=True, max_length=200, verbose_name='what it is about: a citation key, or the audience and the words')),
                ('answer', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.event')),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='waiver_questions', to='articles.article')),
                ('asked', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.event')),
            ],
            options={
                'ordering': ['asked_id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('answer', None)), fields=('article', 'check_id', 'place'), name='one_open_question_per_finding')],
            },
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
    ]), migrations.RunPython(make_index, drop_index)]
