"""Makes the word lists of `articles/lexicon/` anew from their sources, which are not in this repository.

    python bench/lexicon.py DRUG_NER_DICTIONARY SCOWL_FOLDER EASY_WORDS

The first is `drug_ner_dictionary.pkl.bz2` of the package drug-named-entity-recognition 2.0.9; the second `usr/share/dict/scowl` of
Debian's package scowl 2020.12.07; the third `textstat/resources/en/easy_words.txt` of the package textstat 0.7.13. articles/lexicon/README.md says what is taken, and under which licences.
"""

import bz2
import pickle
import re
import sys
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "articles" / "lexicon"
ONE_WORD = re.compile(r"[a-z]{4,}")
DIALECTS, KINDS = ("english", "british", "british_z", "american"), ("words", "contractions")
# Foods, materials and body's own substances that the source lists too, and ordinary words that are not written for a drug.
NOT_DRUGS = frozenset(
    """acacia acetate actinium adenine amber aniline antimony arginine armour avocado bean beeswax beet bentonite berkelium bilberry
    blackberry blueberry boron cadmium capsicum cardamom cashew catfish cesium chamomile chickpea chitin chlorine chloroform cholesterol
    chromium clove cobalt cocoa copper cotton emend ergosterol ether fennel fibrin flounder formaldehyde frankincense fructose gadolinium
    gelatin generics glucose gold grapefruit graphite hazelnut helium honey hops horseradish hydrogen indium kale kaolin lactose lamb
    lanolin lanthanum lentil leucine licorice lobster malathion maltose molybdenum muskmelon myrrh neon niobium nitrite oregano orris
    oyster ozone peach pecan peppermint phosphorus pistachio platinum pomegranate poultry pumpkin rhubarb rice rosemary rosin rubidium
    saccharin safflower sage samarium serine shrimp silicon silver soot sorghum sucrose sugarcane talc tantalum thyme thymine thyroid
    titanium trinitrotoluene tuna turmeric turpentine urethane vanadium vanilla water watercress wheat whey wormwood xenon yeast covid""".split()  # noqa: SIM905
)


def scowl(folder, sizes):
    """The lower-case words of these sizes, British and American, without those that hold an apostrophe."""
    found = set()
    for name in (f"{dialect}-{kind}.{size}" for dialect in DIALECTS for kind in KINDS for size in sizes):
        if (folder / name).exists():
            found.update(word for word in (folder / name).read_text(encoding="latin-1").split() if re.fullmatch("[a-z]{2,}", word))
    return found


def drugs(path, words):
    """One-word names of what has a DrugBank or MedlinePlus entry, other names of the latter, and words of longer names that are no others."""
    read = pickle.loads(bz2.decompress(path.read_bytes()))  # it holds strings, numbers, lists and dicts alone
    entries, other_names = read["drug_canonical_to_data"], read["drug_variant_to_canonical"]
    known = {name for name, entry in entries.items() if "drugbank_id" in entry or "medline_plus_id" in entry}
    used = {name for name, entry in entries.items() if "medline_plus_id" in entry}
    found = {name for name in known if ONE_WORD.fullmatch(name)}
    found |= {name for name, of in other_names.items() if ONE_WORD.fullmatch(name) and used.intersection(of)}
    found |= {word for name in used for word in re.findall(r"[a-z]{5,}", name) if word not in words}
    return found - NOT_DRUGS


def main():
    """Write the four lists."""
    source, folder, easy = map(Path, sys.argv[1:])
    ordinary, known = scowl(folder, (10, 20, 35)), scowl(folder, (40, 50, 55, 60))
    names = drugs(source, ordinary | known)
    familiar = {word for word in easy.read_text(encoding="utf-8").lower().split() if word.isascii()}
    lists = {"familiar": familiar, "drugs": names, "ordinary": ordinary - names, "words": known - ordinary - names}
    for name, words in lists.items():
        (OUT / f"{name}.txt").write_text("\n".join(sorted(words)) + "\n", encoding="ascii")
        print(f"{name}.txt: {len(words):,} words")


if __name__ == "__main__":
    main()
