"""What a sentence claims, by the words in it: a treatment, a dose, a comparison, a number. English. Pure.

Each pattern is read once over a sentence; none can backtrack further than a few words.
"""

import re
from functools import lru_cache

from articles import lexicon
from articles._clinical_words import DOSES, MEANINGS, Item, items

_THERAPY = (
    r"treatments?|treated|treating|therap(?:y|ies)|medicines?|medications?|drugs?|surger(?:y|ies)|operations?|procedures?|antibiotics?|antivirals?|vaccin(?:e|es|ation)|"
    r"chemotherapy|radiotherapy|radiation therapy|immunotherapy|psychotherapy|physiotherapy|physical therapy|rehabilitation|transplant(?:s|ation)?|"
    r"transfusions?|dialysis|injections?|infusions?|tablets?|pills?|painkillers?|supplements?|steroids?|statins?|"
    r"exercises?|bed rest|immobili[sz]ation|splints?|braces?|braced?|stents?|pacemakers?|oxygen|insulin|diet|phototherapy|acupuncture|massage|counsell?ing"
)
THERAPY = re.compile(rf"\b(?:{_THERAPY})\b", re.IGNORECASE)
_WORKS = (
    r"effective(?:ly)?|ineffective|beneficial|helpful|useful|successful(?:ly)?|(?:more|less|most) effective|"
    r"recommended|advised|indicated|contraindicated|preferred|first[- ]line|second[- ]line|the (?:main|standard|usual|mainstay)(?: of)?|treatment of choice|"
    r"help(?:s|ed|ing)?|relieve[sd]?|reliev(?:e|es|ed|ing)|improve[sd]?|improving|cure[sd]?|prevent(?:s|ed|ing)?|reduc(?:e|es|ed|ing)|lower(?:s|ed|ing)?|"
    r"eas(?:e|es|ed|ing)|shorten(?:s|ed|ing)?|slow(?:s|ed|ing)?|control(?:s|led|ling)?|manag(?:e|es|ed|ing)|alleviat(?:e|es|ed|ing)|"
    r"protect(?:s|ed|ing)?|prolong(?:s|ed|ing)?|increase[sd]? survival|stop(?:s|ped)?|delay(?:s|ed|ing)?|reverse[sd]?|correct(?:s|ed)?|suppress(?:es|ed)?|"
    r"kill(?:s|ed|ing)?|shrink(?:s|ing)?|restor(?:e|es|ed|ing)|does not (?:help|work)|do not (?:help|work)|works?|decreas(?:e|es|ed|ing)"
)
WORKS = re.compile(rf"\b(?:{_WORKS})\b", re.IGNORECASE)
# What is said to be done: "is treated with", "may be used to treat", "should take", "include surgery and …".
DONE = re.compile(
    r"\b(?:(?:is|are|was|were|be|been|being) (?:usually |often |sometimes |generally |commonly |typically |also |only |best |mainly |primarily |"
    r"initially |frequently |routinely |then |always |now |not |first ){0,2}(?:treated|managed|given|used|prescribed|administered|performed|offered|recommended|"
    r"needed|required|necessary|indicated|avoided|started|begun|repaired|corrected|removed)"
    r"|treatments? (?:\w+ ){0,6}?(?:includes?|consists? of|involves?|depends? on|is|are|aims?|may|can|should)"
    r"|(?:should|must|ought to|need to) (?:not )?(?:be |also |only )?(?:take|taken|receive|given|use|used|start|started|avoid|avoided|treated|have|undergo|stop)"
    r"|(?:may|can|might|could|will) (?:also |often |sometimes |usually )?(?:be )?(?:used|treat|treated|given|help|require|need|include|prescribe|prescribed|recommend)"
    r"|(?:doctors?|physicians?|clinicians?|guidelines?) (?:may |might |can |will |usually |often |also )?(?:prescribe|recommend|treat|use|give|suggest)s?"
    r"|(?:used|taken|given|prescribed) (?:to|for|in|as|with|against)\b|treat(?:s|ing)?\b|(?:therap(?:y|ies)|medications?|medicines?|drugs?) (?:that|which) )",
    re.IGNORECASE,
)
# What is no claim: a question, talk about asking, about research under way, about a definition or where to read more.
NO_CLAIM = re.compile(
    r"\?\s*\Z|\b(?:clinical trials?|clinicaltrials|research(?:ers)?|scientists|investigators|NINDS|NIH|studies) (?:\w+ ){0,4}?(?:is|are|continue|being|conduct|support|investigat|stud|explor|aim|hope|seek)"
    r"|\b(?:ask|talk (?:to|with)|tell|see|contact|call|speak (?:to|with)|check with|discuss (?:\w+ ){0,4}with) (?:to )?(?:your|the|a|his|her|their) (?:doctor|health|physician|pharmacist|care|provider|nurse|dentist|team)"
    r"|\b(?:more information|for information|click|visit|website|web site|the following resources|these resources|MedlinePlus|see the|are listed|links? to|summary on|section on)\b"
    r"|\b(?:refers? to|is defined as|is the (?:study|science)|are drugs that|is a type of|questions to ask)\b"
    r"|\b(?:being|is under|are under|currently) (?:studied|tested|investigated|investigation|study|evaluated)\b",
    re.IGNORECASE,
)  # fmt: skip

_COMPARED = re.compile(
    r"\b(?:more|less|fewer|greater|higher|lower|better|worse|longer|shorter|larger|smaller|faster|slower|safer|stronger|weaker|earlier|sooner|later|"
    r"likelier|cheaper|commoner|milder|rarer)\b(?:[ \u00a0][^\s.;:()]+){0,8}?[ \u00a0]than\b|\b(?:as (?:\w+ )?(?:effective|safe|good|well|likely|common|often) as|"
    r"superior to|inferior to|non-?inferior|compared (?:with|to)|in comparison (?:with|to)|versus|vs\.?)(?![\w])|\btwice as|\b(?:outperform(?:s|ed)?)\b",
    re.IGNORECASE,
)
# "more than 5", "longer than two weeks", "no less than", "rather than": limits, not comparisons.
_LIMIT = re.compile(
    r"\b(?:more|less|fewer|greater|higher|lower|longer|shorter|older|younger|larger|smaller|later|earlier|better|worse)\b(?:[ \u00a0][^\s.;:()]+){0,3}?[ \u00a0]than[ \u00a0]"
    r"(?:about |approximately |or equal to |just |a |an |the |\w+ )?(?:[<>≤≥$£€]?\d|one\b|two\b|three\b|four\b|five\b|six\b|seven\b|eight\b|nine\b|ten\b|twel|fift|twent|thirt|half\b|once\b|twice\b|usual\b|normal\b|expected\b|average\b|others?\b|"
    r"few\b|couple\b|hundred|thousand|million|dozen|week\b|month\b|year\b|day\b|hour\b|[a-z]+ (?:hours?|days?|weeks?|months?|years?)\b)",
    re.IGNORECASE,
)
_NUMBERS = re.compile(
    r"(?<![\w.])\d+(?:[.,]\d+)*[ \u00a0]?(?:%|per ?cent\b|percent\b)|\b(?:[a-z]+) percent\b"
    r"|\b(?:\d+(?:[.,]\d+)*|one|two|three|four|five|six|seven|eight|nine|ten) (?:in|out of)(?: every| about)? (?:\d[\d,]*|one|two|three|four|five|six|seven|eight|nine|ten|twenty|fifty|(?:a )?hundred|(?:a )?thousand)\b"
    r"|\b(?:\d[\d,.]*|one|two|three|several|half a|a) (?:hundred|thousand|million|billion)s?\b(?: of)?(?: \w+){0,3}? (?:people|americans|adults|children|women|men|patients|cases|deaths|births|babies|infants|individuals|persons|newborns|families|males|females|affected|worldwide|diagnosed)"
    r"|\b\d[\d,]* (?:\w+ ){0,2}?(?:people|americans|adults|women|men|patients|cases|deaths|births|babies|infants|individuals|newborns|affected)\b"
    r"|\b(?:1|one)(?: case)?(?: in| per) (?:every )?\d[\d,]*|\bper \d[\d,]{2,}\b|\b\d+(?:\.\d+)?[- ]?(?:fold|times (?:as|more|higher|greater|the))\b"
    r"|\b(?:odds|hazard|risk|relative risk|rate) ratios?\b|\b(?:OR|RR|HR)[ =:]+\d|\b95[ ]?%|\bp[ \u00a0]?[<=>][ \u00a0]?0?\.\d|\bnumber needed to treat\b|\bmost common (?:cause|form|type)\b"
    r"|\b(?:half|one[- ](?:third|quarter|fifth)|two[- ]thirds|three[- ]quarters|a (?:third|quarter|fifth)) of (?:all |the |these |those |them\b|people|patients|cases|adults|women|men|children|affected|individuals)",
    re.IGNORECASE,
)
_TAKEN = re.compile(
    r"\b(?:take|takes|taken|taking|give|gives|given|giving|dose|doses|dosage|dosages|dosed|administer(?:ed|ing|s)?|inject(?:ed|s|ing)?|apply|applied|swallow(?:ed)?|"
    r"prescribed?|starting|maintenance|loading|infus(?:e|ed|ion)|tablets?|capsules?|supplements?|intake|orally|by mouth|intravenous(?:ly)?|intramuscular(?:ly)?|subcutaneous(?:ly)?)\b",
    re.IGNORECASE,
)
_FOOD = re.compile(r"\b(?:calories|fat|fibre|fiber|milk|juice|fruit|vegetables?|foods?|serving|cheese|beer|wine|meat|water|coffee|diet)\b", re.IGNORECASE)
_LEVEL = re.compile(r"\b(?:mg|g|mmol|µg|μg|mcg|ng|IU|U|mEq|µmol|μmol|nmol)[ \u00a0]?(?:/|per)[ \u00a0]?(?:d?[lL]|mL|ml|deciliter|litre|liter)\b")
_DOSE_UNITS = frozenset(DOSES.values()) - {"kg", "cup", "glass", "ounce", "pound", "pint", "quart", "gallon", "m²", "L", "dL", "bottle", "drink", "serving"}


@lru_cache(maxsize=4096)
def is_drug(word: str) -> bool:
    """Whether a word names a drug."""
    lower = word.lower()
    return MEANINGS.get(lower, ("", ""))[0] != "who" and len(lower) > 3 and lexicon.is_drug(lower)


_WORD = re.compile(r"[^\W\d_]{4,}")


def names_drug(sentence: str) -> bool:
    """Whether a sentence names a drug."""
    return any(is_drug(word) for word in _WORD.findall(sentence))


def doses(sentence: str) -> list[Item]:
    """The amounts of a sentence that can be doses: in units in which medicines are measured, and no level in blood."""
    if not any(letter.isdigit() for letter in sentence) and "tablet" not in sentence and "dose" not in sentence:
        return []
    levels = [found.start() for found in _LEVEL.finditer(sentence)]
    return [
        item for item in items(sentence, has_thousands=True)
        if item.kind == "dose" and _unit(item) in _DOSE_UNITS and not any(item.start <= at < item.end for at in levels)
    ]  # fmt: skip


def _unit(item: Item) -> str:
    return item.meaning.partition(" ")[2].partition("/")[0]


def claims_dose(sentence: str) -> bool:
    """Whether it says how much of a medicine is taken."""
    if not doses(sentence):
        return False
    return names_drug(sentence) or (_TAKEN.search(sentence) is not None and _FOOD.search(sentence) is None)


def claims_treatment(sentence: str) -> bool:
    """Whether it says that something is done for a disease, or what doing it achieves."""
    if NO_CLAIM.search(sentence):
        return False
    if THERAPY.search(sentence) is None and not names_drug(sentence):
        return False
    return WORKS.search(sentence) is not None or DONE.search(sentence) is not None


def claims_comparison(sentence: str) -> bool:
    """Whether it says that one thing is more, less or as much as another."""
    limits = [found.span() for found in _LIMIT.finditer(sentence)]
    return any(not any(start <= found.start() < end for start, end in limits) for found in _COMPARED.finditer(sentence)) and not sentence.endswith("?")


def claims_number(sentence: str) -> bool:
    """Whether it says how many, or how often."""
    return _NUMBERS.search(sentence) is not None and not sentence.endswith("?")
