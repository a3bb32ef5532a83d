"""A database in which every frozen table has a row, made by the acts where there is one."""

from datetime import date

from django.db import connection
from django.utils import timezone

from articles import drafting
from articles.drafting import Changes
from articles.models import Article, CheckSeverity, CheckWaiver, DraftWaiver, EvidenceEvent, LikelyDuplicate, Topic
from editorial import publishing
from editorial.models import EvidenceCase, EvidenceOutcome
from records import guards
from records.models import PersonalTie
from reviews.models import (
    Comment,
    KnownConflict,
    OutsideInterest,
    OutsideReview,
    OutsideReviewer,
    PolicyOverride,
    Reply,
    ReviewPolicy,
    Specialty,
)


def furnish(published, author, editor, reviewer):
    """Add to a published article what its path has not written: a notice and its end, evidence, a waiver, topics, a reply, a tie."""
    publishing.restore(publishing.withhold(published, by=editor, reason="Under test."), by=editor)
    topic = Topic.objects.create(name="Nerves", slug="nerves")
    article = Article.objects.get(pk=published.article_id)
    drafting.revise(article, by=author, draft_number=article.draft_number, changes=Changes(topics=[topic]))
    reference = published.submission.version.references.first().reference
    event = EvidenceEvent.objects.create(reference=reference, kind="correction", happened_on=date(2025, 1, 1), reported_by="the publisher")
    CheckWaiver.objects.create(version=published.submission.version, check_id="evidence.changed", place="guide", by=editor, reason="Read.")
    CheckSeverity.objects.create(article_type=article.article_type, check_id="text.claim", level="look_at")
    DraftWaiver.objects.create(article=article, check_id="text.claim", place="plain 1a2b", by=editor, reason="Read.")
    case = EvidenceCase.objects.create(article=article, event=event)
    EvidenceOutcome.objects.create(case=case, kind="no_change", rationale="Under test.", by=editor)
    first, second = sorted(published.submission.version.references.values_list("reference", flat=True))[:2]
    LikelyDuplicate.objects.create(first_id=first, second_id=second)
    policy = published.submission.policy
    coming = ReviewPolicy.objects.create(article_type=policy.article_type, number=policy.number + 1, adopted_by=editor)
    coming.specialties.add(Specialty.objects.first())
    asked_outside(published.submission, editor)
    said = Comment.objects.create(assignment=published.submission.assignments.first(), text="Say how far.", sent_at=timezone.now())
    Reply.objects.create(comment=said, side="editor", by=editor, text="How far?")
    PolicyOverride.objects.create(submission=published.submission, missing=["A neurologist is missing."], reason="Under test.", by=editor)
    KnownConflict.objects.create(article=article, person=reviewer.person, words="Shares in its maker.", by=editor)
    PersonalTie.objects.create(one=author.person, other=reviewer.person, kind="coauthor", since=date(2015, 1, 1))


def asked_outside(submission, editor):
    """Somebody without an account who declared and signed."""
    asked = OutsideReviewer.objects.create(submission=submission, name="Olivia Outside", invited_by=editor, due_on=date(2030, 1, 1))
    OutsideInterest.objects.create(reviewer=asked, digest=submission.version.digest, conclusion="no_conflict")
    OutsideReview.objects.create(
        reviewer=asked, digest=submission.version.digest, recommendation="approve", proved_at=timezone.now(), salt="s", commitment="c"
    )


def frozen():
    """The models whose rows are written once."""
    return guards._insert_only_models()


def machines():
    """The models whose rows move along declared pairs."""
    return [item.model for item in guards.REGISTRY.machines]


def bytes_of(model):
    """Every row of a table, as the database has it."""
    return run(f'SELECT * FROM "{model._meta.db_table}" ORDER BY 1, 2')


def run(sql, values=()):
    """Run a statement beside the ORM; the rows it answers with."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [tuple(bytes(cell) if isinstance(cell, memoryview) else cell for cell in row) for row in cursor.fetchall()] if cursor.description else []


def raw(field, value):
    """A value as the database keeps it."""
    return field.get_db_prep_save(value, connection)


def key_of(row):
    """The primary key of a row as the database keeps it."""
    return raw(row._meta.pk, row.pk)
