"""A version before the board, as its authors see it: where it stands, what the board said, their answers; submitting and withdrawing."""

from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from editorial import workflow
from editorial.kept import WAS_KEPT, forget_text, kept_text
from editorial.workspace import answering, drafts, saves
from editorial.workspace.forms import AnswerForm, WithdrawForm
from editorial.workspace.frame import Problem, header, keeps_typed_text, number_of, problems_of, show, signed_in
from editorial.workspace.standing import notice, track
from records.errors import NotReady
from records.permits import may, ruled_by
from reviews import reviewing, rounds
from reviews.anchors import Fate, Place, Text, carry
from reviews.commenting import anchor_of
from reviews.models import Comment, Reply, ReviewAssignment, Submission
from reviews.suggestions import text_of

OPEN = (Submission.State.SUBMITTED, Submission.State.UNDER_REVIEW)
NOT_YET = "The board has this version. Its comments are answered once it is decided."
TAKEN = "Taken. The suggested words stand in your draft."
NOT_SAVED = "What you typed below is not saved yet."

# ---- Submitting


def submit_draft(request: HttpRequest, article: Any, seen: int) -> HttpResponse:
    """Put the draft before the board; where it is not ready, every reason is shown with its place."""
    try:
        made = workflow.submit(article, by=signed_in(request), draft_number=seen, as_minor=request.POST.get("as_minor") == "1")
    except (NotReady, PermissionDenied) as error:
        reasons = list(error.reasons) if isinstance(error, NotReady) else [str(error)]
        return _not_ready(request, article, reasons)
    track = " It is more than a minor change, so it goes to the board: the reasons are below." if made.not_minor else ""
    messages.success(request, f"Submitted. Version {made.version.number} is with the editors; you can follow it here.{track}")
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
    """One comment of the board: by whom as far as its author may know, what became of its words in the draft, and what was answered."""

    comment: Comment
    who: str
    passage_url: str
    fate: str
    was: str
    form: AnswerForm | None
    may_take: bool

    @property
    def waits(self) -> bool:
        """Whether the author has the word: nothing is answered yet, or the board replied last."""
        replies = list(self.comment.replies.all())
        return self.comment.closed_at is None and (not self.comment.answer or bool(replies and replies[-1].side != Reply.Side.AUTHOR))


def _find(article: Any, pk: UUID) -> Submission:
    found = Submission.objects.for_desk().filter(article=article.pk).annotate(
        reviewers=Count("assignments", filter=Q(assignments__state__in=["assigned", "accepted", "completed"]))
    )
    return get_object_or_404(found, pk=pk)


@keeps_typed_text("submission")
@require_http_methods(["GET", "HEAD", "POST"])
@ruled_by("see_submission", "answer_comment", "reply_to_comment", "take_suggestion", "submit")
def submission(request: HttpRequest, pk: UUID, submission: UUID) -> HttpResponse:
    """Where a version stands, and what the board said once it was decided. None of its buttons lets go of an answer that was typed."""
    article = drafts.find(signed_in(request), pk)
    found = _find(article, submission)
    if request.method == "POST":
        return _do(request, article, found)
    kept = kept_text(request)
    typed = answering.changed(_comments(found), kept) if kept else {}
    return _page(request, article, found, typed, told=WAS_KEPT if typed else "")


def _page(
    request: HttpRequest, article: Any, found: Submission, typed: answering.Typed, *, told: str = "", problems: list[str] | None = None
) -> HttpResponse:
    user = signed_in(request)
    is_author = may("submit", user, article)
    said = [] if found.is_open else _said(article, found, typed, is_author)
    is_newest = article.latest_id == found.pk
    open_answers = sum(not each.comment.answer and each.comment.closed_at is None for each in said)
    must_answer = sum(each.comment.kind == Comment.Kind.MUST_FIX and not each.comment.answer and each.comment.closed_at is None for each in said)
    wrong = [*(problems or []), *_problems(said)]
    context = {
        **header(article, "submission"), "earlier": _earlier(found), "submission": found, "version": found.version,
        "said": said, "answered": len(said) - open_answers, "must_answer": must_answer,
        "can_answer": any(each.form for each in said), "is_unsaved": bool(typed),
        "told": told, "notice": notice(found, said, article), "track": track(found), "is_newest": is_newest, "problems": wrong,
        "may_submit": is_newest and not found.is_open and not found.is_re_review and (found.state != "approved" or article.is_in_question) and is_author,
        "may_withdraw": found.is_open and not found.is_re_review and may("withdraw", user, found),
    }  # fmt: skip
    return show(request, "submission.html", context, status=409 if wrong and request.method == "POST" else 200)


def _problems(said: list[Said]) -> list[Problem]:
    """What is wrong with the answers, each at its field."""
    return [problem for each in said if each.form and each.form.is_bound for problem in problems_of(each.form)]


def _comments(found: Submission) -> list[Comment]:
    """What the board said to the author of a version; nothing before it is decided."""
    if found.is_open:
        return []
    sent = Comment.objects.for_author().filter(assignment__submission=found).prefetch_related("replies")
    return list(sent.select_related("assignment__member__person", "assignment__submission__policy").order_by("sent_at", "written_at"))


def _said(article: Any, found: Submission, typed: answering.Typed, is_author: bool) -> list[Said]:
    comments = _comments(found)
    if not comments:
        return []
    names, draft, texts = _names(comments), _Draft(article), rounds.Texts([found.version_id])
    rows = [_row(comment, names, draft, texts, _form(comment, typed, is_author)) for comment in comments]
    return sorted(rows, key=lambda each: (not each.waits, each.comment.kind != Comment.Kind.MUST_FIX))


def _form(comment: Comment, typed: answering.Typed, is_author: bool) -> AnswerForm | None:
    """The field of a comment: with what was typed, whatever became of the comment since; empty for one that an author can answer."""
    return typed.get(comment.pk) or (answering.form_of(comment) if is_author and comment.closed_at is None else None)


def _row(comment: Comment, names: dict[UUID, str], draft: "_Draft", texts: rounds.Texts, form: AnswerForm | None) -> Said:
    place = draft.place(comment, texts.of(comment.assignment.submission.version_id, comment.audience)) if comment.block else None
    fate = str(place.fate) if place else ""
    can_take = form is not None and comment.closed_at is None and comment.taken_at is None
    return Said(
        comment, names[comment.assignment_id], draft.url(comment, place.block if place else ""), fate, _was(comment, texts) if fate else "", form,
        may_take=bool(can_take and comment.replacement and fate == Fate.SAME),
    )  # fmt: skip


def _was(comment: Comment, texts: rounds.Texts) -> str:
    """The passage of a comment as its version has it."""
    text = texts.of(comment.assignment.submission.version_id, comment.audience)
    return text.words[text.index[comment.block]] if comment.block in text.index else ""


def _names(comments: list[Comment]) -> dict[UUID, str]:
    """How each reviewer is called: numbered for each version in the order of assignment, named where the policy is open about it."""
    assignments: dict[UUID, ReviewAssignment] = {comment.assignment_id: comment.assignment for comment in comments}
    names, numbers = {}, Counter[UUID]()
    for assignment in sorted(assignments.values(), key=lambda assignment: (assignment.assigned_at, str(assignment.pk))):
        numbers[assignment.submission_id] += 1
        is_open = assignment.submission.policy.names_reviewers_to_authors
        names[assignment.pk] = assignment.member.person.name if is_open else f"Reviewer {numbers[assignment.submission_id]}"
    return names


class _Draft:
    """The draft as it is now: the passages of each text, and the line of each."""

    def __init__(self, article: Any) -> None:
        self.article = article
        draft, _ = drafts.read(article)
        self.texts = {audience: text_of(rendered) for audience, rendered in draft.rendered.items()}
        self.lines = {(audience, block.id): block.line for audience, rendered in draft.rendered.items() for block in rendered.blocks}

    def place(self, comment: Comment, was: Text) -> Place:
        """Where the words of a comment stand in it now."""
        return carry(anchor_of(comment), was, self.texts.get(comment.audience, Text([])))

    def url(self, comment: Comment, block: str) -> str:
        """The editor's page, at a passage where there is one."""
        page = drafts.tab_url(self.article, comment.audience or "professional")
        line = self.lines.get((comment.audience, block))
        return f"{page}?line={line}#id_source" if line else page


def _earlier(found: Submission) -> list[tuple[rounds.Carried, str]]:
    """What was said of earlier versions and came with a decision, with its fate in this one, and by whom."""
    comments = list(rounds.earlier(found).exclude(assignment__submission__state__in=OPEN).select_related("assignment__submission__policy"))
    names = _names(comments)
    return [(each, names[each.comment.assignment_id]) for each in rounds.carried(comments, found.version_id)]


# ---- Answering


def _do(request: HttpRequest, article: Any, found: Submission) -> HttpResponse:
    """Save the answers, take one suggestion, or submit; whatever is typed and not saved stays on the page."""
    do, _, key = request.POST.get("do", "save").partition(":")
    if do == "submit":
        return _submit_answered(request, article, found)
    if found.is_open:
        return _page(request, article, found, {}, problems=[NOT_YET])
    return _take(request, article, found, key) if do == "take" else _save(request, article, found)


def _submit_answered(request: HttpRequest, article: Any, found: Submission) -> HttpResponse:
    """Submitting saves no answers: the author sees first what the board will read."""
    if typed := answering.changed(_comments(found), request.POST):
        return _page(request, article, found, typed, problems=[f"{NOT_SAVED} Save your answers, then submit."])
    return submit_draft(request, article, number_of(request.POST.get("draft_number")))


def _save(request: HttpRequest, article: Any, found: Submission) -> HttpResponse:
    answers, replies, refused = answering.save(_comments(found), request.POST, signed_in(request))
    words = answering.saved_words(len(answers), len(replies))
    if refused:
        return _page(request, article, found, refused, told=words)
    forget_text(request)
    if not words:
        messages.info(request, "No answer has changed, so there was nothing to save.")
        return redirect("workspace:submission", article.pk, found.pk)
    messages.success(request, words)
    return _back_to(article, found, (answers or replies)[0])


def _back_to(article: Any, found: Submission, comment: Comment) -> HttpResponse:
    return redirect(f"{reverse('workspace:submission', args=[article.pk, found.pk])}#comment-{comment.pk}")


def _take(request: HttpRequest, article: Any, found: Submission, key: str) -> HttpResponse:
    """Take the words of a suggestion over into the draft that the author looked at; answers that were typed wait to be saved."""
    user, before = signed_in(request), _comments(found)
    about = next((each for each in before if str(each.pk) == key), None)
    if about is None:
        raise Http404
    typed = answering.changed(before, request.POST)
    try:
        reviewing.take_suggestion(about, by=user, draft_number=number_of(request.POST.get("draft_number")))
    except (NotReady, PermissionDenied) as error:
        return _page(request, article, found, typed, problems=list(error.reasons) if isinstance(error, NotReady) else [str(error)])
    if not typed:
        messages.success(request, TAKEN)
        return _back_to(article, found, about)
    if about.pk in typed:  # taking it has answered it: what was typed is to better that
        typed[about.pk] = answering.at_newest(Comment.objects.get(pk=about.pk), request.POST)
    return _page(request, drafts.find(user, article.pk), found, typed, told=f"{TAKEN} {NOT_SAVED}")


# ---- Withdrawing


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
