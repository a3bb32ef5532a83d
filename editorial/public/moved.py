"""Earlier addresses of articles lead to the present ones for good, with all that stands below them."""

from django.http import Http404, HttpRequest, HttpResponsePermanentRedirect

from editorial.models import Address


def moved(request: HttpRequest, slug: str) -> HttpResponsePermanentRedirect:
    """The same place below the present address of an article that had this slug; 404 for a slug that none had, or has now."""
    now = Address.objects.filter(article__addresses__slug=slug, article__addresses__is_current=False, is_current=True).exclude(slug=slug)
    present = now.values_list("slug", flat=True).first()
    if present is None:
        raise Http404
    return HttpResponsePermanentRedirect(request.get_full_path().replace(f"/articles/{slug}/", f"/articles/{present}/", 1))
