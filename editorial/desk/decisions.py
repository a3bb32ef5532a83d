"""An editor's acts on a submission and on the reviews of it. Each is a page that says what will happen."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from articles.models import ArticleVersion
from editorial import publishing, workflow
from editorial.desk import chips, earlier, facts, forms
from editorial.desk.acts import ActPage, BecomesPublic, desk, person
from editorial.desk.reading import read_context
from editorial.endings import SIGN_FIRST
from records import clock
from records.errors import NotReady
from records.models import User
from records.permits import may
from reviews import matching, reviewing
from reviews.models import BoardMember, Comment, ReviewAssignment, Submission
from reviews.policies import has_yet_to_sign


def seen(user: User) -> Any:
    """The submissions that this person sees as an editor: all of them, or none."""
    found = Submission.objects.for_desk()  # type: ignore[attr-defined]
    return found if user.is_staff and user.has_perm("reviews.view_submission") else found.none()


def one(request: HttpRequest, pk: UUID) -> Submission:
    """One submission; 404 for whoever is no editor."""
    found: Submission = get_object_or_404(seen(person(request)), pk=pk)
    return found


class SubmissionAct(ActPage):
    """An editor's act on one submission."""

    def rows(self, user: User) -> Any:
        """The submissions that an editor sees."""
        return seen(user)

    def version(self) -> ArticleVersion:
        """What is before the board."""
        found: ArticleVersion = self.object.version
        return found

    def back(self) -> str:
        """The page of the submission."""
        return reverse("desk:submission", args=[self.object.pk])


# ---- Choosing reviewers


@desk("assign", "override_tie")
@require_http_methods(["GET", "HEAD", "POST"])
def assign(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Choose who is fit and free; who cannot be chosen is shown with the reason."""
    found, by = one(request, pk), person(request)
    if not may("assign", by, found):
        raise PermissionDenied
    chosen = request.POST.getlist("member")
    reason = request.POST.get("override_reason", "")
    errors: list[str] = []
    if request.method == "POST":
        errors = _assign_all(request, found, chosen, reason)
        if not errors:
            return redirect("desk:submission", pk)
    people, (number, before) = matching.candidates(found, clock.today()), earlier_reviewers(found)
    if request.method != "POST" and not found.assignments.exists():
        chosen = [str(key) for key in before]
    context = {
        "submission": found,
        "version": found.version,
        "fit": [each for each in people if each.can_be_chosen and each.fits],
        "outside": [each for each in people if each.can_be_chosen and not each.fits],
        "tied": [each for each in people if each.ties and not each.bars],
        "barred": [each for each in people if each.bars],
        "chosen": set(chosen),
        "earlier": set(before),
        "same_number": number,
        "same": [each for each in people if each.member.pk in before and each.can_be_chosen],
        "same_not": [each for each in people if each.member.pk in before and each.ties and not each.bars],
        "no_tie_since": matching.no_tie_since(clock.today()),
        "reason": reason,
        "errors": errors,
        "needs": facts.needs(found),
        "may_override": may("override_tie", by, found),
        "standing": found.assignments.standing().count(),  # type: ignore[attr-defined]
    }
    return render(request, "admin/desk/assign.html", context, status=409 if errors else 200)


def earlier_reviewers(found: Submission) -> tuple[int, list[int]]:
    """The version that was before the board last, and the members who signed on it, to whom the next one goes back: new words to those who read new words."""
    earlier_ones = Submission.objects.filter(article=found.article_id, submitted_at__lt=found.submitted_at).exclude(pk=found.pk)
    earlier_ones = earlier_ones.filter(version=found.version_id) if found.is_re_review else earlier_ones.new_words()
    before = earlier_ones.order_by("-submitted_at").select_related("version").first()
    if before is None:
        return 0, []
    signed = ReviewAssignment.objects.filter(submission=before, state=ReviewAssignment.State.COMPLETED)
    return before.version.number, list(signed.values_list("member_id", flat=True))


def members_of(given: Iterable[str]) -> list[BoardMember]:
    """The members that were chosen; 404 where one of them is nobody on the board, so that nothing is done about the others (A6)."""
    keys = list(dict.fromkeys(given))
    if not all(key.isascii() and key.isdigit() and len(key) < 18 for key in keys):
        raise Http404
    found = {str(member.pk): member for member in BoardMember.objects.filter(pk__in=keys).select_related("person")}
    if set(found) != set(keys):
        raise Http404
    return [found[key] for key in keys]


def _assign_all(request: HttpRequest, found: Submission, chosen: list[str], reason: str) -> list[str]:
    """Ask every chosen member, or none of them; returns why not."""
    members = members_of(chosen)
    if not members:
        return ["Choose at least one reviewer."]
    try:
        workflow.assign_all(found, by=person(request), members=members, override_reason=reason)
    except NotReady as refusal:
        return list(refusal.reasons)
    messages.success(request, f"{chips.many(len(members), 'reviewer')} asked. They have {chips.many(found.policy.invitation_days, 'day')} to answer.")
    return []


class AssignmentAct(SubmissionAct):
    """An editor's act on one review; it belongs to the submission that the address names."""

    def find(self) -> Any:
        """The review, of that submission."""
        submission = get_object_or_404(seen(self.by), pk=self.kwargs["pk"])
        return get_object_or_404(
            ReviewAssignment.objects.filter(submission=submission).for_desk(), pk=self.kwargs["assignment"]  # type: ignore[attr-defined]
        )

    def version(self) -> ArticleVersion:
        """What is reviewed."""
        found: ArticleVersion = self.object.submission.version
        return found

    def back(self) -> str:
        """The page of the submission."""
        return reverse("desk:submission", args=[self.object.submission_id])


class CancelAssignment(AssignmentAct):
    """Taking an invitation or an accepted review back."""

    step, heading, button = "cancel_assignment", "Cancel this review", "Cancel review"
    done = "Cancelled. The reviewer has been told."

    def says(self) -> list[str]:
        """What it means."""
        return [f"{self.object.member.person} will no longer see this version, and is told so.", "What they noted and did not send is sent to nobody."]

    def act(self, by: User, form: Any) -> str:
        """Cancel."""
        workflow.cancel_assignment(self.object, by=by, reason=form.cleaned_data["reason"])
        return ""


class SetAside(AssignmentAct):
    """Setting an unfavourable recommendation aside."""

    step, heading, button = "set_aside", "Set this recommendation aside", "Set aside"
    done = "Set aside. It stays on the record, with your reason."
    form_class = forms.SeenForm

    def on_screen(self) -> str:
        """The recommendation on the screen."""
        signature = self.object.signature
        return str(signature.pk) if signature else ""

    def says(self) -> list[str]:
        """What it means."""
        return [
            f"The recommendation of {self.object.member.person} no longer stands against approval. It does not count for it, and readers are not told of it.",
            "Your name and reason stay on the record beside it.",
        ]

    def act(self, by: User, form: Any) -> str:
        """Set aside."""
        workflow.set_aside(self.object, by=by, reason=form.cleaned_data["reason"], seen=form.cleaned_data["seen"])
        return ""


class WaiveUnsure(AssignmentAct):
    """Letting a reviewer sign who was unsure about their interests."""

    step, heading, button = "waive", "Let this reviewer sign", "Let them sign"
    done = "Decided. The reviewer may sign now."
    form_class = forms.SeenForm

    def on_screen(self) -> str:
        """The declaration on the screen."""
        declaration = self.object.declaration
        return str(declaration.pk) if declaration else ""

    def subject(self) -> Any:
        """The submission."""
        return self.object.submission

    def says(self) -> list[str]:
        """What was declared, and what the decision means."""
        declaration = self.object.declaration
        words = f"{self.object.member.person} is unsure about: “{declaration.words}”" if declaration else "Nothing was declared."
        return [words, "You decide that this is no bar. To decide that it is one, cancel the review instead."]

    def act(self, by: User, form: Any) -> str:
        """Decide."""
        workflow.waive_unsure(self.object, by=by, reason=form.cleaned_data["reason"], seen=form.cleaned_data["seen"])
        return ""


class CloseComment(AssignmentAct):
    """Closing a reviewer's comment, with a reason."""

    step, heading, button, done = "close_comment", "Close this comment", "Close comment", "Closed, with your reason on the record."

    def find(self) -> Any:
        """The comment, of that submission."""
        submission = get_object_or_404(seen(self.by), pk=self.kwargs["pk"])
        found = Comment.objects.sent().select_related("assignment__submission__version", "assignment__member__person")  # type: ignore[attr-defined]
        return get_object_or_404(found.filter(assignment__submission=submission), pk=self.kwargs["comment"])

    def version(self) -> ArticleVersion:
        """What it is about."""
        found: ArticleVersion = self.object.assignment.submission.version
        return found

    def says(self) -> list[str]:
        """What is closed."""
        return [f"“{self.object.text[:500]}”", "A must-fix comment that is closed no longer stands against approval."]

    def back(self) -> str:
        """The page of the submission in which people go on from it."""
        return reverse("desk:submission", args=[earlier.newest_of(self.object).pk])

    def act(self, by: User, form: Any) -> str:
        """Close it."""
        reviewing.close_comment(self.object, by=by, reason=form.cleaned_data["reason"])
        return ""


# ---- Deciding


class AcceptFinding(SubmissionAct):
    """Accepting a finding of the checks in spite of it."""

    step, heading, button = "waive", "Let this finding stand", "Let it stand"
    done = "Accepted. Your name and reason stay on the record of this version."
    form_class = forms.FindingForm

    def get_initial(self) -> dict[str, Any]:
        """The finding that the address names."""
        return {"check_id": self.request.GET.get("check", ""), "place": self.request.GET.get("place", "")}

    def says(self) -> list[str]:
        """The finding itself."""
        form = self.request.POST if self.request.method == "POST" else self.request.GET
        check, place = form.get("check_id") or form.get("check", ""), form.get("place", "")
        return [row.sentence for row in facts.findings(self.object) if (row.check, row.place) == (check, place)]

    def act(self, by: User, form: Any) -> str:
        """Accept it."""
        data = form.cleaned_data
        workflow.accept_finding(self.object, by=by, check=data["check_id"], place=data["place"], reason=data["reason"])
        return ""


class RequestChanges(SubmissionAct):
    """Sending a version back to its author."""

    step, heading, button = "decide", "Request changes", "Request changes"
    done = "Sent back. The author has your note and the comments, and submits the next version."
    form_class = forms.ChangesForm

    def says(self) -> list[str]:
        """What it means."""
        if self.object.is_re_review:
            return ["The re-review ends here, with the outcome “to be revised” and your note as its rationale.",
                    "The page keeps its words and its dates until a new version is published. Withhold it if it could do harm.",
                    "Reviews that are not signed yet are cancelled."]  # fmt: skip
        return ["This submission ends here. The author answers the comments and submits the next version, which is reviewed anew.",
                "Reviews that are not signed yet are cancelled."]  # fmt: skip

    def act(self, by: User, form: Any) -> str:
        """Send it back."""
        workflow.request_changes(self.object, by=by, note=form.cleaned_data["note"])
        return ""


class DeclineSubmission(SubmissionAct):
    """Turning a version down."""

    step, heading, button, is_danger = "decline_submission", "Decline this version", "Decline version", True
    done = "Declined. The author has been told, with your reason."

    def says(self) -> list[str]:
        """What it means."""
        if self.object.is_re_review:
            return ["The re-review ends here without an outcome, and the authors are told why. What is public stays as it is, with its dates.",
                    "Reviews that are not signed yet are cancelled."]  # fmt: skip
        return ["This submission ends here and the author is told why.", "Reviews that are not signed yet are cancelled. What is public stays as it is."]

    def act(self, by: User, form: Any) -> str:
        """Turn it down."""
        workflow.decline_submission(self.object, by=by, reason=form.cleaned_data["reason"])
        return ""


class Decide(BecomesPublic, SubmissionAct):
    """Approving a version, signed, and saying when it becomes public: one act."""

    step, template_name = "decide", "admin/desk/decide.html"
    heading = "Decide"
    form_class: type[forms.DeskForm] = forms.DecideForm

    def act(self, by: User, form: Any) -> str:
        """Approve, and publish in the same transaction where that was chosen."""
        data = form.cleaned_data
        workflow.decide(
            self.object, by=by, signing=form.signing, digest=data["digest"], note=data["note"],
            publish_now=data["when"] == forms.NOW, publish_at=form.publish_at, change_note=data["change_note"],
            correction=data.get("correction", ""),
        )  # fmt: skip
        version = f"Version {self.object.version.number}"
        if data["when"] == forms.NOW:
            return public_now(self.object)
        return f"Approved. {version} becomes public at the set time." if data["when"] == forms.LATER else f"Approved. {version} can be published."

    @cached_property
    def blind(self) -> bool:
        """Whether the editor is to judge it themselves first, and so does not see what others recommend."""
        return has_yet_to_sign(self.by, self.object)

    def text_context(self) -> dict[str, Any]:
        """The text as it is read here, with what reviewers answered about its references."""
        return read_context(self.object.version, verdicts=facts.verdicts(self.object, blind=self.blind))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The text, read only, with all that the decision rests on: answers, comments, findings, interests, signatures, policy."""
        found, today, blind = self.object, clock.today(), self.blind
        people = facts.reviewers(found, today, blind=blind)
        return super().get_context_data(
            **self.text_context(),
            submission=found,
            blind=blind,
            authors=facts.authors(found.version, today),
            findings=facts.findings(found),
            open_comments=[(each, comment) for each in people for comment in each.comments if comment.closed_at is None],
            allowed={step for step in ("waive", "assign", "override_policy") if may(step, self.by, found)},
            points=[] if blind else facts.policy_points(found),
            blockers=[SIGN_FIRST] if blind else found.approval_blockers(),
            reviewers=people,
            signatures=facts.signatures(found, blind=blind),
            **kwargs,
        )


class Publish(BecomesPublic, SubmissionAct):
    """Making an approved version public."""

    step, heading, button = "publish", "Publish", "Publish"
    form_class = forms.PublishForm

    def says(self) -> list[str]:
        """What it means."""
        return [f"Version {self.object.version.number} replaces what is public, in exactly the words the board approved."]

    def act(self, by: User, form: Any) -> str:
        """Publish."""
        data = form.cleaned_data
        publishing.publish(self.object, by=by, at=form.publish_at, change_note=data["change_note"], correction=data.get("correction", ""))
        if form.publish_at is None:
            return public_now(self.object)
        return f"Set. Version {self.object.version.number} becomes public at the set time."


def public_now(found: Submission) -> str:
    """What is said after publishing, with the way to what readers see."""
    words = 'Published. Version {} is public. <a href="{}">See the public page</a>'
    return format_html(words, found.version.number, facts.public_path(found.article_id))
