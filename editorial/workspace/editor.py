"""The editor of one text: typing, preview, checks, saving, and what happens when two people saved. Typed text is never lost."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from articles.comparing import compare_words
from articles.drafting import clean_text
from articles.models import Article, Audience
from articles.rendering import MAX_CHARACTERS
from editorial.kept import WAS_KEPT, forget_text, kept_text
from editorial.workspace import citing, drafts, merging, saves, saving, submissions
from editorial.workspace.forms import TextForm
from editorial.workspace.frame import header, keeps_typed_text, number_of, show, signed_in
from records.errors import NotReady
from records.permits import may, ruled_by

SAVED = "Draft saved."


def saved_words(article: Any) -> str:
    """What a save did, and what it did not."""
    return f"{SAVED} The public page has not changed." if getattr(article, "shown_state", None) else SAVED


@keeps_typed_text("text")
@require_http_methods(["GET", "HEAD", "POST"])
@ruled_by("see_draft", "edit_draft")
def text(request: HttpRequest, pk: UUID, audience: str) -> HttpResponse:
    """The editor of one audience's text. Its buttons say what to do with what was typed; none of them lets go of it."""
    article = drafts.find(signed_in(request), pk)
    if request.method != "POST":
        return _open(request, article, audience)
    do = request.POST.get("do", "save")
    if do == "download":
        return _download(request.POST.get("source", ""), audience)
    if do == "discard":
        forget_text(request)
        return redirect(drafts.TABS[Audience(audience)], pk)
    return _with_typed(request, article, audience, do)


def _open(request: HttpRequest, article: Any, audience: str) -> HttpResponse:
    kept = kept_text(request)
    if kept is None:
        return _page(request, article, audience, typed=None, opened_at=article.draft_number)
    opened_at = number_of(kept.get("draft_number")) or article.draft_number
    return _page(request, article, audience, typed=kept.get("source", ""), opened_at=opened_at, notice=WAS_KEPT, was_kept=True)


def _download(source: str, audience: str) -> HttpResponse:
    """What was typed, as a file; nothing is kept of it here."""
    response = HttpResponse(source.encode("utf-8", "replace"), content_type="text/markdown; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="my-text-{audience}.md"'
    return response


def _with_typed(request: HttpRequest, article: Any, audience: str, do: str) -> HttpResponse:
    form = TextForm(request.POST)
    typed = request.POST.get("source", "")
    if not form.is_valid():
        problems = [str(error) for errors in form.errors.values() for error in errors]
        opened_at = form.cleaned_data.get("draft_number", article.draft_number)
        return _page(request, article, audience, typed=typed, opened_at=opened_at, problems=problems, status=422)
    opened_at = form.cleaned_data["draft_number"]
    try:
        if do == "submit":
            return _submit(request, article, audience, typed, opened_at)
        if do == "save":
            return _save(request, article, audience, typed, opened_at)
        said = citing.do_in_editor(request, article, do)
    except NotReady as error:
        return _page(request, drafts.find(signed_in(request), article.pk), audience, typed=typed, opened_at=opened_at, problems=list(error.reasons), status=409)
    except PermissionDenied as error:
        return _page(request, article, audience, typed=typed, opened_at=opened_at, problems=[str(error)], status=403)
    return _page(request, article, audience, typed=typed, opened_at=opened_at, notice=said)


def _save(request: HttpRequest, article: Any, audience: str, typed: str, opened_at: int) -> HttpResponse:
    done = saving.save_text(article, audience, typed, by=signed_in(request), opened_at=opened_at)
    if isinstance(done, saving.Clashing):
        return _conflict(request, article, done)
    forget_text(request)
    messages.success(request, saved_words(article))
    return redirect(drafts.TABS[Audience(audience)], article.pk)


def _submit(request: HttpRequest, article: Any, audience: str, typed: str, opened_at: int) -> HttpResponse:
    saved = next((each.source for each in article.texts.all() if each.audience == audience), "")
    if clean_text(typed) != saved:
        raise NotReady("What you typed is not saved yet. Save the draft, look at it, then submit it.")
    return submissions.submit_draft(request, article, opened_at)


def _page(
    request: HttpRequest, article: Any, audience: str, *, typed: str | None, opened_at: int, notice: str = "", was_kept: bool = False,
    problems: list[str] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    line = request.GET.get("line", "")
    typed_texts = {} if typed is None else {audience: typed[:MAX_CHARACTERS]}
    draft, sources = drafts.read(article, typed_texts)
    source = sources.get(audience, "") if typed is None else typed
    context = {
        **header(article, audience),
        **_panes(draft, sources, audience),
        **citing.picker(article, draft, request.POST.get("q", "")),
        "audience": audience, "source": source, "draft_number": opened_at, "notice": notice, "was_kept": was_kept, "problems": problems or [],
        "is_unsaved": typed is not None, "line": line if line.isdecimal() and len(line) < 8 else "", "saved": saves.last(article),
        "may_edit": may("edit_draft", signed_in(request), article), "can_download": bool(problems) or was_kept,
    }  # fmt: skip
    return show(request, "editor.html", context, status=status)


def _panes(draft: drafts.Draft, sources: dict[str, str], audience: str) -> dict[str, Any]:
    """The parts of the page that follow what is typed."""
    return {
        "preview": drafts.preview_html(draft, audience),
        "references": drafts.reference_rows(draft, audience),
        "unreadable": draft.errors.get(audience, ""),
        "counts": drafts.Counts.of(drafts.checked(draft, sources, audience)),
        "works": drafts.cited_works(draft),
        "language": draft.article.language,
    }


@keeps_typed_text("text")
@require_POST
@ruled_by("see_draft")
def live(request: HttpRequest, pk: UUID, audience: str) -> HttpResponse:
    """The panes that follow what is typed, as a fragment; it saves nothing."""
    article = drafts.find(signed_in(request), pk)
    form = TextForm(request.POST)
    if not form.is_valid():
        return HttpResponse(" ".join(str(error) for errors in form.errors.values() for error in errors), status=422, content_type="text/plain; charset=utf-8")
    draft, sources = drafts.read(article, {audience: form.cleaned_data["source"]})
    return show(request, "_live.html", {"article": article, "audience": audience, **_panes(draft, sources, audience)})


# ---- Two people saved


def _conflict(request: HttpRequest, article: Any, clash: saving.Clashing, problems: list[str] | None = None, chosen: dict[int, tuple[str, str]] | None = None) -> HttpResponse:
    """Both texts, side by side where they clash; nothing is applied yet."""
    chosen = chosen or {}
    rows = []
    for number, piece in enumerate(merging.clashes(clash.pieces), 1):
        choice, anew = chosen.get(number, ("", ""))
        rows.append({"number": number, "clash": piece, "choice": choice, "anew": anew, **_sides(piece)})
    merged = [piece for piece in clash.pieces if isinstance(piece, merging.Kept) and piece.source != "same"]
    context = {**header(article, clash.audience), "clash": clash, "rows": rows, "merged": merged, "problems": problems or []}
    return show(request, "conflict.html", {**context, "audience": clash.audience}, status=409)


def _sides(piece: merging.Clash) -> dict[str, Any]:
    """What each side changed against what both began with, as runs of words."""
    return {
        "theirs": [words for words in compare_words(piece.yours, piece.theirs) if words.kind != "removed"],
        "yours": [words for words in compare_words(piece.theirs, piece.yours) if words.kind != "removed"],
    }


@keeps_typed_text("text")
@require_POST
@ruled_by("edit_draft")
def combine(request: HttpRequest, pk: UUID, audience: str) -> HttpResponse:
    """Save the text combined from both, as chosen; where somebody saved once more, the next conflict is shown."""
    article = drafts.find(signed_in(request), pk)
    yours = request.POST.get("source", "")
    if request.POST.get("do") == "download":
        return _download(yours, audience)
    base, seen = (number_of(request.POST.get(name)) for name in ("base", "seen"))
    try:
        pieces = saving.pieces_again(article, audience, yours, base, seen)
        chosen = _chosen(request, pieces)
        clash = saving.Clashing(audience, base, seen, yours, pieces, None)
        if len(chosen) < len(merging.clashes(pieces)):
            return _conflict(request, article, clash, ["Choose one text, or write it anew, for each passage."], chosen)
        combined = merging.combine(pieces, {number: words for number, (_, words) in _words(pieces, chosen).items()})
        return _save_combined(request, article, audience, combined, seen)
    except (NotReady, PermissionDenied) as error:
        problems = list(error.reasons) if isinstance(error, NotReady) else [str(error)]
        return _page(request, article, audience, typed=yours, opened_at=base or article.draft_number, problems=problems, status=409)


def _chosen(request: HttpRequest, pieces: Any) -> dict[int, tuple[str, str]]:
    """What was chosen for each clash: whose words, and words written anew, which win."""
    found = {}
    for number, _ in enumerate(merging.clashes(pieces), 1):
        choice, anew = request.POST.get(f"choice-{number}", ""), request.POST.get(f"anew-{number}", "")
        if anew.strip() or choice in merging.CHOICES:
            found[number] = (choice, anew)
    return found


def _words(pieces: Any, chosen: dict[int, tuple[str, str]]) -> dict[int, tuple[str, str]]:
    clashes = merging.clashes(pieces)
    return {n: (choice, anew if anew.strip() else getattr(clashes[n - 1], choice)) for n, (choice, anew) in chosen.items()}


def _save_combined(request: HttpRequest, article: Article, audience: str, combined: str, seen: int) -> HttpResponse:
    done = saving.save_text(article, audience, combined, by=signed_in(request), opened_at=seen, reason="Two texts combined")
    if isinstance(done, saving.Clashing):
        return _conflict(request, article, done)
    forget_text(request)
    messages.success(request, f"{saved_words(article)} It has your passages and theirs, as you chose.")
    return redirect(drafts.TABS[Audience(audience)], article.pk)
