"""Anchors: in another version a comment is on the same words, or says that they changed; it is never on other words (Done when 3).

The random versions keep the identity of every word, which the anchors do not see: so landing on words that merely read alike
is found out.
"""

import random
from collections import Counter, defaultdict

import pytest

from reviews.anchors import AROUND, Anchor, Fate, Place, Text, Unclear, anchor, carry, changed_only_at
from tests.growth import RATIO, growth
from tests.scale import examples

EDITS = examples(200, 5_000)
PHRASES = (
    "take 250 mg", "twice a day", "with food", "do not exceed 1,000 mg", "Bed rest does not help.", "Ask a doctor", "for at most 5 days",
    "if you are over 65", "Walk every day.", "in pregnancy", "after a stomach bleed", "Rest.", "take 250 mg twice a day",
)  # fmt: skip
OTHER = ("500", "never", "rarely", "swim", "125", "at night", "weekly")


def passages(words):
    """Word lists as an anchor sees them: blocks numbered by position, words alone."""
    return Text([(f"b{n}", " ".join(word for word, _ in passage)) for n, passage in enumerate(words, 1)])


class Versions:
    """An old version, and a new one made of it by a few edits; every word keeps who it is."""

    def __init__(self, seed):
        self.random, self.numbers = random.Random(seed), 0
        self.old = [self.passage() for _ in range(self.random.randint(4, 14))]
        for _ in range(self.random.randint(0, 3)):
            self.old.insert(self.random.randrange(len(self.old)), self.same_again(self.random.choice(self.old)))
        self.new = [list(passage) for passage in self.old]
        for _ in range(self.random.randint(0, 6)):
            getattr(self, self.random.choice(self.EDITS))()
        self.recognise()

    EDITS = ("edit", "edit", "edit", "remove", "add", "move", "copy", "split", "join", "rewrite", "swap", "repeat_inside")

    def word(self, text):
        self.numbers += 1
        return text, self.numbers

    def passage(self):
        phrases = (self.random.choice(PHRASES) for _ in range(self.random.choice((1, 2, 3, 5, 9))))
        return [self.word(text) for phrase in phrases for text in phrase.split()]

    def same_again(self, passage):
        """Another passage that reads alike."""
        return [self.word(text) for text, _ in passage]

    def some(self):
        return self.random.randrange(len(self.new))

    # ---- The edits

    def edit(self):
        passage = self.new[self.some()]
        at = self.random.randrange(len(passage))
        what = self.random.choice(("replace", "insert", "delete"))
        passage[at : at + (what != "insert")] = [] if what == "delete" and len(passage) > 1 else [self.word(self.random.choice(OTHER))]

    def remove(self):
        if len(self.new) > 1:
            del self.new[self.some()]

    def add(self):
        self.new.insert(self.some(), self.passage())

    def move(self):
        self.new.insert(self.some(), self.new.pop(self.some()))

    def swap(self):
        one, other = self.some(), self.some()
        self.new[one], self.new[other] = self.new[other], self.new[one]

    def copy(self):
        self.new.insert(self.some(), list(self.new[self.some()]))  # once the first is gone, this is where it went

    def split(self):
        number = self.some()
        at = self.random.randrange(len(self.new[number]))
        self.new[number : number + 1] = [part for part in (self.new[number][:at], self.new[number][at:]) if part]

    def join(self):
        number = self.some()
        if number + 1 < len(self.new):
            self.new[number : number + 2] = [self.new[number] + self.new[number + 1]]

    def rewrite(self):
        self.new[self.some()] = self.passage()

    def repeat_inside(self):
        """Words of a passage said again in it, before or after."""
        passage = self.new[self.some()]
        at = self.random.randrange(len(passage))
        again = self.same_again(passage[at : at + self.random.randint(1, 4)])
        self.random.choice((passage.extend, lambda words: passage.__setitem__(slice(0, 0), words)))(again)

    def recognise(self):
        """Passages that read alike and are as many as before are those from before, in their order: nobody could tell otherwise."""
        before, after = defaultdict(list), defaultdict(list)
        for words, found in ((self.old, before), (self.new, after)):
            for number, passage in enumerate(words):
                found[tuple(text for text, _ in passage)].append(number)
        for key, numbers in after.items():
            if len(before[key]) == len(numbers):
                for was, now in zip(before[key], numbers, strict=True):
                    self.new[now] = list(self.old[was])

    # ---- The comments

    def comments(self):
        """Anchors as the page makes them, each with the words that it is about."""
        old = passages(self.old)
        for _ in range(6):
            number = self.random.randrange(len(self.old))
            passage = self.old[number]
            begin = self.random.randrange(len(passage))
            quoted = passage[begin : begin + self.random.randint(1, 6)]
            before, after = passage[:begin], passage[begin + len(quoted) :]
            if self.random.random() < 0.2:
                yield number, Anchor(f"b{number + 1}"), passage
                continue
            try:
                yield number, anchor(old, [f"b{number + 1}"], *(" ".join(text for text, _ in part) for part in (quoted, before, after))), quoted
            except Unclear:
                continue


def landed(words, place):
    """Who the words are that a place stands on; None where it begins or ends inside a word."""
    passage = words[int(place.block[1:]) - 1]
    at, found = 0, []
    ends = {place.begin: False, place.end: False}
    for text, number in passage:
        if at in ends:
            ends[at] = True
        if place.begin <= at and at + len(text) <= place.end:
            found.append(number)
        at += len(text)
        if at in ends:
            ends[at] = True
        at += 1
    return found if all(ends.values()) else None


def reads_alike(old, number, about, new, place):
    """Whether nobody who reads both versions could tell: the words, and all within 80 characters of them in the passage, are once in each."""
    begin, end = old.spot(about)[1:]
    around = [f"<{text.words[n]}>"[max(b + 1 - AROUND, 0) : e + 1 + AROUND] for text, n, b, e in (
        (old, number, begin, end), (new, new.index[place.block], place.begin, place.end))]  # fmt: skip
    return around[0] == around[1] and all("".join(f"<{words}>" for words in text.words).count(around[0]) == 1 for text in (old, new))


def wrong(seed, by=carry):
    """What is wrong with the comments of one pair of versions, and how many had each fate."""
    versions, fates, found = Versions(seed), Counter(), []
    old, new = passages(versions.old), passages(versions.new)
    for number, about, words in versions.comments():
        place = by(about, old, new)
        fates[place.fate] += 1
        if place.fate == Fate.SAME and landed(versions.new, place) != [who for _, who in words]:
            if reads_alike(old, number, about, new, place):
                fates["retyped"] += 1
            else:
                found.append(f"seed {seed}: {about.quote!r} landed on other words")
        stands = new.copies.get(old.words[number], [])
        if place.fate != Fate.SAME and len(stands) == len(old.copies[old.words[number]]) == 1:
            found.append(f"seed {seed}: {about.quote!r} stands untouched in its passage, and is said to have changed")
    return found, fates


def test_no_comment_lands_on_other_words(report):
    found, fates = [], Counter()
    for seed in range(EDITS):
        bad, had = wrong(seed)
        found += bad
        fates += had
    rows = [EDITS, *(fates[fate] for fate in Fate), fates["retyped"]]
    report("Anchors over random edits", ["versions", *Fate, "the same words, written anew in the same place"], [rows])
    assert found == []
    assert fates["retyped"] < EDITS / 500
    assert min(fates[fate] for fate in Fate) > EDITS / 20  # each of the three is met


def naive(about, old, new):
    """What a quick search would do: the first place where the quote stands."""
    spot = old.spot(about)
    quote = old.words[spot[0]][spot[1] : spot[2]]
    for block, words in zip(new.blocks, new.words, strict=True):
        if quote in words:
            return Place(Fate.SAME, block, words.find(quote), words.find(quote) + len(quote))
    return Place(Fate.GONE)


def test_landing_on_words_that_read_alike_would_be_found():
    assert sum(len(wrong(seed, naive)[0]) for seed in range(30)) > 20


# ---- By example


def texts(old, new):
    return tuple(Text([(f"b{n}", words) for n, words in enumerate(part, 1)]) for part in (old, new))


A, B, C = "Walk every day.", "Naproxen 250 mg twice a day may help.", "Bed rest does not help."


@pytest.mark.parametrize(
    ("new", "fate", "block"),
    [
        ([A, B, C], Fate.SAME, "b2"),
        ([B, A, C], Fate.SAME, "b1"),
        ([A, "Swim.", C, B], Fate.SAME, "b4"),
        ([A, "Naproxen 125 mg twice a day may help.", C], Fate.CHANGED, "b2"),
        ([A, "Do not take: " + B, C], Fate.CHANGED, "b2"),
        ([A, C], Fate.GONE, ""),
        ([A, "Ibuprofen 250 mg for the night, with food.", C], Fate.GONE, ""),
        ([A, B, C, B], Fate.CHANGED, ""),
        ([], Fate.GONE, ""),
    ],
)
def test_a_comment_on_a_dose_says_what_became_of_it(new, fate, block):
    old, new = texts([A, B, C], new)
    place = carry(anchor(old, ["b2"], "250 mg"), old, new)
    assert (place.fate, place.block) == (fate, block)


def test_words_are_the_same_where_nothing_near_them_changed():
    """Near is 80 characters on either side: what stands further off in the passage may change."""
    far = "Ask about it when you see your doctor or your nurse, and write down what they say to you. "
    old, near = texts([A, f"Start. {B}", C], [A, f"Begin. {B}", C])
    assert carry(anchor(old, ["b2"], "250 mg"), old, near) == Place(Fate.CHANGED, "b2")
    old, new = texts([A, f"Start. {far}{B}", C], [A, f"Begin. {far}{B}", C])
    place = carry(anchor(old, ["b2"], "250 mg"), old, new)
    assert (place.fate, new.words[1][place.begin : place.end]) == (Fate.SAME, "250 mg")


def test_of_passages_that_read_alike_the_one_with_its_turn_and_neighbours_is_meant():
    old, new = texts(["x", A, "y", A, "z"], ["x", A, "y", A, "z", "more"])
    assert carry(Anchor("b4"), old, new).block == "b4"
    old, new = texts(["x", A, "y", A, "z"], ["x", "y", A, "z"])
    assert carry(Anchor("b2"), old, new).fate == Fate.CHANGED
    assert carry(Anchor("b4"), old, new).fate == Fate.CHANGED


def test_an_anchor_is_made_of_words_that_stand_in_one_place():
    [old, _] = texts([A, "250 mg at night and 250 mg in the morning", C], [])
    for quote, sentence in (("300 mg", "not in this passage"), ("250 mg", "more than once"), ("day. 250", "not in this passage")):
        with pytest.raises(Unclear, match=sentence):
            anchor(old, ["b1", "b2"], quote)
    with pytest.raises(Unclear, match="no such passage"):
        anchor(old, ["b9"], "")
    assert anchor(old, ["b2"], "250 mg", after=" in the morning") == Anchor("b2", "250 mg", "250 mg at night and ", " in the morning")
    assert anchor(old, ["b3", "b1"], "") == Anchor("b3")
    assert anchor(old, ["b1", "b2", "b3"], "rest \xa0does") == Anchor("b3", "rest does", "Bed ", " not help.")
    assert len(anchor(texts(["x" * 200 + " here " + "y" * 200], [])[0], ["b1"], "here").before) == AROUND


def test_what_no_longer_stands_where_the_anchor_says_is_gone():
    old, new = texts([A, B], [A, B])
    for about in (Anchor("b7"), Anchor("b1", "Words that were never there")):
        assert carry(about, old, new).fate == Fate.GONE


@pytest.mark.parametrize(
    ("points", "new", "only"),
    [
        ((), "a b c d", True),
        ((), "a b c d e", False),
        ((1,), "a b c d", True),
        ((1,), "a B c d", True),
        ((1,), "a c d", True),
        ((1,), "a B1 B2 c d", True),
        ((1,), "a B C d", False),
        ((1,), "a B c d e", False),
        ((1, 2), "a X d", True),
        ((1, 3), "a X c Y", True),
        ((1, 3), "a X Y", False),
        ((0, 1, 2, 3), "quite other words", True),
        ((0,), "b c", False),
        ((0, 2), "b d", True),
        ((0, 2), "X d b", False),
    ],
)
def test_only_the_points_changed(points, new, only):
    assert changed_only_at(set(points), ["a", "b", "c", "d"], new.split()) is only


def test_time_grows_with_the_text_and_not_with_its_square():
    """The same passage over and over is the worst there is; twice as much of it takes about twice as long."""

    def work(size):
        old, new = texts([A] * size + [B] + [A] * size, [A] * (size + 1) + ["Naproxen 125 mg twice a day may help."] + [A] * size)
        for block in (f"b{size + 1}", "b1", f"b{2 * size}"):
            carry(Anchor(block), old, new)

    assert growth(work, [2_000, 4_000, 8_000])[0] <= RATIO
