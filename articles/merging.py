"""Two rows of the registry that are one work become one: an editor's act, with a reason, that keeps every citation and its history.

Nothing that points at the row that is given up is moved: drafts, frozen versions and events keep pointing at it, and whoever asks for the
work is led to the row that stands for it (`Reference.work`, `EvidenceEvent.objects.about_work`).
"""

from collections.abc import Iterator

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q

from articles import policies, registry
from articles.citations import Source
from articles.guidelines import chain
from articles.models import LikelyDuplicate, Reference
from records.errors import NotReady
from records.history import save_as
from records.models import User, record

NUMBERS = registry.NUMBERS
FILLED = (
    "authors", "editors", "source", "year", "volume", "issue", "pages", "edition", "publisher", "place", "issuing_body", "online_on", "isbn",
    "url", "accessed_on", "supersedes",
)  # fmt: skip


@transaction.atomic
def merge(loser: Reference, *, into: Reference, by: User, reason: str) -> Reference:
    """Make one work of two rows: `into` stands for it from now on, and takes from the other what it has no answer for."""
    if not policies.can_merge_references(by, None):
        raise PermissionDenied("You may not merge references.")
    rows = {row.pk: row for row in Reference.objects.select_for_update(no_key=True).filter(pk__in=[loser.pk, into.pk]).order_by("pk")}
    loser, winner = rows[loser.pk], rows[into.pk]
    if refusals := [*blockers(loser, winner, reason)]:
        raise NotReady(*refusals)
    taken = what_is_taken(loser, winner)
    for name, value in taken.items():
        setattr(winner, name, value)
        if name in NUMBERS:
            setattr(loser, name, "")
    loser.merged_into = winner
    words = f"Merged into reference {winner.pk}: {reason}"
    save_as(loser, by=by, reason=words)
    save_as(winner, by=by, reason=f"Reference {loser.pk} was merged into it: {reason}")
    _lead_on(loser, winner, by=by, words=words)
    _settle(loser, winner, by=by, reason=reason)
    record(winner, "merge", by=by, after="", note=reason, detail={"merged": loser.pk, "taken": sorted(taken)})
    return winner


def blockers(loser: Reference, winner: Reference, reason: str) -> Iterator[str]:
    """Why two rows cannot be merged, in sentences."""
    if loser.pk == winner.pk:
        yield "A reference cannot be merged into itself."
    if any(row.merged_into_id is not None for row in (loser, winner)):
        yield "One of the two was merged already. Open the list again."
    if loser.pk != winner.pk and (winner.pk in chain(loser) or loser.pk in chain(winner)):
        yield "One of them replaces the other, so they are two works."
    if not reason.strip():
        yield "Say why they are one work."


def what_is_taken(loser: Reference, winner: Reference) -> dict[str, object]:
    """The fields that the kept row takes from the other: those in which it has nothing, and of its numbers those it lacks."""
    return {name: getattr(loser, name) for name in (*NUMBERS, *FILLED) if getattr(loser, name) and not getattr(winner, name)}


def _lead_on(loser: Reference, winner: Reference, *, by: User, words: str) -> None:
    """What was merged into the row that is given up, and what replaces it, lead to the row that is kept: one step, never two."""
    for row in Reference.objects.filter(merged_into=loser):
        row.merged_into = winner
        save_as(row, by=by, reason=words)
    for row in Reference.objects.filter(supersedes=loser).exclude(pk=winner.pk):
        row.supersedes = winner
        save_as(row, by=by, reason=words)


def _settle(loser: Reference, winner: Reference, *, by: User, reason: str) -> None:
    """The pair is decided; what else the row that is given up was likened to is likened to the kept one."""
    for pair in LikelyDuplicate.objects.filter(Q(first=loser) | Q(second=loser), outcome=LikelyDuplicate.Outcome.OPEN):
        other = pair.second_id if pair.first_id == loser.pk else pair.first_id
        if other == winner.pk:
            _decide(pair, LikelyDuplicate.Outcome.MERGED, by=by, reason=reason)
        else:
            registry.propose(winner, Reference(pk=other), why=pair.why)


@transaction.atomic
def keep_apart(pair: LikelyDuplicate, *, by: User, reason: str) -> LikelyDuplicate:
    """Say that two rows are two works: they are not proposed again."""
    if not policies.can_merge_references(by, None):
        raise PermissionDenied("You may not decide about references.")
    held = LikelyDuplicate.objects.select_for_update().get(pk=pair.pk)
    if held.outcome != LikelyDuplicate.Outcome.OPEN:
        raise NotReady(f"This was decided already: {held.get_outcome_display().lower()}.")
    if not reason.strip():
        raise NotReady("Say what tells them apart.")
    _decide(held, LikelyDuplicate.Outcome.APART, by=by, reason=reason)
    return held


def _decide(pair: LikelyDuplicate, outcome: str, *, by: User, reason: str) -> None:
    before, pair.outcome = pair.outcome, outcome
    save_as(pair, by=by, reason=reason)
    record(pair, "decide_duplicate", by=by, before=before, after=outcome, note=reason)


def merged_source(loser: Reference, winner: Reference) -> Source:
    """The work as it would read after the merge."""
    values = {name: getattr(winner, name) for name in Source.__dataclass_fields__}
    return Source(**{**values, **{name: value for name, value in what_is_taken(loser, winner).items() if name in values}})  # type: ignore[arg-type]
