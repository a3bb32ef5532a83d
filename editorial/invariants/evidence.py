"""Changed evidence: each open case has its note on the page, and no such note stands without one; what was decided shows no more."""

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef, Q, Subquery

from articles.models import EvidenceEvent, VersionReference
from editorial.invariants.registry import check
from editorial.models import EvidenceCase, EvidenceOutcome, PageNotice, Publication

NOTES = PageNotice.objects.filter(kind=PageNotice.Kind.EVIDENCE, ends=None)


@check
def open_cases_are_on_the_page() -> Iterator[str]:
    """An open case has a note that stands, on the page of its own article, which is on show."""
    standing = NOTES.filter(pk=OuterRef("notice"), article=OuterRef("article"), ended_by=None)
    for key in EvidenceCase.objects.open().filter(~Exists(standing)).order_by().values_list("pk", flat=True):
        yield f"Case {key} is open, and the page does not say so."
    shown = Publication.objects.standing().filter(article=OuterRef("article"))  # type: ignore[attr-defined]
    for key in EvidenceCase.objects.open().filter(~Exists(shown)).order_by().values_list("pk", flat=True):
        yield f"Case {key} is open, and nothing of its article is on show."


@check
def notes_on_the_evidence_have_an_open_case() -> Iterator[str]:
    """A note on the page that the evidence changed belongs to a case that nobody has decided."""
    for key in NOTES.filter(~Exists(EvidenceCase.objects.open().filter(notice=OuterRef("pk"))), ended_by=None).order_by().values_list("pk", flat=True):
        yield f"The notice {key} says that the evidence changed, and no open case stands behind it."


@check
def cases_are_about_what_the_article_cites() -> Iterator[str]:
    """A case is about a work that a version of its article cites; an urgent one has a deadline and a re-review of that article."""
    cited = VersionReference.objects.filter(version__article=OuterRef("article"), reference=OuterRef("event__reference"))
    for key in EvidenceCase.objects.filter(~Exists(cited)).order_by().values_list("pk", flat=True):
        yield f"Case {key} is about a work that its article does not cite."
    urgent = EvidenceCase.objects.filter(event__kind__in=sorted(EvidenceEvent.BLOCKING))
    for key in urgent.filter(Q(re_review=None) | Q(due_on=None)).order_by().values_list("pk", flat=True):
        yield f"Case {key} is urgent, and has no re-review or no deadline."
    for key in EvidenceCase.objects.exclude(re_review=None).exclude(re_review__article=F("article")).order_by().values_list("pk", flat=True):
        yield f"Case {key} leads to a re-review of another article."


@check
def claims_that_were_removed_are_gone() -> Iterator[str]:
    """Where a case was closed because the claim was removed, the version that was public then did not cite the work."""
    then = Publication.objects.filter(article=OuterRef("case__article"), published_at__lte=OuterRef("at")).order_by("-published_at")
    removed = EvidenceOutcome.objects.filter(kind=EvidenceOutcome.Kind.REMOVED).annotate(version=Subquery(then.values("submission__version")[:1]))
    cites = VersionReference.objects.filter(version=OuterRef("version"), reference=OuterRef("case__event__reference"))
    for key in removed.filter(Exists(cites)).order_by().values_list("case", flat=True):
        yield f"Case {key} was closed because the claim was removed, and the version that was public then cites the work."
