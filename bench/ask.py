"""How well follow-up questions are answered: MedQuAD's questions against the articles that answer them, published here, by the real function.

    python bench/ask.py MEDQUAD_FOLDER [--sample 300] [--postgres] [--keep FOLDER]

Three kinds of questions: as asked; with the topic replaced by another of its names, as MedQuAD lists them; with misspellings and a
reader's asides. A hit is an article with the same question among the first five. Beside it, as the floor, plain full text: any of
the words, in title or text, ranked by the database alone. --keep keeps the database (SQLite) for the next run.
"""

import argparse
import functools
import json
import os
import random
import re
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

BEFORE = (
    "My mother was told last week that she has this and I am worried.", "Hi doctor, I hope you can help me.",
    "I am a 45 year old man from Leeds and I have two children.", "My son is six and the nurse said something about it yesterday.",
    "Hello, sorry for my bad english.", "We have been searching the internet for hours and cannot find anything clear.",
    "My GP mentioned this but had no time to explain.", "I am 28 weeks pregnant with my second baby.",
)  # fmt: skip
AFTER = (
    "Thank you so much in advance.", "I would be really grateful for any information.", "It keeps me awake at night.",
    "Our next appointment is only in three months.", "Please help, my family is very anxious.",
    "Is there anything I should ask at the hospital?", "thanks!!",
)  # fmt: skip
LETTERS = "abcdefghijklmnopqrstuvwxyz"
GOALS = {"as asked": 0.98, "another name": 0.85, "misspelt, with asides": 0.90}


def arguments():
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, default=0, help="so many questions of each kind; all without it")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--misses", type=int, default=0, help="print so many questions that were missed")
    return parser.parse_args()


# ---- Questions


def misspelt(word, rng):
    """The word with one letter changed, left out, doubled or swapped."""
    at, kind = rng.randrange(1, len(word) - 1), rng.choice("clds")
    if kind == "c":
        return word[:at] + rng.choice(LETTERS) + word[at + 1 :]
    if kind == "l":
        return word[:at] + word[at + 1 :]
    return word[:at] + word[at] + word[at:] if kind == "d" else word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def told(question, rng):
    """The question with half of its longer words misspelt, between a reader's asides."""
    said = question.split(" ")
    longer = [place for place, word in enumerate(said) if len(word) >= 5 and word.isalpha()]
    for place in rng.sample(longer, min(len(longer), max(1, len(longer) // 2))):
        said[place] = misspelt(said[place], rng)
    return f"{rng.choice(BEFORE)} {' '.join(said)} {rng.choice(AFTER)}"


def questions(rows, rng):
    """Kind → [(question, the question that the article answers)]."""
    named = []
    for row in rows:
        if row["synonyms"] and row["focus"].lower() in row["question"].lower():
            other = rng.choice(row["synonyms"])
            named.append((re.sub(re.escape(row["focus"]), lambda _, other=other: other, row["question"], flags=re.IGNORECASE), row["question"]))
    return {
        "as asked": [(row["question"], row["question"]) for row in rows],
        "another name": named,
        "misspelt, with asides": [(told(row["question"], rng), row["question"]) for row in rows],
    }


# ---- Articles


class IndexAlone:
    """Stands in for `pages` while articles are made: of a published article only its entry in the index is written, not its pages."""

    def refresh(self, article):
        """The entry of the article's one text."""
        from articles.models import VersionText
        from editorial.finding import index
        from editorial.models import Publication

        publication = Publication.objects.select_related("submission__version__article_type").get(article=article)
        text = VersionText.objects.get(version=publication.submission.version_id)
        index.write(article.pk, [index.Wanted(publication, "plain", f"/articles/{article.pk}/plain/", text.html)])


def publish(folder):
    """Every question and its answer as a published article in the index: the rows that the acts would leave."""
    import bench_adapter
    import bulk

    from articles import rendering
    from articles.formats import medquad
    from articles.models import Reference

    items = [item for item in medquad.read(folder / "qa_dev.jsonl") if hasattr(item, "texts")]

    class Words:
        """What one article is made of."""

        def __init__(self, item):
            source = item.references["source"]
            work = Reference.objects.create(kind=source.kind, title=source.title, source=source.source, url=source.url)
            self.keys, self.works, self.source = ["source"], [work], item.texts["plain"]
            self.rendered = rendering.render(self.source, known=self.keys)
            self.earlier = lambda edit: self.source

    class Item(bulk.Item):
        """One question on its way."""

        def __init__(self, k, kind, author):
            super().__init__(k, kind, author)
            self.article.title, self.article.summary = items[k].title, items[k].summary

    bulk.words, bulk.Item, bulk.pages = functools.cache(lambda k, by: Words(items[k])), Item, IndexAlone()
    people = {name: bench_adapter.user(name) for name in bench_adapter.PEOPLE}
    for first in range(0, len(items), bulk.BATCH):
        bulk.seed(range(first, min(first + bulk.BATCH, len(items))), 1, people)
        print(f"  {min(first + bulk.BATCH, len(items))} of {len(items)} published", flush=True)


# ---- Methods: a question → the titles of the first ten


def plain(question):
    """Plain full text."""
    from django.db import connection

    from editorial.finding import words

    terms = list(dict.fromkeys(words.terms(question)))[:60]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            match = "{title_terms body_terms} : (" + " OR ".join(f'"{term}"' for term in terms) + ")"
            cursor.execute("SELECT rowid FROM editorial_searchindex WHERE editorial_searchindex MATCH %s ORDER BY rank LIMIT 10", [match])
        else:
            match = " | ".join(f"'{term}':AD" for term in terms)
            sql = "SELECT id FROM editorial_searchentry WHERE vector @@ %s::tsquery ORDER BY ts_rank(vector, %s::tsquery, 1) DESC LIMIT 10"
            cursor.execute(sql, [match, match])
        keys = [key for (key,) in cursor.fetchall()]
    return [TITLES[key] for key in keys]


def shown(question):
    """What /ask/ shows: five articles at most, none that holds too little of the question."""
    from editorial.finding import answering

    return [one.title for one in answering.answer(question).found]


def full(question):
    """The ranking that /ask/ and /search/ stand on."""
    from editorial.finding import ranking

    return [match.entry.title for match in ranking.find(question, most=10)[1]]


TITLES: dict[int, str] = {}


def alike(question):
    """A question as it is compared: its words alone."""
    return " ".join(re.findall(r"\w+", question.lower()))


def tried(method, asked, misses):
    """success@5, MRR@10, the milliseconds in the middle and of the slowest twentieth, and those of the processor in this process."""
    ranks, took, work = [], [], []
    for question, answered in asked:
        began, worked = time.perf_counter(), time.process_time()
        found = [alike(title) for title in method(question)]
        took.append((time.perf_counter() - began) * 1000)
        work.append((time.process_time() - worked) * 1000)
        ranks.append(found.index(alike(answered)) + 1 if alike(answered) in found else 0)
        if misses > 0 and not 1 <= ranks[-1] <= 5:
            misses -= 1
            print(f"    missed: {question[:160]!r}, for {answered!r}; found {found[:2]}")
    hits = sum(1 <= rank <= 5 for rank in ranks) / len(ranks)
    return hits, sum(1 / rank for rank in ranks if rank) / len(ranks), statistics.median(took), statistics.quantiles(took, n=20)[-1], statistics.median(work)


def main():
    """Publish, ask, and print the table."""
    options = arguments()
    with ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ask-")))
        is_new = not (folder / "imprimatur.sqlite3").exists()
        folder.mkdir(parents=True, exist_ok=True)
        if options.postgres:
            from tests import programs

            server = programs.Postgres()
            stack.callback(server.stop)
            os.environ["DATABASE_URL"], is_new = server.url, True
        import run

        run.set_up(folder)
        began = time.monotonic()
        if is_new:
            publish(options.folder)
            print(f"published in {time.monotonic() - began:.0f} s")
        from editorial.finding import index
        from editorial.models import SearchEntry

        index.learn()
        TITLES.update(SearchEntry.objects.values_list("pk", "title"))
        report(options)


def report(options):
    """Ask every kind of question by both methods."""
    rows = [json.loads(line) for line in (options.folder / "qa_dev.jsonl").read_text(encoding="utf-8").splitlines()]
    rng = random.Random(options.seed)
    print("| questions | number | method | success@5 | MRR@10 | ms, median | ms, 95 % | CPU ms, median | wanted |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for kind, asked in questions(rows, rng).items():
        some = rng.sample(asked, min(options.sample or len(asked), len(asked)))
        for name, method in (("plain full text", plain), ("our ranking", full), ("shown by /ask/", shown)):
            hits, mrr, middle, slow, work = tried(method, some, options.misses if method is shown else 0)
            wanted = "" if method is plain else f"{GOALS[kind]:.2f}"
            print(f"| {kind} | {len(some)} | {name} | {hits:.3f} | {mrr:.3f} | {middle:.1f} | {slow:.1f} | {work:.1f} | {wanted} |", flush=True)


if __name__ == "__main__":
    main()
