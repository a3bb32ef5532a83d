"""What the template of an article shows, derived from the facts: one page for one audience, at its address or at that of a version."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.template.loader import get_template
from django.utils.translation import get_language_info

from articles import citations, rendering
from articles.evidence import status_of
from articles.models import Audience, EvidenceEvent, VersionCitation, VersionReference, VersionText
from editorial.finding.index import Wanted
from editorial.models import EvidenceOutcome, Publication
from editorial.pages import matters, people, reader, track
from editorial.pages.facts import Facts, State
from records import canonical
from reviews.models import Meaning, Submission

MISSING = {
    Audience.PLAIN.value: ("There is no approved plain-language text yet.", "Read the text for health professionals"),
    Audience.PROFESSIONAL.value: ("There is no approved text for health professionals yet.", "Read the plain-language text"),
}


@dataclass(frozen=True)
class Spec:
    """One address: of which publication, for whom, and whether it is the permanent address of the version."""

    publication: Publication
    audience: str
    is_permalink: bool

    def path(self, slug: str, audience: str = "") -> str:
        """The address; of another audience when one is named."""
        version = f"v/{self.publication.submission.version.number}/" if self.is_permalink else ""
        plain = "plain/" if (audience or self.audience) == Audience.PLAIN else ""
        return f"/articles/{slug}/{version}{plain}"


def hides_text(facts: Facts) -> bool:
    """Whether every address of the article gives the notice in place of the text: withheld, or retracted without it."""
    return facts.shown.hides_text


def view(facts: Facts, spec: Spec) -> dict[str, Any]:
    """All that the template shows of one page."""
    publication, version = spec.publication, spec.publication.submission.version
    text = facts.texts.get(version.pk, {}).get(spec.audience)
    is_signed = facts.once(("signed", publication.pk), lambda: is_as_signed(facts, publication))
    is_shown = text is not None and is_signed and not hides_text(facts)
    page = {
        "title": version.title,
        "summary": version.summary,
        "version": version.number,
        "lang": version.language,
        "dir": _direction(version.language),
        "language": _language(version.language),
        "topics": [{"name": topic.name, "url": f"/topics/{topic.slug}/"} for topic in facts.topics],
        "is_permalink": spec.is_permalink,
        "is_retracted": facts.shown.state == State.RETRACTED,
        "is_withheld": facts.shown.state == State.WITHHELD,
        "is_listed": (is_listed := is_shown and not spec.is_permalink and not matters.is_archived(facts, publication)),
        "languages": reader.languages(version, spec.path(facts.slug)) if is_listed else (),
        "text_shown": is_shown,
        "authors": _authors(facts, publication),
        "byline": facts.once(("byline", publication.pk), lambda: _byline(facts, publication)),
        "notices": _notices(facts, publication, text, spec.audience, is_signed=is_signed),
        "audiences": _audiences(facts, spec),
        "audience": Audience(spec.audience).label,
        "whom": reader.WHOM[spec.audience],
        "missing": _missing(facts, spec),
        "status": facts.once(("status", publication.pk, is_shown), lambda: _status_widget(facts, publication, is_signed, is_shown)),
        "dates": facts.once(("dates", publication.pk), lambda: _part("_dates", dates=tuple(dates(facts, publication)))),
        "ways_on": reader.ways_on(facts.slug, version.number),
        "history_url": f"/articles/{facts.slug}/history/",
        "versions": len(facts.publications),
        "canonical_url": f"{settings.SITE_URL}{spec.path(facts.slug)}",
        "current_url": f"{settings.SITE_URL}{Spec(publication, spec.audience, False).path(facts.slug)}",
        "permalink": f"/articles/{facts.slug}/v/{version.number}/{'plain/' if spec.audience == Audience.PLAIN else ''}",
    }
    return page | (_words(facts, spec, text) if is_shown and text is not None else {})


def searchable(facts: Facts) -> list[Wanted]:
    """The texts that a search may find: those that readers get at the article's own address, and of a retracted one none."""
    shown = facts.shown
    if shown.state != State.LIVE or not facts.once(("signed", shown.pk), lambda: is_as_signed(facts, shown)):
        return []
    return [
        Wanted(shown, audience, Spec(shown, audience, False).path(facts.slug), text.html, _cited_works(facts, text))
        for audience, text in facts.texts.get(shown.submission.version_id, {}).items()
    ]


def _cited_works(facts: Facts, text: VersionText) -> list[tuple[int, str, str]]:
    """The works that a text cites: number, the work in one line, what became of it."""
    return [
        (work["number"], ". ".join(filter(None, [f"{work['prefix']}{work['title']}", work["source"], str(work["year"] or "")])), work["status"].get("label", ""))
        for work in references(facts, text)
    ]


# ---- Parts that several addresses show alike: a template is the dearest part of a page


def _part(template: str, **context: Any) -> str:
    return get_template(f"public/{template}.html").render(context)


def _authors(facts: Facts, publication: Publication) -> tuple[people.Name, ...]:
    found: tuple[people.Name, ...] = facts.once(("authors", publication.pk), lambda: people.authors(facts, publication))
    return found


def _byline(facts: Facts, publication: Publication) -> str:
    return _part("_byline", authors=_authors(facts, publication), reviews=people.reviews(facts, publication))


def _status_widget(facts: Facts, publication: Publication, is_signed: bool, is_shown: bool) -> str:
    steps = track.steps(facts, publication, is_signed=is_signed)
    return _part("_status", version=publication.submission.version.number, steps=steps, says=says(facts, publication, is_shown=is_shown))


def _words(facts: Facts, spec: Spec, text: VersionText) -> dict[str, Any]:
    """What is only there with the text: its words, references, interests, and how to cite it."""
    publication, version = spec.publication, text.version
    places = facts.citations.get(text.pk, [])
    permalink = f"{settings.SITE_URL}{Spec(publication, spec.audience, True).path(facts.slug)}"
    return {
        "body": facts.once(("body", text.pk), lambda: marked(facts, text)),
        "level": facts.once(("level", text.pk), lambda: reader.level(text)),
        "reviewed": facts.once(("reviewed", publication.pk), lambda: _part("_reviewed", dates=tuple(dates(facts, publication))[1:4:2])),
        "headings": [{"id": key, "text": words} for key, words in text.headings],
        "references": len({place.number for place in places}),
        "reference_list": facts.once(("references", text.pk), lambda: _part("_references", references=references(facts, text))),
        "funding": version.funding.strip() or "None declared",
        "sponsor": version.sponsor.strip() or "None declared",
        "changed_in": text.changed_in if text.changed_in != version.number else None,
        "editors": people.signers(facts, publication, Meaning.EDITORIAL_APPROVAL),
        "is_reviewed": bool(people.reviews(facts, publication)),
        "reviewers": people.reviewers(facts, publication),
        "disclaimer": reader.DISCLAIMERS[spec.audience],
        "cite": _cite(facts, publication, permalink),
        "digest": version.digest,
        "permalink_url": permalink,
    }


# ---- The words, and whether they are those that were signed


def marked(facts: Facts, text: VersionText) -> str:
    """The frozen HTML with a mark after each number of a retracted work; nothing else is touched."""
    marks = {}
    for place in facts.citations.get(text.pk, []):
        events = facts.events.get(place.reference.reference_id)
        if events and events[0].kind in EvidenceEvent.BLOCKING:
            marks[place.number] = events[0].kind
    return rendering.as_safe(rendering.overlay_marks(text.html, marks))


def is_as_signed(facts: Facts, publication: Publication) -> bool:
    """Whether an editor's approval covers this version's digest, and every text is the one that the digest covers."""
    submission = publication.submission
    is_approved = _is_approved(facts, submission) and (submission.minor_of is None or _is_approved(facts, submission.minor_of))
    return is_approved and all(_is_as_frozen(text) for text in facts.texts.get(submission.version_id, {}).values())


def _is_approved(facts: Facts, submission: Submission) -> bool:
    """Whether an editor signed for it, over the digest of its version, as what it is: for the board, or for a minor change."""
    meaning = Meaning.REAFFIRMATION if submission.is_re_review else Meaning.EDITORIAL_APPROVAL
    signed = [row for row in facts.signatures.get(submission.pk, []) if row.meaning == meaning and row.of_minor_change == submission.is_minor]
    return any(row.digest == submission.version.digest for row in signed)


def _is_as_frozen(text: VersionText) -> bool:
    name = f"{text.audience}:html"
    return any(sha256 == canonical.part(name, text.html, salt).sha256 for part, sha256, salt in text.version.parts if part == name)


def _notices(
    facts: Facts, publication: Publication, text: VersionText | None, audience: str, *, is_signed: bool
) -> tuple[matters.Notice, ...]:
    found = matters.notices(facts, publication, text, audience)
    if is_signed:
        return found
    broken = "The text at this address is not the text that was signed. The editors have to look at it before it is shown again."
    return (matters.Notice("stop", "This text is not shown", broken, icon="octagon"), *found)[: matters.MOST_NOTICES]


def says(facts: Facts, publication: Publication, *, is_shown: bool) -> dict[str, str]:
    """The sentence under the steps; none where no text is shown or nobody should use it."""
    if not is_shown or facts.shown.state == State.RETRACTED:
        return {}
    exact = matters.minor_words(publication) or "The words on this page are exactly the words the board approved."
    if publication.state == State.LIVE and facts.revision is not None:
        return {"tone": "info", "text": f"{track.open_submission_words(facts.revision)} {exact}"}
    return {"tone": "", "text": exact}


# ---- Audiences, dates, language


def _audiences(facts: Facts, spec: Spec) -> list[dict[str, Any]]:
    """The two audiences with their addresses; one without a text is shown only where the reader stands on it."""
    here = facts.texts.get(spec.publication.submission.version_id, {})
    return [
        {"key": audience.value, "label": audience.label, "url": spec.path(facts.slug, audience.value), "current": audience.value == spec.audience}
        for audience in Audience
        if audience.value in here or audience.value == spec.audience
    ]


def _missing(facts: Facts, spec: Spec) -> dict[str, str]:
    """What both addresses say when only one text is approved."""
    here = facts.texts.get(spec.publication.submission.version_id, {})
    absent = next((audience.value for audience in Audience if audience.value not in here), None)
    if absent is None or hides_text(facts):
        return {}
    words, link = MISSING[absent]
    other = next((audience.value for audience in Audience if audience.value in here), None)
    is_here = absent == spec.audience
    return {"text": words, "link": link if is_here else "", "url": spec.path(facts.slug, other) if is_here and other else ""}


def dates(facts: Facts, publication: Publication) -> Iterator[dict[str, Any]]:
    """Four dates, each moved by its own event alone, and until when the authors searched for evidence (CYC-7)."""
    yield {"label": "Approved", "on": publication.approved_on}
    yield {"label": "Last reviewed", "on": publication.last_reviewed_on}
    yield {"label": "Last updated", "on": publication.last_updated_on, "words": "not known"}
    if publication.state in {State.LIVE, State.WITHHELD}:
        overdue = matters.is_overdue(facts, publication)
        yield {"label": "Next review due", "on": publication.review_due_on, "overdue": overdue}
    else:
        yield {"label": "Next review due", "on": None, "words": f"none: {publication.get_state_display().lower()}"}
    yield {"label": "Evidence searched until", "on": publication.submission.version.searched_until, "words": "not stated"}


def _direction(language: str) -> str:
    return "rtl" if _info(language).get("bidi") else "ltr"


def _language(language: str) -> str:
    return str(_info(language).get("name", language))


def _info(language: str) -> dict[str, Any]:
    try:
        return dict(get_language_info(language))
    except KeyError:
        return {}


# ---- References


def references(facts: Facts, text: VersionText) -> tuple[dict[str, Any], ...]:
    """The works that a text cites, as its page shows them."""
    found: tuple[dict[str, Any], ...] = facts.once(("works", text.pk), lambda: tuple(_references(facts, facts.citations.get(text.pk, []))))
    return found


def _references(facts: Facts, places: list[VersionCitation]) -> Iterator[dict[str, Any]]:
    """The works in the order of their numbers, each with what happened to it and the places that cite it."""
    by_number: dict[int, list[VersionCitation]] = {}
    for place in places:
        by_number.setdefault(place.number, []).append(place)
    for number, of_work in sorted(by_number.items()):
        work = of_work[0].reference
        status = _status(facts, work)
        yield {
            "number": number,
            "work": work,
            "kind": work.kind_label,
            "title": work.title,
            "prefix": f"{status['label']}: " if status.get("tone") == "stop" else "",
            "authors": work.authors,
            "source": work.source or work.issuing_body or work.publisher,
            "year": work.year,
            "doi_url": _link(citations.doi_url, work.doi),
            "pmid_url": _link(citations.pmid_url, work.pmid),
            "url": "" if work.doi else _link(citations.check_url, work.url),
            "accessed_on": work.accessed_on,
            "status": status,
            "places": [
                {"id": f"cite-{number}-{place.occurrence}", "label": f"{number}{_letter(place.occurrence)}" if len(of_work) > 1 else str(number)}
                for place in of_work
            ],
        }


def _letter(number: int) -> str:
    """1 is a, 26 z, 27 aa."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("a") + rest) + letters
    return letters


def _link(build: Any, value: str) -> str:
    """An address built anew from its strict form; none when it has no such form."""
    try:
        return build(value) if value else ""
    except ValueError:
        return ""


def _status(facts: Facts, work: VersionReference) -> dict[str, str]:
    """What happened to a cited work last. A clean work has no mark, as nobody says it was checked just now; what nobody can check says so."""
    events = facts.events.get(work.reference_id)
    stated = f"Cited as a retracted work: {work.retracted_reason}" if work.cited_as_retracted else ""
    if not events:
        known = status_of(work, "retraction" if stated else None)
        return {"tone": known.tone, "icon": known.icon, "label": known.label, "text": stated} if known.label else {}
    event = events[0]
    known = status_of(work, event.kind)
    on = f" on {matters.say(event.happened_on)}" if event.happened_on else ""
    said = [f"{known.label}{on}.", stated, _republished(event), *_kept(facts, event)]
    return {"tone": known.tone, "icon": known.icon, "label": known.label, "text": " ".join(filter(None, said)), "url": event.notice_link}


def _republished(event: EvidenceEvent) -> str:
    return f"It was republished: {_link(citations.doi_url, event.replacement_doi)}" if event.replacement_doi else ""


def _kept(facts: Facts, event: EvidenceEvent) -> Iterator[str]:
    """Why the editors keep a work in spite of what happened to it."""
    for case in facts.cases:
        if case.event_id == event.pk and case.decided is not None and case.decided.kind == EvidenceOutcome.Kind.KEPT:
            yield f"The editors keep it: {case.decided.rationale}"


# ---- How to cite


def _cite(facts: Facts, publication: Publication, address: str) -> str:
    """Authors, title, publisher, version with its date, permanent address."""
    names = ", ".join(name.plain for name in _authors(facts, publication))
    prefix = "RETRACTED: " if facts.shown.state == State.RETRACTED else ""
    title = publication.submission.version.title
    closed = title if title.endswith((".", "?", "!")) else f"{title}."
    approved = matters.approval_words(publication).replace("approved on ", "approved ")
    who = f"{names[:1].upper()}{names[1:]}. " if names else ""
    return f"{who}{prefix}{closed} {settings.SITE_NAME}; version {publication.submission.version.number}, {approved}. {quote(address, safe=':/')}"
