"""One version of an article as the API gives it: the facts of its page, taken from the functions that make the page, and no rule of its own."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings

from articles.models import Audience, EvidenceEvent
from editorial.models import Address, Publication
from editorial.pages import article, matters, people, shapes, track
from editorial.pages.article import Spec
from editorial.pages.facts import Facts, gather, publications_of, shown_of
from records import clock

ROOT = "/api/v1/"
DATES = {
    "Approved": "approved_on",
    "Last reviewed": "last_reviewed_on",
    "Last updated": "last_updated_on",
    "Next review due": "review_due_on",
    "Evidence searched until": "evidence_searched_until",
}


@dataclass(frozen=True)
class Document:
    """The address of an article in the API: a finished row beside its pages, about the publication that is shown."""

    publication: Publication

    def path(self, slug: str) -> str:
        """The address."""
        return f"{ROOT}articles/{slug}"


def whole(path: str) -> str:
    """A path of this site as a whole address, at the site's configured name."""
    return f"{settings.SITE_URL}{path}"


def write(answer: object) -> bytes:
    """A shape as JSON: the same facts give the same bytes."""
    return json.dumps(answer, default=_plain, ensure_ascii=False, separators=(",", ":")).encode()


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else vars(value)


def at(slug: str, number: int) -> shapes.Article | None:
    """A version that is or was public, at the present slug of its article; None otherwise. Thirteen queries at most."""
    address = Address.objects.filter(slug=slug, is_current=True).values_list("article", flat=True).first()
    publications = publications_of(address) if address else ()
    publication = next((one for one in publications if one.submission.version.number == number), None)
    if publication is None or shown_of(publications) is None:
        return None
    return document(gather(publications, [publication], clock.today()), publication, path=f"{ROOT}articles/{slug}/versions/{number}", is_permalink=True)


def document(facts: Facts, publication: Publication, *, path: str = "", is_permalink: bool = False) -> shapes.Article:
    """All that the pages of one version say, for both audiences."""
    version = publication.submission.version
    here = [audience.value for audience in Audience if audience.value in facts.texts.get(version.pk, {})]
    pages = {audience: article.view(facts, Spec(publication, audience, is_permalink)) for audience in here}
    page = pages[here[0]]
    is_shown = page["text_shown"]
    return shapes.Article(
        slug=facts.slug,
        url=page["canonical_url"],
        api_url=whole(path or Document(publication).path(facts.slug)),
        publisher=settings.SITE_NAME,
        licence=settings.LICENCE,
        title=titled(page["title"], is_retracted=page["is_retracted"]),
        summary=page["summary"] or None if is_shown else None,
        language=page["lang"],
        type=shapes.Type(version.article_type.key, version.type_name),
        topics=tuple(shapes.Link(topic["name"], whole(topic["url"])) for topic in page["topics"]),
        state=publication.state,
        version=page["version"],
        text_shown=is_shown,
        notices=_notices(pages),
        status=_status(facts, publication, is_shown=is_shown),
        dates=_dates(facts, publication),
        authors=tuple(_author(name, is_shown=is_shown) for name in page["authors"]),
        reviews=tuple(_review(review) for review in people.reviews(facts, publication)),
        editors=page.get("editors"),
        funding=page.get("funding"),
        sponsor=page.get("sponsor"),
        digest=page.get("digest"),
        texts=tuple(_text(facts, publication, audience, page) for audience, page in pages.items()),
        versions=whole(f"{ROOT}articles/{facts.slug}/versions"),
    )


def titled(title: str, *, is_retracted: bool) -> str:
    """The title as readers see it: nobody may take a retracted article for one that stands."""
    return f"RETRACTED: {title}" if is_retracted else title


# ---- What stands around the text


def _notices(pages: dict[str, dict[str, Any]]) -> tuple[shapes.Notice, ...]:
    """Each notice once, with the texts that it stands above."""
    above: dict[matters.Notice, list[Any]] = {}
    for audience, page in pages.items():
        for notice in page["notices"]:
            above.setdefault(notice, []).append(audience)
    return tuple(shapes.Notice(one.tone, one.title, one.text, _address(one.link_url), tuple(texts)) for one, texts in above.items())  # type: ignore[arg-type]


def _address(url: str) -> str | None:
    """A link of a page as a whole address."""
    return (whole(url) if url.startswith("/") else url) or None


def _status(facts: Facts, publication: Publication, *, is_shown: bool) -> shapes.Status:
    is_signed = facts.once(("signed", publication.pk), lambda: article.is_as_signed(facts, publication))
    steps = track.steps(facts, publication, is_signed=is_signed)
    says = article.says(facts, publication, is_shown=is_shown).get("text")
    return shapes.Status(tuple(shapes.Step(step.label, step.on, step.small or None, step.tone or None) for step in steps), says)  # type: ignore[arg-type]


def _dates(facts: Facts, publication: Publication) -> shapes.Dates:
    found = list(article.dates(facts, publication))
    days = {DATES[each["label"]]: each["on"] for each in found}
    return shapes.Dates(**days, is_overdue=any(each.get("overdue", False) for each in found))


def _person(name: people.Name) -> dict[str, Any]:
    return {"name": name.plain, "is_named": bool(name.name), "detail": name.detail or None, "url": _address(name.url)}


def _author(name: people.Name, *, is_shown: bool) -> shapes.Author:
    return shapes.Author(**_person(name), interests=name.interests if is_shown else None)


def _review(review: people.Review) -> shapes.Review:
    signed = (shapes.Signed(reading.on, tuple(shapes.Person(**_person(name)) for name in reading.people)) for reading in review.readings)
    return shapes.Review(review.label, tuple(signed))


# ---- The texts and what they rest on


def _text(facts: Facts, publication: Publication, audience: str, page: dict[str, Any]) -> shapes.Text:
    permalink, is_shown = whole(page["permalink"]), page["text_shown"]
    text = facts.texts[publication.submission.version_id][audience]
    return shapes.Text(
        audience=audience,  # type: ignore[arg-type]
        written_for=page["audience"],
        url=page["canonical_url"],
        permalink=permalink,
        html=str(page["body"]) if is_shown else None,
        headings=tuple(shapes.Heading(one["id"], one["text"]) for one in page["headings"]) if is_shown else None,
        references=tuple(_references(facts, text)) if is_shown else None,
        changed_in_version=text.changed_in if is_shown else None,
        cite=shapes.Citation(page["cite"], permalink, *(f"{permalink}cite.{ending}" for ending in ("ris", "bib", "json"))) if is_shown else None,
    )


def _references(facts: Facts, text: Any) -> Iterator[shapes.Reference]:
    places = facts.citations.get(text.pk, [])
    for one in article.references(facts, text):
        work, status = one["work"], one["status"]
        yield shapes.Reference(
            number=one["number"],
            kind=one["kind"],
            title=f"{one['prefix']}{one['title']}",
            authors=one["authors"] or None,
            source=one["source"] or None,
            year=one["year"],
            doi=work.doi or None,
            pmid=work.pmid or None,
            urls=tuple(filter(None, (one["doi_url"], one["pmid_url"], one["url"]))),
            read_on=one["accessed_on"],
            status=shapes.WorkStatus(status["label"], status["tone"] or None, status["text"] or None, status.get("url") or None) if status else None,  # type: ignore[arg-type]
            events=_events(facts.events.get(work.reference_id, [])),
            places=tuple(shapes.Place(f"cite-{place.number}-{place.occurrence}", place.block) for place in places if place.number == one["number"]),
        )


def _events(events: list[EvidenceEvent]) -> tuple[shapes.Event, ...]:
    ended = {event.ends_id for event in events}
    return tuple(
        shapes.Event(event.kind, event.get_kind_display(), event.happened_on, event.notice_link or None, event.pk not in ended)  # type: ignore[arg-type]
        for event in events
    )
