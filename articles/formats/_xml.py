"""XML of others as a small tree: nothing in it is obeyed or fetched, and a file that could grow is refused before it does. Pure.

A document type that only names an outside definition is passed over unread, for every JATS file has one; one that defines anything itself is
refused, as are entities and XInclude. Named characters of that outside definition (`&nbsp;`) are those of HTML.
"""

import re
from collections.abc import Iterator
from html.entities import html5
from typing import Any
from xml.parsers.expat import XML_PARAM_ENTITY_PARSING_NEVER
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler, feature_external_ges, feature_external_pes
from xml.sax.xmlreader import Locator

from defusedxml.common import DefusedXmlException, DTDForbidden
from defusedxml.expatreader import DefusedExpatParser

from articles.formats.items import BadInput, one_line

MAX_ELEMENTS = 150_000
MAX_DEPTH = 100
CHUNK = 65_536
XINCLUDE = "http://www.w3.org/2001/XInclude"
_ENCODING = re.compile(rb"<\?xml[^>]{0,200}encoding\s*=\s*[\"']([^\"'>]{1,40})[\"']")


class Element:
    """One element: its name and attributes without prefixes, its line, and what it holds in order: words and elements."""

    __slots__ = ("attributes", "content", "line", "name")

    def __init__(self, name: str, attributes: dict[str, str], line: int) -> None:
        self.name, self.attributes, self.line = name, attributes, line
        self.content: list[str | Element] = []

    def get(self, name: str) -> str:
        """An attribute; empty when it is not there."""
        return self.attributes.get(name, "")

    @property
    def children(self) -> "Iterator[Element]":
        """The elements that stand directly in it."""
        return (part for part in self.content if isinstance(part, Element))

    def every(self, *names: str) -> "Iterator[Element]":
        """The elements of these names that stand directly in it."""
        return (child for child in self.children if child.name in names)

    def first(self, *path: str) -> "Element | None":
        """The first element along a path of names; None when there is none."""
        now: Element | None = self
        for name in path:
            now = next(now.every(name), None) if now is not None else None
        return now

    def within(self, *names: str) -> "Iterator[Element]":
        """The elements of these names anywhere below it, in reading order; without names, all."""
        for child in self.children:
            if not names or child.name in names:
                yield child
            yield from child.within(*names)

    @property
    def words(self) -> str:
        """All words in it, as they stand."""
        return "".join(part if isinstance(part, str) else part.words for part in self.content)

    def said(self, *path: str) -> str:
        """The words of the first element along a path, on one line; empty when there is none."""
        found = self.first(*path)
        return one_line(found.words) if found is not None else ""


def parse(data: bytes) -> Element:
    """The outermost element. BadInput names the line of a fault, and says when something in the file is refused."""
    parser = _Parser()
    builder = _Builder(parser)
    parser.setContentHandler(builder)
    try:
        for start in range(0, len(data), CHUNK):
            parser.feed(data[start : start + CHUNK])
        parser.close()
    except DTDForbidden:
        raise BadInput("XML whose document type (DOCTYPE) defines anything itself is not read.", "DOCTYPE", builder.where) from None
    except DefusedXmlException:
        raise BadInput("XML that defines entities, or asks for other files, is not read.", "DOCTYPE", builder.where) from None
    except SAXParseException as error:
        raise BadInput(f"The XML is broken here: {_reason(error)}.", line=error.getLineNumber() or 0) from None
    except (SAXException, ValueError, LookupError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput("The XML cannot be read: its encoding is not one that we know.", line=1) from None
    if builder.root is None:
        raise BadInput("The file holds no XML.")
    return builder.root


def _reason(error: SAXParseException) -> str:
    said = one_line(error.getMessage())
    return {"no element found": "the file ends before its last element does", "not well-formed (invalid token)": "this is not XML"}.get(said, said)


class _Parser(DefusedExpatParser):
    """Expat that loads nothing: an outside definition is never asked for, and an inner one never read."""

    def __init__(self) -> None:
        super().__init__(forbid_dtd=True, forbid_entities=True, forbid_external=True)
        self.setFeature(feature_external_ges, False)
        self.setFeature(feature_external_pes, False)

    def defused_start_doctype_decl(self, name: str, sysid: str | None, pubid: str | None, has_internal_subset: int) -> None:
        """Let pass a document type that only names where its definition would be."""
        if has_internal_subset:
            raise DTDForbidden(name, sysid, pubid)

    def reset(self) -> None:
        """Begin anew, with the outside definition passed over."""
        super().reset()
        self._parser.SetParamEntityParsing(XML_PARAM_ENTITY_PARSING_NEVER)


class _Builder(ContentHandler):
    """Builds the tree as the parser passes, within bounds of size and depth."""

    def __init__(self, locator: Locator) -> None:
        super().__init__()
        self.locator = locator
        self.root: Element | None = None
        self.open: list[Element] = []
        self.count = 0

    @property
    def where(self) -> int:
        """The line that is being read."""
        return int(self.locator.getLineNumber() or 0)

    def startElement(self, name: str, attrs: Any) -> None:
        """Begin an element; BadInput when there are too many, or one asks for another file."""
        self.count += 1
        attributes = {key.rpartition(":")[2]: value for key, value in attrs.items() if not key.startswith("xmlns")}
        if XINCLUDE in attrs.values():
            raise BadInput("XML that asks for other files (XInclude) is not read.", one_line(name)[:60], self.where)
        if self.count > MAX_ELEMENTS or len(self.open) >= MAX_DEPTH:
            raise BadInput(f"The XML has more than {MAX_ELEMENTS:,} elements, or they stand more than {MAX_DEPTH} deep in one another.", line=self.where)
        element = Element(name.rpartition(":")[2], attributes, self.where)
        if self.open:
            self.open[-1].content.append(element)
        elif self.root is None:
            self.root = element
        self.open.append(element)

    def endElement(self, name: str) -> None:
        """End an element."""
        self.open.pop()

    def characters(self, content: str) -> None:
        """Take words."""
        if self.open:
            self.open[-1].content.append(content)

    def skippedEntity(self, name: str) -> None:
        """Take a character by its name; BadInput for a name that HTML does not have."""
        if f"{name};" not in html5:
            raise BadInput(f"There is no character of the name “{one_line(name)[:40]}”.", line=self.where)
        self.characters(html5[f"{name};"])
