"""What changed between versions, as the desk shows it: since the board approved, since one last read, and between any two."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from articles import clinical, editions
from articles.models import ArticleVersion
from editorial.desk.acts import desk
from editorial.desk.decisions import one
from reviews.models import ReviewAssignment, Submission


def baselines(found: ReviewAssignment) -> dict[str, ArticleVersion]:
    """Earlier versions to compare with: what the board approved last, and what this person opened or signed last."""
    if found.submission.is_re_review:
        return {}  # the board reads the words that it approved: nothing changed
    earlier = _earlier(found.submission.version)
    read = earlier.filter(submissions__assignments__member=found.member_id, submissions__assignments__opened_at__isnull=False).first()
    approved = _approved(found.submission.version)
    bases = {"changes": approved, "since": read if read != approved else None}
    return {name: version for name, version in bases.items() if version is not None}


def _earlier(version: ArticleVersion) -> Any:
    return ArticleVersion.objects.filter(article=version.article_id, number__lt=version.number).order_by("-number")


def _approved(version: ArticleVersion) -> ArticleVersion | None:
    """The newest earlier version that the board approved."""
    approvals = Submission.objects.approved_by_board().filter(article=version.article_id)  # type: ignore[attr-defined]
    found: ArticleVersion | None = _earlier(version).filter(pk__in=approvals.values("version")).first()
    return found


def between(before: ArticleVersion, after: ArticleVersion) -> clinical.Comparison:
    """What changed from one version to another. Five queries."""
    return clinical.compare(*editions.of_versions(before, after))


@desk("see_submission")
@require_safe
def compare(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What changed between any two versions of the article that a submission is of; at first, since the board approved."""
    found = one(request, pk)
    versions = {version.number: version for version in ArticleVersion.objects.filter(article=found.version.article_id).order_by("-number")}
    approved = _approved(found.version)
    before = _chosen(request.GET.get("from"), versions, approved.number if approved else max(found.version.number - 1, 1))
    after = _chosen(request.GET.get("to"), versions, found.version.number)
    before, after = sorted((before, after), key=lambda version: version.number)
    context = {
        "submission": found,
        "version": found.version,
        "versions": list(versions.values()),
        "before": before,
        "after": after,
        "approved": approved,
        "found": between(before, after),
    }
    return render(request, "admin/desk/compare.html", context)


def _chosen(words: str | None, versions: dict[int, ArticleVersion], otherwise: int) -> ArticleVersion:
    """The version with the number in an address; 404 for one that there is not."""
    number = otherwise if words is None else int(words) if words.isascii() and words.isdigit() and len(words) < 8 else 0
    if number not in versions:
        raise Http404("There is no such version.")
    return versions[number]
