"""How a cited work is written in a list of references, in two styles. Pure.

Vancouver follows NLM: Patrias K, Wendling D. Citing Medicine, 2nd ed. (National Library of Medicine, 2007-), with six authors before
"et al" as in the ICMJE sample references. AMA follows the AMA Manual of Style, 11th ed. (2020), chapter 3. The titles of journals
stand as they are kept: nothing is abbreviated or spelled out here.
"""

from collections.abc import Callable, Iterator

from articles._citing_parts import (
    ama_people,
    at_meeting,
    edition_words,
    imprint,
    in_book,
    in_volume,
    long_day,
    responsible,
    short_day,
    short_pages,
    vancouver_people,
    whole_pages,
    with_label,
)
from articles.citations import Source

Parts = Iterator[str]


def format_vancouver(source: Source) -> str:
    """The work in Vancouver style, as NLM's Citing Medicine has it for its form."""
    return _joined(_VANCOUVER[_shape(source)](source))


def format_ama(source: Source) -> str:
    """The work in AMA style, 11th edition."""
    return _joined(_AMA[_shape(source)](source))


STYLES: dict[str, tuple[str, Callable[[Source], str]]] = {"vancouver": ("Vancouver (NLM)", format_vancouver), "ama": ("AMA, 11th edition", format_ama)}


def _shape(source: Source) -> str:
    """The form by which it is written: what is in a volume of a journal is an article, and an article that has only an address a web page."""
    if source.form in {"other", "conference"} and source.source and source.volume:
        return "article"
    if source.form == "other":
        return "web_page" if source.url else "report"
    if source.form == "article" and not (source.volume or source.doi or source.pmid or source.pages):
        return "web_page" if source.url else "report" if source.publisher else "article"
    return source.form


def _joined(parts: Parts) -> str:
    """Sentences, each closed unless it closes itself or ends in an address."""
    return " ".join(_closed(part.strip()) for part in parts if part.strip())


def _closed(part: str) -> str:
    is_open = part.startswith(("Available from:", "https://", "http://", "doi:10."))
    return part if is_open or part.endswith((".", "?", "!")) else f"{part}."


# ---- Vancouver


def _is_online(source: Source) -> bool:
    """Whether the work is named by its address: then it says so, and when it was read."""
    return bool(source.url and not source.doi)


def _titled(source: Source, label: str = "") -> str:
    """The title with what the work is, in brackets: [Internet], [dissertation], [dissertation on the Internet]."""
    told = " on the ".join(filter(None, (label, "Internet" if _is_online(source) else "")))
    return f"{source.title} [{told}]" if told else source.title


def _cited(source: Source) -> str:
    return f"[cited {short_day(source.accessed_on)}]" if source.accessed_on and _is_online(source) else ""


def _numbers(source: Source) -> Parts:
    """DOI, then PMID and PMCID, else the address."""
    if source.doi:
        yield f"doi: {source.doi}."
    if source.pmid or source.pmcid:
        yield "; ".join([f"PMID: {source.pmid}"] * bool(source.pmid) + [f"PMCID: {source.pmcid}"] * bool(source.pmcid))
    if _is_online(source) and not source.pmid:
        yield f"Available from: {source.url}"


def _vancouver_article(source: Source) -> Parts:
    """Citing Medicine, chapter 1; ahead of print as PubMed has it: the day, and "Epub ahead of print" at the end."""
    is_ahead = bool(source.online_on) and not (source.volume or source.pages)
    yield responsible(source, vancouver_people, "editor")
    yield source.title
    yield source.source.rstrip(".")
    when = short_day(source.online_on) if is_ahead and source.online_on else str(source.year or "")
    yield in_volume(source, when, short_pages)
    doi, *others = _numbers(source) if source.doi else ("", *_numbers(source))
    yield doi
    yield "Epub ahead of print" if is_ahead else ""
    yield from others


def _vancouver_preprint(source: Source) -> Parts:
    yield responsible(source, vancouver_people, "editor")
    yield source.title
    yield f"{source.source or source.publisher} [Preprint]"
    yield " ".join(part for part in (short_day(source.online_on) if source.online_on else str(source.year or ""), _cited(source)) if part)
    yield from _numbers(source)


def _vancouver_book(source: Source) -> Parts:
    """Citing Medicine, chapter 2."""
    yield responsible(source, vancouver_people, "editor")
    yield _titled(source)
    yield f"Vol. {source.volume}" if source.volume else ""
    yield edition_words(source.edition)
    yield imprint(source, has_place=True, cited=_cited(source))
    yield from _numbers(source)


def _vancouver_part(source: Source) -> Parts:
    """A chapter (chapter 2) or a paper in proceedings (chapter 3): In: Editors, editors. Book. Edition. Place: Publisher; year. p. 1-9."""
    yield responsible(source, vancouver_people, "editor")
    yield source.title
    editors = with_label(vancouver_people(source.editors), source.editors, "editor") if source.editors.strip() else ""
    book = source.source + (" [Internet]" if source.source and _is_online(source) else "")
    yield in_book(editors, book)
    yield f"Vol. {source.volume}" if source.volume else ""
    yield edition_words(source.edition)
    yield imprint(source, has_place=True, cited=_cited(source))
    yield f"p. {short_pages(source.pages)}" if source.pages else ""
    yield from _numbers(source)


def _vancouver_paper(source: Source) -> Parts:
    if source.publisher or source.pages or source.editors:
        yield from _vancouver_part(source)
        return
    yield responsible(source, vancouver_people, "editor")
    yield _titled(source)
    yield at_meeting(source)
    yield from _numbers(source)


def _series(source: Source) -> tuple[str, str]:
    """The series of a report, where it is no name of who issued it, and its number."""
    return "" if source.source in {source.issuing_body, source.publisher} else source.source, source.issue or source.volume


def _vancouver_report(source: Source) -> Parts:
    """Citing Medicine, chapter 4."""
    yield responsible(source, vancouver_people, "editor")
    yield _titled(source)
    yield edition_words(source.edition)
    yield imprint(source, has_place=True, cited=_cited(source))
    series, number = _series(source)
    yield f"({'; no. '.join(filter(None, (series, number)))})." if series else f"Report No.: {number}" if number else ""
    yield from _numbers(source)


def _vancouver_thesis(source: Source) -> Parts:
    """Citing Medicine, chapter 5."""
    yield responsible(source, vancouver_people, "editor")
    yield _titled(source, source.edition or "dissertation")
    yield imprint(source, has_place=True, cited=_cited(source))
    yield from _numbers(source)


def _vancouver_label(source: Source) -> Parts:
    yield responsible(source, vancouver_people, "editor") if source.authors else ""
    yield _titled(source, "package insert")
    yield imprint(source, has_place=True, cited=_cited(source))
    yield from _numbers(source)


def _vancouver_page(source: Source) -> Parts:
    """Citing Medicine, chapter 25: page [Internet]. Place: Publisher; date [cited date]. Available from: address."""
    who = responsible(source, vancouver_people, "editor")
    yield who
    yield _titled(source)
    house = source.publisher or source.source or source.issuing_body
    house = "" if house == who and not source.place else house
    when = short_day(source.online_on) if source.online_on else str(source.year or "")
    place = f"{source.place}: " if source.place and house else ""
    yield "; ".join(part for part in (f"{place}{house}", " ".join(each for each in (when, _cited(source)) if each)) if part)
    yield from _numbers(source)


_VANCOUVER: dict[str, Callable[[Source], Parts]] = {
    "article": _vancouver_article, "preprint": _vancouver_preprint, "conference": _vancouver_paper, "book": _vancouver_book,
    "chapter": _vancouver_part, "report": _vancouver_report, "thesis": _vancouver_thesis, "web_page": _vancouver_page,
    "drug_label": _vancouver_label,
}  # fmt: skip


# ---- AMA


def _ama_link(source: Source) -> Parts:
    """AMA 3.4.4: the DOI last and without a full stop; else the day it was read and the address."""
    if source.doi:
        yield f"doi:{source.doi}"
    elif source.url:
        yield f"Accessed {long_day(source.accessed_on)}" if source.accessed_on else ""
        yield source.url


def _ama_article(source: Source) -> Parts:
    """AMA 3.11.1; ahead of print 3.11.4: Published online, and the day."""
    yield responsible(source, ama_people, "ed")
    yield source.title
    yield source.source.rstrip(".")
    if source.online_on and not (source.volume or source.pages):
        yield f"Published online {long_day(source.online_on)}"
    else:
        yield in_volume(source, str(source.year or ""), whole_pages)
    yield from _ama_link(source)


def _ama_preprint(source: Source) -> Parts:
    """AMA 3.11.4.1."""
    yield responsible(source, ama_people, "ed")
    yield source.title
    yield source.source or source.publisher
    yield f"Preprint posted online {long_day(source.online_on)}" if source.online_on else " ".join(filter(None, ("Preprint", str(source.year or ""))))
    yield from _ama_link(source)


def _ama_book(source: Source) -> Parts:
    """AMA 3.12: no place."""
    yield responsible(source, ama_people, "ed")
    yield source.title
    yield f"Vol {source.volume}" if source.volume else ""
    yield edition_words(source.edition)
    yield imprint(source, has_place=False)
    yield from _ama_link(source)


def _ama_part(source: Source) -> Parts:
    """AMA 3.12.4: In: Editors, eds. Book. Edition. Publisher; year:pages."""
    yield responsible(source, ama_people, "ed")
    yield source.title
    editors = with_label(ama_people(source.editors), source.editors, "ed") if source.editors.strip() else ""
    yield in_book(editors, source.source)
    yield f"Vol {source.volume}" if source.volume else ""
    yield edition_words(source.edition)
    yield ":".join(filter(None, (imprint(source, has_place=False), whole_pages(source.pages))))
    yield from _ama_link(source)


def _ama_paper(source: Source) -> Parts:
    """AMA 3.13.9: a paper that was only given names the meeting."""
    if source.publisher or source.pages or source.editors:
        yield from _ama_part(source)
        return
    yield responsible(source, ama_people, "ed")
    yield source.title
    yield at_meeting(source)
    yield from _ama_link(source)


def _ama_report(source: Source) -> Parts:
    """AMA 3.13.2: reports of governments and organisations."""
    yield responsible(source, ama_people, "ed")
    yield source.title
    yield edition_words(source.edition)
    yield imprint(source, has_place=False)
    series, number = _series(source)
    yield " ".join(filter(None, (series, number))) if series else f"Report No. {number}" if number else ""
    yield from _ama_link(source)


def _ama_thesis(source: Source) -> Parts:
    """AMA 3.13.4."""
    yield responsible(source, ama_people, "ed")
    yield source.title
    yield (source.edition or "dissertation")[:1].upper() + (source.edition or "dissertation")[1:]
    yield imprint(source, has_place=False)
    yield from _ama_link(source)


def _ama_label(source: Source) -> Parts:
    """AMA 3.13.6."""
    yield source.title
    yield "Package insert"
    yield imprint(source, has_place=False)
    yield from _ama_link(source)


def _ama_page(source: Source) -> Parts:
    """AMA 3.15.3: title, site, day or year, day it was read, address."""
    who = responsible(source, ama_people, "ed")
    yield who
    yield source.title
    site = source.source or source.publisher or source.issuing_body
    yield "" if site == who else site
    yield f"Published {long_day(source.online_on)}" if source.online_on else str(source.year or "")
    yield from _ama_link(source)


_AMA: dict[str, Callable[[Source], Parts]] = {
    "article": _ama_article, "preprint": _ama_preprint, "conference": _ama_paper, "book": _ama_book, "chapter": _ama_part,
    "report": _ama_report, "thesis": _ama_thesis, "web_page": _ama_page, "drug_label": _ama_label,
}  # fmt: skip
