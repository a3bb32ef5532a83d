"""The finished public pages of articles, their documents in the API, and what a search finds of them: built from what is frozen and the
state around it, rewritten by every act.

A `PublishedPage` row holds finished bytes. The first letter of its tag says what the page gives, so that an act touches
the permanent addresses of earlier versions only when that changes: t the text, r the text of a retracted article,
n a notice in place of the text.
"""

import gzip
import hashlib
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import get_template
from django.utils import timezone

from articles.models import Article, Audience
from articles.models.article import hold_article
from editorial.finding import index
from editorial.frame import frame
from editorial.models import Publication, PublishedPage
from editorial.pages import document, dropping, linked_data, matters, shelving
from editorial.pages.article import Spec, searchable, view
from editorial.pages.document import Document
from editorial.pages.facts import Facts, State, gather, publications_of, shown_of
from records import clock, sweeps

__all__ = ["GZIP_LEVEL", "afresh", "differing", "outdate", "rebuild", "refresh", "refresh_stale", "render", "tag", "today"]

FIELDS = ("status", "etag", "stale_on", "location", "body", "gzipped", "article")
GZIP_LEVEL = 6
Address = Spec | Document


def today() -> date:
    """The day that pages are true of: never one that has passed, also while a demo is given its past."""
    return max(clock.today(), timezone.localdate())


def refresh(article: Article, *, every: bool = False) -> int:
    """Rewrite every page that the state of this article touches; `every`: those of its earlier versions too. Returns how many have changed.

    One query when the article was never public; else thirteen at most, and one write, or two when addresses fell away; and one for each
    text whose words a search finds anew.
    Call it in the transaction of the act, with the article's lock held.
    """
    return _rewrite(article.pk, today(), every=every)


def _rewrite(article_id: Any, on: date, *, every: bool = False) -> int:
    publications = publications_of(article_id)
    shown = shown_of(publications)
    if shown is None:
        return 0
    rows = PublishedPage.objects.filter(article=article_id)
    known = {path: (etag, stale) for path, etag, stale in rows.values_list("path", "etag", "stale_on")} if shown.has_pages else {}  # type: ignore[attr-defined]
    specs = list(_specs(publications, shown))
    wanted = [spec for spec in specs if every or _is_touched(spec, publications, shown, known, on)]
    facts = gather(publications, _publications(wanted), on)
    pages = [_row(facts, spec) for spec in wanted]
    changed = [page for page in pages if known.get(page.path) != (page.etag, page.stale_on)]
    _store(changed)
    shelving.shelve(publications, shown, facts.topics)
    index.write(article_id, searchable(facts), is_new=not known)
    if gone := known.keys() - {spec.path(facts.slug) for spec in specs}:
        PublishedPage.objects.filter(path__in=gone).delete()
    dropping.post(article_id, publications, [*(page.path for page in changed), *gone])
    return len(changed) + len(gone)


def _specs(publications: Sequence[Publication], shown: Publication) -> Iterator[Address]:
    """Every public address of the article, and the one in the API."""
    for audience in Audience.values:
        yield Spec(shown, audience, False)
        for publication in publications:
            yield Spec(publication, audience, True)
    yield Document(shown)


def _is_touched(spec: Address, publications: Sequence[Publication], shown: Publication, known: dict[str, tuple[str, date | None]], on: date) -> bool:
    """The current address, the shown version and the one it replaced are always looked at; an earlier one when it is stale or gives something else now."""
    replaced = next((one for one in publications if one.state == State.SUPERSEDED), None)
    if spec.publication in (shown, replaced):
        return True
    etag, stale = known.get(spec.path(shown.slug), ("", None))  # type: ignore[attr-defined]
    return etag[1:2] != _kind(shown) or (stale is not None and stale <= on)


def _kind(shown: Publication) -> str:
    """The first letter of the tags: what the article's addresses give now."""
    if shown.state == State.RETRACTED:
        return "r" if shown.retraction_keeps_text else "n"
    return "n" if shown.state == State.WITHHELD else "t"


def _publications(wanted: Sequence[Address]) -> list[Publication]:
    return list({spec.publication.pk: spec.publication for spec in wanted}.values())


def _row(facts: Facts, spec: Address) -> PublishedPage:
    body = render(facts, spec)
    return PublishedPage(
        path=spec.path(facts.slug),
        article_id=facts.shown.article_id,
        etag=tag(body, _kind(facts.shown)),
        stale_on=matters.stale_on(facts, spec.publication),
        body=body,
    )


def render(facts: Facts, spec: Address) -> bytes:
    """The finished page or document: the same facts give the same bytes."""
    if isinstance(spec, Document):
        return document.write(document.document(facts, spec.publication))
    page = view(facts, spec)
    page["linked_data"] = linked_data.of_article(facts, spec, page)
    return get_template("public/article.html").render(frame() | {"page": page}).encode()


def tag(body: bytes, kind: str = "p") -> str:
    """The entity tag of a page: a letter, then the SHA-256 of every byte that it shows."""
    return f'"{kind}{hashlib.sha256(body).hexdigest()}"'


def _store(pages: list[PublishedPage]) -> None:
    for page in pages:
        page.gzipped = gzip.compress(page.body, GZIP_LEVEL, mtime=0)
    if pages:
        PublishedPage.objects.bulk_create(pages, update_conflicts=True, unique_fields=["path"], update_fields=FIELDS)


# ---- Pages that the calendar, or a row that they name, has moved


def outdate(articles: QuerySet[Any, Any]) -> int:
    """Have every page of these articles read afresh from the next request on, and written by the next sweep; returns how many there are.

    For a change to what their pages name and no act of theirs moves: a topic, a profile. `articles` gives keys; one statement.
    """
    return PublishedPage.objects.filter(article__in=articles).update(stale_on=today())


def afresh(article_id: Any, path: str, on: date) -> tuple[str, bytes] | None:
    """One page as it reads on a day, written nowhere: its tag and bytes; None when nothing is public there."""
    publications = publications_of(article_id)
    shown = shown_of(publications)
    if shown is None:
        return None
    slug = shown.slug  # type: ignore[attr-defined]
    spec = next((spec for spec in _specs(publications, shown) if spec.path(slug) == path), None)
    if spec is None:
        return None
    body = render(gather(publications, [spec.publication], on), spec)
    return tag(body, _kind(shown)), body


def refresh_stale(on: date, *, limit: int | None = None) -> sweeps.Dealt:
    """Rewrite the pages that read differently on this day, an article a transaction; the number dealt with is that of pages that changed."""

    def find(poison: Collection[UUID]) -> Collection[UUID]:
        stale = PublishedPage.objects.filter(stale_on__isnull=False, stale_on__lte=on).exclude(article__in=poison)
        return list(dict.fromkeys(stale.order_by("stale_on").values_list("article", flat=True)[: sweeps.AT_ONCE]))

    return sweeps.each(find, lambda key: _hold_and_rewrite(key, on), what="article", limit=limit)


@transaction.atomic
def _hold_and_rewrite(article_id: Any, on: date) -> int:
    hold_article(pk=article_id)
    return _rewrite(article_id, on)


@transaction.atomic
def rebuild(article_id: Any) -> int:
    """Make every page of one article anew, those of all its versions too, under its lock; returns how many came out different."""
    hold_article(pk=article_id)
    before = _tags(article_id)
    PublishedPage.objects.filter(article=article_id).delete()
    index.write(article_id, [])
    shelving.clear(article_id)
    _rewrite(article_id, today())
    after = _tags(article_id)
    return sum(before.get(path) != after.get(path) for path in before.keys() | after.keys())


@transaction.atomic
def differing(article_id: Any) -> int:
    """How many pages of one article `rebuild` would change; nothing is left written."""
    mark = transaction.savepoint()
    changed = rebuild(article_id)
    transaction.savepoint_rollback(mark)
    return changed


def _tags(article_id: Any) -> dict[str, str]:
    return dict(PublishedPage.objects.filter(article=article_id).values_list("path", "etag"))
