"""Which abbreviations a text uses and explains. English. Pure."""

import re
from collections.abc import Iterable, Iterator

from articles import lexicon

# What readers of either text know better short than long.
KNOWN = frozenset(
    """AIDS HIV DNA RNA MRI CT PET TV UK US USA UN EU NHS WHO FDA CDC NIH OK AM PM DVD ID IQ GP ER ICU IV CPR ECG EKG EEG LED UV UVA UVB PhD MD RN
    BMI HPV COVID SARS MMR BCG ADHD PTSD IVF CV PDF FAQ TB ABC MS AA AD BC CE UTC GMT AND NOT THE FOR OR NO IF TO OF IN ON AT BY IT IS DO GO WE
    YES ALL NICE SIGN ISBN DOI PMID HTML HTTP URL CD STD STI LDL HDL PMS IUD SPF APGAR HMO SAT WWW ATP AP APP ASA PO OTC RH Rh SIDS NASA MBA CEO
    BRCA""".split()  # noqa: SIM905
)
# What health professionals know besides.
CLINICAL = frozenset(
    """ALT AST ALP GGT INR APTT PT CRP ESR FBC CBC WBC RBC HCT MCV MCH HbA BNP TSH FSH LH ACTH PTH GFR eGFR BUN LFT CK CKD COPD DVT PE MI ACS CABG
    PCI TIA GI GU GORD GERD IBS IBD NSAID NSAIDs SSRI SSRIs SNRI ACE ARB PPI PPIs CNS PNS CSF BP HR RR ABG VBG SC IM ICD DSM RCT RCTs OR CI SD
    SE SEM IQR ANOVA NNT NNH ROC AUC PCR ELISA CMV EBV HSV VZV HBV HCV RSV MRSA UTI URTI LRTI STEMI NSTEMI ECMO CPAP BiPAP PEEP ARDS DKA HLA IgG
    IgM IgA IgE TNF IL IFN mRNA cDNA SNP SNPs GCS ASD CONSORT PRISMA GRADE EMA MHRA ISRCTN USPSTF ACC AHA ESC NYHA ECOG RECIST SPSS SAS FEV FVC
    LVEF QT PR QRS ICER QALY VAS""".split()  # noqa: SIM905
)
_FOUND = re.compile(r"(?<![\w@/.&’'-])([A-Z](?:[A-Za-z]?[A-Z0-9]){1,5}s?)(?![\w@’'./&-]|\.\w)")
_ROMAN = re.compile(r"(?=[IVX])X{0,3}(?:IX|IV|V?I{0,3})[A-ES]?s?\Z")
# A name rather than an abbreviation: of a gene, a protein, a locus, a strain, a vitamin, a trial, a law.
_NAMED = re.compile(
    r"\A(?:,? (?:and |or )?[A-Z0-9]{2,8}){0,2}[ \u00a0]*(?:genes?|proteins?|mutations?|alleles?|variants?|loci|locus|cells?|receptors?|enzymes?|antigens?|antibod|chromosome|syndrome|"
    r"isoforms?|transcripts?|promoter|polymorphisms?|expression|trial|study|kinase|Act\b)", re.IGNORECASE
)  # fmt: skip
_BEFORE = re.compile(r"(?:genes?|proteins?|called|named|known as|gene,|Vitamin|vitamin|type|grade|stage|class|factor|phase|group|Figure|Table|Fig\.?)[ \u00a0]\Z")


def used(words: str) -> Iterator[tuple[str, bool]]:
    """Each abbreviation in the words of a passage, and whether it is used as a name: of a gene, a protein, a syndrome, a trial.

    Shouted words, Roman numbers and what holds a figure are none.
    """
    for found in _FOUND.finditer(words):
        short = found[1]
        if not (any(letter.isdigit() for letter in short) or _ROMAN.match(short) or (len(short) > 2 and lexicon.is_ordinary(short.lower())) or _is_shouted(words, found.start(), found.end())):
            is_name = _NAMED.match(words[found.end() : found.end() + 40]) or _BEFORE.search(words[max(0, found.start() - 12) : found.start()])
            yield short, is_name is not None


_CAPITALS = re.compile(r"[A-Z]{2,}")


def _is_shouted(words: str, start: int, end: int) -> bool:
    """Whether a word beside it is written in capitals too."""
    before = words[max(0, start - 20) : start].split()
    after = words[end : end + 20].split()
    return any(_CAPITALS.fullmatch(near.strip(".,;:()")) and len(near.strip(".,;:()")) > 3 for near in (*before[-1:], *after[:1]))


def explained(title: str, passages: Iterable[str], shorts: Iterable[str]) -> set[str]:
    """Which of some abbreviations the title spells, or a passage explains.

    It does so by `long words (SHORT)`, `SHORT (long words)`, `SHORT, or long words`, `SHORT stands for long words`.
    """
    wanted = {_single(short): short for short in shorts}
    found = {short for short in wanted.values() if len(_single(short)) > 2 and _spells(short, title)}
    looked: dict[str, int] = {}
    for words in passages if wanted else ():
        for match in _FOUND.finditer(words):
            short = wanted.get(_single(match[1]))
            if short is None or short in found or looked.get(short, 0) >= MOST_LOOKED:
                continue
            looked[short] = looked.get(short, 0) + 1
            if _is_explained(match[1], words, match.start(), match.end()):
                found.add(short)
    return found


# A text explains a short form where it is new, if anywhere.
MOST_LOOKED = 30
_MEANS = re.compile(r",? (?:or|which stands for|stands for|which means|means|short for|is short for|is the abbreviation (?:for|of)|–|—|=) [a-zA-Z]|: [A-Za-z]|:? ?[(\[]([^()\[\]]{4,120})[)\]]")
_CALLED = re.compile(r"([\w'’,/-]+(?: [\w'’,/-]+){0,8}?),? (?:also (?:called|known as)|or|abbreviated(?: as| to)?|called|known as|shortened to)(?: the| as)? [“\"]?\Z")


def _is_explained(short: str, words: str, start: int, end: int) -> bool:
    """Whether the words around one place of an abbreviation say what it means."""
    before, after = words[max(0, start - 120) : start], words[end : end + 130]
    opened = max(before.rfind("("), before.rfind("["))
    if opened > max(before.rfind(")"), before.rfind("]")) and _spells(short, before[:opened]):
        return True
    if (means := _MEANS.match(after)) and (means[1] is None or _spells(short, means[1]) or len(means[1].split()) >= 2):
        return True
    called = _CALLED.search(before)
    return called is not None and _spells(short, called[1])


def _single(short: str) -> str:
    return short.removesuffix("s").upper()


def _spells(short: str, words: str) -> bool:
    """Whether the letters of an abbreviation come in this order in the words, the first at the beginning of one of the last few."""
    letters = [letter for letter in _single(short).lower() if letter.isalnum()]
    if not letters:
        return False
    text = " ".join(words.lower().replace("-", " ").split()[-(len(letters) * 2 + 3) :])
    starts = [n for n, letter in enumerate(text) if letter == letters[0] and (n == 0 or not text[n - 1].isalnum())]
    return any(_in_order(letters, text, start) for start in starts)


def _in_order(letters: list[str], text: str, start: int) -> bool:
    at = start
    for letter in letters:
        at = text.find(letter, at)
        if at < 0:
            return False
        at += 1
    return True
