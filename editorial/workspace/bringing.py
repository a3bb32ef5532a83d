"""References brought in and taken along: pasted or uploaded, shown before anything is written, then added together; and files to take away."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import Truncator
from django.views.decorators.http import require_http_methods, require_safe

from articles.citations import Source
from articles.formats import csl_json, references
from articles.formats.items import BadInput, FoundReference
from articles.likeness import title_key
from articles.models import Citation, Reference
from editorial import reference_files
from editorial.reference_files import ALIKE, NEW, THERE, Sorted
from editorial.workspace import drafts, saving
from editorial.workspace.forms import ImportForm
from editorial.workspace.frame import header, show, signed_in
from records.errors import NotReady
from records.permits import may, ruled_by

MOST = 500
MOST_TEXT = 4_000_000
PASTED = "pasted"
AGAIN = "What was shown did not come back whole, so nothing was added. Show the references again."


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@ruled_by("see_draft", "edit_draft", "add_reference")
def bring(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Paste or upload references, look at what would be added, and add what is chosen. Looking writes nothing."""
    user = signed_in(request)
    article = drafts.find(user, pk)
    if request.method != "POST":
        return _page(request, article, ImportForm())
    if not (may("add_reference", user) and may("edit_draft", user, article)):
        raise PermissionDenied("You may not add references to this article.")
    if request.POST.get("do") == "add":
        return _add(request, article)
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, article, form, status=422)
    return _preview(request, article, form)


def _page(request: HttpRequest, article: Any, form: ImportForm, *, problems: list[str] | None = None, status: int = 200) -> HttpResponse:
    context = {"form": form, "problems": problems or [], "may_edit": may("edit_draft", signed_in(request), article)}
    return show(request, "import.html", {**header(article, "references"), **context}, status=status)


# ---- Looking


def _preview(request: HttpRequest, article: Any, form: ImportForm) -> HttpResponse:
    """What was understood and what was not, and what of it the registry has. What was understood comes along in the form, to be sent again."""
    data, name = form.content()
    works, refused, is_more = reference_files.read_some(references.read(io.BytesIO(data), name), MOST)
    carried = csl_json.write((f"{n}|{work.key}", work.source) for n, work in enumerate(works))
    if len(carried.encode()) > MOST_TEXT:
        form.add_error(None, "These references are too long to be shown together. Import fewer at once.")
        return _page(request, article, form, status=422)
    context = {**_shown(article, works), "refused": refused, "is_more": is_more, "most": MOST, "carried": carried, "count": len(works), "read_as": _read_as(data, name)}
    return show(request, "import_preview.html", {**header(article, "references"), **context})


def _read_as(data: bytes, name: str) -> str:
    """What the content was taken for, in words."""
    try:
        return references.LABELS[references.format_of(io.BytesIO(data), name)]
    except BadInput:
        return ""


@dataclass(frozen=True)
class Row:
    """A work in the preview: its number in the form, what the registry says to it, and the key that the article has for it."""

    n: int
    each: Sorted
    key: str

    @property
    def can_be_added(self) -> bool:
        """Whether the article may be given a key for it."""
        return self.each.outcome in {NEW, THERE, ALIKE} and not self.key

    @property
    def title(self) -> str:
        """The title in the file, else that in the registry, else the number that stands for it."""
        source, known = self.each.found.source, self.each.known
        return source.title or (known.title if known else "") or source.doi or source.pmid or source.pmcid or source.isbn

    @property
    def facts(self) -> list[str]:
        """What the file says of the work beside its title."""
        source = self.each.found.source
        authors = Truncator(source.authors).chars(90)
        numbers = [f"DOI {source.doi}" if source.doi else "", f"PMID {source.pmid}" if source.pmid else ""]
        return [fact for fact in (authors, source.source, str(source.year or ""), *numbers) if fact]

    @property
    def other_title(self) -> str:
        """The title that the registry has, where it is another one: the number in the file may be wrong."""
        known, own = self.each.known, self.each.found.source.title
        return known.title if known and own and title_key(known.title) != title_key(own) else ""


def _shown(article: Any, works: list[FoundReference]) -> dict[str, Any]:
    """The works by what would become of them."""
    keys = {citation.reference.work_id: citation.key for citation in article.citations.select_related("reference")}
    found = reference_files.sorted_out(works)
    rows = [Row(n, each, keys.get(each.known.pk, "") if each.known else "") for n, each in enumerate(found)]
    _with_status(found)
    return {"addable": [row for row in rows if row.can_be_added], "others": [row for row in rows if not row.can_be_added]}


def _with_status(rows: list[Sorted]) -> None:
    """Put rows that know where they stand in the place of those that were found. One query."""
    ids = {work.pk for each in rows for work in [*each.alike, *([each.known] if each.known else [])]}
    standing = Reference.objects.with_status().in_bulk(ids)
    for each in rows:
        each.known = standing[each.known.pk] if each.known else None
        each.alike = [standing[work.pk] for work in each.alike]


# ---- Adding


def _add(request: HttpRequest, article: Any) -> HttpResponse:
    """Enter the chosen works where the registry has none, and give the article a key for each, all in one save."""
    user = signed_in(request)
    chosen = dict(_chosen(request))
    if not chosen:
        return _page(request, article, ImportForm(), problems=[AGAIN if not request.POST.get("add") else "Choose at least one reference."], status=422)
    try:
        with transaction.atomic():
            rows, told = reference_files.take({n: source for n, (_, source, at) in chosen.items() if at is None}, by=user)
            rows |= {n: at for n, (_, _, at) in chosen.items() if at is not None}
            before = article.citations.count()
            saving.cite_all(article, [(rows[n], key) for n, (key, _, _) in chosen.items()], by=user, reason="References imported")
    except (NotReady, ValidationError, IntegrityError) as error:
        reasons = list(error.reasons) if isinstance(error, NotReady) else [AGAIN]
        return _page(request, article, ImportForm(), problems=reasons, status=409)
    added = Citation.objects.filter(article=article).count() - before
    messages.success(request, f"{added} reference{'s' if added != 1 else ''} added. Each has a key to copy.")
    for sentence in told[:5]:
        messages.info(request, sentence)
    return redirect("workspace:references", article.pk)


def _chosen(request: HttpRequest) -> Iterator[tuple[str, tuple[str, Source, Reference | None]]]:
    """The works that were chosen: the key that the file had for each, the work, and the row that it was said to be."""
    wanted = set(request.POST.getlist("add"))
    carried = request.POST.get("carried", "").encode("utf-8", "replace")
    works, _, _ = reference_files.read_some(csl_json.read(io.BytesIO(carried), PASTED), MOST)
    picked = {n: request.POST.get(f"as-{n}", "") for n in wanted}
    said = Reference.objects.standing().in_bulk([int(pk) for pk in picked.values() if pk.isdecimal() and len(pk) < 16])
    for work in works:
        number, _, key = work.key.partition("|")
        if number in wanted:
            at = said.get(int(picked[number])) if picked[number].isdecimal() and len(picked[number]) < 16 else None
            yield number, (reference_files.own_key(key), work.source, at)


# ---- Taking along


@login_required
@require_safe
@ruled_by("see_draft")
def export(request: HttpRequest, pk: UUID, format: str) -> HttpResponse:
    """The references of the article as a file, with the keys that the texts cite."""
    article = drafts.find(signed_in(request), pk)
    if format not in references.WRITERS:
        raise Http404("There is no such format.")
    writer = references.WRITERS[format]
    cited = article.citations.select_related("reference__merged_into").order_by("id")
    text = writer.write((citation.key, Source.of(citation.reference.work)) for citation in cited)
    response = HttpResponse(text.encode("utf-8", "replace"), content_type=writer.content_type)
    response["Content-Disposition"] = f'attachment; filename="references.{writer.ending}"'
    return response

