"""What an importer hands on: articles read from files, and refusals that name the place. Pure, whatever the format."""

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import chain
from pathlib import Path

from articles import rendering
from articles.citations import Source

MAX_TITLE = 300
MAX_IDENTITY = 200
MAX_WARNINGS = 40
CONTACT = re.compile(r"(?:\\?\*|\s)*(?:Correspond(?:ing|ence)|E-?mail\b|Tel\b|Fax\b|<?[\w.+-]{1,64}@[\w-]+\.)")
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


@dataclass(frozen=True)
class Place:
    """Where something stands: the file, the line (0: the file as a whole) and the field."""

    file: str
    line: int = 0
    field: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return printable(f"{where} [{self.field}]" if self.field else where)


class BadInput(ValueError):
    """What was read cannot be taken; says why, and in which field and line as far as that is known."""

    def __init__(self, reason: str, field: str = "", line: int = 0) -> None:
        self.reason, self.field, self.line = reason, field, line
        super().__init__(reason)


@dataclass(frozen=True)
class Refusal:
    """Something that was not taken: where it stands, and why."""

    place: Place
    reason: str
    identity: str = ""

    @classmethod
    def of(cls, error: BadInput, file: str, line: int = 0, identity: str = "") -> "Refusal":
        """The refusal that an error stands for; the error's own line is the better one."""
        return cls(Place(file, error.line or line, error.field), error.reason, identity)


@dataclass(frozen=True)
class Item:
    """One article as a file has it: its texts in our Markdown, and its references by the keys that the texts cite.

    `interests` is the statement of its authors together, `funding` what they say of who paid.
    """

    identity: str
    place: Place
    title: str
    texts: Mapping[str, str]
    kind: str
    references: Mapping[str, Source] = field(default_factory=dict)
    authors: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    summary: str = ""
    language: str = "en"
    funding: str = ""
    interests: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 over all that would be stored; where it was read does not matter."""
        references = {key: asdict(source) for key, source in self.references.items()}
        value = [self.title, dict(self.texts), self.kind, references, self.authors, self.topics, self.summary, self.language]
        value += [self.funding, self.interests] if self.funding or self.interests else []
        return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True)
class FoundReference:
    """One cited work as a file has it, with the key that the file gives it and what could not be kept of it."""

    source: Source
    place: Place
    key: str = ""
    warnings: tuple[str, ...] = ()


Found = Item | Refusal
Works = Iterator[FoundReference | Refusal]
Reader = Callable[[Path], Iterator[Found]]


def printable(text: str) -> str:
    """Text for a terminal or a report: on one line, nothing in it that a terminal would obey, whatever a file is called."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in " ".join(text.split()))


def one_line(text: str) -> str:
    """A title, name or other single line: line ends and other white space become single spaces, what is not seen goes."""
    return " ".join(_UNSEEN.sub("", _LINE_ENDS.sub(" ", text)).split())


def lines(text: str) -> str:
    """Running text with line feeds alone, without characters that are not seen or that turn the order of reading."""
    return _UNSEEN.sub("", _LINE_ENDS.sub("\n", text))


def unseen(text: str, name: str) -> str:
    """A warning about characters that were left out of a text, or nothing. BadInput for NUL: the file is damaged."""
    if "\x00" in text:
        raise BadInput("There is a NUL character in it: the file is damaged.", name, text.count("\n", 0, text.index("\x00")) + 1)
    count = len(_UNSEEN.findall(text))
    return f"{count} invisible or control characters were left out of the {name}." if count else ""


def check_title(title: str) -> str:
    """A title is there and is never cut short; BadInput otherwise."""
    if not title:
        raise BadInput("There is no title.", "title")
    if len(title) > MAX_TITLE:
        raise BadInput(f"The title has {len(title):,} characters; at most {MAX_TITLE} are possible.", "title")
    return title


def fitting_title(title: str) -> tuple[str, str]:
    """A title that may be kept, and the whole of it when it had to be cut at a word: it then begins the text. BadInput without one."""
    if len(title) <= MAX_TITLE:
        return check_title(title), ""
    return title[: MAX_TITLE - 1].rpartition(" ")[0].rstrip(" ,;:–-") + "…", title


TITLE_CUT = f"The title has more than {MAX_TITLE} characters, so it was cut; the whole of it begins the text."


def check_identity(identity: str) -> str:
    """An identity says the same text again as the same; one that is too long cannot be kept. BadInput then."""
    if len(identity) > MAX_IDENTITY:
        raise BadInput(f"The file name and number together have more than {MAX_IDENTITY} characters.", "identity")
    return identity


def examined(item: Item) -> Item:
    """The item with what rendering its texts would tell: what is dropped, keys without reference, references not cited.

    BadInput when there is no text, or one that cannot be rendered.
    """
    if not any(text.strip() for text in item.texts.values()):
        raise BadInput("There is no text.", "text")
    told, cited = list(item.warnings), set[str]()
    for text in item.texts.values():
        try:
            shown = rendering.render(text, known=item.references.keys())
        except ValueError as error:
            raise BadInput(str(error), "text") from None
        cited.update(shown.keys)
        told += shown.dropped
        told += [f"[@{key}] is cited and has no reference." for key in dict.fromkeys(missing.key for missing in shown.unresolved)]
    told += [f"The reference @{key} is not cited." for key in item.references if key not in cited]
    return replace(item, warnings=_bounded(list(dict.fromkeys(told))))


def _bounded(warnings: list[str]) -> tuple[str, ...]:
    more = len(warnings) - MAX_WARNINGS
    return tuple([*warnings[:MAX_WARNINGS], f"There are {more} more such notes."] if more > 0 else warnings)


def read_bytes(path: Path, most: int) -> bytes:
    """The bytes of a file of at most `most`; BadInput when it cannot be read or is larger."""
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except (OSError, ValueError) as error:
        raise BadInput(cannot_read(error)) from None
    if len(data) > most:
        raise BadInput(f"The file is larger than {most // 1_000_000} MB.")
    return data


def cannot_read(error: Exception) -> str:
    """Why a file cannot be opened, in a sentence."""
    reason = getattr(error, "strerror", None) or "its name is not valid"
    return f"The file cannot be read: {reason}."


def decode(data: bytes) -> str:
    """Text from UTF-8, with or without a byte-order mark, or UTF-16 with one; BadInput names the line of the first bad byte."""
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadInput("The text is not UTF-8. Save it as UTF-8 and import it again.", line=line) from None


def files_in(path: Path, endings: tuple[str, ...]) -> Iterator[Path]:
    """The files to read: the path itself, or those below it with one of the endings, in order of name.

    Links are not followed, and hidden files and READMEs passed over. BadInput when there is nothing, and at the end when a
    folder is closed to us.
    """
    if not path.is_dir():
        if not path.exists():
            raise BadInput("There is no such file or folder.")
        yield path
        return
    found = _below(path, endings)
    first = next(found, None)
    if first is None:
        raise BadInput(f"There are no files here that end in {' or '.join(endings)}.")
    yield from chain([first], found)


def _below(path: Path, endings: tuple[str, ...]) -> Iterator[Path]:
    closed: list[OSError] = []
    for folder, folders, names in os.walk(path, onerror=closed.append, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(folder, name)
            if name.lower().endswith(endings) and not name.startswith(".") and file.stem.lower() != "readme" and not file.is_symlink():
                yield file
    if closed:
        raise BadInput(f"{len(closed)} folders below this one cannot be read, the first of them: {printable(str(closed[0].filename))}.")
