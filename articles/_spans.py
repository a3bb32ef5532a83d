"""The words within a block: emphasis, links and citations, from markdown-it tokens to HTML. Pure."""

import re
from collections.abc import Collection, Sequence
from html import escape

from markdown_it.token import Token

from articles import grades
from articles._parts import Missing, Notes, Place, TooDeep, flowing, power_sign, shortened
from articles.citations import Cited, Numbering, check_url

MAX_MARKS = 20
LINK_REL = "noopener"  # Not nofollow: a published link was read and approved by the board.

_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*)?/?>|<!--")
_RETURN = str.maketrans("\r\f", "  ")


def words_of(children: Sequence[Token]) -> str:
    """The words of a run of tokens, without marks and citations."""
    return "".join(child.content if child.type in {"text", "code_inline"} else child.markup if child.type == "grade" else " " * child.type.endswith("break") for child in children)


class Spans:
    """Writes what stands within blocks. Every word of people is escaped; only the elements named here are written."""

    def __init__(self, known: Collection[str] | None, prefix: str) -> None:
        self.known, self.prefix = known, prefix
        self.out: list[str] = []
        self.words: list[str] = []
        self.numbering, self.notes = Numbering(), Notes()
        self.places: list[Place] = []
        self.missing: list[Missing] = []
        self.grades: list[grades.Placed] = []
        self.unknown_grades: list[grades.Unknown] = []
        self.block, self.line, self.depth = "", 1, 0
        self._said_at = -1

    def write_spans(self, children: Sequence[Token]) -> None:
        """Write the tokens of one inline run."""
        unwrapped, first_line, position = self._unwrapped(children), self.line, 0
        while position < len(children):
            child = children[position]
            if child.type == "citation":
                position = self._cite_run(children, position, unwrapped)
            elif position not in unwrapped:
                self._write(child)
            position += 1
        self.line = first_line

    def _write(self, child: Token) -> None:
        match child.type:
            case "text" | "text_special":
                self._say(child.content)
            case "code_inline":
                self._code(child.content)
            case "grade":
                self._grade(child)
            case "softbreak":
                self._say("\n")
                self.line += 1
            case "hardbreak":
                self.out.append("<br>\n")
                self.words.append("\n")
                self.line += 1
            case "link_open":
                self._open("a", f' href="{escape(str(child.attrs["href"]))}" rel="{LINK_REL}"')
            case "em_open" | "strong_open" | "sup_open" | "sub_open":
                self.words.append(power_sign(self.words) if child.tag == "sup" else "")
                self._open(child.tag)
            case "link_close" | "em_close" | "strong_close" | "sup_close" | "sub_close":
                self.depth -= 1
                self.out.append(f"</{child.tag}>")
            case _:
                raise AssertionError(child.type)

    def _say(self, text: str) -> None:
        text = text.translate(_RETURN)
        if tag := _TAG.search(text):
            self.notes.add("HTML", self.line, f"HTML is shown as text and not obeyed: {shortened(tag[0])}")
        if "[@" in text:
            self.notes.add("citations", self.line, "Something begins like a citation but is not one. Write [@key], or [@key, p. 12; @other].")
        self.out.append(escape(text, quote=False))
        self.words.append(flowing(text))
        self._said_at = len(self.out)

    def _code(self, text: str) -> None:
        self.out.append("<code>")
        text = text.translate(_RETURN)
        self.out.append(escape(text, quote=False))
        self.words.append(flowing(text))
        self.out.append("</code>")

    def _grade(self, child: Token) -> None:
        """A grade of evidence, under the name of its scheme; what is none is shown as it was written, marked."""
        try:
            grade = grades.parse(child.content)
        except grades.UnknownGrade as error:
            self.unknown_grades.append(grades.Unknown(child.content, str(error), self.line))
            self.notes.add("grades", self.line, f"This is shown as it was written, for it is no grade. {error}")
            text, name = child.markup, "grade-unknown"
        else:
            self.grades.append(grades.Placed(grade, self.block, self.line))
            text, name = grade.label, "grade"
        self.out.append(f'<span class="{name}">{escape(text, quote=False)}</span>')
        self.words.append(flowing(text))

    def _open(self, tag: str, attributes: str = "") -> None:
        self.depth += 1
        if self.depth > MAX_MARKS:
            raise TooDeep(f"Emphasis and links are nested too deeply in line {self.line}: at most {MAX_MARKS} in one another.")
        self.out.append(f"<{tag}{attributes}>")

    # ---- What is written without its wrapping

    def _unwrapped(self, children: Sequence[Token]) -> set[int]:
        """The tokens to pass over: images, links that may not stand, raising around citations, which are raised already."""
        passed: set[int] = set()
        opened: list[int] = []
        line = self.line
        for position, child in enumerate(children):
            line += child.type in {"softbreak", "hardbreak"}
            if child.type in {"image_open", "image_close"}:
                passed.add(position)
                if child.nesting > 0:
                    self.notes.add("images", line, f"An image was left out; its description is kept as text: {shortened(child.content)}")
            elif child.type in {"link_open", "sup_open", "sub_open"}:
                if child.type == "link_open" and not self._may_stand(child, line, is_inner=any(children[o].type == "link_open" for o in opened)):
                    passed.add(position)
                opened.append(position)
            elif child.type in {"link_close", "sup_close", "sub_close"}:
                if opened.pop() in passed:
                    passed.add(position)
            elif child.type == "citation":
                passed.update(opened)
        return passed

    def _may_stand(self, link: Token, line: int, *, is_inner: bool) -> bool:
        """Whether a link is to a web address and not within another; its title is never shown."""
        address = str(link.attrs["href"])
        try:
            if is_inner:
                raise ValueError("A link cannot stand within another.")
            link.attrs["href"] = check_url(address)
        except ValueError as error:
            self.notes.add("links", line, f"The link to “{shortened(address)}” was left out; its text is kept. {error}")
            return False
        if title := link.attrs.get("title"):
            self.notes.add("links", line, f"The hover text of a link was left out: “{shortened(str(title))}”.")
        return True

    # ---- Citations

    def _cite_run(self, children: Sequence[Token], position: int, unwrapped: set[int]) -> int:
        """Write citations that stand side by side as one marker, so that 1 and 2 never read as 12; the position of the last."""
        cited: list[tuple[Cited, int]] = []
        last, at, line = position, position, self.line
        while at < len(children):
            child = children[at]
            if child.type == "citation":
                cited += [(item, line) for item in child.meta["cited"]]
                last, self.line = at, line
                line += child.markup.count("\n")
            elif child.type == "softbreak":
                line += 1
            elif at not in unwrapped and not (child.type == "text" and not child.content.strip(" ,")):
                break
            at += 1
        self._markers([item for item, _ in cited if self._is_known(item)])
        for item, where in cited:
            if not self._is_known(item):
                self._missing(item, where)
        return last

    def _is_known(self, item: Cited) -> bool:
        return self.known is None or item.key in self.known

    def _markers(self, cited: list[Cited]) -> None:
        """One raised marker with every number linked to its reference, close to the words unless these end in a number."""
        if not cited:
            return
        if len(self.out) == self._said_at and self.words[-1].endswith(" ") and not self._ends_in_number():
            self.out[-1], self.words[-1] = self.out[-1].rstrip(" \n\t"), self.words[-1].rstrip(" ")
        self.out.append(f'<sup class="cite">{",".join(map(self._marker, cited))}</sup>')

    def _ends_in_number(self) -> bool:
        last = next((piece for piece in reversed(self.words) if piece.strip()), "")
        return last.rstrip()[-1:].isdigit()

    def _marker(self, item: Cited) -> str:
        number, occurrence = self.numbering.use(item.key)
        self.places.append(Place(item.key, number, self.block, item.locator, occurrence))
        locator = f'<span class="vh">, {escape(flowing(item.locator), quote=False)}</span>' if item.locator else ""
        ids = f'href="#{self.prefix}ref-{number}" id="{self.prefix}cite-{number}-{occurrence}"'
        return f'<a {ids}><span class="vh">Reference </span>{number}{locator}</a>'

    def _missing(self, item: Cited, line: int) -> None:
        """A key without a reference is shown as it was written, marked."""
        self.missing.append(Missing(item.key, line))
        text = f"[@{item.key}{', ' if item.locator else ''}{item.locator}]"
        self.out.append(f'<span class="cite-missing">{escape(text, quote=False)}</span>')
        self.words.append(text)
