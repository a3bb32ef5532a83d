"""Web of Science's plain text: references as its "Export to other reference software" has them."""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from articles.citations import Source
from articles.formats._tagged import Record, Values
from articles.formats._text import Line, lines_of
from articles.formats._works import found, isbn_in, names, source_of
from articles.formats.items import Place, Works

FORMS = {"J": "article", "B": "book", "S": "chapter", "P": "other", "C": "conference"}
_LINE = re.compile(r"([A-Z][A-Z0-9])(?:\s(.*)|\Z)")
_LISTS = ("AU", "AF", "BE", "ED", "CR")


def read(stream: BinaryIO, file: str) -> Works:
    """The works of a file, one by one; a record that cannot be taken is refused by itself."""
    for record in _records(lines_of(stream)):
        yield found(_made, Values(record.joined()), Place(file, record.line), record.warnings)


def _records(lines: Iterable[Line]) -> Iterator[Record]:
    """From PT to ER."""
    now: Record | None = None
    for line in lines:
        tag = _LINE.match(line.text)
        if tag and tag[1] in {"PT", "ER"}:
            if now is not None:
                yield now
            now = Record() if tag[1] == "PT" else None
        if now is not None:
            now.add(tag[1], line, tag[2] or "") if tag else now.go_on(line, apart=_LISTS)
    if now is not None:
        yield now


def _made(record: Values, told: list[str]) -> tuple[str, Source]:
    form = FORMS.get(record.first("PT"), "article")
    types = record.all("DT")
    form = "conference" if any("proceedings paper" in word.lower() for word in types) and record.first("CT") else form
    fields = {
        "title": record.first("TI"), "authors": names(record.all("AF") or record.all("AU")), "editors": names(record.all("BE") or record.all("ED")),
        "source": record.first("SO"), "volume": record.first("VL"), "issue": record.first("IS"), "publisher": record.first("PU"), "place": record.first("PI"),
        "pages": "-".join(filter(None, (record.first("BP", "AR"), record.first("EP")))), "doi": record.first("DI"), "pmid": record.first("PM"),
        "isbn": isbn_in(" ".join(record.all("BN"))),
    }  # fmt: skip
    if form == "article":
        fields |= {"publisher": "", "place": ""}
    return record.first("UT"), source_of(form, fields, told, stated=types, dates={"year": record.first("PY")})
