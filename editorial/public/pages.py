"""The page of an article: one lookup by path brings its tag, and its bytes only where neither the reader nor this process holds them."""

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.views.decorators.http import require_safe

from editorial import pages
from editorial.middleware import sessionless
from editorial.pages.kept import Kept
from editorial.public.answers import Ready, accepts_gzip, has, made_now, not_modified, whole
from records import clock
from records.permits import ruled_by
from records.planned import Planned

LOOKUP = (
    'SELECT status, etag, stale_on, article_id, CASE WHEN etag IN (%s, %s) THEN NULL ELSE {bytes} END FROM "editorial_publishedpage" WHERE path = %s'
)
PLAIN, ZIPPED = Planned(LOOKUP.format(bytes="body")), Planned(LOOKUP.format(bytes="gzipped"))
# An earlier slug of an article, joined to the page that is at its present one.
MOVED = (
    'SELECT page.path FROM "editorial_address" old '
    'JOIN "editorial_address" new ON new.article_id = old.article_id AND new.is_current '
    "JOIN \"editorial_publishedpage\" page ON page.path = '/articles/' || new.slug || %s "
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
    path, zipped = request.path_info, accepts_gzip(request)
    kept = KEPT.get((path, zipped))
    row = (ZIPPED if zipped else PLAIN).first(_held(request), kept[0], path)
    if row is None:
        return _moved(path, slug)
    status, etag, stale_on, article_id, content = row
    if stale_on is not None and str(stale_on) <= clock.today().isoformat():
        return _afresh(request, article_id, path)
    if has(request, etag):
        return not_modified(etag)
    if content is not None:
        kept = KEPT.put((path, zipped), (etag, bytes(content), Ready(etag, len(content), zipped=zipped)))
    return whole(request, kept[2], kept[1], status=status)


def _held(request: HttpRequest) -> str:
    """The tag of the page that the reader holds, when it is one that a page of ours can have."""
    tag = request.META.get("HTTP_IF_NONE_MATCH", "").removeprefix("W/")
    return tag if tag.isascii() and tag.isprintable() else ""


def _afresh(request: HttpRequest, article_id: object, path: str) -> HttpResponse:
    """A page that the calendar has moved, as it reads today; nothing is written."""
    made = pages.afresh(article_id, path, clock.today())
    if made is None:
        raise Http404
    etag, body = made
    return made_now(request, body, etag)


def _moved(path: str, slug: str) -> HttpResponse:
    """An earlier address leads to the present one for good."""
    rest = path.removeprefix(f"/articles/{slug}")
    with connection.cursor() as cursor:
        cursor.execute(MOVED, (rest, slug))
        row = cursor.fetchone()
    if row is None:
        raise Http404
    return HttpResponsePermanentRedirect(row[0])
