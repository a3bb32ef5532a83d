"""The articles of the API: a list to walk, one with its live version, its versions, and what each rests on."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse

from editorial.listing import addressed, status
from editorial.models import Address, EvidenceOutcome, PageNotice, Publication, SearchEntry
from editorial.pages import document, history, shapes, today
from editorial.pages.document import ROOT, titled, whole
from editorial.public import people
from editorial.public.api import parameters
from editorial.public.api.endpoints import JSON, Asked, endpoint
from editorial.public.api.parameters import LIMIT, Place
from editorial.public.pages import finished, moved
from reviews.models import BoardMember

ARTICLE = f"{ROOT}articles/"
State = Publication.State
COLUMNS = (
    "state", "published_at", "approved_on", "last_reviewed_on", "last_updated_on", "review_due_on", "retraction_keeps_text", "submission__state",
    "submission__version__number", "submission__version__title", "submission__version__summary", "submission__version__type_name",
    "submission__version__article_type__key",
)  # fmt: skip


# ---- A list to walk


@endpoint(
    "articles",
    shapes.Articles,
    parameters.slug("topic", "the slug of a topic"),
    parameters.slug("type", "the key of a type of article"),
    parameters.one_of("audience", "only articles whose text for them can be read now", "professional", "plain"),
    parameters.one_of("state", "only articles in this state", "live", "withheld", "retracted"),
    parameters.slug("reviewer", "the slug of a member of the board whom the page names as a reviewer"),
    parameters.day("reviewed_since", "only articles that the board reviewed on this day or later"),
    parameters.day("changed_since", "only articles of which a version became public, that were reviewed, or on which a notice began or ended, on this day or later"),
    parameters.place(),
    LIMIT,
)
def articles(asked: Asked) -> shapes.Articles:
    """Articles with a public page, by the moment at which their present version became public, the oldest first.

    What becomes public during a walk comes at its end, so a walk that follows `next` misses nothing that was there all the time.
    """
    found = _among(asked).select_related("submission__version__article_type").only(*COLUMNS).prefetch_related("topics", "search_entries")
    rows = list(_after(found, asked["cursor"], "published_at")[: asked["limit"] + 1])
    here, day = rows[: asked["limit"]], today()
    more = asked.next(Place(here[-1].published_at, here[-1].pk)) if len(rows) > len(here) else None
    return shapes.Articles(tuple(_line(one, day) for one in here), more)


def _among(asked: Asked) -> QuerySet[Publication]:
    """What the filters let through."""
    found = addressed(Publication.objects.public())
    conditions = {
        "topic": "topics__slug",
        "type": "submission__version__article_type__key",
        "audience": "search_entries__audience",
        "state": "state",
        "reviewed_since": "last_reviewed_on__gte",
    }
    found = found.filter(**{field: asked[name] for name, field in conditions.items() if asked[name]})
    if asked["reviewer"]:
        found = found.filter(pk__in=_named(asked["reviewer"]))
    if day := asked["changed_since"]:
        begun = Exists(PageNotice.objects.filter(article=OuterRef("article"), since__gte=day))
        found = found.filter(Q(last_updated_on__gte=day) | Q(last_reviewed_on__gte=day) | begun)
    return found


def _named(slug: str) -> QuerySet[Any]:
    """The publications whose page names this member, as their profile lists them; none of somebody without a public profile."""
    member = BoardMember.objects.public().filter(slug=slug).first()
    return people.named_on(member).order_by().values("pk") if member else Publication.objects.none().values("pk")


def _after(found: QuerySet[Any], place: Place | None, field: str) -> QuerySet[Any]:
    """The rows behind a place, in the order of their moments; of those at one moment by their keys."""
    if place is not None:
        later = Q(**{f"{field}__gt": place.moment}) | Q(pk__gt=place.key)
        found = found.filter(later, **{f"{field}__gte": place.moment})
    return found.order_by(field, "pk")


def _line(publication: Any, day: Any) -> shapes.ArticleLine:
    version, state = publication.submission.version, publication.state
    is_retracted = state == State.RETRACTED
    is_read = state == State.LIVE or (is_retracted and publication.retraction_keeps_text)
    return shapes.ArticleLine(
        slug=publication.slug,
        url=whole(reverse("public:article", args=[publication.slug])),
        api_url=whole(f"{ARTICLE}{publication.slug}"),
        title=titled(version.title, is_retracted=is_retracted),
        summary=version.summary or None if is_read else None,
        state=state,
        status=status(publication, day)["label"],
        type=shapes.Type(version.article_type.key, version.type_name),
        topics=tuple(topic.slug for topic in publication.topics.all()),
        audiences=tuple(sorted((entry.audience for entry in publication.search_entries.all()), reverse=True)),
        version=version.number,
        approved_on=publication.approved_on,
        last_reviewed_on=publication.last_reviewed_on,
        last_updated_on=publication.last_updated_on,
        review_due_on=None if is_retracted else publication.review_due_on,
    )


# ---- One article


@endpoint("articles/<slug:slug>", shapes.Article, more=(301,))
def article(asked: Asked, slug: str) -> HttpResponse:
    """One article with its live version, or the notice in its place.

    An earlier slug leads to the present one.
    """
    found = finished(asked.request, JSON, is_open=True)
    return moved(asked.request.path_info, slug, ARTICLE) if found is None else found


def _or_moved(asked: Asked, slug: str, found: Any) -> Any:
    """What was found; else the present address of the article, where this was an earlier one."""
    if found is not None:
        return found
    now = Address.objects.filter(article__addresses__slug=slug, article__addresses__is_current=False, is_current=True).exclude(slug=slug).first()
    if now is None:
        raise Http404
    return HttpResponsePermanentRedirect(asked.request.path_info.replace(f"{ARTICLE}{slug}", f"{ARTICLE}{now.slug}", 1))


@endpoint("articles/<slug:slug>/versions", shapes.Versions, parameters.place(), LIMIT, more=(301,))
def article_versions(asked: Asked, slug: str) -> Any:
    """Every version of an article that was public, and every notice that stood on its page, newest first, so many rows of its history a page."""
    found = history.of(slug)
    return _or_moved(asked, slug, _versions(asked, slug, found) if found else None)


def _versions(asked: Asked, slug: str, found: history.History) -> shapes.Versions:
    page, place = found.page, asked["cursor"]
    rows, end = found.behind((place.moment, place.key) if place else None, asked["limit"])
    return shapes.Versions(
        slug=slug,
        title=titled(page["title"], is_retracted=page["is_retracted"]),
        url=whole(page["url"]),
        versions=tuple(_version(slug, row) for row in rows if not row.get("is_notice")),
        notices=tuple(
            shapes.PastNotice(row["label"], row["note"] or None, row["on"], row["to"], row["outcome"] or None) for row in rows if row.get("is_notice")
        ),
        next=asked.next(Place(*end)) if end else None,
    )


def _version(slug: str, row: dict[str, Any]) -> shapes.Version:
    return shapes.Version(
        version=row["number"],
        api_url=whole(f"{ARTICLE}{slug}/versions/{row['number']}"),
        url=whole(row["url"]),
        state=row["state"],
        approved_on=row["approved_on"],
        public_from=row["on"],
        public_until=row["to"],
        change_note=row["note"] or None,
        minor_change_to=row["minor_to"],
        policy_override=row["override"] or None,
    )


@endpoint("articles/<slug:slug>/versions/<int:number>", shapes.Article, more=(301,))
def article_version(asked: Asked, slug: str, number: int) -> Any:
    """One version that is or was public."""
    return _or_moved(asked, slug, document.at(slug, number))


@endpoint("articles/<slug:slug>/versions/<int:number>/references", shapes.References, more=(301,))
def article_references(asked: Asked, slug: str, number: int) -> Any:
    """What one version rests on, and what happened to each work since."""
    found = document.at(slug, number)
    return _or_moved(asked, slug, _references(found) if found else None)


def _references(found: shapes.Article) -> shapes.References:
    texts = tuple(shapes.TextReferences(text.audience, text.references) for text in found.texts)
    return shapes.References(found.slug, found.title, found.version, texts)


@endpoint("articles/<slug:slug>/passages", shapes.Passages, more=(301,))
def article_passages(asked: Asked, slug: str) -> Any:
    """The words of a live article as plain text, passage by passage. Without a live text there is nothing here."""
    address = Address.objects.filter(slug=slug, is_current=True).values("article")
    entries = SearchEntry.objects.filter(article__in=address).order_by("-audience").only("audience", "path", "passages")
    texts = tuple(map(_text, entries))
    return _or_moved(asked, slug, shapes.Passages(slug, texts) if texts else None)


def _text(entry: Any) -> shapes.TextPassages:
    return shapes.TextPassages(entry.audience, whole(entry.path), tuple(map(_passage, entry.passages)))


def _passage(row: Any) -> shapes.Passage:
    block, section, said, cites = row
    return shapes.Passage(block or None, section or None, said, tuple(dict.fromkeys(number for _, number in cites)))


# ---- Notices


@endpoint(
    "notices",
    shapes.Notices,
    parameters.one_of("kind", "only notices of this kind", *PageNotice.Kind.values),
    parameters.day("since", "only notices that began or ended on this day or later"),
    parameters.place(),
    LIMIT,
)
def notices(asked: Asked) -> shapes.Notices:
    """The notices on public pages, in the order in which they were made: corrections, retractions, changed evidence, pages withheld."""
    end, of = PageNotice.objects.filter(ends=OuterRef("pk")), Publication.objects.public().filter(article=OuterRef("article"))
    became = EvidenceOutcome.objects.filter(case__notice=OuterRef("pk"))
    slug = Address.objects.filter(article=OuterRef("article"), is_current=True).values("slug")[:1]
    found = PageNotice.objects.filter(ends=None).annotate(
        ended_on=end.values("since")[:1], outcome=became.values("kind")[:1], rationale=became.values("rationale")[:1], slug=slug,
        article_title=of.values("submission__version__title")[:1], article_state=of.values("state")[:1],
    ).filter(article_title__isnull=False)  # fmt: skip
    if asked["kind"]:
        found = found.filter(kind=asked["kind"])
    if day := asked["since"]:
        found = found.filter(Q(since__gte=day) | Q(ended_on__gte=day))
    rows = list(_after(found, asked["cursor"], "made_at")[: asked["limit"] + 1])
    here = rows[: asked["limit"]]
    more = asked.next(Place(here[-1].made_at, here[-1].pk)) if len(rows) > len(here) else None
    return shapes.Notices(tuple(map(_notice, here)), more)


def _notice(notice: Any) -> shapes.PublicNotice:
    return shapes.PublicNotice(
        kind=notice.kind,
        title=notice.get_kind_display(),
        words=notice.words or None,
        since=notice.since,
        until=notice.ended_on,
        outcome=EvidenceOutcome.words_of(notice.outcome, notice.rationale) if notice.outcome else None,
        slug=notice.slug,
        article=titled(notice.article_title, is_retracted=notice.article_state == State.RETRACTED),
        url=whole(reverse("public:article", args=[notice.slug])),
    )
