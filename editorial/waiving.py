"""Letting a finding of the checks stand on a draft: its author asks, an editor answers with a reason, and the next version bears the answer.

An editor sees what was asked about and nothing else of the draft.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from articles import checks
from articles.checks import Finding
from articles.models import Article, ArticleVersion, CheckWaiver, DraftWaiver
from articles.models.article import hold_article
from editorial import policies
from records.errors import NotReady
from records.models import Event, User, record

ASK, WAIVE, REFUSE = "ask_waiver", "waive_finding", "refuse_waiver"


@dataclass(frozen=True)
class Asked:
    """A question of an author about one finding, and what an editor answered, if anybody did."""

    event: Event
    answer: Event | None = None

    @property
    def check(self) -> str:
        """The check."""
        return str(self.event.detail.get("check", ""))

    @property
    def place(self) -> str:
        """The place of the finding."""
        return str(self.event.detail.get("place", ""))


def found_on(article: Article, check: str, place: str) -> Finding | None:
    """The finding of a check at a place, on the draft as it stands now; None where it is there no more."""
    return next((each for each in checks.check_article(article) if (each.check, each.place) == (check, place)), None)


def asked(*articles: Article) -> list[Asked]:
    """What authors asked about, newest first; of each finding the last question. One query; `articles` limit it."""
    events = Event.objects.filter(act__in=[ASK, WAIVE, REFUSE], object_type="articles.article").order_by("-number")
    if articles:
        events = events.filter(object_id__in=[article.pk for article in articles])
    answers: dict[Any, Event] = {}
    found: dict[Any, Asked] = {}
    for event in events.select_related("by__person"):
        mark = (event.object_id, event.detail.get("check"), event.detail.get("place"))
        if event.act == ASK:
            found.setdefault(mark, Asked(event, answers.get(mark)))
        elif mark not in found:
            answers.setdefault(mark, event)
    return list(found.values())


def open_questions() -> list[Asked]:
    """What authors asked about and no editor answered, longest waiting first."""
    return [each for each in reversed(asked()) if each.answer is None]


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
def ask_waiver(article: Article, *, by: User, check: str, place: str, reason: str) -> Event:
    """Ask the editors to let one finding on a draft stand; they see its words and the reason, and nothing else of the draft."""
    hold_article(pk=article.pk)
    article = Article.objects.select_related("article_type").get(pk=article.pk)
    if not policies.can_ask_waiver(by, article):
        raise PermissionDenied("Only an author of this article asks.")
    reason = _need(reason, "Say why this should stand.")
    _finding(article, check, place)
    if any(each.answer is None for each in asked(article) if (each.check, each.place) == (check, place)):
        raise NotReady("You have asked this already, and no editor has answered yet.")
    return record(article, ASK, by=by, after="draft", note=reason, detail={"check": check, "place": place})


@transaction.atomic
def waive_finding(article: Article, *, by: User, check: str, place: str, reason: str) -> DraftWaiver:
    """Let one finding on a draft stand, as its author asked, with a reason; it holds as long as the finding is the same."""
    article, reason = _to_answer(article, by, check, place, reason)
    _finding(article, check, place)
    waiver = DraftWaiver.objects.create(article=article, check_id=check, place=place, by=by, reason=reason)
    record(article, WAIVE, by=by, after="draft", note=reason, detail={"check": check, "place": place})
    return waiver


@transaction.atomic
def refuse_waiver(article: Article, *, by: User, check: str, place: str, reason: str) -> Event:
    """Answer an author that a finding has to be repaired, with a reason. They may ask again."""
    article, reason = _to_answer(article, by, check, place, reason)
    return record(article, REFUSE, by=by, after="draft", note=reason, detail={"check": check, "place": place})


def _to_answer(article: Article, by: User, check: str, place: str, reason: str) -> tuple[Article, str]:
    """The article under lock, and the reason; whoever may not answer, and what nobody asked, is refused."""
    hold_article(pk=article.pk)
    article = Article.objects.select_related("article_type").get(pk=article.pk)
    if not policies.can_waive_finding(by, article):
        raise PermissionDenied("You may not decide on this: you have a hand in the text, or you are no editor.")
    if not any(each.answer is None for each in asked(article) if (each.check, each.place) == (check, place)):
        raise NotReady("Nobody asks about this any more.")
    return article, _need(reason, "Say why. The author, the reviewers and the record have your reason.")


# ---- What the next version bears


def as_noted(found: Iterable[Finding]) -> list[dict[str, str]]:
    """What was found at submission, as it is kept with the submission."""
    return [{"check": each.check, "severity": each.severity, "sentence": each.sentence, "place": each.place} for each in found]


def carry_over(found: Iterable[Finding], version: ArticleVersion) -> None:
    """What editors let stand on the draft stands on the version too, in their names, with their reasons and moments."""
    waived = {(each.check, each.place): each.waiver for each in found if each.waiver is not None}
    if waived:
        CheckWaiver.objects.bulk_create(
            CheckWaiver(version=version, check_id=check, place=place, by_id=waiver.by, reason=waiver.reason, at=waiver.at)
            for (check, place), waiver in waived.items()
        )
