"""An article as JATS (Journal Publishing 1.1), the XML that journals and archives exchange. Our own import reads it back as the same article. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from markdown_it.token import Token

from articles._markdown import CALLOUTS, parser
from articles.citations import Cited, Source, check_url
from articles.formats._jats_references import FORMS
from articles.formats.items import Item, lines

DOCTYPE = (
    '<!DOCTYPE article PUBLIC "-//NLM//DTD JATS (Z39.96) Journal Publishing DTD v1.1 20151215//EN" '
    '"http://jats.nlm.nih.gov/publishing/1.1/JATS-journalpublishing1.dtd">'
)
TYPES = {form: named for named, form in reversed(FORMS.items())}
TAGS = {"em": "italic", "strong": "bold", "sup": "sup", "sub": "sub"}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9._-]*\Z")
_PAGES = re.compile(r"([A-Za-z]?[0-9]{1,8}[A-Za-z]?)-([A-Za-z]?[0-9]{1,8}[A-Za-z]?)\Z")
_NOT_XML = re.compile("[\ufffe\uffff]")
XLINK = "http://www.w3.org/1999/xlink"


@dataclass(frozen=True)
class Journal:
    """Who publishes the article: what JATS asks of every one."""

    title: str
    publisher: str
    year: int


def write(item: Item, journal: Journal) -> str:
    """The article as JATS. The text for professionals is its body, that for patients its plain-language summary; a lone text is the body."""
    ids = {key: key if _NAME.match(key) else f"r{number}" for number, key in enumerate(item.references, 1)}
    main = "professional" if item.texts.get("professional", "").strip() else next(iter(item.texts), "professional")
    root = ET.Element("article", {"xmlns:xlink": XLINK, "article-type": "other", "dtd-version": "1.1", "xml:lang": item.language})
    front = ET.SubElement(root, "front")
    _journal(front, journal)
    meta = ET.SubElement(front, "article-meta")
    body = ET.SubElement(root, "body")
    writer = Writer(ids, {key: number for number, key in enumerate(item.references, 1)})
    abstract = writer.write(item.texts.get(main, ""), body)
    _about(meta, item, journal.year)
    if abstract is not None:
        meta.append(abstract)
    if item.summary:
        _paragraphs(ET.SubElement(meta, "abstract", {"abstract-type": "short"}), item.summary)
    if main == "professional" and item.texts.get("plain", "").strip():
        writer.write(item.texts["plain"], ET.SubElement(meta, "abstract", {"abstract-type": "plain-language-summary"}), has_abstract=False)
    _behind_abstracts(meta, item, main)
    if item.references:
        _references(ET.SubElement(ET.SubElement(root, "back"), "ref-list"), item.references, ids)
    if not len(body):
        ET.SubElement(body, "p")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{DOCTYPE}\n{ET.tostring(root, encoding="unicode")}\n'


def _said(parent: ET.Element, name: str, words: str, attributes: Mapping[str, str] | None = None) -> None:
    """An element with words; without words there is none."""
    if words:
        ET.SubElement(parent, name, dict(attributes or {})).text = _clean(words)


def _clean(words: str) -> str:
    return _NOT_XML.sub("", lines(words))


def _paragraphs(parent: ET.Element, words: str) -> None:
    for part in words.split("\n"):
        _said(parent, "p", part.strip())


# ---- The front


def _journal(front: ET.Element, journal: Journal) -> None:
    meta = ET.SubElement(front, "journal-meta")
    _said(meta, "journal-id", journal.title or "-", {"journal-id-type": "publisher-id"})
    _said(ET.SubElement(meta, "journal-title-group"), "journal-title", journal.title or "-")
    ET.SubElement(meta, "issn").text = ""
    _said(ET.SubElement(meta, "publisher"), "publisher-name", journal.publisher or journal.title or "-")


def _about(meta: ET.Element, item: Item, year: int) -> None:
    """Title, authors and their interests, in the order that the DTD asks for."""
    _said(ET.SubElement(meta, "title-group"), "article-title", item.title)
    if item.authors:
        group = ET.SubElement(meta, "contrib-group")
        for name in item.authors:
            _said(ET.SubElement(ET.SubElement(group, "contrib", {"contrib-type": "author"}), "name-alternatives"), "string-name", name)
    if item.interests:
        notes = ET.SubElement(meta, "author-notes")
        _paragraphs(ET.SubElement(notes, "fn", {"fn-type": "conflict"}), item.interests)
    date = ET.SubElement(meta, "pub-date", {"pub-type": "epub"})
    _said(date, "year", str(year))


def _behind_abstracts(meta: ET.Element, item: Item, main: str) -> None:
    if item.topics:
        words = ET.SubElement(meta, "kwd-group", {"xml:lang": item.language})
        for topic in item.topics:
            _said(words, "kwd", topic)
    if item.funding:
        _said(ET.SubElement(meta, "funding-group"), "funding-statement", item.funding)
    facts = ET.SubElement(meta, "custom-meta-group")
    for name, value in (("article-type", item.kind), ("audience", main)):
        fact = ET.SubElement(facts, "custom-meta")
        _said(fact, "meta-name", name)
        _said(fact, "meta-value", value)


# ---- References


def _references(holder: ET.Element, works: Mapping[str, Source], ids: Mapping[str, str]) -> None:
    for number, (key, work) in enumerate(works.items(), 1):
        ref = ET.SubElement(holder, "ref", {"id": ids[key], **({"specific-use": key} if ids[key] != key else {})})
        _said(ref, "label", str(number))
        named = {"publication-type": TYPES.get(work.form, work.form), "specific-use": f"kind:{work.kind} form:{work.form}"}
        _work(ET.SubElement(ref, "element-citation", named), work)


def _work(cited: ET.Element, work: Source) -> None:
    for names, kind in ((work.authors, "author"), (work.editors, "editor")):
        people = [name.strip() for name in names.split(";") if name.strip()]
        group = ET.SubElement(cited, "person-group", {"person-group-type": kind}) if people else cited
        for name in people:
            _person(group, name)
    is_whole = not work.source and work.form == "book"
    _said(cited, "source" if is_whole else "chapter-title" if work.form == "chapter" else "article-title", work.title)
    _said(cited, "source", work.source)
    for name, words in (("year", str(work.year or "")), ("volume", work.volume), ("issue", work.issue), ("edition", work.edition)):
        _said(cited, name, words)
    pages = _PAGES.match(work.pages)
    for name, words in (("fpage", pages[1]), ("lpage", pages[2])) if pages and pages[1] != pages[2] else (("page-range", work.pages),):
        _said(cited, name, words)
    _said(cited, "publisher-loc", work.place)
    _said(cited, "publisher-name", work.publisher)
    _said(cited, "institution", work.issuing_body, {"content-type": "issuing-body"})
    _said(cited, "isbn", work.isbn)
    for kind, words in (("doi", work.doi), ("pmid", work.pmid), ("pmcid", work.pmcid)):
        _said(cited, "pub-id", words, {"pub-id-type": kind})
    if work.url:
        _said(cited, "ext-link", work.url, {"ext-link-type": "uri", "xlink:href": work.url})
    if work.online_on:
        _said(cited, "date", work.online_on.isoformat(), {"date-type": "epub", "iso-8601-date": work.online_on.isoformat()})
    if work.accessed_on:
        _said(cited, "date-in-citation", work.accessed_on.isoformat(), {"content-type": "access-date", "iso-8601-date": work.accessed_on.isoformat()})


def _person(group: ET.Element, name: str) -> None:
    family, comma, given = (part.strip() for part in name.partition(","))
    if not comma:
        _said(group, "collab", name)
        return
    person = ET.SubElement(group, "name")
    _said(person, "surname", family)
    _said(person, "given-names", given)


# ---- The text


@dataclass
class Writer:
    """Writes the tokens of our Markdown as JATS; a section begins with each heading."""

    ids: Mapping[str, str]
    numbers: Mapping[str, int]
    sections: list[tuple[int, ET.Element]] = field(default_factory=list)

    def write(self, source: str, holder: ET.Element, *, has_abstract: bool = True) -> ET.Element | None:
        """All blocks into the holder. A text that begins with a section “Abstract” has that returned as one."""
        tokens = parser().parse(_clean(source))
        self._blocks(tokens, holder, is_sectioned=True)
        first = holder[0] if len(holder) else None
        if not has_abstract:
            _only_paragraphs(holder)
            return None
        if first is None or first.tag != "sec" or (first.findtext("title") or "").strip() != "Abstract":
            return None
        holder.remove(first)
        first.remove(first[0])
        first.tag = "abstract"
        _only_paragraphs(first)
        return first if len(first) else None

    def _blocks(self, tokens: Sequence[Token], holder: ET.Element, *, is_sectioned: bool) -> None:
        outer, self.sections = self.sections, [(0, holder)]
        at = 0
        while at < len(tokens):
            end = _closing(tokens, at)
            self._block(tokens[at], tokens[at + 1 : end], is_sectioned=is_sectioned)
            at = end + 1
        self.sections = outer

    def _block(self, token: Token, inner: Sequence[Token], *, is_sectioned: bool) -> None:
        parent = self.sections[-1][1]
        match token.type:
            case "heading_open" if is_sectioned:
                self._section(int(token.tag[1]), inner[0])
            case "heading_open":
                self._inline(ET.SubElement(ET.SubElement(parent, "p"), "bold"), inner[0])
            case "paragraph_open":
                self._inline(ET.SubElement(parent, "p"), inner[0])
            case "bullet_list_open" | "ordered_list_open":
                self._list(token, inner, parent)
            case "blockquote_open":
                self._blocks(inner, ET.SubElement(parent, "disp-quote"), is_sectioned=False)
            case "container_open":
                self._box(token, inner, parent, is_sectioned=is_sectioned)
            case "table_open":
                self._table(inner, ET.SubElement(ET.SubElement(parent, "table-wrap"), "table"))
            case "fence":
                ET.SubElement(parent, "preformat", {"xml:space": "preserve"}).text = token.content.removesuffix("\n")
            case "hr":
                ET.SubElement(parent, "p").text = "⁂"

    def _section(self, level: int, title: Token) -> None:
        while self.sections[-1][0] >= level:
            self.sections.pop()
        section = ET.SubElement(self.sections[-1][1], "sec")
        self._inline(ET.SubElement(section, "title"), title)
        self.sections.append((level, section))

    def _list(self, token: Token, inner: Sequence[Token], parent: ET.Element) -> None:
        start = int(token.attrs.get("start", 1))
        kind = {"list-type": "order" if token.type.startswith("ordered") else "bullet"}
        made = ET.SubElement(parent, "list", {**kind, **({"specific-use": f"start:{start}"} if start != 1 else {})})
        at = 0
        while at < len(inner):
            end = _closing(inner, at)
            item = ET.SubElement(made, "list-item")
            self._blocks(inner[at + 1 : end], item, is_sectioned=False)
            if not len(item):
                ET.SubElement(item, "p")
            at = end + 1

    def _box(self, token: Token, inner: Sequence[Token], parent: ET.Element, *, is_sectioned: bool) -> None:
        """A call-out with its title; a container of any other name is opened."""
        if token.info not in CALLOUTS:
            at = 0
            while at < len(inner):
                end = _closing(inner, at)
                self._block(inner[at], inner[at + 1 : end], is_sectioned=is_sectioned)
                at = end + 1
            return
        box = ET.SubElement(parent, "boxed-text", {"content-type": token.info})
        if inner[1].children:
            self._inline(ET.SubElement(ET.SubElement(box, "caption"), "title"), inner[1])
        self._blocks(inner[3:], box, is_sectioned=True)

    def _table(self, tokens: Sequence[Token], table: ET.Element) -> None:
        now = table
        stack = [table]
        for token in tokens:
            if token.type == "inline":
                self._inline(now, token)
            elif token.nesting > 0:
                now = ET.SubElement(now, token.tag)
                stack.append(now)
            elif token.nesting < 0:
                stack.pop()
                now = stack[-1]
        if table.find("tbody") is None and (head := table.find("thead")) is not None:
            table.extend(head)
            table.remove(head)

    # ---- Within a line

    def _inline(self, holder: ET.Element, token: Token) -> None:
        stack = [holder]
        for child in token.children or []:
            now = stack[-1]
            match child.type:
                case "text" | "text_special":
                    _append(now, child.content)
                case "softbreak" | "hardbreak":
                    _append(now, " ")
                case "code_inline":
                    ET.SubElement(now, "monospace").text = child.content
                case "citation":
                    self._cite(now, child.meta["cited"], child.markup)
                case "link_open":
                    stack.append(_link(now, str(child.attrs["href"])))
                case "em_open" | "strong_open" | "sup_open" | "sub_open":
                    stack.append(ET.SubElement(now, TAGS[child.tag]))
                case "link_close" | "em_close" | "strong_close" | "sup_close" | "sub_close":
                    stack.pop()

    def _cite(self, now: ET.Element, cited: Sequence[Cited], markup: str) -> None:
        if any(each.key not in self.ids for each in cited):
            _append(now, markup)
            return
        for n, each in enumerate(cited):
            _append(now, ", " if n else "[")
            where = {"specific-use": each.locator} if each.locator else {}
            ET.SubElement(now, "xref", {"ref-type": "bibr", "rid": self.ids[each.key], **where}).text = str(self.numbers[each.key])
        _append(now, "]")


def _link(now: ET.Element, address: str) -> ET.Element:
    """A link to the web; of any other the words alone."""
    try:
        return ET.SubElement(now, "ext-link", {"ext-link-type": "uri", "xlink:href": check_url(address)})
    except ValueError:
        return ET.SubElement(now, "named-content", {"content-type": "words"})


def _only_paragraphs(abstract: ET.Element) -> None:
    """What an abstract may not hold by itself stands in a paragraph of it."""
    for n, child in enumerate(list(abstract)):
        if child.tag not in {"title", "p", "sec"}:
            abstract.remove(child)
            holder = ET.Element("p")
            holder.append(child)
            abstract.insert(n, holder)


def _append(holder: ET.Element, words: str) -> None:
    if len(holder):
        holder[-1].tail = (holder[-1].tail or "") + words
    else:
        holder.text = (holder.text or "") + words


def _closing(tokens: Sequence[Token], at: int) -> int:
    """The token that closes the one at a place; itself when it opens nothing."""
    depth = 0
    for n in range(at, len(tokens)):
        depth += tokens[n].nesting
        if depth <= 0:
            return n
    return len(tokens) - 1
