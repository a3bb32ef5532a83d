"""Letting a finding of the checks stand on a draft: its author asks, an editor answers with a reason, and the next version bears the answer.

An editor sees what was asked about and nothing else of the draft.
"""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.db import transaction

from articles import checks
from articles.checks import LOOK_AT, Finding
from articles.models import Article, ArticleVersion, CheckWaiver, DraftWaiver
from articles.models.article import hold_article
from editorial import policies
from editorial.models import WaiverQuestion
from editorial.models.waiving import ASK, REFUSE, WAIVE, WaiverQuestionQuerySet
from records.errors import NotReady
from records.models import User, record
from records.post import post
from reviews import quorum
from reviews.models import Submission


def found_on(article: Article, check: str, place: str) -> Finding | None:
    """The finding of a check at a place, on the draft as it stands now; None where it is there no more."""
    return next((each for each in checks.check_article(article) if (each.check, each.place) == (check, place)), None)


def open_questions() -> WaiverQuestionQuerySet:
    """What authors asked about and no editor answered, longest waiting first."""
    return WaiverQuestion.objects.open().order_by("asked_id")


def last_question(article: Article, check: str, place: str) -> WaiverQuestion | None:
    """What was asked last about one finding on a draft, with its answer; None where nobody asked."""
    found = WaiverQuestion.objects.filter(article=article, check_id=check, place=place).with_words()
    return found.order_by("-asked_id").first()


def _need(words: str, sentence: str) -> str:
    if not words.strip():
        raise NotReady(sentence)
    return words.strip()


def _finding(article: Article, check: str, place: str) -> Finding:
    """The finding, on the draft as it stands; NotReady where it is gone, is waived already, or is one that nobody waives."""
    finding = found_on(article, check, place)
    if finding is None:
        raise NotReady("The checks do not find this any more: the draft has changed, or it was repaired.")
    if finding.waiver is not None:
        raise NotReady("An editor lets this stand already.")
    if not finding.can_be_waived:
        raise NotReady("This cannot be let stand. It has to be repaired.")
    return finding


@transaction.atomic
def ask_waiver(article: Article, *, by: User, check: str, place: str, reason: str) -> WaiverQuestion:
    """Ask the editors to let one finding on a draft stand; they see its words and the reason, and nothing else of the draft."""
    hold_article(pk=article.pk)
    article = Article.objects.select_related("article_type").get(pk=article.pk)
    if not policies.can_ask_waiver(by, article):
        raise PermissionDenied("Only an author of this article asks.")
    reason = _need(reason, "Say why this should stand.")
    _finding(article, check, place)
    if WaiverQuestion.objects.open().filter(article=article, check_id=check, place=place).exists():
        raise NotReady("You have asked this already, and no editor has answered yet.")
    event = record(article, ASK, by=by, after="draft", note=reason, detail={"check": check, "place": place})
    question = WaiverQuestion.objects.create(article=article, check_id=check, place=place, asked=event)
    post("waiver_asked", question)
    return question


@transaction.atomic
def waive_finding(question: WaiverQuestion, *, by: User, reason: str) -> DraftWaiver:
    """Let one finding on a draft stand, as its author asked, with a reason; it holds as long as the finding is the same."""
    question, reason = _to_answer(question, by, reason)
    check, place = question.check_id, question.place
    _finding(question.article, check, place)
    waiver = DraftWaiver.objects.create(article=question.article, check_id=check, place=place, by=by, reason=reason)
    _answer(question, WAIVE, by, reason)
    return waiver


@transaction.atomic
def refuse_waiver(question: WaiverQuestion, *, by: User, reason: str) -> WaiverQuestion:
    """Answer an author that a finding has to be repaired, with a reason. They may ask again."""
    question, reason = _to_answer(question, by, reason)
    return _answer(question, REFUSE, by, reason)


def _to_answer(question: WaiverQuestion, by: User, reason: str) -> tuple[WaiverQuestion, str]:
    """The question as it stands, with its article's lock held, and the reason; whoever may not answer, and what was answered, is refused."""
    hold_article(pk=question.article_id)
    question = WaiverQuestion.objects.select_related("article__article_type").get(pk=question.pk)
    if not policies.can_waive_finding(by, question.article):
        raise PermissionDenied("You may not decide on this: you have a hand in the text, or you are no editor.")
    if question.answer_id is not None:
        raise NotReady("Nobody asks about this any more.")
    return question, _need(reason, "Say why. The author, the reviewers and the record have your reason.")


def _answer(question: WaiverQuestion, act: str, by: User, reason: str) -> WaiverQuestion:
    detail = {"check": question.check_id, "place": question.place}
    question.answer = record(question.article, act, by=by, after="draft", note=reason, detail=detail)
    question.save(update_fields=["answer"])
    post("waiver_answered", question)
    return question


# ---- What the next version bears


def as_noted(found: Iterable[Finding]) -> list[dict[str, str]]:
    """What was found at submission, as it is kept with the submission."""
    return [{"check": each.check, "severity": each.severity, "sentence": each.sentence, "place": each.place_in_version} for each in found]


def noted(submission: Submission) -> list[dict[str, str]]:
    """What was found when it was submitted, and the works cited as retracted whose retraction became known since: an editor may accept each."""
    known = {each["place"] for each in submission.warnings if each["check"] == quorum.CITED_AS_RETRACTED}
    later = [work.key for work in quorum.retracted_works(submission) if work.cited_as_retracted and work.key not in known] if submission.is_open else []
    return [
        *submission.warnings,
        *({"check": quorum.CITED_AS_RETRACTED, "severity": LOOK_AT, "sentence": f"The reference @{key} is cited as retracted.", "place": key} for key in later),
    ]


def carry_over(found: Iterable[Finding], version: ArticleVersion) -> None:
    """What editors let stand on the draft stands on the version too, in their names, with their reasons and moments.

    But for a work that is cited as retracted: its key may lead to another work by now, so it is accepted on the version, where it is frozen.
    """
    waived = {(each.check, each.place_in_version): each.waiver for each in found if each.waiver is not None and each.check != quorum.CITED_AS_RETRACTED}
    if waived:
        CheckWaiver.objects.bulk_create(
            CheckWaiver(version=version, check_id=check, place=place, by_id=waiver.by, reason=waiver.reason, at=waiver.at)
            for (check, place), waiver in waived.items()
        )
