"""Finding the works and people that a file names among those we have, and entering the others: each work once, never two merged by likeness."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from django.core.exceptions import ValidationError

from articles import registry
from articles.citations import Source
from articles.models import Reference
from records.history import save_as
from records.models import Person, User, system_user

AT_ONCE = 400


class Registry:
    """References by the identity of the registry; what is none that is there is entered as new, and proposed where it is like another."""

    def __init__(self, by: User) -> None:
        self.by = by
        self.known = registry.Known(())
        self._new: list[Reference] = []

    def look_up(self, sources: Iterable[Source]) -> None:
        """Fetch every work that these could be; what was fetched for others before is forgotten."""
        self.known = registry.Known(sources)

    @contextmanager
    def undone_together(self) -> Iterator[None]:
        """When the block fails, the works entered in it are forgotten with the transaction that is rolled back."""
        self._new = []
        try:
            yield
        except BaseException:
            for reference in self._new:
                self.known.forget(reference)
            raise

    def references(self, wanted: Mapping[str, Source]) -> tuple[dict[str, Reference], tuple[str, ...]]:
        """A reference for each key, in the order given, with what is to be told; new ones are entered together."""
        found: dict[str, Reference] = {}
        told: list[str] = []
        new: list[Reference] = []
        for key, source in wanted.items():
            reference = self.known.find(source)
            warnings = [] if reference is None else _at_odds(reference, source)
            if reference is None:
                reference, warnings = _made(source, self.known)
                new.append(reference)
                self.known.remember(reference)
            told += [f"The reference @{key}: {sentence}" for sentence in warnings]
            found[key] = reference
        self._new += new
        if new:
            registry.enter_all(new, self.known, by=self.by, reason="Imported")
        return found, tuple(told)


def _at_odds(reference: Reference, source: Source) -> list[str]:
    """What of a work that is there differs from what the file says of its numbers."""
    if source.doi and source.doi == reference.doi and source.pmid and reference.pmid not in ("", source.pmid):
        return [f"its PMID is {source.pmid} here and {reference.pmid} in the registry; the DOI was followed."]
    return []


def _made(source: Source, known: registry.Known) -> tuple[Reference, list[str]]:
    """A row for a new work; a field that the registry refuses, and a number that another work has, is left out and told. The title never is."""
    own = known.without_taken(source)
    told = [
        f"its {name.upper()} {getattr(source, name)} belongs to another work in the registry, so it was entered without it."
        for name in registry.NUMBERS
        if getattr(own, name) != getattr(source, name)
    ]
    reference = Reference(**asdict(own))
    for name, words in registry.refused_fields(reference).items():
        if name in {"title", "kind", "form"}:
            raise ValidationError({name: words})
        setattr(reference, name, None if name in {"year", "accessed_on", "online_on"} else "")
        told.append(f"its {name} was left out: {words}")
    return reference, told


class People:
    """People without an account by exactly their printed name; a name that is not there is entered."""

    def __init__(self) -> None:
        self.by = system_user()
        self.names: dict[str, Person] = {}
        self._new: list[str] = []

    def look_up(self, names: Iterable[str]) -> None:
        """Fetch those of these names that we have."""
        wanted = [name for name in dict.fromkeys(names) if name not in self.names]
        for part in _batched(wanted, AT_ONCE):
            for person in Person.objects.filter(name__in=part, user=None).order_by("-pk"):
                self.names[person.name] = person

    def named(self, name: str) -> Person:
        """The person of this name, entered when there is none."""
        if name not in self.names:
            self.names[name] = save_as(Person(name=name), by=self.by, reason="Named in an imported article")
            self._new.append(name)
        return self.names[name]

    @contextmanager
    def undone_together(self) -> Iterator[None]:
        """When the block fails, the people entered in it are forgotten with the transaction that is rolled back."""
        self._new = []
        try:
            yield
        except BaseException:
            for name in self._new:
                self.names.pop(name, None)
            raise


def _batched(rows: list[Any], size: int) -> Iterator[list[Any]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
