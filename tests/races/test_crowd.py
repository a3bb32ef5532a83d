"""Eight people at once on the same twenty articles: no save is lost, no unapproved word is public, nobody meets a locked database."""

import random
import re
from collections import Counter
from threading import Lock

import pytest

from articles import drafting
from articles.drafting import Changes
from articles.models import Article, ArticleText
from editorial import invariants, publishing, workflow
from editorial.models import Publication, PublishedPage
from records.models import Event
from reviews import reviewing
from reviews.models import ReviewAssignment, Submission
from tests import worlds
from tests.builders import fresh
from tests.races.together import at_once, errors, outcome
from tests.scale import examples

THREADS, ACTS = 8, examples(25, 200)
STARTS = ("draft", "opened", "reviewed", "approved", "live", "withheld")
TOKEN = re.compile(r"tok\d+x\d+")


class Hand:
    """One of eight people at a desk: picks an article and an act, and acts on what they saw last."""

    def __init__(self, number, ids, people, tally):
        self.random, self.number, self.ids, self.people, self.tally = random.Random(number), number, ids, people, tally
        self.seen, self.saved = {}, []

    def __call__(self):
        for turn in range(ACTS):
            act = self.random.choice(["save", "save", "submit", "assign", "review", "review", "approve", "publish", "withhold", "restore"])
            key = self.random.choice(self.ids)
            step, name = getattr(self, act)(key, turn)
            if step is not None:
                self.tally(name, outcome(step), lambda words=f"tok{self.number}x{turn}": self.saved.append(words))

    def save(self, key, turn):
        number = self.seen.setdefault(key, Article.objects.values_list("draft_number", flat=True).get(pk=key))
        self.seen.pop(key) if self.random.random() < 0.5 else None
        words = Changes(texts={"plain": f"Walk tok{self.number}x{turn}.[@guide]"})
        return lambda: drafting.revise(Article.objects.get(pk=key), by=self.people["owner"], draft_number=number, changes=words), "save"

    def submit(self, key, turn):
        article = Article.objects.get(pk=key)
        return lambda: workflow.submit(article, by=self.people["owner"], draft_number=article.draft_number), "submit"

    def latest(self, key):
        return Submission.objects.filter(article=key).order_by("-version__number").first()

    def assign(self, key, turn):
        found = self.latest(key)
        return found and (lambda: workflow.assign(found, by=self.people["editor"], member=self.people["assigned reviewer"].person.board_member)), "assign"

    def review(self, key, turn):
        by = self.people["assigned reviewer"]
        found = ReviewAssignment.objects.filter(submission__article=key).order_by("-assigned_at").first()
        if found is None:
            return None, ""
        digest = found.submission.version.digest
        if found.state == "assigned":
            return lambda: reviewing.accept(found, by=by, named_in_public=True), "accept"
        if found.opened_at is None:
            return lambda: reviewing.declare(found, by=by, digest=digest, conclusion="no_conflict"), "declare"
        answers = {ref.pk: "supports" for ref in found.submission.version.references.all()}
        signed = {"signing": fresh(by), "digest": digest, "recommendation": "approve", "answers": answers}
        return lambda: reviewing.recommend(found, by=by, **signed), "recommend"

    def approve(self, key, turn):
        found, by = self.latest(key), self.people["editor"]
        return found and (lambda: workflow.approve(found, by=by, signing=fresh(by), digest=found.version.digest)), "approve"

    def publish(self, key, turn):
        found = self.latest(key)
        return found and (lambda: publishing.publish(found, by=self.people["second editor"])), "publish"

    def withhold(self, key, turn):
        found = Publication.objects.standing().filter(article=key).first()
        return found and (lambda: publishing.withhold(found, by=self.people["editor"], reason="A dose is being checked.")), "withhold"

    def restore(self, key, turn):
        found = Publication.objects.standing().filter(article=key).first()
        return found and (lambda: publishing.restore(found, by=self.people["second editor"])), "restore"


class Tally:
    """What came of each act, counted under a lock."""

    def __init__(self):
        self.lock, self.counts = Lock(), Counter()

    def __call__(self, name, result, on_save):
        with self.lock:
            self.counts[name, result] += 1
            if (name, result) == ("save", "done"):
                on_save()

    def of(self, name, result):
        return self.counts[name, result]

    @property
    def names(self):
        return sorted({name for name, _ in self.counts})

    @property
    def results(self):
        return [result for _, result in self.counts]


def approved_words():
    """The tokens in the texts of versions that were approved."""
    approved = Submission.objects.filter(state="approved").prefetch_related("version__texts")
    return {token for submission in approved for text in submission.version.texts.all() for token in TOKEN.findall(text.source)}


@pytest.mark.engine
def test_e9_eight_people_at_once_lose_no_save_and_publish_no_unapproved_word(committed_db, report):
    people = worlds.make_people()
    made = [worlds.make_world(STARTS[n % len(STARTS)], people, small=True) for n in range(20)]
    ids = [world.article.pk for world in made]
    events, tally = Counter(Event.objects.values_list("act", flat=True)), Tally()
    hands = [Hand(number, ids, people, tally) for number in range(THREADS)]
    assert at_once(*hands) == ["done"] * THREADS
    columns = ("done", "stale", "not ready", "refused")
    rows = [[name, *(tally.of(name, each) for each in columns), sum(tally.counts[key] for key in tally.counts if key[0] == name and key[1] not in columns)] for name in tally.names]
    report("Eight people at once on twenty articles", ["act", *columns, "errors"], rows)
    assert errors(tally.results) == []
    assert tally.of("save", "stale") > 0, "nobody met anybody: the race was none"
    new = Counter(Event.objects.values_list("act", flat=True)) - events
    assert {name: new[name] for name in tally.names if name != "save"} == {name: tally.of(name, "done") for name in tally.names if name != "save"}
    kept = {token for source in ArticleText.history.values_list("source", flat=True) for token in TOKEN.findall(source)}
    assert kept == {token for hand in hands for token in hand.saved}
    assert sum(Article.objects.values_list("draft_number", flat=True)) == len(ids) + len(kept)
    public = {token for page in PublishedPage.objects.all() for token in TOKEN.findall(bytes(page.body).decode())}
    assert public <= approved_words()
    assert invariants.broken() == []
