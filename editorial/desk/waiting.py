"""One submission in a row of the desk: what stands about it, whom it waits for and how long, and the one act that takes it on."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.urls import reverse
from django.utils.timezone import localdate

from editorial.desk import chips
from editorial.desk.chips import Chip, many
from editorial.desk.rows import Button, Row
from editorial.models import EvidenceCase, Publication
from records.models import User
from reviews.models import FAVOURABLE, Interest, PolicyOverride, ReviewAssignment, Signature, Submission
from reviews.quorum import retracted_of

ASSIGNED, ACCEPTED, COMPLETED = ReviewAssignment.State.ASSIGNED, ReviewAssignment.State.ACCEPTED, ReviewAssignment.State.COMPLETED


class Board:
    """Who reviews some submissions, what they said, and what page they read again, read once for all of them; six queries."""

    def __init__(self, submission_ids: Iterable[Any], user: User) -> None:
        ids = list(submission_ids)
        self.assignments: dict[Any, list[ReviewAssignment]] = defaultdict(list)
        self.favourable: dict[Any, int] = defaultdict(int)
        self.blind: set[Any] = set()
        self.unsure: dict[Any, ReviewAssignment] = {}
        self.retracted = set(retracted_of(ids))
        self.page_due = pages_due(ids)
        self.overridden = set(PolicyOverride.objects.filter(submission__in=ids).values_list("submission", flat=True))
        self.evidence_due = dict(EvidenceCase.objects.open().filter(re_review__in=ids).order_by("-due_on").values_list("re_review", "due_on"))
        latest = Interest.objects.filter(assignment=OuterRef("pk")).order_by("-declared_at").values("conclusion")[:1]
        found = ReviewAssignment.objects.standing().filter(submission__in=ids, set_aside_at=None).annotate(conclusion=Subquery(latest))
        for assignment in found.select_related("member__person"):
            self.assignments[assignment.submission_id].append(assignment)
            if assignment.user_id == user.pk and assignment.is_unsigned:
                self.blind.add(assignment.submission_id)
            if assignment.state == ACCEPTED and assignment.conclusion == Interest.Conclusion.UNSURE and not assignment.unsure_waived_reason:
                self.unsure[assignment.submission_id] = assignment
        counts = Signature.objects.recommendations().relied_on().filter(  # type: ignore[attr-defined]
            submission__in=ids, assignment__state=COMPLETED, recommendation__in=FAVOURABLE
        )
        for row in counts.values("submission").annotate(number=Count("assignment", distinct=True)):
            self.favourable[row["submission"]] = row["number"]

    def done(self, key: Any) -> int:
        """How many have signed."""
        return sum(assignment.state == COMPLETED for assignment in self.assignments[key])

    def facts(self, key: Any) -> str:
        """How many recommendations are in, and, to whoever may know it, how many are for it."""
        total, done = len(self.assignments[key]), self.done(key)
        if total and done == total and key not in self.blind:
            return f"{self.favourable[key]} of {total} recommend approval"
        return f"{done} of {many(total, 'recommendation')} in" if total else "No reviewer"

    def late(self, key: Any, today: date) -> list[ReviewAssignment]:
        """Who is late, the latest first."""
        late = [assignment for assignment in self.assignments[key] if chips.days_late(assignment, today)]
        return sorted(late, key=lambda each: chips.days_late(each, today), reverse=True)

    def waits_for(self, key: Any, today: date) -> str:
        """Whom it waits for, for what and how long, in a sentence; empty where it waits for no reviewer."""
        waiting = [_waits(each, today) for each in self.assignments[key] if chips.waits_until(each)]
        return f"Waits for {', '.join(waiting)}" if waiting else ""


def pages_due(submissions: Iterable[Any]) -> dict[Any, date]:
    """When the review of the page falls due that each of these re-reviews reads again."""
    again = Submission.objects.filter(pk__in=list(submissions), kind=Submission.Kind.RE_REVIEW)
    standing = Publication.objects.standing().filter(article=OuterRef("article")).values("review_due_on")[:1]
    return dict(again.annotate(due=Subquery(standing)).filter(due__isnull=False).order_by().values_list("pk", "due"))


def _waits(found: ReviewAssignment, today: date) -> str:
    since = found.assigned_at if found.state == ASSIGNED else found.answered_at or found.assigned_at
    days = (today - localdate(since)).days
    how_long = many(days, "day").replace(" ", "\u00a0") if days else "since\u00a0today"
    return f"{found.member.person.name} to {'answer' if found.state == ASSIGNED else 'sign'} ({how_long})"


def submission_row(found: Submission, board: Board, today: date) -> Row:
    """What an editor does next about an open submission, and by when where the evidence changed (REF-6)."""
    row, due = _next_step(found, board, today), board.evidence_due.get(found.pk)
    if due is None:
        return row
    when = f"{'Was to be decided' if due < today else 'Decide'} by {chips.short_day(due, today)}"
    return replace(row, when=when, age=chips.distance(due, today), chips=(Chip("Evidence changed", "stop", "triangle"), *row.chips))


def _next_step(found: Submission, board: Board, today: date) -> Row:
    key, facts = found.pk, _facts(found, board)
    if found.state == Submission.State.SUBMITTED:
        return _new_row(found, board, facts, today)
    if key in board.unsure:
        waiting = board.unsure[key]
        act = Button("Decide interests", reverse("desk:waive_unsure", args=[key, waiting.pk]))
        return _row(found, board, today, (Chip("Unsure of interests", "due", "triangle"),), facts, "A reviewer waits for you", "", act)
    missing = found.policy.approvals - len(board.assignments[key])
    if missing > 0 and not (key in board.overridden and board.assignments[key]):
        marks = (Chip(f"{many(missing, 'reviewer')} short", "due", "triangle"), *(chips.due(_until(each), today) for each in board.late(key, today)[:1]))
        act = Button("Assign", reverse("desk:assign", args=[key]))
        return _row(found, board, today, marks, facts, "Ask somebody else", _open(found, today), act)
    if late := board.late(key, today):
        until = _until(late[0])
        act = Button("Replace reviewer", reverse("desk:replace_reviewer", args=[key, late[0].pk]))
        return _row(found, board, today, (chips.due(until, today),), facts, f"Was due {chips.short_day(until, today)}", _open(found, today), act)
    if waiting_until := [day for each in board.assignments[key] if (day := chips.waits_until(each))]:
        until = min(waiting_until)
        words = f"Due {chips.short_day(until, today)}"
        return _row(found, board, today, (chips.due(until, today),), facts, words, _open(found, today), Button("Open", _url(found)))
    return _answered_row(found, board, facts, today)


def _until(found: ReviewAssignment) -> date:
    return chips.waits_until(found) or found.due_on


def _row(
    found: Submission, board: Board, today: date, marks: tuple[Chip, ...], facts: list[str], when: str, age: str, act: Button
) -> Row:
    marks = (*_retracted(found, board), *_page_late(found, board, today), *marks)
    return Row(found.version.title, _url(found), marks, facts, when, age, act, waits=board.waits_for(found.pk, today), key=str(found.pk))


def _retracted(found: Submission, board: Board) -> tuple[Chip, ...]:
    return (Chip("Cites a retracted work", "stop", "slashed"),) if found.pk in board.retracted else ()


def _page_late(found: Submission, board: Board, today: date) -> tuple[Chip, ...]:
    due = board.page_due.get(found.pk)
    return (chips.page_late(due, today),) if due is not None and due < today else ()


def _facts(found: Submission, board: Board) -> list[str]:
    kind = [] if found.kind == Submission.Kind.FIRST else [found.get_kind_display().lower()]
    version = [f"Version {found.version.number}", *kind]
    if found.state != Submission.State.SUBMITTED:
        return [*version, board.facts(found.pk)]
    marks = [many(len(found.warnings), "warning")] if found.warnings else []
    return [*version, f"submitted by {_by(found)}", *marks]


def _new_row(found: Submission, board: Board, facts: list[str], today: date) -> Row:
    """Nobody was asked yet: an editor asks the board, or passes what is a minor change alone."""
    since, marks = localdate(found.submitted_at), (*_retracted(found, board), *_page_late(found, board, today))
    act = Button("Assign", reverse("desk:assign", args=[found.pk]))
    if found.may_pass_as_minor:
        marks, act = (*marks, Chip("Minor change", "info", "info")), Button("Pass or send on", reverse("desk:pass_minor", args=[found.pk]))
    return Row(found.version.title, _url(found), marks, facts, f"Submitted {chips.short_day(since, today)}", waiting(since, today), act, key=str(found.pk))


def _answered_row(found: Submission, board: Board, facts: list[str], today: date) -> Row:
    """Everyone has answered: it is for an editor to decide, or to send it back."""
    key = found.pk
    signed = [localdate(each.completed_at) for each in board.assignments[key] if each.completed_at]
    since = max(signed, default=localdate(found.submitted_at))
    act = Button("Open", _url(found))
    if key not in board.blind and board.favourable[key] == len(board.assignments[key]):
        act = Button("Decide", reverse("desk:reaffirm" if found.is_re_review else "desk:decide", args=[key]), is_primary=True)
    elif key not in board.blind:
        act = Button("Send for revision" if found.is_re_review else "Request changes", reverse("desk:request_changes", args=[key]))
    return _row(found, board, today, (), facts, f"Ready since {chips.short_day(since, today)}", waiting(since, today), act)


def _url(found: Submission) -> str:
    return reverse("desk:submission", args=[found.pk])


def _open(found: Submission, today: date) -> str:
    return f"open {many((today - localdate(found.submitted_at)).days, 'day')}"


def _by(found: Submission) -> str:
    person = getattr(found.submitted_by, "person", None)
    return str(person.name) if person else "an author"


def waiting(since: date, today: date) -> str:
    """How long something has waited for an editor."""
    days = (today - since).days
    return f"{many(days, 'day')} waiting" if days else "today"
