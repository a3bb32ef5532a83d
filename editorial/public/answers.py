"""How a public page is answered: the same bytes for everyone, fresh at the next request, sent once and not again."""

import gzip
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.utils.http import parse_etags

from editorial import pages
from editorial.frame import frame
from editorial.middleware import HEADERS

# How the tag of zipped bytes ends, where it is a strong one.
ZIPPED = '-gzip"'
CACHED = "public, max-age=0, must-revalidate"
HTML = "text/html; charset=utf-8"
# What is made for programs: scripts of any site may read it, nobody's cookies come into it, and search engines list the page instead.
OPEN = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag, Retry-After", "X-Robots-Tag": "noindex"}


def accepts_gzip(request: HttpRequest) -> bool:
    """Whether the reader's program takes gzip, and has not said `gzip;q=0`."""
    accepted = request.META.get("HTTP_ACCEPT_ENCODING", "")
    return "gzip" in accepted and "gzip;q=0" not in accepted.replace(" ", "").replace("q=0.", "q=.")


def has(request: HttpRequest, etag: str) -> bool:
    """Whether the reader holds the page with this tag already, zipped or not; proxies may have weakened it."""
    known = request.META.get("HTTP_IF_NONE_MATCH")
    if known is None:
        return False
    known = known.replace(ZIPPED, '"')
    return known in (etag, f"W/{etag}") or "*" in known or etag in [tag.removeprefix("W/") for tag in parse_etags(known)]


def strong(etag: str, *, zipped: bool) -> str:
    """The tag of exactly the bytes that are sent: zipped ones are others."""
    return f'{etag[:-1]}{ZIPPED}' if zipped else etag


class Ready:
    """The headers of one page, put together once: setting them one by one costs a third of an answer."""

    def __init__(self, etag: str, length: int | None = None, *, zipped: bool = False, kind: str = HTML, name: str = "", is_open: bool = False) -> None:
        """`length` is that of the bytes as they are sent; None for a 304, which has none. `name` is that of a file to keep: letters, digits, - and . alone.

        What `is_open` to programs has a strong tag; pages have a weak one, the same whether they are zipped or not.
        """
        said = dict(HEADERS) | {"ETag": strong(etag, zipped=zipped) if is_open else f"W/{etag}", "Cache-Control": CACHED, "Vary": "Accept-Encoding"}
        if is_open:
            said |= OPEN
        if length is not None:
            said |= {"Content-Type": kind, "Content-Length": str(length)} | ({"Content-Encoding": "gzip"} if zipped else {})
        if name:
            said["Content-Disposition"] = f'attachment; filename="{name}"'
        self._store = {name.lower(): pair for name, pair in ((name, (name, value)) for name, value in said.items())}

    def answer(self, content: bytes, status: int = 200) -> HttpResponse:
        """A response with exactly these headers."""
        response = HttpResponse(content, status=status, content_type=HTML)
        response.headers._store = self._store.copy()
        return response


def not_modified(etag: str, *, zipped: bool = False, is_open: bool = False) -> HttpResponse:
    """304: what the reader holds is what is public."""
    return _held(etag, zipped, is_open).answer(b"", status=304)


@lru_cache(maxsize=1024)
def _held(etag: str, zipped: bool, is_open: bool) -> Ready:
    return Ready(etag, zipped=zipped, is_open=is_open)


def whole(request: HttpRequest, ready: Ready, content: bytes, *, status: int = 200) -> HttpResponse:
    """The page itself; to HEAD the same headers without it."""
    return ready.answer(b"" if request.method == "HEAD" else content, status)


def made_now(request: HttpRequest, body: bytes, etag: str = "", kind: str = HTML, name: str = "", *, is_open: bool = False) -> HttpResponse:
    """A page that was made for this request: 304 when the reader holds it, else zipped where that is taken."""
    etag, zipped = etag or pages.tag(body), accepts_gzip(request)
    if has(request, etag):
        return not_modified(etag, zipped=zipped, is_open=is_open)
    content = gzip.compress(body, pages.GZIP_LEVEL, mtime=0) if zipped else body
    return whole(request, Ready(etag, len(content), zipped=zipped, kind=kind, name=name, is_open=is_open), content)


def rendered(request: HttpRequest, template: str, page: dict[str, Any]) -> HttpResponse:
    """A template with the frame around it."""
    return made_now(request, get_template(template).render(frame() | {"page": page}).encode())
