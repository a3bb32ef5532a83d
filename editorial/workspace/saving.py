"""Saving what somebody typed: on the newest save where nobody touched the same words, otherwise as a conflict to choose in."""

import unicodedata
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import CharField, FilteredRelation, Q, QuerySet, UUIDField

from articles import drafting
from articles.citations import is_key
from articles.drafting import Changes, CitationChange, DraftConflict
from articles.models import Article, Citation, Reference, Topic
from editorial import evidence_watch
from editorial.workspace import merging, saves
from records.errors import NotReady, StaleRecord
from records.models import Person, User
from records.prepared import Prepared
from reviews.models import Submission

TRIES = 8


@dataclass(frozen=True)
class Clashing:
    """Somebody else saved the same text since: what each wrote, and the pieces that they make together."""

    audience: str
    base_number: int
    current: int
    yours: str
    pieces: Sequence[merging.Piece]
    by: saves.Save | None


def _now(article: Any, audience: Any) -> QuerySet[Any, Any]:
    text = FilteredRelation("texts", condition=Q(texts__audience=audience))
    return Article.objects.filter(pk=article).order_by().annotate(text=text).values_list("draft_number", "text__source")


# The newest save's number with the text as it is in it; None for a text that was never written.
_NOW = Prepared(_now, article=UUIDField(), audience=CharField())


def save_text(article: Article, audience: str, source: str, *, by: User, opened_at: int, reason: str = "") -> Article | Clashing:
    """Save one text as typed. Others' saves of other parts are no conflict; where the same text was saved, nothing is applied."""
    source = drafting.clean_text(source)
    for _ in range(TRIES):
        number, theirs = _NOW.get(article=article.pk, audience=audience)
        theirs = theirs or ""
        if theirs == source:
            return article
        article.draft_number = number
        base = theirs if opened_at == number else saves.text_at(article, audience, opened_at)
        if base is None or base != theirs:
            return _clash(article, audience, base or "", theirs, source, opened_at)
        try:
            return drafting.revise(article, by=by, draft_number=number, changes=Changes(texts={audience: source}), reason=reason)
        except DraftConflict:
            continue
    raise StaleRecord("This draft is being saved by several people at once. Your text is safe and not saved yet: save it again.")


def _clash(article: Article, audience: str, base: str, theirs: str, yours: str, opened_at: int) -> Clashing:
    pieces = merging.merge(base, theirs, yours)
    since = saves.between(article, max(opened_at + 1, article.draft_number - saves.PAGE), article.draft_number)
    name = "text for professionals" if audience == "professional" else "plain-language text"
    by = next((save for save in since if name in save.parts), None)
    return Clashing(audience, opened_at, article.draft_number, yours, pieces, by)


def pieces_again(article: Article, audience: str, yours: str, base_number: int, seen: int) -> Sequence[merging.Piece]:
    """The pieces of a conflict as they were shown: from the save that the text was opened at and the save that was seen beside it."""
    base, theirs = saves.text_at(article, audience, base_number), saves.text_at(article, audience, seen)
    if theirs is None:
        raise NotReady("There is no such save of this draft.")
    return merging.merge(base or "", theirs, drafting.clean_text(yours))


# ---- Details and interests


@dataclass(frozen=True)
class Edit:
    """What a person changed on the page of details: each new value, and what stood there when they opened the page."""

    fields: dict[str, Any] = field(default_factory=dict)
    initial: dict[str, Any] = field(default_factory=dict)
    topics_added: Set[Topic] = frozenset()
    topics_removed: Set[Topic] = frozenset()
    interests: dict[UUID, tuple[str, str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether anything was changed."""
        return bool(self.fields or self.topics_added or self.topics_removed or self.interests)


@dataclass(frozen=True)
class FieldClash:
    """A field, or the interests of a person, that somebody else saved since the page was opened, with what stands there now."""

    field: str
    theirs: str


def save_details(article: Article, edit: Edit, *, by: User) -> Article | list[FieldClash]:
    """Save what this person changed, unless somebody else saved another value of one of the same fields since."""
    for _ in range(TRIES):
        now = Article.objects.select_related("article_type").get(pk=article.pk)
        if clashes := [*_field_clashes(now, edit), *_interest_clashes(now, edit)]:
            return clashes
        topics = None
        if edit.topics_added or edit.topics_removed:
            topics = (set(now.topics.all()) - edit.topics_removed) | edit.topics_added
        changes = Changes(fields=edit.fields, topics=topics, interests={pk: words for pk, (_, words) in edit.interests.items()})
        try:
            return drafting.revise(now, by=by, draft_number=now.draft_number, changes=changes)
        except DraftConflict:
            continue
    raise StaleRecord("This draft is being saved by several people at once. Nothing was saved: save it again.")


def _field_clashes(now: Article, edit: Edit) -> Iterator[FieldClash]:
    for name, wanted in edit.fields.items():
        current = getattr(now, name)
        if current not in (edit.initial[name], wanted):
            yield FieldClash(name, str(current or ""))


def _interest_clashes(now: Article, edit: Edit) -> Iterator[FieldClash]:
    if not edit.interests:
        return
    for authorship in now.authorships.filter(person_id__in=list(edit.interests)):
        initial, wanted = edit.interests[authorship.person_id]
        if authorship.interests not in (initial, wanted):
            yield FieldClash(f"interests-{authorship.pk}", authorship.interests)


WHILE_READ = "The board has a version of this article. Whoever sits on the board or works at the desk can be named once it is decided."


def add_author(article: Article, person: Person, *, by: User) -> Article:
    """Put a person on the byline, last; once.

    NotReady for those who review or decide, as long as a version is before the board: a name alone would bar them from it, unasked (COI-1).
    The same of all of them, so that no author learns who reviews.
    """
    judges = person.user is not None and person.user.is_staff
    if judges and Submission.objects.open().filter(article=article).exists():
        raise NotReady(WHILE_READ)
    for _ in range(TRIES):
        now = Article.objects.get(pk=article.pk)
        if now.authorships.filter(person=person).exists():
            return now
        try:
            return drafting.revise(now, by=by, draft_number=now.draft_number, changes=Changes(authors=[person]), reason="Author added")
        except DraftConflict:
            continue
    raise StaleRecord("This draft is being saved by several people at once. Nothing was changed: try again.")


# ---- References


def _set_key(article: Article, change: Callable[[dict[str, Citation]], CitationChange | None], *, by: User, reason: str) -> None:
    """Change one key on the newest save; `change` looks at the keys as they are then, and gives None when all is well already."""

    def changes(present: dict[str, Citation]) -> list[CitationChange]:
        wanted = change(present)
        return [] if wanted is None else [wanted]

    _set_keys(article, changes, by=by, reason=reason)


def _set_keys(article: Article, changes: Callable[[dict[str, Citation]], list[CitationChange]], *, by: User, reason: str) -> None:
    """Change keys on the newest save, together."""
    for _ in range(TRIES):
        now = Article.objects.get(pk=article.pk)
        wanted = changes({citation.key: citation for citation in now.citations.select_related("reference")})
        if not wanted:
            return
        try:
            drafting.revise(now, by=by, draft_number=now.draft_number, changes=Changes(citations=wanted), reason=reason)
            return
        except DraftConflict:
            continue
    raise StaleRecord("This draft is being saved by several people at once. Nothing was changed: try again.")


def cite(article: Article, reference: Reference, *, by: User) -> str:
    """Give the article a key for a work; the key that it has, when it has one."""
    key = ""
    evidence_watch.screen_works([reference])

    def change(present: dict[str, Citation]) -> CitationChange | None:
        nonlocal key
        key = next((found.key for found in present.values() if found.reference.work_id == reference.work_id), "")
        if key:
            return None
        key = new_key(reference, present)
        return CitationChange(key, reference)

    _set_key(article, change, by=by, reason="Reference added")
    return key


def cite_all(article: Article, wanted: Sequence[tuple[Reference, str]], *, by: User, reason: str) -> dict[int, str]:
    """Give the article a key for each work, in one save: the key that it has, else the one wished for where it is free, else a new one."""
    keys: dict[int, str] = {}

    def changes(present: dict[str, Citation]) -> list[CitationChange]:
        keys.clear()
        keys.update({citation.reference.work_id: key for key, citation in present.items()})
        taken, new = set(present), []
        for reference, wish in wanted:
            if reference.work_id in keys:
                continue
            key = wish if wish and is_key(wish) and wish not in taken else new_key(reference, taken)
            taken.add(key)
            keys[reference.work_id] = key
            new.append(CitationChange(key, reference))
        return new

    evidence_watch.screen_works([reference for reference, _ in wanted])
    _set_keys(article, changes, by=by, reason=reason)
    return keys


def uncite(article: Article, key: str, *, by: User) -> None:
    """Take a key away from the article; the texts keep what they say, and the checks name the places."""
    _set_key(article, lambda present: CitationChange(key, None) if key in present else None, by=by, reason=f"Reference @{key} removed"[:100])


def mark_retracted(article: Article, key: str, *, by: User, reason: str) -> None:
    """Say that a retracted work is cited as retracted, and why; without a reason the mark is taken away again."""
    words = reason.strip()

    def change(present: dict[str, Citation]) -> CitationChange | None:
        if key not in present:
            raise NotReady("There is no such reference on this article any more.")
        citation = present[key]
        same = (citation.cited_as_retracted, citation.retracted_reason) == (bool(words), words)
        return None if same else CitationChange(key, citation.reference, bool(words), words)

    _set_key(article, change, by=by, reason=f"@{key} is cited as retracted"[:100] if words else f"@{key} is no longer marked"[:100])


def new_key(reference: Reference, taken: Any) -> str:
    """A key that says which work it is: the first author's family name, or who issued it, and the year; a letter where it is taken."""
    name = (reference.authors or reference.issuing_body or reference.source or reference.title).split(";")[0].split(",")[0]
    letters = "".join(letter for letter in _plain(name.split(" ")[0] or name).lower() if letter.isascii() and letter.isalnum())
    stem = (letters[:24] or "ref") + (str(reference.year) if reference.year else "")
    suffixes = ["", *"bcdefghijklmnopqrstuvwxyz", *(f"-{n}" for n in range(27, 10_000))]
    return next(stem + suffix for suffix in suffixes if stem + suffix not in taken)


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKD", name)
