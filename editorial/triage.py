"""What editors make of readers' questions and reports: answer with an article, have the board read again, commission a draft, decline, erase.

The record of each act holds ids, and a reason from a list; never a word of the reader.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from articles import drafting
from articles.models import Article, ArticleType
from articles.policies import can_create_draft
from editorial import policies, questions, rereviewing
from editorial.models import Publication, ReaderQuestion
from records.errors import NotReady
from records.models import Person, User
from records.post import post
from reviews.models import Submission

State, Reason, Kind = ReaderQuestion.State, ReaderQuestion.Reason, ReaderQuestion.Kind
# Why a question is declined, and why a report.
REASONS = {
    Kind.QUESTION: (Reason.PERSONAL, Reason.SCOPE, Reason.EMPTY),
    Kind.REPORT: (Reason.PUT_RIGHT, Reason.NO_ERROR, Reason.EMPTY),
}
MAY_NOT = "You may not answer readers."


def _hold(question: ReaderQuestion, by: User, *states: str) -> ReaderQuestion:
    question = questions.hold(question)
    if not policies.can_answer_question(by, question):
        raise PermissionDenied(MAY_NOT)
    questions.refuse_closed(question)
    if states and question.state not in states:
        raise NotReady("A draft is commissioned for this already. Answer it with an article, or decline it.")
    return question


@transaction.atomic
def answer_question(question: ReaderQuestion, *, by: User, article: Article | Any) -> ReaderQuestion:
    """Answer with a public article. The reader, if they confirmed an address, hears and is led to it."""
    question = _hold(question, by)
    if not Publication.objects.live().filter(article=article).exists():
        raise NotReady("Only an article that is public now answers a question.")
    return questions.move(question, State.ANSWERED, by=by, act="answer_question", detail={"article": str(article.pk)}, answer=article)


@transaction.atomic
def re_review_question(question: ReaderQuestion, *, by: User, note: str = "") -> ReaderQuestion:
    """Have the board read the article again that it came from; where it does already, this joins that re-review."""
    question = _hold(question, by, State.WAITING)
    publication = standing_of(question)
    if publication is None:
        raise NotReady("It came from no article that is public now.")
    found = Submission.objects.open().filter(article=publication.article_id, kind=Submission.Kind.RE_REVIEW).first()
    if found is None:
        found = rereviewing.open_re_review(publication, by=by, note=note, cause=Submission.Cause.REPORT)
    return questions.move(question, State.RE_REVIEW, by=by, act="re_review_question", detail={"submission": str(found.pk)}, re_review=found)


def standing_of(question: ReaderQuestion) -> Publication | None:
    """What is live or withheld now of the article that a question came from."""
    return Publication.objects.standing().filter(article=question.article_id).first() if question.version_id else None


@transaction.atomic
def commission_draft(question: ReaderQuestion, *, by: User, title: str, article_type: ArticleType, author: Person) -> ReaderQuestion:
    """Begin a draft for somebody to write, under a title of the editor's. The reader hears when that article is public.

    The title stays in the history of the article for good; whoever gives it has a hand in its first version.
    """
    question = questions.hold(question)
    if not policies.can_commission_draft(by, question):
        raise PermissionDenied("You may not commission drafts.")
    question = _hold(question, by, State.WAITING)
    if author.user is None or not can_create_draft(author.user, None):
        raise NotReady("Choose somebody who may write articles.")
    article = drafting.begin_draft(by=by, title=" ".join(title.split()), article_type=article_type, authors=[author], reason="Commissioned")
    post("draft_commissioned", article)
    return questions.move(question, State.COMMISSIONED, by=by, act="commission_draft", detail={"article": str(article.pk)}, answer=article)


@transaction.atomic
def decline_question(question: ReaderQuestion, *, by: User, reason: str) -> ReaderQuestion:
    """Close it without an article, for one of the reasons there are. The reader hears why, unless there is nothing to answer in it."""
    question = _hold(question, by)
    if reason not in REASONS[Kind(question.kind)]:
        raise NotReady("Choose why you decline it.")
    return questions.move(question, State.DECLINED, by=by, act="decline_question", detail={"reason": reason}, reason=reason)


@transaction.atomic
def erase_question(question: ReaderQuestion, *, by: User) -> ReaderQuestion:
    """Erase what a reader wrote and their address for good. One that waited is closed with that."""
    question = questions.hold(question)
    if not policies.can_answer_question(by, question):
        raise PermissionDenied(MAY_NOT)
    return questions.erase(question, by=by, act="erase_question")
