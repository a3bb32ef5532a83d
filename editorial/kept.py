"""What somebody typed is not lost when their session had ended, nor when another button of the page was pressed: it waits for its page.

It waits in the session, for one page at a time, and never with a password or a code.
"""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, QueryDict

KEPT = "kept_text"
WAS_KEPT = "What you typed was kept while you were signed out. It is not saved yet."
MOST_KEPT = 1_000_000
_NOT_TYPED = frozenset({"csrfmiddlewaretoken", "do", "q", "password"})


def keep(request: HttpRequest, back: str, *, is_known: bool, act: str = "", leave_out: Iterable[str] = ()) -> None:
    """Keep what was sent for the page `back`, within bounds; nothing of it where the page is about nothing that we know.

    The answer is the same in both cases. `act` says what was to be done with it: words for another act on the same page stay.
    """
    typed = request.POST.copy()
    for name in {*_NOT_TYPED, *leave_out} & typed.keys():
        del typed[name]
    words = typed.urlencode()
    if typed:
        before = request.session.get(KEPT, {})
        beside = {name: kept for name, kept in _acts(before).items() if name != act} if before.get("for") == back else {}
        request.session[KEPT] = {"for": back, "typed": words if is_known and len(words) <= MOST_KEPT else "", "act": act, "beside": beside}


def _acts(kept: dict[str, Any]) -> dict[str, str]:
    """All words that are kept, by what was to be done with them, the newest last."""
    return {**kept.get("beside", {}), kept.get("act", ""): kept["typed"]} if kept else {}


def kept_acts(request: HttpRequest) -> dict[str, QueryDict]:
    """What was typed for this page, by what was to be done with it. What was kept for a page with a query is for that one alone."""
    return kept_for(request, request.path) or kept_for(request, request.get_full_path())


def kept_for(request: HttpRequest, back: str) -> dict[str, QueryDict]:
    """What was typed for another page, by what was to be done with it."""
    kept = request.session.get(KEPT, {})
    return {act: QueryDict(words) for act, words in _acts(kept).items() if words} if kept.get("for") == back else {}


def kept_text(request: HttpRequest) -> QueryDict | None:
    """What was typed for this page and sent last, if anything."""
    return next(reversed(kept_acts(request).values()), None)


def forget_text(request: HttpRequest) -> None:
    """Let go of the kept text: it was saved, or is not wanted."""
    request.session.pop(KEPT, None)


def forget_act(request: HttpRequest, back: str, act: str, names: Iterable[str] | None = None) -> None:
    """Let go of what was kept for one act on a page, or of some of its fields; what waits for another act or page stays."""
    kept = request.session.get(KEPT, {})
    words = _acts(kept)
    if kept.get("for") != back or act not in words:
        return
    left = QueryDict(words.pop(act), mutable=True)
    if names is not None:
        for name in set(names) & left.keys():
            del left[name]
        words = {**words, act: left.urlencode()} if left else words
    if not words:
        del request.session[KEPT]
        return
    newest = list(words)[-1]
    request.session[KEPT] = {"for": back, "typed": words.pop(newest), "act": newest, "beside": words}
