"""The author's acts on a draft. Each save raises the draft's number, which conflicts, history and restoring stand on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from articles import policies
from articles.models import Article, ArticleText, ArticleType, Audience, Authorship, Citation, Reference, Topic
from articles.models.reference import KEY
from records import clock
from records.errors import NotReady, StaleRecord
from records.history import bulk_save_as, save_as, sign_history
from records.models import Person, User, record


class DraftConflict(StaleRecord):
    """Somebody saved the draft since this person opened it; both texts are kept and the person chooses."""

    def __init__(self, current: int) -> None:
        self.current = current
        super().__init__("Your text is safe and not saved yet: somebody else saved this draft after you opened it.")


@dataclass(frozen=True)
class CitationChange:
    """One key of the article and what it points at; `reference` None takes the key away."""

    key: str
    reference: Reference | None
    cited_as_retracted: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Changes:
    """What one save changes; what is None or not named stays as it is. Interests go by the person's id."""

    texts: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    topics: Iterable[Topic] | None = None
    citations: Iterable[CitationChange] = ()
    interests: Mapping[UUID, str] = field(default_factory=dict)
    authors: Iterable[Person] = ()


FIELDS = ("title", "summary", "article_type", "language", "funding", "sponsor", "searched_until")


@transaction.atomic
def create_draft(
    *, by: User, title: str, article_type: ArticleType, authors: Iterable[Person] = (), identity: str = "", changes: Changes | None = None, reason: str = ""
) -> Article:
    """Begin an article; whoever begins it is its author unless others are named. NotReady without a title or a name to print."""
    if not policies.can_create_draft(by, None):
        raise PermissionDenied("You may not write articles.")
    return begin_draft(by=by, title=title, article_type=article_type, authors=authors, identity=identity, changes=changes, reason=reason)


def begin_draft(
    *, by: User, title: str, article_type: ArticleType, authors: Iterable[Person] = (), identity: str = "", changes: Changes | None = None, reason: str = ""
) -> Article:
    """`create_draft` for a caller that has asked its own permit, in its transaction."""
    if not title.strip():
        raise NotReady("Give the article a question or title.")
    people = list(authors) or list(Person.objects.filter(user=by))
    if not people:
        raise NotReady("Your account has no printed name yet. Ask an administrator to add it.")
    changes = changes or Changes()
    given = {name: value for name, value in changes.fields.items() if name in FIELDS}
    article = Article(**{**given, "title": title.strip(), "article_type": article_type, "identity": identity, "created_by": by})
    bulk_save_as([article], by=by, reason=reason or "Begun")
    if changes.topics is not None:
        sign_history(article, by=by, reason=reason or "Begun").topics.set(changes.topics)
    bulk_save_as(
        [Authorship(article=article, person=person, position=n, interests=changes.interests.get(person.pk, "")) for n, person in enumerate(people, 1)],
        by=by,
        reason="Begun",
    )
    texts = [ArticleText(article=article, audience=audience, source=clean_text(source)) for audience, source in changes.texts.items()]
    if texts:
        bulk_save_as(texts, by=by, reason=reason or "Begun")
    _set_citations(article, changes.citations, by=by, number=1, reason=reason or "Begun")
    record(article, "create_draft", by=by, after="draft")
    return article


@transaction.atomic
def revise(article: Article, *, by: User, draft_number: int, changes: Changes, reason: str = "") -> Article:
    """Save the draft; the public page does not change. DraftConflict when it was saved since `draft_number` was opened."""
    if not policies.can_edit_draft(by, article):
        raise PermissionDenied("You may not edit this draft.")
    number = _take_number(article, draft_number)
    _save_fields(article, changes, by=by, number=number, reason=reason)
    _save_texts(article, changes.texts, by=by, number=number, reason=reason)
    _set_citations(article, changes.citations, by=by, number=number, reason=reason)
    _save_people(article, changes, by=by, number=number, reason=reason)
    return article


def _take_number(article: Article, seen: int) -> int:
    """Raise the draft number by compare-and-swap: of two savers who saw the same draft one wins, the other is told."""
    number, now = seen + 1, clock.now()
    if not Article.objects.filter(pk=article.pk, draft_number=seen).update(draft_number=number, saved_at=now):
        raise DraftConflict(Article.objects.values_list("draft_number", flat=True).get(pk=article.pk))
    article.draft_number, article.saved_at = number, now
    return number


def _save_fields(article: Article, changes: Changes, *, by: User, number: int, reason: str) -> None:
    if not changes.fields and changes.topics is None:
        return
    article.refresh_from_db()  # what the caller read may be older than the save before this one
    changed = {name: value for name, value in changes.fields.items() if name in FIELDS and getattr(article, name) != value}
    if changed:
        for name, value in changed.items():
            setattr(article, name, value)
        if not article.title.strip():
            raise NotReady("Give the article a question or title.")
        save_as(article, by=by, reason=reason)
    if changes.topics is not None:
        sign_history(article, by=by, reason=reason).topics.set(changes.topics)


def _save_texts(article: Article, texts: Mapping[str, str], *, by: User, number: int, reason: str) -> None:
    if not texts:
        return
    present = {text.audience: text for text in article.texts.filter(audience__in=list(texts))}
    for audience, source in texts.items():
        source = clean_text(source)
        text = present.get(audience) or ArticleText(article=article, audience=Audience(audience).value)
        if text.source != source:
            text.source, text.draft_number = source, number
            save_as(text, by=by, reason=reason)


def clean_text(source: str) -> str:
    """The text as it is kept: line feeds alone, no NUL, ending in one line feed."""
    tidy = source.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return tidy.rstrip() + "\n" if tidy.strip() else ""


def _set_citations(article: Article, changes: Iterable[CitationChange], *, by: User, number: int, reason: str) -> None:
    changes = list(changes)
    if not changes:
        return
    present = {c.key: c for c in Citation.objects.filter(article=article)} if number > 1 else {}
    new = []
    for change in changes:
        if not KEY.match(change.key):
            raise ValidationError(f"{change.key!r} cannot be a key: letters and digits, and - _ : . / between them.")
        citation = present.get(change.key)
        if change.reference is None:
            if citation:
                _remove_citation(citation, by=by, number=number, reason=reason)
            continue
        wanted = (change.reference.pk, change.cited_as_retracted, change.reason)
        if citation is None:
            new.append(Citation(article=article, key=change.key, draft_number=number, **_citation_fields(change)))
        elif (citation.reference_id, citation.cited_as_retracted, citation.retracted_reason) != wanted:
            for name, value in _citation_fields(change).items():
                setattr(citation, name, value)
            citation.draft_number = number
            save_as(citation, by=by, reason=reason)
    if new:
        bulk_save_as(new, by=by, reason=reason)


def _citation_fields(change: CitationChange) -> dict[str, Any]:
    if change.cited_as_retracted and not change.reason.strip():
        raise NotReady(f"Say why the retracted work @{change.key} is cited.")
    return {"reference": change.reference, "cited_as_retracted": change.cited_as_retracted, "retracted_reason": change.reason.strip()}


def _remove_citation(citation: Citation, *, by: User, number: int, reason: str) -> None:
    citation.draft_number = number
    sign_history(citation, by=by, reason=reason).delete()


def _save_people(article: Article, changes: Changes, *, by: User, number: int, reason: str) -> None:
    if changes.interests:
        for authorship in article.authorships.filter(person_id__in=list(changes.interests)):
            words = changes.interests[authorship.person_id].strip()
            if words != authorship.interests:
                authorship.interests, authorship.draft_number = words, number
                save_as(authorship, by=by, reason=reason)
    people = list(changes.authors)
    if people:
        known = set(article.authorships.values_list("person_id", flat=True))
        last = len(known)
        new = [Authorship(article=article, person=person, position=last + n, draft_number=number)
               for n, person in enumerate((p for p in people if p.pk not in known), 1)]
        if new:
            bulk_save_as(new, by=by, reason=reason)


@dataclass(frozen=True)
class Saved:
    """The draft as it stood after one save."""

    number: int
    fields: dict[str, Any]
    texts: dict[str, str]
    citations: dict[str, CitationChange]


def draft_at(article: Article, number: int) -> Saved:
    """The draft as it stood after save `number`, read from history; NotReady when there was no such save."""
    past = Article.history.filter(id=article.pk, draft_number__lte=number).order_by("-draft_number", "-history_id").first()
    if past is None or number < 1 or number > article.draft_number:
        raise NotReady("There is no such save of this draft.")
    texts = {}
    for audience in Audience.values:
        row = ArticleText.history.filter(article_id=article.pk, audience=audience, draft_number__lte=number).order_by("-draft_number", "-history_id").first()
        texts[audience] = row.source if row else ""
    fields = {"title": past.title, "summary": past.summary, "article_type_id": past.article_type_id, "language": past.language,
              "funding": past.funding, "sponsor": past.sponsor, "searched_until": past.searched_until}
    return Saved(number, fields, texts, _citations_at(article, number))


def _citations_at(article: Article, number: int) -> dict[str, CitationChange]:
    rows = Citation.history.filter(article_id=article.pk, draft_number__lte=number).order_by("draft_number", "history_id")
    latest = {row.key: row for row in rows}
    kept = {key: row for key, row in latest.items() if row.history_type != "-"}
    references = Reference.objects.in_bulk({row.reference_id for row in kept.values()})
    return {
        key: CitationChange(key, references[row.reference_id], row.cited_as_retracted, row.retracted_reason) for key, row in kept.items()
    }


@transaction.atomic
def restore_draft(article: Article, *, by: User, draft_number: int, number: int) -> Article:
    """Make an earlier save the draft again, as a new save: nothing in between is lost."""
    if not policies.can_edit_draft(by, article):
        raise PermissionDenied("You may not edit this draft.")
    past = draft_at(article, number)
    fields = {name: value for name, value in past.fields.items() if name != "article_type_id"}
    fields["article_type"] = ArticleType.objects.get(pk=past.fields["article_type_id"])
    gone = [CitationChange(key, None) for key in set(article.citations.values_list("key", flat=True)) - past.citations.keys()]
    changes = Changes(texts=past.texts, fields=fields, citations=[*past.citations.values(), *gone])
    return revise(article, by=by, draft_number=draft_number, changes=changes, reason=f"Restored save {number}")
