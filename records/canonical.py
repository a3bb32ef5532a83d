"""The canonical form of what is signed, and its digest. Pure: no Django, no clock, no database.

The form is versioned. Version 1 is JSON as RFC 8785 would write it for the types allowed here (text, whole numbers that
a double holds, true, false, null, lists and mappings with text keys): UTF-8, no white space, and keys sorted by code point.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

FORMAT = "imprimatur-digest/1"
MAX_NUMBER = 2**53 - 1


@dataclass(frozen=True)
class Part:
    """One named part of what a digest covers: its SHA-256 as hexadecimal text, and the salt when it is personal."""

    name: str
    sha256: str
    salt: str = ""

    def as_list(self) -> list[str]:
        """The part as it stands in the digest's list and in storage."""
        return [self.name, self.sha256, self.salt]


def canonical_json(value: Any) -> bytes:
    """The one byte string for a value; TypeError for floats and other types, ValueError for lone surrogates and numbers over 2**53 - 1."""
    _check(value, "$")
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _check(value: Any, where: str) -> None:
    if isinstance(value, int) and abs(value) > MAX_NUMBER:
        raise ValueError(f"{where}: the number is too large for every reader of JSON.")
    if value is None or isinstance(value, bool | int | str):
        return
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise TypeError(f"{where}: the key {key!r} is not text.")
            _check(item, f"{where}.{key}")
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _check(item, f"{where}[{index}]")
    else:
        raise TypeError(f"{where}: {type(value).__name__} has no canonical form.")


def sha256(data: bytes) -> str:
    """SHA-256 (FIPS 180-4) as 64 hexadecimal characters."""
    return hashlib.sha256(data).hexdigest()


def new_salt() -> str:
    """128 random bits as 32 hexadecimal characters, so that a personal part cannot be guessed from its hash."""
    return secrets.token_hex(16)


def part(name: str, value: Any, salt: str = "") -> Part:
    """Hash one named part; with a salt the hash is over the salt's text, a line feed and the canonical bytes."""
    return Part(name, commitment(value, salt), salt)


def commitment(value: Any, salt: str) -> str:
    """The salted hash that stands in for a personal value once its words are erased."""
    prefix = f"{salt}\n".encode() if salt else b""
    return sha256(prefix + canonical_json(value))


def digest(parts: Iterable[Part]) -> str:
    """The digest over an ordered list of parts; names must be unique (ValueError)."""
    rows = [part.as_list() for part in parts]
    names = [row[0] for row in rows]
    if len(set(names)) != len(names):
        raise ValueError("Two parts of a digest have the same name.")
    return sha256(canonical_json([FORMAT, rows]))
