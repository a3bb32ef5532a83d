"""What the clock does about readers' questions: tell those whose article became public, and forget what need not be known any more."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from editorial import limiting, questions, triage
from editorial.models import ReaderQuestion
from records import clock, links, sweeps
from records.models import AccessLink, record, system_user
from records.sweeps import AT_ONCE, Dealt


def look_after(day: date, limit: int | None = None) -> Dealt:
    """Answer what an article was published for, then erase what is due on this day; at most `limit` of each."""
    return answer_published(limit).and_then(forget_due(day, limit)).and_then(forget_unconfirmed(day, limit)).and_then(forget_counts())


def answer_published(limit: int | None = None) -> Dealt:
    """Each question for which a draft was commissioned is answered once that article is public."""
    return sweeps.each(lambda poison: _keys(ReaderQuestion.objects.published(), poison), _answer, what="question", limit=limit)


def _answer(key: UUID) -> int:
    question = ReaderQuestion.objects.select_related("answer").get(pk=key)
    triage.answer_question(question, by=system_user(), article=question.answer)
    return 1


def forget_due(day: date, limit: int | None = None) -> Dealt:
    """Words and address go READER_QUESTION_DAYS after the editors dealt with it."""
    due = ReaderQuestion.objects.filter(erased_at=None, closed_at__lt=_begin(day, settings.READER_QUESTION_DAYS))
    return sweeps.each(lambda poison: _keys(due, poison), _erase, what="question", limit=limit)


@transaction.atomic
def _erase(key: UUID) -> int:
    questions.erase(questions.hold(ReaderQuestion(pk=key)), by=system_user(), act="forget_question")
    return 1


def forget_unconfirmed(day: date, limit: int | None = None) -> Dealt:
    """An address that nobody confirmed goes after READER_CONFIRM_DAYS; the question stays with the editors."""
    due = ReaderQuestion.objects.filter(confirmed_at=None, asked_at__lt=_begin(day, settings.READER_CONFIRM_DAYS)).exclude(email="")
    return sweeps.each(lambda poison: _keys(due, poison), _forget_address, what="question", limit=limit)


@transaction.atomic
def _forget_address(key: UUID) -> int:
    question, by = questions.hold(ReaderQuestion(pk=key)), system_user()
    links.revoke(*AccessLink.objects.unspent().to(question), by=by)
    question.email = ""
    question.save(update_fields=["email"])
    record(question, "forget_address", by=by, before=question.state)
    return 1


def forget_counts() -> Dealt:
    """How often the forms were used in spans that have ended."""
    limiting.forget_spans(clock.now())
    return Dealt()


def _keys(due: "QuerySet[ReaderQuestion]", poison: Collection[UUID]) -> list[UUID]:
    return list(due.exclude(pk__in=poison).order_by("asked_at", "pk").values_list("pk", flat=True)[:AT_ONCE])


def _begin(day: date, days: int) -> datetime:
    """The begin of the day that was so many days before."""
    return timezone.make_aware(datetime.combine(day - timedelta(days=days), time.min))
