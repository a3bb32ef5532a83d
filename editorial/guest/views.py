"""The pages for people without an account: the door that a link leads to, and the one room behind it."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from articles.models import Article, ArticleVersion, Audience
from editorial.desk import reading
from editorial.guest import visit
from editorial.guest.forms import AdviceForm, DeclareForm
from editorial.workspace import drafts
from records import links
from records.errors import NotReady
from records.models import AccessLink
from records.models.access_link import hash_of
from records.permits import ruled_by
from reviews import outside
from reviews.models import OutsideReviewer

NAMES = {Audience.PROFESSIONAL: "Text for professionals", Audience.PLAIN: "Plain-language text"}


def show(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page for guests, which no search engine keeps."""
    response = render(request, f"guest/{template}", context, status=status)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def closed(request: HttpRequest) -> HttpResponse:
    """The same page for a link that is unknown, spent, run out or revoked, and for one whose matter has ended."""
    return show(request, "closed.html", {}, 404)


# ---- The door


@require_http_methods(["GET", "HEAD", "POST"])
@ruled_by("token")
def door(request: HttpRequest, token: str) -> HttpResponse:
    """Say what a link is for, without a word of what it opens; POST exchanges it, once. Looking at it writes nothing."""
    mine = visit.link_of(request)
    if mine is not None and mine.token_hash == hash_of(token):
        return redirect("guest:room")
    link = links.find(token)
    found = visit.opened_by(link) if link is not None else None
    if link is None or found is None:
        return closed(request)
    if request.method != "POST":
        return show(request, "door.html", {"is_review": isinstance(found, OutsideReviewer), "link": link})
    return redirect("guest:room") if visit.begin(request, link) else closed(request)


# ---- The room


@require_safe
@ruled_by("token")
def room(request: HttpRequest) -> HttpResponse:
    """The one thing that this session may see."""
    link = visit.link_of(request)
    found = visit.opened_by(link) if link is not None else None
    if isinstance(found, OutsideReviewer):
        return _review(request, found)
    if isinstance(found, ArticleVersion):
        return show(request, "version.html", {"link": link, **reading.read_context(found)})
    return show(request, "draft.html", {"link": link, **_draft(found)}) if isinstance(found, Article) else closed(request)


def _draft(article: Article) -> dict[str, Any]:
    """Both texts of a draft as they stand now, as the public would read them."""
    draft, _ = drafts.read(article)
    texts = [
        {
            "audience": audience,
            "name": NAMES[Audience(audience)],
            "preview": drafts.preview_html(draft, audience),
            "references": drafts.reference_rows(draft, audience),
            "unreadable": draft.errors.get(audience, ""),
        }
        for audience in Audience.values
    ]
    return {"article": article, "texts": texts, "language": article.language}


# ---- The review


def _review(request: HttpRequest, found: OutsideReviewer, form: Any = None, problems: Sequence[str] = (), status: int = 200) -> HttpResponse:
    """The declaration first, then the text and what is advised; afterwards what was signed."""
    version = found.submission.version
    context = {"reviewer": found, "version": version, "problems": problems}
    if found.declared is None:
        first = {"digest": version.digest, "name": found.name, "credentials": found.credentials}
        form = form if isinstance(form, DeclareForm) else DeclareForm(initial=first)
        return show(request, "declare.html", {**context, "form": form}, status)
    if found.signed is None:
        context["form"] = form if isinstance(form, AdviceForm) else AdviceForm(initial={"digest": version.digest})
        context |= {"statement": outside.statement(found), "has_code": found.has_code}
    return show(request, "review.html", {**context, **reading.read_context(version)}, status)


def _take(request: HttpRequest, act: Callable[[AccessLink], Any], done: str, form: Any = None, *, stays: bool = False) -> HttpResponse:
    """Take a step of the review that this session is for. Refused, the page says why and keeps what was typed, as it does where it `stays`."""
    link = visit.link_of(request)
    found = visit.opened_by(link) if link is not None else None
    if link is None or not isinstance(found, OutsideReviewer):
        return closed(request)
    if form is not None and form.is_bound and not form.is_valid():
        return _review(request, found, form)
    try:
        act(link)
    except PermissionDenied:
        return closed(request)
    except NotReady as refusal:
        now = visit.opened_by(link)
        return _review(request, now, form, refusal.reasons, 409) if now is not None else closed(request)
    now = visit.opened_by(link)
    if now is None:
        return show(request, "ended.html", {})
    messages.success(request, done)
    return _review(request, now, form) if stays else redirect("guest:room")


@require_POST
@ruled_by("token")
def declare(request: HttpRequest) -> HttpResponse:
    """Say who one is and what one's interests are; a conflict ends the review."""
    form = DeclareForm(request.POST)
    return _take(request, lambda link: outside.declare(link, **form.cleaned_data), "Declared. The text is open.", form)


@require_http_methods(["GET", "HEAD", "POST"])
@ruled_by("token")
def decline(request: HttpRequest) -> HttpResponse:
    """Say what becomes of the link and of what was written, and on POST say no; the room is closed after that."""
    if request.method == "POST":
        return _take(request, outside.decline, "Declined.")
    link = visit.link_of(request)
    found = visit.opened_by(link) if link is not None else None
    if not isinstance(found, OutsideReviewer):
        return closed(request)
    if found.signed is not None:
        return redirect("guest:room")
    return show(request, "decline.html", {"reviewer": found, "version": found.submission.version})


@require_POST
@ruled_by("token")
def code(request: HttpRequest) -> HttpResponse:
    """Have a code mailed; the page stays, with all that was typed on it."""
    typed = {name: request.POST.get(name, "") for name in ("digest", "comment", "recommendation")}
    done = "A code is on its way to the address of your invitation. It is good for ten minutes."
    return _take(request, outside.ask_code, done, AdviceForm(initial=typed), stays=True)


@require_POST
@ruled_by("token")
def sign(request: HttpRequest) -> HttpResponse:
    """Sign with the code; what was signed is shown from then on."""
    form = AdviceForm(request.POST)
    return _take(request, lambda link: outside.sign(link, **form.cleaned_data), "Signed and sent. Your advice is on record.", form)
