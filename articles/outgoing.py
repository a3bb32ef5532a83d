"""The one door by which this installation asks other sites.

It opens to nobody unless `OUTGOING_HOSTS` names them. A bare name (`api.crossref.org`) is asked over HTTPS on port 443, at public
addresses alone; a whole origin (`http://127.0.0.1:9000`) is asked as it stands, wherever it is: a stub, or a mirror in one's own
network. The name is resolved once and the connection goes to that very address; a redirect may not leave the origin; the time is
counted over everything, name, handshake, headers and body; the body is cut at a size. No proxy, cookie or password is used.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, BinaryIO
from urllib.parse import SplitResult, urljoin, urlsplit

from django.conf import settings

SECONDS = 8.0
MOST_BYTES = 5_000_000
REDIRECTS = 3
_CHUNK = 65_536
_PORTS = {"https": 443, "http": 80}
_METHODS = frozenset({"GET", "PURGE"})
_MOVED = frozenset({301, 302, 303, 307, 308})


class NotFetched(Exception):
    """Nothing was fetched; `reason` is a sentence that may be shown."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class NotAllowed(NotFetched):
    """This installation does not ask there, or was sent where it does not go."""


@dataclass(frozen=True)
class Reply:
    """What a site answered: its status, what sort of content it says it sends, and the body (empty when it was written to a file)."""

    status: int
    content_type: str
    body: bytes
    size: int
    retry_after: str = ""


@dataclass(frozen=True)
class Origin:
    """Scheme, host and port of a site, and whether the settings name it as a whole, so that it may be anywhere."""

    scheme: str
    host: str
    port: int
    may_be_private: bool = False


def may_ask(url: str) -> bool:
    """Whether the settings let this address be asked at all."""
    try:
        _allowed(url)
    except NotAllowed:
        return False
    return True


def fetch(
    url: str, *, method: str = "GET", headers: Mapping[str, str] | None = None, seconds: float = SECONDS, most: int = MOST_BYTES, into: BinaryIO | None = None
) -> Reply:
    """GET, or PURGE, an address within so many seconds and bytes; NotFetched, NotAllowed for what the settings forbid. Any status is a reply.

    With `into` the body goes to that file as it comes, and is not kept in memory.
    """
    until = time.monotonic() + seconds
    origin = _allowed(url)
    if method not in _METHODS:
        raise ValueError(f"{method} is no method of ours.")
    try:
        addresses = _resolved(origin, until)
        for _ in range(1 + REDIRECTS):
            reply, elsewhere = _ask(method, url, origin, addresses, dict(headers or {}), until, most, into)
            if not elsewhere:
                return reply
            url = _followed(url, elsewhere, origin)
    except TimeoutError:
        raise NotFetched(f"{origin.host} did not answer within {seconds:g} seconds.") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotFetched(f"{origin.host} could not be read: {_why(error)}.") from None
    raise NotFetched(f"{origin.host} sent us on more than {REDIRECTS} times.")


def _why(error: Exception) -> str:
    """What went wrong, without the words of a stranger."""
    if isinstance(error, ssl.SSLError):
        return "its certificate or its encryption is not valid"
    if isinstance(error, socket.gaierror):
        return "its name is not known"
    if isinstance(error, http.client.IncompleteRead):
        return "the answer was broken off"
    return "the connection failed" if isinstance(error, OSError) else "the answer is not HTTP"


# ---- Where one may ask


def _allowed(url: str) -> Origin:
    """The origin of an address, with what the settings say of it; NotAllowed when they do not name it."""
    origin = _origin(url)
    for entry in settings.OUTGOING_HOSTS:
        if "://" not in entry and (origin.scheme, origin.host, origin.port) == ("https", entry.lower(), 443):
            return origin
        if "://" in entry and _origin(entry) == origin:
            return Origin(origin.scheme, origin.host, origin.port, may_be_private=True)
    raise NotAllowed(f"This installation does not ask {origin.host}: OUTGOING_HOSTS does not name it.")


def _origin(url: str) -> Origin:
    parts = _parts(url)
    scheme, host = parts.scheme, parts.hostname or ""
    return Origin(scheme, host, parts.port or _PORTS[scheme])


def _parts(url: str) -> SplitResult:
    """The parts of a plain web address: nothing in it that two readers could read differently."""
    try:
        parts = urlsplit(url)
        is_plain = all("!" <= sign <= "~" for sign in url) and "\\" not in url and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        is_plain = False
    if not is_plain or parts.scheme not in _PORTS or not parts.hostname:
        raise NotAllowed("This is no address that can be asked.")
    return parts


def _followed(url: str, elsewhere: str, origin: Origin) -> str:
    """The address of a redirect; NotAllowed when it leaves the origin."""
    there = urljoin(url, elsewhere)
    found = _origin(there)
    if (found.scheme, found.host, found.port) != (origin.scheme, origin.host, origin.port):
        raise NotAllowed(f"{origin.host} sent us to another site, where we do not go.")
    return there


# ---- The address, once

Address = tuple[int, tuple[Any, ...]]


def _resolved(origin: Origin, until: float) -> list[Address]:
    """The addresses behind a name, asked for once; NotAllowed when one of them is not public and the settings do not name the origin."""
    found: list[list[Address] | OSError] = []

    def ask() -> None:
        try:
            found.append([(entry[0], entry[4]) for entry in socket.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)])
        except (OSError, UnicodeError) as error:
            found.append(error if isinstance(error, OSError) else socket.gaierror(str(error)))

    # A resolver keeps no time of its own that we could set.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(_left(until))
    if not found:
        raise TimeoutError
    if isinstance(found[0], OSError):
        raise found[0]
    if not origin.may_be_private and not all(is_public(str(place[0])) for _, place in found[0]):
        raise NotAllowed(f"{origin.host} leads to an address that is not public.")
    return found[0]


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, and holds within it none that is not."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_global and not ip.is_multicast
    if inner := _within(ip):
        return all(each.is_global and not each.is_multicast for each in inner)
    return ip.is_global and ip in _UNICAST


_UNICAST = ipaddress.ip_network("2000::/3")
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")


def _within(ip: ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """The IPv4 addresses that an IPv6 address stands for: mapped, tunnelled or translated."""
    translated = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _TRANSLATED else None
    return [each for each in (ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ()), translated) if each is not None]


# ---- One request


class _Timed:
    """A socket that reads until a moment, however slowly the bytes drip."""

    until = 0.0

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        """Read, for no longer than is left."""
        self.settimeout(_left(self.until))  # type: ignore[attr-defined]
        return super().recv_into(*args, **kwargs)  # type: ignore[misc,no-any-return]


class _Plain(_Timed, socket.socket):
    """Without encryption: for stubs and mirrors of one's own."""


class _Encrypted(_Timed, ssl.SSLSocket):
    """With it."""


def _left(until: float) -> float:
    """How many seconds are left; TimeoutError when none are."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


@cache
def _context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.sslsocket_class = _Encrypted
    return context


def _connected(origin: Origin, addresses: list[Address], until: float) -> _Timed:
    """A connection to the first of these addresses that takes one; the name is what the certificate is held against."""
    failure: OSError = OSError()
    for index, (family, place) in enumerate(addresses):
        plain = _Plain(family, socket.SOCK_STREAM)
        try:
            # One that swallows everything leaves time for the next.
            plain.settimeout(_left(until) / (len(addresses) - index))
            plain.connect(place)
            connected = _context().wrap_socket(plain, server_hostname=origin.host) if origin.scheme == "https" else plain
        except OSError as error:
            plain.close()
            failure = error
            continue
        connected.until = until  # type: ignore[union-attr]
        return connected  # type: ignore[return-value]
    raise failure


def _ask(
    method: str, url: str, origin: Origin, addresses: list[Address], headers: dict[str, str], until: float, most: int, into: BinaryIO | None
) -> tuple[Reply, str]:
    """One request to one of the resolved addresses: the reply, and where it sends us instead, if it does."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(origin.host, origin.port)
    connection.default_port = _PORTS[origin.scheme]  # type: ignore[attr-defined]
    connection.sock = _connected(origin, addresses, until)  # type: ignore[assignment]
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, headers={**headers, "Accept-Encoding": "identity", "Connection": "close"})
        with connection.getresponse() as response:
            return _read(response, origin, most, into)
    finally:
        connection.close()


def _read(response: http.client.HTTPResponse, origin: Origin, most: int, into: BinaryIO | None) -> tuple[Reply, str]:
    elsewhere = response.headers.get("Location", "") if response.status in _MOVED else ""
    if elsewhere:
        return Reply(response.status, "", b"", 0), elsewhere
    body, size = _body(response, origin, most, into)
    kind = response.headers.get_content_type() if "Content-Type" in response.headers else ""
    return Reply(response.status, kind, body, size, response.headers.get("Retry-After", "")), ""


def _body(response: http.client.HTTPResponse, origin: Origin, most: int, into: BinaryIO | None) -> tuple[bytes, int]:
    """The body and its size; NotFetched when it is larger than `most`, packed, or shorter than it says."""
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise NotFetched(f"{origin.host} sent a packed answer, which was not asked for.")
    promised, kept, size = response.length, [], 0
    while chunk := response.read1(_CHUNK):
        size += len(chunk)
        if size > most:
            raise NotFetched(f"{origin.host} sent more than {most // 1_000_000 or 1} MB.")
        if into is None:
            kept.append(chunk)
        else:
            into.write(chunk)
    if promised is not None and size < promised:
        raise http.client.IncompleteRead(b"", promised - size)
    return b"".join(kept), size
