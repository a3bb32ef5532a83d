"""Whether a question may be about an emergency: by a list of words, never by a guess at what is wrong. Pure."""

from functools import cache
from pathlib import Path

from editorial.finding import words

MOST_BETWEEN = 3
LONG_ENOUGH = 6
# The words shown for each kind, in British numbers: 999, and 112, which mobile telephones know everywhere in Europe.
WORDS = {
    "life": (
        "Is somebody in danger now?",
        "Call 999 or 112, or go to the nearest emergency department (A&E). Do not wait for an answer on this page.",
    ),
    "poison": (
        "Has somebody swallowed, breathed in or taken too much of something?",
        "Call 999 or 112 if they are drowsy, unwell or hard to wake. Otherwise call 111 at once. Do not make them sick.",
    ),
    "self": (
        "Are you thinking of harming yourself, or is somebody you know?",
        "If there is danger now, call 999 or 112. You can talk to Samaritans on 116 123 at any hour, free of charge, or call 111 and choose mental health.",
    ),
}  # fmt: skip


@cache
def _signs() -> tuple[tuple[str, tuple[str, ...]], ...]:
    lines = (Path(__file__).resolve().parent / "lexicon" / "urgent.txt").read_text(encoding="ascii").splitlines()
    split = [line.split(" ", 1) for line in lines if line and not line.startswith("#")]
    return tuple((kind, tuple(words.terms(sign))) for kind, sign in split)


def kinds(question: str) -> list[str]:
    """The kinds of emergency that a question names a sign of, as keys of WORDS, each once; a letter may be wrong in a long word."""
    said = words.terms(question)
    found = {kind for kind, sign in _signs() if _stands_in(said, sign)}
    return [kind for kind in WORDS if kind in found]


def _stands_in(said: list[str], sign: tuple[str, ...]) -> bool:
    return any(_alike(word, sign[0]) and _goes_on(said, at, sign[1:]) for at, word in enumerate(said))


def _goes_on(said: list[str], at: int, rest: tuple[str, ...]) -> bool:
    for wanted in rest:
        near = range(at + 1, min(at + 2 + MOST_BETWEEN, len(said)))
        at = next((place for place in near if _alike(said[place], wanted)), -1)
        if at < 0:
            return False
    return True


def _alike(word: str, wanted: str) -> bool:
    if word == wanted:
        return True
    return min(len(word), len(wanted)) >= LONG_ENOUGH and abs(len(word) - len(wanted)) <= 1 and words.distance(word, wanted) == 1
