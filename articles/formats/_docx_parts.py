"""What a Word document says of its parts: styles, lists, links, notes, properties. Pure."""

import posixpath
from dataclasses import dataclass, field

from articles.formats import _archive, _xml
from articles.formats._archive import Archive
from articles.formats._xml import Element
from articles.formats.items import BadInput

OFFICE = "officeDocument"
_NOTHING = Element("nothing", {}, 0)


@dataclass(frozen=True)
class Style:
    """A style by the name that every language of Word keeps it under, and the level of its heading (0: none)."""

    name: str = ""
    level: int = 0


@dataclass
class Parts:
    """The parts of one document that its text needs."""

    body: Element
    styles: dict[str, Style] = field(default_factory=dict)
    numbered: dict[tuple[str, int], bool] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    footnotes: dict[str, Element] = field(default_factory=dict)
    endnotes: dict[str, Element] = field(default_factory=dict)
    title: str = ""
    language: str = ""
    has_comments: bool = False


def read(data: bytes) -> Parts:
    """The parts; BadInput when this is no Word document, or one that cannot be read."""
    archive = _archive.opened(data)
    name = _main_part(archive)
    document = _parsed(archive, name)
    body = document.first("body")
    if document.name != "document" or body is None:
        raise BadInput("This is not a Word document (DOCX).", name)
    folder = posixpath.dirname(name)
    styles = _parsed(archive, f"{folder}/styles.xml")
    core = _parsed(archive, "docProps/core.xml")
    comments = _parsed(archive, f"{folder}/comments.xml")
    return Parts(
        body=body,
        styles=_styles(styles),
        numbered=_lists(_parsed(archive, f"{folder}/numbering.xml")),
        links=_links(_parsed(archive, f"{folder}/_rels/{posixpath.basename(name)}.rels")),
        footnotes=_notes(_parsed(archive, f"{folder}/footnotes.xml"), "footnote"),
        endnotes=_notes(_parsed(archive, f"{folder}/endnotes.xml"), "endnote"),
        title=core.said("title"),
        language=core.said("language") or _language(styles),
        has_comments=any(comments.every("comment")),
    )


def _main_part(archive: Archive) -> str:
    """The name of the part that holds the text; where the document says none, where Word puts it."""
    rels = _parsed(archive, "_rels/.rels")
    targets = [each.get("Target").lstrip("/") for each in rels.every("Relationship") if each.get("Type").endswith(f"/{OFFICE}")]
    return next((name for name in (*targets, "word/document.xml") if archive.part(name)), "word/document.xml")


def _parsed(archive: Archive, name: str) -> Element:
    """A part as a tree; an empty one when there is no such part. A fault in it is told with the part's name."""
    data = archive.part(name)
    if not data:
        return _NOTHING
    try:
        return _xml.parse(data)
    except BadInput as error:
        raise BadInput(error.reason, name, error.line) from None


def _styles(styles: Element) -> dict[str, Style]:
    given = {each.get("styleId"): each for each in styles.every("style")}
    return {name: Style(_value(style, "name").lower(), _level(name, given)) for name, style in given.items()}


def _level(name: str, given: dict[str, Element]) -> int:
    """The level of a heading: of the style's own name or outline, else of the style that it is based on."""
    for _ in range(12):
        style = given.get(name)
        if style is None:
            return 0
        called = _value(style, "name").lower()
        if called.startswith("heading ") and called[8:9].isdigit():
            return int(called[8])
        outline = style.first("pPr", "outlineLvl")
        if outline is not None and outline.get("val").isdigit() and int(outline.get("val")) < 9:
            return int(outline.get("val")) + 1
        name = _value(style, "basedOn")
    return 0


def _value(element: Element, name: str) -> str:
    found = element.first(name)
    return found.get("val") if found is not None else ""


def _language(styles: Element) -> str:
    found = styles.first("docDefaults", "rPrDefault", "rPr", "lang")
    return found.get("val") if found is not None else ""


def _lists(numbering: Element) -> dict[tuple[str, int], bool]:
    """For each list and level whether its items bear numbers or letters, not signs."""
    kinds = {
        (each.get("abstractNumId"), _number(level.get("ilvl"))): _value(level, "numFmt") not in {"bullet", "none", ""}
        for each in numbering.every("abstractNum")
        for level in each.every("lvl")
    }
    return {
        (each.get("numId"), level): kinds.get((_value(each, "abstractNumId"), level), False) for each in numbering.every("num") for level in range(9)
    }


def _number(given: str) -> int:
    return int(given) if given.isdigit() and len(given) < 4 else 0


def _links(rels: Element) -> dict[str, str]:
    return {each.get("Id"): each.get("Target") for each in rels.every("Relationship") if each.get("TargetMode") == "External"}


def _notes(notes: Element, name: str) -> dict[str, Element]:
    return {each.get("id"): each for each in notes.every(name) if not each.get("type") or each.get("type") == "normal"}
