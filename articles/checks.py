"""The checks that an article must pass before it is submitted: blocking findings refuse it, the others go along."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet, Subquery, UUIDField

from articles import rendering
from articles.models import Article, Audience, Citation, EvidenceEvent, Reference
from records.prepared import Prepared

MUST_FIX = "must_fix"
LOOK_AT = "look_at"


@dataclass(frozen=True)
class Finding:
    """One finding: which check, how severe, what is wrong and where, and how to repair it."""

    check: str
    severity: str
    sentence: str
    hint: str = ""
    audience: str = ""
    line: int = 0
    key: str = ""

    @property
    def blocks(self) -> bool:
        """Whether it refuses submission."""
        return self.severity == MUST_FIX


@dataclass
class Draft:
    """Everything the checks read, fetched once: the article, its rendered texts, its citations with their status."""

    article: Article
    rendered: dict[str, rendering.Rendered] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    citations: dict[str, Citation] = field(default_factory=dict)
    references: dict[int, Reference] = field(default_factory=dict)

    @property
    def cited_keys(self) -> list[str]:
        """The keys that some text cites, in order of first use, professional text first."""
        return list(dict.fromkeys(key for text in self.rendered.values() for key in text.keys))

    def reference_of(self, key: str) -> Reference:
        """The reference behind a key, with its status: the row that stands for the work now, where rows were merged."""
        return self.references[self.citations[key].reference_id]


Check = Callable[[Draft], Iterator[Finding]]
CHECKS: list[Check] = []


def check(function: Check) -> Check:
    """Enter a check."""
    CHECKS.append(function)
    return function


def latest_event() -> Subquery:
    """The kind of the latest evidence event on the `reference` of the rows of a query; null when none is known."""
    return Subquery(EvidenceEvent.objects.about_work("reference").latest_first().values("kind")[:1])


def _cited(article: Any) -> QuerySet[Citation]:
    return Citation.objects.filter(article=article).select_related("reference__merged_into").annotate(latest_event=latest_event())


_CITED = Prepared(_cited, article=UUIDField())


def read_draft(article: Article) -> Draft:
    """Fetch and render what the checks need: two queries, whatever the size."""
    draft = Draft(article)
    for citation in _CITED.all(article=article.pk):
        citation.reference.latest_event = citation.latest_event
        draft.citations[citation.key], draft.references[citation.reference_id] = citation, citation.reference.work
    for text in article.texts.all():
        if text.source.strip():
            try:
                draft.rendered[text.audience] = rendering.render(text.source, known=draft.citations.keys())
            except ValueError as error:
                draft.errors[text.audience] = str(error)
    return draft


def findings(draft: Draft) -> list[Finding]:
    """What all checks find, must-fix first."""
    found = [finding for each in CHECKS for finding in each(draft)]
    return sorted(found, key=lambda finding: not finding.blocks)


def check_article(article: Article) -> list[Finding]:
    """The findings on an article's draft as it stands."""
    return findings(read_draft(article))


def _name(audience: str) -> str:
    return "text for professionals" if audience == Audience.PROFESSIONAL else "plain-language text"


@check
def text_is_there(draft: Draft) -> Iterator[Finding]:
    """At least one audience has a text, and each text can be rendered."""
    if not draft.rendered and not draft.errors:
        yield Finding("text.missing", MUST_FIX, "There is no text yet.", "Write the text for professionals, the plain-language text, or both.")
    for audience, sentence in draft.errors.items():
        yield Finding("text.unreadable", MUST_FIX, f"The {_name(audience)} cannot be rendered: {sentence}", audience=audience)
    if draft.rendered and len(draft.rendered) == 1:
        missing = next(key for key in Audience.values if key not in draft.rendered)
        if missing not in draft.errors:
            yield Finding("text.one_audience", LOOK_AT, f"There is no {_name(missing)}. Both pages will say so.", audience=missing)


@check
def keys_are_known(draft: Draft) -> Iterator[Finding]:
    """Every cited key has a reference (REF-1)."""
    for audience, text in draft.rendered.items():
        for place in text.unresolved:
            yield Finding(
                "citation.unresolved",
                MUST_FIX,
                f"[@{place.key}] in the {_name(audience)} has no reference.",
                "Insert the reference with this key, or remove the citation.",
                audience,
                place.line,
                place.key,
            )


@check
def references_are_cited(draft: Draft) -> Iterator[Finding]:
    """Every reference of the article is cited somewhere (REF-1)."""
    for key in draft.citations.keys() - set(draft.cited_keys):
        yield Finding("reference.uncited", LOOK_AT, f"The reference @{key} is not cited.", "Cite it or remove it; it will not be listed.", key=key)


@check
def references_are_complete(draft: Draft) -> Iterator[Finding]:
    """A reference says where it appeared and when, and can be found (REF-2)."""
    for key in draft.cited_keys:
        if key not in draft.citations:
            continue
        ref = draft.reference_of(key)
        lacking = [name for name, value in (("source", ref.source), ("year", ref.year)) if not value]
        if lacking:
            yield Finding("reference.incomplete", LOOK_AT, f"The reference @{key} has no {' and no '.join(lacking)}.", key=key)
        if not ref.has_identifier:
            yield Finding("reference.unidentified", LOOK_AT, f"The reference @{key} has no DOI, PMID or address, so it cannot be checked.", key=key)


@check
def evidence_stands(draft: Draft) -> Iterator[Finding]:
    """A retracted work is cited only where the citation says so, with a reason (REF-5); notices are exempt (REF-11)."""
    for key in draft.cited_keys:
        citation = draft.citations.get(key)
        event = draft.reference_of(key).latest_event if citation else None
        if citation is None or event is None or event == EvidenceEvent.Kind.REINSTATEMENT:
            continue
        label = EvidenceEvent.Kind(event).label.lower()
        if event not in EvidenceEvent.BLOCKING:
            yield Finding("evidence.changed", LOOK_AT, f"The reference @{key}: {label}. Read its notice.", key=key)
        elif citation.cited_as_retracted or draft.article.article_type.is_notice:
            yield Finding("evidence.cited_as_retracted", LOOK_AT, f"The reference @{key} is cited as retracted.", key=key)
        else:
            yield Finding(
                "evidence.retracted",
                MUST_FIX,
                f"The reference @{key} was {label}, so this cannot be submitted.",
                'Remove it or mark it "cited as retracted" with a reason.',
                key=key,
            )


@check
def people_are_declared(draft: Draft) -> Iterator[Finding]:
    """Somebody answers for the text, and everyone on it declared their interests (COI-5)."""
    authorships = list(draft.article.authorships.all())
    if not any(authorship.role == "author" for authorship in authorships):
        yield Finding("people.no_author", MUST_FIX, "Nobody is named as author.", "Add an author under Details and interests.")
    for authorship in authorships:
        if not authorship.interests.strip():
            yield Finding(
                "people.interests",
                MUST_FIX,
                f"{authorship.person.name} has not declared any interests.",
                'State them under Details and interests; "None declared" is an answer, a blank is not.',
            )
    for name, words in (("funding", "who funded this work"), ("sponsor", "whether there is a sponsor or advertising")):
        if not getattr(draft.article, name).strip():
            yield Finding(f"people.{name}", MUST_FIX, f"It is not said {words}.", 'State it under Details and interests; "None" is an answer.')


@check
def nothing_was_dropped(draft: Draft) -> Iterator[Finding]:
    """What rendering leaves out (images, raw HTML, unsafe links) is said."""
    for audience, text in draft.rendered.items():
        for sentence in text.dropped:
            yield Finding("text.dropped", LOOK_AT, f"In the {_name(audience)}: {sentence}", audience=audience)
