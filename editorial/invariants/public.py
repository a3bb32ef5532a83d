"""What is public: approved words and no others, one version at a time, and the notice that belongs to its state."""

import gzip
import zlib
from collections.abc import Iterator
from json import JSONDecoder
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery

from articles.models import VersionText
from articles.rendering import strip_marks
from editorial.finding import index
from editorial.invariants.registry import check
from editorial.models import PageNotice, Publication, PublishedPage, SearchEntry, TopicEntry
from editorial.pages.article import Spec
from editorial.pages.document import ROOT, Document
from editorial.pages.facts import publications_of, shown_of
from editorial.standing import APPROVALS, later_conflicts
from reviews.models import Submission

State = Publication.State


@check
def publications_follow_approvals() -> Iterator[str]:
    """What is or was public was approved, and one version of an article is public at most."""
    for key in Publication.objects.exclude(submission__state=Submission.State.APPROVED).values_list("pk", flat=True):
        yield f"Publication {key} is of a submission that was not approved."
    shown = Publication.objects.public().values("article").annotate(number=Count("pk")).filter(number__gt=1).order_by()
    for row in shown:
        yield f"Article {row['article']} has {row['number']} versions in public at once."


@check
def held_back_pages_say_so() -> Iterator[str]:
    """A notice that a page is withheld stands exactly while it is; nothing else keeps the marks of a withholding."""
    notice = PageNotice.objects.filter(article=OuterRef("article"), kind=PageNotice.Kind.WITHHELD, ends=None, ended_by=None)
    standing = Publication.objects.filter(state__in=[State.LIVE, State.WITHHELD]).annotate(is_said=Exists(notice)).order_by()
    for key, state, is_said in standing.exclude(state=State.WITHHELD, is_said=True).exclude(state=State.LIVE, is_said=False).values_list(
        "pk", "state", "is_said"
    ):
        yield f"Publication {key} is {state}, and a notice that it is withheld {'stands' if is_said else 'is missing'}."
    marked = Q(withheld_by_calendar=True) | (Q(state=State.LIVE) & (Q(withheld_on__isnull=False) | ~Q(withheld_reason="")))
    for key, state in Publication.objects.filter(marked).exclude(state=State.WITHHELD).order_by().values_list("pk", "state"):
        yield f"Publication {key} is {state} and is marked as withheld."


@check
def approvals_in_question_say_so() -> Iterator[str]:
    """Once a conflict of somebody it rests on became known, a page says that its approval is in question until the board approves anew (COI-6)."""
    said = PageNotice.objects.filter(article=OuterRef("article"), kind=PageNotice.Kind.IN_QUESTION, ends=None, ended_by=None)
    approvals = [OuterRef(OuterRef(name)) for name in APPROVALS]
    version = OuterRef(OuterRef("submission__version"))
    known = later_conflicts(OuterRef("article"), version=version, approvals=approvals, since=OuterRef("last_review__decided_at"))
    standing = Publication.objects.standing().annotate(is_said=Exists(said), is_known=Exists(known)).order_by()
    for key, is_said in standing.exclude(is_said=F("is_known")).values_list("pk", "is_said"):
        yield f"The approval of publication {key} is {'said to be in question, and is not' if is_said else 'in question, and its page does not say so'}."


@check
def lists_of_topics_hold_what_is_live() -> Iterator[str]:
    """A publication stands in the lists of its topics exactly while it is live, at the moment at which it became public; without any it says so."""
    live = Publication.topics.through.objects.filter(publication=OuterRef("publication"), topic=OuterRef("topic"), publication__state=State.LIVE)
    same = live.filter(publication__published_at=OuterRef("published_at"))
    for publication, topic in TopicEntry.objects.filter(~Exists(same)).order_by().values_list("publication", "topic"):
        yield f"Publication {publication} stands in the list of topic {topic}, and should not."
    entry = TopicEntry.objects.filter(publication=OuterRef("publication"), topic=OuterRef("topic"))
    missing = Publication.topics.through.objects.filter(~Exists(entry), publication__state=State.LIVE).order_by()
    for publication, topic in missing.values_list("publication", "topic"):
        yield f"Publication {publication} is missing in the list of topic {topic}."
    topics = Publication.topics.through.objects.filter(publication=OuterRef("pk"))
    for key, is_loose in Publication.objects.live().filter(is_loose=Exists(topics)).order_by().values_list("pk", "is_loose"):
        yield f"Publication {key} {'has topics, and is marked as having none' if is_loose else 'has no topic, and is not marked so'}."


@check
def pages_show_what_was_approved() -> Iterator[str]:
    """Each public page holds the frozen text of its approved version, or none where the text is withheld; no other page exists."""
    articles = PublishedPage.objects.order_by().values_list("article", flat=True)
    for key in articles.union(Publication.objects.public().order_by().values_list("article", flat=True)):
        yield from _pages_of(key)


@check
def searches_find_what_was_approved() -> Iterator[str]:
    """What a search finds, and an answer quotes, are the frozen words of what is live, and no others."""
    text = VersionText.objects.filter(version=OuterRef("publication__submission__version"), audience=OuterRef("audience")).values("html")[:1]
    entries = SearchEntry.objects.annotate(html=Subquery(text), state=F("publication__state")).only("article", "audience", "passages").order_by()
    for entry in entries.iterator(chunk_size=100):
        said = [[block, section, words] for block, section, words, _ in index.passages_of(entry.html or "")]
        if entry.state != State.LIVE or said != [row[:3] for row in entry.passages]:
            yield f"A search finds words of article {entry.article_id}, for readers of the {entry.audience} text, that are not those of its public page."


def _pages_of(article_id: Any) -> Iterator[str]:
    publications = publications_of(article_id)
    shown = shown_of(publications)
    pages = list(PublishedPage.objects.filter(article=article_id))
    for page in pages:
        if not _is_same_packed(page):
            yield f"The page {page.path} says something else where it is sent compressed."
    found = {page.path: strip_marks(_words_of(page)) for page in pages}
    expected = dict(_expected(publications, shown)) if shown else {}
    for path in found.keys() ^ expected.keys():
        yield f"The page {path} {'should not be there' if path in found else 'is missing'}."
    for path in found.keys() & expected.keys():
        right, wrong = expected[path]
        if any(text not in found[path] for text in right):
            yield f"The page {path} does not hold the words that were approved."
        if any(text in found[path] for text in wrong):
            yield f"The page {path} holds words that it should not."


def _is_same_packed(page: PublishedPage) -> bool:
    """Whether most readers, who get the compressed bytes, get the same as the others."""
    try:
        return gzip.decompress(page.gzipped) == bytes(page.body)
    except (OSError, EOFError, zlib.error):
        return False


def _words_of(page: PublishedPage) -> str:
    """A page as it is sent; of a document of the API the texts in it, and whatever does not belong into one."""
    body = bytes(page.body).decode()
    if not page.path.startswith(ROOT):
        return body
    said, end = JSONDecoder().raw_decode(body)
    return "".join([*(text["html"] or "" for text in said["texts"]), body[end:]])


def _expected(publications: tuple[Publication, ...], shown: Publication) -> Iterator[tuple[str, tuple[set[str], set[str]]]]:
    """Path → the frozen texts that its page holds, and those of this article that it must not hold."""
    texts = VersionText.objects.filter(version__article=shown.article_id).values_list("version", "audience", "html")
    html = {(version, audience): words for version, audience, words in texts}
    slug, own = shown.slug, shown.submission.version_id  # type: ignore[attr-defined]
    yield Document(shown).path(slug), _parted({words for (version, _), words in html.items() if version == own}, html, shown)
    for audience in ("professional", "plain"):
        for spec in [Spec(shown, audience, False), *(Spec(publication, audience, True) for publication in publications)]:
            text = html.get((spec.publication.submission.version_id, audience))
            yield spec.path(slug), _parted({text} if text else set(), html, shown)


def _parted(right: set[str], html: dict[Any, str], shown: Publication) -> tuple[set[str], set[str]]:
    """The texts that an address is for, none where a notice stands in their place; and all others that are not part of them."""
    right = set() if shown.hides_text else right
    return right, {words for words in html.values() if not any(words in text for text in right)}
