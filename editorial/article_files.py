"""An article as a download: its name, its type, and nothing in its headers that somebody wrote."""

import re
import unicodedata

from django.conf import settings
from django.http import Http404, HttpResponse

from articles.exporting import FORMATS
from articles.formats.items import Item
from articles.formats.to_jats import Journal
from records import clock

_NOT_NAME = re.compile(r"[^a-z0-9]+")


def download(item: Item, format: str) -> HttpResponse:
    """The file of an article, to be kept and not shown; Http404 for a format that there is none of."""
    if format not in FORMATS:
        raise Http404("There is no such format.")
    made = FORMATS[format]
    text = made.write(item, Journal(settings.SITE_NAME, settings.SITE_NAME, clock.today().year))
    response = HttpResponse(text.encode("utf-8", "replace"), content_type=f"{made.content_type}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_name(item.title)}.{made.ending}"'
    return response


def _name(title: str) -> str:
    """A file name of plain letters and digits."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return _NOT_NAME.sub("-", plain).strip("-")[:60].strip("-") or "article"
