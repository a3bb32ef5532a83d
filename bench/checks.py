"""How often each check finds something in real texts, how long that takes, and what to read by hand to say how often it is right.

    python bench/checks.py medquad PATH [--sample CHECK [NUMBER]]     questions and answers of MedQuAD, as they are imported
    python bench/checks.py jats FOLDER [--sample CHECK [NUMBER]]      articles in JATS XML, as they are imported

Nothing is written: the drafts are never saved. A sample is drawn with the same seed every time.
"""

import os
import random
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")


def main():
    """Count the findings per check, or print some of them with their passages."""
    import django

    django.setup()
    from check_runs import draft_of, findings_of, items_of

    name, path, *rest = sys.argv[1:]
    items = items_of(name, path)
    began = time.process_time()
    drafts = [(item, draft_of(item)) for item in items]
    between = time.process_time()
    found = [(item, each) for item, draft in drafts for each in findings_of(draft)]
    rendering_took, checks_took = between - began, time.process_time() - between
    if rest[:1] == ["--sample"]:
        mine = [(item, each) for item, each in found if each.check == rest[1]]
        print(len(mine))
        for item, each in random.Random(5).sample(mine, min(len(mine), int(rest[2]) if rest[2:] else 20)):
            print("", f"[{item.kind}] {item.title}", f"  {each.sentence}", f"  {' '.join(each.words.split())[:600]}", sep="\n")
        return
    letters = sum(len(text) for item in items for text in item.texts.values())
    print(f"{len(items):,} texts, {letters / 1e6:.1f} million characters. Seconds of the processor per 100 kB: ", end="")
    print(f"rendering {rendering_took / letters * 1e5:.2f}, all checks {checks_took / letters * 1e5:.2f}")
    counts, texts = Counter(each.check for _, each in found), Counter(check for check, _ in {(each.check, item.identity) for item, each in found})
    for check, number in sorted(counts.items()):
        print(f"| `{check}` | {number:,} | {texts[check]:,} |")


if __name__ == "__main__":
    main()
