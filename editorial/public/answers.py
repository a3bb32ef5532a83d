"""How a public page is answered: the same bytes for everyone, fresh at the next request, sent once and not again."""

import gzip
import math
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.utils.http import http_date, parse_etags, parse_http_date_safe

from editorial import pages
from editorial.frame import frame
from editorial.middleware import HEADERS
from records import clock

# How the tag of zipped bytes ends, where it is a strong one.
ZIPPED = '-gzip"'
CACHED = "public, max-age=0, must-revalidate"
HTML = "text/html; charset=utf-8"
# An act that began before the last change may end after it, with an earlier moment: so long a change is not told by its second.
SETTLED = 10
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


def _second(changed_at: datetime | None) -> int:
    """The whole second after a change, once no other can come before it; 0 until then, and where nothing is known."""
    second = math.ceil(changed_at.timestamp()) if changed_at else 0
    return second if second + SETTLED <= clock.now().timestamp() else 0


def _holds_since(request: HttpRequest, second: int) -> bool:
    """Whether a reader who knows no tag has asked since then."""
    since = parse_http_date_safe(request.META.get("HTTP_IF_MODIFIED_SINCE", ""))
    return bool(second) and "HTTP_IF_NONE_MATCH" not in request.META and since is not None and since >= second


class Ready:
    """The headers of one page, put together once: setting them one by one costs a third of an answer."""

    def __init__(
        self,
        etag: str,
        length: int | None = None,
        *,
        zipped: bool = False,
        kind: str = HTML,
        name: str = "",
        second: int = 0,
        is_exact: bool = False,
        is_open: bool = False,
    ) -> None:
        """`length` is that of the bytes as they are sent; None for a 304, which has none. `name` is that of a file to keep: letters, digits, - and . alone.

        `second` is that in which the page changed last, counted from 1970, where that is known. What `is_exact`, or `is_open` to programs, has a
        strong tag; other pages have a weak one, the same whether they are zipped or not.
        """
        tag = strong(etag, zipped=zipped) if is_exact or is_open else f"W/{etag}"
        said = dict(HEADERS) | {"ETag": tag, "Cache-Control": CACHED, "Vary": "Accept-Encoding"} | (OPEN if is_open else {})
        if length is not None:
            said |= {"Content-Type": kind, "Content-Length": str(length)} | ({"Content-Encoding": "gzip"} if zipped else {})
        if second:
            said["Last-Modified"] = http_date(second)
        if name:
            said["Content-Disposition"] = f'attachment; filename="{name}"'
        self._store = {name.lower(): pair for name, pair in ((name, (name, value)) for name, value in said.items())}

    def answer(self, content: bytes, status: int = 200) -> HttpResponse:
        """A response with exactly these headers."""
        response = HttpResponse(content, status=status, content_type=HTML)
        response.headers._store = self._store.copy()
        return response


def not_modified(etag: str, *, zipped: bool = False, is_exact: bool = False, is_open: bool = False) -> HttpResponse:
    """304: what the reader holds is what is public."""
    return _held(etag, zipped, is_exact, is_open).answer(b"", status=304)


@lru_cache(maxsize=1024)
def _held(etag: str, zipped: bool, is_exact: bool, is_open: bool) -> Ready:
    return Ready(etag, zipped=zipped, is_exact=is_exact, is_open=is_open)


def whole(request: HttpRequest, ready: Ready, content: bytes, *, status: int = 200) -> HttpResponse:
    """The page itself; to HEAD the same headers without it."""
    return ready.answer(b"" if request.method == "HEAD" else content, status)


def made_now(
    request: HttpRequest,
    body: bytes,
    etag: str = "",
    kind: str = HTML,
    name: str = "",
    changed_at: datetime | None = None,
    *,
    is_exact: bool = False,
    is_open: bool = False,
) -> HttpResponse:
    """A page that was made for this request: 304 when the reader holds it, else zipped where that is taken; `is_exact` gives it a strong tag."""
    zipped, etag, second = accepts_gzip(request), etag or pages.tag(body), _second(changed_at)
    if has(request, etag) or _holds_since(request, second):
        return not_modified(etag, zipped=zipped, is_exact=is_exact, is_open=is_open)
    content = gzip.compress(body, pages.GZIP_LEVEL, mtime=0) if zipped else body
    ready = Ready(etag, len(content), zipped=zipped, kind=kind, name=name, second=second, is_exact=is_exact, is_open=is_open)
    return whole(request, ready, content)


def rendered(request: HttpRequest, template: str, page: dict[str, Any], *, is_exact: bool = False) -> HttpResponse:
    """A template with the frame around it, and the one address of the page."""
    address = f"{settings.SITE_URL}{request.path_info}"
    return made_now(request, get_template(template).render(frame() | {"page": page, "address": address}).encode(), is_exact=is_exact)
