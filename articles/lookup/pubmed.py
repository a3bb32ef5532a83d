"""PubMed: the record of one PMID (E-utilities: efetch as XML, or its summary as JSON), and the PMID of a DOI (esearch). Pure."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from articles.citations import Source
from articles.formats import _works
from articles.formats.items import BadInput, one_line
from articles.formats.retraction_watch import Listed, doi_of, pmid_of
from articles.lookup.answers import FOUND, UNKNOWN, Answer, told_by_title

NAME, SEARCH = "pubmed", "pubmed_search"
# How PubMed names what another record does to this one → what happened to this one.
HAPPENED = {
    "retractionin": "retraction", "retractedandrepublishedin": "retraction", "partialretractionin": "concern", "expressionofconcernin": "concern",
    "erratumin": "correction", "correctedandrepublishedin": "correction", "updatein": "superseded",
}  # fmt: skip
# And what this record does to another one.
DOES = {
    "retractionof": "retraction", "retractedandrepublishedfrom": "retraction", "partialretractionof": "concern", "expressionofconcernfor": "concern",
    "erratumfor": "correction", "correctedandrepublishedfrom": "correction", "updateof": "superseded",
}  # fmt: skip
REPLACES = ("republishedin", "updatein", "republishedfrom", "updateof")
NOTICES = {"retraction of publication", "published erratum", "expression of concern"}
RETRACTED = "retracted publication"
# PubMed names its document type in every answer; it is not read. One with a type of its own making is refused with the rest.
_DOCTYPE = re.compile(rb"<!DOCTYPE\s[^\[\]<>]{1,400}>")
_REFERENCE_DAY = re.compile(r"\b(\d{4} [A-Z][a-z]{2} \d{1,2})\b")
_REFERENCE_DOI = re.compile(r"\bdoi:\s*(\S+)", re.IGNORECASE)


def _with(base: str, tool: str, mail: str, **query: str) -> str:
    return f"{base}/{tool}.fcgi?{urlencode({'db': 'pubmed', **query, 'tool': 'imprimatur', 'email': mail})}"


def address(base: str, pmid: str, mail: str) -> str:
    """Where the record of a PMID is."""
    return _with(base, "efetch", mail, id=pmid, retmode="xml")


def search_address(base: str, doi: str, mail: str) -> str:
    """Where the PMID of a DOI is asked for."""
    return _with(base, "esearch", mail, term=f'"{doi}"[doi]', retmode="json")


def read(body: bytes, content_type: str, pmid: str) -> Answer:
    """The answer in a body; BadInput when it is not PubMed's record of this PMID."""
    if content_type.endswith("json"):
        return _read_summary(body, pmid)
    if not content_type.endswith("xml"):
        raise BadInput(f"it is {content_type or 'of no stated sort'}, not XML or JSON")
    root = _root(body)
    if root.tag not in {"PubmedArticleSet", "PubmedArticle", "PubmedBookArticle"}:
        raise BadInput(f"it is {one_line(root.tag)[:60]}, not a record of PubMed")
    records = [root] if root.tag != "PubmedArticleSet" else list(root)
    for record in records:
        if _text(record, "MedlineCitation/PMID") == pmid or _text(record, "BookDocument/PMID") == pmid:
            return _answer(record, pmid)
    if records:
        raise BadInput("it is about another work", "PMID")
    return Answer(NAME, pmid, UNKNOWN, reason="PubMed does not know this PMID.")


def read_search(body: bytes, content_type: str, doi: str) -> Answer:
    """The PMID of a DOI, where a search found one alone; BadInput when the body is no answer to a search. The record itself has to agree."""
    found = _json(body) if content_type.endswith("json") else {}
    result = found.get("esearchresult")
    if not isinstance(result, dict) or not isinstance(result.get("idlist"), list):
        raise BadInput("it is not the result of a search")
    numbers = list(filter(None, (pmid_of(str(each)) for each in result["idlist"])))
    if len(numbers) != 1:
        return Answer(SEARCH, doi, UNKNOWN, reason="PubMed does not know this DOI.")
    return Answer(SEARCH, doi, FOUND, Source(pmid=numbers[0], doi=doi))


def _root(body: bytes) -> Element:
    try:
        root: Element = fromstring(_DOCTYPE.sub(b"", body, count=1), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise BadInput("it is damaged or breaks off, or its XML holds what is not read") from None
    return root


def _answer(record: Element, pmid: str) -> Answer:
    told: list[str] = []
    stated = [one_line(_inner(each)) for each in record.iter("PublicationType")]
    source = _book(record, told) if record.find("BookDocument") is not None else _article(record, stated, told)
    if not source.title:
        raise BadInput("the work has no title there", "ArticleTitle")
    said = [
        (each.get("RefType", ""), _text(each, "PMID"), _text(each, "RefSource")) for each in record.iterfind("MedlineCitation/CommentsCorrectionsList/CommentsCorrections")
    ]
    return _made(source, stated, said, told)


def _made(source: Source, stated: list[str], said: list[tuple[str, str, str]], told: list[str]) -> Answer:
    """The answer, with what the record says of itself and of others; a flag that no notice explains is an event of its own."""
    words = {each.lower() for each in stated}
    events = list(_events(source, said))
    if RETRACTED in words and not any(event.kind == "retraction" and event.pmid == source.pmid for event in events):
        events.append(Listed(f"{source.pmid} retraction flag", "retraction", source.doi, source.pmid, reported_by="PubMed"))
    source, known = told_by_title(source, events, "PubMed")
    return Answer(NAME, source.pmid, FOUND, source, known, is_notice=bool(words & NOTICES), notes=tuple(told))


def _events(source: Source, said: list[tuple[str, str, str]]) -> Iterator[Listed]:
    for sort, other, where in said:
        sort, other = "".join(filter(str.isalpha, sort)).lower(), pmid_of(other)
        named, dated = _REFERENCE_DOI.search(where), _REFERENCE_DAY.search(where)
        doi, on = doi_of(named[1]) if named else "", _works.day(dated[1]) if dated else None
        replaces = sort.endswith(REPLACES)
        if kind := HAPPENED.get(sort):
            yield Listed(
                f"{source.pmid} {kind} {other or doi or on}", kind, source.doi, source.pmid, title=source.title, happened_on=on,
                notice_doi="" if replaces else doi, notice_pmid=other, replacement_doi=doi if replaces else "", reported_by="PubMed",
            )  # fmt: skip
        elif (kind := DOES.get(sort)) and (other or doi):
            yield Listed(
                f"{other or doi} {kind} {source.pmid}", kind, doi, other, notice_doi="" if replaces else source.doi, notice_pmid=source.pmid,
                replacement_doi=source.doi if replaces else "", reported_by="PubMed",
            )  # fmt: skip


# ---- The fields of a record


def _article(record: Element, stated: list[str], told: list[str]) -> Source:
    article, journal = record.find("MedlineCitation/Article"), record.find("MedlineCitation/Article/Journal")
    if article is None or journal is None:
        raise BadInput("the record has no article", "Article")
    given = {
        "title": _title(_text(article, "ArticleTitle")) or _title(_text(article, "VernacularTitle")),
        "authors": _people(article.find("AuthorList")),
        "source": _text(journal, "ISOAbbreviation") or _text(record, "MedlineCitation/MedlineJournalInfo/MedlineTA") or _text(journal, "Title"),
        "volume": _text(journal, "JournalIssue/Volume"),
        "issue": _text(journal, "JournalIssue/Issue"),
        "pages": _text(article, "Pagination/MedlinePgn") or _text(article, "Pagination/StartPage"),
        "pmid": _text(record, "MedlineCitation/PMID"),
        "doi": _number(record, "doi") or _text(article, "ELocationID[@EIdType='doi']"),
        "pmcid": _number(record, "pmc"),
    }
    dates: dict[str, Any] = {"year": _text(journal, "JournalIssue/PubDate/Year") or _text(journal, "JournalIssue/PubDate/MedlineDate")}
    electronic = article.find("ArticleDate[@DateType='Electronic']")
    if electronic is not None:
        dates["year"] = dates["year"] or _text(electronic, "Year")
        if _text(record, "PubmedData/PublicationStatus") == "aheadofprint":
            dates["online_on"] = _works.day("-".join(_text(electronic, part) for part in ("Year", "Month", "Day")))
    return _works.source_of("article", given, told, stated=stated, dates=dates)


def _book(record: Element, told: list[str]) -> Source:
    """A book or chapter of NCBI's Bookshelf."""
    document = record.find("BookDocument")
    assert document is not None
    book, title = _text(document, "Book/BookTitle"), _text(document, "ArticleTitle")
    form = "chapter" if title and title.rstrip(".") != book.rstrip(".") else "book"
    given = {
        "title": _title(title or book),
        "authors": _people(document.find("AuthorList[@Type='authors']")) or _people(document.find("Book/AuthorList[@Type='authors']")),
        "editors": _people(document.find("Book/AuthorList[@Type='editors']")),
        "source": book if form == "chapter" else "",
        "publisher": _text(document, "Book/Publisher/PublisherName"),
        "place": _text(document, "Book/Publisher/PublisherLocation"),
        "edition": _text(document, "Book/Edition"),
        "isbn": _text(document, "Book/Isbn") if form == "book" else "",
        "pmid": _text(document, "PMID"),
        "doi": _text(document, "ArticleIdList/ArticleId[@IdType='doi']"),
    }
    return _works.source_of(form, given, told, dates={"year": _text(document, "Book/PubDate/Year")})


def _number(record: Element, sort: str) -> str:
    """An identifier of the work itself; those of the works it cites stand elsewhere in the record."""
    return _text(record, f"PubmedData/ArticleIdList/ArticleId[@IdType='{sort}']")


def _people(found: Element | None) -> str:
    names = []
    for author in found if found is not None else ():
        given = " ".join(filter(None, (_text(author, "ForeName") or _text(author, "Initials"), _text(author, "Suffix"))))
        names.append(", ".join(filter(None, (_text(author, "LastName"), given))) or _text(author, "CollectiveName"))
    return _works.names(names)


def _title(words: str) -> str:
    """A title without its full stop; what PubMed writes in place of one is none."""
    bare = words.removesuffix(".").strip()
    return "" if bare.lower() in {"[not available]", "not available"} else bare


def _text(where: Element, path: str) -> str:
    found = where.find(path)
    return one_line(_inner(found)) if found is not None else ""


def _inner(found: Element) -> str:
    return "".join(found.itertext())


# ---- The summary of a record


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise BadInput("it is damaged or breaks off") from None
    if not isinstance(found, dict):
        raise BadInput("it is not a record of PubMed")
    return found


def _read_summary(body: bytes, pmid: str) -> Answer:
    result = _json(body).get("result")
    record = result.get(pmid) if isinstance(result, dict) else None
    if not isinstance(record, dict):
        raise BadInput("it is not the summary of this PMID", "result")
    if record.get("error"):
        return Answer(NAME, pmid, UNKNOWN, reason="PubMed does not know this PMID.")
    told: list[str] = []
    stated = [one_line(str(each)) for each in _list(record, "pubtype")]
    numbers = {str(each.get("idtype")): str(each.get("value", "")) for each in _list(record, "articleids") if isinstance(each, dict)}
    authors = (_summary_name(each) for each in _list(record, "authors") if isinstance(each, dict))
    given = {name: str(record.get(key) or "") for name, key in (("source", "source"), ("volume", "volume"), ("issue", "issue"), ("pages", "pages"))}
    given |= {"title": _title(one_line(str(record.get("title") or ""))), "authors": _works.names(authors), "pmid": pmid}
    given |= {"doi": numbers.get("doi", ""), "pmcid": numbers.get("pmc", "")}
    source = _works.source_of("article", given, told, stated=stated, dates={"year": record.get("pubdate") or record.get("epubdate") or ""})
    if not source.title:
        raise BadInput("the work has no title there", "title")
    links = [each for each in _list(record, "references") if isinstance(each, dict)]
    return _made(source, stated, [(str(each.get("reftype", "")), str(each.get("pmid", "")), str(each.get("refsource", ""))) for each in links], told)


def _list(record: Mapping[str, Any], name: str) -> list[Any]:
    found = record.get(name)
    return found if isinstance(found, list) else []


def _summary_name(author: Mapping[str, Any]) -> str:
    """`Wakefield AJ` as family name and initials; a group's name as it stands."""
    family, space, initials = one_line(str(author.get("name") or "")).rpartition(" ")
    is_person = author.get("authtype") == "Author" and space and initials.isalpha() and initials.isupper()
    return f"{family}, {initials}" if is_person else (f"{family} {initials}" if space else initials)
