"""The steps that the demo's stories are made of.

Each step yields the moment at which it happens and then calls the act; `play` lets those of all articles happen in the
order of time, so that the record reads as one past and not article by article.
"""

import heapq
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

from django.utils import timezone

from articles import drafting, rendering
from articles.models import Article, ArticleType, Reference
from editorial import asking, workflow
from editorial.demo import shelf
from editorial.demo.people import Cast
from editorial.models import Publication
from records import clock
from records.models import User
from reviews import reviewing
from reviews.models import Comment, ReviewAssignment, Submission
from reviews.signing import Signing

Result = TypeVar("Result")
Steps = Generator[datetime, None, Result]
NONE = "None declared"


def ago(days: float, hour: int = 9, minute: int = 0) -> datetime:
    """A moment some days ago, at an hour of the site's day."""
    day = timezone.localtime() - timedelta(days=days)
    return day.replace(hour=hour, minute=minute, second=0, microsecond=0).astimezone(UTC)


def play(stories: Mapping[str, Steps[Any]], told: Callable[[str], None]) -> None:
    """Let every story happen, whichever comes first in time; `told` hears the name of each that is over."""
    waiting: list[tuple[datetime, int, str, Steps[Any]]] = []
    for number, (name, story) in enumerate(stories.items()):
        heapq.heappush(waiting, (next(story), number, name, story))
    while waiting:
        moment, number, name, story = heapq.heappop(waiting)
        with clock.as_of(moment):
            later = next(story, None)
        if later is None:
            told(name)
        else:
            heapq.heappush(waiting, (later, number, name, story))


@dataclass(frozen=True)
class Stage:
    """What every step needs: the people, the works that are cited, the types of articles."""

    cast: Cast
    works: Mapping[str, Reference]
    types: Mapping[str, ArticleType]

    def draft(self, name: str, authors: Iterable[User], days: float, *, first: bool = False, declared: bool = True) -> Steps[Article]:
        """The first author begins the article, with its texts, references and, where `declared`, interests and funding."""
        authors = list(authors)
        found = shelf.sheet(name).at_first() if first else shelf.sheet(name)
        yield ago(days, 9, 20)
        return drafting.create_draft(
            by=authors[0],
            title=found.title,
            article_type=self.types[found.kind],
            authors=[user.person for user in authors],
            changes=shelf.changes(found, self.works, self.cast, [(user, NONE) for user in authors] if declared else ()),
        )

    def revise(self, name: str, article: Article, by: User, days: float, reason: str) -> Steps[Article]:
        """The author saves the article as its file has it now."""
        yield ago(days, 11, 5)
        found = shelf.sheet(name)
        number = Article.objects.get(pk=article.pk).draft_number
        changed = shelf.changes(found, self.works, self.cast, [(by, NONE)])
        return drafting.revise(article, by=by, draft_number=number, changes=changed, reason=reason)

    def submit(self, article: Article, by: User, days: float) -> Steps[Submission]:
        """The author puts the draft before the board."""
        yield ago(days, 15, 40)
        article = Article.objects.get(pk=article.pk)
        return workflow.submit(article, by=by, draft_number=article.draft_number)

    def ask(self, submission: Submission, editor: User, reviewers: Iterable[User], days: float) -> Steps[list[ReviewAssignment]]:
        """The editor asks members of the board."""
        yield ago(days, 10, 10)
        return [workflow.assign(submission, by=editor, member=self.cast.member(user)) for user in reviewers]

    def read(self, submission: Submission, editor: User, days: Mapping[User, float], *, asked: float, unnamed: Iterable[User] = ()) -> Steps[None]:
        """The editor asks reviewers `asked` days ago; each opens the text the next day and approves it as many days ago as given."""
        assignments = yield from self.ask(submission, editor, days, asked)
        for assignment, user in zip(assignments, days, strict=True):
            yield from opened(assignment, user, asked - 1, named=user not in set(unnamed))
        for user, day in days.items():
            yield from signed(of(submission, user), user, day)

    def publish(self, submission: Submission, editor: User, days: float, change_note: str = "") -> Steps[Publication]:
        """The editor approves the version and publishes it."""
        yield ago(days, 14, 0)
        digest = submission.version.digest
        workflow.decide(submission, by=editor, signing=proof(editor), digest=digest, publish_now=True, change_note=change_note)
        return Publication.objects.get(submission=submission)


def heard(publication: Publication | None, days: float, kind: str, text: str) -> Steps[None]:
    """A reader writes to the editors, from a public page or from none."""
    yield ago(days, 20, 10)
    asking.ask(key=uuid4(), kind=kind, text=text, publication=publication, sender="127.0.0.1")


def proof(user: User) -> Signing:
    """That somebody has just given their password."""
    return Signing(user, clock.now())


def of(submission: Submission, user: User) -> ReviewAssignment:
    """The assignment of one reviewer."""
    return ReviewAssignment.objects.of(user).get(submission=submission)


def opened(assignment: ReviewAssignment, user: User, days: float, *, named: bool = True) -> Steps[None]:
    """The reviewer accepts, declares that there is no conflict, and so opens the text."""
    yield ago(days, 18, 30)
    reviewing.accept(assignment, by=user, named_in_public=named)
    reviewing.declare(assignment, by=user, digest=assignment.submission.version.digest, conclusion="no_conflict")


def signed(
    assignment: ReviewAssignment, user: User, days: float, recommendation: str = "approve", *, answers: Mapping[str, str] | None = None, note: str = ""
) -> Steps[None]:
    """The reviewer answers for every reference (by key where it is not plain support) and signs."""
    yield ago(days, 20, 15)
    version = assignment.submission.version
    given = {reference.pk: (answers or {}).get(reference.key, "supports") for reference in version.references.all()}
    reviewing.answer_references(assignment, by=user, answers=given)
    asked = [] if assignment.submission.is_re_review else assignment.submission.policy.questions
    reviewing.recommend(
        assignment, by=user, signing=proof(user), digest=version.digest, recommendation=recommendation, note=note,
        form=dict.fromkeys(asked, "yes"),
    )  # fmt: skip


def remark(assignment: ReviewAssignment, user: User, days: float, text: str, *, quote: str, kind: str, audience: str = "professional") -> Steps[Comment]:
    """The reviewer comments on the passage that holds the quoted words."""
    yield ago(days, 19, 45)
    source = assignment.submission.version.texts.get(audience=audience).source
    passage = next(block for block in rendering.render(source).blocks if quote in shelf.flat(block.text))
    words = shelf.flat(passage.text)
    start = words.index(quote)
    return reviewing.comment(
        assignment, by=user, text=text, kind=kind, audience=audience, block=passage.id,
        quote=quote, before=words[:start], after=words[start + len(quote) :],
    )  # fmt: skip
