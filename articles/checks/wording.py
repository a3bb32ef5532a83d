"""Checks of how it is said: abbreviations, who takes the dose, what a percentage is of, and warnings that stand out."""

import re
from collections.abc import Iterator

from articles.checks import _abbreviations, _cues
from articles.checks.base import OFF, Draft, Hit, check, name_of
from articles.checks.passages import Passage
from articles.models import Audience


@check("text.abbreviation", rule="B9")
def abbreviations_are_explained(draft: Draft) -> Iterator[Hit]:
    """An abbreviation is written out somewhere in the text; each is told once, where it is first used."""
    for audience, passages in draft.english:
        known = _abbreviations.KNOWN | (_abbreviations.CLINICAL if audience == Audience.PROFESSIONAL else frozenset())
        first: dict[str, Passage] = {}
        names: set[str] = set()
        for passage in passages:
            if passage.kind != "pre" and not passage.is_heading and not _ABOUT_PEOPLE.match(passage.under):
                for short, is_name in _abbreviations.used(passage.words):
                    single = short.removesuffix("s")
                    if is_name:
                        names.add(single)
                    elif short not in known and single not in known:
                        first.setdefault(single, passage)
        unnamed = first.keys() - names
        told = unnamed - _abbreviations.explained(draft.article.title, (passage.words for passage in passages), unnamed)
        for short, passage in first.items():
            if short in told:
                yield Hit(f"{short} is not written out in the {name_of(audience)}.", f"Write the words and then ({short}), where it first stands.", audience, passage.line, words=short)


# Under these headings short forms are initials of people and names of funders.
_ABOUT_PEOPLE = re.compile(r"[\W\d]*(?:authors?[’']? )?(?:contributions?|information|details|acknowledge?ments?|competing|conflicts?|disclosures?|funding|references)\b", re.IGNORECASE)

_PASSIVE = re.compile(
    r"\b(?:is|are|was|were|be|been|being)(?: (?:usually|often|sometimes|then|also|only|generally|typically|normally|commonly|first|not|always|initially))?"
    r" (?:taken|given|administered|injected|applied|swallowed|inhaled|infused|prescribed|dosed|started|increased|raised|lowered|reduced|repeated|used|recommended|chewed|dissolved)\b",
    re.IGNORECASE,
)


@check("plain.passive_dose", rule="B9")
def doses_say_who_takes_them(draft: Draft) -> Iterator[Hit]:
    """In plain language a dose tells the reader what to do: “take 250 mg”, not “250 mg is taken”."""
    for audience, passage, sentence in _sentences(draft):
        if audience == Audience.PLAIN and _PASSIVE.search(sentence) and _cues.claims_dose(sentence):
            yield Hit(f"This dose does not say who does what: “{_shown(sentence)}”", "Say it to the reader: take, use, inject.", audience, passage.line, words=sentence)


_RELATIVE = re.compile(
    r"\b(?:reduc|lower|decreas|cut|increas|rais|drop|fell|fall|ris|rose|improv|declin)\w*\b(?:[ \u00a0][^\s.;]+){0,10}?[ \u00a0]by[ \u00a0]"
    r"(?:about |around |approximately |up to |as much as |nearly |almost |over |more than |an? (?:average|estimated) )*\d{1,15}(?:\.\d{1,15})?(?: ?(?:-|–|to) ?\d{1,15})?[ \u00a0]?(?:%|per ?cent\b)"
    r"|(?<!than )(?<!\d)\d{1,15}(?:\.\d{1,15})?[ \u00a0]?(?:%|per ?cent\b)[ \u00a0](?:(?!or |and |of )\w+ )?(?:lower|higher|less|more|fewer|greater|reduction|increase|decrease|drop|rise|decline)\b",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"\b(?:risk|chance|death|mortality|rate|rates|incidence|odds|likelihood|likely|hospital|events?|recurrence|relapse|survival|infections?|strokes?|attacks?|cases?|complications?)\w*\b", re.IGNORECASE
)
_ABSOLUTE = re.compile(
    r"\bfrom (?:about |around |\w+ )?\d[\d.,]{0,20}[ \u00a0]?(?:%|per ?cent|percent)?(?: \w+){0,8}? to (?:about |around |\w+ )?\d|\b\d[\d.,]{0,20}[ \u00a0]?%?(?: \w+){0,4}? (?:versus|vs\.?|against|compared (?:with|to)|and) (?:about |\w+ ){0,4}\d"
    r"|\b(?:\d[\d,]{0,20}|one|two|three|four|five|six|seven|eight|nine|ten)(?: \w+)?(?: in| out of| of| per)(?: every| about)? (?:\d[\d,]*|ten|a hundred|a thousand|one hundred)|\bper \d|\babsolute\b|\bn[ ]?=|\b\d{1,15}/\d{1,15}\b|\bnumber needed\b|\b(?:hundred|thousand)\b",
    re.IGNORECASE,
)


@check("text.relative_percentage", rule="B9", notice=OFF)
def percentages_have_their_numbers(draft: Draft) -> Iterator[Hit]:
    """A change of a risk in per cent stands with the numbers that it is a change of: from how many in a hundred to how many."""
    for audience, passage, sentence in _sentences(draft):
        if _RELATIVE.search(sentence) and _CHANGE.search(sentence) and not _ABSOLUTE.search(passage.words):
            yield Hit(
                f"A change in per cent without the numbers behind it, in the {name_of(audience)}: “{_shown(sentence)}”",
                "Say it in people as well: from 12 to 8 in 100.",
                audience,
                passage.line,
                words=sentence,
            )


_DIGIT = re.compile(r"\d")


def _sentences(draft: Draft) -> Iterator[tuple[str, Passage, str]]:
    """Every sentence of prose and tables, with its audience and passage."""
    for audience, passages in draft.english:
        for passage in passages:
            if not passage.is_heading and passage.kind != "pre" and _DIGIT.search(passage.words):
                yield from ((audience, passage, sentence) for sentence in passage.sentences)


def _shown(sentence: str) -> str:
    return sentence if len(sentence) <= 90 else f"{sentence[:89].rstrip()}…"


_ACUTE = re.compile(
    r"\b(?:heart attacks?|myocardial infarction|acute coronary|cardiac arrest|strokes?|transient isch(?:a)?emic attacks?|an?aphyla\w+|severe allergic|sepsis|septic(?:a?emia)?|mening\w*itis|"
    r"encephalitis|pulmonary embol\w+|deep vein thrombosis|aortic (?:aneurysm|dissection)|ectopic pregnanc\w+|pre-?eclampsia|appendicitis|peritonitis|(?:bowel|intestinal) obstruction|"
    r"acute pancreatitis|diabetic (?:ketoacidosis|coma)|hypoglyc(?:a)?emia|(?:carbon monoxide|food|alcohol|paracetamol|acetaminophen) poisoning|overdose|heat ?stroke|hypothermia|drowning|choking|"
    r"epiglottitis|croup|status epilepticus|head injur\w+|concussion|traumatic brain|spinal cord injur\w+|cauda equina|acute (?:kidney|liver|respiratory|renal)\w*|pneumothorax|testicular torsion|"
    r"acute glaucoma|retinal detachment|suicid\w+|burns|shock|asthma attacks?|chest pain|gangrene|rabies|tetanus|botulism|malaria|necroti[sz]ing|compartment syndrome|septic arthritis|snake ?bites?)\b",
    re.IGNORECASE,
)
# What is asked about something acute that nobody reads while it happens.
_CALM = re.compile(
    r"\b(?:research|trials?|inherit\w*|hereditary|familial|congenital|genetic|genes?|how many|history|outlook|prognosis|at risk|prevent\w*|causes|complications|diagnosed?|statistics|"
    r"syndrome|risk factors?|effect of|effects of|versus|compar\w+|rehabilitation|vaccin\w*|cohort|study|analysis)\b",
    re.IGNORECASE,
)
_CALL = re.compile(
    r"\b(?:call|dial|phone|ring) (?:911|999|112|111|an ambulance|emergency|the emergency|your local emergency)|\b(?:go|get|come|taken?|rush) (?:\w+ ){0,4}(?:to )?(?:the |an |a )?(?:nearest )?"
    r"(?:emergency (?:room|department)|hospital (?:right away|at once|immediately|emergency)|A&E|casualty)|\b(?:seek|get|need|requires?|needs) (?:\w+ ){0,2}?(?:immediate|emergency|urgent) (?:medical |care|help|attention|treatment|assistance)"
    r"|\b(?:medical emergenc(?:y|ies)|life-threatening emergency|9-1-1|(?:medical (?:help|care|attention)|doctor|help) (?:right away|at once|immediately|urgently))",
    re.IGNORECASE,
)


@check("text.red_flags", rule="B9", notice=OFF)
def acute_topics_have_red_flags(draft: Draft) -> Iterator[Hit]:
    """A text about something acute, or that tells its reader to get help at once, has a red-flag call-out."""
    for audience, passages in draft.english:
        if any(passage.callout == "flagbox" for passage in passages):
            continue
        acute = _ACUTE.search(draft.article.title) if not _CALM.search(draft.article.title) else None
        told = next((passage for passage in passages if _CALL.search(passage.words)), None)
        if told is not None:
            yield Hit(
                f"The {name_of(audience)} tells when to get help at once, and has no red-flag call-out.",
                "Put that into a call-out, “::: red-flag …”, before everything else.", audience, told.line,
            )  # fmt: skip
        elif acute:
            yield Hit(f"“{acute[0]}” is acute, and the {name_of(audience)} has no red-flag call-out.", "Say first which signs need help at once, in “::: red-flag …”.", audience)
