"""Articles brought in as files and taken away again: an upload is shown before anything is written, then begun as a draft."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from articles import exporting
from articles.formats import files, to_markdown
from articles.formats.items import BadInput, Found, Item, Refusal
from articles.models import ArticleType, Audience
from articles.rendering import as_safe, plain_text, render
from editorial import article_files, importing
from editorial.workspace import drafts
from editorial.workspace.forms import ArticleFileForm, ArticleImportForm
from editorial.workspace.frame import show, signed_in
from records.errors import NotReady
from records.permits import may, ruled_by

MOST = 12
MOST_CARRIED = 4_000_000
AGAIN = "What was shown did not come back whole, so nothing was begun. Choose the file again."


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@ruled_by("create_draft", "add_reference")
def bring(request: HttpRequest) -> HttpResponse:
    """Choose a file, look at what would become of it, and begin a draft from it. Looking writes nothing."""
    user = signed_in(request)
    if not (may("create_draft", user) and may("add_reference", user)):
        raise PermissionDenied("You may not write articles.")
    if request.method != "POST":
        return _page(request, ArticleFileForm())
    if request.POST.get("do") == "begin":
        return _begin(request)
    form = ArticleFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=422)
    return _preview(request, form)


def _page(request: HttpRequest, form: ArticleFileForm, *, problems: list[str] | None = None, status: int = 200) -> HttpResponse:
    return show(request, "import_article.html", {"form": form, "problems": problems or []}, status=status)


# ---- Looking


@dataclass(frozen=True)
class Shown:
    """One article of a file as it would become a draft: what it holds, its texts as they would be read, and itself to be sent again."""

    item: Item
    texts: Sequence[tuple[str, int, str]]
    form: ArticleImportForm

    @property
    def with_number(self) -> int:
        """How many of its references have a DOI or PMID."""
        return sum(bool(work.doi or work.pmid) for work in self.item.references.values())

    @property
    def has_one_text(self) -> bool:
        """Whether its author may say for whom its text is."""
        return len(self.item.texts) == 1


def _preview(request: HttpRequest, form: ArticleFileForm) -> HttpResponse:
    """What the file holds. Each article comes along in the page in our own Markdown, to be sent again."""
    upload = form.cleaned_data["file"]
    try:
        found = files.read_upload(upload.read(files.MAX_FILE + 1), upload.name)
    except BadInput as error:
        found = [Refusal.of(error, "")]
    refused = [_reason(each) for each in found if isinstance(each, Refusal)]
    articles = [_shown(each, n) for n, each in enumerate(found[:MOST]) if isinstance(each, Item)]
    if not articles:
        return _page(request, ArticleFileForm(), problems=refused or ["There is no article in this file."], status=422)
    context = {"articles": articles, "refused": refused, "more": max(0, len(found) - MOST), "name": upload.name}
    return show(request, "import_article_preview.html", context)


def _reason(refusal: Refusal) -> str:
    where = ", ".join(filter(None, (f"line {refusal.place.line}" if refusal.place.line else "", refusal.place.field)))
    return f"{where[0].upper()}{where[1:]}: {refusal.reason}" if where else refusal.reason


def _shown(item: Item, number: int) -> Shown:
    carried = to_markdown.write(item)
    kinds = {kind.key: kind for kind in ArticleType.objects.all()}
    first = next(iter(item.texts))
    form = ArticleImportForm(
        initial={"article_type": kinds.get(item.kind), "audience": first, "carried": carried if len(carried) <= MOST_CARRIED else ""}, auto_id=f"id_{number}_%s"
    )
    names = dict(Audience.choices)
    read = {audience: render(source, known=item.references.keys(), anchor=f"n{chr(97 + number)}{audience}").html for audience, source in item.texts.items()}
    return Shown(item, [(names[audience], len(plain_text(html).split()), as_safe(html)) for audience, html in read.items()], form)


# ---- Beginning


def _begin(request: HttpRequest) -> HttpResponse:
    """Begin the draft from what was shown, and go to it."""
    form = ArticleImportForm(request.POST)
    item = _carried(form.data.get("carried", ""))
    if item is None or not form.is_valid():
        problems = [AGAIN] if item is None else [str(words) for errors in form.errors.values() for words in errors]
        return _page(request, ArticleFileForm(), problems=problems, status=422)
    try:
        article, told = importing.begin(item, by=signed_in(request), article_type=form.cleaned_data["article_type"], audience=form.cleaned_data["audience"])
    except (NotReady, ValidationError) as error:
        return _page(request, ArticleFileForm(), problems=[str(reason) for reason in (error.reasons if isinstance(error, NotReady) else error.messages)], status=409)
    except DatabaseError:
        return _page(request, ArticleFileForm(), problems=["Somebody entered one of these works just now. Choose the file again."], status=409)
    messages.success(request, "The draft is begun. Nobody but its authors sees it. Look through tables and citations before you submit it.")
    for sentence in told[:5]:
        messages.info(request, sentence)
    return redirect("workspace:article", article.pk)


def _carried(text: str) -> Item | None:
    """The article that was shown, read with the same care as any other file."""
    try:
        found: list[Found] = files.read_upload(text.encode("utf-8", "replace"), "carried.md")
    except BadInput:
        return None
    item = found[0] if len(found) == 1 else None
    return replace(item, warnings=()) if isinstance(item, Item) else None


# ---- Taking away


@login_required
@require_safe
@ruled_by("see_draft")
def export(request: HttpRequest, pk: UUID, format: str) -> HttpResponse:
    """The draft as it stands, as a file that can be brought in again."""
    article: Any = drafts.find(signed_in(request), pk)
    return article_files.download(exporting.of_draft(article), format)
