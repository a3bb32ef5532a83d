"""What somebody typed is not lost when their session had ended, nor when another button of the page was pressed: it waits for its page.

It waits in the session, for one page at a time, and never with a password or a code.
"""

from collections.abc import Iterable

from django.http import HttpRequest, QueryDict

KEPT = "kept_text"
WAS_KEPT = "What you typed was kept while you were signed out. It is not saved yet."
MOST_KEPT = 1_000_000
_NOT_TYPED = frozenset({"csrfmiddlewaretoken", "do", "q", "password"})


def keep(request: HttpRequest, back: str, *, is_known: bool, act: str = "", leave_out: Iterable[str] = ()) -> None:
    """Keep what was sent for the page `back`, within bounds; nothing of it where the page is about nothing that we know.

    The answer is the same in both cases. `act` says what was to be done with it.
    """
    typed = request.POST.copy()
    for name in {*_NOT_TYPED, *leave_out} & typed.keys():
        del typed[name]
    words = typed.urlencode()
    if typed:
        request.session[KEPT] = {"for": back, "typed": words if is_known and len(words) <= MOST_KEPT else "", "act": act}


def kept_text(request: HttpRequest) -> QueryDict | None:
    """What was typed for this page, if anything. What was kept for a page with a query is for that one alone."""
    kept = request.session.get(KEPT)
    return QueryDict(kept["typed"]) if kept and kept["typed"] and kept["for"] in {request.path, request.get_full_path()} else None


def kept_act(request: HttpRequest) -> str:
    """What was to be done with the kept words."""
    return str(request.session.get(KEPT, {}).get("act", ""))


def forget_text(request: HttpRequest, back: str = "", names: Iterable[str] = ()) -> None:
    """Let go of the kept text: it was saved, or is not wanted. With `back` only that of this page, and with `names` only these fields of it."""
    kept = request.session.get(KEPT)
    if not kept or (back and kept["for"] != back):
        return
    typed, gone = QueryDict(kept["typed"], mutable=True), set(names)
    left = [name for name in typed if name not in gone] if gone else []
    if not left:
        del request.session[KEPT]
    elif len(left) < len(typed):
        for name in gone & typed.keys():
            del typed[name]
        request.session[KEPT] = {**kept, "typed": typed.urlencode()}
