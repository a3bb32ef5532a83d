"""What a JATS article says of itself: title, people, language, topics, related articles, interests, funding. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from articles.citations import doi_url, pmid_url
from articles.formats import _cited_words
from articles.formats._flow import escaped, protected
from articles.formats._page import Tell
from articles.formats._xml import Element
from articles.formats.items import BadInput, one_line

MAX_NAME = 200
MAX_STATEMENT = 2000
NOTICES = frozenset({"retraction", "partial-retraction", "correction", "expression-of-concern", "addendum", "corrigendum", "erratum", "removal"})
COI_TYPES = frozenset({"conflict", "coi-statement", "competing-interest", "competing-interests", "conflict-of-interest"})
FUND_TYPES = frozenset({"financial-disclosure", "supported-by", "funding", "financial-support"})
PASSED = frozenset({"corresp", "edited-by", "equal", "current-aff", "present-address", "deceased", "on-leave", "presented-at", "participating-researchers"})
_COI = re.compile(
    r"(?:(?:declarations?|statements?|disclosures?)(?: of)? |author |authors['’] |potential |possible )*"
    r"(?:(?:competing|conflicts?|conflicting|duality|declared)(?: of)?(?: financial| and non-financial)*(?: interests?)"
    r"|(?<=of )interests?|(?:declaration|disclosure)s? of interests?)(?: statements?| disclosures?)?\s*(?:[:.—–-]|\Z)",
    re.IGNORECASE,
)
_FUNDING = re.compile(r"(?:(?:sources? of )?funding(?: sources?| statement| information)?|financial support|grant support|sources? of support)\s*(?:[:.—–-]|\Z)", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})?\Z")
_KIND = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}\Z")
_DIGITS = re.compile(r"(?:PMC)?([1-9][0-9]{0,8})\Z", re.IGNORECASE)


@dataclass
class Statements:
    """What the authors say of their interests and of who paid, and the elements that said it, which the text then leaves out."""

    interests: list[str] = field(default_factory=list)
    funding: list[str] = field(default_factory=list)
    elements: set[int] = field(default_factory=set)


def meta_of(article: Element) -> Element:
    """The metadata of an article or of one within it; BadInput when there are none."""
    for path in (("front", "article-meta"), ("front-stub",), ("front",)):
        if (found := article.first(*path)) is not None:
            return found
    raise BadInput("There is nothing that says what article this is (front).", "front", article.line)


def title(meta: Element) -> str:
    """The title in the language of the article, with its subtitle; marks for notes are no words of it. BadInput without one."""
    group = meta.first("title-group")
    found = group.first("article-title") if group is not None else None
    parts = [one_line(_without_notes(each)) for each in (found, *group.every("subtitle"))] if group is not None and found is not None else []
    parts = [part for part in parts if part]
    if not parts:
        raise BadInput("There is no title.", "article-title", (found or meta).line)
    return ": ".join([part.rstrip(":") for part in parts[:-1]] + parts[-1:])


def _without_notes(element: Element) -> str:
    parts = (part if isinstance(part, str) else " " if part.name == "break" else _without_notes(part) for part in element.content
             if isinstance(part, str) or part.name not in {"xref", "fn"})
    return "".join(parts)


def language(article: Element, outer: str = "") -> str:
    """The language that the article says it is in; English when it says none that we know how to name."""
    given = article.get("lang") or outer
    return given if _LANGUAGE.match(given) and len(given) <= 12 else "en"


def kind(article: Element, meta: Element, tell: Tell) -> str:
    """The type that our own export states. Else a notice is one by its type, or by what it is about; any other article is held to the strictest policy, which is told."""
    if (ours := stated(meta, "article-type")) and _KIND.match(ours):
        return ours
    about = {each.get("related-article-type") for each in meta.within("related-article")}
    if article.get("article-type").lower() in NOTICES or "retracted-article" in about:
        return "notice"
    tell("It does not say which type of article it is, so it is held to the review policy of treatment.")
    return "treatment"


def stated(meta: Element, name: str) -> str:
    """A fact that our own export states under a name."""
    facts = (each for group in meta.every("custom-meta-group") for each in group.every("custom-meta"))
    return next((fact.said("meta-value") for fact in facts if fact.said("meta-name") == name), "")


# ---- People


def authors(meta: Element, tell: Tell) -> tuple[str, ...]:
    """Printed names of the authors, each once; people in other roles are named in what is told."""
    names, others = [], []
    for group in meta.every("contrib-group"):
        for contrib in group.every("contrib"):
            name = _printed(contrib)[:MAX_NAME]
            role = contrib.get("contrib-type") or "author"
            if name and role == "author":
                names.append(name)
            elif name:
                others.append(f"{name} ({contrib.said('role').lower() or role.replace('_', ' ')})")
    if others:
        tell(f"Not bylined, for they are not its authors: {', '.join(dict.fromkeys(others))}.")
    if any(meta.within("corresp", "email")):
        tell("Contact details of the authors were left out.")
    return tuple(dict.fromkeys(names))


def _printed(contrib: Element) -> str:
    """`Given Family`, or the name of a group."""
    holder = contrib.first("name-alternatives") or contrib
    name = holder.first("name") or holder.first("string-name")
    if name is None:
        collab = holder.first("collab")
        own = "".join(part if isinstance(part, str) else part.words for part in collab.content
                      if isinstance(part, str) or part.name not in {"contrib-group", "xref", "fn", "aff", "address"}) if collab is not None else ""
        return one_line(own).strip(" ,;")
    family, given, suffix = name.said("surname"), name.said("given-names"), name.said("suffix")
    if not family:
        return given or one_line(name.words)
    parts = (family, given) if name.get("name-style") == "eastern" else (given, family)
    return " ".join(filter(None, (*parts, suffix)))


# ---- Beside the text


def topics(meta: Element, language: str) -> tuple[str, ...]:
    """The keywords of the article's own language."""
    groups = [group for group in meta.every("kwd-group") if group.get("lang") in {"", language} and "abbrev" not in group.get("kwd-group-type")]
    return tuple(dict.fromkeys(filter(None, (one_line(word.words) for group in groups for word in group.within("kwd")))))


def other_languages(meta: Element, tell: Tell) -> None:
    """Tell of titles and abstracts in other languages, which a text in one language has no place for."""
    for each in meta.within("trans-title-group", "trans-abstract"):
        what = "title" if each.name == "trans-title-group" else "abstract"
        said = each.said("trans-title") if what == "title" else each.said("title")
        tell(f"The {what} in another language ({each.get('lang') or 'not named'}) was left out{f': {said}' if said else '.'}")


def related(meta: Element) -> Iterator[str]:
    """Each related article as a line of Markdown: how it is related, and the link to it."""
    for each in meta.within("related-article"):
        how = (each.get("related-article-type") or "related-article").replace("-", " ").replace("_", " ").capitalize()
        address = _address(each)
        words = one_line(each.words) or one_line(each.get("href"))
        yield f"{escaped(how)}: " + (f"[{protected(words or address)}](<{address}>)" if address else protected(words))


def _address(related: Element) -> str:
    """The address of a related article, however its link is spelled: DOI, `info:doi/`, PMID, PMC number, web address."""
    href, kind = one_line(related.get("href")), related.get("ext-link-type")
    number = _DIGITS.match(href)
    if doi := _cited_words.doi_in(href):
        return doi_url(doi)
    if number and (kind == "pmc" or href[:3].upper() == "PMC"):
        return f"https://www.ncbi.nlm.nih.gov/pmc/articles/PMC{number[1]}/"
    if number and kind in {"pubmed", "pmid"}:
        return pmid_url(number[1])
    return href if href.startswith(("https://", "http://")) else ""


def statements(article: Element, meta: Element) -> Statements:
    """Interests and funding, wherever the many ways of JATS put them: funding groups, notes, sections by type or by title."""
    said = Statements()
    for group in meta.every("funding-group"):
        given = [one_line(each.words) for each in group.every("funding-statement")]
        said.funding += filter(None, given or [_award(each) for each in group.every("award-group")])
    is_ours = bool(stated(meta, "audience"))
    for holder in (meta.first("author-notes"), *(() if is_ours else (article.first("back"), article.first("body"), meta))):
        if holder is not None:
            _collect(holder, said, is_front=holder is meta)
    return said


def _award(group: Element) -> str:
    source = next((one_line(each.said("institution-wrap", "institution") or each.said("institution") or each.words) for each in group.every("funding-source")), "")
    numbers = ", ".join(filter(None, (one_line(each.words) for each in group.every("award-id"))))
    return f"{source} ({numbers})" if source and numbers else source or numbers


def _collect(holder: Element, said: Statements, *, is_front: bool = False) -> None:
    for each in holder.children:
        which = _which(each) if each.name in {"sec", "fn", "fn-group", "notes", "ack", "p"} else ""
        words = _statement(each) if which and not any(each.within("list", "table-wrap", "fig", "disp-quote", "boxed-text", "sec")) else ""
        if words and len(words) <= MAX_STATEMENT and not any(link.get("ref-type") == "bibr" for link in each.within("xref")):
            (said.interests if which == "interests" else said.funding).append(words)
            said.elements.add(id(each))
        elif each.name in {"sec", "fn-group", "notes", "ack", "body"} and not is_front:
            _collect(each, said)


def _which(each: Element) -> str:
    named = {each.get(name).lower() for name in ("fn-type", "sec-type", "notes-type", "content-type")}
    head = each.said("title") or _head(each)
    if named & COI_TYPES or _COI.match(head):
        return "interests"
    return "funding" if named & FUND_TYPES or _FUNDING.match(head) else ""


def _head(each: Element) -> str:
    """The words that a note or paragraph begins with, when they are marked as its heading or end in a colon."""
    if each.name not in {"fn", "p"}:
        return ""
    first = each if each.name == "p" else each.first("p") or each
    begins = next((part for part in first.content if not isinstance(part, str) or part.strip()), "")
    if isinstance(begins, Element) and begins.name in {"bold", "italic", "underline", "sc"}:
        return one_line(begins.words)
    return one_line(first.words)[:80].partition(":")[0] + ":" if each.name == "fn" and ":" in first.words[:80] else ""


def _statement(each: Element) -> str:
    """The words of a statement, without the heading that only says what they are."""
    parts = [one_line(part.words) for part in each.within("p")] or [one_line(each.words)]
    words = " ".join(part for part in parts if part)
    for says in (_COI, _FUNDING):
        if (found := says.match(words)) and words[found.end() :].strip():
            words = words[found.end() :].lstrip(" :.—–-")
    return words
