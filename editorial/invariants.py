"""What must be true of the whole database at any moment between two acts; each check says in sentences what is not."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import models
from django.db.models import OuterRef, Q, Subquery

from articles.freezing import recomputed_digest
from articles.models import ArticleVersion, VersionText
from articles.rendering import strip_marks
from editorial.models import Publication, PublishedPage
from editorial.pages.article import Spec
from editorial.pages.facts import publications_of, shown_of
from records import canonical, guards
from records.models import Event, PrintedName
from reviews.models import Meaning, ReviewAssignment, Signature, Submission

Check = Callable[[], Iterator[str]]
CHECKS: list[Check] = []
AT_ONCE = 200
State = Publication.State


def check(function: Check) -> Check:
    """Enter a check."""
    CHECKS.append(function)
    return function


def broken() -> list[str]:
    """What is not as it must be; an empty list is the only good answer. Reads everything and writes nothing."""
    return [sentence for each in CHECKS for sentence in each()]


@check
def guards_are_in_place() -> Iterator[str]:
    """Every refusal that the rules ask for is in the database, and switched on."""
    for name in guards.missing():
        yield f"The guard {name} is missing or was changed."


@check
def versions_are_what_they_were() -> Iterator[str]:
    """The digest of each version, computed anew from its rows, is the one that it has."""
    for version in ArticleVersion.objects.prefetch_related("texts", "references").iterator(AT_ONCE):
        if recomputed_digest(version) != version.digest:
            yield f"The words of version {version.pk} are not those of its digest."


@check
def names_are_what_was_signed() -> Iterator[str]:
    """A printed name that is still there is the one that its signature commits to."""
    for signature in Signature.objects.iterator(AT_ONCE):
        printed = PrintedName.objects.filter(pk=signature.printed_name_id).first()
        if printed is not None and canonical.commitment(printed.words, signature.salt) != signature.commitment:
            yield f"The name beside signature {signature.pk} is not the one that was signed."


@check
def approvals_are_signed() -> Iterator[str]:
    """Whatever is approved has an editor's signature over the digest of its version."""
    meanings = [Meaning.EDITORIAL_APPROVAL, Meaning.REAFFIRMATION]
    signed = Signature.objects.filter(submission=OuterRef("pk"), digest=OuterRef("version__digest"), meaning__in=meanings)
    for key in Submission.objects.filter(~models.Exists(signed), state=Submission.State.APPROVED).values_list("pk", flat=True):
        yield f"Submission {key} is approved and nobody signed that."


@check
def reviews_end_with_their_submission() -> Iterator[str]:
    """No review is open on a submission that has ended; a signed one has a signature that stands."""
    unsigned = Q(state__in=[ReviewAssignment.State.ASSIGNED, ReviewAssignment.State.ACCEPTED])
    for key in ReviewAssignment.objects.filter(unsigned).exclude(submission__in=Submission.objects.open()).values_list("pk", flat=True):
        yield f"Review {key} is open and its submission has ended."
    standing = Signature.objects.recommendations().standing().filter(assignment=OuterRef("pk"))
    for key in ReviewAssignment.objects.filter(~models.Exists(standing), state=ReviewAssignment.State.COMPLETED).values_list("pk", flat=True):
        yield f"Review {key} is signed and has no signature that stands."


@check
def publications_follow_approvals() -> Iterator[str]:
    """What is or was public was approved, and one version of an article is public at most."""
    for key in Publication.objects.exclude(submission__state=Submission.State.APPROVED).values_list("pk", flat=True):
        yield f"Publication {key} is of a submission that was not approved."
    shown = Publication.objects.public().values("article").annotate(number=models.Count("pk")).filter(number__gt=1).order_by()
    for row in shown:
        yield f"Article {row['article']} has {row['number']} versions in public at once."


@check
def states_are_those_of_the_record() -> Iterator[str]:
    """Each state is the one that the last recorded act led to."""
    for model in (Submission, ReviewAssignment, Publication):
        last = Event.objects.filter(object_id=OuterRef("pk")).order_by("-number").values("after")[:1]
        rows: models.QuerySet[Any] = model._default_manager.annotate(recorded=Subquery(last))  # type: ignore[attr-defined]
        for key, state, recorded in rows.exclude(state=models.F("recorded")).order_by().values_list("pk", "state", "recorded"):
            yield f"The {model._meta.verbose_name} {key} is {state}; by the record it is {recorded or 'not there'}."


@check
def pages_show_what_was_approved() -> Iterator[str]:
    """Each public page holds the frozen text of its approved version, or none where the text is withheld; no other page exists."""
    articles = PublishedPage.objects.order_by().values_list("article", flat=True)
    for key in articles.union(Publication.objects.public().order_by().values_list("article", flat=True)):
        yield from _pages_of(key)


def _pages_of(article_id: Any) -> Iterator[str]:
    publications = publications_of(article_id)
    shown = shown_of(publications)
    found = {page.path: strip_marks(bytes(page.body).decode()) for page in PublishedPage.objects.filter(article=article_id)}
    expected = dict(_expected(publications, shown)) if shown else {}
    for path in found.keys() ^ expected.keys():
        yield f"The page {path} {'should not be there' if path in found else 'is missing'}."
    for path in found.keys() & expected.keys():
        right, wrong = expected[path]
        if right and right not in found[path]:
            yield f"The page {path} does not hold the words that were approved."
        if any(text in found[path] for text in wrong):
            yield f"The page {path} holds words that it should not."


def _expected(publications: tuple[Publication, ...], shown: Publication) -> Iterator[tuple[str, tuple[str, set[str]]]]:
    """Path → the frozen text that its page holds (empty: none), and those of this article that it must not hold."""
    hidden = shown.state == State.WITHHELD or (shown.state == State.RETRACTED and not shown.retraction_keeps_text)
    texts = VersionText.objects.filter(version__article=shown.article_id).values_list("version", "audience", "html")
    html = {(version, audience): words for version, audience, words in texts}
    for audience in ("professional", "plain"):
        specs = [Spec(shown, audience, False), *(Spec(publication, audience, True) for publication in publications)]
        for spec in specs:
            right = "" if hidden else html.get((spec.publication.submission.version_id, audience), "")
            yield spec.path(shown.slug), (right, {words for words in html.values() if words not in right})  # type: ignore[attr-defined]
