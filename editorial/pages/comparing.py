"""What changed between two versions that readers could read: both texts, the works they cite, the details on their pages, and nothing else of them."""

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q, Subquery
from django.template.loader import get_template

from articles import clinical, editions
from articles.clinical import Edition, Text
from editorial.listing import foreign
from editorial.models import Address, Publication
from editorial.pages import matters, today
from editorial.pages.article import is_as_signed
from editorial.pages.facts import SHOWN, Facts, State, ever_public_of, partly, shown_of
from editorial.pages.kept import Kept

VIEWS = {"changes": "Changes only", "whole": "Whole text", "side": "Side by side"}
BROKEN = matters.Notice(
    "stop", "These texts are not shown", "One of them is not the text that was signed. The editors have to look at it before it is shown again.", icon="octagon"
)
MOST_NUMBER = 1_000_000
# Finished comparisons, each under a digest of all that went into it: what is erased or merged later is compared anew.
KEPT: Kept[bytes, str] = Kept(32, "")


@dataclass(frozen=True)
class Both:
    """Two versions that were public, the earlier one first, with what is known of them and of their article."""

    facts: Facts
    before: Publication
    after: Publication


def both(slug: str, numbers: tuple[int, int]) -> Both | None:
    """Two versions of the article at this address, both of which were public; None for anything else. Four queries."""
    if max(numbers) > MOST_NUMBER:
        return None
    article = Subquery(Address.objects.filter(slug=slug, is_current=True).values("article")[:1])
    found = ever_public_of(article).filter(Q(state__in=sorted(SHOWN)) | Q(submission__version__number__in=numbers))
    publications = {one.submission.version.number: one for one in found}
    if shown_of(publications.values()) is None or not publications.keys() >= set(numbers):
        return None
    wanted = [publications[number] for number in sorted(numbers)]
    return Both(partly(list(publications.values()), wanted, today(), texts=wanted), *wanted)


def view(found: Both, shape: str) -> dict[str, Any]:
    """What the page shows of two versions: the notices that stand in the way, else what changed, in one of the VIEWS. Five queries more."""
    facts, shown = found.facts, found.facts.shown
    hidden = tuple(_hidden(found))
    page = {
        "title": shown.submission.version.title,
        "lang": foreign(shown.submission.version.language),
        "url": f"/articles/{facts.slug}/",
        "is_retracted": shown.state == State.RETRACTED,
        "current": shown.submission.version.number,
        "before": _side(facts, found.before),
        "after": _side(facts, found.after),
        "sides": [_side(facts, one) for one in dict.fromkeys((found.before, found.after))],
        "notices": hidden or tuple(matters.of_article(facts, "Its versions are kept for the record.")),
        "is_hidden": bool(hidden),
        "views": [{"label": label, "url": "./" if key == "changes" else f"?view={key}", "current": key == shape} for key, label in VIEWS.items()],
    }
    if hidden or found.before == found.after:
        return page
    compared = _editions(found)
    return page | {"compared": _rendered(compared, page, shape)}


def _hidden(found: Both) -> list[matters.Notice]:
    """Why neither text is shown; nothing when both are."""
    facts = found.facts
    if facts.shown.hides_text:
        return list(matters.of_article(facts, "The text is not shown."))
    return [] if all(is_as_signed(facts, one) for one in (found.before, found.after)) else [BROKEN]


def _side(facts: Facts, publication: Publication) -> dict[str, Any]:
    version = publication.submission.version
    return {
        "number": version.number,
        "url": f"/articles/{facts.slug}/v/{version.number}/",
        "approved_on": publication.approved_on,
        "on": publication.last_updated_on,
        "to": publication.ended_on,
        "note": publication.change_note,
        "is_minor": publication.submission.is_minor,
    }


# ---- What is compared


def _editions(found: Both) -> tuple[Edition, Edition]:
    """Both versions as readers got them; five queries."""
    versions = [next(iter(found.facts.texts[one.submission.version_id].values())).version for one in (found.before, found.after)]
    before, after = (_for_readers(edition) for edition in editions.of_versions(*versions))
    return before, after


def _for_readers(edition: Edition) -> Edition:
    """An edition without what its page never showed: the Markdown behind it, the authors' keys, and works that no text cites."""
    works = {key: edition.works[key] for text in edition.texts.values() for key in text.keys if key in edition.works}
    texts = {name: Text(text.html, text.html, tuple(works[key].identity for key in text.keys if key in works)) for name, text in edition.texts.items()}
    return replace(edition, texts=texts, works={work.identity: work for work in works.values()})


def _rendered(compared: tuple[Edition, Edition], page: dict[str, Any], shape: str) -> str:
    """The finished comparison, made once for all who ask for it."""
    names = [f"version {page[side]['number']}" for side in ("before", "after")]
    key = hashlib.sha256(repr((compared, names, shape)).encode()).digest()
    if kept := KEPT.get(key):
        return kept
    context = {"found": clinical.compare(*compared), "before": names[0], "after": names[1], "shape": shape, "views": page["views"]}
    context["lang"] = foreign(compared[1].language) if compared[0].language == compared[1].language else ""
    return KEPT.put(key, get_template("public/_compared.html").render(context))
