"""A version before the board, as its authors see it: where it stands, what the board said, their answers; submitting and withdrawing."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from editorial import workflow
from editorial.workspace import drafts, saves
from editorial.workspace.forms import AnswerForm, WithdrawForm
from editorial.workspace.frame import WAS_KEPT, forget_text, header, keeps_typed_text, kept_text, number_of, show, signed_in
from editorial.workspace.standing import notice, track
from records.errors import NotReady
from records.permits import may, ruled_by
from reviews import reviewing
from reviews.models import Comment, ReviewAssignment, Submission

# ---- Submitting


def submit_draft(request: HttpRequest, article: Any, seen: int) -> HttpResponse:
    """Put the draft before the board; where it is not ready, every reason is shown with its place."""
    try:
        made = workflow.submit(article, by=signed_in(request), draft_number=seen)
    except (NotReady, PermissionDenied) as error:
        reasons = list(error.reasons) if isinstance(error, NotReady) else [str(error)]
        return _not_ready(request, article, reasons)
    messages.success(request, f"Submitted. Version {made.version.number} is with the editors; you can follow it here.")
    return redirect("workspace:submission", article.pk, made.pk)


def _not_ready(request: HttpRequest, article: Any, reasons: list[str]) -> HttpResponse:
    article = drafts.find(signed_in(request), article.pk)
    draft, sources = drafts.read(article)
    places = {each.finding.sentence: each for each in drafts.checked(draft, sources)}
    rows = [{"reason": reason, "found": places.get(reason)} for reason in reasons]
    context = {**header(article, "submit"), "rows": rows, "saved": saves.last(article)}
    return show(request, "not_ready.html", context, status=409)


@keeps_typed_text("article")
@require_POST
@ruled_by("submit")
def submit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Submit the draft that the author looked at."""
    article = drafts.find(signed_in(request), pk)
    return submit_draft(request, article, number_of(request.POST.get("draft_number")))


# ---- Where it stands


@dataclass(frozen=True)
class Said:
    """One comment of the board: by whom as far as its author may know, about which words, and what was answered."""

    comment: Comment
    who: str
    passage_url: str
    is_gone: bool
    form: AnswerForm | None


def _find(article: Any, pk: UUID) -> Submission:
    found = Submission.objects.for_desk().filter(article=article.pk).annotate(
        reviewers=Count("assignments", filter=Q(assignments__state__in=["assigned", "accepted", "completed"]))
    )
    return get_object_or_404(found, pk=pk)


@login_required
@require_safe
@ruled_by("see_submission")
def submission(request: HttpRequest, pk: UUID, submission: UUID) -> HttpResponse:
    """Where a version stands, and what the board said once it was decided."""
    article = drafts.find(signed_in(request), pk)
    return _page(request, article, _find(article, submission), _kept_answer(request))


def _kept_answer(request: HttpRequest) -> tuple[UUID, AnswerForm] | None:
    """An answer that was sent when the session had ended, for its field."""
    typed = kept_text(request)
    name = next((name for name in typed or () if name.endswith("-answer")), "")
    try:
        comment = UUID(name.removesuffix("-answer"))
    except ValueError:
        return None
    return comment, AnswerForm(typed, prefix=str(comment))


def _page(request: HttpRequest, article: Any, found: Submission, typed: tuple[UUID, AnswerForm] | None = None, problems: list[str] | None = None) -> HttpResponse:
    user = signed_in(request)
    said = [] if found.is_open else _said(article, found, typed)
    is_newest = article.latest_id == found.pk
    open_answers = sum(not each.comment.answer and each.comment.closed_at is None for each in said)
    must_answer = sum(each.comment.kind == Comment.Kind.MUST_FIX and not each.comment.answer and each.comment.closed_at is None for each in said)
    context = {
        **header(article, "submission"),
        "submission": found, "version": found.version, "said": said, "answered": len(said) - open_answers, "must_answer": must_answer,
        "kept": WAS_KEPT if typed and not problems else "", "notice": notice(found, said, article), "track": track(found), "is_newest": is_newest, "problems": problems or [],
        "may_submit": is_newest and not found.is_open and not found.is_re_review and found.state != "approved" and may("submit", user, article),
        "may_withdraw": found.is_open and not found.is_re_review and may("withdraw", user, found),
    }  # fmt: skip
    return show(request, "submission.html", context, status=409 if problems else 200)


def _said(article: Any, found: Submission, typed: tuple[UUID, AnswerForm] | None) -> list[Said]:
    comments = list(Comment.objects.for_author().filter(assignment__submission=found).select_related("assignment__member__person").order_by("sent_at", "written_at"))
    if not comments:
        return []
    names = _names(found, comments)
    lines = _passages(article)
    rows = []
    for comment in comments:
        url, is_gone = _place(article, comment, lines)
        form = typed[1] if typed and typed[0] == comment.pk else AnswerForm(prefix=str(comment.pk), initial={"answer": comment.answer})
        is_open = comment.closed_at is None and not found.is_open
        rows.append(Said(comment, names[comment.assignment_id], url, is_gone, form if is_open else None))
    return sorted(rows, key=lambda each: (bool(each.comment.answer or each.comment.closed_at), each.comment.kind != Comment.Kind.MUST_FIX))


def _names(found: Submission, comments: list[Comment]) -> dict[UUID, str]:
    """How each reviewer is called: numbered in the order of assignment, named where the policy is open about it."""
    assignments: dict[UUID, ReviewAssignment] = {comment.assignment_id: comment.assignment for comment in comments}
    in_order = sorted(assignments.values(), key=lambda assignment: (assignment.assigned_at, str(assignment.pk)))
    if found.policy.names_reviewers_to_authors:
        return {assignment.pk: assignment.member.person.name for assignment in in_order}
    return {assignment.pk: f"Reviewer {n}" for n, assignment in enumerate(in_order, 1)}


def _passages(article: Any) -> dict[str, list[tuple[str, int]]]:
    """The words of every passage of the draft as it is now, with its line."""
    draft, _ = drafts.read(article)
    return {audience: [(" ".join(block.text.split()), block.line) for block in text.blocks] for audience, text in draft.rendered.items()}


def _place(article: Any, comment: Comment, lines: dict[str, list[tuple[str, int]]]) -> tuple[str, bool]:
    """The passage of the draft that a comment is about, found by its quoted words; or that these words are gone."""
    if not comment.audience:
        return drafts.tab_url(article, "professional"), False
    quote = " ".join(comment.quote.split())
    line = next((line for words, line in lines.get(comment.audience, []) if quote and quote in words), 0)
    url = drafts.tab_url(article, comment.audience)
    return f"{url}?line={line}#id_source" if line else url, bool(quote and not line)


# ---- Answering, withdrawing


@keeps_typed_text("submission")
@require_POST
@ruled_by("answer_comment")
def answer(request: HttpRequest, pk: UUID, submission: UUID, comment: UUID) -> HttpResponse:
    """Answer one comment of the board; the answer may be bettered until the comment is closed."""
    user = signed_in(request)
    article = drafts.find(user, pk)
    found = _find(article, submission)
    about = get_object_or_404(Comment.objects.for_author().filter(assignment__submission=found), pk=comment)
    form = AnswerForm(request.POST, prefix=str(about.pk))
    if found.is_open or not form.is_valid():
        problems = ["The board has this version. Its comments are answered once it is decided."] if found.is_open else ["Write your answer."]
        return _page(request, article, found, (about.pk, form), problems)
    try:
        reviewing.answer_comment(about, by=user, answer=form.cleaned_data["answer"])
    except NotReady as error:
        return _page(request, article, found, (about.pk, form), list(error.reasons))
    forget_text(request)
    messages.success(request, "Your answer is saved. The reviewers see it with the next version.")
    return redirect("workspace:submission", pk, submission)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@ruled_by("withdraw")
def withdraw(request: HttpRequest, pk: UUID, submission: UUID) -> HttpResponse:
    """Say what withdrawing does, then do it."""
    user = signed_in(request)
    article = drafts.find(user, pk)
    found = _find(article, submission)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            workflow.withdraw(found, by=user, note=form.cleaned_data["note"])
        except (NotReady, PermissionDenied) as error:
            problems = list(error.reasons) if isinstance(error, NotReady) else [str(error)]
        else:
            messages.success(request, f"Version {found.version.number} is withdrawn. The draft stays yours to change.")
            return redirect("workspace:submission", pk, submission)
    context = {**header(article, "submission"), "submission": found, "version": found.version, "form": form, "problems": problems}
    return show(request, "withdraw.html", context, status=409 if problems else 200)
