"""What the acts on a public page share: the row as it stands under its article's lock, and the notices put up and taken down."""

from collections.abc import Iterable
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, IntegerField, Min, OuterRef, Q, QuerySet, Value

from articles.models import VersionHand, VersionReference
from articles.models.article import hold_article
from editorial.models import PageNotice, Publication
from editorial.rereview import due_within, oldest_bounding
from records import clock
from records.errors import NotReady
from records.models import User, record
from reviews.fsm import advance
from reviews.models import KnownConflict, Signature, Submission


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


def call_off(scheduled: Iterable[Publication], *, by: User, note: str) -> list[Publication]:
    """Call off what is scheduled; its version stays approved."""
    found = list(scheduled)
    for each in found:
        advance(each, "cancel")
        record(each, "cancel_publication", by=by, before=Publication.State.SCHEDULED, note=note)
    return found


# ---- Approvals in question (COI-6)


def later_conflicts(article: Any, *, version: Any, approvals: Iterable[Any], since: Any) -> QuerySet[KnownConflict]:
    """The conflicts of interest that became known since an approval, of somebody who wrote its version, or signed in one of these submissions.

    What is given may lead to columns of a query around this one: `article` and `since` one step out, the others two.
    """
    signed = Signature.objects.relied_on().filter(reduce(or_, (Q(submission=each) for each in approvals)), person=OuterRef("person"))  # type: ignore[attr-defined]
    wrote = VersionHand.objects.filter(version=version, person=OuterRef("person"))
    return KnownConflict.objects.filter(Exists(signed) | Exists(wrote), article=article, known_at__gte=since).order_by()


def is_in_question() -> Exists:
    """Whether such a conflict bears on the approval of each of some submissions, so that it is not published."""
    own, version = OuterRef(OuterRef("pk")), OuterRef(OuterRef("version"))
    return Exists(later_conflicts(OuterRef("article"), version=version, approvals=[own], since=OuterRef("decided_at")))


def submitted_again() -> Exists:
    """Whether newer words of the article went before the board than those of each of some submissions."""
    return Exists(Submission.objects.filter(article=OuterRef("article"), version__number__gt=OuterRef("version__number")).new_words())


def never_public() -> QuerySet[Submission]:
    """Approved words that were never public and are not scheduled."""
    public = Publication.objects.filter(submission=OuterRef("pk")).exclude(state=Publication.State.CANCELLED)
    return Submission.objects.filter(~Exists(public), state=Submission.State.APPROVED).new_words()


def doubted() -> QuerySet[Submission]:
    """Approved words that were never public, and are not published as their approval is in question; their authors are to submit again."""
    return never_public().filter(~submitted_again(), is_in_question())


# The submissions whose signatures a publication rests on: its own, that of its last review, and the one that a minor change was made to.
APPROVALS = ("submission", "last_review", "submission__minor_of")


def approvals_of(publication: Publication) -> set[Any]:
    """The keys of the submissions whose signatures a publication rests on: `APPROVALS`."""
    return {publication.submission_id, publication.last_review_id, publication.submission.minor_of_id} - {None}


def end_question(publication: Publication, *, by: User) -> None:
    """A new approval ends the notice that the earlier one is in question, unless a conflict that became known since bears on it as well."""
    since = publication.last_review.decided_at
    version, approvals = publication.submission.version_id, approvals_of(publication)
    if not later_conflicts(publication.article_id, version=version, approvals=approvals, since=since).exists():
        end_notices(publication, PageNotice.Kind.IN_QUESTION, by=by)
