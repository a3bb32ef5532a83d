"""Checks of keys and links: each citation has its reference, each reference its citation, each address can be followed safely."""

import re
from collections.abc import Iterator

from articles.checks.base import MUST_FIX, Draft, Hit, check, name_of
from articles.citations import check_url


@check("citation.unresolved", level=MUST_FIX, can_be_waived=False, rule="REF-1")
def keys_are_known(draft: Draft) -> Iterator[Hit]:
    """Every cited key has a reference."""
    for audience, text in draft.rendered.items():
        for place in text.unresolved:
            yield Hit(
                f"[@{place.key}] in the {name_of(audience)} has no reference.",
                "Insert the reference with this key, or remove the citation.",
                audience,
                place.line,
                place.key,
            )


@check("reference.uncited", rule="REF-1")
def references_are_cited(draft: Draft) -> Iterator[Hit]:
    """Every reference of the article is cited somewhere."""
    cited = set(draft.cited_keys)
    for key in draft.citations:
        if key not in cited:
            yield Hit(f"The reference @{key} is not cited.", "Cite it or remove it; it will not be listed.", key=key)


# Addresses that nobody else can open, or that stand for one that is still to be filled in.
_NOWHERE = re.compile(
    r"https?://(?:[^/]*\.)?(?:example\.(?:com|org|net)|localhost|[^/.]+\.(?:test|local|localhost|invalid|internal|lan))(?:[:/?#]|\Z)", re.IGNORECASE
)
_HREF = re.compile(r'<a href="(https?://[^"]*)"')


def fault_of(url: str) -> str:
    """What is wrong with the form of a web address, as the end of a sentence; empty when it is sound. Nothing is fetched."""
    try:
        check_url(url)
    except ValueError as error:
        return f"is none: {error}"
    if _NOWHERE.match(url):
        return "leads nowhere that a reader can go"
    if url[:7].lower() == "http://":
        return "begins with http://, which is not secure"
    return ""


@check("reference.link", rule="REF-2")
def references_link_safely(draft: Draft) -> Iterator[Hit]:
    """The address of a reference is one that readers can follow, with https."""
    for key, work in draft.works:
        if work.url and (fault := fault_of(work.url)):
            yield Hit(f"The address of the reference @{key} {fault}.", "Open it, and enter the address that you come to.", key=key)


@check("text.link", rule="REF-2")
def texts_link_safely(draft: Draft) -> Iterator[Hit]:
    """A link in a text is one that readers can follow, with https."""
    for audience, text in draft.rendered.items():
        seen = dict.fromkeys(_HREF.findall(text.html))
        lines = draft.sources.get(audience, "").split("\n") if seen else []
        for url in seen:
            if fault := fault_of(url):
                plain = url.replace("&amp;", "&")
                line = next((n for n, words in enumerate(lines, 1) if plain in words), 0)
                yield Hit(f"The address {plain[:80]} in the {name_of(audience)} {fault}.", "Open it, and link to the address that you come to.", audience, line, words=plain)
