"""What changed in the evidence since the board last read the words that it reads again, and what each reviewer says of each work."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from articles.models import EvidenceEvent, Reference
from editorial.desk.chips import Chip
from editorial.desk.facts import Reviewer
from editorial.desk.reading import Source
from editorial.desk.reading import sources as sources_of
from editorial.rereview import GUIDELINE_YEARS
from records import clock
from reviews.models import ReferenceAnswer, ReviewAssignment, Submission

_ANSWERS = {
    ReferenceAnswer.Answer.SUPPORTS: ("ok", "ring-tick"),
    ReferenceAnswer.Answer.DOES_NOT: ("stop", "octagon"),
    ReferenceAnswer.Answer.OUTDATED: ("due", "triangle"),
    ReferenceAnswer.Answer.RETRACTED: ("stop", "slashed"),
    ReferenceAnswer.Answer.CANNOT_JUDGE: ("quiet", "info"),
}


@dataclass(frozen=True)
class Since:
    """The last review of the same words, and what is to be looked at since."""

    read_on: date | None
    changed: tuple[Source, ...]
    old: tuple[Source, ...]
    works: int
    unchecked: int


def since_last_review(found: Submission, sources: dict[int, Source]) -> Since:
    """The notices about cited works since the words were last read, laid beside their works; guidelines grown old; what nobody can check."""
    read_at = _last_read(found)
    _place_notices(sources, read_at)
    return Since(
        read_on=clock.day(read_at) if read_at else None,
        changed=tuple(source for source in sources.values() if source.since),
        old=tuple(source for source in sources.values() if source.is_old),
        works=len(sources),
        unchecked=sum(not (source.reference.doi or source.reference.pmid) for source in sources.values()),
    )


def unanswered(found: ReviewAssignment, known: Collection[int]) -> list[int]:
    """The references, by their key, for which one answer may be given for all: none that is `known`, none with a notice since the last review.

    A work with a notice is answered for by itself.
    """
    sources = sources_of(found.submission.version)
    since_last_review(found.submission, sources)
    return [key for key, source in sources.items() if key not in known and not source.since]


def _last_read(found: Submission) -> datetime | None:
    """When the board last completed a review of these words before this one began, or of those that they are a minor change to."""
    of_these = Q(version=found.version_id) | Q(minor_changes__version=found.version_id)
    earlier = Submission.objects.approved_by_board().filter(of_these, decided_at__lte=found.submitted_at)
    read_at: datetime | None = earlier.order_by("-decided_at").values_list("decided_at", flat=True).first()
    return read_at


def _place_notices(sources: dict[int, Source], read_at: datetime | None) -> None:
    works: dict[int, list[Source]] = {}
    this_year = clock.today().year
    for source in sources.values():
        works.setdefault(source.reference.reference_id, []).append(source)
        year = source.reference.year
        source.is_old = source.reference.kind == Reference.Kind.GUIDELINE and year is not None and this_year - year > GUIDELINE_YEARS
    for row, events in EvidenceEvent.objects.by_row(works.keys()).items():
        told = sorted((each for each in events if read_at is None or each.noted_at > read_at), key=lambda each: (each.happened_on or date.min, each.noted_at))
        for source in works[row]:
            source.since += told


@dataclass(frozen=True)
class Answered:
    """One cited work, and what each reviewer signed about it."""

    source: Source
    given: tuple[tuple[str, Chip], ...]
    is_in_doubt: bool


def answers(sources: dict[int, Source], people: Iterable[Reviewer]) -> list[Answered]:
    """The signed answers for each work; those that somebody doubts, or whose evidence changed, come first."""
    signed = [(each.name, each.signature.answers.get("references", {})) for each in people if each.signature is not None]
    found = []
    for source in sources.values():
        given = tuple((name, _chip(said[source.reference.key])) for name, said in signed if source.reference.key in said)
        doubted = any(chip.tone != "ok" for _, chip in given)
        found.append(Answered(source, given, doubted or bool(source.since)))
    return sorted(found, key=lambda each: (not each.is_in_doubt, each.source.order))


def _chip(value: str) -> Chip:
    answer = ReferenceAnswer.Answer(value)
    return Chip(str(answer.label), *_ANSWERS[answer])
