"""An article as a file to take away: the draft as it stands, or a version as it was frozen, as Markdown or JATS."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from articles.citations import Source
from articles.formats import to_jats, to_markdown
from articles.formats.items import Item, Place, lines, one_line
from articles.formats.to_jats import Journal
from articles.models import Article, ArticleVersion, VersionHand
from records.models import PrintedName


@dataclass(frozen=True)
class Format:
    """How a file of one format is written, and what it is called."""

    write: Callable[[Item, Journal], str]
    content_type: str
    ending: str


FORMATS: Mapping[str, Format] = {
    "markdown": Format(lambda item, _: to_markdown.write(item), "text/markdown", "md"),
    "jats": Format(to_jats.write, "application/xml", "xml"),
}


def of_draft(article: Article) -> Item:
    """The draft: its texts, the works that its keys point at now, and what its authors filed."""
    cited = article.citations.select_related("reference__merged_into").order_by("id")
    people = list(article.authorships.select_related("person"))
    return _item(
        article,
        texts={text.audience: text.source for text in article.texts.all()},
        references={citation.key: Source.of(citation.reference.work) for citation in cited},
        people=[(each.person.name, each.interests) for each in people if each.role == "author"],
        topics=article.topics.all(),
    )


def of_version(version: ArticleVersion) -> Item:
    """A version as it was frozen; names that were erased since are not in it."""
    hands = list(version.hands.filter(kind=VersionHand.Kind.AUTHOR))
    printed = PrintedName.objects.in_bulk([hand.printed_name_id for hand in hands if hand.printed_name_id])
    words = [printed[hand.printed_name_id].words for hand in hands if hand.printed_name_id in printed]
    return _item(
        version,
        texts={text.audience: text.source for text in version.texts.all()},
        references={work.key: Source.of(work) for work in version.references.all()},
        people=[(each.get("name", ""), each.get("interests", "")) for each in words],
        topics=version.article.topics.all(),
    )


def _item(of: Article | ArticleVersion, *, texts: Mapping[str, str], references: Mapping[str, Source], people: list[tuple[str, str]], topics: Iterable[object]) -> Item:
    names = [one_line(name) for name, _ in people if name]
    return Item(
        identity="",
        place=Place(""),
        title=one_line(of.title),
        texts={audience: lines(source) for audience, source in texts.items() if source.strip()},
        kind=of.article_type.key,
        references=references,
        authors=tuple(dict.fromkeys(names)),
        topics=tuple(one_line(str(topic)) for topic in topics),
        summary=lines(of.summary).strip(),
        language=of.language,
        funding=lines(of.funding).strip(),
        interests="\n".join(f"{one_line(name)}: {one_line(words)}" for name, words in people if name and words.strip()),
    )
