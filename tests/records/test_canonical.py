"""The canonical form and the digest: the same bytes everywhere, and another digest for every change (G3)."""

import hashlib
import sys
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records import canonical
from records.canonical import Part
from tests.scale import examples

# ---- An implementation of its own, written from the description alone


def independent(value):
    """The canonical form, character by character."""
    if value is None:
        return b"null"
    if value is True or value is False:
        return b"true" if value else b"false"
    if isinstance(value, int):
        return str(value).encode("ascii")
    if isinstance(value, str):
        return b'"' + b"".join(_escaped(character) for character in value) + b'"'
    if isinstance(value, dict):
        return b"{" + b",".join(independent(key) + b":" + independent(value[key]) for key in sorted(value, key=lambda k: [ord(c) for c in k])) + b"}"
    return b"[" + b",".join(independent(item) for item in value) + b"]"


def _escaped(character):
    short = {'"': b'\\"', "\\": b"\\\\", "\b": b"\\b", "\f": b"\\f", "\n": b"\\n", "\r": b"\\r", "\t": b"\\t"}
    if character in short:
        return short[character]
    if ord(character) < 32:
        return b"\\u00" + f"{ord(character):02x}".encode()
    return character.encode("utf-8")


def independent_digest(parts):
    """The digest of [name, value, salt] rows."""
    rows = []
    for name, value, salt in parts:
        prefix = salt.encode() + b"\n" if salt else b""
        rows.append([name, hashlib.sha256(prefix + independent(value)).hexdigest(), salt])
    return hashlib.sha256(independent(["imprimatur-digest/1", rows])).hexdigest()


TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
@settings(max_examples=examples(150, 5000), deadline=None)
def test_g3_an_implementation_of_its_own_writes_the_same_bytes(value):
    assert canonical.canonical_json(value) == independent(value)


@given(st.lists(st.tuples(TEXT, VALUES, st.sampled_from(["", "5a17"])), unique_by=lambda row: row[0], max_size=5))
@settings(max_examples=examples(100, 3000), deadline=None)
def test_g3_an_implementation_of_its_own_finds_the_same_digest(rows):
    assert canonical.digest(canonical.part(*row) for row in rows) == independent_digest(rows)


# ---- Golden vectors: these never change while the form is version 1


GOLDEN = [
    (None, b"null"),
    (True, b"true"),
    (0, b"0"),
    (-7, b"-7"),
    (2**53 - 1, b"9007199254740991"),
    ("", b'""'),
    ("é\u2028😀", b'"\xc3\xa9\xe2\x80\xa8\xf0\x9f\x98\x80"'),
    ('a"b\\c/d', b'"a\\"b\\\\c/d"'),
    ("\x00\x07\b\t\n\x0b\f\r\x1f\x7f", b'"\\u0000\\u0007\\b\\t\\n\\u000b\\f\\r\\u001f\x7f"'),
    ({"b": 1, "a": [], "B": {}}, b'{"B":{},"a":[],"b":1}'),
    ({"\ue000": 1, "😀": 2}, b'{"\xee\x80\x80":1,"\xf0\x9f\x98\x80":2}'),
    ([1, [2, (3,)]], b"[1,[2,[3]]]"),
]


@pytest.mark.parametrize(("value", "wanted"), GOLDEN, ids=lambda value: repr(value)[:20])
def test_g3_golden_bytes(value, wanted):
    assert canonical.canonical_json(value) == wanted
    assert independent(value) == wanted


def test_g3_golden_digests():
    assert canonical.FORMAT == "imprimatur-digest/1"
    assert canonical.sha256(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    parts = [("professional:source", "Walk.\n", ""), ("author:1", {"name": "Ann Author", "credentials": "MD", "role": "author"}, "00" * 16)]
    assert canonical.digest(canonical.part(*row) for row in parts) == independent_digest(parts) == GOLDEN_DIGEST
    assert canonical.digest([]) == independent_digest([]) == EMPTY_DIGEST


GOLDEN_DIGEST = "feaebc0036d58393c82f4537df556abfa3f2caa09f46d388ad3f2632ebfeeede"
EMPTY_DIGEST = "f299da71064e3b60729b26f8321419f5c845fd437ddca999305fa3d6cd0d7fc9"


# ---- What has no canonical form


@pytest.mark.parametrize(
    "value",
    [1.0, float("nan"), float("inf"), b"x", {1, 2}, object(), {1: "x"}, {None: 1}, {"a": 1.5}, ["a", ["b", 0.5]], {"a": {"b": {2: 3}}}],
    ids=lambda value: type(value).__name__,
)
def test_floats_and_other_types_are_refused(value):
    with pytest.raises(TypeError):
        canonical.canonical_json(value)


def test_the_refusal_says_where():
    with pytest.raises(TypeError, match=r"\$\.a\[1\]: float has no canonical form"):
        canonical.canonical_json({"a": [1, 2.0]})
    with pytest.raises(TypeError, match=r"\$\.a: the key 1 is not text"):
        canonical.canonical_json({"a": {1: 2}})


@pytest.mark.parametrize("value", ["\ud800", "a\udfffb", {"\ud800": 1}, ["\udc00"]])
def test_lone_surrogates_are_refused(value):
    with pytest.raises(ValueError, match="surrogates"):
        canonical.canonical_json(value)


@pytest.mark.parametrize("value", [2**53, -(2**53), [2**70]])
def test_numbers_that_not_every_reader_of_json_keeps_are_refused(value):
    with pytest.raises(ValueError, match="too large"):
        canonical.canonical_json(value)
    assert canonical.canonical_json(-(2**53) + 1) == b"-9007199254740991"


# ---- Parts and digest


PARTS = [canonical.part("a", 1), canonical.part("b", 2, "5a17"), canonical.part("c", 3)]


def test_the_order_of_parts_counts():
    assert len({canonical.digest(order) for order in (PARTS, PARTS[::-1], [PARTS[1], PARTS[0], PARTS[2]])}) == 3


def test_a_part_left_out_or_added_counts():
    assert len({canonical.digest(PARTS[:n]) for n in range(4)}) == 4


def test_names_are_unique():
    with pytest.raises(ValueError, match="the same name"):
        canonical.digest([PARTS[0], canonical.part("a", 2)])


def test_every_change_of_a_part_changes_the_digest():
    here = canonical.digest(PARTS)
    for changed in (canonical.part("a2", 1), canonical.part("a", 2), canonical.part("a", "1"), canonical.part("a", 1, "00")):
        assert canonical.digest([changed, *PARTS[1:]]) != here
    part = PARTS[1]
    for changed in (Part("x", part.sha256, part.salt), Part(part.name, "0" * 64, part.salt), Part(part.name, part.sha256, "")):
        assert canonical.digest([PARTS[0], changed, PARTS[2]]) != here


def test_a_part_stands_in_storage_as_name_hash_and_salt():
    assert PARTS[1].as_list() == ["b", canonical.sha256(b"5a17\n2"), "5a17"]
    assert PARTS[0].as_list() == ["a", canonical.sha256(b"1"), ""]
    assert Part("a", "f").as_list() == ["a", "f", ""]


def test_a_part_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        PARTS[0].sha256 = "0" * 64


def test_a_digest_of_parts_whose_words_are_gone_is_the_digest_of_the_parts():
    kept = [Part(*row) for row in (part.as_list() for part in PARTS)]
    assert canonical.digest(kept) == canonical.digest(PARTS)


def test_a_salt_keeps_a_short_value_from_being_guessed():
    first, second = canonical.new_salt(), canonical.new_salt()
    assert first != second
    assert len(first) == 32
    assert set(first) <= set("0123456789abcdef")
    assert len({canonical.commitment("MD", salt) for salt in ("", first, second)}) == 3


def test_the_module_is_pure():
    """It can be handed to a reader with nothing else: it imports the standard library alone."""
    import ast
    from pathlib import Path

    tree = ast.parse(Path(canonical.__file__).read_text(encoding="utf-8"))
    named = [node.module if isinstance(node, ast.ImportFrom) else node.names[0].name for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert {name.partition(".")[0] for name in named} <= sys.stdlib_module_names
