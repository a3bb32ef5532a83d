"""Who is asked to review: invite, invite many at once, take an invitation back, put somebody else in a silent reviewer's place."""

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction

from articles.models.article import hold_article
from editorial.endings import OPEN, cancel, hold, need_state, refresh_page, refuse_unsigned
from records import clock
from records.errors import NotReady
from records.models import User, entry, record_all
from records.post import post_all
from reviews import matching, policies
from reviews.fsm import advance
from reviews.models import BoardMember, ReviewAssignment, Submission

MAY_NOT = "You may not assign reviewers."
log = logging.getLogger(__name__)

State = Submission.State


@transaction.atomic
def assign(submission: Submission, *, by: User, member: BoardMember, override_reason: str = "") -> ReviewAssignment:
    """Ask one board member to review; `assign_all` says who may be asked."""
    return assign_all(submission, by=by, members=[member], override_reason=override_reason)[0]


@transaction.atomic
def assign_all(submission: Submission, *, by: User, members: Collection[BoardMember], override_reason: str = "") -> list[ReviewAssignment]:
    """Ask board members to review, all or none; never one with a hand in the text, one with a known tie only for a reason on record."""
    submission = hold(submission)
    if not policies.can_assign(by, None):
        raise PermissionDenied(MAY_NOT)
    today = clock.today()
    chosen = matching.chosen(submission, members, today, by=by)
    need_state(submission, *OPEN)
    if not members:
        raise NotReady("Choose at least one reviewer.")
    if barred := [f"{each.member.person.name}: {reason}" for each in chosen for reason in each.bars]:
        raise NotReady(*barred)
    override = _override(submission, by, chosen, override_reason.strip())
    assignments = [
        ReviewAssignment(
            submission=submission,
            member=each.member,
            assigned_by=by,
            answer_by=today + timedelta(days=submission.policy.invitation_days),
            due_on=today + timedelta(days=submission.policy.review_days),
            tie_override=override if each.ties else "",
        )
        for each in chosen
    ]
    ReviewAssignment.objects.bulk_create(assignments)
    events = [entry(each, "assign", by=by, note=each.tie_override) for each in assignments]
    if submission.state == State.SUBMITTED:
        submission.under_review_at, submission.due_on = clock.now(), assignments[0].due_on
        advance(submission, "begin_review")
        events.insert(0, entry(submission, "begin_review", by=by, before=State.SUBMITTED))
        refresh_page(submission)
    record_all(events)
    post_all("invited", assignments)
    return assignments


def _override(submission: Submission, by: User, chosen: list[matching.Candidate], reason: str) -> str:
    """The reason for setting known ties aside; empty where there are none (COI-2)."""
    ties = [f"{each.member.person.name}: {tie}" for each in chosen for tie in each.ties]
    if not ties:
        return ""
    if not reason:
        raise NotReady(*ties, "Choose somebody else, or override this with a reason.")
    if not policies.can_override_tie(by, submission):
        raise PermissionDenied("You may not override a known tie.")
    return reason


# ---- Many at once


@dataclass
class Invited:
    """What came of inviting for many submissions: who was asked, and why for the others nobody was."""

    assignments: list[ReviewAssignment] = field(default_factory=list)
    refused: list[tuple[Submission, tuple[str, ...]]] = field(default_factory=list)


def invite(submissions: Iterable[Submission], *, by: User, members: Collection[BoardMember]) -> Invited:
    """Ask the same members about each submission, every one in a transaction of its own: all of them are asked about it, or nobody.

    PermissionDenied for who may choose no reviewers at all; a text in which they have a hand is refused like any other reason.
    """
    if not policies.can_assign(by, None):
        raise PermissionDenied(MAY_NOT)
    found = Invited()
    for submission in submissions:
        try:
            found.assignments += assign_all(submission, by=by, members=members)
        except NotReady as refusal:
            found.refused.append((submission, refusal.reasons))
        except PermissionDenied as refusal:
            found.refused.append((submission, (str(refusal),)))
        except Exception as error:  # one bad row must not keep the others back; it is reported, and nothing of it was written
            log.error("reviewers could not be invited", extra={"submission": str(submission.pk), "error": type(error).__name__})
            found.refused.append((submission, ("Nobody could be asked. Try it alone, and tell an administrator if that fails.",)))
    return found


# ---- Taking an invitation back


def hold_assignment(assignment: ReviewAssignment) -> ReviewAssignment:
    """The assignment as it stands now, with its article's lock held."""
    hold_article(submissions__assignments=assignment.pk)
    return ReviewAssignment.objects.select_related("submission__version", "submission__article", "member__person").get(pk=assignment.pk)


@transaction.atomic
def cancel_assignment(assignment: ReviewAssignment, *, by: User, reason: str) -> ReviewAssignment:
    """Take an invitation or an accepted review back, with a reason; what was signed stays."""
    assignment = hold_assignment(assignment)
    if not policies.can_cancel_assignment(by, assignment):
        raise PermissionDenied("You may not cancel this review: you have a hand in the text, or you are no editor.")
    if assignment.member.person.user_id != by.pk:
        refuse_unsigned(by, assignment.submission)
    if not assignment.is_unsigned:
        raise NotReady(f"This review cannot be cancelled: it is {assignment.get_state_display().lower()}.")
    if not reason.strip():
        raise NotReady("Say why you cancel this review.")
    return cancel(assignment, by=by, reason=reason.strip())


@transaction.atomic
def replace_reviewer(assignment: ReviewAssignment, *, by: User, member: BoardMember, reason: str, override_reason: str = "") -> ReviewAssignment:
    """Take a review back, with a reason, and ask somebody else in its place: both or neither (COI-9). Returns the new assignment."""
    cancelled = cancel_assignment(assignment, by=by, reason=reason)
    if member.pk == cancelled.member_id:
        raise NotReady("Choose somebody else: this is whose review you take back.")
    return assign(cancelled.submission, by=by, member=member, override_reason=override_reason)
