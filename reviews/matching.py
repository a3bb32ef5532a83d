"""Who is fit and free to review a version, and why not; the same answers bar an assignment and fill the editor's page."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import BigIntegerField, F, Max, Q, QuerySet, UUIDField, Value
from django.db.models.functions import TruncDate
from django.utils import timezone

from articles.models import Article, Authorship, VersionHand
from records.models import Affiliation, Person, PersonalTie, User
from records.prepared import Prepared
from reviews import workload
from reviews.independence import is_same_name
from reviews.models import BoardMember, Interest, KnownConflict, ReviewAssignment, Submission
from reviews.models.assignment import IS_STANDING
from reviews.workload import Workload

TIE_MONTHS, TIE_DAYS = 36, 3 * 365 + 1  # COI-2
NOTHING = Workload()
ASKED, CONFLICT, KNOWN = "asked", Interest.Conclusion.CONFLICT.value, "known"
NAMED = [VersionHand.Kind.AUTHOR, VersionHand.Kind.CONTRIBUTOR]


@dataclass(frozen=True)
class Candidate:
    """A board member as the editor sees them before choosing: fit, tied (can be overridden) or barred (cannot).

    `fitting` are their specialties that the article or its policy asks for, `gaps` what their registration lacks (COI-7).
    """

    member: BoardMember
    specialties: tuple[str, ...] = ()
    fitting: tuple[str, ...] = ()
    load: Workload = NOTHING
    gaps: tuple[str, ...] = ()
    bars: tuple[str, ...] = ()
    ties: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether one of their specialties is asked for."""
        return bool(self.fitting)

    @property
    def can_be_chosen(self) -> bool:
        """Neither barred nor tied."""
        return not self.bars and not self.ties


@dataclass(frozen=True)
class _Tie:
    """A tie between two people, over some time."""

    one: UUID
    other: UUID
    kind: str
    since: date
    until: date | None


@dataclass
class _Facts:
    """What is read about one submission, once for all members."""

    authors: list[Person] = field(default_factory=list)
    hands: set[int | None] = field(default_factory=set)
    people: set[UUID] = field(default_factory=set)
    places: dict[UUID, list[Affiliation]] = field(default_factory=dict)
    ties: list[_Tie] = field(default_factory=list)
    asked: set[object] = field(default_factory=set)
    conflicts: set[object] = field(default_factory=set)
    known: set[object] = field(default_factory=set)


def no_tie_since(on: date) -> date:
    """The day from which on a tie counts; what ended before it is none (COI-2)."""
    return on - timedelta(days=TIE_DAYS)


def candidates(submission: Submission, on: date) -> list[Candidate]:
    """Every member with an open term, the fit and free first; a fixed number of queries, whatever the board's size."""
    return offers([submission], on)[0]


def offers(submissions: Sequence[Submission], on: date) -> list[list[Candidate]]:
    """`candidates` of each of these submissions, in their order; as many queries as for one."""
    serving = BoardMember.objects.filter(Q(until__isnull=True) | Q(until__gte=on), since__lte=on)
    members = list(serving.select_related("person__user").prefetch_related("specialties"))
    loads = workload.of([member.pk for member in members], on)
    wanted = _wanted(submissions)
    found = []
    for submission, facts in zip(submissions, _facts_of_all(submissions, members, on), strict=True):
        offered = [_candidate(member, facts, loads[member.pk], wanted[submission.pk], on) for member in members]
        found.append(sorted(offered, key=_order))
    return found


def _order(found: Candidate) -> tuple[Any, ...]:
    load = found.load
    return bool(found.bars), bool(found.ties), not found.fits, load.open, load.late_lately + load.declined_lately, str(found.member)


def candidate(submission: Submission, member: BoardMember, on: date) -> Candidate:
    """One member, barred and tied as in the list; load and fit are not looked up."""
    return chosen(submission, [member], on)[0]


def chosen(submission: Submission, members: Collection[BoardMember], on: date, *, by: User | None = None) -> list[Candidate]:
    """These members as they are now, each once and in this order, as `candidate` has one; PermissionDenied where `by`, who chooses, has a hand in the text."""
    found = {member.pk: member for member in _MEMBERS.all(keys={member.pk for member in members})}
    each_once = [found[key] for key in dict.fromkeys(member.pk for member in members)]
    one = {"version": submission.version_id, "article": submission.version.article_id}
    hands, asked = _HANDS.all(**one), _ASKED.all(submission=submission.pk, article=submission.version.article_id)
    facts = _assemble([submission], each_once, hands, asked, on)[0]
    if by is not None and by.pk in facts.hands:
        raise PermissionDenied("You have a hand in this text: another editor chooses its reviewers.")
    return [Candidate(member=member, bars=tuple(_bars(member, facts, on)), ties=tuple(_ties(member.person, facts, on))) for member in each_once]


# ---- What is read


def _facts_of_all(submissions: Sequence[Submission], members: Sequence[BoardMember], on: date) -> list[_Facts]:
    articles = [each.article_id for each in submissions]
    hands = _hands(Q(version__in=[each.version_id for each in submissions]), Q(version__article__in=articles), Q(article__in=articles))
    asked = _asked(Q(submission__in=submissions), Q(submission__article__in=articles), Q(article__in=articles))
    return _assemble(submissions, members, hands, asked, on)


def _assemble(submissions: Sequence[Submission], members: Sequence[BoardMember], hands: Iterable[Any], asked: Iterable[Any], on: date) -> list[_Facts]:
    """The facts of each submission, from the rows about all of them; two queries more."""
    hands, asked = list(hands), list(asked)
    found = [_facts(submission, hands, asked) for submission in submissions]
    authors = {author.pk for facts in found for author in facts.authors}
    people = {member.person_id for member in members}
    places: dict[UUID, list[Affiliation]] = {}
    for place in _PLACES.all(people=people | authors):
        places.setdefault(place.person_id, []).append(place)
    ties = [_Tie(*row) for row in _tie_rows(people, authors, on)] if authors else []
    for facts in found:
        facts.places, facts.ties = places, ties
    return found


def _facts(submission: Submission, hands: list[Any], asked: list[Any]) -> _Facts:
    facts, authors = _Facts(), {}
    for article, version, kind, account, person, own_account, name in hands:
        if article != submission.article_id or (kind == VersionHand.Kind.SAVED and version != submission.version_id):
            continue
        facts.hands |= {account, own_account}
        if person is not None:
            authors[person] = Person(pk=person, user_id=own_account, name=name)
    facts.authors, facts.people = sorted(authors.values(), key=lambda author: author.name), set(authors)
    against = {ASKED: facts.asked, CONFLICT: facts.conflicts, KNOWN: facts.known}
    for member, what, of, article in asked:
        if article == submission.article_id and (what != ASKED or of == submission.pk):
            against[what].add(member)
    return facts


def _hands(own: Q, named: Q, drafts: Q) -> QuerySet[Any, Any]:
    """Everybody with a hand in the text: in which article and version, how, the account, the person, the person's account, the name."""
    hands = VersionHand.objects.filter(VersionHand.in_text(own, named))
    drafters = Authorship.objects.filter(drafts).order_by()
    named_so = Value(VersionHand.Kind.AUTHOR.value)
    return hands.order_by().values_list(
        "version__article_id", "version_id", "kind", "user_id", "person_id", "person__user_id", "person__name"
    ).union(drafters.values_list("article_id", F("article_id"), named_so, "person__user_id", "person_id", "person__user_id", "person__name"))


def _asked(own: Q, article: Q, known: Q) -> QuerySet[Any, Any]:
    """The members who are asked to review this, and those with a conflict on the article, declared or known later: member, what, about what.

    Three ways in, each by an index of its own: one condition over all of them would read every review there is.
    """
    asked = ReviewAssignment.objects.filter(own & IS_STANDING).order_by()
    declared = ReviewAssignment.objects.filter(article, interests__conclusion=CONFLICT).order_by()
    later = KnownConflict.objects.filter(known, person__board_member__isnull=False).order_by()
    return asked.values_list("member_id", Value(ASKED), "submission_id", "submission__article_id").union(
        declared.values_list("member_id", Value(CONFLICT), "submission_id", "submission__article_id"),
        later.values_list("person__board_member", Value(KNOWN), F("article_id"), "article_id"),
    )


_HANDS = Prepared(
    lambda version, article: _hands(Q(version=version), Q(version__article=article), Q(article=article)), version=UUIDField(), article=UUIDField()
)
_ASKED = Prepared(
    lambda submission, article: _asked(Q(submission=submission), Q(submission__article=article), Q(article=article)),
    submission=UUIDField(), article=UUIDField(),
)  # fmt: skip


_MEMBERS = Prepared(lambda keys: BoardMember.objects.filter(pk__in=keys).select_related("person__user"), keys=BigIntegerField())
_PLACES = Prepared(lambda people: Affiliation.objects.filter(person__in=people), people=UUIDField())


def _tie_rows(people: set[UUID], authors: set[UUID], on: date) -> QuerySet[Any, Any]:
    """Ties on record with an author, and who wrote with one here: they stand under a version of 36 months or less together (COI-2)."""
    ties = PersonalTie.objects.filter(Q(one__in=authors) | Q(other__in=authors)).order_by()
    from_on = timezone.make_aware(datetime.combine(no_tie_since(on), time.min))
    together = VersionHand.objects.filter(
        person__in=people, kind__in=NAMED, version__frozen_at__gte=from_on, version__hands__person__in=authors, version__hands__kind__in=NAMED
    )
    newest = TruncDate(Max("version__frozen_at"))
    pairs = together.order_by().values_list("person_id", "version__hands__person_id").annotate(
        kind_of=Value(PersonalTie.Kind.COAUTHOR.value), first=newest, last=newest
    )
    return ties.values_list("one_id", "other_id", "kind", "since", "until").union(pairs)


def _wanted(submissions: Sequence[Submission]) -> dict[Any, set[int]]:
    """The specialties that each submission's topics and its policy ask for."""
    by_topic: dict[Any, set[int]] = {}
    rows = Article.objects.filter(submissions__in=submissions, topics__specialties__isnull=False)
    for article, specialty in rows.order_by().values_list("pk", "topics__specialties").distinct():
        by_topic.setdefault(article, set()).add(specialty)
    by_policy: dict[Any, set[int]] = {}
    asked = Submission.objects.filter(pk__in=[each.pk for each in submissions], policy__specialties__isnull=False)
    for key, specialty in asked.order_by().values_list("pk", "policy__specialties"):
        by_policy.setdefault(key, set()).add(specialty)
    return {each.pk: by_topic.get(each.article_id, set()) | by_policy.get(each.pk, set()) for each in submissions}


# ---- What follows


def _candidate(member: BoardMember, facts: _Facts, load: Workload, wanted: set[int], on: date) -> Candidate:
    specialties = list(member.specialties.all())
    return Candidate(
        member=member,
        specialties=tuple(s.name for s in specialties),
        fitting=tuple(s.name for s in specialties if s.pk in wanted),
        load=load,
        gaps=tuple(_gaps(member, facts, on)),
        bars=tuple(_bars(member, facts, on)),
        ties=tuple(_ties(member.person, facts, on)),
    )


def _gaps(member: BoardMember, facts: _Facts, on: date) -> Iterable[str]:
    """What a reviewer's registration should hold and does not (COI-7)."""
    held = {
        "credentials": member.person.credentials,
        "profession and licence": member.profession,
        "specialty": list(member.specialties.all()),
        "institution": [place for place in facts.places.get(member.person_id, []) if place.holds_on(on)],
        "day of training": member.trained_on,
    }
    return (name for name, value in held.items() if not value)


def _bars(member: BoardMember, facts: _Facts, on: date) -> list[str]:
    """What cannot be overridden."""
    user = member.person.user
    reasons = []
    if user is None or not user.is_active:
        reasons.append("No account that can sign in.")
    elif user.pk in facts.hands or member.person_id in facts.people:
        reasons.append("Has a hand in the text.")
    if not member.serves_on(on):
        reasons.append("Does not serve on the board now.")
    if member.pk in facts.asked:
        reasons.append("Is asked already.")
    if member.pk in facts.conflicts:
        reasons.append("Has declared a conflict of interest on this article.")
    if member.pk in facts.known:
        reasons.append("Has a conflict of interest on this article that became known later.")
    return reasons


def _place(name: str) -> str:
    """The name of an institution, however it is spaced and capitalised."""
    return " ".join(name.split()).casefold()


def _ties(person: Person, facts: _Facts, on: date) -> list[str]:
    """Known ties with an author: the same institution now, or one of the last 36 months (COI-2); or a name that may be one person's, entered twice.

    Writing together happens on a day; any other tie without an end goes on.
    """
    reasons = []
    mine = {_place(place.institution) for place in facts.places.get(person.pk, []) if place.holds_on(on)}
    for author in facts.authors:
        shared = [p.institution for p in facts.places.get(author.pk, []) if p.holds_on(on) and _place(p.institution) in mine]
        if shared and author.pk != person.pk:
            reasons.append(f"Same institution as {author.name}: {shared[0]}.")
    names = {author.pk: author.name for author in facts.authors if author.pk != person.pk}
    reasons += [f"Has the name of {name}, who has a hand in the text." for name in names.values() if is_same_name(person.name, name)]
    for tie in facts.ties:
        other = tie.other if tie.one == person.pk else tie.one if tie.other == person.pk else None
        ended = tie.until or (tie.since if tie.kind == PersonalTie.Kind.COAUTHOR else on)
        if other is not None and other in names and tie.since <= on and ended + timedelta(days=TIE_DAYS) >= on:
            reasons.append(f"{PersonalTie.Kind(tie.kind).label.capitalize()} with {names[other]}.")
    return list(dict.fromkeys(reasons))
