"""The parts of a zipped document, within bounds: nothing is unpacked to disk, and no more is read than was looked at first. Pure."""

import io
import zipfile
import zlib
from dataclasses import dataclass

from articles.formats.items import BadInput, one_line

MAX_PARTS = 3000
MAX_PART = 20_000_000
MAX_WHOLE = 200_000_000
MAX_RATIO = 200
SMALL = 1_000_000


@dataclass
class Archive:
    """An archive whose table of contents holds what it promises; its parts are read by name alone."""

    file: zipfile.ZipFile

    def part(self, name: str) -> bytes:
        """The bytes of a part; empty when there is none. BadInput when it is larger than it says, or damaged."""
        try:
            info = self.file.getinfo(name)
        except KeyError:
            return b""
        if info.file_size > MAX_PART:
            raise BadInput(f"The part {one_line(name)[:60]} is larger than {MAX_PART // 1_000_000} MB.", name)
        try:
            with self.file.open(info) as stream:
                data = stream.read(MAX_PART + 1)
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError):
            raise BadInput(f"The part {one_line(name)[:60]} is damaged, or packed in a way that is not read.", name) from None
        if len(data) > MAX_PART:
            raise BadInput(f"The part {one_line(name)[:60]} is larger than {MAX_PART // 1_000_000} MB.", name)
        return data


def opened(data: bytes) -> Archive:
    """The archive in these bytes. BadInput for what no word processor writes: too many or too large parts, overlaps, outside names, locks."""
    try:
        file = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, ValueError, LookupError, OverflowError):
        raise BadInput("The file is not a document that can be opened: it is cut off, damaged, or something else.") from None
    parts = file.infolist()
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_WHOLE:
        raise BadInput(f"The document has more than {MAX_PARTS:,} parts, or more than {MAX_WHOLE // 1_000_000} MB in them.")
    end = 0
    for part in sorted(parts, key=lambda part: part.header_offset):
        name = part.filename
        if part.file_size > SMALL and part.file_size > MAX_RATIO * max(1, part.compress_size):
            raise BadInput(f"A part of the document is packed more than {MAX_RATIO} times.", one_line(name)[:60])
        if part.header_offset < end:
            raise BadInput("Parts of the document overlap.", one_line(name)[:60])
        if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name.split("/")[0]:
            raise BadInput("A part of the document names a place outside of it.", one_line(name)[:60])
        if part.flag_bits & 0x1:
            raise BadInput("The document is locked with a password.", one_line(name)[:60])
        end = part.header_offset + 30 + part.compress_size
    if len({part.filename for part in parts}) != len(parts):
        raise BadInput("Two parts of the document have the same name.")
    return Archive(file)
