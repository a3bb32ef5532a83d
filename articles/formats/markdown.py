"""Markdown with a block of YAML fields: title, authors, references as CSL names their fields; citations as `[@key]`."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from articles import rendering
from articles.citations import Source, is_key
from articles.formats import _csl, _front_matter, _own_markdown, _pandoc, to_markdown
from articles.formats._front_matter import Front
from articles.formats.items import (
    CONTACT,
    BadInput,
    Found,
    Item,
    Place,
    Refusal,
    check_identity,
    check_title,
    decode,
    examined,
    files_in,
    lines,
    one_line,
    read_bytes,
    unseen,
)  # fmt: skip

MAX_FILE = 4_000_000
MAX_NAME = 200
MAX_REFERENCES = 2000
ENDINGS = (".md", ".markdown")
KINDS = frozenset({"treatment", "diagnosis", "general", "notice"})
AUDIENCES = {"professional": "professional", "professionals": "professional", "plain": "plain", "patient": "plain", "patients": "plain", "family": "plain"}
KNOWN = frozenset({
    "title", "subtitle", "author", "authors", "abstract", "summary", "description", "references", "keywords", "keyword", "topics", "tags",
    "lang", "language", "type", "kind", "article-type", "audience", "id",
})  # fmt: skip
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})?\Z")
_NOTE = re.compile(r"\[\^[^\[\]]{1,40}\]|\\?\*+")
_ANY_HEADING = re.compile(r"^#{1,5}(?= )", re.MULTILINE)
_HEADING = re.compile(r" {0,3}# +(\S.*)\Z")


def read(path: Path) -> Iterator[Found]:
    """The files of a path or folder, an article each; one that cannot be taken is refused by itself."""
    try:
        for file in files_in(path, ENDINGS):
            yield _read_file(file)
    except BadInput as error:
        yield Refusal.of(error, str(path))


def _read_file(path: Path) -> Found:
    file, identity = str(path), ""
    try:
        text = decode(read_bytes(path, MAX_FILE))
        note = unseen(text, "file")
        whole = path.resolve()
        identity = check_identity(one_line(f"markdown:{whole.parent.name}/{whole.name}"))
        front = _front_matter.split(lines(text))
        read_item = _own_markdown.item if front.fields.get("format") == to_markdown.FORMAT else _item
        return examined(read_item(front, identity, file, [note] if note else []))
    except BadInput as error:
        return Refusal.of(error, file, identity=identity)


def _item(front: Front, identity: str, file: str, told: list[str]) -> Item:
    title, body = _title(front)
    if len(body) > 2 * rendering.MAX_CHARACTERS:
        raise BadInput(f"The text has {len(body):,} characters; at most {rendering.MAX_CHARACTERS:,} can be rendered.", "text", front.body_line)
    references = _references(front, Path(file).name, told)
    text = _pandoc.to_ours(_with_abstract(front, body), tuple(references), told.append)
    if same := _same_works(references):
        told.append(same)
    if unknown := sorted(one_line(name)[:40] for name in front.fields.keys() - KNOWN):
        told.append(f"Not kept: {', '.join(unknown[:20])}.")
    return Item(
        identity=identity,
        place=Place(file, front.line("title") or front.body_line),
        title=title,
        texts={_audience(front): text},
        kind=_kind(front, told),
        references=references,
        authors=_authors(front, told),
        topics=tuple(filter(None, (one_line(word) for name in ("keywords", "keyword", "topics", "tags") for word in _words(front.fields.get(name))))),
        summary=_csl.plain(front.fields.get("summary") or front.fields.get("description") or ""),
        language=_language(front, told),
        warnings=tuple(told),
    )


# ---- The title and the text


def _title(front: Front) -> tuple[str, str]:
    """The title of the fields, else the one heading of the first level that the text begins with, which then stands there no more."""
    given = ": ".join(filter(None, (_csl.plain(front.fields.get("title", "")), _csl.plain(front.fields.get("subtitle", "")))))
    rows = front.body.split("\n")
    number = next((n for n, row in enumerate(rows) if row.strip() and not _is_comment(rows, n)), len(rows))
    heading = _HEADING.match(rows[number]) if number < len(rows) else None
    words = _csl.plain(heading[1].rstrip("# ")) if heading else ""
    if not given and sum(_HEADING.match(row) is not None for row in rows) > 1:
        words = ""
    if words and (not given or words == given):
        rows[number] = ""
    try:
        return check_title(given or words), "\n".join(rows)
    except BadInput as error:
        raise BadInput(error.reason, "title", front.line("title") or front.body_line + min(number, len(rows) - 1)) from None


def _is_comment(rows: list[str], number: int) -> bool:
    row = rows[number].strip()
    return row.startswith("<!--") and row.endswith("-->")


def _with_abstract(front: Front, body: str) -> str:
    abstract = front.fields.get("abstract") or ""
    if not isinstance(abstract, str):
        raise BadInput("The abstract is not text.", "abstract", front.line("abstract"))
    within = _ANY_HEADING.sub(r"#\g<0>", abstract.strip())
    return f"# Abstract\n\n{within}\n\n{body}" if within else body


def _audience(front: Front) -> str:
    given = one_line(str(front.fields.get("audience") or "professional")).lower()
    if given not in AUDIENCES:
        raise BadInput(f"There is no audience “{given[:40]}”: it is professional or plain.", "audience", front.line("audience"))
    return AUDIENCES[given]


def _kind(front: Front, told: list[str]) -> str:
    """The article type that the file names; one that names none is held to the strictest policy, which is told."""
    given = one_line(str(front.fields.get("article-type") or front.fields.get("kind") or front.fields.get("type") or "")).lower()
    if given in KINDS:
        return given
    told.append("It does not say which type of article it is, so it is held to the review policy of treatment.")
    return "treatment"


def _language(front: Front, told: list[str]) -> str:
    given = one_line(str(front.fields.get("lang") or front.fields.get("language") or "en"))
    if _LANGUAGE.match(given) and len(given) <= 12:
        return given
    told.append("Its language is not one that we know how to name, so English is assumed.")
    return "en"


def _words(given: Any) -> list[str]:
    if isinstance(given, str):
        return re.split(r"[,;\n]", given)
    return [word for word in given if isinstance(word, str)] if isinstance(given, list) else []


# ---- People and references


def _authors(front: Front, told: list[str]) -> tuple[str, ...]:
    """Printed names, each once, `Given Family`; contact details that stand in them are left out."""
    name = "author" if front.fields.get("author") else "authors"
    given = front.fields.get(name) or []
    names = []
    for entry in given if isinstance(given, list) else str(given).split(";") if isinstance(given, str) else [given]:
        whole = _printed(entry)
        if contact := CONTACT.search(whole):
            told.append(f"Contact details of an author were left out ({whole[: contact.start()].strip()[:80] or 'no name before them'}).")
            whole = whole[: contact.start()]
        if printed := one_line(whole).strip(" ,;*"):
            names.append(printed)
        if len(printed) > MAX_NAME:
            raise BadInput(f"The name of an author has more than {MAX_NAME} characters.", name, front.line(name))
    return tuple(dict.fromkeys(names))


def _printed(entry: Any) -> str:
    if isinstance(entry, Mapping):
        family, given = _csl.plain(entry.get("family", "")), _csl.plain(entry.get("given", ""))
        return " ".join(filter(None, (given, family))) or _csl.plain(entry.get("name") or entry.get("literal") or "")
    return _csl.plain(_NOTE.sub(" ", entry)) if isinstance(entry, str) else ""


def _references(front: Front, file: str, told: list[str]) -> dict[str, Source]:
    entries = front.fields.get("references") or []
    if not isinstance(entries, list) or len(entries) > MAX_REFERENCES:
        raise BadInput(f"The references are not a list of at most {MAX_REFERENCES:,} works.", "references", front.line("references"))
    found: dict[str, Source] = {}
    for number, entry in enumerate(entries, 1):
        name = f"references[{number}]"
        key = str(entry.get("id") or "").strip() if isinstance(entry, Mapping) else ""
        if not is_key(key):
            raise BadInput("This reference has no id that a text could cite: letters and digits, and - _ : . / between them.", name, front.line(name))
        if key in found:
            raise BadInput(f"There are two references with the id {key}.", name, front.line(name))
        source, notes = _csl.source(entry, f"Not described in {one_line(file)} ({key})")
        found[key] = source
        told += [f"Line {front.line(name)}: the reference @{key}: {note}." for note in (note.rstrip(".") for note in notes)]
    return found


def _same_works(references: Mapping[str, Source]) -> str:
    """A warning when two keys mean one work, by DOI or PMID."""
    seen: dict[str, str] = {}
    twins = []
    for key, source in references.items():
        for mark in filter(None, (source.doi, source.pmid)):
            if seen.setdefault(mark, key) != key:
                twins.append(f"@{seen[mark]} and @{key}")
                break
    return f"The same work under two keys: {', '.join(twins)}." if twins else ""
