"""What stands against a page or has happened to it: the notices above the text."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from articles.models import EvidenceEvent, VersionCitation, VersionReference, VersionText
from editorial.models import EvidenceCase, PageNotice, Publication
from editorial.pages import people
from editorial.pages.facts import Facts, State
from reviews.models import AfterGrace, Meaning, Submission

MOST_NOTICES = 2
# Where the notice of a retraction stands on the page of the history.
RETRACTION = "retraction"
HAPPENED = {
    "correction": "was corrected",
    "concern": "received an expression of concern",
    "retraction": "was retracted",
    "withdrawal": "was withdrawn",
    "reinstatement": "was reinstated",
    "superseded": "was superseded",
    "delisted": "is no longer listed as retracted or of concern",
}


@dataclass(frozen=True)
class Notice:
    """What a reader must know first: a tone (retracted, stop, due, info), a title and a sentence or two, and a shape."""

    tone: str
    title: str
    text: str
    link_url: str = ""
    link_text: str = ""
    icon: str = "info"


def say(day: date) -> str:
    """A day in a sentence: 12 March 2026."""
    return f"{day.day} {day:%B %Y}"


def day_of(moment: object) -> date | None:
    """The day of a moment in the site's zone."""
    return timezone.localdate(moment) if moment else None  # type: ignore[arg-type]


# ---- Facts about one publication


def approval_words(publication: Publication) -> str:
    """What the board approved of this version, to follow its number."""
    board = publication.submission.minor_of
    if board is None:
        return f"approved on {say(publication.approved_on)}"
    return f"a minor change to version {board.version.number}, which the board {_approved(publication, board)}"


def _approved(publication: Publication, board: Submission) -> str:
    read_again = day_of(board.decided_at) if board.is_re_review else None
    return f"reaffirmed on {say(read_again)}" if read_again else f"approved on {say(publication.approved_on)}"


def minor_words(publication: Publication) -> str:
    """What an editor alone passed, and what the board did (APP-3); empty where the board approved these very words."""
    submission, board = publication.submission, publication.submission.minor_of
    passed, reviewed = day_of(submission.decided_at), day_of(publication.last_review.decided_at)
    if board is None or passed is None:
        return ""
    said = f"The board {_approved(publication, board).replace(' on ', f' version {board.version.number} on ')}. On {say(passed)} an editor passed a minor change"
    if publication.last_review_id != board.pk and reviewed:
        return f"{said}; the board has read this version since, on {say(reviewed)}."
    return f"{said}: the board has not read it."


def is_overdue(facts: Facts, publication: Publication) -> bool:
    """Whether the public words were to be read again before this day."""
    return publication.state in {State.LIVE, State.WITHHELD} and publication.is_overdue(facts.day)


def _grace_ends(publication: Publication) -> date:
    return publication.review_due_on + timedelta(days=publication.last_review.policy.grace_days)


def is_archived(facts: Facts, publication: Publication) -> bool:
    """Whether its policy marks it as archived: the review stayed overdue past the days of grace."""
    policy = publication.last_review.policy
    return is_overdue(facts, publication) and past_archiving(publication.review_due_on, policy.after_grace, policy.grace_days, facts.day)


def past_archiving(due_on: date, after_grace: str, grace_days: int, day: date) -> bool:
    """Whether a policy has marked what is on show as archived before that day, when its review was due on `due_on`."""
    return after_grace == AfterGrace.ARCHIVE and due_on + timedelta(days=grace_days) < day


def stale_on(facts: Facts, publication: Publication) -> date | None:
    """The first day on which the page would read differently though nobody did anything."""
    if publication.state not in {State.LIVE, State.WITHHELD}:
        return None
    if not is_overdue(facts, publication):
        return publication.review_due_on + timedelta(days=1)
    if publication.last_review.policy.after_grace == AfterGrace.ARCHIVE and not is_archived(facts, publication):
        return _grace_ends(publication) + timedelta(days=1)
    return None


@dataclass(frozen=True)
class Changed:
    """A cited work that an open case is about: the case, what is said of the work now, and where the version cites it."""

    case: EvidenceCase
    latest: EvidenceEvent
    places: tuple[VersionCitation, ...]

    @property
    def is_urgent(self) -> bool:
        """Whether nobody should rely on the work."""
        return self.case.event.kind in EvidenceEvent.BLOCKING


def changed_evidence(facts: Facts, publication: Publication) -> tuple[Changed, ...]:
    """The works with an open case that a version on show cites, by whichever row of theirs, the gravest first."""
    if publication.state not in {State.LIVE, State.WITHHELD}:
        return ()
    places: dict[int, list[VersionCitation]] = {}
    for text in facts.texts.get(publication.submission.version_id, {}).values():
        for place in facts.citations.get(text.pk, []):
            if happened := facts.events.get(place.reference.reference_id):
                places.setdefault(happened[0].reference.work_id, []).append(place)
    cited = [(case, places.get(case.event.reference.work_id, [])) for case in facts.cases if case.decided is None]
    found = [Changed(case, facts.events[here[0].reference.reference_id][0], tuple(here)) for case, here in cited if here]
    return tuple(sorted(found, key=lambda each: not each.is_urgent))


def evidence_since(facts: Facts, publication: Publication) -> date | None:
    """Since when the page has said that its evidence changed; None when it does not."""
    return min((timezone.localdate(changed.case.opened_at) for changed in changed_evidence(facts, publication)), default=None)


def case_words(publication: Publication, event: EvidenceEvent) -> str:
    """The note that a case puts on the page, as the history keeps it: which work, what happened to it and when, and where its notice stands."""
    places = VersionCitation.objects.filter(text__version=publication.submission.version_id, reference__reference=event.reference_id)
    place = places.select_related("reference").order_by("-text__audience", "number").first()
    if place is None:
        return f"A work cited here {_happened(event)}."
    link = event.notice_link
    return f"Reference {place.number} {_happened(event)}: {_named(place.reference)}{f' Its notice: {link}' if link else ''}"


def _happened(event: EvidenceEvent) -> str:
    """What happened to a work, and when, as far as that is known."""
    what = HAPPENED.get(event.kind, "changed")
    return f"{what} on {say(event.happened_on)}" if event.happened_on else what


def _named(work: VersionReference) -> str:
    """A cited work in a sentence: its title, where and when it appeared."""
    where = ", ".join(str(each) for each in (work.source or work.issuing_body, work.year) if each)
    return f"“{work.title}”{f' ({where})' if where else ''}."


# ---- Notices


def notices(facts: Facts, publication: Publication, text: VersionText | None, audience: str) -> tuple[Notice, ...]:
    """At most two, worst first."""
    found = _superseded(facts, publication) if publication.state == State.SUPERSEDED else _standing(facts, publication, text, audience)
    return tuple(found)[:MOST_NOTICES]


def _superseded(facts: Facts, publication: Publication) -> Iterator[Notice]:
    """An old version says so, and what became of the article since."""
    yield from of_article(facts, "This is an earlier version of a retracted article.")
    number = publication.submission.version.number
    newer = [other for other in facts.publications if other.submission.version.number > number]
    by = f"Version {newer[-1].submission.version.number}" if newer else "A later version"
    on = f" on {say(publication.ended_on)}" if publication.ended_on else ""
    title = f"This is version {number}, kept for the record"
    yield Notice("due", title, f"{by} replaced it{on}.", f"/articles/{facts.slug}/", "Read the current version")


def of_article(facts: Facts, kept: str) -> Iterator[Notice]:
    """What became of the article as a whole: it was retracted, and `kept` says what of it is still shown; or it is withheld."""
    if facts.shown.state == State.RETRACTED:
        yield retracted(facts, kept)
    if facts.shown.state == State.WITHHELD:
        yield _withheld(facts)


def _standing(facts: Facts, publication: Publication, text: VersionText | None, audience: str) -> Iterator[Notice]:
    if publication.state == State.RETRACTED:
        kept = "The text is kept below for the record." if publication.retraction_keeps_text else "The text is not shown."
        yield retracted(facts, kept)
        return
    if publication.state == State.WITHHELD:
        yield _withheld(facts)
    yield from _in_question(facts)
    yield from _evidence(facts, publication, text)
    yield from _overdue(facts, publication)
    yield from _update(facts, publication)
    yield from corrected(facts, publication)
    yield from _lagging(facts, publication, audience)


def retracted(facts: Facts, kept: str) -> Notice:
    """The notice of a retraction; `kept` says what is left of the text."""
    publication = facts.shown
    by = people.signers(facts, publication, Meaning.RETRACTION_PROPOSED, Meaning.RETRACTION_CONFIRMED)
    who = f"Two editors retracted it: {people.enumerated(by)}." if len(by) == 2 else "Two editors retracted it."
    on = f"Retracted on {say(publication.retracted_on)}" if publication.retracted_on else "Retracted"
    said = f"{_closed(publication.retraction_notice)} {who} {kept}"
    notice = f"/articles/{facts.slug}/history/#{RETRACTION}"
    return Notice("retracted", f"{on}. Do not use this article", said, notice, "Read the full notice", icon="slashed")


def _closed(words: str) -> str:
    """Words that end as a sentence does."""
    words = words.strip()
    return words if not words or words[-1] in ".!?…" else f"{words}."


def _withheld(facts: Facts) -> Notice:
    since = f" Withheld since {say(facts.shown.withheld_on)}." if facts.shown.withheld_on else ""
    return Notice("stop", "This article is not shown", f"{_closed(facts.shown.withheld_reason)}{since}", icon="slashed")


def _in_question(facts: Facts) -> Iterator[Notice]:
    if notice := facts.notice(PageNotice.Kind.IN_QUESTION):
        words = _closed(notice.words) or f"This became known on {say(notice.since)}."
        yield Notice("stop", "The approval of this page is in question", f"{words} {_reading_again(facts, 'it')}", icon="triangle")


def _reading_again(facts: Facts, what: str) -> str:
    """Whether the board is at it: only an open re-review says so."""
    return f"The board is reviewing {what} again." if facts.re_review else f"The board has not reviewed {what} again yet."


def _evidence(facts: Facts, publication: Publication, text: VersionText | None) -> Iterator[Notice]:
    if changed := changed_evidence(facts, publication):
        yield _changed_notice(facts, changed, text)


def _changed_notice(facts: Facts, changed: tuple[Changed, ...], text: VersionText | None) -> Notice:
    here = [place for work in changed for place in work.places if text is not None and place.text_id == text.pk]
    works = [_work_sentence(work, text) for work in changed]
    count = len({place.block for place in here}) or len(changed)
    statements = "one statement" if count == 1 else f"{_spelt(count)} statements"
    whose = "it supports" if len(changed) == 1 else "they support"
    them, that = ("the sentence", "that sentence") if count == 1 else (f"the {_spelt(count)} passages", "those passages")
    where = _sections(text, here)
    board = f"The board is reviewing {them} {whose}{where}." if facts.re_review else f"The board has not yet reviewed {them} {whose}{where}."
    is_urgent = any(work.is_urgent for work in changed)
    warning = f" Until it decides, do not rely on {that}." if is_urgent else ""
    said = f"{' '.join(works)} {board}{warning}"
    links = [link for work in changed if (link := work.case.event.notice_link)]
    url, words = (links[0], "Read the notice") if links else ("", "")
    return Notice("stop" if is_urgent else "due", f"The evidence for {statements} has changed", said, url, words, icon="triangle")


def _spelt(count: int) -> str:
    return ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")[count] if count < 10 else str(count)


def _work_sentence(work: Changed, text: VersionText | None) -> str:
    number = next((place.number for place in work.places if text is not None and place.text_id == text.pk), None)
    what = f"Reference {number}" if number else "A work cited in the other text of this article"
    since = f" It {_happened(work.latest)}." if work.latest.pk != work.case.event_id and work.latest.kind != work.case.event.kind else ""
    return f"{what} {_happened(work.case.event)}: {_named(work.places[0].reference)}{since}"


def _sections(text: VersionText | None, places: list[VersionCitation]) -> str:
    """The headings under which the passages stand."""
    if text is None:
        return ""
    starts = [(text.html.find(f'id="{key}"'), words) for key, words in text.headings]
    names: dict[str, None] = {}
    for place in places:
        at = text.html.find(f'id="{place.block}"')
        if above := [words for start, words in starts if 0 <= start <= at]:
            names[above[-1]] = None
    said = [f"“{name}”" for name in names]
    return f", under {' and '.join(said[:2])}" if said else ""


def _overdue(facts: Facts, publication: Publication) -> Iterator[Notice]:
    if is_overdue(facts, publication):
        begun = facts.re_review and day_of(facts.re_review.under_review_at)
        reading = f" It has been reading it again since {say(begun)}." if begun else ""
        archived = " The page is archived: kept for the record, and not listed by search engines." if is_archived(facts, publication) else ""
        due = f"The board was due to read this page again by {say(publication.review_due_on)}.{reading}"
        yield Notice("due", "Review overdue", f"{due} Check newer sources before relying on it.{archived}", icon="clock")


def _update(facts: Facts, publication: Publication) -> Iterator[Notice]:
    revision = facts.revision
    if revision is None:
        return
    begun = day_of(revision.under_review_at)
    went = f"went to the board on {say(begun)}" if begun else f"was submitted on {say(timezone.localdate(revision.submitted_at))}"
    this = f"This is version {publication.submission.version.number}, {approval_words(publication)}."
    title = "An update is under review" if begun else "An update has been submitted"
    yield Notice("info", title, f"Version {revision.version.number} {went}. {this}")


def correction(facts: Facts, publication: Publication) -> PageNotice | None:
    """The notice of a correction that came with the version on the page, or since."""
    notice = facts.notice(PageNotice.Kind.CORRECTED)
    begun = publication.approved_on if publication.submission.is_minor else publication.last_updated_on
    stands = publication.state in {State.LIVE, State.WITHHELD} and notice and begun and notice.since >= begun
    return notice if stands else None


def corrected(facts: Facts, publication: Publication) -> Iterator[Notice]:
    """The notice of what was wrong in the version before, where there is one."""
    if notice := correction(facts, publication):
        yield Notice("info", f"Corrected on {say(notice.since)}", _closed(notice.words), *_what_changed(facts, notice))


def _what_changed(facts: Facts, correction: PageNotice) -> tuple[str, str]:
    """Where a correction can be read beside what it corrects, and the words of that link."""
    known = [one for one in facts.publications if one.published_at and one.published_at <= correction.made_at]
    numbers = [one.submission.version.number for one in known[:2]]
    if len(numbers) < 2:
        return f"/articles/{facts.slug}/history/", "Version history"
    return f"/articles/{facts.slug}/compare/{numbers[1]}/{numbers[0]}/", "See what changed"


def _lagging(facts: Facts, publication: Publication, audience: str) -> Iterator[Notice]:
    """The text whose words are older says so, whichever of the two it is."""
    texts = facts.texts.get(publication.submission.version_id, {})
    here, other = texts.get(audience), texts.get("professional" if audience == "plain" else "plain")
    if here and other and here.changed_in < other.changed_in:
        own, newer = ("plain-language text", "text for professionals") if audience == "plain" else ("text for professionals", "plain-language text")
        changed = f"The words of this {own} last changed in version {here.changed_in}; the {newer} changed in version {other.changed_in}."
        yield Notice("info", f"The {newer} is newer", changed)
