"""What schema.org allows: is a type one of its own, may a property stand on it, does it take such a value. The list is tests/schema_org.json."""

import json
import re
from functools import cache
from pathlib import Path

VOCABULARY = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
TYPES, PROPERTIES = VOCABULARY["types"], VOCABULARY["properties"]
MEMBERS = {member: kind for kind, members in VOCABULARY["members"].items() for member in members}
URL = "https://schema.org/"
# schema.org has put `mainContentOfPage` in its place, which takes a part of the page and cannot say which aspect of medicine it is about.
STILL_USED = {"aspect"}
DAY = re.compile(r"\d{4}(?:-\d\d-\d\d)?")


@cache
def above(kind):
    """A type and all that it is a kind of."""
    return {kind}.union(*(above(parent) for parent in TYPES[kind]))


def _takes(value, takes):
    """Whether a value is of a kind that a property takes."""
    if isinstance(value, dict):
        kinds = value["@type"] if isinstance(value["@type"], list) else [value["@type"]]
        return any(above(kind) & takes for kind in kinds if kind in TYPES)
    if isinstance(value, int):
        return bool(takes & {"Number", "Integer"})
    if member := MEMBERS.get(value.removeprefix(URL)):
        return bool(above(member) & takes)
    is_url = value.startswith(("https://", "http://"))
    return "Text" in takes or ("URL" in takes and is_url) or ("Date" in takes and DAY.fullmatch(value) is not None)


def problems(node, where="$"):
    """What of a node, and of all within it, is not in the vocabulary."""
    kinds = node["@type"] if isinstance(node["@type"], list) else [node["@type"]]
    yield from (f"{where}: there is no type {kind}" for kind in kinds if kind not in TYPES)
    allowed = set().union(*(above(kind) for kind in kinds if kind in TYPES))
    for name, given in node.items():
        if name.startswith("@"):
            continue
        about = PROPERTIES.get(name)
        if about is None or not allowed & set(about["of"]):
            yield f"{where}.{name}: not a property of {kinds}"
            continue
        if "superseded_by" in about and name not in STILL_USED:
            yield f"{where}.{name}: {about['superseded_by']} has taken its place"
        for value in given if isinstance(given, list) else [given]:
            if not _takes(value, set(about["takes"])):
                yield f"{where}.{name}: does not take {value!r}"
            if isinstance(value, dict):
                yield from problems(value, f"{where}.{name}")


def leaves(node, where=""):
    """(where, value) of every value that is no node; the types left out."""
    for name, given in node.items():
        for value in given if isinstance(given, list) else [given]:
            if isinstance(value, dict):
                yield from leaves(value, f"{where}{name}.")
            elif not name.startswith("@"):
                yield f"{where}{name}", value
