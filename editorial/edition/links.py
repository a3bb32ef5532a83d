"""Where a page, a style sheet, a feed or a site map leads."""

import re
from collections.abc import Iterator
from html import unescape

# Our own pages, whose attributes are quoted and whose text has no bare quotes: a parser would take ten times as long.
_ATTRIBUTE = re.compile(r'\s(?:href|src|action|formaction)="([^"]*)"')
_ELEMENT = re.compile(r"<(?:loc|link|url)>\s*([^<\s]+)\s*</")
_STYLE = re.compile(r"url\(\s*['\"]?([^'\")]+)['\"]?\s*\)")


def links(kind: str, body: bytes) -> Iterator[str]:
    """The links in an answer of this content type, as they are written."""
    if kind.startswith("text/css"):
        yield from _STYLE.findall(body.decode())
    elif "html" in kind or "xml" in kind:
        words = body.decode()
        yield from map(unescape, _ATTRIBUTE.findall(words))
        if "html" not in kind:
            yield from map(unescape, _ELEMENT.findall(words))
