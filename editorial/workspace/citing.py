"""The references of an article: finding works in the registry, giving them a key, adding one, saying that a retracted one is cited."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from articles import lookup, registry
from articles.checks import Draft
from articles.citations import Source
from articles.models import Reference
from editorial.workspace import drafts, saving
from editorial.workspace.forms import ReferenceForm, RetractedForm
from editorial.workspace.frame import header, keeps_typed_text, show, signed_in
from records.errors import NotReady
from records.models import User
from records.permits import may, ruled_by

RESULTS = 12


def found_works(draft: Draft, q: str) -> list[dict[str, Any]]:
    """Works of the registry that match, each with the key that the article has for it. One query, at most twelve."""
    if not q.strip():
        return []
    keys = {(draft.references.get(citation.reference_id) or citation.reference).work_id: key for key, citation in draft.citations.items()}
    found = Reference.objects.standing().with_status().matching(q[:200]).order_by("-year", "title")[:RESULTS]
    return [{"work": work, "key": keys.get(work.pk, "")} for work in found]


def picker(article: Any, draft: Draft, q: str) -> dict[str, Any]:
    """What the citation picker shows."""
    return {"q": q[:200], "found": found_works(draft, q), "was_searched": bool(q.strip()), "is_identifier": _is_identifier(q)}


def _is_identifier(q: str) -> bool:
    """Whether what was searched for is a DOI or PMID, which can be looked up."""
    try:
        lookup.identify(q[:200])
    except ValueError:
        return False
    return True


def do_in_editor(request: HttpRequest, article: Any, do: str) -> str:
    """The buttons about references within the editor's form, whose typed text stays as it is; the sentence to show."""
    user = signed_in(request)
    verb, _, what = do.partition(":")
    if verb == "cite" and what.isdecimal():
        key = saving.cite(article, get_object_or_404(Reference, pk=int(what[:15])), by=user)
        return f"[@{key}] is ready. Copy it to where it belongs in the text."
    if verb == "remove":
        saving.uncite(article, what, by=user)
        return f"The reference @{what} was removed. Where the text cites it, the checks say so."
    if verb == "mark":
        return _mark(article, what, request.POST.get(f"reason-{what}", ""), by=user)
    return ""


def _mark(article: Any, key: str, reason: str, *, by: User) -> str:
    form = RetractedForm({"reason": reason})
    if not form.is_valid():
        raise NotReady(f"Say why the retracted work @{key} is cited, in at most 300 characters.")
    saving.mark_retracted(article, key, by=by, reason=form.cleaned_data["reason"])
    return f"@{key} is marked as cited as retracted. The text has to say it too."


# ---- Pages and fragments


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@ruled_by("see_draft", "edit_draft", "add_reference")
def references(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The references of the article with keys to copy, the search in the registry, and a form for a work that is not in it."""
    user = signed_in(request)
    article = drafts.find(user, pk)
    form = ReferenceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not (may("add_reference", user) and may("edit_draft", user, article)):
            raise PermissionDenied("You may not add references to this article.")
        if form.is_valid():
            return _add(request, article, form)
    draft, _ = drafts.read(article)
    q = request.GET.get("q", "")
    context = {**header(article, "references"), **picker(article, draft, q), "works": drafts.cited_works(draft), "form": form, "is_on": lookup.is_on()}
    return show(request, "references.html", {**context, "may_edit": may("edit_draft", user, article)}, status=422 if form.errors else 200)


def _add(request: HttpRequest, article: Any, form: ReferenceForm) -> HttpResponse:
    """Enter the work, or take the row it has, and give the article a key for it."""
    user = signed_in(request)
    reference, is_new = registry.entered(Source.of(form.instance), by=user, reason="Entered while writing")
    key = saving.cite(article, reference, by=user)
    words = "is in the registry now" if is_new else "was in the registry already; its entry is used"
    messages.success(request, f"“{reference.title[:120]}” {words}. Cite it as [@{key}].")
    return redirect("workspace:references", article.pk)


@login_required
@require_safe
@ruled_by("see_draft")
def search(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Works that match, as a fragment for the picker."""
    article = drafts.find(signed_in(request), pk)
    draft = Draft(article, citations={citation.key: citation for citation in article.citations.select_related("reference")})
    return show(request, "_found.html", {"article": article, **picker(article, draft, request.GET.get("q", ""))})


@keeps_typed_text("references")
@require_POST
@ruled_by("edit_draft")
def cite(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give the article a key for a work. The picker's script is told the key; without it the page of references shows it."""
    user = signed_in(request)
    article = drafts.find(user, pk)
    wanted = request.POST.get("reference", "")
    reference = get_object_or_404(Reference, pk=int(wanted) if wanted.isdecimal() and len(wanted) < 16 else 0)
    try:
        key = saving.cite(article, reference, by=user)
    except NotReady as error:
        return _refused(request, article, error)
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"key": key})
    messages.success(request, f"Cite it as [@{key}].")
    return redirect("workspace:references", pk)


def _refused(request: HttpRequest, article: Any, error: NotReady) -> HttpResponse:
    for reason in error.reasons:
        messages.error(request, reason)
    return redirect("workspace:references", article.pk)


@keeps_typed_text("references")
@require_POST
@ruled_by("edit_draft")
def mark(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that a retracted work is cited as retracted, and why."""
    user = signed_in(request)
    article = drafts.find(user, pk)
    try:
        messages.success(request, _mark(article, request.POST.get("key", "")[:100], request.POST.get("reason", ""), by=user))
    except NotReady as error:
        return _refused(request, article, error)
    return redirect("workspace:references", pk)


@keeps_typed_text("references")
@require_POST
@ruled_by("edit_draft")
def remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Remove a reference from the article; the work stays in the registry."""
    user = signed_in(request)
    article = drafts.find(user, pk)
    key = request.POST.get("key", "")[:100]
    try:
        saving.uncite(article, key, by=user)
    except NotReady as error:
        return _refused(request, article, error)
    messages.success(request, f"The reference @{key} was removed.")
    return redirect("workspace:references", pk)
