"""Downloads of "Cite this page": one version of a public text as RIS, BibTeX or CSL-JSON. The same for everyone, and only what the page says."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.views.decorators.http import require_safe

from articles.citations import Source
from articles.formats import bibtex, csl_json, ris
from editorial.middleware import sessionless
from editorial.models import Address
from editorial.pages import citing
from editorial.public.answers import made_now
from records.permits import ruled_by

Write = Callable[[list[tuple[str, Source]]], str]
FORMATS: dict[str, tuple[Write, str]] = {
    "ris": (ris.write, "application/x-research-info-systems; charset=utf-8"),
    "bib": (bibtex.write, "application/x-bibtex; charset=utf-8"),
    "json": (csl_json.write, "application/vnd.citationstyles.csl+json"),
}


@sessionless
@require_safe
@ruled_by("anyone")
def download(request: HttpRequest, slug: str, number: int, ending: str, audience: str) -> HttpResponse:
    """One version as a reference; an earlier address leads to the present one, and what is not public is the same 404 as what is not there."""
    found = citing.cited(slug, number, audience)
    if found is None:
        return _moved(request, slug)
    write, kind = FORMATS[ending]
    return made_now(request, write([(found.key, found.source)]).encode(), kind=kind, name=f"{found.key}.{ending}")


def _moved(request: HttpRequest, slug: str) -> HttpResponse:
    now = Address.objects.filter(article__addresses__slug=slug, article__addresses__is_current=False, is_current=True).exclude(slug=slug).first()
    if now is None:
        raise Http404
    return HttpResponsePermanentRedirect(request.path.replace(f"/articles/{slug}/", f"/articles/{now.slug}/", 1))
