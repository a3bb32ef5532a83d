"""Whatever is in a file of references, the worst is a refusal; time grows with the text, memory does not."""

import io
import json
import random
import tracemalloc
from collections import deque

import pytest

from articles.formats import references
from articles.formats.items import FoundReference, Refusal
from tests.articles.reference_pairs import folder
from tests.articles.test_reference_formats import BIB, NBIB, RIS, XML
from tests.growth import RATIO, growth
from tests.scale import examples

FORMATS = sorted(references.READERS)
CSL = json.dumps([{"id": "a", "type": "book", "title": "T", "author": [{"family": "Doe", "given": "J"}], "issued": {"date-parts": [[2020]]}}])
WOS = "FN Clarivate Analytics\nPT J\nAU Doe, J\n   Roe, R\nTI T\nPY 2004\nER\nEF\n"
CSV = 'Key,Title,DOI,Year\na,"T, and\nmore",10.1000/a,2020\n'
ENW = "%0 Journal Article\n%T T\n%A Doe, J\n%A Roe, R\n%D 2004\n%U https://doi.org/10.1000/x\n"
SAMPLES = {"ris": RIS, "bibtex": BIB, "nbib": NBIB, "endnote": XML, "csl-json": CSL, "wos": WOS, "refer": ENW, "list": CSV}
PIECES = [b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"{", b"}", b'"', b"\\", b"@", b",", b"=", b"#", b"\n", b"\r", b"TY  - ", b"ER  - ", b"<", b">", b"&", b"]", b"[", b"<!DOCTYPE x>",
          "\u2028".encode(), "é".encode(), b"\xe9", b"PMID- ", b"@string{a=a}", b"crossref={a}", b"&#0;", b"&#xD800;", b"\x1f\x8b", b"1e999", b"-", b"$", b"{{{{", b"]]>", b"10.1000/x"]  # fmt: skip


def outcome(data, format=""):
    """What came of a file; anything but works and refusals fails here."""
    found = list(references.read(io.BytesIO(data), "", format))
    assert found
    assert all(isinstance(each, FoundReference | Refusal) for each in found)
    for each in found:
        str(each.place)
        if isinstance(each, FoundReference):
            assert each.source.title or each.source.doi or each.source.pmid or each.source.pmcid or each.source.isbn
    return found


def mutated(data, dice):
    """The data with a few pieces cut out, doubled, moved, or put in."""
    data = bytearray(data)
    for _ in range(dice.randint(1, 6)):
        at, span = dice.randrange(len(data) + 1), dice.choice([1, 2, 8, 60])
        match dice.randrange(4):
            case 0:
                del data[at : at + span]
            case 1:
                data[at:at] = data[at : at + span] * 2
            case 2:
                data[at:at] = dice.choice(PIECES)
            case _:
                data[at : at + 1] = bytes([dice.randrange(256)])
    return bytes(data)


@pytest.mark.parametrize("format", FORMATS)
def test_c14_random_bytes_are_refused_cleanly(format):
    dice = random.Random(11)
    for _ in range(examples(20, 3000)):
        outcome(dice.randbytes(dice.choice([0, 1, 5, 80, 700])), format)
        outcome(b"".join(dice.choice(PIECES) for _ in range(dice.randint(1, 40))), format)


@pytest.mark.parametrize("format", FORMATS)
def test_c14_mutated_samples_are_read_or_refused(format):
    dice = random.Random(12)
    sample = SAMPLES[format].encode()
    for _ in range(examples(25, 4000)):
        data = mutated(sample, dice)
        outcome(data, format)
        outcome(data)


def test_c14_every_real_file_and_its_mutations_are_read_or_refused(report):
    dice, rows = random.Random(13), []
    files = [path for path in sorted(folder("").rglob("*")) if path.is_file()]
    assert len(files) >= 100
    for path in files:
        data = path.read_bytes()
        found = outcome(data) if path.suffix in references.ENDINGS else list(references.read(io.BytesIO(data), path.name))
        refused = [each for each in found if isinstance(each, Refusal)]
        rows.append((path.parent.name, path.name[:60], len(found) - len(refused), len(refused), refused[0].reason[:80] if refused else ""))
        for _ in range(examples(1, 40)):
            outcome(mutated(data[: 20_000 if examples(1, 0) else None], dice))
    report("References: every file of reference-files", ["folder", "file", "works", "refused", "first reason"], rows)


# ---- Time and memory

FAMILIES = {
    "ris records": ("ris", lambda n: RIS * (n // len(RIS))),
    "ris one long line": ("ris", lambda n: "TY  - JOUR\nTI  - T\nN2  - " + "x" * n + "\nER  - "),
    "ris continued": ("ris", lambda n: "TY  - JOUR\nTI  - T\n" + "go on\n" * (n // 6) + "ER  - "),
    "ris types": ("ris", lambda n: "TY  - JOUR\nTI  - T\n" * (n // 19)),
    "nbib blanks": ("nbib", lambda n: "PMID- 1\nTI  - T\n\n\n" * (n // 18)),
    "bibtex entries": ("bibtex", lambda n: BIB * (n // len(BIB))),
    "bibtex quoted braces": ("bibtex", lambda n: '@a{k, title = "' + "{a}" * (n // 3) + '"}'),
    "bibtex open braces": ("bibtex", lambda n: "@a{k, title = {" + "{" * n),
    "bibtex starts": ("bibtex", lambda n: "@a{" * (n // 3)),
    "bibtex names": ("bibtex", lambda n: "@a{k, title = {T}, author = {" + "A B and " * (n // 8) + "}}"),
    "bibtex commands": ("bibtex", lambda n: "@a{k, title = {" + r"\'{e}" * (min(n, 19_000) // 5) + "}}" * (n // 19_000 + 1)),
    "bibtex concatenation": ("bibtex", lambda n: "@a{k, title = " + "a # " * (n // 4) + "a}"),
    "endnote one line": ("endnote", lambda n: "<xml><records>" + XML[XML.index("<record>") : XML.index("</records>")] * (n // 600) + "</records></xml>"),
    "endnote deep": ("endnote", lambda n: "<xml>" + "<a>" * (n // 3)),
    "csl entries": ("csl-json", lambda n: "[" + ",".join([CSL[1:-1]] * (n // len(CSL))) + "]"),
    "csl open": ("csl-json", lambda n: "[" * n), "csl string": ("csl-json", lambda n: '[{"title": "' + "x" * n),
    "list of numbers": ("list", lambda n: "10.1000/a\n" * (n // 10)), "list on a line": ("list", lambda n: "10.1000/a," * (n // 10)),
    "refer records": ("refer", lambda n: (ENW + "\n") * (n // len(ENW))), "refer continued": ("refer", lambda n: "%0 Book\n%T T\n" + "go on\n" * (n // 6)),
    "refer blanks": ("refer", lambda n: "%T T\n" + "%A x\n\n" * (n // 6)), "refer notes": ("refer", lambda n: "%T T\n" + ("%Z PMID" + " " * 900 + "x\n") * (n // 900)),
    "list separators": ("list", lambda n: "x" + "," * n + "a"), "list spaces": ("list", lambda n: "PMID" + " " * n + "x"),
    "list of points": ("list", lambda n: "a b c " + "10.1000." * (n // 8)),
    "list of words": ("list", lambda n: "word " * (n // 5)), "table open quote": ("list", lambda n: 'DOI,Title\n"' + "x\n" * (n // 2)),
}  # fmt: skip


@pytest.mark.parametrize("name", FAMILIES)
def test_c10_reading_time_grows_no_worse_than_the_text(name, report):
    format, make = FAMILIES[name]
    first = examples(6_000, 50_000)
    sizes = [first, 2 * first, 4 * first]
    texts = {size: make(size).encode() for size in sizes}
    ratio, seconds = growth(lambda size: deque(references.read(io.BytesIO(texts[size]), "", format), maxlen=0), sizes)
    report(f"References: time, {name}", ["characters", "ms"], [[size, round(took * 1000, 1)] for size, took in zip(sizes, seconds, strict=True)])
    assert ratio <= RATIO
    assert first < 50_000 or seconds[-1] < 2, "100 kB in a second"


@pytest.mark.parametrize("format", FORMATS)
def test_a_large_file_is_read_in_bounded_memory(format):
    """Peak memory while a file is read does not grow with it: of what four times the records add, no quarter is held."""
    one = {"endnote": XML[XML.index("<record>") : XML.index("</records>")], "csl-json": CSL[1:-2] + ', "abstract": "' + "x" * 600 + '"},\n',
           "list": CSV[CSV.index("\n") + 1 :]}.get(format, SAMPLES[format] + "\n")  # fmt: skip
    before = {"endnote": "<xml><records>", "csl-json": "[", "list": "DOI,Title\n"}.get(format, "")
    peaks, counts, sizes = [], [], []
    for times in (examples(30, 1_000), examples(120, 4_000)):
        data = io.BytesIO((before + one * times).encode())
        sizes.append(len(data.getbuffer()))
        tracemalloc.start()
        counts.append(sum(1 for _ in references.read(data, "", format)))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert counts[1] > 3 * counts[0]
    assert peaks[1] - peaks[0] < (sizes[1] - sizes[0]) / 4 + 300_000
