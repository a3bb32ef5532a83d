"""What waits for an author: their articles with the state derived from submissions and publications, in groups, a page at a time."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, CharField, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from articles.evidence import retracted_citations
from articles.models import Article
from editorial.models import Address, Publication
from editorial.standing import later_conflicts
from records.models import User
from reviews.models import Comment, Submission

PAGE = 25
TO_ANSWER, DRAFT, UNDER_REVIEW, PUBLISHED = 1, 2, 3, 4
GROUPS = {TO_ANSWER: "Comments to answer", DRAFT: "Drafts", UNDER_REVIEW: "Under Review", PUBLISHED: "Published"}

_State = Submission.State


def _latest(field: str) -> Subquery:
    """A field of the newest submission of new words; a re-review asks nothing of the author."""
    rows = Submission.objects.filter(article=OuterRef("pk")).new_words().order_by("-submitted_at")
    return Subquery(rows.values(field)[:1])


def _shown(field: str) -> Subquery:
    """A field of the publication that has the article's public page now."""
    return Subquery(Publication.objects.public().filter(article=OuterRef("pk")).order_by("-published_at").values(field)[:1])


def _unanswered() -> Coalesce:
    """How many comments of the newest submission wait for an answer."""
    open_ones = Comment.objects.for_author().filter(assignment__submission=OuterRef("latest_id"), answer="", closed_at__isnull=True)
    counted = open_ones.order_by().values("assignment__submission").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def of_author(user: User) -> "QuerySet[Article, Article]":
    """Each article of this person with its derived state and group, first what waits for them; one query however many."""
    this_public = Publication.objects.filter(submission=OuterRef("latest_id")).order_by("-published_at").exclude(state="cancelled")
    with_facts = Article.objects.written_by(user).annotate(
        latest_id=_latest("pk"),
        latest_state=_latest("state"),
        latest_number=_latest("version__number"),
        latest_version=_latest("version"),
        submitted_at=_latest("submitted_at"),
        under_review_at=_latest("under_review_at"),
        decided_at=_latest("decided_at"),
        latest_public=Subquery(this_public.values("state")[:1], output_field=CharField()),
        shown_state=_shown("state"),
        shown_number=_shown("submission__version__number"),
        shown_draft=_shown("submission__version__draft_number"),
        published_at=_shown("published_at"),
        slug=Subquery(Address.objects.filter(article=OuterRef("pk"), is_current=True).values("slug")[:1]),
        unanswered=_unanswered(),
        is_in_question=Q(latest_state=_State.APPROVED, latest_public__isnull=True) & Exists(_conflicts()),
        cites_retracted=Exists(retracted_citations(OuterRef("pk"))) & Q(article_type__is_notice=False),
    )
    return with_facts.annotate(group=_group()).order_by("group", "-saved_at", "pk")


def _conflicts() -> QuerySet[Any]:
    """What became known since the newest version was approved, and keeps it from being published."""
    approvals, version = [OuterRef(OuterRef("latest_id"))], OuterRef(OuterRef("latest_version"))
    return later_conflicts(OuterRef("pk"), version=version, approvals=approvals, since=OuterRef("decided_at"))


def _group() -> Case:
    before_board = Q(latest_state__in=[_State.SUBMITTED, _State.UNDER_REVIEW])
    waits_to_go_out = Q(latest_state=_State.APPROVED, is_in_question=False) & (Q(latest_public__isnull=True) | Q(latest_public="scheduled"))
    is_as_published = Q(shown_state__isnull=False) & (Q(draft_number__lte=Coalesce("shown_draft", 0)) | Q(shown_state="retracted"))
    return Case(
        When(before_board | waits_to_go_out, then=Value(UNDER_REVIEW)),
        When(Q(latest_state=_State.CHANGES_REQUESTED, unanswered__gt=0), then=Value(TO_ANSWER)),
        When(is_as_published, then=Value(PUBLISHED)),
        default=Value(DRAFT),
        output_field=IntegerField(),
    )


@dataclass(frozen=True)
class Row:
    """One article as the list shows it: its state, since when, and the one next step."""

    article: Any
    group: int
    state: str
    since: Any
    since_words: str
    step: str
    goes_to: str


def row(article: Any) -> Row:
    """The row of an article that `of_author` has annotated."""
    state, since, words = _state(article)
    step, goes_to = _step(article)
    return Row(article, article.group, state, since, words, step, goes_to)


def _state(article: Any) -> tuple[str, Any, str]:
    """The state's name, the moment it began, and what happened then."""
    if article.group == PUBLISHED:
        return article.shown_state, article.published_at, "Published"
    if article.group == UNDER_REVIEW:
        return _state_before_board(article)
    is_the_latest_news = article.is_in_question or article.latest_state in {_State.CHANGES_REQUESTED, _State.DECLINED, _State.WITHDRAWN}
    if article.group == TO_ANSWER or (is_the_latest_news and article.decided_at and article.decided_at >= article.saved_at):
        words = "Sent back" if article.latest_state == _State.CHANGES_REQUESTED else _State(article.latest_state).label
        return article.latest_state, article.decided_at, words
    return "draft", article.saved_at, "Saved"


def _state_before_board(article: Any) -> tuple[str, Any, str]:
    if article.latest_state == _State.APPROVED:
        return ("scheduled", article.decided_at, "Approved") if article.latest_public else ("approved", article.decided_at, "Approved")
    if article.latest_state == _State.UNDER_REVIEW:
        return article.latest_state, article.under_review_at, "Review began"
    return article.latest_state, article.submitted_at, "Submitted"


def _step(article: Any) -> tuple[str, str]:
    """The next step in words, and the page that it is on."""
    if article.group == TO_ANSWER:
        return f"Answer {article.unanswered}\u00a0comment{'s' if article.unanswered != 1 else ''}", "submission"
    if article.group == UNDER_REVIEW:
        return "See its status", "submission"
    if article.group == PUBLISHED:
        return ("Read the notice", "submission") if article.shown_state == "retracted" else ("Revise the draft", "article")
    if article.latest_state == _State.CHANGES_REQUESTED or article.is_in_question:
        return f"Submit version {article.latest_number + 1}", "submission"
    if article.latest_state == _State.DECLINED and article.decided_at and article.decided_at >= article.saved_at:
        return "Read why", "submission"
    return "Continue writing", "article"


@dataclass(frozen=True)
class Group:
    """Rows under one heading."""

    title: str
    rows: list[Row]


def page_of(user: User, number: Any) -> tuple[Page[Any], list[Group]]:
    """One page of 25 articles and its rows under their headings; an unknown page number gives the nearest."""
    page = Paginator(of_author(user), PAGE).get_page(number)
    rows = [row(article) for article in page.object_list]
    return page, [Group(title, found) for group, title in GROUPS.items() if (found := [each for each in rows if each.group == group])]
