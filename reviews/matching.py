"""Who is fit and free to review a version, and why not; the same answers bar an assignment and fill the editor's page."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import BigIntegerField, Count, Q, QuerySet, UUIDField

from articles.models import Article, Authorship, VersionHand
from records.models import Affiliation, Person, PersonalTie
from records.prepared import Prepared
from reviews.models import BoardMember, Interest, ReviewAssignment, Submission
from reviews.models.assignment import IS_STANDING

TIE_DAYS = 3 * 365 + 1  # 36 months (COI-2)


@dataclass(frozen=True)
class Candidate:
    """A board member as the editor sees them before choosing: fit, tied (can be overridden) or barred (cannot)."""

    member: BoardMember
    specialties: tuple[str, ...] = ()
    fits: bool = False
    open_reviews: int = 0
    late_reviews: int = 0
    bars: tuple[str, ...] = ()
    ties: tuple[str, ...] = ()

    @property
    def can_be_chosen(self) -> bool:
        """Neither barred nor tied."""
        return not self.bars and not self.ties


@dataclass
class _Facts:
    """What is read once for all members."""

    authors: list[Person] = field(default_factory=list)
    hands: set[int | None] = field(default_factory=set)
    places: dict[object, list[Affiliation]] = field(default_factory=dict)
    ties: list[PersonalTie] = field(default_factory=list)
    asked: set[object] = field(default_factory=set)
    conflicts: set[object] = field(default_factory=set)
    wanted: set[int] = field(default_factory=set)


def candidates(submission: Submission, on: date) -> list[Candidate]:
    """Every member with an open term, the fit and free first; a fixed number of queries, whatever the board's size."""
    members = list(
        BoardMember.objects.filter(Q(until__isnull=True) | Q(until__gte=on), since__lte=on)
        .select_related("person__user")
        .prefetch_related("specialties")
        .annotate(
            open_reviews=Count("assignments", filter=Q(assignments__state__in=["assigned", "accepted"])),
            late_reviews=Count("assignments", filter=Q(assignments__state__in=["assigned", "accepted"], assignments__due_on__lt=on)),
        )
    )
    facts = _facts(submission, members)
    facts.wanted = _wanted(submission)
    found = [_candidate(member, facts, on) for member in members]
    return sorted(found, key=lambda c: (bool(c.bars), bool(c.ties), not c.fits, c.open_reviews, str(c.member)))


def candidate(submission: Submission, member: BoardMember, on: date) -> Candidate:
    """One member, barred and tied as in the list; load and fit are not looked up."""
    return chosen(submission, [member], on)[0]


def chosen(submission: Submission, members: Collection[BoardMember], on: date) -> list[Candidate]:
    """These members as they are now, each once and in this order, as `candidate` has one."""
    found = {member.pk: member for member in _MEMBERS.all(keys={member.pk for member in members})}
    each_once = [found[key] for key in dict.fromkeys(member.pk for member in members)]
    facts = _facts(submission, each_once)
    return [Candidate(member=member, bars=tuple(_bars(member, facts, on)), ties=tuple(_ties(member.person, facts, on))) for member in each_once]


def _facts(submission: Submission, members: Sequence[BoardMember]) -> _Facts:
    version = submission.version
    facts = _Facts()
    rows = _HANDS.all(version=version.pk, article=version.article_id)
    authors = {}
    for hand, person, account, name in rows:
        facts.hands |= {hand, account}
        if person is not None:
            authors[person] = Person(pk=person, user_id=account, name=name)
    facts.authors = sorted(authors.values(), key=lambda author: author.name)
    people = [member.person_id for member in members] + [p.pk for p in facts.authors]
    for place in _PLACES.all(people=people):
        facts.places.setdefault(place.person_id, []).append(place)
    facts.ties = _TIES.all(authors=list(authors))
    for member_id, conclusion in _ASKED.all(submission=submission.pk, article=version.article_id):
        (facts.conflicts if conclusion == Interest.Conclusion.CONFLICT else facts.asked).add(member_id)
    return facts


def _hands(version: Any, article: Any) -> QuerySet[Any, Any]:
    """Everybody with a hand in the text: the account, the person, the person's account, the name."""
    hands = VersionHand.objects.filter(Q(version=version) | (Q(version__article=article) & ~Q(kind=VersionHand.Kind.SAVED)))
    drafters = Authorship.objects.filter(article=article).order_by()
    return hands.order_by().values_list("user_id", "person_id", "person__user_id", "person__name").union(
        drafters.values_list("person__user_id", "person_id", "person__user_id", "person__name")
    )


def _asked(submission: Any, article: Any) -> QuerySet[Any, Any]:
    """The members who are asked to review this, and those who declared a conflict on the article, with what they declared."""
    conflict = Q(submission__article=article, interests__conclusion=Interest.Conclusion.CONFLICT)
    asked = (Q(submission=submission) & IS_STANDING) | conflict
    return ReviewAssignment.objects.filter(asked).order_by().values_list("member_id", "interests__conclusion")


_MEMBERS = Prepared(lambda keys: BoardMember.objects.filter(pk__in=keys).select_related("person__user"), keys=BigIntegerField())
_PLACES = Prepared(lambda people: Affiliation.objects.filter(person__in=people), people=UUIDField())
_TIES = Prepared(
    lambda authors: PersonalTie.objects.filter(Q(one__in=authors) | Q(other__in=authors)).select_related("one", "other"), authors=UUIDField()
)
_HANDS = Prepared(_hands, version=UUIDField(), article=UUIDField())
_ASKED = Prepared(_asked, submission=UUIDField(), article=UUIDField())


def _wanted(submission: Submission) -> set[int]:
    """The specialties that the article's topics and the policy ask for."""
    by_topic = Article.objects.filter(pk=submission.article_id).values_list("topics__specialties", flat=True)
    return set(by_topic) | set(submission.policy.specialties.values_list("pk", flat=True))


def _candidate(member: BoardMember, facts: _Facts, on: date) -> Candidate:
    specialties = list(member.specialties.all())
    return Candidate(
        member=member,
        specialties=tuple(s.name for s in specialties),
        fits=any(s.pk in facts.wanted for s in specialties),
        open_reviews=member.open_reviews,  # type: ignore[attr-defined]
        late_reviews=member.late_reviews,  # type: ignore[attr-defined]
        bars=tuple(_bars(member, facts, on)),
        ties=tuple(_ties(member.person, facts, on)),
    )


def _bars(member: BoardMember, facts: _Facts, on: date) -> list[str]:
    """What cannot be overridden."""
    user = member.person.user
    reasons = []
    if user is None or not user.is_active:
        reasons.append("No account that can sign in.")
    elif user.pk in facts.hands:
        reasons.append("Has a hand in the text.")
    if not member.serves_on(on):
        reasons.append("Does not serve on the board now.")
    if member.pk in facts.asked:
        reasons.append("Is asked already.")
    if member.pk in facts.conflicts:
        reasons.append("Has declared a conflict of interest on this article.")
    return reasons


def _ties(person: Person, facts: _Facts, on: date) -> list[str]:
    """Known ties with an author: the same institution now, or one of the last 36 months (COI-2).

    Writing together happens on a day; any other tie without an end goes on.
    """
    reasons = []
    mine = {place.institution.casefold(): place for place in facts.places.get(person.pk, []) if place.holds_on(on)}
    for author in facts.authors:
        shared = [p.institution for p in facts.places.get(author.pk, []) if p.holds_on(on) and p.institution.casefold() in mine]
        if shared and author.pk != person.pk:
            reasons.append(f"Same institution as {author.name}: {shared[0]}.")
    for tie in facts.ties:
        ended = tie.until or (tie.since if tie.kind == PersonalTie.Kind.COAUTHOR else on)
        if person.pk in {tie.one_id, tie.other_id} and tie.since <= on and ended + timedelta(days=TIE_DAYS) >= on:
            other = tie.other if tie.one_id == person.pk else tie.one
            reasons.append(f"{tie.get_kind_display().capitalize()} with {other.name}.")
    return reasons
