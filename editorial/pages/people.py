"""Who wrote a version and who read it for the board, in the names they had then; an erased name says so."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.utils import timezone

from articles.models import VersionHand
from editorial.models import Publication
from editorial.pages.facts import Facts
from reviews.models import FAVOURABLE, Meaning, Signature

ERASED_AUTHOR = "an author whose name was erased"
ERASED_EDITOR = "an editor whose name was erased"
CONTRIBUTOR = "contributor"


@dataclass(frozen=True)
class Name:
    """A name as a page prints it, or the words that stand for one; `url` leads to a public profile."""

    name: str = ""
    words: str = ""
    credentials: str = ""
    role: str = ""
    url: str = ""
    interests: str = ""

    @property
    def detail(self) -> str:
        """What stands after the name: credentials, and the specialty or the part in the text."""
        return _listed(self.credentials, self.role)

    @property
    def plain(self) -> str:
        """The name or the words for it, without links."""
        return self.name or self.words


@dataclass(frozen=True)
class Reading:
    """Those who signed on one day."""

    on: date
    people: tuple[Name, ...]


@dataclass(frozen=True)
class Review:
    """One review of the version: how the page calls it, and who signed on which day."""

    label: str
    readings: tuple[Reading, ...]


def authors(facts: Facts, publication: Publication) -> tuple[Name, ...]:
    """The byline as it was frozen, in its order."""
    return tuple(_author(facts, hand) for hand in facts.hands.get(publication.submission.version_id, []))


def _author(facts: Facts, hand: VersionHand) -> Name:
    words = facts.printed(hand.printed_name_id)
    if not words:
        return Name(words=ERASED_AUTHOR, interests="erased with the name")
    return Name(
        name=words.get("name", ""),
        credentials=words.get("credentials", ""),
        role=CONTRIBUTOR if hand.kind == VersionHand.Kind.CONTRIBUTOR else "",
        url=_profile(getattr(hand.person, "board_member", None)),
        interests=words.get("interests", "").strip() or "None declared",
    )


def _listed(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _profile(member: object) -> str:
    return f"/board/{member.slug}/" if member is not None and member.is_public else ""  # type: ignore[attr-defined]


def counted(facts: Facts, submission_id: object) -> list[Signature]:
    """The favourable recommendations that carried an approval: the latest of each reviewer, over the version's digest."""
    latest = {
        signature.person_id: signature
        for signature in facts.signatures.get(submission_id, [])  # type: ignore[call-overload]
        if signature.meaning == Meaning.RECOMMENDATION and signature.assignment is not None and signature.assignment.set_aside_at is None
    }
    return [signature for signature in latest.values() if signature.recommendation in FAVOURABLE]


def board_submission(publication: Publication) -> object:
    """The submission in which the board approved: that of the version, or the one that the version is a minor change to."""
    return publication.submission.minor_of_id or publication.submission_id


def reviews(facts: Facts, publication: Publication) -> tuple[Review, ...]:
    """The review that led to the approval and, where the board has read the words again since, the last of those."""
    board = board_submission(publication)
    found = [("Medically reviewed by", counted(facts, board))]
    if publication.last_review_id != board:
        found.append(("Reviewed again by", counted(facts, publication.last_review_id)))
    return tuple(Review(label, _readings(facts, signatures)) for label, signatures in found if signatures)


def _readings(facts: Facts, signatures: list[Signature]) -> tuple[Reading, ...]:
    """By day; those who are named stand first."""
    people: dict[date, list[Name]] = {}
    unnamed = 0
    for day, of_day in groupby(signatures, key=lambda signature: timezone.localdate(signature.signed_at)):
        for signature in sorted(of_day, key=lambda signature: not signature.assignment.named_in_public):  # type: ignore[union-attr]
            name = _reviewer(facts, signature, is_first_unnamed=not unnamed)
            unnamed += not name.name
            people.setdefault(day, []).append(name)
    return tuple(Reading(day, tuple(names)) for day, names in people.items())


def _reviewer(facts: Facts, signature: Signature, *, is_first_unnamed: bool) -> Name:
    """A reviewer is named only when they agreed to it before the review; else only the specialty is said."""
    assignment, words = signature.assignment, facts.printed(signature.printed_name_id)
    specialty = words.get("specialty", "")
    if assignment is not None and assignment.named_in_public and words.get("name"):
        return Name(words["name"], credentials=words.get("credentials", ""), role=specialty.lower(), url=_profile(assignment.member))
    who = "a member of the advisory board" if is_first_unnamed else "one more member of the advisory board"
    if assignment is not None and assignment.named_in_public:
        return Name(words=f"{who} whose name was erased")
    return Name(words=f"{who} ({specialty.lower()})" if specialty else who)


def specialties(facts: Facts, submission_id: object) -> tuple[str, ...]:
    """The specialties of those who reviewed a submission, each once, in the order they signed."""
    signatures = counted(facts, submission_id)
    names = [name for signature in signatures for name in facts.printed(signature.printed_name_id).get("specialty", "").split(", ") if name]
    return tuple(dict.fromkeys(names))


def reviewers_in_numbers(facts: Facts, publication: Publication) -> str:
    """How many reviewed the version, from how many specialties, and those of them who are named."""
    board = board_submission(publication)
    signatures = counted(facts, board)
    said = [f"{len(items)} {one if len(items) == 1 else many}" for items, one, many in (
        (signatures, "reviewer", "reviewers"), (specialties(facts, board), "specialty", "specialties"),
    ) if items]  # fmt: skip
    names = enumerated(name.name for reading in _readings(facts, signatures) for name in reading.people if name.name)
    return ": ".join(filter(None, [", ".join(said), names]))


def reviewers(facts: Facts, publication: Publication) -> tuple[Name, ...]:
    """Those whose recommendations carried the approval, and those who have read the version again since, each once, as the page names them."""
    found = [name for review in reviews(facts, publication) for reading in review.readings for name in reading.people if name.name]
    return tuple({(name.name, name.url): name for name in found}.values())


def enumerated(names: Iterable[str]) -> str:
    """Names in a sentence: A, B and C."""
    *most, last = [*names] or [""]
    return f"{', '.join(most)} and {last}" if most else last


def board_signers(facts: Facts, publication: Publication) -> tuple[str, ...]:
    """The printed names of the editors who signed what the board approved; of a minor change's own editor nothing."""
    return _signers(facts, [board_submission(publication)], (Meaning.EDITORIAL_APPROVAL, Meaning.REAFFIRMATION))


def signers(facts: Facts, publication: Publication, *meanings: str) -> tuple[str, ...]:
    """The printed names of the editors whose signatures have one of these meanings, in the order they signed."""
    return _signers(facts, dict.fromkeys((board_submission(publication), publication.submission_id)), meanings)


def _signers(facts: Facts, submissions: Iterable[object], meanings: Collection[str]) -> tuple[str, ...]:
    found = [row for key in submissions for row in facts.signatures.get(key, []) if row.meaning in meanings]  # type: ignore[call-overload]
    return tuple(dict.fromkeys(facts.printed(row.printed_name_id).get("name") or ERASED_EDITOR for row in found))
