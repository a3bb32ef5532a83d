"""The machine: anybody takes any act at any time while days pass, sweeps run, and people come and go; what must be true always is.

Every example begins from the same six articles (life.py), inside a savepoint that is rolled back, and draws its own way on.
A refusal is NotReady (StaleRecord is one) or PermissionDenied; any other error ends the run.
"""

from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from typing import ClassVar

from django.contrib.auth.models import Group
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from articles.models import Article, ArticleVersion, EvidenceEvent, Reference
from editorial import invariants, publishing, roles
from editorial.invariants import calendar, dates, kept, public, signed
from editorial.models import Publication
from records import clock
from records.errors import NotReady
from records.models import Delivery, Event, Outbox
from records.post import send_posted
from reviews.models import BoardMember, ReviewPolicy, Signature
from tests import acts
from tests.stateful.life import IN_OTHER_WORDS, START, Desk, onward

REFUSALS = (NotReady, PermissionDenied)
AFTER_EACH_STEP = (
    kept.states_are_those_of_the_record, kept.the_record_skips_no_state, public.publications_follow_approvals, public.held_back_pages_say_so,
    signed.approvals_are_signed, signed.approvals_meet_their_policy, signed.reviews_end_with_their_submission,
    signed.signatures_follow_a_declaration, signed.nobody_signs_their_own_text, dates.dates_are_those_of_their_events,
    dates.reviews_count_once_they_are_signed, dates.due_dates_are_never_later_than_allowed, calendar.each_occurrence_is_posted_once,
    calendar.what_waits_for_somebody_is_looked_at, calendar.outcomes_belong_to_re_reviews,
)  # fmt: skip
FOUR = ("approved_on", "last_reviewed_on", "last_updated_on", "review_due_on")
# date → the acts that may move it
MOVED_BY = {
    "approved_on": set(),
    "last_reviewed_on": {"take_review"},
    "last_updated_on": {"publish", "go_live"},
    "review_due_on": {"take_review", "bring_forward"},
}
GROWING = (Event, Signature, ArticleVersion, Outbox, Delivery)
BY_AUTHORS = ("create_draft", "revise", "restore_draft", "submit", "withdraw", "answer_comment", "revise (a reviewer becomes an author)")
BY_REVIEWERS = (
    "accept", "decline", "declare", "declare (unsure)", "declare (conflict)", "comment", "edit_comment", "discard_comment", "answer_references",
    "recommend", "recommend (minor)", "recommend (against)", "recommend (reject)", "revoke", "close_comment",
)  # fmt: skip
BY_EDITORS = tuple(name for name in (*acts.ACTS, *IN_OTHER_WORDS) if name not in {*BY_AUTHORS, *BY_REVIEWERS})
MEMBERS = ("assigned reviewer", "unassigned reviewer", "second reviewer")
GIVEN = {"owner": roles.AUTHOR, "editor": roles.EDITOR, "second editor": roles.EDITOR, **dict.fromkeys(MEMBERS, roles.BOARD)}
AT, OLDER = st.integers(0, 5), st.sampled_from([0, 0, 0, 1])
WHO = st.sampled_from(["the usual"] * 12 + sorted(GIVEN))
DAYS = st.sampled_from([0, 0, 1, 1, 2, 7, 8, 30, 90, 120, 400])


class Writes:
    """How many statements of a connection wrote: after a step that wrote nothing, nothing needs to be looked at again."""

    def __init__(self):
        self.number = 0

    def __call__(self, execute, sql, params, many, context):
        """Pass a statement on."""
        self.number += sql.startswith(("INSERT", "UPDATE", "DELETE"))
        return execute(sql, params, many, context)


class Imprimatur(RuleBasedStateMachine):
    """One installation, from an afternoon in November on."""

    life: ClassVar = None
    taken: ClassVar = Counter()

    def __init__(self):
        super().__init__()
        self.now, self.last = START + timedelta(days=1), "the beginning"
        self._example, self._writes, self._checked = ExitStack(), Writes(), -1
        self._example.enter_context(transaction.atomic())
        self._example.enter_context(connection.execute_wrapper(self._writes))
        mail.outbox = []
        self._dates, self._number = self._read_dates(), Event.objects.order_by("-number").values_list("number", flat=True).first()
        self._sizes = [model.objects.count() for model in GROWING]

    def teardown(self):
        """Everything is asked once more, and all of it is taken back."""
        try:
            with clock.as_of(self.now):
                assert invariants.broken() == []
        finally:
            transaction.set_rollback(True)
            self._example.close()

    # ---- What happens

    def _take(self, name, act):
        """Let something happen now; whether it was done, and not refused."""
        self.now += timedelta(seconds=5)
        self.last = name
        with clock.as_of(self.now):
            try:
                act()
            except REFUSALS:
                self.taken[f"{name}: refused"] += 1
                return False
        self.taken[name] += 1
        return True

    def _somebody(self, at, name, who, older):
        """Somebody tries an act on the rows of an article, most often whoever usually takes it, most often on the newest row."""
        desk = Desk(self.life, self.life.articles[at], lambda rows: next(iter(rows[older : older + 1]), None))
        row, take = (IN_OTHER_WORDS[name][0], IN_OTHER_WORDS[name][2]) if name in IN_OTHER_WORDS else acts.ACTS[name]
        if row == "people" or getattr(desk, row) is not None:
            by = desk[desk.usual(name) if who == "the usual" else who]
            self._take(name, lambda: take(desk, by))

    @rule(at=AT, name=st.sampled_from(BY_AUTHORS), who=WHO, older=OLDER)
    def an_author_acts(self, at, name, who, older):
        """What authors do, tried by anybody."""
        self._somebody(at, name, who, older)

    @rule(at=AT, name=st.sampled_from(BY_REVIEWERS), who=WHO, older=OLDER)
    def a_reviewer_acts(self, at, name, who, older):
        """What reviewers do, tried by anybody."""
        self._somebody(at, name, who, older)

    @rule(at=AT, name=st.sampled_from(BY_EDITORS), who=WHO, older=OLDER)
    def an_editor_acts(self, at, name, who, older):
        """What editors do about submissions and public pages, tried by anybody."""
        self._somebody(at, name, who, older)

    @rule(at=AT, steps=st.integers(1, 6))
    def it_goes_on(self, at, steps):
        """An article goes some steps on, by whoever takes the next one."""
        for _ in range(steps):
            desk = Desk(self.life, self.life.articles[at], lambda rows: rows.first())
            if not self._take("onward", partial(onward, desk)):
                return

    @rule(days=DAYS, hours=st.sampled_from([0, 1, 5]))
    def time_passes(self, days, hours):
        """Days go by, with or without anybody at work."""
        self.now += timedelta(days=days, hours=hours)
        self.last = "time"

    # ---- What runs by itself

    @rule(what=st.sampled_from(["publish", "send", "all"]))
    def the_clock_strikes(self, what):
        """What was set for now is published, and what waits is sent; nobody gets the same message twice."""
        if what != "send":
            self._take("go_live_due", lambda: publishing.go_live_due(self.now))
        if what != "publish":
            self._take("send_posted", lambda: send_posted(500))
        twice = [key for key, number in Counter(sent.extra_headers["Message-ID"] for sent in mail.outbox).items() if number > 1]
        assert twice == []

    # ---- People come and go, and so does what they go by

    @rule(name=st.sampled_from(sorted(GIVEN)), what=st.sampled_from(["account", "role", "term"]), keeps=st.booleans())
    def somebody_leaves_or_comes_back(self, name, what, keeps):
        """An account is closed, a role is taken away, a term on the board ends yesterday; or each is as it was again."""
        self.last = "people"
        user = self.life.people[name]
        if what == "account":
            type(user).objects.filter(pk=user.pk).update(is_active=keeps)
        elif what == "role":
            (user.groups.add if keeps else user.groups.remove)(Group.objects.get(name=GIVEN[name]))
        else:
            until = None if keeps else clock.day(self.now) - timedelta(days=1)
            BoardMember.objects.filter(person__user=user).update(until=until)

    @rule(months=st.sampled_from([1, 6, 12, 36]), approvals=st.sampled_from([1, 1, 2]), after=st.sampled_from(["keep", "archive", "notice"]))
    def a_policy_is_adopted(self, months, approvals, after):
        """What an approval takes, and how long it holds, changes for what is submitted from now on."""
        self.last = "policy"
        kind = Article.objects.get(pk=self.life.articles[0]).article_type
        ReviewPolicy.objects.create(
            article_type=kind, number=kind.policies.count() + 1, approvals=approvals, medical_approvals=1, interval_months=months, after_grace=after,
            grace_days=30, adopted_by=self.life.people["superuser"],
        )  # fmt: skip

    @rule(kind=st.sampled_from(["retraction", "correction", "concern", "reinstatement"]))
    def the_evidence_changes(self, kind):
        """Something happens to a work that every article cites."""
        self.last = "evidence"
        with clock.as_of(self.now):
            happened = {"happened_on": clock.today(), "reported_by": "publisher"}
            EvidenceEvent.objects.get_or_create(reference=Reference.objects.get(doi="10.1000/guide"), kind=kind, **happened)

    # ---- What must be true, always

    @staticmethod
    def _read_dates():
        return {row.pop("pk"): row for row in Publication.objects.order_by().values("pk", *FOUR)}

    @invariant()
    def every_check_of_the_step_finds_nothing(self):
        """The cheap checks of the whole database, where the step wrote anything; the others are made at the end."""
        if self._writes.number == self._checked:
            return
        with clock.as_of(self.now):
            assert invariants.broken(AFTER_EACH_STEP) == [], f"after {self.last}"
        self._checked = self._writes.number

    @invariant()
    def dates_move_by_their_own_events_alone(self):
        """Each of the four dates moved only where an act that may move it is on the record since the last look, and to its day."""
        now, today = self._read_dates(), clock.day(self.now)
        acts_since = {}
        for number, key, act in Event.objects.filter(number__gt=self._number).order_by("number").values_list("number", "object_id", "act"):
            self._number = number
            acts_since.setdefault(key, set()).add(act)
        for key in now.keys() & self._dates.keys():
            for name, may in MOVED_BY.items():
                before, after = self._dates[key][name], now[key][name]
                if before != after:
                    assert acts_since.get(key, set()) & may, f"{name} of {key} moved from {before} to {after} by {acts_since.get(key)} after {self.last}"
                    assert name == "review_due_on" or after == today, f"{name} of {key} is {after} and not {today}"
        self._dates = now

    @invariant()
    def nothing_is_deleted(self):
        """What is kept only grows."""
        sizes = [model.objects.count() for model in GROWING]
        assert all(after >= before for before, after in zip(self._sizes, sizes, strict=True)), f"after {self.last}"
        self._sizes = sizes
