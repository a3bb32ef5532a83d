"""The same through real rows: three articles, their boards and editors, fourteen months of sweeps and outages, against the same oracle."""

import random
from datetime import timedelta

import pytest

from editorial import publishing, sweeping, workflow
from records import clock
from records.models import Outbox, Sweep
from reviews.models import Submission
from tests import builders
from tests.editorial.calendar_days import on
from tests.scale import examples
from tests.simulator.oracle import Oracle


class Life:
    """Acts on real rows, with the rules that the oracle works from written down beside them."""

    def __init__(self, seed, people):
        self.random, self.people = random.Random(seed), people
        self.at, self.rules, self.wakes, self.releases, self.acts = 0, {}, [], [], []
        self.today, self.known = clock.today(), set()

    def rule(self, row, *rule):
        self.rules.setdefault(str(row.pk), []).append((self.at, self.today, rule))

    def later(self, most, act, *about):
        self.acts.append((self.today + timedelta(days=self.random.randrange(most)), act, about))

    def publish(self, number):
        made = builders.make_article(self.people["author"], title=f"Question {number}?")
        page = builders.walk_to_published(made, self.people["author"], self.people["editor"], *self.people["reviewers"])
        self.rule(page, "page", page.review_due_on, page.last_review.policy.ahead_days)
        return page

    def live(self, days):
        off = 0
        for _ in range(days):
            with on(self.today):
                for act in [act for act in self.acts if act[0] <= self.today]:
                    self.acts.remove(act)
                    self.at += 1
                    act[1](*act[2])
                off = self.random.choice([1, 5, 30, 80]) if not off and self.random.random() < 0.03 else max(off - 1, 0)
                if not off:
                    self.wake()
            self.today += timedelta(days=1)

    def wake(self):
        self.at += 1
        self.wakes.append((self.at, self.today, True))
        sweeping.sweep(sweeping.REMIND, self.today)
        Outbox.objects.filter(state="waiting").update(state="sent")
        for opened in Submission.objects.open().filter(cause="calendar").exclude(pk__in=self.known):
            self.known.add(opened.pk)
            self.rule(opened, "weekly", "submission_waiting", self.today)
            self.later(30, self.assign, opened)

    def assign(self, submission):
        self.rule(submission)
        for reviewer, made in zip(self.people["reviewers"], builders.assign(submission, self.people["editor"], *self.people["reviewers"]), strict=True):
            self.rule(made, "invited", self.today, made.answer_by)
            self.later(20, self.accept, made, reviewer)

    def accept(self, assignment, reviewer):
        builders.open_text(assignment, reviewer)
        self.rule(assignment, "accepted", self.today, assignment.due_on)
        self.later(50, self.sign, assignment, reviewer)

    def sign(self, assignment, reviewer):
        builders.recommend(assignment, reviewer)
        self.rule(assignment)
        submission = Submission.objects.get(pk=assignment.submission_id)
        if not submission.assignments.exclude(state="completed").exists():
            page = submission.article.publications.get()
            avoids = (page.review_due_on, page.last_review.policy.ahead_days, page.last_reviewed_on)
            self.rule(submission, "decision", self.today, avoids)
            self.later(40, self.decide, submission)

    def decide(self, submission):
        editor, page = self.people["editor"], submission.article.publications.get()
        if self.random.random() < 0.3:
            workflow.request_changes(submission, by=editor, note="The dose must change.")
            self.rule(submission, "changes", self.today)
            return
        workflow.reaffirm(submission, by=editor, signing=builders.fresh(editor), digest=submission.version.digest, note="It stands.")
        self.rule(submission)
        page = type(page).objects.get(pk=page.pk)
        self.rule(page, "page", page.review_due_on, 90)

    def bring_forward(self, page):
        due = self.today + timedelta(days=100)
        publishing.bring_forward(page, by=self.people["editor"], due_on=due, reason="A guideline is announced.")
        self.rule(page, "page", due, 90)


@pytest.mark.engine
@pytest.mark.parametrize("seed", range(examples(1, 12)))
def test_f5_real_rows_say_what_the_oracle_says(seed, author, editor, reviewer, reviewer2):
    life = Life(seed, {"author": author, "editor": editor, "reviewers": [reviewer, reviewer2]})
    pages = [life.publish(number) for number in range(3)]
    life.later(120, life.bring_forward, pages[0])
    life.live(examples(400, 500))
    said, missed = ({}, {})
    for row in Outbox.objects.filter(occurs_on__isnull=False).order_by("occurs_on"):
        where = missed if row.state == "overtaken" else said
        where.setdefault(str(row.object_id), []).append((row.kind, row.occurs_on))
    oracle = Oracle(life)
    assert said == {item: [(kind, day) for _, kind, day in rows] for item, rows in oracle.said.items() if rows}
    assert missed == {item: sorted(((kind, day) for _, kind, day in rows), key=lambda row: row[1]) for item, rows in oracle.overtaken.items() if rows}
    assert Sweep.objects.get(name=sweeping.REMIND).last_error == ""
