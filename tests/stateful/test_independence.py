"""A9: nobody approves a text they had a hand in. Over random edit histories, co-authors, roles that come and go, versions and tracks,
through the real acts, an oracle of its own counts every hand; and it notices a rule that is broken on purpose."""

import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction

from articles import drafting
from articles.drafting import Changes
from articles.models import Article
from editorial import publishing, roles, workflow
from editorial.models import Publication
from records.errors import NotReady
from records.models import User
from reviews import matching, policies, quorum, reviewing
from reviews.models import BoardMember, ReviewAssignment, ReviewPolicy, Submission
from tests import builders, scale
from tests.builders import fresh

STEPS, PEOPLE = 26, 7
GIVEN = (roles.AUTHOR, roles.BOARD, roles.EDITOR, roles.CHIEF)
OF_AUTHORS = {"try_save", "try_tidy", "try_author", "try_submit", "try_withdraw"}
FAVOURABLE = {"approve", "minor"}


@dataclass
class Hands:
    """What the oracle has seen itself: who was ever named, who saved what, which save the board approved last, and who signed."""

    named: set[int] = field(default_factory=set)
    saves: list[tuple[int, int]] = field(default_factory=list)
    approved_save: int = 0
    frozen: dict[object, tuple[int, set[int]]] = field(default_factory=dict)
    votes: dict[object, dict[int, str]] = field(default_factory=dict)

    def freeze(self, submission, save):
        """New words before the board: whoever saved since the board last approved has a hand in them."""
        self.frozen[submission] = save, {user for user, number in self.saves if self.approved_save < number <= save}

    def of(self, submission):
        """Everybody with a hand in the words of a submission, now."""
        return self.named | self.frozen[submission][1]


class Life:
    """One article among seven people who may be anything, and what becomes of it."""

    def __init__(self, people, seed):
        self.dice, self.people, self.seen, self.found, self.done = random.Random(seed), people, Hands(), [], Counter()
        self.approvals = self.dice.choice([1, 1, 2])
        self.give_roles()
        begins = self.dice.choice(people)
        named = self.dice.sample(people, self.dice.choice([1, 1, 2]))
        begins.groups.add(Group.objects.get(name=roles.AUTHOR))
        kind = builders.make_type(f"kind-{self.approvals}", approvals=self.approvals)
        self.article = builders.make_article(begins, article_type=kind, authors=named)
        self.seen.named |= {user.pk for user in named}
        self.seen.saves.append((begins.pk, 1))

    def give_roles(self):
        """Everybody may be an author, a member of the board, an editor, several of these, or none."""
        groups = {group.name: group for group in Group.objects.filter(name__in=GIVEN)}
        for user in self.people:
            user.groups.set([groups[name] for name in GIVEN if self.dice.random() < (0.2 if name == roles.CHIEF else 0.75)])

    def anybody(self):
        """Somebody, as their next request finds them."""
        return User.objects.get(pk=self.dice.choice(self.people).pk)

    def usual(self, name):
        """Somebody whose work it is, with a hand in the text or without."""
        if name in OF_AUTHORS:
            return User.objects.get(pk=self.dice.choice(sorted(self.seen.named)))
        role = roles.CHIEF if name == "try_override" else roles.EDITOR
        able = list(User.objects.filter(groups__name=role, pk__in=[user.pk for user in self.people]).order_by("pk"))
        if name == "try_assign":  # an author chooses no reviewers: most lives would end there
            able = [user for user in able if user.pk not in self.seen.named] or able
        return self.dice.choice(able) if able else self.anybody()

    # ---- What happens

    def step(self):
        """The next sensible thing, or anything."""
        ways = self.sensible() if self.dice.random() < 0.75 else [each for each in dir(self) if each.startswith("try_")]
        name = self.dice.choice(ways)
        with suppress(NotReady, PermissionDenied), transaction.atomic():
            getattr(self, name)(self.usual(name) if self.dice.random() < 0.85 else self.anybody())
            self.done[name] += 1

    def sensible(self):
        """What the rows are ready for."""
        submission = self.newest()
        if submission is None or not submission.is_open:
            approved = submission is not None and submission.state == "approved"
            return ["try_publish", "try_tidy", "try_save", "try_submit", "try_re_review"] if approved else ["try_save", "try_submit", "try_author"]
        if submission.assignments.standing().count() < self.approvals:
            return ["try_assign", "try_assign", "try_minor"]
        if submission.assignments.filter(state__in=["assigned", "accepted"]).exists():
            return ["try_recommend"]
        return ["try_approve", "try_approve", "try_override", "try_author", "try_role"]

    def before_board(self):
        """What was submitted last."""
        found = self.newest()
        if found is None:
            raise NotReady("Nothing was submitted.")
        return found

    def newest(self):
        """What was submitted last; None where nothing was."""
        return Submission.objects.filter(article=self.article).select_related("version").order_by("-submitted_at").first()

    def try_save(self, by):
        self._revise(by, Changes(texts={"plain": f"Keep moving, {self.dice.random()}.[@guide]\n"}))

    def try_tidy(self, by):
        """A save that changes nothing to see, so that the minor track may take it."""
        source = self.article.texts.get(audience="plain").source
        self._revise(by, Changes(texts={"plain": source.replace("\n\n", "\n\n\n", 1)}))

    def try_author(self, by):
        new = self.anybody()
        self._revise(by, Changes(authors=[new.person], interests={}))
        self.seen.named.add(new.pk)
        article = Article.objects.get(pk=self.article.pk)
        self._revise(by, Changes(interests={new.person.pk: "None declared"}), article.draft_number)

    def _revise(self, by, changes, seen=None):
        article = Article.objects.get(pk=self.article.pk)
        drafting.revise(article, by=by, draft_number=seen or article.draft_number, changes=changes)
        self.seen.saves.append((by.pk, article.draft_number))

    def try_role(self, by):
        group = Group.objects.get(name=self.dice.choice(GIVEN))
        (by.groups.add if self.dice.random() < 0.6 else by.groups.remove)(group)

    def try_submit(self, by):
        article = Article.objects.get(pk=self.article.pk)
        made = workflow.submit(article, by=by, draft_number=article.draft_number, as_minor=self.dice.random() < 0.4)
        self.seen.freeze(made.pk, article.draft_number)

    def try_withdraw(self, by):
        workflow.withdraw(self.before_board(), by=by)

    def try_assign(self, by):
        workflow.assign(self.before_board(), by=by, member=self.dice.choice(self.people).person.board_member)

    def try_recommend(self, by):
        found = ReviewAssignment.objects.filter(submission__article=self.article, state__in=["assigned", "accepted"])
        assignment = found.select_related("member__person").order_by("-assigned_at").first()
        if assignment is None:
            raise NotReady("Nobody is asked.")
        by = User.objects.get(pk=assignment.user_id) if self.dice.random() < 0.9 else by
        if self.dice.random() < 0.1:
            reviewing.decline(assignment, by=by)
            return
        word = self.dice.choice(["approve"] * 7 + ["minor", "changes"])
        builders.recommend(assignment, by, word)
        self.seen.votes.setdefault(assignment.submission_id, {})[by.pk] = word

    def try_revoke(self, by):
        found = ReviewAssignment.objects.filter(submission__article=self.article, state="completed").order_by("-assigned_at").first()
        if found is None:
            raise NotReady("Nothing is signed.")
        by = User.objects.get(pk=found.user_id)
        reviewing.revoke(found, by=by, signing=fresh(by), reason="I misread a table.")
        self.seen.votes[found.submission_id].pop(by.pk)

    def try_set_aside(self, by):
        found = ReviewAssignment.objects.filter(submission__article=self.article, state="completed").order_by("-assigned_at").first()
        if found is None:
            raise NotReady("Nothing is signed.")
        workflow.set_aside(found, by=by, reason="The guideline says otherwise.")

    def try_request_changes(self, by):
        workflow.request_changes(self.before_board(), by=by, note="Say how far.")

    def try_override(self, by):
        workflow.override_policy(self.before_board(), by=by, reason="One is enough.")

    def try_publish(self, by):
        publishing.publish(self.before_board(), by=by)

    def try_re_review(self, by):
        shown = Publication.objects.standing().filter(article=self.article).first()
        if shown is None:
            raise NotReady("Nothing is public.")
        made = workflow.open_re_review(shown, by=by)
        save, savers = next((save, savers) for key, (save, savers) in self.seen.frozen.items() if Submission.objects.get(pk=key).version_id == made.version_id)
        self.seen.frozen[made.pk] = save, savers

    def try_approve(self, by):
        submission = self.before_board()
        act = workflow.reaffirm if submission.is_re_review else workflow.approve
        words = {"note": "It stands."} if submission.is_re_review else {}
        act(submission, by=by, signing=fresh(by), digest=submission.version.digest, **words)
        self._judge(submission, by, needed=1 if submission.overrides.exists() else self.approvals)
        self.seen.approved_save = max(self.seen.approved_save, self.seen.frozen[submission.pk][0])

    def try_minor(self, by):
        submission = self.before_board()
        workflow.pass_minor(submission, by=by, signing=fresh(by), digest=submission.version.digest, note="A blank line.")
        self._judge(submission, by, needed=0)

    # ---- What the oracle says

    def _judge(self, submission, by, needed):
        """Whether whoever approved, and enough of those who recommended, had no hand in the text at that moment."""
        hands, votes = self.seen.of(submission.pk), self.seen.votes.get(submission.pk, {})
        if by.pk in hands:
            self.found.append(f"{by.pk} approved {submission.version} with a hand in it")
        if by.pk in votes:
            self.found.append(f"{by.pk} approved {submission.version} and had recommended it")
        counted = {user for user, word in votes.items() if word in FAVOURABLE and user not in hands}
        if len(counted) < needed:
            self.found.append(f"{submission.version} was approved on {len(counted)} of {needed} recommendations without a hand in it")


def lives(people, number, seed):
    """So many lives, each taken back at the end: what the oracle found wrong, and what happened."""
    wrong, happened = [], Counter()
    for n in range(number):
        with transaction.atomic():
            life = Life([User.objects.get(pk=user.pk) for user in people], f"{seed}-{n}")
            for _ in range(STEPS):
                life.step()
            wrong += [f"life {seed}-{n}: {sentence}" for sentence in life.found]
            happened += life.done
            transaction.set_rollback(True)
    return wrong, happened


@pytest.fixture
def people(db):
    """Seven people of the board's register, each with an account and no role."""
    made = [builders.make_member(f"Person {n}") for n in range(PEOPLE)]
    for approvals in (1, 2):
        builders.make_type(f"kind-{approvals}", approvals=approvals)
    assert BoardMember.objects.count() == PEOPLE
    assert ReviewPolicy.objects.count() == 2
    User.objects.filter(pk__in=[user.pk for user in made]).update(is_staff=True)
    return made


PARTS = scale.examples(1, 5)


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_a9_no_sequence_ends_with_an_approval_by_a_hand_in_the_text(part, people, report, together):
    number = scale.examples(12, 1000)
    wrong, happened = lives(people, number // PARTS, f"seed-{part}" if part else "seed")
    assert wrong == []
    if (happened := together("independence", part, PARTS, happened)) is None:
        return
    report(f"What was done in {number} lives of {STEPS} steps", ["act", "times"], sorted([name, times] for name, times in happened.items()))
    assert happened["try_approve"] >= number / 5, happened
    assert happened["try_recommend"] >= number / 2, happened


RULES = ["the editor's part", "the reviewers' hands", "the votes", "savers"]


@pytest.mark.parametrize("broken", RULES if scale.PROVE else RULES[:2])
def test_a9_the_oracle_notices_a_rule_that_is_broken(people, monkeypatch, broken):
    nobody = lambda *args, **kwargs: False  # noqa: E731
    if broken == "the editor's part":
        monkeypatch.setattr(policies, "_has_part_in", nobody)
    elif broken == "savers":
        monkeypatch.setattr("articles.freezing.savers", lambda article, since: [])
    else:
        monkeypatch.setattr(quorum, "barred_users", lambda version: set())
        if broken == "the reviewers' hands":
            bars = matching._bars
            monkeypatch.setattr(matching, "_bars", lambda *args: [why for why in bars(*args) if "hand" not in why])
            monkeypatch.setattr(policies, "is_barred_from", nobody)
            monkeypatch.setattr(reviewing, "_refuse_barred", nobody)
    for batch in range(12):
        wrong, _ = lives(people, 10, f"broken-{batch}")
        if wrong:
            return
    pytest.fail(f"The oracle did not notice that {broken} no longer counted.")
