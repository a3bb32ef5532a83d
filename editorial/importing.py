"""Bringing articles in from files: each becomes a draft once, is saved anew when its file changed, and is left alone once people touched it."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction

from articles import drafting, policies
from articles.drafting import Changes, CitationChange
from articles.formats import files
from articles.formats.items import BadInput, Found, Item, Place, Reader, Refusal
from articles.models import Article, ArticleType, Topic
from editorial import standards, workflow
from editorial.registry import People, Registry
from records.errors import NotReady
from records.models import Event, Person, User, record
from reviews.models import Submission

FORMATS: Mapping[str, Reader] = {"any": files.read, **files.READERS}
ACT = "import"
BATCH = 50
TAKEN, UPDATED, UNCHANGED, LEFT_ALONE, REFUSED = "taken", "updated", "unchanged", "left alone", "refused"
SUBMITTED, NOT_SUBMITTED = "submitted", "not submitted"
_EXPECTED = (NotReady, PermissionDenied, ValidationError, DatabaseError, BadInput)


@dataclass(frozen=True)
class Filing:
    """What is filed with every article that is imported to be submitted (COI-5)."""

    interests: str
    funding: str = "None declared"
    sponsor: str = "None declared"


@dataclass
class Result:
    """What became of one item: the outcome, its place, and everything there is to tell."""

    outcome: str
    place: Place
    identity: str = ""
    title: str = ""
    article: str = ""
    submission: str = ""
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether it was refused, or could not be submitted."""
        return self.outcome == REFUSED or self.submission == NOT_SUBMITTED


@dataclass(frozen=True)
class Past:
    """An article that was imported before: what its import wrote then, and which save of the draft that was."""

    article: Article
    digest: str
    draft_number: int

    @property
    def untouched(self) -> bool:
        """Whether nobody saved the draft since."""
        return self.article.draft_number == self.draft_number


def can_import(user: User) -> str:
    """Why this account cannot be the author of imported articles; empty when it can."""
    if not user.is_active or not policies.can_create_draft(user, None):
        return "This account may not write articles. Give it the role Authors first."
    return "" if Person.objects.filter(user=user).exists() else "This account has no printed name yet. Add the person first."


@dataclass
class Importer:
    """Takes items one by one, each in its own transaction; what it looked up is kept for the next ones."""

    by: User
    filing: Filing | None = None
    submit: bool = False
    kinds: dict[str, ArticleType] = field(default_factory=dict)
    seen: dict[bytes, tuple[str, Place]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        made = standards.make_types()
        self.kinds = {kind.key: kind for kind in [*ArticleType.objects.all(), *made]}
        self.registry = Registry(self.by)
        self.people = People()
        self.me = Person.objects.get(user=self.by)
        self.topics = {topic.name.lower(): topic for topic in Topic.objects.all()}

    def run(self, found: Iterable[Found]) -> Iterator[Result]:
        """The result of each item in turn; items are looked up fifty at a time, and no more than these are held."""
        rest = iter(found)
        while batch := list(islice(rest, BATCH)):
            items = [item for item in batch if isinstance(item, Item)]
            past = _past(items)
            new = [item for item in items if item.identity not in past or past[item.identity].digest != item.digest]
            self.registry.look_up(source for item in new for source in item.references.values())
            self.people.look_up(name for item in new for name in item.authors)
            for each in batch:
                yield self._refused(each) if isinstance(each, Refusal) else self._one(each, past)

    def _refused(self, refusal: Refusal) -> Result:
        return Result(REFUSED, refusal.place, refusal.identity, reasons=(refusal.reason,))

    def _one(self, item: Item, past: dict[str, Past]) -> Result:
        """Take one item; a refusal of the database or of an act is its own and costs no other item."""
        result = Result(REFUSED, item.place, item.identity, item.title, warnings=item.warnings)
        if again := self._again(item):
            result.outcome, result.reasons = again
            result.warnings = ()
            return result
        try:
            with transaction.atomic(), self._undone_together():
                article = self._take(item, past.get(item.identity), result)
        except _EXPECTED as error:
            result.outcome, result.reasons = REFUSED, _sentences(error)
            return result
        result.article = str(article.pk)
        if self.submit and result.outcome != LEFT_ALONE:
            self._submit(article, past.get(item.identity), result)
        return result

    @contextmanager
    def _undone_together(self) -> Iterator[None]:
        """What was entered for an item that fails is rolled back, so it is forgotten here too."""
        with self.registry.undone_together(), self.people.undone_together():
            yield

    def _again(self, item: Item) -> tuple[str, tuple[str, ...]] | None:
        """What to say of an identity that this run met before: the same words again are no fault, others are."""
        mark = hashlib.sha256(item.identity.encode()).digest()[:16]
        if mark not in self.seen:
            self.seen[mark] = (item.digest, item.place)
            return None
        digest, place = self.seen[mark]
        if digest == item.digest:
            return UNCHANGED, ()
        return REFUSED, (f"Another text with the same file name and number was read before, at {place}.",)

    # ---- The draft

    def _take(self, item: Item, before: Past | None, result: Result) -> Article:
        if before is None:
            article, result.outcome = self.create(item, result), TAKEN
        elif before.digest == item.digest:
            article, result.outcome, result.warnings = before.article, UNCHANGED, ()
        elif not before.untouched:
            article, result.outcome = before.article, LEFT_ALONE
            result.reasons = ("Its file changed, and so did the draft since it was imported: it is left as it is.",)
        else:
            article, result.outcome = self._revise(item, before.article, result), UPDATED
        return article

    def create(self, item: Item, result: Result) -> Article:
        """A draft with everything that the item holds."""
        people = self._bylines(item)
        article = drafting.create_draft(
            by=self.by,
            title=item.title,
            article_type=self._kind(item),
            authors=people,
            identity=item.identity,
            changes=self._changes(item, result, people),
            reason=_reason(item),
        )
        self._note(article, item.digest)
        return article

    def _kind(self, item: Item) -> ArticleType:
        """The type that the file names; one that we do not have is held to the strictest policy."""
        return self.kinds.get(item.kind) or self.kinds["treatment"]

    def _revise(self, item: Item, article: Article, result: Result) -> Article:
        """A new save with what the file says now; keys and texts that it has no more are taken away."""
        people = self._bylines(item)
        changes = self._changes(item, result, people)
        gone = [CitationChange(key, None) for key in article.citations.values_list("key", flat=True) if key not in item.references]
        emptied = {text.audience: "" for text in article.texts.all() if text.audience not in item.texts}
        changes = Changes(
            texts={**changes.texts, **emptied},
            fields={**changes.fields, "title": item.title, "article_type": self._kind(item)},
            topics=changes.topics,
            citations=[*changes.citations, *gone],
            interests=changes.interests,
            authors=people,
        )
        article = drafting.revise(article, by=self.by, draft_number=article.draft_number, changes=changes, reason=_reason(item))
        self._note(article, item.digest)
        return article

    def _changes(self, item: Item, result: Result, people: list[Person]) -> Changes:
        works, told = self.registry.references(item.references)
        result.warnings += told
        filed: dict[str, Any] = {"funding": self.filing.funding, "sponsor": self.filing.sponsor} if self.filing else {}
        filed |= {"funding": item.funding} if item.funding else {}
        return Changes(
            texts=item.texts,
            fields={"summary": item.summary, "language": item.language, **filed},
            topics=[self.topics[name.lower()] for name in item.topics if name.lower() in self.topics] or None,
            citations=[CitationChange(key, work) for key, work in works.items()],
            interests=self._interests(item, people),
        )

    def _interests(self, item: Item, people: list[Person]) -> dict[Any, str]:
        """The statement of the file is that of the people whom it names; what is filed with the import, that of everybody else."""
        filed = {person.pk: self.filing.interests for person in people} if self.filing else {}
        named = set(item.authors)
        return filed | ({person.pk: item.interests for person in people if person.name in named} if item.interests else {})

    def _bylines(self, item: Item) -> list[Person]:
        """The people whom the file names, then whoever imports it."""
        named = [self.me if name == self.me.name else self.people.named(name) for name in item.authors]
        return list({person.pk: person for person in [*named, self.me]}.values())

    def _note(self, article: Article, digest: str) -> None:
        """Keep on record what was imported, so that the next run knows what changed, and whether people touched it since."""
        record(article, ACT, by=self.by, after="draft", detail={"digest": digest, "draft_number": article.draft_number})

    # ---- To the board

    def _submit(self, article: Article, before: Past | None, result: Result) -> None:
        """Submit what this run wrote; of earlier drafts those that nobody touched and that were never submitted."""
        if result.outcome == UNCHANGED and (before is None or not before.untouched or Submission.objects.filter(article=article).exists()):
            return
        try:
            with transaction.atomic():
                if result.outcome == UNCHANGED and before is not None:
                    article = self._file(article, before.digest)
                workflow.submit(article, by=self.by, draft_number=article.draft_number)
        except _EXPECTED as error:
            result.submission, result.reasons = NOT_SUBMITTED, _sentences(error)
        else:
            result.submission = SUBMITTED

    def _file(self, article: Article, digest: str) -> Article:
        """File interests, funding and sponsor where a draft imported earlier has none yet."""
        people = list(article.authorships.filter(interests="").values_list("person_id", flat=True))
        blank = [name for name in ("funding", "sponsor") if not getattr(article, name).strip()]
        if self.filing is None or not (people or blank):
            return article
        changes = Changes(
            fields={name: getattr(self.filing, name) for name in blank},
            interests=dict.fromkeys(people, self.filing.interests),
        )
        article = drafting.revise(article, by=self.by, draft_number=article.draft_number, changes=changes, reason="Interests filed with the import")
        self._note(article, digest)
        return article


def begin(item: Item, *, by: User, article_type: ArticleType, audience: str = "") -> tuple[Article, tuple[str, ...]]:
    """A new draft of this person from an article that they brought, with what is to be told; its only text may be for another audience.

    It stands by itself: bringing the same file again begins another draft.
    """
    if reason := can_import(by):
        raise NotReady(reason)
    texts = {audience: next(iter(item.texts.values()))} if audience and len(item.texts) == 1 else item.texts
    own = replace(item, identity="", kind=article_type.key, texts=texts)
    with transaction.atomic():
        importer = Importer(by)
        importer.kinds[article_type.key] = article_type
        importer.registry.look_up(own.references.values())
        importer.people.look_up(own.authors)
        result = Result(TAKEN, own.place)
        return importer.create(own, result), result.warnings


def _past(items: Iterable[Item]) -> dict[str, Past]:
    """What is known of the items' articles: two queries."""
    articles = {article.identity: article for article in Article.objects.filter(identity__in=[item.identity for item in items])}
    events = Event.objects.filter(object_id__in=[article.pk for article in articles.values()], act=ACT).order_by("number") if articles else []
    details = {event.object_id: event.detail for event in events}
    return {
        identity: Past(article, str(detail.get("digest", "")), int(detail.get("draft_number", 0)))
        for identity, article in articles.items()
        for detail in [details.get(article.pk, {})]
    }


def _reason(item: Item) -> str:
    return f"Imported from {Path(item.place.file).name}"[:100]


def _sentences(error: Exception) -> tuple[str, ...]:
    """The refusal in sentences that may be shown; what a database says is not among them."""
    if isinstance(error, NotReady):
        return tuple(error.reasons)
    if isinstance(error, ValidationError):
        return tuple(error.messages)
    if isinstance(error, DatabaseError):
        return ("The database refused it: another process may have entered the same work or article. Import it again.",)
    return (str(error) or "This account may not do this.",)


def found_in(read: Callable[[Path], Iterator[Found]], paths: Iterable[Path]) -> Iterator[Found]:
    """What a format reads from all paths, one after the other."""
    for path in paths:
        yield from read(path)
