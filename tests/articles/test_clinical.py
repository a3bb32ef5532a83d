"""The clinical diff: what can hurt is found and called by its name, nothing that differs is called the same, and it stays quick."""

import json
import os
import random
import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles import _clinical_words, clinical
from articles._alignment import matched
from articles._clinical_text import blocks_of
from articles.citations import Source
from articles.clinical import KINDS, Edition, Finding, Text, Work, compare, minor_refusals
from articles.rendering import render
from tests.articles.clinical_table import CLINICAL, HARMLESS
from tests.growth import RATIO, growth
from tests.scale import examples

DATA = Path(os.environ.get("IMPRIMATUR_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
CALLOUTS = """## Use

::: red-flag Renal impairment

Not effective at GFR < 30 mL/min.

:::

Take it in the morning.

::: red-flag Stop at once

Discontinue immediately if suspected.

:::

::: dose

25 mg once daily.

:::
"""
A = """## Medicines

Start ibuprofen at 600 mg three times a day, for at most 10 days.[@a; @b, p. 3]

::: red-flag
Do **not** give with another drug or after a stomach bleed.
:::

Walk when you can, as [the guide](https://guide.example/walking) says. This sentance is fine.

| Drug | Dose |
|---|---|
| ibuprofen | 600 mg |
| naproxen | 500 mg |

- one thing
- another thing

Drink water, rest and sleep. Keep the [@b, p. 3] exercises.
"""
WORKS = {
    "a": Work("work 1", Source(title="Pain medicines", year=2025, doi="10.1000/a")),
    "b": Work("work 2", Source(title="Short courses", year=2021, url="https://journal.example/b")),
}


@cache
def text_of(source):
    rendered = render(source)
    return Text(source, rendered.html, rendered.keys)


def edition(professional=A, plain=None, works=WORKS, **details):
    sources = {"professional": professional, "plain": plain}
    return Edition({name: text_of(source) for name, source in sources.items() if source is not None}, works, details)


unchanged = cache(edition)  # of one text many changes are tried


def kinds(found):
    return {group.kind for group in found.critical}


def told(found, kind):
    return [(each.finding.before, each.finding.after, each.finding.note) for each in found.told if each.finding.kind == kind]


# ---- Real texts


@cache
def answers():
    path = DATA / "medquad" / "qa_dev.jsonl"
    if not path.exists():
        pytest.skip(f"NO IMPRIMATUR_DATA: {path} is not there; set IMPRIMATUR_DATA to the data folder")
    return [json.loads(line)["answer"] for line in path.read_text(encoding="utf-8").splitlines()]


@cache
def real(where, words):
    """The text that a row of the table is about."""
    if where == "callout":
        return CALLOUTS
    if where == "medquad":
        return next(answer for answer in answers() if words in answer)
    answers()
    return next(DATA.glob(f"articles/*/{where}.md")).read_text(encoding="utf-8")


@pytest.mark.parametrize(("kind", "row"), [(kind, row) for kind, rows in CLINICAL.items() for row in rows], ids=lambda value: value if isinstance(value, str) else value[2][:30])
def test_each_clinical_change_of_a_real_text_is_found_and_called_by_its_kind(kind, row):
    where, before, after = row
    text = real(where, before)
    assert before in text
    old, new = unchanged(text), edition(text.replace(before, after, 1))
    found = compare(old, new)
    assert kind in kinds(found), [(group.kind, group.told) for group in (*found.critical, *found.others)]
    assert minor_refusals(old, new), "the minor track lets it through"


def test_the_table_holds_what_it_must():
    assert sum(map(len, CLINICAL.values())) >= 60
    assert len(HARMLESS) >= 60
    assert {"number", "unit", "dose", "frequency", "negation", "drug", "citation", "link", "emphasis", "cell", "callout"} <= CLINICAL.keys() <= KINDS.keys()


def test_false_alarms_on_harmless_paraphrases_are_counted(report):
    """Our own paraphrases, which the lists of words were made with an eye on: others will raise more."""
    rows, alarms = [], 0
    for where, before, after in HARMLESS:
        text = real(where, before)
        assert before in text
        found = compare(unchanged(text), edition(text.replace(before, after, 1)))
        assert not found.is_same
        raised = [f"{KINDS[each.finding.kind].label}: {each.finding.before} → {each.finding.after}" for group in found.critical for each in group.told]
        alarms += bool(raised)
        rows.append([where, before, after, "; ".join(raised) or "none"])
    report(f"Clinical diff: {alarms} false alarms on {len(rows)} harmless paraphrases", ["text", "words", "put for them", "alarm"], rows)
    assert alarms <= 6


# ---- Generated edits of real texts

NUMBER = re.compile(r"(?<![\w.,:/\[@(#-])\d+(?:[.,]\d+)?(?![\w.,:/)])")
NEGATION = re.compile(r"\b(?:not|never|without|cannot|no)\b")
UNIT = re.compile(r"(?<=\d )(?:mg|mcg|g|kg|mL|ml|hours|days|weeks|months|years|percent)\b")
DRUG = re.compile(r"\b(?:aspirin|insulin|ibuprofen|warfarin|metformin|penicillin|prednisone|methotrexate|propranolol|amlodipine|estrogen|testosterone|heparin)\b")
OTHERS = {"unit": ["mg", "g", "mcg", "hours", "days", "months", "percent"], "drug": ["aspirin", "naproxen", "lisinopril", "digoxin", "semaglutide", "Xarelto"]}
AMOUNTS = {"number", "dose", "unit", "duration", "age", "frequency", "limit", "term"}


def generated(chance):
    """A real text with one change in it: (kinds of which one must be told, text, changed text)."""
    while True:
        text = chance.choice(answers())
        kind, pattern = chance.choice([("number", NUMBER), ("negation", NEGATION), ("unit", UNIT), ("drug", DRUG)])
        places = list(pattern.finditer(text))
        if not places:
            continue
        place = chance.choice(places)
        put = "" if kind == "negation" else str(float(place[0].replace(",", "")) + chance.randint(1, 90)) if kind == "number" else chance.choice(OTHERS[kind])
        if put != place[0]:
            expected = AMOUNTS if kind in {"number", "unit"} else {kind, "limit"} if kind == "negation" else {kind}
            return expected, text, text[: place.start()] + put + text[place.end() :]


def test_each_generated_clinical_change_is_found_and_refused_on_the_minor_track(report):
    chance, tried = random.Random(20), {}
    for _ in range(examples(60, 2000)):
        expected, before, after = generated(chance)
        found = compare(edition(before), edition(after))
        assert kinds(found) & expected, (expected, [(group.kind, group.told) for group in (*found.critical, *found.others)])
        assert minor_refusals(edition(before), edition(after))
        tried[min(expected)] = tried.get(min(expected), 0) + 1
    report("Clinical diff: generated changes of real texts, all found", ["kind", "changes"], sorted(tried.items()))


BITS = ["not ", "5 mg ", "*", "**", "_", "\n", "\n\n", "- ", "> ", "## ", "|", " | ", "`", "[@a]", "[@b, p. 2]", "^2^", "~2~", "1", ".", ",", " ", "\u00a0", "\u200b",
        "\u202e", "é", "x", "[y](https://y.example/)", "::: red-flag\n", ":::\n", "3. ", "***\n", "&amp;", "<b>", "\t", "0", "A", "\\"]  # fmt: skip


def edited(chance, text):
    """A text with one small edit anywhere: something put in, taken away, put for something else, or moved."""
    at, size = chance.randrange(len(text) + 1), chance.choice([1, 1, 2, 5, 20, 60])
    match chance.randrange(4):
        case 0:
            return text[:at] + chance.choice(BITS) + text[at:]
        case 1:
            return text[:at] + text[at + size :]
        case 2:
            return text[:at] + chance.choice(BITS) + text[at + size :]
    piece, rest = text[at : at + size], text[:at] + text[at + size :]
    to = chance.randrange(len(rest) + 1)
    return rest[:to] + piece + rest[to:]


def visible(html):
    """What readers see, but for the ids and the white space that browsers fold."""
    return re.sub(r"[ \t\n]+", " ", re.sub(r' id="[^"]*"', "", html))


def texts_to_edit():
    """Texts with everything in them, and pieces of real ones."""
    yield A
    yield CALLOUTS
    if (DATA / "articles").exists():
        for name in ("dailymed_amlodipine", "wikidoc_hypertension"):
            text = real(name, "")
            yield from (text[at : at + 1500] for at in range(0, len(text), 1500))


def test_nothing_that_differs_is_ever_called_the_same(report):
    """Small edits at random places of texts with everything in them: what is not the same to see is never called so, and is told."""
    chance, texts = random.Random(4), list(texts_to_edit())
    counts = dict.fromkeys(("told", "markdown alone", "same"), 0)
    for n in range(examples(300, 10_000)):
        before = chance.choice(texts)
        after = edited(chance, before)
        one, other = edition(before), edition(after)
        found = compare(one, other)
        assert found.is_same == (before == after)
        if visible(one.texts["professional"].html) != visible(other.texts["professional"].html):
            assert not found.is_same_to_see, (before, after)
            assert found.told, (before, after)
            counts["told"] += 1
        elif found.is_same_to_see:
            counts["same" if found.is_same else "markdown alone"] += 1
        if n % 4 == 0 and not minor_refusals(one, other):
            assert kinds(found) <= {"term", "link"}, (before, after)
    report("Clinical diff: edits at random places", list(counts), [list(counts.values())])
    assert counts["told"] > examples(150, 5_000)


@given(st.integers(0, 10**9), st.integers(1, 6))
@settings(max_examples=examples(60, 1000), deadline=None)
def test_both_texts_can_be_read_from_the_runs(seed, edits):
    chance, after = random.Random(seed), A
    for _ in range(edits):
        after = edited(chance, after)
    old, new = (blocks_of(edition(text).texts["professional"].html, [(key, key) for key in edition(text).texts["professional"].keys]) for text in (A, after))
    steps = compare(edition(A), edition(after)).texts[0].steps
    shown = {"old": [], "new": []}
    for step in steps:
        if isinstance(step, clinical.Same):
            shown["old"] += step.texts
            shown["new"] += step.texts
        for side, other in (("old", "inserted"), ("new", "removed")) if not isinstance(step, clinical.Same) and step.cells else ():
            whole = step.kind == "changed" or any(run.kind not in {"same", other} for runs in step.cells for run in runs) or (step.kind != other and not any(step.cells))
            if whole:
                shown[side].append(" | ".join("".join(run.text for run in runs if run.kind != other) for runs in step.cells))
    for side, blocks in (("old", old), ("new", new)):
        assert sorted(_letters(shown[side])) == sorted(_letters(block.text for block in blocks))


def _letters(texts):
    """The letters and figures of texts; numbers of citations may be those of the other text where nothing else changed."""
    return re.findall(r"\w", re.sub(r"\[\d+(?:, [^\]]*)?\]", "", "\n".join(texts)))


# ---- By hand: what is told, in which words


@pytest.mark.parametrize(
    ("before", "after", "kind", "said"),
    [
        ("600 mg three times", "400 mg three times", "dose", ("600 mg", "400 mg", "")),
        ("three times a day", "twice a day", "frequency", ("three times a day", "twice a day", "")),
        ("at most 10 days", "at least 10 days", "limit", ("at most", "at least", "")),
        ("10 days", "10 weeks", "unit", ("10 days", "10 weeks", "")),
        ("Do **not** give", "Do not give", "emphasis", ("strong", "plain", "“not”")),
        ("Do **not** give", "Do give", "negation", ("not", "", "")),
        ("[@a; @b, p. 3]", "[@b, p. 3]", "citation", ("[1] Pain medicines", "", "")),
        ("[@a; @b, p. 3]", "[@a; @b, p. 13]", "citation", ("“[2, p. 13]”, p. 3", "“[2, p. 13]”, p. 13", "")),
        ("https://guide.example/walking", "https://guide.example/running", "link", ("https://guide.example/walking", "https://guide.example/running", "“the guide”")),
        ("| 500 mg", "| 250 mg", "cell", ("500 mg", "250 mg", "“Dose”, row “naproxen”")),
        ("| naproxen | 500 mg |\n", "", "cell", ("naproxen | 500 mg", "", "row removed")),
        ("::: red-flag\n", "::: caveat\n", "callout", ("Red flag", "Caveat", "the words stand in another place")),
        ("Walk when", "Wa\u202elk when", "hidden", ("", "\u202e", "")),
        ("- one thing\n- another thing", "- another thing\n- one thing", "moved", ("", "", "from here: “one thing”")),
    ],
)  # fmt: skip
def test_what_is_told(before, after, kind, said):
    assert before in A
    assert said in told(compare(edition(), edition(A.replace(before, after, 1))), kind)


def test_a_removed_call_out_is_told_first_and_once():
    found = compare(edition(), edition(re.sub(r"::: red-flag\n.*?:::\n", "", A, flags=re.DOTALL)))
    assert found.critical[0].kind == "callout"
    assert told(found, "callout") == [("Red flag Do not give with another drug or after a stomach bleed.", "", "Red flag removed")]


def test_words_that_leave_a_call_out_are_told():
    found = compare(edition(), edition(A.replace("::: red-flag\n", "").replace("bleed.\n:::\n", "bleed.\n")))
    assert ("Red flag", "ordinary text", "the words stand in another place") in told(found, "callout")


def test_another_work_under_the_same_number_is_a_changed_citation():
    other = {**WORKS, "a": Work("work 9", Source(title="Another work"))}
    found = compare(edition(), edition(works=other))
    assert told(found, "citation") == [("[1] Pain medicines", "[1] Another work", "")]
    assert [(work.kind, work.key) for work in found.works] == [("replaced", "a")]


def test_references_added_removed_told_otherwise_and_renamed():
    new = Work("work 3", Source(title="New"))
    changed = Work("work 2", Source(title="Short courses", year=2022, url="https://journal.example/b"), "It is discussed")
    found = compare(edition(), edition(works={"b": changed, "new": new, "z": WORKS["a"]}))
    assert [(work.kind, work.key, work.note) for work in found.works] == [
        ("changed", "b", "year, cited as retracted"), ("added", "new", ""), ("renamed", "z", "it was @a"),
    ]  # fmt: skip
    assert [work.kind for work in compare(edition(), edition(works={"b": WORKS["b"]})).works] == ["removed"]
    assert found.to_check >= 3


def test_details_are_compared_too():
    found = compare(edition(title="Take 5 mg"), edition(title="Take 6 mg", summary="New"))
    assert [(detail.name, detail.findings[0].kind) for detail in found.details] == [("title", "dose"), ("summary", "wording")]
    assert compare(edition(title="a  b"), edition(title="a b")).details[0].findings[0].kind == "spacing"


def test_a_day_changes_as_a_whole():
    (detail,) = compare(edition(searched="2025-08-12"), edition(searched="2026-06-18")).details
    assert [(run.kind, run.text) for run in detail.runs] == [("removed", "2025-08-12"), ("same", " "), ("inserted", "2026-06-18")]
    assert [(found.kind, found.before, found.after) for found in detail.findings] == [("number", "2025-08-12", "2026-06-18")]
    (first,) = compare(edition(searched=""), edition(searched="2026-06-18")).details
    assert [(run.kind, run.text) for run in first.runs] == [("inserted", "2026-06-18")]


def test_a_text_that_did_not_change_while_the_other_did_is_named():
    found = compare(edition(plain="Take 600 mg."), edition(A.replace("600 mg", "400 mg"), plain="Take 600 mg."))
    assert found.behind == "plain"
    assert found.stale == (("plain", "600 mg"),)
    assert compare(edition(plain="a"), edition(A + "\nb\n", plain="b")).behind == ""
    assert compare(edition(), edition(A + "\nb\n")).behind == ""
    assert [(text.audience, text.state) for text in compare(edition(), edition(plain="New.")).texts] == [("professional", "same"), ("plain", "added")]
    assert compare(edition(plain="Old 5 mg."), edition()).texts[1].state == "removed"


def test_markdown_written_in_another_way_is_said_to_be_that():
    found = compare(edition(), edition(A.replace("**not**", "__not__").replace("- one thing\n- another", "* one thing\n* another")))
    assert (found.is_same, found.is_same_to_see, found.texts[0].state) == (False, True, "rewritten")
    assert compare(edition(), edition()).is_same
    assert compare(edition(), edition(A.replace("- another", "\n\n* another"))).told[0].finding.kind in {"layout", "spacing"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("three days", "3 days"), ("1,000 mg", "1000 mg"), ("5mg", "5 mg"), ("40 mcg", "40 µg"), ("40 micrograms", "40 mcg"), ("don't", "do not"),
        ("once daily", "once a day"), ("every 6 hours", "every six hours"), ("more than 5", "> 5"), ("5-10 mg", "5 to 10 mg"), ("10%", "10 percent"),
        ("ibuprofen", "Ibuprofen"), ("haemorrhage", "hemorrhage"), ("b.i.d.", "twice a day"), ("per day", "a day"), ("at least 5", "≥5"),
    ],
)  # fmt: skip
def test_the_same_meaning_in_other_words_is_no_alarm(one, other):
    assert kinds(compare(edition(f"Take {one} now."), edition(f"Take {other} now."))) == set()


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ("10^6^ cells", "106 cells", "number"), ("0.5 mg", "5 mg", "dose"), ("1.0 mg", "10 mg", "dose"), ("B12", "B6", "number"), ("5 mg", "5 Mg", "unit"),
        ("safe", "unsafe", "negation"), ("painless", "painful", "negation"), ("hyperthyroidism", "hypothyroidism", "term"), ("Plavix", "Paxil", "drug"),
        ("zolmitriptan", "zolmotriptan", "drug"), ("heat and cold", "heat or cold", "direction"), ("5 mg/kg", "5 mg", "unit"), ("-5", "5", "limit"),
        ("one tablet", "two tablets", "dose"), ("aged 5 years", "aged 6 years", "age"), ("5–10 mg", "510 mg", "limit"), ("orally", "rectally", "route"),
        ("half a tablet", "a tablet", "number"), ("most people", "few people", "amount"), ("must", "may", "strength"), ("not now, later", "now, not later", "negation"),
        ("5 mg of aspirin and 10 mg of heparin", "10 mg of aspirin and 5 mg of heparin", "dose"), ("H~2~O", "H^2^O", "emphasis"),
    ],
)  # fmt: skip
def test_small_changes_that_matter(one, other, kind):
    found = compare(edition(f"Take {one} with it."), edition(f"Take {other} with it."))
    assert kind in kinds(found), found.told
    assert minor_refusals(edition(f"Take {one} with it."), edition(f"Take {other} with it."))


def test_every_kind_has_a_name_and_nothing_is_told_without_one():
    assert {kind for kind, _ in _clinical_words.MEANINGS.values()} <= KINDS.keys()
    assert KINDS.keys() >= _clinical_words.AMOUNTS
    assert len({kind.label for kind in KINDS.values()}) == len(KINDS)
    assert Finding("dose") == Finding("dose", "", "", "")


def test_a_comma_parts_thousands_in_english_alone():
    one, other = (edition(f"Take {each} mg.") for each in ("1,000", "1000"))
    assert kinds(compare(one, other)) == set()
    german = [Edition(each.texts, each.works, each.details, "de") for each in (one, other)]
    assert kinds(compare(*german)) == {"dose"}
    assert kinds(compare(one, german[1])) == {"dose"}
    assert kinds(compare(*(edition(f"Take {each} mg.") for each in ("1,000.5", "1000.5")))) == {"dose"}


# ---- The minor track


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("sentance", "sentence"), ("Drink water, rest", "Drink water rest"), ("Walk when", "Walk   when"), ("- one thing", "-   one thing"),
        ("**not**", "__not__"), ("https://guide.example/walking", "http://www.guide.example/walking/"), ("- another thing", "\n- another thing"),
    ],
)  # fmt: skip
def test_what_is_minor(before, after):
    assert before in A
    assert minor_refusals(edition(), edition(A.replace(before, after, 1))) == []


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("600 mg three", "400 mg three", "Dose: “600 mg” became “400 mg”."),
        ("sentance is fine", "sentence is good", "“fine” became “good”"),
        ("Walk when", "Talk when", "“Walk” became “Talk”"),
        ("10 days.", "10 days;", "Punctuation changed where it may change the sense"),
        ("Do **not** give with another drug or", "Do **not** give with another drug, or", "Red flag changed"),
        ("https://guide.example/walking", "https://guide.example/other", "A link leads elsewhere"),
        ("Walk when", "**Walk** when", "Emphasis"),
        ("- one thing\n", "", "A passage was taken away"),
        ("the [@b, p. 3] exercises", "the [@b] exercises", "Citation"),
        ("## Medicines", "### Medicines", None),
        ("This sentance", "this sentance", None),
    ],
)
def test_what_is_not_minor_and_why(before, after, reason):
    found = minor_refusals(edition(), edition(A.replace(before, after, 1)))
    if reason is None:
        assert found or before in {"## Medicines", "This sentance"}
    else:
        assert any(reason in sentence for sentence in found), found
    assert all(sentence.endswith((".", "”.")) for sentence in found)


STEPS = "What to do.[@a]\n\n1. Call for help.\n2. Roll them over.\n3. Give it.\n\n> Wait.\n\n> Look.\n\nThis is an explanaton.\n"


@pytest.mark.parametrize(("before", "after"), [("\n3. Give", "\n\n1) Give"), ("> Wait.\n\n> Look", "> Wait.\n>\n> Look"), ("> Wait.\n\n> Look", "Wait.\n\n> Look"), ("1. Call", "4. Call")])
def test_app_3_lists_and_quotations_that_begin_or_end_elsewhere_are_not_minor_beside_a_spelling_either(before, after):
    assert minor_refusals(edition(STEPS), edition(STEPS.replace("explanaton", "explanation"))) == []
    for text in (STEPS, STEPS.replace("explanaton", "explanation")):
        refused = minor_refusals(edition(STEPS), edition(text.replace(before, after)))
        assert any("where lists, quotations or tables begin and end" in reason for reason in refused)


@pytest.mark.parametrize(
    ("wrong", "right", "is_minor"),
    [
        ("recieve", "receive", True), ("occured", "occurred", True), ("seperate", "separate", True), ("tretment", "treatment", True),
        ("hypetension", "hypertension", False), ("ibuprofin", "ibuprofen", False), ("thre", "three", False), ("nto", "not", False), ("teh", "ten", False),
        ("form", "from", False), ("affect", "effect", False), ("hypotension", "hypertension", False), ("mgg", "mg", False), ("daly", "daily", False),
        ("incease", "increase", False), ("wihtout", "without", False), ("colour", "color", False), ("xyzzy", "treatment", False), ("recieving", "receive", False),
        ("afte", "after", False), ("Smiht", "smith", False), ("leftt", "left", False),
    ],
)  # fmt: skip
def test_a_spelling_is_minor_only_where_no_other_word_could_be_meant(wrong, right, is_minor):
    before, after = (edition(f"People who {word} the thing can walk.") for word in (wrong, right))
    assert (minor_refusals(before, after) == []) is is_minor


def test_the_same_work_at_another_address_is_minor_where_its_doi_says_so():
    moved = Work("work 1", Source(title="Pain medicines", year=2025, doi="10.1000/a", url="https://new.example/a"))
    assert minor_refusals(edition(), edition(works={**WORKS, "a": moved})) == []
    elsewhere = Work("work 2", Source(title="Short courses", year=2021, url="https://journal.example/other"))
    assert minor_refusals(edition(), edition(works={**WORKS, "b": elsewhere})) == ["Reference @b was changed (address)."]
    doi = "[x](https://dx.doi.org/10.1000/AB)", "[x](https://doi.org/10.1000/ab)"
    assert minor_refusals(*(edition(f"See {each} for it.") for each in doi)) == []


def test_details_and_whole_texts_are_never_minor():
    assert minor_refusals(edition(title="A"), edition(title="A.")) == ["title changed."]
    assert minor_refusals(edition(), edition(plain="New.")) == ["The plain-language text was added."]
    assert minor_refusals(edition(), edition()) == []


# ---- Hostile texts, and time

HOSTILE = ["\"'><script>poison()</script>", "<!--", "]]>", "\x00", "\ufffc", "\u202e12", "{{ 7|add:1 }}"]
ENDLESS = ["a", "1", "1,", "do not ", "[", "every ", "per ", "no more ", "10^", "mg/", "at ", "'", "-5", "é\u0301", "age "]


def poisoned(poison):
    """Two texts with hostile words in them, compared in both ways."""
    before, after = edition(f"Take {poison} now."), edition(f"Take {poison} {poison} then.")
    minor_refusals(before, after)
    return compare(before, after)


@pytest.mark.parametrize("poison", [*HOSTILE, *(unit * 500 for unit in ENDLESS)], ids=range(len(HOSTILE) + len(ENDLESS)))
def test_c1_hostile_words_are_words(poison):
    assert poisoned(poison).told


@pytest.mark.parametrize("unit", ENDLESS)
def test_c10_endless_words_cost_no_more_than_their_length(unit):
    assert growth(lambda size: poisoned(unit * (size // len(unit))), [examples(1_000, 3_000) * 2**n for n in range(3)])[0] <= RATIO


def long_text(words, *, of="medquad"):
    """Text of so many words: real answers, one paragraph of words that repeat, or a table."""
    if of == "one paragraph":
        return " ".join(f"word{n % 50} not {n % 7} mg" for n in range(words // 4))
    if of == "table":
        return "| A | B | C |\n|---|---|---|\n" + "".join(f"| row {n % 40} | {n % 9} mg | not {n % 5} |\n" for n in range(words // 6))
    parts, count = [], 0
    for n, answer in enumerate(answers()):
        parts.append(f"## Section {n}\n\n{answer}")
        count += len(answer.split())
        if count >= words:
            return "\n\n".join(parts)
    raise AssertionError("too few answers")


def sprinkled(text, chance):
    words = text.split(" ")
    for n in chance.sample(range(len(words)), len(words) // 50):
        words[n] = chance.choice(["not", "5 mg", "word", "ibuprofen", words[n] + " and"])
    return " ".join(words)


@pytest.mark.parametrize("of", ["medquad", "one paragraph", "table", "another text", "one paragraph, rewritten"])
def test_c10_time_grows_linearly(of, report):
    top = examples(3_000, 20_000)
    pairs = {words: _two(of, words) for words in (top // 4, top // 2, top)}
    ratio, seconds = growth(lambda words: compare(*pairs[words]), list(pairs))
    rows = [[of, words, f"{took:.2f} s"] for words, took in zip(pairs, seconds, strict=True)]
    report(f"Clinical diff: seconds for two editions ({of})", ["text", "words", "seconds"], rows)
    assert ratio <= RATIO, rows
    assert all(compare(*pair).told for pair in pairs.values())


def _two(of, words):
    text = long_text(words, of=of.partition(",")[0])
    other = {"another text": text[::-1], "one paragraph, rewritten": text.replace("not", "never").replace("mg", "g").replace("word", "term")}
    return edition(text), edition(other.get(of) or sprinkled(text, random.Random(words)))


@pytest.mark.parametrize("family", ["a", "ab", "alternating", "unique", "reversed"])
def test_c10_matching_grows_no_worse_than_linear(family):
    """Lists that repeat, alternate, or have nothing in order."""

    def lists(n):
        if family == "a":
            return ["a"] * n, ["a"] * (n // 2) + ["b"] + ["a"] * (n // 3)
        if family == "ab":
            return ["a", "b"] * (n // 2), ["b", "a"] * (n // 2)
        if family == "alternating":
            return [str(k % 97) for k in range(n)], [str(k % 89) for k in range(n)]
        numbers = [str(k) for k in range(n)]
        return numbers, numbers[::-1] if family == "reversed" else [*numbers[n // 2 :], *numbers[: n // 2]]

    pairs = {n: lists(n) for n in (5_000, 10_000, 20_000)}
    ratio, seconds = growth(lambda n: matched(*pairs[n]), list(pairs), ratio=3)  # a logarithm above RATIO; a square would be 4
    assert ratio <= 3, seconds
