"""What a page of the desk says about one submission or publication, read in a fixed number of queries."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.urls import reverse

from articles.checks import LOOK_AT
from articles.models import ArticleVersion, CheckWaiver, VersionHand
from editorial.desk import chips
from editorial.desk.chips import Chip
from editorial.desk.reading import Verdict
from editorial.models import Address, EvidenceCase, Publication
from editorial.waiving import noted
from records.admin_base import name_of
from records.models import Affiliation, Event, PrintedName
from reviews import quorum
from reviews.models import Comment, Interest, ReferenceAnswer, ReviewAssignment, Signature, Submission

# While the board reads, and once it approved: a conflict of a reviewer bears on it.
JUDGED = frozenset({Submission.State.UNDER_REVIEW.value, Submission.State.APPROVED.value})


@dataclass(frozen=True)
class Step:
    """A step of the status track."""

    label: str
    icon: str
    tone: str = ""
    on: datetime | date | None = None
    small: str = ""
    is_current: bool = False


def track(found: Submission) -> list[Step]:
    """How far a submission has come, and what is still to come."""
    state = Submission.State(found.state)
    steps = [Step("Submitted", "ring-tick", "info" if state == state.SUBMITTED else "", found.submitted_at, is_current=state == state.SUBMITTED)]
    if found.under_review_at:
        here = state == state.UNDER_REVIEW
        steps.append(Step("Under Review", "half" if here else "ring-tick", "info" if here else "", found.under_review_at, is_current=here))
    elif found.is_open:
        steps.append(Step("Under Review", "ring", "todo", small="when the first reviewer is assigned"))
    if found.is_open:
        return [*steps, Step("Reaffirmed" if found.is_re_review else "Approved", "ring", "todo", small="not yet")]
    chip = chips.submission(found)
    label = "Reaffirmed" if found.is_re_review and state == state.APPROVED else "Passed as a minor change" if found.is_minor else chip.words
    return [*steps, Step(label, chip.icon, chip.tone, found.decided_at)]


def policy_points(found: Submission) -> list[quorum.Point]:
    """The review policy point by point, against the recommendations over this exact text."""
    votes = quorum.votes(found)
    return [*quorum.points(quorum.need_of(found), votes), quorum.Point("No recommendation against it stands", not quorum.against(votes))]


def needs(found: Submission) -> list[str]:
    """What the policy asks for, in short lines: every rule that an approval is counted by."""
    policy = found.policy
    asked = [chips.many(policy.approvals, "approval"), f"{policy.medical_approvals} of them medical"]
    specialties = [f"1 in {specialty.name.lower()}" for specialty in policy.specialties.all()] or ["In any specialty: the policy names none"]
    return [*asked, *specialties, "One of those who approve agrees to be named on the page", "No recommendation against it stands"]


@dataclass
class Reviewer:
    """A reviewer as an editor sees them."""

    assignment: ReviewAssignment
    chip: Chip
    declaration: Interest | None = None
    signature: Signature | None = None
    recommends: Chip | None = None
    comments: list[Comment] = field(default_factory=list)
    is_unsure: bool = False
    can_be_set_aside: bool = False
    can_be_cancelled: bool = False
    can_be_barred: bool = False

    @property
    def noes(self) -> int:
        """How many questions of the form they answered with no."""
        form = self.signature.answers.get("form", []) if self.signature else []
        return sum(asked["answer"] == "no" for asked in form)

    @property
    def name(self) -> str:
        """The printed name."""
        return str(self.assignment.member.person)

    @property
    def until(self) -> date | None:
        """The day by which they have something to do."""
        return chips.waits_until(self.assignment)


def reviewers(found: Submission, today: date, *, blind: bool = False) -> list[Reviewer]:
    """Everyone who was asked, with what they declared, recommended and wrote; `blind` leaves out what others recommend."""
    people = {
        each.pk: Reviewer(each, chips.assignment(each, today))
        for each in found.assignments.select_related("member__person").prefetch_related("member__specialties")
    }
    for interest in Interest.objects.filter(assignment__in=list(people)).order_by("declared_at"):
        people[interest.assignment_id].declaration = interest
    if not blind:
        for signature in Signature.objects.recommendations().standing().filter(assignment__in=list(people)).order_by("signed_at"):  # type: ignore[attr-defined]
            people[signature.assignment_id].signature = signature
        for comment in Comment.objects.sent().filter(assignment__in=list(people)).prefetch_related("replies"):  # type: ignore[attr-defined]
            people[comment.assignment_id].comments.append(comment)
    barred = quorum.barred_users(found.version) if people and not blind and found.state in JUDGED else set()
    for each in people.values():
        _complete(each, found, barred)
    return list(people.values())


def _complete(each: Reviewer, found: Submission, barred: set[int]) -> None:
    assignment, states = each.assignment, ReviewAssignment.State
    each.can_be_cancelled = found.is_open and assignment.is_unsigned
    each.can_be_barred = found.state in JUDGED and assignment.is_standing and assignment.user_id not in barred
    each.is_unsure = (
        assignment.state == states.ACCEPTED
        and each.declaration is not None
        and each.declaration.conclusion == Interest.Conclusion.UNSURE
        and not assignment.unsure_waived_reason
    )
    if each.signature is not None and assignment.state == states.COMPLETED:
        each.recommends = chips.recommendation(each.signature.recommendation)
        counts = each.signature.is_favourable and each.signature.user_id not in barred
        each.can_be_set_aside = found.is_open and not counts and assignment.set_aside_at is None


def verdicts(found: Submission, *, blind: bool = False) -> dict[int, list[Verdict]]:
    """What the reviewers who signed answered about each reference, by its id; nothing for whoever has yet to sign."""
    if blind:
        return {}
    given: dict[int, list[Verdict]] = {}
    answers = ReferenceAnswer.objects.filter(assignment__submission=found, assignment__state=ReviewAssignment.State.COMPLETED)
    for answer in answers.select_related("assignment__member__person").order_by("assignment__completed_at", "pk"):
        supports = answer.answer == ReferenceAnswer.Answer.SUPPORTS
        given.setdefault(answer.reference_id, []).append(Verdict(str(answer.assignment.member.person), answer.get_answer_display(), supports))
    return given


@dataclass(frozen=True)
class FindingRow:
    """A finding of the checks, how severe it was, and who let it stand, if anybody did."""

    check: str
    sentence: str
    place: str
    severity: str
    accepted: CheckWaiver | None


def findings(found: Submission) -> list[FindingRow]:
    """What the checks found, with what editors let stand: what had to be fixed first."""
    if not (warnings := noted(found)):
        return []
    waivers = {
        (waiver.check_id, waiver.place): waiver
        for waiver in CheckWaiver.objects.filter(version=found.version_id).select_related("by__person")
    }
    return [
        FindingRow(
            warning["check"], warning["sentence"], warning.get("place", ""), warning.get("severity", LOOK_AT),
            waivers.get((warning["check"], warning.get("place", ""))),
        )
        for warning in warnings
    ]  # fmt: skip


@dataclass(frozen=True)
class Byline:
    """An author as printed, with the interests they declared, and where they work now."""

    name: str
    institutions: str
    interests: str


def authors(version: ArticleVersion, today: date) -> list[Byline]:
    """Who wrote a version, as printed when it was frozen, with where they work now; an erased name stays empty."""
    hands = list(VersionHand.objects.filter(version=version).exclude(kind=VersionHand.Kind.SAVED))
    printed = PrintedName.objects.in_bulk([hand.printed_name_id for hand in hands if hand.printed_name_id])
    places: dict[Any, list[str]] = {}
    for place in Affiliation.objects.filter(person__in=[hand.person_id for hand in hands]):
        if place.holds_on(today):
            places.setdefault(place.person_id, []).append(place.institution)
    return [_byline(hand, printed, places) for hand in hands]


def _byline(hand: VersionHand, printed: dict[Any, PrintedName], places: dict[Any, list[str]]) -> Byline:
    words = printed[hand.printed_name_id].words if hand.printed_name_id in printed else {}
    name = ", ".join(str(words[key]) for key in ("name", "credentials") if words.get(key)) or "A name that was erased"
    interests = str(words.get("interests", "")).strip() or ("No interests declared" if words else "Erased with the name")
    return Byline(name, ", ".join(places.get(hand.person_id, [])), interests)


@dataclass(frozen=True)
class Signed:
    """A signature as people read it (SIG-2)."""

    name: str
    meaning: str
    at: datetime
    digest: str
    recommends: str = ""


def signatures(found: Submission, *, blind: bool = False) -> list[Signed]:
    """Every signature on a submission, with the name that was printed; `blind` leaves out the recommendations."""
    rows = list(found.signatures.exclude(recommendation__gt="") if blind else found.signatures.all())
    printed = PrintedName.objects.in_bulk([row.printed_name_id for row in rows])
    return [signed(row, printed.get(row.printed_name_id)) for row in rows]


def signed(row: Signature, printed: PrintedName | None) -> Signed:
    """One signature with its printed name."""
    words = printed.words if printed else {}
    name = ", ".join(str(words[key]) for key in ("name", "credentials") if words.get(key)) or "A name that was erased"
    return Signed(name, row.meant, row.signed_at, row.digest, row.get_recommendation_display())


@dataclass(frozen=True)
class Happened:
    """One act of the record."""

    label: str
    at: datetime
    by: str
    note: str


def history(*objects: Any) -> list[Happened]:
    """What happened to these objects, newest first."""
    events = Event.objects.about(*objects).select_related("by__person").order_by("-number")[:100]
    return [Happened(event.label, event.at, name_of(event.by), event.note) for event in events]


def public_path(article: Any) -> str:
    """The path of the article's public page; empty where it has none."""
    found = Address.objects.filter(article=article, is_current=True).first()
    return found.path if found else ""


def became(assignments: list[ReviewAssignment]) -> dict[Any, Publication]:
    """What the public got of the versions that were reviewed, by version."""
    versions = {each.submission.version_id for each in assignments}
    if not versions:
        return {}
    found = Publication.objects.ever_public().filter(submission__version__in=versions).select_related("submission").order_by("published_at")
    return {each.submission.version_id: each for each in found}


def other_open(found: Submission | Publication) -> list[tuple[str, str]]:
    """Other things of the same article that an editor may look for: (words, address)."""
    links = []
    for each in Publication.objects.filter(article=found.article_id).for_desk():
        if each.pk != found.pk and each.state != Publication.State.CANCELLED:
            words = f"Version {each.submission.version.number}, {each.get_state_display().lower()}"
            links.append((words, reverse("desk:publication", args=[each.pk])))
    for other in Submission.objects.open().filter(article=found.article_id).select_related("version"):
        if other.pk != found.pk:
            words = f"Version {other.version.number}, {other.get_state_display()} ({other.get_kind_display().lower()})"
            links.append((words, reverse("desk:submission", args=[other.pk])))
    for case in EvidenceCase.objects.open().filter(article=found.article_id).select_related("event"):
        links.append((f"Changed evidence: {case.event.get_kind_display().lower()}", reverse("desk:evidence_case", args=[case.pk])))
    return links
