"""The page of an article, and its document in the API: one lookup by path brings the tag, and the bytes only where neither the reader nor this
process holds them."""

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.views.decorators.http import require_safe

from editorial import pages
from editorial.middleware import sessionless
from editorial.pages.kept import Kept
from editorial.public.answers import HTML, ZIPPED, Ready, accepts_gzip, has, made_now, not_modified, whole
from records import clock
from records.permits import ruled_by
from records.planned import Planned

LOOKUP = (
    'SELECT status, etag, stale_on, article_id, CASE WHEN etag IN (%s, %s) THEN NULL ELSE {bytes} END FROM "editorial_publishedpage" WHERE path = %s'
)
AS_IT_IS, AS_SENT_ZIPPED = Planned(LOOKUP.format(bytes="body")), Planned(LOOKUP.format(bytes="gzipped"))
# An earlier slug of an article, joined to the page that is at its present one.
MOVED = (
    'SELECT page.path FROM "editorial_address" old '
    'JOIN "editorial_address" new ON new.article_id = old.article_id AND new.is_current '
    'JOIN "editorial_publishedpage" page ON page.path = CAST(%s AS text) || new.slug || CAST(%s AS text) '
    "WHERE old.slug = %s AND NOT old.is_current"
)
MOST_KEPT = 256
Page = tuple[str, bytes, Ready]
NOTHING: Page = ("", b"", Ready(""))

# The bytes that this process sent last, by path and encoding, each under its tag. The tag is read from the database for every request, so
# nothing here is ever sent in place of a newer page.
KEPT: Kept[tuple[str, bool], Page] = Kept(MOST_KEPT, NOTHING)


@sessionless
@require_safe
@ruled_by("anyone")
def page(request: HttpRequest, slug: str, number: int = 0) -> HttpResponse:
    """The finished page at this address, for everyone alike; absent and unpublished are the same 404."""
    found = finished(request)
    return moved(request.path_info, slug) if found is None else found


def finished(request: HttpRequest, kind: str = HTML, *, is_open: bool = False) -> HttpResponse | None:
    """What stands ready at this address; None when nothing does."""
    path, zipped = request.path_info, accepts_gzip(request)
    kept = KEPT.get((path, zipped))
    row = (AS_SENT_ZIPPED if zipped else AS_IT_IS).first(_held(request), kept[0], path)
    if row is None:
        return None
    status, etag, stale_on, article_id, content = row
    if stale_on is not None and str(stale_on) <= clock.today().isoformat():
        return _afresh(request, article_id, path, kind, is_open=is_open)
    if has(request, etag):
        return not_modified(etag, zipped=zipped, is_open=is_open)
    if content is not None:
        ready = Ready(etag, len(content), zipped=zipped, kind=kind, is_open=is_open)
        kept = KEPT.put((path, zipped), (etag, bytes(content), ready))
    return whole(request, kept[2], kept[1], status=status)


def _held(request: HttpRequest) -> str:
    """The tag of the page that the reader holds, when it is one that a page of ours can have."""
    tag = request.META.get("HTTP_IF_NONE_MATCH", "").removeprefix("W/").replace(ZIPPED, '"')
    return tag if tag.isascii() and tag.isprintable() else ""


def _afresh(request: HttpRequest, article_id: object, path: str, kind: str, *, is_open: bool) -> HttpResponse:
    """A page that the calendar has moved, as it reads today; nothing is written."""
    made = pages.afresh(article_id, path, clock.today())
    if made is None:
        raise Http404
    etag, body = made
    return made_now(request, body, etag, kind, is_open=is_open)


def moved(path: str, slug: str, before: str = "/articles/") -> HttpResponse:
    """An earlier address leads to the present one for good; `before` is how the path begins."""
    rest = path.removeprefix(f"{before}{slug}")
    with connection.cursor() as cursor:
        cursor.execute(MOVED, (before, rest, slug))
        row = cursor.fetchone()
    if row is None:
        raise Http404
    return HttpResponsePermanentRedirect(row[0])
