"""Finding the works and people that a file names among those we have, and entering the others: each work once, never two merged by likeness."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q

from articles.citations import Source
from articles.models import Reference
from records.history import bulk_save_as, save_as
from records.models import Person, User, system_user

AT_ONCE = 400
Title = tuple[str, int | None, str]


class Registry:
    """References by DOI, then PMID, else by exactly the same title, year and source; what matches none is entered as new."""

    def __init__(self, by: User) -> None:
        self.by = by
        self._clear()
        self._new: list[Reference] = []

    def _clear(self) -> None:
        self.dois: dict[str, Reference] = {}
        self.pmids: dict[str, Reference] = {}
        self.titles: dict[Title, list[Reference]] = {}

    def look_up(self, sources: Iterable[Source]) -> None:
        """Fetch every work that these could be; what was fetched for others before is forgotten."""
        self._clear()
        wanted = list(dict.fromkeys(sources))
        for part in _batched(wanted, AT_ONCE):
            same = Q(doi__in=[s.doi for s in part if s.doi]) | Q(pmid__in=[s.pmid for s in part if s.pmid])
            same |= Q(title__in=[s.title for s in part if not (s.doi or s.pmid)])
            for reference in Reference.objects.filter(same).order_by("pk"):
                self._remember(reference)

    def _remember(self, reference: Reference) -> None:
        if reference.doi:
            self.dois[reference.doi] = reference
        if reference.pmid:
            self.pmids[reference.pmid] = reference
        self.titles.setdefault((reference.title, reference.year, reference.source), []).append(reference)

    @contextmanager
    def undone_together(self) -> Iterator[None]:
        """When the block fails, the works entered in it are forgotten with the transaction that is rolled back."""
        self._new = []
        try:
            yield
        except BaseException:
            for reference in self._new:
                self.dois.pop(reference.doi, None)
                self.pmids.pop(reference.pmid, None)
                self.titles[reference.title, reference.year, reference.source].remove(reference)
            raise

    def references(self, wanted: Mapping[str, Source]) -> tuple[dict[str, Reference], tuple[str, ...]]:
        """A reference for each key, in the order given, with what is to be told; new ones are entered together."""
        found: dict[str, Reference] = {}
        told: list[str] = []
        new: list[Reference] = []
        for key, source in wanted.items():
            reference, warning = self._match(source)
            if reference is None:
                reference, more = _made(source, leave_pmid=bool(warning))
                told += [f"The reference @{key}: {sentence}" for sentence in more]
                new.append(reference)
                self._remember(reference)
            if warning:
                told.append(f"The reference @{key}: {warning}")
            found[key] = reference
        self._new += new
        if new:
            bulk_save_as(new, by=self.by, reason="Imported")
        return found, tuple(told)

    def _match(self, source: Source) -> tuple[Reference | None, str]:
        """The work that this is, and a warning when its two numbers are at odds with what we have."""
        by_doi = self.dois.get(source.doi) if source.doi else None
        by_pmid = self.pmids.get(source.pmid) if source.pmid else None
        if by_doi is not None:
            odd = bool(source.pmid and by_doi.pmid and by_doi.pmid != source.pmid)
            return by_doi, f"its PMID is {source.pmid} here and {by_doi.pmid} in the registry; the DOI was followed." if odd else ""
        if by_pmid is not None and source.doi and by_pmid.doi:
            return None, f"its PMID {source.pmid} belongs to another DOI in the registry, so it was entered by its DOI alone."
        if by_pmid is not None or source.doi or source.pmid:
            return by_pmid, ""
        same = self.titles.get((source.title, source.year, source.source), [])
        return next((ref for ref in same if not (ref.url and source.url) or ref.url == source.url), None), ""


def _made(source: Source, *, leave_pmid: bool) -> tuple[Reference, list[str]]:
    """A row for a new work; a field that the registry refuses is left out and told, its title never."""
    values: dict[str, Any] = asdict(source)
    if leave_pmid:
        values["pmid"] = ""
    reference, told = Reference(**values), []
    for check in (reference.clean_fields, reference.clean):
        try:
            check()
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                if name in {"title", "kind"}:
                    raise
                setattr(reference, name, None if name in {"year", "accessed_on"} else "")
                told.append(f"its {name} was left out: {' '.join(messages)}")
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
