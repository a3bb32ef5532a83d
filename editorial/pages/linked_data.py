"""What a page says, once more for programs: schema.org as JSON-LD, made from what the page itself shows.

Nothing is said here that readers are not told, and nothing that is not known: an article is about its topics, not about a
condition that somebody guessed.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.conf import settings

from articles import rendering
from articles.models import Audience
from editorial.models import PageNotice, Publication
from editorial.pages import matters, people, track
from editorial.pages.article import Spec, references
from editorial.pages.facts import Facts, State

Node = dict[str, Any]

CONTEXT = "https://schema.org"
# The kind of a cited work, as readers see it, as a type; what is no more than a work is that.
WORKS = {"Research": "ScholarlyArticle", "Book": "Book", "Web page": "WebPage"}
# What of medicine an article of a type is about.
ASPECTS = {"treatment": "treatment", "diagnosis": "diagnosis"}
ANSWERS = "answers"
# How many topics the page itself names, on the way back to the lists.
SHOWN_TOPICS = 1
AUDIENCES = {Audience.PROFESSIONAL.value: f"{CONTEXT}/Clinician", Audience.PLAIN.value: {"@type": "Patient"}}
# On the way to a decision, which the steps after it tell.
BEFORE = frozenset({"Submitted", "Under Review"})
# What takes the place of an approval.
INSTEAD = frozenset({"Replaced", "Withheld", "Retracted"})
# Specialties of the board by the name that schema.org has for the field; one that it has none for is left out.
FIELDS = {
    "anaesthesia": "Anesthesia", "anaesthesiology": "Anesthesia", "audiology": "Audiology", "cardiology": "Cardiovascular", "dentistry": "Dentistry",
    "dermatology": "Dermatology", "dietetics": "DietNutrition", "nutrition": "DietNutrition", "emergency medicine": "Emergency",
    "endocrinology": "Endocrine", "family medicine": "PrimaryCare", "gastroenterology": "Gastroenterologic", "general practice": "PrimaryCare",
    "general surgery": "Surgical", "genetics": "Genetic", "geriatrics": "Geriatric", "gynaecology": "Gynecologic", "haematology": "Hematologic",
    "infectious diseases": "Infectious", "midwifery": "Midwifery", "nephrology": "Renal", "neurology": "Neurologic", "nursing": "Nursing",
    "obstetrics": "Obstetric", "oncology": "Oncologic", "ophthalmology": "Ophthalmology", "optometry": "Optometric", "orthopaedics": "Musculoskeletal",
    "otolaryngology": "Otolaryngologic", "paediatrics": "Pediatric", "pathology": "Pathology", "pharmacy": "PharmacySpecialty",
    "physiotherapy": "Physiotherapy", "plastic surgery": "PlasticSurgery", "podiatry": "Podiatric", "primary care": "PrimaryCare",
    "psychiatry": "Psychiatric", "public health": "PublicHealth", "pulmonology": "Pulmonary", "respiratory medicine": "Pulmonary",
    "rheumatology": "Rheumatologic", "surgery": "Surgical", "toxicology": "Toxicologic", "urology": "Urologic",
}  # fmt: skip


def _as_data(node: Node) -> str:
    """JSON that an element of a page can hold: in it stands no character that opens or closes one."""
    said = json.dumps({"@context": CONTEXT} | node, separators=(",", ":"))
    for letter in "<>&":
        said = said.replace(letter, f"\\u{ord(letter):04x}")
    return rendering.as_safe(said)


def _said(**values: Any) -> Node:
    """The properties that have a value."""
    return {name: value for name, value in values.items() if value not in (None, "", [], {}, ())}


def _address(path: str) -> str:
    return f"{settings.SITE_URL}{path}" if path else ""


def _one_or_all(values: Sequence[Any]) -> Any:
    return values[0] if len(values) == 1 else list(values)


def publisher() -> Node:
    """The house, as the foot of every page names it."""
    return {"@type": "Organization", "name": settings.SITE_NAME, "url": _address("/"), "publishingPrinciples": _address("/editorial-policy/")}


# ---- An article


def of_article(facts: Facts, spec: Spec, page: Node) -> str:
    """One article for one audience; `page` is what its template shows. Asks nothing of the database."""
    publication = spec.publication
    is_signed = facts.once(("signed", publication.pk), bool)
    kind = publication.submission.version.article_type.key
    answers = kind == ANSWERS and page["text_shown"] and publication.state == State.LIVE
    node = _said(
        url=page["canonical_url"],
        name=_titled(page),
        inLanguage=page["lang"],
        version=page["version"],
        creativeWorkStatus=_status(facts, publication, is_signed=is_signed),
        audience={"@type": "MedicalAudience", "audienceType": page["audience"]},
        medicalAudience=AUDIENCES[spec.audience],
        aspect=ASPECTS.get(kind),
        about=[{"@type": "DefinedTerm", "name": topic["name"], "url": _address(topic["url"])} for topic in page["topics"][:SHOWN_TOPICS]],
        author=[_person(name) for name in page["authors"] if name.role != people.CONTRIBUTOR],
        contributor=[_person(name) for name in page["authors"] if name.role == people.CONTRIBUTOR],
        correction=[_comment(notice, since) for notice, since in _corrections(facts, publication)],
        publisher=publisher(),
        license={"@type": "CreativeWork", "name": settings.LICENCE} if settings.LICENCE else None,
        **_dates(facts, spec),
    )
    node |= _review(facts, publication) if is_signed else {}
    node |= _words(facts, spec, page) if page["text_shown"] else {}
    node |= {"mainEntity": _question(facts, spec, page)} if answers else {}
    return _as_data({"@type": ["MedicalWebPage", "QAPage"] if answers else "MedicalWebPage"} | node)


def _titled(page: Node) -> str:
    return f"RETRACTED: {page['title']}" if page["is_retracted"] else page["title"]


def _status(facts: Facts, publication: Publication, *, is_signed: bool) -> Any:
    """The last step that the status widget shows as reached, and every matter that is open; never an approval that something has taken the place of."""
    labels = [step.label for step in track.steps(facts, publication, is_signed=is_signed) if step.label not in BEFORE]
    return _one_or_all([label for label in labels if label in INSTEAD] or labels)


def _dates(facts: Facts, spec: Spec) -> Node:
    """When the article first became public, at a permanent address the version; and when the words there were last updated."""
    days = [one.last_updated_on for one in ([spec.publication] if spec.is_permalink else facts.publications) if one.last_updated_on]
    return _said(datePublished=_day(min(days, default=None)), dateModified=_day(spec.publication.last_updated_on))


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _review(facts: Facts, publication: Publication) -> Node:
    """Who read it for the board, the last review first, and in which fields of medicine."""
    reviews = people.reviews(facts, publication)
    names = dict.fromkeys(name for review in reversed(reviews) for reading in review.readings for name in reading.people)
    fields = [FIELDS.get(name.lower()) for name in people.specialties(facts, publication.last_review_id)]
    return _said(
        lastReviewed=_day(publication.last_reviewed_on),
        reviewedBy=[_person(name) for name in names],
        specialty=[f"{CONTEXT}/{field}" for field in dict.fromkeys(filter(None, fields))],
    )


def _person(name: people.Name) -> Node:
    """A name as it is printed; whoever is not named, in the words that stand for them."""
    return _said(**{"@type": "Person"}, name=name.name, honorificSuffix=name.credentials, url=_address(name.url), description=name.words)


def _corrections(facts: Facts, publication: Publication) -> Iterator[tuple[matters.Notice, date | None]]:
    """The notice of a retraction, or that of a correction."""
    if facts.shown.state == State.RETRACTED:
        yield matters.retracted(facts, ""), facts.shown.retracted_on
    elif publication.state == State.LIVE and (standing := facts.notice(PageNotice.Kind.CORRECTED)):
        yield from ((notice, standing.since) for notice in matters.corrected(facts, publication))


def _comment(notice: matters.Notice, since: date | None) -> Node:
    return _said(**{"@type": "CorrectionComment"}, name=notice.title, text=notice.text.strip(), datePublished=_day(since))


def _words(facts: Facts, spec: Spec, page: Node) -> Node:
    """What is only said while the text is shown."""
    text = facts.texts[spec.publication.submission.version_id][spec.audience]
    return _said(
        description=page["summary"],
        editor=[{"@type": "Person", "name": name} for name in page["editors"]],
        identifier={"@type": "PropertyValue", "propertyID": "SHA-256", "value": page["digest"]},
        citation=[_work(work) for work in references(facts, text)],
    )


def _work(work: Node) -> Node:
    """A cited work with its number, and what became of it."""
    status = work["status"]
    return _said(
        **{"@type": WORKS.get(work["kind"], "CreativeWork")},
        position=work["number"],
        name=f"{work['prefix']}{work['title']}",
        creditText=work["authors"],
        isPartOf={"@type": "CreativeWork", "name": work["source"]} if work["kind"] == "Research" and work["source"] else None,
        datePublished=str(work["year"] or ""),
        url=work["doi_url"] or work["pmid_url"] or work["url"],
        creativeWorkStatus=status["label"] if status.get("tone", "quiet") != "quiet" else None,
    )


def _question(facts: Facts, spec: Spec, page: Node) -> Node:
    """A page of questions and answers: the question and its one answer, whole, since a part of an answer may say the opposite."""
    text = facts.texts[spec.publication.submission.version_id][spec.audience]
    answer = {"@type": "Answer", "text": rendering.plain_text(text.html), "url": page["canonical_url"]}
    return {"@type": "Question", "name": page["title"], "answerCount": 1, "acceptedAnswer": answer}


# ---- The pages around the articles


def of_home() -> str:
    """The site and who publishes it."""
    house = publisher() | _said(email=settings.CONTACT_EMAIL)
    return _as_data({"@type": "WebSite", "name": settings.SITE_NAME, "url": _address("/"), "publisher": house})


def of_member(path: str, page: Node, day: date) -> str:
    """A member of the board; `page` is what the template of the profile shows."""
    board = {"@type": "Organization", "name": "Advisory board", "url": _address("/board/"), "parentOrganization": publisher()}
    person = _said(
        **{"@type": "Person"},
        name=page["name"],
        honorificSuffix=page["credentials"],
        url=_address(path),
        jobTitle=page["profession"],
        knowsAbout=page["specialties"],
        affiliation=[{"@type": "Organization", "name": place.institution} for place in page["places"] if place.holds_on(day)],
        memberOf=board if page["until"] is None else None,
    )
    return _as_data({"@type": "ProfilePage", "url": _address(path), "mainEntity": person})
