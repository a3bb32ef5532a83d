"""Which format a file of an article has: told by its ending and by what it holds, which must agree."""

import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from articles.formats import cnxml, docx, jats, markdown, medquad
from articles.formats.items import BadInput, Found, Reader, Refusal, files_in, printable, read_bytes

READERS: Mapping[str, Reader] = {"cnxml": cnxml.read, "docx": docx.read, "jats": jats.read, "markdown": markdown.read, "medquad": medquad.read}
LABELS = {"cnxml": "CNXML", "docx": "Word (DOCX)", "jats": "JATS XML", "markdown": "Markdown"}
ENDINGS = {".md": "markdown", ".markdown": "markdown", ".docx": "docx", ".xml": "xml", ".nxml": "xml", ".jats": "xml", ".cnxml": "xml", ".jsonl": "medquad"}
ROOTS = {"article": "jats", "pmc-articleset": "jats", "document": "cnxml", "Document": "medquad"}
MAX_HEAD = 8192
MAX_FILE = docx.MAX_FILE
_ROOT = re.compile(r"<(?![?!])(?:[\w.-]+:)?([\w.-]+)")
_BEFORE = re.compile(r"<!--.*?-->|<\?.*?\?>|<!DOCTYPE[^<>\[]*>", re.DOTALL)


def read(path: Path) -> Iterator[Found]:
    """The articles of a file, or of every file below a folder, each in its own format."""
    try:
        for file in files_in(path, tuple(ENDINGS)):
            yield from _read_one(file)
    except BadInput as error:
        yield Refusal.of(error, str(path))


def _read_one(file: Path) -> Iterator[Found]:
    try:
        read_it = READERS[format_of(file.name, _head(file))]
    except BadInput as error:
        yield Refusal.of(error, str(file))
        return
    yield from read_it(file)


def _head(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_HEAD)
    except (OSError, ValueError):
        return read_bytes(file, 1)  # says why it cannot be read


def format_of(name: str, head: bytes) -> str:
    """The format of a file by its name and its first bytes; BadInput when the two disagree, or either is not one that is read."""
    ending = Path(name).suffix.lower()
    by_name = ENDINGS.get(ending)
    if by_name is None:
        raise BadInput(f"Files that end in “{printable(ending)[:20] or 'nothing'}” are not read. Use .docx, .xml (JATS), .md or .cnxml.")
    is_zip = head.startswith(b"PK\x03\x04")
    if is_zip != (by_name == "docx"):
        raise BadInput("This is not a Word document, though it is called one." if by_name == "docx" else "This is an archive or a Word document, though its name says otherwise.")
    if by_name != "xml":
        return by_name
    found = _ROOT.search(_BEFORE.sub("", _text(head)))
    root = found[1] if found else ""
    if root not in ROOTS:
        raise BadInput(f"This XML is none that is read: it begins with “{printable(root)[:40]}”." if root else "This is not XML.", line=1)
    return ROOTS[root]


def _text(head: bytes) -> str:
    is_wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    return head.decode("utf-16" if is_wide else "utf-8-sig", "replace")


def read_upload(data: bytes, name: str) -> list[Found]:
    """The articles in the bytes of an upload. Its name decides nothing but the ending; it is read from a place of our own, and kept nowhere."""
    format_ = format_of(name, data[:MAX_HEAD])
    if format_ not in LABELS:
        raise BadInput("Files of this kind are imported by an operator.")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, f"upload.{'xml' if format_ in {'jats', 'cnxml'} else 'md' if format_ == 'markdown' else format_}")
        file.write_bytes(data)
        return list(READERS[format_](file))
