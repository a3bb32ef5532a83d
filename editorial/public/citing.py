"""Downloads of "Cite this page": one version of a public text as RIS, BibTeX or CSL-JSON. The same for everyone, and only what the page says."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from articles.formats import references
from editorial.middleware import sessionless
from editorial.pages import citing
from editorial.public.answers import made_now
from editorial.public.moved import moved
from records.permits import ruled_by

WRITERS = {writer.ending: writer for writer in references.WRITERS.values()}


@sessionless
@require_safe
@ruled_by("anyone")
def download(request: HttpRequest, slug: str, number: int, ending: str, audience: str) -> HttpResponse:
    """One version as a reference; an earlier address leads to the present one, and what is not public is the same 404 as what is not there."""
    found = citing.cited(slug, number, audience)
    if found is None:
        return moved(request, slug)
    writer = WRITERS[ending]
    return made_now(request, writer.write([(found.key, found.source)]).encode(), kind=writer.content_type, name=f"{found.key}.{ending}")
