"""What the clinical diff costs as texts grow: `python bench/diff.py [words …]`, no database and no server.

Texts of our own words, one in a hundred changed; processor seconds, the best of five. Linear means that the time for each
word stays what it is: its ratio from one row to the next is printed.
"""

import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from articles.clinical import Edition, Text, compare, minor_refusals
from articles.rendering import render

WORDS = ["patient", "treatment", "evidence", "trial", "outcome", "risk", "symptom", "review", "guideline", "care", "effect", "blood", "heart", "pain", "sleep",
         "exercise", "follow", "report", "control", "the", "of", "and", "to", "in", "with", "for", "from", "can"]  # fmt: skip
PUT = ["not", "5 mg", "twice daily", "ibuprofen", "may", "children"]


def text(words, chance):
    """A text of so many words in paragraphs of about sixty, with headings, a list and a table in every tenth."""
    parts = []
    for number in range(words // 60):
        said = " ".join(chance.choice(WORDS) for _ in range(50))
        parts.append(f"{said.capitalize()}, {number % 30} mg for {number % 9} days.[@r{number % 12}]")
        if number % 10 == 0:
            parts += [f"## Part {number}", "- one\n- two", f"| drug | dose |\n|---|---|\n| drug {number} | {number} mg |"]
    return "\n\n".join(parts)


def changed(source, chance):
    """The text with one word in a hundred put for another."""
    words = source.split(" ")
    for place in chance.sample(range(len(words)), len(words) // 100):
        words[place] = chance.choice(PUT)
    return " ".join(words)


def edition(source):
    """A text as an edition of its own."""
    rendered = render(source)
    return Edition({"professional": Text(source, rendered.html, rendered.keys)}, {}, {})


def seconds(act):
    """Processor seconds of a call, the best of five."""
    best = []
    for _ in range(5):
        begin = time.process_time()
        act()
        best.append(time.process_time() - begin)
    return min(best)


def main():
    """Print the table."""
    sizes = [int(size) for size in sys.argv[1:]] or [1_250, 2_500, 5_000, 10_000, 20_000]
    print("| words | compare, s | ms for 1,000 words | to the row above | minor track, s |\n| --- | --- | --- | --- | --- |")
    before = 0.0
    for size in sizes:
        chance = random.Random(size)
        source = text(size, chance)
        one, other = edition(source), edition(changed(source, chance))
        took, minor = seconds(lambda a=one, b=other: compare(a, b)), seconds(lambda a=one, b=other: minor_refusals(a, b))
        each = 1_000_000 * took / len(source.split())
        print(f"| {len(source.split()):,} | {took:.3f} | {each:.1f} | {f'{each / before:.2f}' if before else ''} | {minor:.3f} |")
        before = each


if __name__ == "__main__":
    main()
