"""The article types every site begins with, each with its first review policy (APP-1 and the intervals of domain rules B4)."""

from dataclasses import dataclass

from django.db import transaction

from articles.models import ArticleType
from records.history import save_as
from records.models import User, system_user
from reviews import questions
from reviews.models import ReviewPolicy


@dataclass(frozen=True)
class Standard:
    """One article type and what approving it takes."""

    key: str
    name: str
    description: str
    template: str
    approvals: int
    interval_months: int
    is_notice: bool = False
    questions: tuple[str, ...] = ()


SAME = questions.USUAL[-1]
STANDARDS = (
    Standard(
        "treatment",
        "Treatment",
        "Says how something is treated: drugs, doses, procedures, emergencies. Two medical approvals, reviewed every year.",
        "## What to try first\n\n## What the evidence says\n\n## Harms and when not to\n\n## When to get help\n",
        approvals=2,
        interval_months=12,
        questions=questions.USUAL,
    ),
    Standard(
        "diagnosis",
        "Symptoms and diagnosis",
        "Says how something is recognised: symptoms, examinations, tests. Reviewed every two years.",
        "## Signs and symptoms\n\n## Examinations and tests\n\n## When to get help\n",
        approvals=1,
        interval_months=24,
        questions=(
            "Are the signs that need help at once there, and first?",
            "Is it said of each test what it can show and what it cannot, as its reference has it?",
            SAME,
        ),
    ),
    Standard(
        "general",
        "General information",
        "Says what a condition is, who gets it and how to live with it. Reviewed every three years.",
        "## What it is\n\n## Who gets it\n\n## Living with it\n",
        approvals=1,
        interval_months=36,
        questions=("Is every statement supported by its reference?", "Is it said when to seek help?", SAME),
    ),
    Standard(
        "answers",
        "Questions and answers",
        "Answers one question, or came from elsewhere and has no type yet. Two medical approvals, reviewed every year; "
        "a claim without a source is pointed out and does not refuse submission.",
        "",
        approvals=2,
        interval_months=12,
        questions=questions.USUAL,
    ),
    Standard(
        "notice",
        "Notice about a retraction",
        "Tells of a retracted work, which it may therefore cite.",
        "",
        approvals=1,
        interval_months=36,
        is_notice=True,
    ),
)


@transaction.atomic
def make_types(by: User | None = None) -> list[ArticleType]:
    """The standard types, each with a policy: those that are there stay as they are, the others are made.

    A policy made here is number 1 of its type, adopted by `by`, or by the system where nobody is named.
    """
    by = by or system_user()
    present = {kind.key: kind for kind in ArticleType.objects.filter(key__in=[standard.key for standard in STANDARDS])}
    kinds = [present.get(standard.key) or _make(standard, by) for standard in STANDARDS]
    governed = set(ReviewPolicy.objects.filter(article_type__in=kinds).values_list("article_type_id", flat=True))
    for standard, kind in zip(STANDARDS, kinds, strict=True):
        if kind.pk not in governed:
            _adopt(standard, kind, by)
    return kinds


def _make(standard: Standard, by: User) -> ArticleType:
    kind = ArticleType(
        key=standard.key, name=standard.name, description=standard.description, template=standard.template, is_notice=standard.is_notice
    )
    return save_as(kind, by=by, reason="Standard article type")


def _adopt(standard: Standard, kind: ArticleType, by: User) -> None:
    ReviewPolicy.objects.create(
        article_type=kind,
        number=1,
        approvals=standard.approvals,
        medical_approvals=standard.approvals,
        interval_months=standard.interval_months,
        questions=list(standard.questions),
        adopted_by=by,
        reason="The standard policy of this type of article.",
    )
