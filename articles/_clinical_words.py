"""What in a passage can hurt when it changes: amounts, frequencies, negations, drugs and the like, each with its meaning. Pure.

Two items of one meaning are the same: three is 3, "do not" is "don't", mcg is microgram. What is spelled another way is no change.
"""

import re
from typing import NamedTuple

from articles import lexicon

NUMBERS = {
    word: value
    for value, words in {
        "0": "zero nil", "1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six", "7": "seven", "8": "eight", "9": "nine",
        "10": "ten", "11": "eleven", "12": "twelve", "13": "thirteen", "14": "fourteen", "15": "fifteen", "16": "sixteen", "17": "seventeen",
        "18": "eighteen", "19": "nineteen", "20": "twenty", "30": "thirty", "40": "forty", "50": "fifty", "60": "sixty", "70": "seventy",
        "80": "eighty", "90": "ninety", "100": "hundred hundreds", "1000": "thousand thousands", "1000000": "million millions",
        "1000000000": "billion billions", "1/2": "half ½", "1/4": "quarter ¼", "3/4": "¾", "1/3": "⅓", "2/3": "⅔", "1/8": "⅛",
        "x2": "double doubled twofold", "x3": "triple tripled threefold", "once": "single", "dozen": "dozen",
        "2nd": "2nd", "3rd": "third thirds 3rd", "4th": "fourth 4th", "5th": "fifth 5th", "6th": "sixth 6th",
    }.items()
    for word in words.split()
}  # fmt: skip


def _variants(table: dict[str, str]) -> dict[str, str]:
    return {variant: name for name, variants in table.items() for variant in (name, *variants.split("|")) if variant}


# Units: symbols by their exact letters, for M is not m; words in any case.
TIMES = _variants({
    "second": "s|sec|secs|seconds", "minute": "min|mins|minutes", "hour": "h|hr|hrs|hours|hourly", "day": "d|days", "night": "nights",
    "week": "wk|wks|weeks", "fortnight": "fortnights", "month": "mo|months", "year": "y|yr|yrs|years", "decade": "decades",
    "morning": "mornings", "evening": "evenings", "afternoon": "afternoons", "bedtime": "", "meal": "meals|mealtime|mealtimes",
})  # fmt: skip
DOSES = _variants({
    "mg": "milligram|milligrams|milligramme|milligrammes", "µg": "μg|ug|mcg|microgram|micrograms|microgramme|microgrammes",
    "ng": "nanogram|nanograms", "g": "gm|gram|grams|gramme|grammes", "kg": "kgs|kilogram|kilograms|kilo|kilos", "pg": "picograms",
    "mL": "ml|cc|millilitre|millilitres|milliliter|milliliters", "L": "l|litre|litres|liter|liters", "dL": "dl|decilitre|deciliter", "µL": "μL|ul|uL|µl",
    "mmol": "millimole|millimoles|millimol", "µmol": "μmol|umol|micromole|micromoles", "nmol": "", "pmol": "", "mol": "mole|moles",
    "mEq": "meq|milliequivalents", "IU": "iu", "MU": "", "unit": "U|units", "tablet": "tablets|tab|tabs", "capsule": "capsules|cap|caps",
    "pill": "pills", "drop": "drops", "puff": "puffs", "spray": "sprays", "patch": "patches", "dose": "doses", "sachet": "sachets",
    "injection": "injections", "infusion": "infusions", "vial": "vials", "ampoule": "ampoules|ampule|ampules", "lozenge": "lozenges",
    "suppository": "suppositories", "teaspoon": "teaspoons|teaspoonful|teaspoonfuls|tsp", "tablespoon": "tablespoons|tablespoonful|tbsp",
    "cup": "cups", "glass": "glasses", "ounce": "ounces|oz", "pound": "pounds|lb|lbs", "pint": "pints", "quart": "quarts", "gallon": "gallons",
    "m²": "m2", "inhalation": "inhalations", "application": "applications", "bottle": "bottles", "drink": "drinks", "serving": "servings",
})  # fmt: skip
MEASURES = _variants({
    "%": "percent|per cent|percentage|pct", "mmHg": "mm Hg|mmhg", "kPa": "", "cm": "centimetre|centimetres|centimeter|centimeters", "nm": "",
    "mm": "millimetre|millimetres|millimeter|millimeters", "m": "metre|metres|meter|meters", "km": "kilometre|kilometres|kilometer|kilometers",
    "µm": "μm|micron|microns|micrometre|micrometres|micrometer|micrometers", "kcal": "kilocalories|Calories|calories|calorie|cal", "kJ": "kilojoules",
    "°C": "degrees Celsius|degree Celsius", "°F": "degrees Fahrenheit|degree Fahrenheit", "degree": "°|degrees", "bpm": "", "Gy": "gray", "mSv": "",
    "Hz": "hertz", "kHz": "", "inch": "inches", "foot": "feet", "mile": "miles", "times": "time|x|×", "fold": "", "point": "points", "cell": "cells",
    "copy": "copies", "cycle": "cycles", "course": "courses", "session": "sessions", "cigarette": "cigarettes", "pack": "packs", "case": "cases",
    "people": "persons|person", "patient": "patients", "death": "deaths", "V": "volts", "W": "watts", "dB": "decibels", "ppm": "", "cfu": "CFU",
})  # fmt: skip
_UNITS = {**MEASURES, **DOSES, **TIMES}
_DAILY = {"daily": "day", "nightly": "night", "hourly": "hour", "weekly": "week", "fortnightly": "fortnight", "monthly": "month", "yearly": "year",
          "annually": "year", "annual": "year", "quarterly": "3 month", "biweekly": "biweekly", "bimonthly": "bimonthly"}  # fmt: skip
_SHORT = {"od": "1/day", "qd": "1/day", "bd": "2/day", "bid": "2/day", "tds": "3/day", "tid": "3/day", "qds": "4/day", "qid": "4/day", "prn": "prn",
          "qhs": "1/night", "stat": "stat", "ac": "ac", "pc": "pc", "nocte": "1/night", "mane": "1/morning", "qod": "1/2 day"}  # fmt: skip

# Words by the kind of their meaning and what they mean.
_CLASSES: dict[str, dict[str, str]] = {
    "negation": {
        "not": "no not none cannot nor neither nothing nobody nowhere non", "never": "never", "without": "without", "except": "except unless excluding excludes",
        "avoid": "avoid avoids avoided avoiding avoidance", "absent": "absent absence lack lacks lacking lacked", "deny": "denies denied",
        "forbidden": "contraindicated contraindication contraindications contraindicate contraindicates prohibited forbidden banned refrain",
    },
    "strength": {
        "must": "must required require requires mandatory essential", "should": "should recommend recommends recommended recommending "
        "recommendation recommendations advise advised advises ought", "may": "may might could can consider considered optional suggest suggests suggested",
        "always": "always", "only": "only solely exclusively", "strong": "strong strongly", "weak": "weak weakly conditional conditionally",
    },
    "amount": {
        "all": "all every everyone everybody", "most": "most mostly usually generally commonly typically normally majority", "many": "many often frequently frequent",
        "some": "some sometimes occasionally", "few": "few rarely rare seldom infrequent infrequently uncommon uncommonly minority hardly barely scarcely",
    },
    "direction": {
        "up": "increase increases increased increasing raise raises raised raising rise rises rising higher high elevated elevates elevate more greater",
        "down": "decrease decreases decreased decreasing reduce reduces reduced reducing reduction lower lowers lowered lowering low less fewer",
        "before": "before prior preceding", "after": "after following afterwards", "during": "during",
        "start": "start starts started starting begin begins began begun beginning initiate initiates initiated initiating",
        "stop": "stop stops stopped stopping discontinue discontinues discontinued discontinuing cease ceases ceased withhold withheld withdraw withdrawn",
        "continue": "continue continues continued continuing", "left": "left", "right": "right", "acute": "acute acutely", "chronic": "chronic chronically",
        "minimum": "minimum minimal min", "maximum": "maximum maximal max", "positive": "positive", "negative": "negative",
        "mild": "mild mildly", "moderate": "moderate moderately", "severe": "severe severely", "benign": "benign", "malignant": "malignant",
        "early": "early earlier", "late": "late later", "improve": "improve improves improved improving improvement better",
        "worsen": "worsen worsens worsened worsening worse", "systolic": "systolic", "diastolic": "diastolic", "hot": "hot warm", "cold": "cold cool",
        "cause": "cause causes caused causing", "prevent": "prevent prevents prevented preventing prevention", "open": "open", "closed": "closed",
        "benefit": "benefit benefits beneficial", "harm": "harm harms harmful harmed", "upper": "upper", "short": "short shorter", "long": "long longer", "empty": "empty", "full": "full",
        "alone": "alone", "fast": "fast rapid rapidly quickly", "slow": "slow slowly",
    },
    "route": {
        "oral": "oral orally mouth", "iv": "intravenous intravenously iv", "im": "intramuscular intramuscularly im", "sc": "subcutaneous subcutaneously sc",
        "topical": "topical topically", "rectal": "rectal rectally rectum", "vaginal": "vaginal vaginally", "nasal": "nasal nasally intranasal nose nostril",
        "inhaled": "inhaled inhale inhaling inhaler", "sublingual": "sublingual sublingually", "buccal": "buccal", "transdermal": "transdermal",
        "eye": "ophthalmic intraocular intravitreal", "ear": "otic", "epidural": "epidural", "intrathecal": "intrathecal intrathecally",
    },
    "who": {
        "child": "child children pediatric paediatric", "infant": "infant infants baby babies newborn newborns neonate neonates toddler toddlers",
        "teen": "adolescent adolescents teenager teenagers teen teens", "adult": "adult adults", "old": "elderly older seniors", "boy": "boy boys",
        "girl": "girl girls", "woman": "woman women female females", "man": "man men male males", "pregnant": "pregnant pregnancy pregnancies",
        "breastfeeding": "breastfeeding breastfeed lactating lactation",
    },
    "warning": {
        "warning": "warning warnings caution cautions cautious beware danger dangers dangerous dangerously", "emergency": "emergency emergencies emergent",
        "at once": "immediately immediate urgent urgently", "deadly": "fatal fatally deadly lethal death deaths die dies",
        "overdose": "overdose overdoses overdosing poisoning poisonous toxic toxicity", "serious": "serious seriously", "seek": "seek",
    },
    "drug": {
        name: f"{name} {name}s"
        for name in ["antibiotic", "antidepressant", "antihistamine", "antacid", "antiviral", "antifungal", "anticoagulant", "anticonvulsant", "antipsychotic", "antiepileptic", "antiemetic", "antihypertensive", "antiplatelet", "antiretroviral", "antispasmodic", "antidiabetic", "analgesic", "painkiller", "nsaid", "opioid", "opiate", "steroid", "corticosteroid", "glucocorticoid", "statin", "diuretic", "vasodilator", "bronchodilator", "decongestant", "laxative", "sedative", "tranquilizer", "tranquilliser", "stimulant", "benzodiazepine", "barbiturate", "vaccine", "insulin", "penicillin", "sulfonylurea", "bisphosphonate", "triptan", "biguanide", "immunosuppressant", "contraceptive", "hormone", "estrogen", "oestrogen", "progestin", "progestogen", "androgen", "chemotherapy", "radiotherapy", "immunotherapy", "biologic", "sodium", "potassium", "calcium", "magnesium", "iron", "zinc", "lithium", "iodine", "fluoride", "oxygen", "nicotine", "caffeine", "alcohol", "morphine", "heroin", "cocaine", "vitamin", "supplement", "antivenom", "antitoxin", "antidote", "thrombolytic", "interferon", "folate", "blocker", "inhibitor", "agonist", "antagonist", "suppressant", "emollient", "expectorant", "placebo", "anesthetic", "anaesthetic", "immunoglobulin", "globulin"]
    },
}  # fmt: skip
MEANINGS = {word: (kind, meaning) for kind, classes in _CLASSES.items() for meaning, words in classes.items() for word in words.split()}

KNOWN = frozenset({*MEANINGS, *_DAILY, *_SHORT, *(word.lower() for word in (*NUMBERS, *_UNITS) if len(word) > 1), "once", "twice", "thrice", "each", "per"})
AMOUNTS = frozenset({"number", "unit", "dose", "duration", "age", "frequency"})


class Item(NamedTuple):
    """Something that matters, what it means, and where it stands in the plain words of its cell."""

    kind: str
    meaning: str
    start: int
    end: int


_N = r"\d+(?:[.,]\d+)*(?:\^[-−]?\d+)?|[½¼¾⅓⅔⅛]|\b(?:" + "|".join(sorted((word for word in NUMBERS if word.isalpha() and len(word) > 2), key=len, reverse=True)) + r")\b"
_SYMBOLS = sorted((unit for unit in _UNITS if len(unit) > 1 or not unit.isalpha() or unit in "gLlhsUmdVWyx"), key=len, reverse=True)
_U = "|".join(re.escape(unit) if unit != unit.lower() or len(unit) < 4 else f"(?i:{re.escape(unit)})" for unit in _SYMBOLS)
_T = "|".join(sorted((word for word in TIMES if len(word) > 2), key=len, reverse=True))
_EACH = rf"(?:a|an|per|each|every|/)[ \u00a0](?:other[ \u00a0]|alternate[ \u00a0]|second[ \u00a0])?(?:(?:{_N})[ \u00a0-])?(?:{_T})(?!\w)"
_HOW = rf"(?:{'|'.join(_DAILY)})(?!\w)|{_EACH}"
_SCAN = re.compile(
    rf"(?P<frequency>\b(?i:(?:(?<!at )once|twice|thrice|(?:{_N})[ \u00a0]times)(?:[ \u00a0](?:{_HOW}))?|(?:{_HOW}))(?!\w)|\b(?i:q\d+h|{'|'.join(word for word in _SHORT if len(word) == 3 or word == 'bd')})\b"
    rf"|\b(?:od|qd|[bqtop]\.(?:[id]\.)?[ds]\.?|p\.r\.n\.?|stat|ac|pc|nocte|mane)(?!\w))"
    rf"|(?P<range>(?<=\d)[ \u00a0]?(?:[-‐‑–—−]|to)[ \u00a0]?(?=\d))"
    rf"|(?P<amount>(?P<number>(?i:{_N}))(?P<unit>(?:[ \u00a0-]?(?:{_U})(?!\w))?(?:[ \u00a0]?(?:/|per)[ \u00a0]?(?:{_U})(?!\w)){{0,3}}))"
    r"|(?P<limit>(?i:\b(?:(?:no|not)[ \u00a0](?:more|less|fewer|greater|higher|lower|later|longer)[ \u00a0]than|at[ \u00a0](?:least|most)"
    r"|(?:more|less|fewer|greater|higher|lower|longer|shorter|older|younger|later|earlier)[ \u00a0]than|up[ \u00a0]to|above|below|over|under|exceeding"
    r"|exceeds?|beyond|within|until|between)\b)|[<>≤≥=±≈~+]|(?<![\w])[-–−](?=\d))"
    r"|(?P<sign>[/×%°µμ∞→←↑↓])"
    r"|(?P<word>[^\W_][\w\u0300-\u036f]*(?:['’][^\W\d_]+)*)"
    r"|(?P<hidden>[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffd])"
)
_LIMITS = {
    "no more than": "≤", "not more than": "≤", "no greater than": "≤", "no higher than": "≤", "not greater than": "≤", "at most": "≤", "up to": "≤",
    "no less than": "≥", "not less than": "≥", "no fewer than": "≥", "at least": "≥", "more than": ">", "greater than": ">", "over": ">", "above": ">",
    "exceeding": ">", "exceed": ">", "exceeds": ">", "beyond": ">", "higher than": ">", "older than": ">", "longer than": ">", "less than": "<",
    "fewer than": "<", "under": "<", "below": "<", "lower than": "<", "younger than": "<", "shorter than": "<", "–": "-", "−": "-",
}  # fmt: skip
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d.,])")
_AGED = re.compile(r"\b(?:aged?|ages|older[ \u00a0]than|younger[ \u00a0]than)\b[^.;:]{0,25}$", re.IGNORECASE)
_OLD = re.compile(r"[ \u00a0-](?:old|of[ \u00a0]age)\b", re.IGNORECASE)
_NOT_ONE = re.compile(r"\b(?:no|any|every|each|this|that|which|some|the)[ \u00a0]$", re.IGNORECASE)
_ONE_OF = re.compile(r"[ \u00a0](?:of|another|who|that)\b|['’]", re.IGNORECASE)


def items(words: str, *, has_thousands: bool = False) -> list[Item]:
    """What matters in the words of one cell, in order; reading takes time in proportion to their length.

    `has_thousands` says that a comma parts thousands in the language of the words: 1,000 is 1000 then.
    """
    found: list[Item] = []
    at = 0
    while match := _SCAN.search(words, at):
        at = match.end()
        item = _READ[match.lastgroup or "word"](match, words)
        if item is not None:
            meaning = _THOUSANDS.sub(lambda found: found[0].replace(",", ""), item[1]) if has_thousands else item[1]
            found.append(Item(item[0], meaning, match.start(), match.end()))
    return found


def _amount(match: re.Match[str], words: str) -> tuple[str, str] | None:
    written, unit = match["number"].lower(), match["unit"].strip(" \u00a0-")
    after = words[match.end() : match.end() + 12]
    if written == "one" and not unit and (_NOT_ONE.search(words[max(match.start() - 8, 0) : match.start()]) or _ONE_OF.match(after)):
        return None
    number = NUMBERS.get(written, written)
    is_age = bool(_OLD.match(after) or _AGED.search(words[max(match.start() - 40, 0) : match.start()]))
    if not unit:
        return "age" if is_age else "number", number
    parts = [_unit(part) for part in re.split(r"[ \u00a0]?(?:/|\bper\b)[ \u00a0]?", unit)]
    if parts[0] in TIMES.values():
        return "age" if is_age else "duration", f"{number} {'/'.join(parts)}"
    return "dose" if parts[0] in DOSES.values() else "number", f"{number} {'/'.join(parts)}"


def _unit(written: str) -> str:
    return _UNITS.get(written) or _UNITS.get(written.lower()) or written


_COUNT = {"once": "1", "twice": "2", "thrice": "3"}
_PERIOD = re.compile(rf"(?i:(other|alternate|second)[ \u00a0])?(?i:({_N})[ \u00a0-])?({_T})\Z", re.IGNORECASE)


def _frequency(match: re.Match[str], _: str) -> tuple[str, str]:
    text = " ".join(match[0].lower().split())
    if (short := text.replace(".", "")) in _SHORT:
        return "frequency", _SHORT[short]
    if found := re.fullmatch(r"q(\d+)h", text):
        return "frequency", f"1/{found[1]} hour"
    first = text.split(" ", 1)[0]
    count = _COUNT.get(first) or (NUMBERS.get(first, first) if " times" in text else "1")
    if text.rsplit(" ", 1)[-1] in _DAILY:
        return "frequency", f"{count}/{_DAILY[text.rsplit(' ', 1)[-1]]}"
    if (period := _PERIOD.search(text)) is None:
        return "frequency", count
    number = "2 " if period[1] else f"{NUMBERS.get(period[2], period[2])} " if period[2] else ""
    return "frequency", f"{count}/{number}{TIMES[period[3]]}"


def _limit(match: re.Match[str], _: str) -> tuple[str, str]:
    text = " ".join(match[0].lower().split())
    return "limit", _LIMITS.get(text, text)


_NEGATED = re.compile(r"[a-z]+n['’]t\Z")
_POSSESSIVE = re.compile(r"['’]s\Z")


def _word(match: re.Match[str], _: str) -> tuple[str, str] | None:
    written = _POSSESSIVE.sub("", match[0])
    word = written.lower()
    if _NEGATED.fullmatch(word):
        return "negation", "not"
    if word in {"im", "iv", "sc", "non", "may"} and not (written.isupper() or word in {"non", "may"}):
        return None
    if known := MEANINGS.get(word):
        return known
    if any(character.isdigit() for character in word):
        return "number", word
    if lexicon.is_drug(word):
        return "drug", plain(word)
    return None if is_known(word) and not _CONDITION.fullmatch(word) else ("term", plain(word))


# Known to a dictionary, and a technical term for all that.
_CONDITION = re.compile(
    r"(?:hyper|hypo|brady|tachy|haem|hepat|nephr|pneum)\w{3,}|\w{3,}(?:itis|osis|oses|emia|aemia|opathy|ectomy|ostomy|otomy|algia|uria|plegia|rrhea|rrhoea|rrhage"
    r"|sclerosis|trophy|penia|cytosis|megaly|stenosis|paresis|kinesia|phasia|noea|pnea)"
)


def is_known(word: str) -> bool:
    """Whether a word in lower case is one that a general dictionary has, as it is or without its ending."""
    return len(word) < 3 or any(lexicon.is_word(form) for form in (word, word.removesuffix("s"), word.replace("’", "").replace("'", "")))


_SPELLINGS = re.compile(r"ae|oe|ph|ll|our\b|ise|isa|yse|(?<=[bt])re\b")
_ONE_SPELLING = {"ae": "e", "oe": "e", "ph": "f", "ll": "l", "our": "or", "ise": "ize", "isa": "iza", "yse": "yze", "re": "er"}


def plain(word: str) -> str:
    """A name in the singular, without what British and American spelling do differently."""
    return _SPELLINGS.sub(lambda found: _ONE_SPELLING[found[0]], word.removesuffix("s"))


_READ = {
    "frequency": _frequency,
    "range": lambda match, _: ("limit", "range"),
    "amount": _amount,
    "limit": _limit,
    "sign": lambda match, _: ("unit", _unit(match[0])),
    "word": _word,
    "hidden": lambda match, _: ("hidden", f"U+{ord(match[0]):04X}"),
}
