"""What stands in the forms of a review's page as somebody typed it: sent when their session had ended, or kept while they did something else."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse

from editorial.desk import earlier, forms, recommending
from editorial.desk.acts import fill
from editorial.kept import WAS_KEPT, forget_act, keep, kept_acts, kept_for
from reviews.models import ReviewAssignment

STAYS = "stays"
_SIGNING = ("sign", "answers", STAYS)


def answers(given: Mapping[str, Any]) -> dict[int, str]:
    """The answers about references in a form: reference id → answer."""
    found = {}
    for name, value in given.items():
        key = name.removeprefix("answer-")
        if name.startswith("answer-") and key.isascii() and key.isdigit() and len(key) < 18:
            found[int(key)] = str(value)
    return found


def said(form: Any, name: str) -> str:
    """What a form says in a field, whether it was sent or is filled with what was kept."""
    return str((form.data if form.is_bound else form.initial).get(name) or "") if form is not None else ""


def again(request: HttpRequest, found: ReviewAssignment) -> dict[str, Any]:
    """The forms of the page with what was kept for them, as `page` takes them."""
    kept = kept_acts(request)
    if set(kept) - {STAYS}:
        messages.info(request, WAS_KEPT)
    shown: dict[str, Any] = {}
    digest = {"digest": found.submission.version.digest}
    for act, typed in kept.items():
        if act == "comment":
            shown["comment_form"] = forms.CommentForm(request=request, auto_id="sent_%s", initial=typed.dict())
        elif act == "confirm":
            shown["confirm_form"] = earlier.confirm_form(found, request=request, initial=digest)
            fill(shown["confirm_form"], typed)
        elif act in _SIGNING:
            shown["sign_form"] = recommending.form_of(found, request=request, initial=digest)
            shown["answers"] = answers(typed)
            fill(shown["sign_form"], typed)
    return shown


def stay(request: HttpRequest, found: ReviewAssignment) -> bool:
    """Answers were saved: what else was typed in the same form stays on the page. Whether there is any."""
    back, names = reverse("desk:review", args=[found.pk]), {f"answer-{key}" for key in answers(request.POST)}
    for act in _SIGNING:
        forget_act(request, back, act)
    hidden = {"digest", "rest", *names}
    is_any = any(value for name, value in request.POST.items() if name not in hidden | {"csrfmiddlewaretoken", "password"})
    if is_any:
        keep(request, back, is_known=True, act=STAYS, leave_out=hidden)
    return is_any


def answered(request: HttpRequest, found: ReviewAssignment) -> None:
    """Answers were saved in the background: those that were kept for the page are older now."""
    for act in _SIGNING:
        forget_act(request, reverse("desk:review", args=[found.pk]), act, [f"answer-{key}" for key in answers(request.POST)])


def noted(request: HttpRequest, found: ReviewAssignment) -> None:
    """A comment was noted: where it is the one that was kept, that one is not needed any more."""
    back = reverse("desk:review", args=[found.pk])
    kept = kept_for(request, back).get("comment")
    if kept is not None and all(kept.get(name) == request.POST.get(name) for name in ("audience", "block")):
        forget_act(request, back, "comment")


def done(request: HttpRequest, found: ReviewAssignment) -> None:
    """The recommendation was signed: nothing is left to send."""
    back = reverse("desk:review", args=[found.pk])
    for act in kept_for(request, back):
        forget_act(request, back, act)
