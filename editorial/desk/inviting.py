"""Asking reviewers from the desk: about many submissions at once, and somebody else in a silent reviewer's place."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from editorial import inviting, workflow
from editorial.desk import chips, facts
from editorial.desk.acts import desk, person
from editorial.desk.decisions import members_of, one, seen
from editorial.desk.rows import PAGE
from records import clock
from records.errors import NotReady
from records.permits import may
from reviews import matching
from reviews.models import BoardMember, ReviewAssignment, Submission
from reviews.workload import Workload


def _submissions_of(request: HttpRequest, given: Iterable[str]) -> list[Submission]:
    """The submissions that were chosen, one page of them at most; 404 where one is not there for this person (A6)."""
    try:
        keys = list(dict.fromkeys(UUID(key) for key in given))
    except ValueError:
        raise Http404 from None
    found = seen(person(request)).in_bulk(keys)
    if len(keys) > PAGE or len(found) != len(keys):
        raise Http404
    return [found[key] for key in keys]


# ---- Many at once


@dataclass(frozen=True)
class Offer:
    """A member for several submissions: about how many they can be asked, for which they fit, and what stands against the others."""

    member: BoardMember
    specialties: tuple[str, ...]
    load: Workload
    possible: int
    fitting: int
    against: tuple[tuple[str, str], ...]
    gaps: tuple[str, ...]


def offers(submissions: list[Submission], on: date) -> list[Offer]:
    """Every member with what is known about them and each of these submissions; those who can be asked about most come first."""
    by_member: dict[int, list[tuple[Submission, matching.Candidate]]] = {}
    for submission, found in zip(submissions, matching.offers(submissions, on), strict=True):
        for each in found:
            by_member.setdefault(each.member.pk, []).append((submission, each))
    made = [_offer(pairs) for pairs in by_member.values()]
    return sorted(made, key=lambda each: (-each.possible, -each.fitting, each.load.open, str(each.member)))


def _offer(pairs: list[tuple[Submission, matching.Candidate]]) -> Offer:
    first = pairs[0][1]
    return Offer(
        first.member, first.specialties, first.load,
        possible=sum(each.can_be_chosen for _, each in pairs),
        fitting=sum(each.fits and each.can_be_chosen for _, each in pairs),
        against=tuple((submission.version.title, " ".join((*each.bars, *each.ties))) for submission, each in pairs if not each.can_be_chosen),
        gaps=first.gaps,
    )  # fmt: skip


@desk("assign")
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """Ask the same reviewers about each chosen submission: all of them about it, or nobody, and each refusal is said."""
    by, given = person(request), request.POST if request.method == "POST" else request.GET
    if not may("assign", by):
        raise PermissionDenied
    submissions, members = _submissions_of(request, given.getlist("submission")), members_of(request.POST.getlist("member"))
    if not submissions:
        messages.error(request, "Choose at least one submission.")
        return redirect("desk:submissions")
    if request.method == "POST" and members:
        return _invited(request, inviting.invite(submissions, by=by, members=members))
    found = offers(submissions, clock.today())
    context = {
        "submissions": submissions,
        "offers": [each for each in found if each.possible],
        "barred": [each for each in found if not each.possible],
        "errors": ["Choose at least one reviewer."] if request.method == "POST" else [],
    }
    return render(request, "admin/desk/invite.html", context, status=409 if context["errors"] else 200)


def _invited(request: HttpRequest, found: inviting.Invited) -> HttpResponse:
    for submission, reasons in found.refused:
        messages.error(request, f"{submission.version.title}: nobody was asked. {' '.join(reasons)}")
    if found.assignments:
        about = len({each.submission_id for each in found.assignments})
        messages.success(request, f"{chips.many(len(found.assignments), 'invitation')} sent, about {chips.many(about, 'submission')}.")
    return redirect("desk:submissions")


# ---- In a silent reviewer's place


@desk("cancel_assignment", "assign")
@require_http_methods(["GET", "HEAD", "POST"])
def replace(request: HttpRequest, pk: UUID, assignment: UUID) -> HttpResponse:
    """Take a review back, with a reason, and ask somebody else, in one act."""
    submission, by, today = one(request, pk), person(request), clock.today()
    unsigned = ReviewAssignment.objects.filter(submission=submission).unsigned().for_desk()  # type: ignore[attr-defined]
    found = get_object_or_404(unsigned.select_related("member__alternate"), pk=assignment)
    if not (may("cancel_assignment", by, found) and may("assign", by, submission)):
        raise PermissionDenied
    chosen, reason = request.POST.getlist("member")[:1], request.POST.get("reason", reason_for(found, today))
    errors = _replace(request, found, chosen, reason) if request.method == "POST" else []
    if request.method == "POST" and not errors:
        return redirect("desk:submission", pk)
    people = [each for each in matching.candidates(submission, today) if each.member.pk != found.member_id]
    fit = [each for each in people if each.can_be_chosen]
    context = {
        "submission": submission,
        "version": submission.version,
        "assignment": found,
        "until": chips.waits_until(found),
        "is_late": bool(chips.days_late(found, today)),
        "fit": fit,
        "not_fit": [each for each in people if not each.can_be_chosen],
        "chosen": set(chosen) or _first_choice(found, fit),
        "no_tie_since": matching.no_tie_since(today),
        "reason": reason,
        "errors": errors,
        "needs": facts.needs(submission),
    }
    return render(request, "admin/desk/replace.html", context, status=409 if errors else 200)


def reason_for(found: ReviewAssignment, today: date) -> str:
    """Why a late reviewer is replaced; empty for one who is not late."""
    until = chips.waits_until(found)
    if until is None or until >= today:
        return ""
    return f"Did not {'answer' if found.state == ReviewAssignment.State.ASSIGNED else 'sign'} by {chips.day(until)}."


def _first_choice(found: ReviewAssignment, fit: list[matching.Candidate]) -> set[str]:
    """The member's alternate, where they are fit and free."""
    return {str(each.member.pk) for each in fit if each.member.pk == found.member.alternate_id}


def _replace(request: HttpRequest, found: ReviewAssignment, chosen: list[str], reason: str) -> list[str]:
    """Replace the reviewer; returns why not."""
    members = members_of(chosen)
    if not members:
        return ["Choose who is asked instead."]
    try:
        workflow.replace_reviewer(found, by=person(request), member=members[0], reason=reason)
    except NotReady as refusal:
        return list(refusal.reasons)
    messages.success(request, f"{members[0].person.name} is asked instead of {found.member.person.name}. Both are told.")
    return []

