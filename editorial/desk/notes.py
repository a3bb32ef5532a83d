"""What a reviewer notes while reading: comments on passages, and answers about references. Nobody else reads them before one signs."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from articles.models import VersionText
from editorial.desk import earlier, evidence, forms, reading, recommending, typed
from editorial.desk.acts import ActPage, desk, fill, person
from editorial.desk.review import mine, page, readable
from records.errors import NotReady
from records.models import User
from reviews import reviewing
from reviews.anchors import Anchor, Unclear, anchor
from reviews.commenting import words_of
from reviews.models import Comment, ReviewAssignment


@desk("review", page="desk:review")
@require_POST
def comment(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Note a comment on a passage, or on the whole; nobody else reads it before one signs."""
    found = readable(request, pk)
    form = forms.CommentForm(request.POST, request=request, auto_id="sent_%s")
    if not form.is_valid():
        return page(request, found, comment_form=form)
    data = form.cleaned_data
    text = reading.texts(found.submission.version).get(data["audience"])
    try:
        about = _about(text, data) if text is not None and data["block"] else Anchor("")
        reviewing.comment(
            found, by=person(request), text=data["text"], kind=data["kind"], to=data["to"], audience=data["audience"],
            block=about.block, quote=about.quote, before=about.before, after=about.after, replacement=data["replacement"],
        )  # fmt: skip
    except Unclear as unclear:
        form.add_error("quote", str(unclear))
        return page(request, found, comment_form=form)
    except NotReady as refusal:
        form.add_error(None, list(refusal.reasons))
        return page(request, found, comment_form=form, status=409)
    typed.noted(request, found)
    messages.success(request, "Noted. Your comments are sent when you sign.")
    query = f"?view={data['audience']}" if data["audience"] else ""
    return redirect(f"{reverse('desk:review', args=[pk])}{query}{f'#{about.block}' if about.block else ''}")


def _about(text: VersionText, data: dict[str, Any]) -> Anchor:
    """The words that a comment is about: in the part that was chosen, else in any other of the same piece, such as a list."""
    words, quoted = words_of(text), (data["quote"], data["before"], data["after"])
    try:
        return anchor(words, [data["block"]], *quoted)
    except Unclear:
        return anchor(words, reading.blocks_beside(text, data["block"]), *quoted)


class CommentAct(ActPage):
    """An act on one of one's own comments; the comment belongs to the review that the address names."""

    step = "review"

    def rows(self, user: User) -> Any:
        """The comments of one of one's own reviews."""
        return Comment.objects.filter(assignment__in=mine(user), assignment=self.kwargs["pk"]).select_related("assignment__submission__version")

    def find(self) -> Any:
        """The comment, of that review."""
        return get_object_or_404(self.rows(self.by), pk=self.kwargs["comment"])

    def subject(self) -> Any:
        """The review it belongs to."""
        return self.object.assignment

    def back(self) -> str:
        """The text."""
        query = f"?view={self.object.audience}" if self.object.audience else ""
        return f"{reverse('desk:review', args=[self.kwargs['pk']])}{query}"


class EditComment(CommentAct):
    """Changing a comment that was not sent yet."""

    heading, button, done = "Change your comment", "Save comment", "Saved. It is sent when you sign."
    form_class = forms.EditCommentForm

    def get_initial(self) -> dict[str, Any]:
        """What it says now."""
        return {"text": self.object.text, "kind": self.object.kind, "replacement": self.object.replacement}

    def act(self, by: User, form: Any) -> str:
        """Save it."""
        data = form.cleaned_data
        reviewing.edit_comment(self.object, by=by, text=data["text"], kind=data["kind"], replacement=data["replacement"])
        return ""


class DiscardComment(CommentAct):
    """Throwing away a note that nobody else has read."""

    heading, button, done = "Remove your comment", "Remove comment", "Removed."
    form_class = forms.NothingForm

    def says(self) -> list[str]:
        """What goes."""
        return [f"“{self.object.text[:300]}”", "Nobody else has read it. It is gone for good."]

    def act(self, by: User, form: Any) -> str:
        """Throw it away."""
        reviewing.discard_comment(self.object, by=by)
        return ""


class CloseOwnComment(CommentAct):
    """Closing a comment of one's own that the author has dealt with."""

    step = "close_comment"
    heading, button, done = "Close your comment", "Close comment", "Closed."
    form_class = forms.OptionalReasonForm

    def subject(self) -> Any:
        """The comment itself."""
        return self.object

    def says(self) -> list[str]:
        """What it means."""
        return [f"“{self.object.text[:500]}”", "The comment no longer stands against approval. It stays on the record."]

    def back(self) -> str:
        """The review in which they go on from it."""
        return reverse("desk:review", args=[earlier.review_of(self.object, self.by).pk])

    def act(self, by: User, form: Any) -> str:
        """Close it."""
        reviewing.close_comment(self.object, by=by, reason=form.cleaned_data["reason"])
        return ""


def _with_the_rest(request: HttpRequest, found: ReviewAssignment) -> dict[int, str]:
    """The answers typed; in a re-review one button answers for all works that were not answered for one by one.

    A work with a notice since the last review is never among them: it is answered for by itself.
    """
    given, rest = typed.answers(request.POST), request.POST.get("rest", "")
    if not rest or not found.submission.is_re_review:
        return given
    known = set(found.reference_answers.values_list("reference_id", flat=True)) | set(given)
    return given | dict.fromkeys(evidence.unanswered(found, known), rest)


@desk("review", page="desk:review")
@require_POST
def answers(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep the answers about references. What else was typed in the same form stays on the page, also where they are refused."""
    found, is_background = readable(request, pk), request.headers.get("Accept") == "application/json"
    try:
        reviewing.answer_references(found, by=person(request), answers=_with_the_rest(request, found))
    except NotReady as refusal:
        return JsonResponse({"reasons": list(refusal.reasons)}, status=409) if is_background else _refused(request, found, refusal)
    if is_background:
        typed.answered(request, found)
        return JsonResponse({"answered": found.reference_answers.count()})
    stays = typed.stay(request, found)
    messages.success(request, f"Answers saved.{' What you typed under your recommendation is kept on this page, and not sent.' if stays else ''}")
    query = f"?{urlencode({'view': request.GET['view']})}" if request.GET.get("view") else ""
    return redirect(f"{reverse('desk:review', args=[pk])}{query}")


def _refused(request: HttpRequest, found: ReviewAssignment, refusal: NotReady) -> HttpResponse:
    """The page with the reasons, and with all that was typed but a password."""
    problem = forms.NothingForm({}, request=request)
    problem.add_error(None, list(refusal.reasons))
    form = recommending.form_of(found, request=request, initial={"digest": found.submission.version.digest})
    fill(form, request.POST)
    return page(request, found, sign_form=form, refused=problem, answers=typed.answers(request.POST), status=409)
