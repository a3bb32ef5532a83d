"""The public slug of an article: given with its first publication, changed by an editor, and never another article's."""

from collections.abc import Collection

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.text import slugify

from articles.models import Article
from articles.models.article import hold_article
from editorial import pages, policies
from editorial.models import Address, Publication
from records.errors import NotReady, StaleRecord
from records.models import User, record

SLUG_LENGTH, TRIES = 80, 20
TAKEN = "Another article has or had this address."


def give(publication: Publication) -> None:
    """The first publication gives the article its public slug, from the title that was approved; call it with the article's lock held.

    Two articles of one title may become public at the same moment: the later one then takes the next slug. StaleRecord after many tries.
    """
    stem = slugify(publication.submission.version.title)[:SLUG_LENGTH].strip("-") or "article"
    known = Address.objects.filter(Q(article=publication.article_id) | Q(slug=stem) | Q(slug__startswith=f"{stem}-"))
    for _ in range(TRIES):
        taken = dict(known.values_list("slug", "article_id"))
        if publication.article_id in taken.values() or _claim(publication.article, _free(stem, taken)):
            return
    raise StaleRecord("Several articles with this title are being published at once. Nothing was published: publish it again.")


def _claim(article: Article, slug: str) -> Address | None:
    """The slug as the article's present address; None when another article was given it at the same moment."""
    try:
        with transaction.atomic():
            return Address.objects.create(article=article, slug=slug)
    except IntegrityError:
        return None


def _free(stem: str, taken: Collection[str]) -> str:
    """A slug that no article has or had; a number is put after one that is taken."""
    number, slug = 1, stem
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    return slug


@transaction.atomic
def change_address(article: Article, *, by: User, slug: str) -> Address:
    """Give a published article another slug; its earlier ones redirect for good. NotReady when the slug is another article's."""
    hold_article(pk=article.pk)
    if not policies.can_change_address(by, article):
        raise PermissionDenied("You may not change addresses.")
    current = Address.objects.filter(article=article, is_current=True).first()
    slug = slugify(slug)[:SLUG_LENGTH].strip("-")
    if current is None:
        raise NotReady("This article has no public address yet.")
    if not slug or slug == current.slug:
        raise NotReady("Give a new address of letters, digits and hyphens.")
    wanted = Address.objects.filter(slug=slug).first()
    if wanted is not None and wanted.article_id != article.pk:
        raise NotReady(TAKEN)
    Address.objects.filter(pk=current.pk).update(is_current=False)
    if wanted is None:
        wanted = _claim(article, slug)
        if wanted is None:
            raise NotReady(TAKEN)
    else:
        wanted.is_current = True
        wanted.save(update_fields=["is_current"])
    record(article, "change_address", by=by, detail={"from": current.slug, "to": slug})
    pages.refresh(article)
    return wanted
