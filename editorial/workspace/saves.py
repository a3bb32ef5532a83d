"""The saves of a draft, read from history: who, when, why and what, in a number of queries that does not grow with it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import CharField, F, Max, Model, OuterRef, PositiveIntegerField, Q, QuerySet, Subquery, UUIDField, Value
from django.db.models.functions import Concat

from articles.clinical import Edition, Work
from articles.editions import details_of, of_draft, work_of
from articles.models import Article, ArticleText, Audience, Authorship, Citation, Reference
from records.models import Person
from records.prepared import Prepared

PAGE = 25
_PARTS = {"article": "details", "professional": "text for professionals", "plain": "plain-language text", "people": "authors and interests"}
_ORDER = {part: n for n, part in enumerate(["text for professionals", "plain-language text", "details", "authors and interests"])}


@dataclass
class Save:
    """One save of a draft."""

    number: int
    at: datetime
    user_id: int | None
    reason: str = ""
    who: str = ""
    parts: list[str] = field(default_factory=list)


def _rows(model: type[Model], article: Article, first: int, last: int, part: Any) -> QuerySet[Any]:
    """The saves that touched one kind of row, one line for each save and part."""
    is_article = model is Article
    found = model.history.filter(**{"id" if is_article else "article_id": article.pk}, draft_number__range=(first, last))  # type: ignore[attr-defined]
    return (
        found.order_by()
        .annotate(part=part)
        .values("draft_number", "part")
        .annotate(at=Max("history_date"), user=Max("history_user_id"), why=Max("history_change_reason"))
        .values_list("draft_number", "part", "at", "user", "why")
    )


def between(article: Article, first: int, last: int) -> list[Save]:
    """The saves with these numbers, newest first, with the names of those who made them. Two queries."""
    parts = [
        _rows(Article, article, first, last, Value("article", CharField())),
        _rows(ArticleText, article, first, last, F("audience")),
        _rows(Citation, article, first, last, Concat(Value("@"), F("key"), output_field=CharField())),
        _rows(Authorship, article, first, last, Value("people", CharField())),
    ]
    found: dict[int, Save] = {}
    keys: dict[int, list[str]] = {}
    for number, part, at, user, why in parts[0].union(*parts[1:], all=True):
        save = found.setdefault(number, Save(number, at, user, why or ""))
        save.reason = save.reason or why or ""
        if part.startswith("@"):
            keys.setdefault(number, []).append(part)
        else:
            save.parts.append(_PARTS[part])
    for number, cited in keys.items():
        found[number].parts.append(f"reference {cited[0]}" if len(cited) == 1 else f"{len(cited)} references")
    return _named(sorted(found.values(), key=lambda save: -save.number))


def _named(saves: list[Save]) -> list[Save]:
    names = dict(Person.objects.filter(user_id__in={save.user_id for save in saves if save.user_id}).values_list("user_id", "name"))
    for save in saves:
        save.who = names.get(save.user_id, "") if save.user_id else ""
        save.parts.sort(key=lambda part: _ORDER.get(part, len(_ORDER)))
    return saves


def last(article: Article) -> Save | None:
    """The save that made the draft what it is; None when it left no trace."""
    return next(iter(between(article, article.draft_number, article.draft_number)), None)


# ---- The draft as it stood, for comparing


@dataclass(frozen=True)
class Stood:
    """The texts and details of a draft after one save."""

    number: int
    texts: dict[str, str]
    details: dict[str, str]


def _newest(model: type[Model], number: int, **filters: Any) -> Subquery:
    rows = model.history.filter(draft_number__lte=number, **filters).order_by("-draft_number", "-history_id")  # type: ignore[attr-defined]
    return Subquery(rows.values("history_id")[:1])


def text_at(article: Article, audience: str, number: int) -> str | None:
    """One text after a save; None where there was no such save. One query."""
    if not 1 <= number <= article.draft_number:
        return None
    return _TEXT.first(article=article.pk, audience=audience, number=number) or ""


def two(article: Article, before: int, after: int) -> tuple[Stood, Stood]:
    """The draft after each of two saves. Two queries, however long its history."""
    texts = _TEXTS.all(article=article.pk, before=before, after=after)
    details = _DETAILS.all(article=article.pk, before=before, after=after)
    return _stood(before, texts, details), _stood(after, texts, details)


def _text(article: Any, audience: Any, number: Any) -> QuerySet[Any, Any]:
    rows = ArticleText.history.filter(article_id=article, audience=audience, draft_number__lte=number)
    return rows.order_by("-draft_number", "-history_id").values_list("source", flat=True)[:1]


def _texts(article: Any, before: Any, after: Any) -> QuerySet[Any, Any]:
    either = Q()
    for number in (before, after):
        for audience in Audience.values:
            either |= Q(history_id=_newest(ArticleText, number, article_id=article, audience=audience))
    return ArticleText.history.filter(either).values_list("audience", "draft_number", "source")


def _details(article: Any, before: Any, after: Any) -> QuerySet[Any, Any]:
    either = Q(history_id=_newest(Article, before, id=article)) | Q(history_id=_newest(Article, after, id=article))
    return Article.history.filter(either).select_related("article_type")


_TEXT = Prepared(_text, article=UUIDField(), audience=CharField(), number=PositiveIntegerField())
_TEXTS = Prepared(_texts, article=UUIDField(), before=PositiveIntegerField(), after=PositiveIntegerField())
_DETAILS = Prepared(_details, article=UUIDField(), before=PositiveIntegerField(), after=PositiveIntegerField())


def _stood(number: int, texts: list[Any], details: list[Any]) -> Stood:
    newest: dict[str, tuple[int, str]] = {}
    for audience, at, source in texts:
        if at <= number and at >= newest.get(audience, (0, ""))[0]:
            newest[audience] = (at, source)
    past = max((row for row in details if row.draft_number <= number), key=lambda row: (row.draft_number, row.history_id), default=None)
    words = {} if past is None else details_of(past, past.article_type.name)
    return Stood(number, {audience: newest[audience][1] for audience in Audience.values if audience in newest}, words)


def editions(article: Article, before: int, after: int) -> tuple[Edition, Edition]:
    """The draft after each of two saves, as it can be compared. Six queries, however long its history."""
    works = _works(article, before, after)
    one, other = (of_draft(stood.texts, works[stood.number], stood.details) for stood in two(article, before, after))
    return one, other


def _works(article: Article, before: int, after: int) -> dict[int, dict[str, Work]]:
    """The works that the keys stood for after each save: those of now, but for keys that changed since."""
    touched = set(Citation.history.filter(article_id=article.pk, draft_number__gt=before).order_by().values_list("key", flat=True))
    kept = list(Citation.objects.filter(article=article).exclude(key__in=touched).order_by("id"))
    stood = {number: [*kept, *rows] for number, rows in _citations_at(article, (before, after), touched).items()}
    works = Reference.objects.in_bulk({row.reference_id for rows in stood.values() for row in rows})
    return {number: {row.key: work_of(works[row.reference_id], works[row.reference_id].work_id, row) for row in rows} for number, rows in stood.items()}


def _citations_at(article: Article, numbers: tuple[int, ...], keys: set[str]) -> dict[int, list[Any]]:
    """The rows of these keys as they were after each save; a key that did not exist then has none."""
    either = Q()
    for number in numbers:
        either |= Q(history_id=_newest(Citation, number, article_id=article.pk, key=OuterRef("key")))
    rows = list(Citation.history.filter(either, article_id=article.pk, key__in=keys).order_by("id", "draft_number", "history_id"))
    stood = {number: {row.key: row for row in rows if row.draft_number <= number} for number in numbers}
    return {number: [row for row in found.values() if row.history_type != "-"] for number, found in stood.items()}
