"""JATS, the XML in which medical journals keep their articles, from the NLM's DTD 2.3 to JATS 1.x."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from articles.formats import _jats_front, _jats_references, _xml
from articles.formats._flow import Order, escaped
from articles.formats._jats_body import Text
from articles.formats._jats_references import References
from articles.formats._page import Page
from articles.formats._xml import Element
from articles.formats.items import (
    BadInput,
    Found,
    Item,
    Place,
    Refusal,
    check_identity,
    examined,
    files_in,
    fitting_title,
    one_line,
    read_bytes,
    unseen,
)

MAX_FILE = 10_000_000
ENDINGS = (".xml", ".nxml", ".jats")
WITHIN = ("sub-article", "response")
SHORT = frozenset({"toc", "teaser", "web-summary", "synopsis", "precis", "short"})
PLAIN = frozenset({"plain-language-summary", "lay-summary", "plain-language", "patient-summary"})
MAX_SUMMARY = 2000
LONE_NOTES = frozenset({"fn-group"})


@dataclass(frozen=True)
class Parsed:
    """One article of a file, and how many links to its references its body has."""

    item: Item
    links: int


def read(path: Path) -> Iterator[Found]:
    """The articles of a file or folder; translations, replies and letters within one are articles of their own."""
    try:
        for file in files_in(path, ENDINGS):
            yield from _read_file(file)
    except BadInput as error:
        yield Refusal.of(error, str(path))


def _read_file(path: Path) -> Iterator[Found]:
    whole = path.resolve()
    try:
        identity = check_identity(one_line(f"jats:{whole.parent.name}/{whole.name}"))
        root = root_of(read_bytes(path, MAX_FILE))
    except BadInput as error:
        yield Refusal.of(error, str(path))
        return
    for name, element in _articles(root, identity):
        try:
            yield examined(parsed(element, root, name, str(path)).item)
        except BadInput as error:
            yield Refusal.of(error, str(path), element.line, name)


def root_of(data: bytes) -> Element:
    """The article that the XML holds; BadInput when it holds something else."""
    root = _xml.parse(data)
    found = root if root.name == "article" else next(root.within("article"), None) if root.name in {"pmc-articleset", "articles", "record"} else None
    if found is None:
        raise BadInput(f"This is not JATS: its outermost element is {one_line(root.name)[:40]}, not article.", line=root.line)
    return found


def _articles(root: Element, identity: str) -> Iterator[tuple[str, Element]]:
    """The article itself, then those within it, in order."""
    yield identity, root
    for number, inner in enumerate((each for each in root.within(*WITHIN) if each.first("body") is not None), 1):
        yield f"{identity}#{number}", inner


def parsed(article: Element, root: Element, identity: str, file: str) -> Parsed:
    """One article as an item; `root` is the article that it stands within, or itself."""
    told: list[str] = []
    meta = _jats_front.meta_of(article)
    title, whole_title = fitting_title(_jats_front.title(meta))
    language = _jats_front.language(article, root.get("lang"))
    references = _references(article, root, Path(file).name)
    said = _jats_front.statements(article, meta)
    text = Text(Order(references.works), references.keys, _notes(article), told.append, elsewhere=said.elements)
    summary, texts, links = _texts(article, meta, text, whole_title)
    _jats_front.other_languages(meta, told.append)
    told += references.told
    if note := unseen("".join(texts.values()), "text"):
        told.append(note)
    item = Item(
        identity=identity,
        place=Place(file, meta.line),
        title=title,
        texts=texts,
        kind=_jats_front.kind(article, meta, told.append),
        references=references.works,
        authors=_jats_front.authors(meta, told.append),
        topics=_jats_front.topics(meta, language),
        summary=summary,
        language=language,
        funding=" ".join(dict.fromkeys(said.funding)),
        interests=" ".join(dict.fromkeys(said.interests)),
        warnings=tuple(told),
    )
    return Parsed(item, links)


def _references(article: Element, root: Element, file: str) -> References:
    """The works of the article's own list; one within another also has those of the other's that it cites."""
    found = _jats_references.read(_own(article, "ref"), file)
    if article is root:
        return found
    cited = {name for link in _own(article, "xref") for name in link.get("rid").split()}
    more = _jats_references.read((ref for ref in _own(root, "ref") if ref.get("id") in cited and ref.get("id") not in found.keys), file)
    return References({**found.works, **more.works}, {**more.keys, **found.keys}, [*found.told, *more.told])


def _own(article: Element, *names: str) -> Iterator[Element]:
    """The elements of these names that are not those of an article within."""
    for child in article.children:
        if child.name in WITHIN:
            continue
        if child.name in names:
            yield child
        yield from _own(child, *names)


def _notes(article: Element) -> dict[str, Element]:
    back, body = article.first("back"), article.first("body")
    return {note.get("id"): note for part in (back, body) if part is not None for note in part.within("fn") if note.get("id")}


# ---- The text


def _texts(article: Element, meta: Element, text: Text, whole_title: str) -> tuple[str, dict[str, str], int]:
    """Summary, the texts by audience, and how many links to references the body has."""
    page, plain = Page(text.tell), Page(text.tell)
    page.whole_title(whole_title)
    summary = _abstracts(meta, text, page, plain)
    before = text.links
    if (body := article.first("body")) is not None:
        text.flow(body, page, 1)
    links = text.links - before
    for floats in article.every("floats-group", "floats-wrap"):
        text.flow(floats, page, 2)
    if (back := article.first("back")) is not None:
        _back(back, text, page)
    _related(meta, page)
    _all_notes(text, page)
    texts = {"plain": page.text} if _jats_front.stated(meta, "audience") == "plain" else {"professional": page.text, "plain": plain.text}
    return summary, {audience: words for audience, words in texts.items() if words}, links


def _abstracts(meta: Element, text: Text, page: Page, plain: Page) -> str:
    summary = ""
    for abstract in meta.every("abstract"):
        kind = abstract.get("abstract-type").lower()
        if kind in PLAIN:
            text.flow(abstract, plain, 1, skip=("title",))
            continue
        words = "\n".join(one_line(each.words) for each in abstract.within("p"))
        if kind in SHORT and not summary and 0 < len(words) <= MAX_SUMMARY:
            summary = words
            continue
        inner = Page(text.tell)
        text.flow(abstract, inner, 2, skip=("title", "label"))
        if inner.blocks:
            page.heading(1, text.words(abstract.first("title")) or (escaped(kind.replace("-", " ").capitalize()) if kind else "Abstract"))
            page.blocks += inner.blocks
    return summary


def _back(back: Element, text: Text, page: Page) -> None:
    """What stands behind the text: thanks, appendices, abbreviations; notes without a section of their own come last."""
    for part in back.children:
        if id(part) in text.elsewhere or part.name in LONE_NOTES or part.name == "ref-list":
            continue
        holder = Element("back", {}, part.line)
        holder.content.append(part)
        inner = Page(text.tell)
        text.flow(holder, inner, 1)
        if inner.blocks and part.first("title") is None and part.name in HEADS:
            page.heading(1, HEADS[part.name])
        page.blocks += inner.blocks
    for group in back.every("fn-group"):
        _note_group(group, text, page)


HEADS = {"ack": "Acknowledgements", "glossary": "Abbreviations", "notes": "Notes"}


def _note_group(group: Element, text: Text, page: Page) -> None:
    """The notes of a group that nothing in the text points at."""
    lone = [note for note in group.every("fn") if id(note) not in text.elsewhere | {id(group)} and note.get("id") not in text.numbered]
    inner = Page(text.tell)
    for note in lone if id(group) not in text.elsewhere else []:
        text.flow(note, inner, 2, skip=("label",))
    if inner.blocks:
        page.heading(1, text.words(group.first("title")) or "Notes")
        page.blocks += inner.blocks


def _related(meta: Element, page: Page) -> None:
    if lines := list(dict.fromkeys(_jats_front.related(meta))):
        page.heading(1, "Related articles")
        page.listed([[line] for line in lines], is_numbered=False)


def _all_notes(text: Text, page: Page) -> None:
    """The notes that the text points at, under their numbers; a note may point at another."""
    if not text.numbered:
        return
    page.heading(1, "Numbered notes")
    inner = {note.get("id") or f"inner-{n}": note for n, note in enumerate(text.inner)}
    done = 0
    while done < len(text.numbered):
        name = list(text.numbered)[done]
        done += 1
        found = Page(text.tell)
        if (note := text.notes.get(name) or inner.get(name)) is not None:
            text.flow(note, found, 2, skip=("label",))
        page.paragraph(f"Note {text.numbered[name]}: {found.blocks[0] if found.blocks else ''}".rstrip())
        page.blocks += found.blocks[1:]


