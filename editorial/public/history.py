"""The history of an article, and what changed between two of its versions: for everyone alike, of what was public alone."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from editorial.middleware import by_query, sessionless
from editorial.pages import comparing
from editorial.pages import history as histories
from editorial.public import lists
from editorial.public.answers import rendered
from editorial.public.moved import moved
from records.permits import ruled_by


@sessionless
@require_safe
@ruled_by("anyone")
def history(request: HttpRequest, slug: str, page: int = 1) -> HttpResponse:
    """Every version that was public, newest first, with the notices that readers got; seven queries at most, 25 rows a page."""
    found = histories.of(slug)
    if found is None:
        return moved(request, slug)
    turned = lists.turned(found, page, len(found), reverse("public:history", args=[slug]))
    if turned is None:
        raise Http404
    rows, turns = turned
    return rendered(request, "public/history.html", found.page | {"rows": rows, "pages": turns, "choices": _choices(found, rows)})


def _choices(found: histories.History, rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """The versions among these rows, newest first, and the public one: what can be compared from here."""
    here = [{"number": row["number"], "on": row["on"]} for row in rows if "is_notice" not in row]
    current = {"number": found.page["current"], "on": found.shown.last_updated_on}
    return here if current in here else [current, *here]


@by_query
@sessionless
@require_safe
@ruled_by("anyone")
def choose(request: HttpRequest, slug: str) -> HttpResponse:
    """Where the form of the history leads: two numbers as an address. It looks at nothing."""
    first, second = (_number(request.GET.get(name, "")) for name in ("from", "to"))
    return HttpResponseRedirect(reverse("public:compare", args=[slug, *sorted((first, second))]))


def _number(words: str) -> int:
    if not (words.isascii() and words.isdigit() and len(words) < 7):
        raise Http404
    return int(words)


@by_query
@sessionless
@require_safe
@ruled_by("anyone")
def compare(request: HttpRequest, slug: str, first: int, second: int) -> HttpResponse:
    """What changed between two versions that were public; what was not is the same 404 as what is not there. Nine queries at most."""
    found = comparing.both(slug, (first, second))
    if found is None:
        return moved(request, slug)
    if first > second:
        return HttpResponsePermanentRedirect(reverse("public:compare", args=[slug, second, first]))
    shape = request.GET.get("view", "changes")
    if shape not in comparing.VIEWS:
        raise Http404
    return rendered(request, "public/compare.html", comparing.view(found, shape), is_exact=True)
