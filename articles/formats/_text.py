"""Files of references as lines or pieces of text, whatever their encoding, in bounded memory."""

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, NamedTuple

from articles.formats.items import BadInput

MAX_LINE = 200_000
CHUNK = 65_536
HEAD = 65_536
WIDE = {codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
REPAIRED = "it holds bytes that are not UTF-8; they were read as Windows-1252 (Western Europe)"
CUT = f"a line of it has more than {MAX_LINE:,} characters; the rest of that line was left out"
_FOREIGN = re.compile("[\udc80-\udcff]+")
_BINARY = (b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf")


class Line(NamedTuple):
    """One line, its number, and what had to be done to read it."""

    number: int
    text: str
    told: str = ""


def head_of(stream: BinaryIO) -> str:
    """The beginning of a file as text; BadInput when there is nothing in it, or when it is no text."""
    stream.seek(0)
    data = stream.read(HEAD)
    if not data.strip(codecs.BOM_UTF8 + b" \t\r\n\x00"):
        raise BadInput("There is nothing in it.")
    if data.startswith(_BINARY):
        raise BadInput("This is not a text file. Export the references as RIS, BibTeX, NBIB, EndNote XML or CSL-JSON.")
    encoding = _encoding(data)
    text = data.decode(encoding, "surrogateescape" if encoding == "utf-8-sig" else "replace")
    if "\x00" in text:
        raise BadInput("There are NUL characters in it: it is no text file, or is damaged.")
    return repaired(text)[0]


def _encoding(data: bytes) -> str:
    """The encoding that a byte-order mark names, or that zeros at every second byte betray; else UTF-8."""
    for mark, name in WIDE.items():
        if data.startswith(mark):
            return name
    even, odd, half = data[0:2000:2].count(0), data[1:2000:2].count(0), len(data[:2000]) // 2
    if half > 4 and odd > half * 0.6 and not even:
        return "utf-16-le"
    return "utf-16-be" if half > 4 and even > half * 0.6 and not odd else "utf-8-sig"


def repaired(text: str) -> tuple[str, bool]:
    """Text with its bytes that are not UTF-8 read as Windows-1252, and whether there were any."""
    if text.isascii() or not _FOREIGN.search(text):
        return text, False
    return _FOREIGN.sub(lambda found: bytes(ord(sign) - 0xDC00 for sign in found[0]).decode("cp1252", "replace"), text), True


@contextmanager
def opened(stream: BinaryIO, encoding: str = "") -> Iterator[io.TextIOWrapper]:
    """The file as text from its beginning, with all line ends as line feeds; the file itself stays open."""
    stream.seek(0)
    encoding = encoding or _encoding(stream.read(2000))
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding, "surrogateescape" if encoding == "utf-8-sig" else "replace")
    try:
        yield text
    finally:
        text.detach()


def lines_of(stream: BinaryIO) -> Iterator[Line]:
    """The lines of a file, each of a bounded length."""
    with opened(stream) as text:
        number = 0
        while piece := text.readline(MAX_LINE):
            number += 1
            words, was_foreign = repaired(piece.rstrip("\n"))
            told = REPAIRED if was_foreign else ""
            while len(piece) == MAX_LINE and not piece.endswith("\n"):
                piece, told = text.readline(MAX_LINE), CUT
            yield Line(number, words.lstrip("\ufeff \t") if number == 1 else words, told)


def pieces_of(stream: BinaryIO, encoding: str = "") -> Iterator[tuple[str, bool]]:
    """The text of a file in pieces, and whether each held bytes of another encoding."""
    with opened(stream, encoding) as text:
        while piece := text.read(CHUNK):
            yield repaired(piece)
