"""Guidelines and what replaces them: which of two may be said to replace the other."""

from collections.abc import Iterator

from articles.models import Reference


def refusals(newer: Reference, earlier: Reference) -> Iterator[str]:
    """Why the one cannot be said to replace the other, in sentences: guidelines alone replace guidelines, and never in a circle."""
    if newer.kind != Reference.Kind.GUIDELINE or earlier.kind != Reference.Kind.GUIDELINE:
        yield "A guideline replaces a guideline: both have to be of that kind."
    if earlier.merged_into_id is not None:
        yield f"That entry was merged into reference {earlier.merged_into_id}; choose that one."
    if newer.pk is not None and newer.pk in chain(earlier):
        yield "They would replace one another."
    if newer.year and earlier.year and newer.year < earlier.year:
        yield f"It is of {newer.year}, and what it is said to replace of {earlier.year}."


def chain(reference: Reference) -> set[int]:
    """A guideline with everything that it replaces, however long the row."""
    seen: set[int] = set()
    now: Reference | None = reference
    while now is not None and now.pk not in seen:
        seen.add(now.pk)
        now = now.supersedes
    return seen
