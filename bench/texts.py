"""The articles of the benches: HTML of the kit as our Markdown with citations, its references as works, and articles of our own."""

import random
import re
from html import unescape
from itertools import cycle

from articles.models import Reference

WORK = re.compile(r"(?P<authors>.+?)\. (?P<title>.+?)\. (?P<source>.+?)\. (?P<year>\d{4});(?P<volume>\w+)\((?P<issue>\w+)\):(?P<pages>[\w-]+)\.\Z")
WORDS = ["patient", "treatment", "evidence", "trial", "outcome", "risk", "dose", "symptom", "review", "guideline", "chronic", "acute", "care", "adult", "daily", "effect", "harm", "blood", "heart", "pain", "sleep", "exercise", "monitor", "follow", "report", "control", "increase", "reduce", "prevent", "the", "of", "and", "to", "in", "with", "for", "from", "can", "may"]


# The HTML of the benches is of this shape alone: paragraphs and lists, bold and italic words, links.
SIMPLE = (
    (re.compile(r"</?(?:b|strong)>"), "**"),
    (re.compile(r"</?(?:i|em)>"), "*"),
    (re.compile(r'<a href="([^"]*)">(.*?)</a>'), r"[\2](\1)"),
    (re.compile(r"<li>(.*?)</li>"), r"- \1\n"),
    (re.compile(r"<ul>|<p>"), ""),
    (re.compile(r"</ul>"), "\n"),
)


def keys_of(article):
    """The citation keys of an article: r1, r2, …"""
    return [f"r{number}" for number, _ in enumerate(article["references"], 1)]


def source_of(article):
    """The text of an article, as its author would have typed it; every paragraph cites one of the keys, in turn."""
    html = "".join(f"## {heading}\n\n{passages}" for heading, passages in article["sections"])
    for pattern, markdown in SIMPLE:
        html = pattern.sub(markdown, html)
    keys = cycle(keys_of(article))
    return unescape(re.sub("</p>", lambda _: f"[@{next(keys)}]\n\n", html)).strip() + "\n"


def works_of(article):
    """The cited works, not saved yet."""
    works = []
    for given in article["references"]:
        found = WORK.match(given["text"])
        fields = found.groupdict() if found else {"title": given["text"]}
        if found:
            fields["year"] = int(fields["year"])
            fields["authors"] = "; ".join(name.replace(" ", ", ") for name in fields["authors"].split(", "))
        work = Reference(**fields, doi=given["url"], kind=Reference.Kind.RANDOMISED_TRIAL)
        work.clean()
        works.append(work)
    return works


def make_article(seed, edit=0):
    """An article of the benches' own, of about 1,500 words, in the shape of the kit's; `edit` alters one passage."""
    rng = random.Random(str(seed))

    def sentence():
        words = [rng.choice(WORDS) for _ in range(12)]
        if rng.random() < 0.3:
            words[3] = f"<b>{words[3]}</b>"
        return " ".join(words).capitalize() + "."

    def section():
        paragraphs = "".join(f"<p>{' '.join(sentence() for _ in range(5))}</p>" for _ in range(3))
        return paragraphs + "<ul>" + "".join(f"<li>{sentence()}</li>" for _ in range(3)) + "</ul>"

    sections = [(" ".join(rng.choice(WORDS) for _ in range(4)).capitalize(), section()) for _ in range(7)]
    if edit:
        heading, html = sections[edit % 7]
        sections[edit % 7] = (heading, f"{html}<p>Edited passage number {edit}.</p>")
    references = [
        {
            "text": f"Author{rng.randrange(999)} A, Author{rng.randrange(999)} B. {sentence()[:80].rstrip('.')}. J Med. "
            f"{rng.randint(1995, 2025)};{rng.randint(1, 90)}({rng.randint(1, 12)}):{rng.randint(1, 500)}-{rng.randint(501, 900)}.",
            "url": f"https://doi.org/10.1000/{rng.randrange(10**8)}",
        }
        for _ in range(12)
    ]
    return {"title": f"Article {seed}: {sections[0][0]}", "slug": f"article-{seed}", "sections": sections, "references": references}
