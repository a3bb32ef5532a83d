"""What a sentence claims, by the words in it: a treatment, a dose, a comparison, a number. English. Pure.

Each pattern is read once over a sentence; none can backtrack further than a few words.
"""

import re
from functools import lru_cache

from articles import lexicon
from articles._clinical_words import DOSES, Item, items

_THERAPY = (
    r"treatments?|therap(?:y|ies)|medicines?|medications?|drugs?|surger(?:y|ies)|operations?|antibiotics?|antivirals?|vaccin(?:e|es|ation)|"
    r"\w*(?:chemo|radio|immuno|psycho|physio|photo)therap(?:y|ies)|rehabilitation|transplant(?:s|ation)?|"
    r"transfusions?|dialysis|injections?|infusions?|tablets?|pills?|painkillers?|supplements?|steroids?|statins?|"
    r"exercises?|bed rest|immobili[sz]ation|splints?|braces?|stents?|pacemakers?|insulin|phototherapy|acupuncture|massage|counsell?ing"
)
_WORKS = (
    r"effective(?:ly)?|ineffective|beneficial|helpful|useful|successful(?:ly)?|recommended|advised|indicated|contraindicated|preferred|"
    r"first[- ]line|second[- ]line|mainstay|of choice|helps?|helped|reliev(?:e|es|ed|ing)|improv(?:e|es|ed|ing)|cur(?:e|es|ed|ing)|prevent(?:s|ed|ing)?|"
    r"reduc(?:e|es|ed|ing)|lower(?:s|ed|ing)?|eas(?:e|es|ed|ing)|shorten(?:s|ed|ing)?|slow(?:s|ed|ing)?|control(?:s|led|ling)?|manag(?:e|es|ed|ing)|"
    r"alleviat(?:e|es|ed|ing)|prolong(?:s|ed|ing)?|stop(?:s|ped)?|delay(?:s|ed|ing)?|reverse[sd]?|correct(?:s|ed)?|suppress(?:es|ed)?|"
    r"kill(?:s|ed|ing)?|shrink(?:s|ing)?|restor(?:e|es|ed|ing)|decreas(?:e|es|ed|ing)|avoid(?:ed|s)?|works?|"
    r"(?:is|are|was|were|be|been) (?:\w+ )?(?:given|used|prescribed|administered|performed|offered|needed|required|necessary|started|begun|available|done|tried|added)|"
    r"includes?|including|consists? of|involves?|should|must|(?:may|can) (?:be|help|also)|requires?|need(?:s|ed)?|prescribes?|takes?"
)
# A therapy or a drug, and near it what it does or that it is done; or a form of "to treat", which is both.
_STEPS = re.compile(rf"\b(?:(?P<therapy>(?:{_THERAPY})(?!-))|(?P<works>{_WORKS})|(?P<word>[^\W\d_]{{5,}}))\b", re.IGNORECASE)
_NEAR = 60
_TREATS = re.compile(
    r"\b(?:treated|managed|cured|relieved|controlled) (?:\w+ )?(?:with|by|using|through)\b|\b(?:(?:is|are|was|were|be|been) (?:\w+ ){0,2}treated|treats?|to treat|"
    r"treating|no (?:known |specific |standard )?(?:cure|treatment)|treatment (?:of|for) [^.;]{3,60} (?:is|are|includes?|may include|depends)|treatment (?:is|usually|may|includes?|depends))\b",
    re.IGNORECASE,
)
# What is no claim: a question, talk about asking, about research under way, a definition, a step of finding out, where to read more.
_NO_CLAIM = re.compile(
    r"\?\s*\Z|\bclinical trials?\b|\b(?:research(?:ers)?|scientists|investigators|NINDS|NIH|NHLBI|studies|trials) (?:\w+ )?(?:is|are|continue|being|conduct|support|investigat|stud|explor|aim|hope|seek|test|look)"
    r"|\b(?:ask|talk (?:to|with)|tell|contact|call|speak (?:to|with)|check with) (?:to )?(?:your|the|a|his|her|their) (?:doctor|health|physician|pharmacist|care|provider|nurse|dentist|team)"
    r"|\byour (?:doctor|health care provider|provider) (?:will|may|can) (?:ask|discuss|explain|tell|want|talk|look|check|test|order)"
    r"|\b(?:more information|for information|information about|click|visit|websites?|web sites?|resources|MedlinePlus|are listed|links? to|summary|section|questions|learn more|read more|fact ?sheet)\b"
    r"|\b(?:refers? to|is defined as|is the (?:study|science|use)|are drugs that|also (?:called|known as))\b"
    r"|\b(?:is|are) an? (?:\w+ ){0,3}(?:treatments?|procedures?|drugs?|medicines?|therap(?:y|ies)|types?|kinds?|substances?) (?:that|in which|which|of|using|to|for|used)\b"
    r"|\b(?:being|is under|are under|currently) (?:studied|tested|investigated|investigation|study|evaluated)\b"
    r"|\b(?:how well|find out|to see (?:if|how|whether)|whether (?:the )?(?:treatment|surgery|drug)|decisions? (?:about|on)|planning|plan treatment|treatment options|choices?|long[- ]term effects|side effects|"
    r"types? of (?:\w+ )?treatments?|decides?|means|diagnos\w+|confirm|grouped|classified|divided|depends on|is based on|genes?|mutations?|enzymes?|proteins?|molecules?|financial|kinds? of|"
    r"past treatment|previous(?:ly)? treat|have been treated|had been treated|has been treated|after treatment|during treatment|before treatment|not yet received|follow-up|insurance|cost)\b",
    re.IGNORECASE,
)
# An article with a section on its methods reports a study of its own, and what it tells of that stands on that: methods, results, tables, the
# abstract, and sentences about it anywhere.
METHODS = re.compile(
    r"\A[\W\d]*(?:(?:patients?|participants?|subjects?|materials?|experimental|study|research) ?(?:,|and|&|/)? ?)*(?:methods?|methodology|study design|experimental procedures?)\b", re.IGNORECASE
)
OWN_SECTION = re.compile(
    r"\A[\W\d]*(?:(?:patients?|participants?|subjects?|materials?|experimental|study|research|main) ?(?:,|and|&|/)? ?)*(?:abstract|summary|methods?|methodology|procedures?|results?|findings|materials?|design|"
    r"protocol|statistic\w*|case (?:report|presentation|description)s?|conclusions?|abbreviations?|acknowledge?ments?|(?:author )?contributions?|competing interests?|conflicts? of interest|funding|ethic\w*|"
    r"supporting information|supplementary|limitations?|experimental|trial|tables?|figures?|notes?|aims?|objectives?)\b",
    re.IGNORECASE,
)
OWN_STUDY = re.compile(
    r"\b(?:we|our)\b|\b(?:the|this|these) (?:present |current |pilot |proposed )?(?:stud(?:y|ies)|trial|protocol|analys[ei]s|report|research|article|paper|results?|findings|cohort|data|intervention|design|model|"
    r"estimates?)\b|\bin (?:both|all|either) (?:groups?|arms?)\b|\b(?:one|other|two|four|control|placebo|intervention|treatment|study|experimental|dose) (?:groups?|arms?|subgroups?)\b|\bsubgroups?\b|\brandomi[sz]ed\b"
    r"|\b(?:Table|Figure|Fig\.?) ?S?\d|\bp ?[<=>] ?0?\.\d|\bparticipants?\b|\bbaseline\b|\bwill be\b|\bsample size\b|\bhypothes[ie]\w+|\bpower (?:to|calc|analys)|\bconfidence intervals?\b|\bfuture (?:studies|research)\b"
    r"|\b(?:was|were) (?:significantly|recruited|enrolled|assigned|allocated|classified|included|collected|measured|prepared|compared|found|observed|discharged|initiated|performed|excluded|asked)\b|\bn ?= ?\d|\bbetween[- ]group",
    re.IGNORECASE,
)
RESEARCH = re.compile(r"\bclinical trials?\b|\bresearch\b|\bfuture treatments?\b", re.IGNORECASE)

_COMPARED = re.compile(
    r"\b(?:more|less|fewer|greater|higher|lower|better|worse|longer|shorter|larger|smaller|faster|slower|safer|stronger|weaker|earlier|sooner|later|"
    r"likelier|cheaper|commoner|milder|rarer)\b(?:[ \u00a0][^\s.;:()]+){0,8}?[ \u00a0]than\b|\b(?:as (?:\w+ )?(?:safe|effective|good|well|likely|common|often) as|"
    r"superior to|inferior to|non-?inferior|compared (?:with|to)|in comparison (?:with|to)|versus|vs\.?)(?![\w])|\btwice as|\b(?:outperform(?:s|ed)?)\b",
    re.IGNORECASE,
)
# What follows "than" and makes a limit of it, no comparison: "more than 5", "longer than two weeks", "worse than usual".
_LIMIT = re.compile(
    r"[ \u00a0](?:about |approximately |or equal to |just |only |a |an |the |[a-z]+ly )?(?:[<>≤≥$£€]?\d|one\b|two\b|three\b|four\b|five\b|six\b|seven\b|eight\b|nine\b|ten\b|twelve|fift|twent|thirt|"
    r"half\b|once\b|twice\b|usual|normal|expected|average|few\b|couple\b|hundred|thousand|million|dozen|week\b|month\b|year\b|day\b|hour\b|ever\b|before\b|that\b|this\b|"
    r"just\b|it \w+|they \w+|you \w+|[a-z]+ (?:hours?|days?|weeks?|months?|years?|times?|people)\b)",
    re.IGNORECASE,
)
_NUMBERS = re.compile(
    r"(?<![\w.])\d{1,15}(?:[.,]\d{1,15}){0,5}[ \u00a0]?(?:%|per ?cent\b|percent\b)|\b(?:[a-z]+) percent\b"
    r"|\b(?:\d{1,15}(?:[.,]\d{1,15}){0,5}|one|two|three|four|five|six|seven|eight|nine|ten) (?:in|out of)(?: every| about)? (?:\d[\d,]{0,20}|one|two|three|four|five|six|seven|eight|nine|ten|twenty|fifty|(?:a )?hundred|(?:a )?thousand)\b"
    r"|\b(?:\d[\d,.]{0,20}|one|two|three|several|half a|a) (?:hundred|thousand|million|billion)s?\b(?: of)?(?: \w+){0,3}? (?:people|americans|adults|children|women|men|patients|cases|deaths|births|babies|infants|individuals|persons|newborns|families|males|females|affected|worldwide|diagnosed)"
    r"|\b\d[\d,]{0,20} (?:\w+ ){0,2}?(?:people|americans|adults|women|men|patients|cases|deaths|births|babies|infants|individuals|newborns|affected)\b"
    r"|\b(?:1|one)(?: case)?(?: in| per) (?:every )?\d[\d,]*|\bper \d[\d,]{2,}\b|\b\d{1,15}(?:\.\d{1,15})?[- ]?(?:fold|times (?:as|more|higher|greater|the))\b"
    r"|\b(?:odds|hazard|risk|relative risk|rate) ratios?\b|\b(?-i:OR|RR|HR)[ =:]+\d|\b95[ ]?%|\bp[ \u00a0]?[<=>][ \u00a0]?0?\.\d|\bnumber needed to treat\b|\bmost common (?:cause|form|type)\b"
    r"|\b(?:half|one[- ](?:third|quarter|fifth)|two[- ]thirds|three[- ]quarters|a (?:third|quarter|fifth)) of (?:all |the |these |those |them\b|people|patients|cases|adults|women|men|children|affected|individuals)",
    re.IGNORECASE,
)
_TAKEN = re.compile(
    r"\b(?:take|takes|taken|taking|give|gives|given|giving|dose|doses|dosage|dosages|dosed|administer(?:ed|ing|s)?|inject(?:ed|s|ing)?|apply|applied|swallow(?:ed)?|"
    r"prescribed?|starting|maintenance|loading|infus(?:e|ed|ion)|tablets?|capsules?|supplements?|intake|orally|by mouth|intravenous(?:ly)?|intramuscular(?:ly)?|subcutaneous(?:ly)?)\b",
    re.IGNORECASE,
)
_FOOD = re.compile(r"\b(?:calories|fat|fibre|fiber|milk|juice|fruit|vegetables?|foods?|serving|cheese|beer|wine|meat|water|coffee|diet)\b", re.IGNORECASE)
_MADE_OF = re.compile(r"\b(?:contains?|containing|made of|comes? in|available (?:as|in))\b", re.IGNORECASE)
_LEVEL = re.compile(r"\b(?:mg|g|mmol|µg|μg|mcg|ng|IU|U|mEq|µmol|μmol|nmol)[ \u00a0]?(?:/|per)[ \u00a0]?(?:d?[lL]|mL|ml|deciliter|litre|liter)\b")
_DOSE_UNITS = frozenset(DOSES.values()) - {"kg", "cup", "glass", "ounce", "pound", "pint", "quart", "gallon", "m²", "L", "dL", "bottle", "drink", "serving"}


# What the list of drugs has, and texts name as food, parts of blood or what the body makes far more often.
_OF_THE_BODY = frozenset(
    """oxygen alcohol nicotine caffeine iron calcium sodium potassium magnesium zinc iodine chloride copper phosphate hormone hormones estrogen oestrogen
    androgen testosterone cortisol adrenaline glucose glycogen lactate urea cholesterol creatinine bilirubin albumin globulin fibrinogen thrombin collagen
    melatonin serotonin dopamine histamine carbon nitrogen protein proteins tobacco cannabis cocaine heroin placebo inhibitor inhibitors blocker receptor""".split()  # noqa: SIM905
)


@lru_cache(maxsize=4096)
def is_drug(word: str) -> bool:
    """Whether a word names a drug."""
    lower = word.lower()
    return len(lower) > 3 and lower not in _OF_THE_BODY and lexicon.is_drug(lower)


_WORD = re.compile(r"[^\W\d_]{4,}")


def names_drug(sentence: str) -> bool:
    """Whether a sentence names a drug."""
    return any(is_drug(word) for word in _WORD.findall(sentence))


_AMOUNT = re.compile(r"\d|\b(?:one|two|three|four|five|six|eight|ten|half) (?:tablet|capsule|dose|drop|puff|spray|teaspoon|tablespoon|injection|patch|sachet)", re.IGNORECASE)


def doses(sentence: str) -> list[Item]:
    """The amounts of a sentence that can be doses: in units in which medicines are measured, and no level in blood."""
    if _AMOUNT.search(sentence) is None:
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
    if _MADE_OF.search(sentence):
        return False
    return names_drug(sentence) or (_TAKEN.search(sentence) is not None and _FOOD.search(sentence) is None)


def claims_treatment(sentence: str) -> bool:
    """Whether it says that something is done for a disease, or what doing it achieves."""
    return _is_sentence(sentence) and _is_about_therapy(sentence) and not _NO_CLAIM.search(sentence)


def _is_sentence(words: str) -> bool:
    """Whether words say something by themselves: a heading without mark and half a sentence do not."""
    number = len(words.split())
    return number >= 4 and (number >= 8 or words[-1] in ".!:;)") and not words[0].islower()


def _is_about_therapy(sentence: str) -> bool:
    """Whether a therapy, or a drug, and what it does or that it is done stand near each other."""
    if _TREATS.search(sentence):
        return True
    therapy = works = -_NEAR
    for found in _STEPS.finditer(sentence):
        if found["therapy"] or (found["word"] and is_drug(found["word"])):
            therapy = found.end()
        elif found["works"]:
            works = found.end()
        else:
            continue
        if therapy >= 0 and works >= 0 and abs(therapy - works) < _NEAR:
            return True
    return False


def claims_comparison(sentence: str) -> bool:
    """Whether it says that one thing is more, less or as much as another."""
    if sentence.endswith("?"):
        return False
    return any(not (found[0].endswith("than") and _LIMIT.match(sentence, found.end())) for found in _COMPARED.finditer(sentence))


def claims_number(sentence: str) -> bool:
    """Whether it says how many, or how often."""
    return _NUMBERS.search(sentence) is not None and not sentence.endswith("?")
