"""The public addresses as the URL patterns tell them: nothing is listed twice.

A file can stand for what is the same for everyone and reads no query; the static edition and a cache in front are about these alone.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from django.conf import settings
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve

STATIC, ARTICLES = "static", "articles"
# The pages of a file server itself: for what is not there, and for what the live site alone answers and does not.
NOT_FOUND, AWAY = "/404.html", "/503.html"
_NAMED = re.compile(r"\?P<\w+>")
_OF_ARTICLE = re.compile(r"/articles/([^/]+)/")


def is_kept(view: Any) -> bool:
    """Whether a file can stand for the answers of a view: the same for everyone, and for every query."""
    return hasattr(view, "sessionless") and not hasattr(view, "by_query")


@cache
def _patterns() -> tuple[URLPattern, ...]:
    """The patterns of the public site."""
    rooms = [one for one in get_resolver().url_patterns if isinstance(one, URLResolver) and one.namespace == "public"]
    return tuple(pattern for room in rooms for pattern in room.url_patterns if isinstance(pattern, URLPattern))


def roots() -> list[str]:
    """The addresses that are there whatever is published; everything else is found by links from them and from the articles."""
    found = [f"/{pattern.pattern}" for pattern in _patterns() if is_kept(pattern.callback) and "<" not in str(pattern.pattern)]
    return [*found, NOT_FOUND, AWAY]


def group(address: str) -> str:
    """What an address belongs to, and changes with: the slug of an article after "articles/", the static files, or "" for the lists."""
    if address.startswith(f"/{STATIC}/"):
        return STATIC
    match = _OF_ARTICLE.match(address)
    return f"{ARTICLES}/{match[1]}" if match else ""


@cache
def is_file(address: str) -> bool:
    """Whether a file stands for this address, if there is anything at it."""
    if address.startswith(settings.STATIC_URL) or address in (NOT_FOUND, AWAY):
        return True
    try:
        match = resolve(unquote(address))
    except Resolver404:
        return False
    return match.namespace == "public" and is_kept(match.func)


@cache
def is_live(address: str) -> bool:
    """Whether the live site alone answers this address: search, questions, signing in."""
    try:
        match = resolve(unquote(address))
    except Resolver404:
        return False
    return match.namespace != "public" or not is_kept(match.func)


def target(address: str, link: str) -> str:
    """The address of this site, with its query, that a link on a page leads to; "" when it leads elsewhere or nowhere else."""
    if link.startswith(("#", "mailto:", "data:")):
        return ""
    parts = urlsplit(urljoin(f"{settings.SITE_URL}{address}", urldefrag(link).url))
    if f"{parts.scheme}://{parts.netloc}" != settings.SITE_URL:
        return ""
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


# ---- Addresses of something

Values = Callable[[str, str, Mapping[str, Any]], Iterable[Any]]


def filled(values: Values) -> Iterator[str]:
    """Every address that a file can stand for, with each of the values for its parameters.

    `values(room, name, chosen)`: of the parameter of that name, below that first part of the address, when those before it are chosen.
    """
    for pattern in _patterns():
        route, converters = str(pattern.pattern), pattern.pattern.converters
        if is_kept(pattern.callback):
            for chosen in _choices(route.partition("/")[0], list(converters), {}, values):
                address = f"/{route}"
                for name, value in chosen.items():
                    address = _named(name).sub(converters[name].to_url(value), address)
                yield address


@cache
def _named(name: str) -> re.Pattern[str]:
    return re.compile(rf"<(?:\w+:)?{name}>")


def _choices(room: str, names: list[str], chosen: dict[str, Any], values: Values) -> Iterator[dict[str, Any]]:
    if not names:
        yield chosen
        return
    for value in values(room, names[0], chosen):
        yield from _choices(room, names[1:], {**chosen, names[0]: value}, values)


# ---- What a web server is told


def live_rooms() -> list[str]:
    """The first parts of the addresses below which everything is the live site's."""
    return sorted({str(one.pattern).split("/")[0] for one in get_resolver().url_patterns if getattr(one, "namespace", "") != "public"})


def live_patterns() -> Iterator[str]:
    """The public addresses that the live site alone answers, as regular expressions."""
    for pattern in _patterns():
        if not is_kept(pattern.callback):
            expression = str(pattern.pattern.regex.pattern).removeprefix("^").removesuffix(r"\Z").removesuffix("$")
            yield f"^/{_NAMED.sub('?:', expression)}$"
