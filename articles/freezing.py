"""Freezing a draft into a version: the one place where the text that will be reviewed, approved and published is made."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import PositiveIntegerField, QuerySet, UUIDField

from articles import checks
from articles.models import (
    Article,
    ArticleText,
    ArticleVersion,
    Authorship,
    Citation,
    VersionCitation,
    VersionHand,
    VersionReference,
    VersionText,
)
from articles.rendering import Rendered
from records import canonical
from records.canonical import Part
from records.models import PrintedName, User
from records.prepared import Prepared


@dataclass(frozen=True)
class Byline:
    """One author as printed: the words, and the two salted parts of the digest that stand for them."""

    authorship: Authorship
    printed: PrintedName
    parts: tuple[Part, Part]


@transaction.atomic
def freeze_version(article: Article, *, by: User, since: int, draft: checks.Draft | None = None) -> ArticleVersion:
    """Copy the draft into the next numbered version with its digest.

    `since` is the draft number of the version that was approved last (0: none): whoever saved the draft after it has
    a hand in this version. `draft` may be given when it was just read for the checks.
    """
    draft = draft or checks.read_draft(article)
    last = _LAST.first(article=article.pk)
    bylines = [_byline(authorship, n) for n, authorship in enumerate(article.authorships.all(), 1)]
    sources = {text.audience: text.source for text in article.texts.all() if text.audience in draft.rendered}
    keys = [key for key in draft.cited_keys if key in draft.citations]
    references = [_reference(draft, key) for key in keys]
    parts = [*_text_parts(sources, draft.rendered), canonical.part("references", [_reference_value(ref) for ref in references])]
    parts += [part for byline in bylines for part in byline.parts]
    version = ArticleVersion(
        article=article,
        number=last.number + 1 if last else 1,
        title=article.title,
        summary=article.summary,
        article_type=article.article_type,
        type_name=article.article_type.name,
        language=article.language,
        funding=article.funding,
        sponsor=article.sponsor,
        searched_until=article.searched_until,
        draft_number=article.draft_number,
        frozen_by=by,
    )
    parts.append(canonical.part("metadata", metadata(version)))
    version.parts = [part.as_list() for part in parts]
    version.digest = canonical.digest(parts)
    version.save()
    _freeze_texts(version, sources, draft.rendered, references, last)
    _freeze_hands(version, bylines, since)
    return version


def metadata(version: ArticleVersion) -> dict[str, Any]:
    """What of a version the digest's metadata part covers. Topics, slugs and dates of the review stand outside it.

    Until when evidence was searched is covered where it is stated: versions that say nothing of it keep the digest they were signed by.
    """
    searched = {"evidence_searched_until": version.searched_until.isoformat()} if version.searched_until else {}
    return searched | {
        "article": str(version.article_id),
        "version": version.number,
        "title": version.title,
        "summary": version.summary,
        "type": version.type_name,
        "language": version.language,
        "funding": version.funding,
        "sponsor": version.sponsor,
    }


def _text_parts(sources: Mapping[str, str], rendered: Mapping[str, Rendered | VersionText]) -> Iterator[Part]:
    for audience in sorted(rendered):
        yield canonical.part(f"{audience}:source", sources[audience])
        yield canonical.part(f"{audience}:html", rendered[audience].html)


def _byline(authorship: Authorship, position: int) -> Byline:
    words = {**authorship.person.printed(), "role": authorship.role}
    printed = PrintedName(person=authorship.person, words={**words, "interests": authorship.interests})
    parts = (
        canonical.part(f"author:{position}", words, canonical.new_salt()),
        canonical.part(f"interests:{position}", authorship.interests, canonical.new_salt()),
    )
    return Byline(authorship, printed, parts)


def _reference(draft: checks.Draft, key: str) -> VersionReference:
    citation, reference = draft.citations[key], draft.reference_of(key)
    fields = {name: getattr(reference, name) for name in VersionReference.FIELDS}
    return VersionReference(
        reference=reference,
        key=key,
        cited_as_retracted=citation.cited_as_retracted,
        retracted_reason=citation.retracted_reason,
        **fields,
    )


def _reference_value(reference: VersionReference) -> dict[str, Any]:
    """A reference as the digest covers it: dates as ISO 8601 text."""
    values = {name: getattr(reference, name) for name in VersionReference.FIELDS}
    for name in ("accessed_on", "online_on"):
        values[name] = values[name].isoformat() if values[name] else None
    return {
        "key": reference.key,
        "cited_as_retracted": reference.cited_as_retracted,
        "retracted_reason": reference.retracted_reason,
        **values,
    }


def _freeze_texts(
    version: ArticleVersion,
    sources: dict[str, str],
    rendered: dict[str, Rendered],
    references: list[VersionReference],
    last: ArticleVersion | None,
) -> None:
    before = {text.audience: text for text in last.texts.all()} if last else {}
    texts = [
        VersionText(
            version=version,
            audience=audience,
            source=sources[audience],
            html=text.html,
            headings=[[heading.id, heading.text] for heading in text.headings if heading.level == 2],
            changed_in=_changed_in(before.get(audience), sources[audience], version.number),
        )
        for audience, text in rendered.items()
    ]
    VersionText.objects.bulk_create(texts)
    for reference in references:
        reference.version = version
    by_key = {reference.key: reference for reference in VersionReference.objects.bulk_create(references)}
    VersionCitation.objects.bulk_create(
        VersionCitation(
            text=text,
            reference=by_key[place.key],
            number=place.number,
            occurrence=place.occurrence,
            block=place.block,
            locator=place.locator[:100],
        )
        for text in texts
        for place in rendered[text.audience].places
    )


def _changed_in(before: VersionText | None, source: str, number: int) -> int:
    return before.changed_in if before is not None and before.source == source else number


def _freeze_hands(version: ArticleVersion, bylines: list[Byline], since: int) -> None:
    PrintedName.objects.bulk_create(byline.printed for byline in bylines)
    hands = [
        VersionHand(
            version=version,
            kind=byline.authorship.role,
            person=byline.authorship.person,
            user_id=byline.authorship.person.user_id,
            position=position,
            printed_name_id=byline.printed.pk,
        )
        for position, byline in enumerate(bylines, 1)
    ]
    hands += [VersionHand(version=version, kind=VersionHand.Kind.SAVED, user_id=user_id) for user_id in savers(version.article, since)]
    VersionHand.objects.bulk_create(hands)


def savers(article: Article, since: int) -> list[int]:
    """The accounts that saved any part of the draft after save number `since`, from its history; one query."""
    return sorted(set(_SAVERS.all(article=article.pk, since=since)))


def _savers(article: Any, since: Any) -> QuerySet[Any, Any]:
    rows = [
        model.history.filter(**{"id" if model is Article else "article": article}, draft_number__gt=since, history_user__isnull=False)
        .order_by()
        .values_list("history_user_id", flat=True)
        for model in (Article, ArticleText, Citation, Authorship)
    ]
    return rows[0].union(*rows[1:])


_SAVERS = Prepared(_savers, article=UUIDField(), since=PositiveIntegerField())
_LAST = Prepared(
    lambda article: ArticleVersion.objects.filter(article=article).order_by("-number").prefetch_related("texts")[:1], article=UUIDField()
)


def recomputed_digest(version: ArticleVersion) -> str:
    """The digest computed anew from the stored rows; only a personal part whose words were erased keeps the hash it had."""
    salts = {name: salt for name, _, salt in version.parts}
    texts = {text.audience: text for text in version.texts.all()}
    now = {part.name: part for part in _text_parts({audience: text.source for audience, text in texts.items()}, texts)}
    now["references"] = canonical.part("references", [_reference_value(ref) for ref in version.references.all()])
    now |= {part.name: part for hand in version.hands.exclude(printed_name_id=None) for part in _byline_parts(hand, salts)}
    now["metadata"] = canonical.part("metadata", metadata(version))
    now |= {name: Part(name, sha, salt) for name, sha, salt in version.parts if salt and name not in now}
    return canonical.digest(now[name] for name in sorted(now, key=[*salts, *now].index))


def _byline_parts(hand: VersionHand, salts: dict[str, str]) -> Iterator[Part]:
    """The two parts of a byline whose words are still there, with the salts they had."""
    if (printed := hand.printed_name()) is not None:
        words = {name: value for name, value in printed.words.items() if name != "interests"}
        for name, value in ((f"author:{hand.position}", words), (f"interests:{hand.position}", printed.words["interests"])):
            yield canonical.part(name, value, salts.get(name, ""))
