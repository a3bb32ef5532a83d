"""The folder of the static edition: each address a link to the file that holds its bytes, under a name that is the tag of the answer.

    site/                   what a web server shows: articles/<slug>/index.html, robots.txt …, each a link into kept/
    kept/<kind>/<tag>       the bytes, and beside them <tag>.gz; <kind> is that of all answers with the same headers
    http.conf, server.conf  for nginx: headers, codes, redirects
    manifest.json           what stands at each address, where it leads, and the marks of what it was made from

Replacing the link replaces page and tag in one step. The manifest is written last: what was broken off is done again, and finds its files.
"""

import fcntl
import gzip
import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from editorial.edition.door import Answer

SITE, KEPT, MANIFEST, LOCK = "site", "kept", "manifest.json", ".lock"
VERSION = 1
# The headers by which kinds of answers differ; all others are the same for all answers of a kind.
_TELLING = ("Content-Type", "Content-Disposition", "Cache-Control", "X-Robots-Tag")
_PLAIN = "public, max-age=0, must-revalidate"
_INDEX = {"html": "index.html", "xml": "index.xml", "json": "index.json"}
_SAFE = re.compile(r"/(?:(?:[\w-]|\.well-known/)[\w.-]*/?)*")

Headers = tuple[tuple[str, str], ...]


class NotOurs(Exception):
    """A folder that holds something else, is being written to, or an address that cannot be a file."""


@dataclass(frozen=True)
class Entry:
    """What stands at an address: where in the folder, which kept file, and where it leads on this site."""

    file: str
    kept: str
    links: tuple[str, ...]


@dataclass
class Manifest:
    """What the last export wrote, and of what."""

    release: str = ""
    lists: str = ""
    articles: dict[str, str] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, Headers] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)

    def written(self) -> str:
        """As JSON; links are numbers in the list of targets, since every page has the same two dozen."""
        targets: dict[str, int] = {}
        found = {
            address: [entry.file, entry.kept, [targets.setdefault(link, len(targets)) for link in entry.links]]
            for address, entry in sorted(self.entries.items())
        }
        said = {"version": VERSION, "release": self.release, "lists": self.lists, "articles": self.articles, "moved": self.moved, "kinds": self.kinds}
        return json.dumps({**said, "targets": list(targets), "addresses": found}, indent=0)

    @classmethod
    def read(cls, text: str) -> "Manifest":
        """The manifest that was written; an empty one for what is not of this version, which is then made anew."""
        said = json.loads(text) if text else {}
        if said.get("version") != VERSION:
            return cls()
        targets = said["targets"]
        entries = {address: Entry(file, kept, tuple(targets[link] for link in links)) for address, (file, kept, links) in said["addresses"].items()}
        kinds = {name: tuple((key, value) for key, value in headers) for name, headers in said["kinds"].items()}
        return cls(said["release"], said["lists"], said["articles"], said["moved"], kinds, entries)


def file_of(address: str, kind: str) -> str:
    """Where below site/ an address stands; NotOurs for one that is no plain path."""
    if not _SAFE.fullmatch(address):
        raise NotOurs(f"{address} cannot be the name of a file.")
    ending = next((name for name in ("html", "xml", "json") if name in kind), "html")
    return f"{address[1:]}{_INDEX[ending]}" if address.endswith("/") else address[1:]


def kind_of(answer: Answer) -> str:
    """The name of the kind of an answer: its content type, and what else is not as usual."""
    said = {name: value for name, value in answer.headers if name in _TELLING and value != _PLAIN}
    words = " ".join(said[name].partition("filename=")[0] for name in _TELLING if name in said)
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


class Folder:
    """One static edition on this machine."""

    def __init__(self, root: Path, *, writes: bool = True) -> None:
        self.root, self.writes = root.resolve(), writes
        self.site, self.kept = self.root / SITE, self.root / KEPT

    @contextmanager
    def held(self) -> Iterator["Folder"]:
        """Nobody else writes into it meanwhile; NotOurs when somebody does, or when it holds anything but an edition."""
        if self.root.exists() and any(self.root.iterdir()) and not (self.root / LOCK).exists():
            raise NotOurs(f"{self.root} holds something else: name an empty folder.")
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / LOCK).open("w", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise NotOurs(f"Another export is writing to {self.root}.") from None
            yield self

    def manifest(self) -> Manifest:
        """What the last export that came to its end has written."""
        path = self.root / MANIFEST
        return Manifest.read(path.read_text(encoding="utf-8") if path.is_file() else "")

    # ---- One address

    def put(self, address: str, answer: Answer, links: tuple[str, ...]) -> tuple[Entry, bool]:
        """Have an address show these bytes, now; and whether it showed something else."""
        file = file_of(address, answer.kind)
        entry = Entry(file, f"{kind_of(answer)}/{answer.tag}{f';{answer.name}' if answer.name else ''}", links)
        path = self.site / file
        goal = os.path.relpath(self.kept / entry.kept, path.parent)
        is_new = not path.is_symlink() or os.readlink(path) != goal or not path.exists()
        if is_new and self.writes:
            self._keep(entry.kept, answer)
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_name(f"{path.name}.new")
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(goal)
            fresh.replace(path)
        return entry, is_new

    def _keep(self, name: str, answer: Answer) -> None:
        """The bytes under their name; the zipped ones first, so that a name stands for both."""
        path = self.kept / name
        path.parent.mkdir(parents=True, exist_ok=True)
        for ending, content in ((".gz", answer.zipped), ("", answer.body)):
            if content is not None:
                write(path.with_name(f"{path.name}{ending}"), content)

    # ---- All of it

    def finish(self, manifest: Manifest, configuration: dict[str, str]) -> tuple[int, list[str]]:
        """Take away what stands at no address any more, then write the manifest: how many files go, and which files for nginx are others now."""
        gone = self.sweep(manifest)
        changed = [name for name, text in configuration.items() if not _is(self.root / name, text)]
        if self.writes:
            for name in changed:
                write(self.root / name, configuration[name].encode())
            os.sync()
            write(self.root / MANIFEST, manifest.written().encode())
        return gone, changed

    def sweep(self, manifest: Manifest) -> int:
        """Remove every link that is no address's, and every kept file that no address shows."""
        shown = {entry.file for entry in manifest.entries.values()}
        kept = {entry.kept for entry in manifest.entries.values()}
        gone = [path for path in _files(self.site) if path.relative_to(self.site).as_posix() not in shown]
        loose = [path for path in _files(self.kept) if path.relative_to(self.kept).as_posix().removesuffix(".gz") not in kept]
        if self.writes:
            for path in [*gone, *loose]:
                path.unlink(missing_ok=True)
            for top in (self.site, self.kept):
                _prune(top)
        return len(gone) + len(loose)


    def spoilt(self, manifest: Manifest) -> Iterator[str]:
        """The kept files whose bytes are not those that their name tells, or that are not there."""
        for kept in sorted({entry.kept for entry in manifest.entries.values()}):
            path = self.kept / kept
            zipped = path.with_name(f"{path.name}.gz")
            body = path.read_bytes() if path.is_file() else b""
            is_right = path.name.partition(";")[0][1:] == hashlib.sha256(body).hexdigest()
            if not is_right or (zipped.is_file() and gzip.decompress(zipped.read_bytes()) != body):
                yield f"{KEPT}/{kept}"


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_bytes(content)
    fresh.replace(path)


def _is(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def _files(top: Path) -> list[Path]:
    return [Path(folder) / name for folder, _, names in os.walk(top) for name in names]


def _prune(top: Path) -> None:
    """Remove the folders that nothing is left in."""
    for folder, _, _ in os.walk(top, topdown=False):
        if Path(folder) != top and not os.listdir(folder):
            os.rmdir(folder)
