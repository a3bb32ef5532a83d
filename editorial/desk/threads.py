"""What passes after a comment was sent: replies, opening again, and confirming one's points on an earlier version in one step."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from editorial.desk import earlier, forms, typed
from editorial.desk.acts import desk, person
from editorial.desk.decisions import CloseComment
from editorial.desk.notes import CommentAct
from editorial.desk.review import page, readable
from records.errors import NotReady
from records.models import User
from reviews import reviewing, rounds


class OwnThread(CommentAct):
    """A reviewer's act in the thread of a comment of their own."""

    def subject(self) -> Any:
        """The comment itself."""
        return self.object

    def says(self) -> list[str]:
        """What it is about."""
        return [f"“{self.object.text[:500]}”"]

    def back(self) -> str:
        """The review in which they go on from it."""
        return f"{reverse('desk:review', args=[earlier.review_of(self.object, self.by).pk])}#comment-{self.object.pk}"


class _Reply:
    """Saying something in a thread."""

    step, heading, button, done = "reply_to_comment", "Reply", "Send reply", "Sent. The others in this thread are told."
    object: Any

    def act(self, by: User, form: Any) -> str:
        """Reply."""
        reviewing.reply_to_comment(self.object, by=by, text=form.cleaned_data["text"])
        return ""


class _Reopen:
    """Opening a closed comment again."""

    step, heading, button, done = "reopen_comment", "Open this comment again", "Open again", "Open again. The author is told."
    object: Any

    def act(self, by: User, form: Any) -> str:
        """Open it again."""
        reviewing.reopen_comment(self.object, by=by, reason=form.cleaned_data["reason"])
        return ""


class Reply(_Reply, OwnThread):
    """A reviewer's reply."""

    form_class = forms.ReplyForm


class Reopen(_Reopen, OwnThread):
    """A reviewer opens a comment of their own again."""

    form_class = forms.ReasonForm


class EditorsReply(_Reply, CloseComment):
    """An editor's reply."""

    form_class = forms.ReplyForm

    def says(self) -> list[str]:
        """What it is about, and who reads it."""
        return [f"“{self.object.text[:500]}”", "The reviewer reads it." if self.object.to == "editor" else "The reviewer and the authors read it."]


class EditorsReopen(_Reopen, CloseComment):
    """An editor opens a comment again."""

    def says(self) -> list[str]:
        """What it is about."""
        return [f"“{self.object.text[:500]}”", "A must-fix comment that is open stands against approval."]


@desk("review", page="desk:review")
@require_POST
def confirm(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close all one's points on earlier versions and sign, in one form. Refused, nothing of it is done."""
    found = readable(request, pk)
    form = earlier.confirm_form(found, request.POST, request=request)
    if not form.is_valid():
        return page(request, found, confirm_form=form)
    try:
        rounds.confirm(
            found, by=person(request), signing=form.signing, digest=form.cleaned_data["digest"], note=form.cleaned_data["note"],
            answers=form.answers, form=form.form_answers,
        )  # fmt: skip
    except NotReady as refusal:
        form.add_error(None, list(refusal.reasons))
        return page(request, found, confirm_form=form, status=409)
    typed.done(request, found)
    messages.success(request, "Signed and sent. Your points are closed, and your recommendation is on record.")
    return redirect("desk:review", pk)
