"""The site asked as a reader asks it, without a network between: the same handler, the same bytes, the same headers."""

import gzip
import hashlib
import re
from dataclasses import dataclass, replace
from io import BytesIO
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import FileResponse, HttpResponseBase
from django.template.loader import get_template

from editorial.addresses import AWAY, NOT_FOUND
from editorial.frame import frame
from editorial.pages import GZIP_LEVEL

# What a server says of each answer by itself; the rest is said of every address of a kind.
OWN = frozenset({"content-length", "content-encoding", "etag", "last-modified", "date"})
_TAG = re.compile(r'(?:W/)?"([a-z][0-9a-f]{64})"')
_NAME = re.compile(r'filename="([^"/;]+)"')


class NotForEveryone(Exception):
    """An answer that a file must not hold: it sets a cookie, or does not say that anybody may keep it."""


class Spoilt(Exception):
    """A page whose bytes are not those that its tag names."""


@dataclass(frozen=True)
class Answer:
    """What the site answers at an address. The tag is a letter and the SHA-256 of the body; s and x are letters of files that the site tags otherwise, or not."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    zipped: bytes | None
    tag: str
    name: str = ""

    @property
    def kind(self) -> str:
        """The content type."""
        return next((value for name, value in self.headers if name == "Content-Type"), "")


class Door:
    """Asks for addresses, one after the other."""

    def __init__(self) -> None:
        self._handler = WSGIHandler()
        site = urlsplit(settings.SITE_URL)
        secure = {settings.SECURE_PROXY_SSL_HEADER[0]: settings.SECURE_PROXY_SSL_HEADER[1]} if settings.SECURE_PROXY_SSL_HEADER else {}
        self._environ = {
            "REQUEST_METHOD": "GET",
            "SERVER_NAME": site.hostname,
            "SERVER_PORT": str(site.port or (443 if site.scheme == "https" else 80)),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": site.netloc,
            "HTTP_ACCEPT_ENCODING": "gzip",
            "wsgi.url_scheme": "https" if settings.HTTPS else site.scheme,
            **(secure if settings.HTTPS else {}),
        }

    def ask(self, address: str) -> Answer | None:
        """The answer at an address; None where there is none, or one that sends elsewhere. NotForEveryone for what no file may hold."""
        if address == AWAY:
            return self._away()
        path = unquote(address).encode().decode("latin-1")
        response = self._handler.get_response(WSGIRequest({**self._environ, "PATH_INFO": path, "wsgi.input": BytesIO()}))
        sent = _sent(response)
        if response.status_code != (404 if address == NOT_FOUND else 200):
            if response.status_code >= 500:
                raise RuntimeError(f"The site answers {response.status_code} at {address}.")
            return None
        if response.cookies or not (address == NOT_FOUND or "public" in response.headers.get("Cache-Control", "")):
            raise NotForEveryone(f"What is at {address} is not for everyone to keep: nothing was written.")
        return _answer(response.status_code, dict(response.headers.items()), sent)


    def _away(self) -> Answer | None:
        """The one page that the site itself never gives, with the headers of that for what is not there."""
        like = self.ask(NOT_FOUND)
        body = get_template("503.html").render(frame()).encode()
        return like and replace(like, status=503, body=body, zipped=gzip.compress(body, GZIP_LEVEL, mtime=0), tag=f"x{hashlib.sha256(body).hexdigest()}")


def _sent(response: HttpResponseBase) -> bytes:
    """The body. The answer itself is not closed: that would end the connections to the database, as between two requests of a server."""
    if not isinstance(response, FileResponse):
        return response.content  # type: ignore[attr-defined,no-any-return]
    sent = b"".join(response.streaming_content)  # type: ignore[arg-type]
    if response.file_to_stream is not None:
        response.file_to_stream.close()
    return sent


def _answer(status: int, headers: dict[str, str], sent: bytes) -> Answer:
    is_zipped = headers.get("Content-Encoding") == "gzip"
    body = gzip.decompress(sent) if is_zipped else sent
    digest = hashlib.sha256(body).hexdigest()
    match = _TAG.search(headers.get("ETag", ""))
    if match and match[1][1:] != digest:
        raise Spoilt("A page is not the one that its tag names: run rebuild_pages, and find out why.")
    letter = match[1][0] if match else "s" if status == 200 else "x"
    name = _NAME.search(headers.get("Content-Disposition", ""))
    kept = tuple(sorted((key, value) for key, value in headers.items() if key.lower() not in OWN))
    return Answer(status, kept, body, sent if is_zipped else None, f"{letter}{digest}", name[1] if name else "")
