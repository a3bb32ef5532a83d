"""Adding a work by its DOI or PMID: as the registry has it, else as Crossref or PubMed know it, else by hand."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from articles import lookup, registry
from articles.citations import Source
from articles.evidence import EVENTS
from articles.lookup import FOUND, Answer
from articles.models import Reference
from editorial import refreshing
from editorial.workspace import drafts, saving
from editorial.workspace.forms import ReferenceForm
from editorial.workspace.frame import header, show, signed_in
from records.errors import NotReady
from records.models import User
from records.permits import may, ruled_by

# How long a person waits for others' servers.
SECONDS = 4.0
MOST = 400


@dataclass(frozen=True)
class Found:
    """What there is about an identifier: its row in the registry, or the answer of a service, with the rows that may be the same work."""

    identifier: str
    work: Reference | None = None
    answer: Answer | None = None
    likely: tuple[Reference, ...] = ()

    @property
    def can_add(self) -> bool:
        """Whether there is a work to add."""
        return self.work is not None or (self.answer is not None and self.answer.status == FOUND)


def find(text: str) -> Found:
    """The work behind a DOI or PMID: in the registry, which asks nobody, else by asking. ValueError for what is neither."""
    name, identifier = lookup.identify(text[:MOST])
    named = Source(doi=identifier) if refreshing.ASKED_BY[name] == "doi" else Source(pmid=identifier)
    if (work := _row(named)) is not None:
        return Found(identifier, work)
    answer = lookup.look_up(identifier, seconds=SECONDS)
    if answer.status != FOUND:
        return Found(identifier, answer=answer)
    if (work := _row(answer.source)) is not None:
        return Found(identifier, work)
    return Found(identifier, answer=answer, likely=tuple(registry.likely(answer.source)[:5]))


def _row(source: Source) -> Reference | None:
    found = registry.find(source)
    return Reference.objects.with_status().get(pk=found.pk) if found is not None else None


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@ruled_by("see_draft", "edit_draft", "add_reference")
def look_up(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for a DOI or PMID, show what is found, and add it. Nobody is asked before the button was pressed."""
    user = signed_in(request)
    article = drafts.find(user, pk)
    if not (may("add_reference", user) and may("edit_draft", user, article)):
        raise PermissionDenied("You may not add references to this article.")
    if request.method != "POST":
        return _page(request, article, request.GET.get("identifier", ""))
    text = request.POST.get("identifier", "").strip()
    try:
        found = find(text)
    except ValueError as error:
        return _page(request, article, text, problems=[_neither(text, error)], status=422)
    if request.POST.get("do") == "add" and found.can_add:
        try:
            return _add(request, article, found)
        except (NotReady, ValidationError) as error:
            reasons = list(error.reasons) if isinstance(error, NotReady) else error.messages
            return _page(request, article, text, found, problems=reasons, status=409)
    return _page(request, article, text, found)


def _neither(text: str, error: ValueError) -> str:
    return str(error) if text else "Type a DOI, such as 10.1000/182, or a PMID, such as 16186783."


def _add(request: HttpRequest, article: Any, found: Found) -> HttpResponse:
    """Enter the work, note what happened to it, and give the article a key for it."""
    user = signed_in(request)
    work = found.work or _entered(found, user)
    key = saving.cite(article, work, by=user)
    words = "was in the registry already; its entry is used" if found.work else "is in the registry now"
    messages.success(request, f"“{work.title[:120]}” {words}. Cite it as [@{key}].")
    return redirect("workspace:references", article.pk)


def _entered(found: Found, user: User) -> Reference:
    assert found.answer is not None
    work = registry.enter(found.answer.source, by=user, reason=f"Looked up: {found.identifier}"[:100])
    refreshing.learn(work.pk, by=user)
    return work


def _page(request: HttpRequest, article: Any, text: str, found: Found | None = None, problems: list[str] | None = None, status: int = 200) -> HttpResponse:
    answer = found.answer if found is not None else None
    preview = answer if answer is not None and answer.status == FOUND else None
    context = {
        **header(article, "references"), "identifier": text[:MOST], "found": found, "problems": problems or [], "is_on": lookup.is_on(),
        "preview": preview, "fields": _fields(preview.source) if preview else [],
        "kind": Reference.Kind(preview.source.kind).label if preview else "",
        "happened": [(event, EVENTS[event.kind]) for event in lookup.events_from(preview)] if preview else [],
        "form": _by_hand(found) if found is not None and not found.can_add else None,
    }  # fmt: skip
    return show(request, "look_up.html", context, status=status)


def _fields(source: Source) -> list[tuple[str, Any]]:
    """What would be entered, by name; what the record does not tell is left out."""
    issue = source.volume + (f" ({source.issue})" if source.issue else "")
    found = [
        ("Authors", source.authors), ("Editors", source.editors), ("Journal, book or site", source.source), ("Year", source.year), ("Volume and issue", issue),
        ("Pages", source.pages), ("Online since", source.online_on), ("Edition", source.edition), ("Publisher", source.publisher), ("DOI", source.doi),
        ("PMID", source.pmid), ("PMCID", source.pmcid), ("ISBN", source.isbn),
    ]  # fmt: skip
    return [(name, value) for name, value in found if value]


def _by_hand(found: Found) -> ReferenceForm:
    """The form for a work that nobody could tell of, with its identifier filled in."""
    name, identifier = lookup.identify(found.identifier)
    return ReferenceForm(initial={refreshing.ASKED_BY[name]: identifier})
