"""RIS: references as most databases and programs exchange them."""

from collections.abc import Iterable, Iterator

from articles.citations import Source
from articles.formats._works import kind_label, people
from articles.formats.items import one_line

TYPES_OUT = {
    "article": "JOUR", "preprint": "UNPB", "conference": "CPAPER", "book": "BOOK", "chapter": "CHAP", "report": "RPRT", "thesis": "THES",
    "web_page": "ELEC", "drug_label": "GEN", "other": "GEN",
}  # fmt: skip


def write(pairs: Iterable[tuple[str, Source]]) -> str:
    """Works as RIS, each with the key that it is given; lines end as the format has them."""
    return "".join(_record(key, source) for key, source in pairs)


def _record(key: str, source: Source) -> str:
    lines = [("TY", TYPES_OUT.get(source.form, "GEN")), ("ID", key), *_lines(source), ("ER", "")]
    return "".join(f"{tag}  - {one_line(value)}\r\n" for tag, value in lines if value or tag == "ER") + "\r\n"


def _lines(source: Source) -> Iterator[tuple[str, str]]:
    first, _, last = source.pages.partition("-")
    yield from (("AU", name) for name in people(source.authors))
    yield from (("A2" if source.form in {"chapter", "conference"} else "ED", name) for name in people(source.editors))
    yield "TI", source.title
    yield "T2", source.source
    yield "PY", str(source.year or "")
    yield from (("VL", source.volume), ("IS", source.issue), ("SP", first), ("EP", last), ("ET", source.edition))
    yield from (("PB", source.publisher), ("CY", source.place), ("SN", source.isbn), ("DO", source.doi))
    yield "AN", f"PMID: {source.pmid}" if source.pmid else ""
    yield "C2", source.pmcid
    yield "UR", source.url
    yield "Y2", f"{source.accessed_on:%Y/%m/%d}" if source.accessed_on else ""
    yield "M3", kind_label(source)
    yield "N1", f"Issued by: {source.issuing_body}" if source.issuing_body else ""
    yield "N1", f"Published online: {source.online_on.isoformat()}" if source.online_on else ""
