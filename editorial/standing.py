"""What the acts on a public page share: the row as it stands under its article's lock, and the notices put up and taken down."""

from datetime import date, datetime
from typing import Any

from django.db.models import IntegerField, Min, QuerySet, Value

from articles.models import VersionReference
from articles.models.article import hold_article
from editorial.models import PageNotice, Publication
from editorial.rereview import due_within, oldest_bounding
from records import clock
from records.errors import NotReady
from records.models import User
from reviews.models import Submission


def hold(publication: Publication) -> Publication:
    """The publication as it stands now, with its article's lock held."""
    hold_article(publications=publication.pk)
    return Publication.objects.select_related("article", "submission__version", "submission__policy", "last_review").get(pk=publication.pk)


def need_state(publication: Publication, *states: str) -> None:
    """NotReady, naming the state reached, unless the publication is in one of these states."""
    if publication.state not in states:
        raise NotReady(f"This cannot be done: the version is {publication.get_state_display().lower()}.")


def guideline_year(version: Any, since: Any) -> QuerySet[Any, Any]:
    """The year of the oldest guideline, of `since` or later, that a version rests on; one row, or none."""
    guidelines = VersionReference.objects.filter(version=version, kind="guideline", cited_as_retracted=False)
    young = guidelines.filter(year__gte=Value(since, output_field=IntegerField())).order_by()
    return young.values("version").annotate(oldest=Min("year")).values_list("oldest")


def next_review_on(submission: Submission, reviewed_on: date) -> date:
    """When a version that was reviewed on that day is due again: by the policy that applied, and by the guidelines it rests on (B4)."""
    found = next(iter(guideline_year(submission.version_id, oldest_bounding(reviewed_on))), None)
    return due_within(reviewed_on, submission.policy.interval_months, found[0] if found else None)


def put_notice(publication: Publication, kind: str, words: str, *, by: User) -> PageNotice:
    """A notice on the page from today on."""
    return PageNotice.objects.create(article=publication.article, kind=kind, words=words, since=clock.today(), made_by=by)


def end_notices(publication: Publication, kind: str, *, by: User) -> None:
    """End every notice of a kind that stands on the page; what was said is kept."""
    for notice in PageNotice.objects.filter(article=publication.article_id, kind=kind, ends=None, ended_by=None):
        PageNotice.objects.create(article=publication.article, kind=kind, since=clock.today(), made_by=by, ends=notice)


def end_question(publication: Publication, *, since: datetime | None, by: User) -> None:
    """A new approval, given at `since`, ends the notice that the earlier one is in question (COI-6); one that was given before it does not."""
    asked = PageNotice.objects.filter(article=publication.article_id, kind=PageNotice.Kind.IN_QUESTION, ends=None, ended_by=None)
    if since is not None and not asked.filter(made_at__gte=since).exists():
        end_notices(publication, PageNotice.Kind.IN_QUESTION, by=by)
