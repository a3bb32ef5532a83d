"""The registry of cited works: which row a work is, entering one, proposing that two rows are one work.

Identifiers decide (DOI, then PMID, PMCID, the ISBN of a whole book, the address of a page). Likeness proposes, and an editor decides:
merging.py holds that act.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q

from articles import likeness, policies
from articles.citations import REPAIRS, Source
from articles.models import LikelyDuplicate, Reference
from records.errors import NotReady
from records.history import bulk_save_as, save_as
from records.models import User

AT_ONCE = 400
NUMBERS = ("doi", "pmid", "pmcid")


def find(source: Source) -> Reference | None:
    """The row of this work, where an identifier says which it is; None when none does, however alike another may be."""
    return Known([source]).find(source)


def likely(source: Source) -> list[Reference]:
    """Rows that may be this work by title, year and first author, and that no identifier tells apart from it."""
    return Known([source]).likely(source)


def enter(source: Source, *, by: User, reason: str = "Entered") -> Reference:
    """The row of this work, entered now when there is none; ValidationError names the fields that cannot be."""
    return entered(source, by=by, reason=reason)[0]


def entered(source: Source, *, by: User, reason: str = "Entered") -> tuple[Reference, bool]:
    """The row of this work, and whether it was entered now. Rows that may be the same work are proposed for merging, never merged."""
    if not policies.can_add_reference(by, None):
        raise PermissionDenied("You may not enter works.")
    for _ in range(2):
        known = Known([source])
        if (found := known.find(source)) is not None:
            known.propose(source, found)
            return found, False
        reference = Reference(**asdict(known.without_taken(tidied(source))))
        reference.full_clean(exclude=["supersedes"], validate_unique=False, validate_constraints=False)
        try:
            with transaction.atomic():
                save_as(reference, by=by, reason=reason)
                known.propose(source, reference)
            return reference, True
        except IntegrityError:
            continue
    raise NotReady("This work was entered by somebody else just now. Search for it.")


def enter_all(new: list[Reference], known: "Known", *, by: User, reason: str) -> None:
    """Insert rows that were found to be new, with their history, in a fixed number of statements; what they are like is proposed."""
    bulk_save_as(new, by=by, reason=reason)
    known.propose_all(new)


def tidied(source: Source) -> Source:
    """The source with its identifiers in their normal form; what is none stays, and is refused when it is entered."""
    values: dict[str, Any] = {}
    for name, repair in REPAIRS.items():
        try:
            values[name] = repair(given) if (given := getattr(source, name)) else ""
        except ValueError:
            continue
    return replace(source, **values)


class Known:
    """Every row that some works could be, fetched at once: a query for each four hundred of them."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._rows: dict[str, dict[str, list[Reference]]] = defaultdict(dict)
        wanted = [tidied(source) for source in dict.fromkeys(sources)]
        for start in range(0, len(wanted), AT_ONCE):
            for row in Reference.objects.filter(_could_be(wanted[start : start + AT_ONCE])).select_related("merged_into").order_by("pk"):
                self.remember(row)

    def remember(self, row: Reference) -> None:
        """A row that is there now."""
        for name, value in _keys(row, row.form):
            rows = self._rows[name].setdefault(value, [])
            if row not in rows:
                rows.append(row)

    def forget(self, row: Reference) -> None:
        """A row that is not there after all."""
        for name, value in _keys(row, row.form):
            self._rows[name][value] = [each for each in self._rows[name].get(value, []) if each is not row]

    def _under(self, name: str, value: str) -> list[Reference]:
        return self._rows[name].get(value, []) if value else []

    # ---- Which row it is

    def find(self, source: Source) -> Reference | None:
        """The row of a work, followed to the one that stands for it now."""
        source = tidied(source)
        return next((row.work for row in self._same(source)), None)

    def _same(self, source: Source) -> Iterator[Reference]:
        """The rows that are this work, the surest first: a later identifier counts where no earlier one says otherwise."""
        for n, name in enumerate(NUMBERS):
            for row in self._under(name, getattr(source, name)):
                if not any(_apart(row, source, earlier) for earlier in NUMBERS[:n]):
                    yield row
        if any(getattr(source, name) for name in NUMBERS):
            return
        yield from (row for row in self._under("isbn", source.isbn) if row.form == source.form == Reference.Form.BOOK)
        for row in self._under("url_key", likeness.url_key(source.url)):
            if likeness.title_of(row.title) == likeness.title_of(source.title) and row.form == source.form:
                yield row
        yield from (row for row in self._under("title_key", likeness.title_key(source.title)) if _is_same_entry(row, source))

    # ---- What may be it

    def likely(self, source: Source) -> list[Reference]:
        """The rows that may be a work, without the one that is it."""
        return [row for row, _ in self._likely(tidied(source), self.find(source))]

    def _likely(self, source: Source, own: Reference | None) -> Iterator[tuple[Reference, str]]:
        told = {own.pk if own is not None else None}
        for row, why in self._resembling(source):
            work = row.work
            if work.pk not in told:
                told.add(work.pk)
                yield work, why

    def _resembling(self, source: Source) -> Iterator[tuple[Reference, str]]:
        for name, label in (("doi", "DOI"), ("pmid", "PMID"), ("pmcid", "PMCID")):
            yield from ((row, f"The same {label}") for row in self._under(name, getattr(source, name)))
        for row in self._under("title_key", likeness.title_key(source.title)):
            if likeness.are_alike(Source.of(row), source):
                yield row, "Title, year and first author agree"
        for row in self._under("url_key", likeness.url_key(source.url)):
            if not likeness.differ(Source.of(row), source):
                yield row, "The same address"

    def propose(self, source: Source, own: Reference) -> None:
        """Put every other row that may be the work of `own` before the editors, once."""
        for other, why in self._likely(tidied(source), own):
            propose(own, other, why=why)

    def propose_all(self, rows: Iterable[Reference]) -> None:
        """Propose what each of these rows is like; one statement."""
        pairs: dict[tuple[int, int], str] = {}
        for row in rows:
            for other, why in self._likely(Source.of(row), row):
                if other.pk is not None:
                    pairs.setdefault((min(row.pk, other.pk), max(row.pk, other.pk)), why)
        made = [LikelyDuplicate(first_id=first, second_id=second, why=why) for (first, second), why in pairs.items()]
        LikelyDuplicate.objects.bulk_create(made, ignore_conflicts=True)

    def without_taken(self, source: Source) -> Source:
        """A new work without the numbers that another row has: the first number that is its own says which work it is."""
        taken: dict[str, Any] = {name: "" for name in NUMBERS if self._under(name, getattr(source, name))}
        return replace(source, **taken)


def propose_everywhere() -> int:
    """Propose what every row of the registry is like, some hundred rows at a time; returns how many pairs are new."""
    before, last = LikelyDuplicate.objects.count(), 0
    while rows := list(Reference.objects.filter(pk__gt=last, merged_into=None).order_by("pk")[:AT_ONCE]):
        Known(Source.of(row) for row in rows).propose_all(rows)
        last = rows[-1].pk
    return LikelyDuplicate.objects.count() - before


def propose(one: Reference, other: Reference, *, why: str) -> None:
    """Put two rows before the editors as perhaps one work; once, whatever they said of them."""
    first, second = sorted((one.pk, other.pk))
    if first != second:
        LikelyDuplicate.objects.get_or_create(first_id=first, second_id=second, defaults={"why": why})


def _could_be(sources: list[Source]) -> Q:
    """The condition for the rows that these could be; said as the partial indexes say it, so that each name is looked up in its own."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for source in sources:
        for name, value in _keys(source, source.form):
            wanted[name].add(value)
    condition = Q(pk__in=[])
    for name, values in wanted.items():
        condition |= Q(**{f"{name}__in": values}) & ~Q(**{name: ""})
    return condition


def _keys(entry: Any, form: str) -> Iterator[tuple[str, str]]:
    """Under what an entry is looked for: its numbers, the keys of its address and title, and the ISBN of a whole book."""
    keys = {name: getattr(entry, name) for name in NUMBERS}
    keys["isbn"] = entry.isbn if form == Reference.Form.BOOK else ""
    keys["url_key"], keys["title_key"] = likeness.url_key(entry.url), likeness.title_key(entry.title)
    return ((name, value) for name, value in keys.items() if value)


def _apart(row: Reference, source: Source, name: str) -> bool:
    ours, theirs = getattr(row, name), getattr(source, name)
    return bool(ours and theirs and ours != theirs)


def _is_same_entry(row: Reference, source: Source) -> bool:
    """Whether an entry without any number says in every word what a row without one says: the same list, read again."""
    same = all(getattr(row, name) == getattr(source, name) for name in ("title", "year", "source", "authors", "form"))
    return same and not any(getattr(row, name) for name in NUMBERS) and not likeness.differ(Source.of(row), source) and not _apart(row, source, "url")


def refused_fields(reference: Reference) -> dict[str, str]:
    """What the registry refuses of a row that is about to be entered, by field, in words."""
    told: dict[str, str] = {}
    for check in (reference.clean_fields, reference.clean):
        try:
            check()
        except ValidationError as error:
            told |= {name: " ".join(messages) for name, messages in error.message_dict.items()}
    return told
