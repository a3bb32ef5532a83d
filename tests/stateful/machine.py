"""The machine: anybody takes any act at any time while days pass, sweeps run, and people come and go; what must be true always is.

Every example begins from the same six articles (life.py), inside a savepoint that is rolled back, and draws its own way on.
A refusal is NotReady (StaleRecord is one) or PermissionDenied; any other error ends the run.
"""

import tempfile
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import Group
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test import override_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from articles.models import Article, ArticleVersion, EvidenceEvent, Reference
from editorial import evidence_watch, invariants, roles, sweeping
from editorial.invariants import calendar, dates, evidence, kept, public, signed
from editorial.models import Publication
from records import clock, sweeps
from records.errors import NotReady
from records.models import Delivery, Event, Outbox, Sweep, system_user
from reviews.models import BoardMember, ReviewPolicy, Signature
from tests import acts
from tests.stateful.life import IN_OTHER_WORDS, START, STORIES, Desk, fitting, onward

REFUSALS = (NotReady, PermissionDenied)
# check → the tables that it depends on: where a step wrote to none of them, it would say what it said before
ALL_STATES = {"reviews_submission", "reviews_reviewassignment", "editorial_publication"}
AFTER_EACH_STEP = {
    kept.states_are_those_of_the_record: {*ALL_STATES, "records_event"},
    kept.the_record_skips_no_state: {"records_event"},
    public.publications_follow_approvals: {"reviews_submission", "editorial_publication"},
    public.held_back_pages_say_so: {"editorial_publication", "editorial_pagenotice"},
    signed.approvals_are_signed: {"reviews_submission", "reviews_signature"},
    signed.approvals_meet_their_policy: {"reviews_submission", "reviews_signature"},
    signed.reviews_end_with_their_submission: {"reviews_submission", "reviews_reviewassignment", "reviews_signature"},
    signed.signatures_follow_a_declaration: {"reviews_signature"},
    signed.nobody_signs_their_own_text: {"reviews_signature", "reviews_reviewassignment"},
    dates.dates_are_those_of_their_events: {"editorial_publication"},
    public.approvals_in_question_say_so: {"editorial_publication", "editorial_pagenotice", "reviews_knownconflict"},
    signed.minor_changes_stand_on_the_board: {"reviews_submission", "reviews_reviewassignment"},
    dates.minor_changes_keep_the_dates_of_the_board: {"editorial_publication", "reviews_submission"},
    dates.reviews_count_once_they_are_signed: {"editorial_publication", "reviews_submission"},
    dates.due_dates_are_never_later_than_allowed: {"editorial_publication"},
    calendar.each_occurrence_is_posted_once: {"records_outbox", "records_delivery"},
    calendar.what_waits_for_somebody_is_looked_at: ALL_STATES,
    calendar.outcomes_belong_to_re_reviews: {"reviews_submission"},
    evidence.open_cases_are_on_the_page: {"editorial_publication", "editorial_pagenotice", "editorial_evidencecase", "editorial_evidenceoutcome"},
    evidence.notes_on_the_evidence_have_an_open_case: {"editorial_pagenotice", "editorial_evidencecase", "editorial_evidenceoutcome"},
}
FOUR = ("approved_on", "last_reviewed_on", "last_updated_on", "review_due_on")
# date → the acts that may move it
MOVED_BY = {
    "approved_on": set(),
    "last_reviewed_on": {"take_review"},
    "last_updated_on": {"publish", "go_live", "publish_minor"},
    "review_due_on": {"take_review", "bring_forward"},
}
GROWING = (Event, Signature, ArticleVersion, Outbox, Delivery)
TRIED = {**acts.ACTS, **{name: (row, take) for name, (row, _, take) in IN_OTHER_WORDS.items()}}
MEMBERS = ("assigned reviewer", "unassigned reviewer", "second reviewer")
GIVEN = {"owner": roles.AUTHOR, "editor": roles.EDITOR, "second editor": roles.EDITOR, **dict.fromkeys(MEMBERS, roles.BOARD)}
AT, OLDER, CHOICE = st.integers(0, 5), st.sampled_from([0, 0, 0, 1]), st.integers(0, 9999)
WHO = st.sampled_from(["the usual"] * 12 + sorted(GIVEN))
DAYS = st.sampled_from([0, 0, 1, 1, 2, 7, 8, 30, 90, 120, 400])


class Writes:
    """The tables that the statements of a connection wrote to."""

    def __init__(self):
        self.tables = set()

    def __call__(self, execute, sql, params, many, context):
        """Pass a statement on."""
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            self.tables.add(sql.split('"', 2)[1])
        return execute(sql, params, many, context)


class Imprimatur(RuleBasedStateMachine):
    """One installation, from an afternoon in November on."""

    life: ClassVar = None
    taken: ClassVar = Counter()

    def __init__(self):
        super().__init__()
        self.now, self.last = START + timedelta(days=1), "the beginning"
        self._example, self._writes = ExitStack(), Writes()
        # What was mailed is also written down beside the database, where no rollback reaches.
        folder = self._example.enter_context(tempfile.TemporaryDirectory(dir=settings.VAR_DIR))
        self._example.enter_context(override_settings(VAR_DIR=Path(folder)))
        self._example.enter_context(transaction.atomic())
        self._example.enter_context(connection.execute_wrapper(self._writes))
        mail.outbox = []
        self._dates, self._number = self._read_dates(), Event.objects.order_by("-number").values_list("number", flat=True).first()
        self._sizes = [model.objects.count() for model in GROWING]

    def teardown(self):
        """Everything is asked once more, and all of it is taken back."""
        try:
            with clock.as_of(self.now):
                found = invariants.broken()
            assert not found, found[:5]
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
                done = act()
            except REFUSALS:
                self.taken[name, "refused"] += 1
                return False
        self.taken[f"onward: {done}" if name == "onward" else name, "done"] += 1
        return True

    def _desk(self, at, older):
        return Desk(self.life, self.life.articles[at], lambda rows: next(iter(rows[older : older + 1]), None))

    def _try(self, desk, name, who):
        """Somebody tries an act on the rows of an article."""
        row, take = TRIED[name]
        if row == "people" or getattr(desk, row) is not None:
            by = desk[desk.usual(name) if who == "the usual" else who]
            self._take(name, lambda: take(desk, by))

    @rule(at=AT, name=st.sampled_from(sorted(TRIED)), who=WHO, older=OLDER)
    def anybody_tries_anything(self, at, name, who, older):
        """Any act, ready or not, by whoever usually takes it or by anybody else."""
        self._try(self._desk(at, older), name, who)

    @rule(at=AT, choice=CHOICE, older=OLDER)
    def somebody_does_what_fits(self, at, choice, older):
        """An act that the article might be ready for, by whoever usually takes it."""
        desk = self._desk(at, older)
        names = fitting(desk)
        self._try(desk, names[choice % len(names)], "the usual")

    @rule(at=AT, choices=st.lists(CHOICE, min_size=2, max_size=6))
    def much_happens_to_one_article(self, at, choices):
        """Some acts that it might be ready for, one after the other."""
        for choice in choices:
            desk = self._desk(at, 0)
            names = fitting(desk)
            self._try(desk, names[choice % len(names)], "the usual")

    @rule(at=AT, story=st.sampled_from(STORIES))
    def a_story_is_told(self, at, story):
        """Acts that belong together, as far as they get."""
        for name in story:
            self._try(self._desk(at, 0), name, "the usual")

    @rule(at=AT, steps=st.integers(1, 6))
    def it_goes_on(self, at, steps):
        """An article goes some steps on, by whoever takes the next one."""
        for _ in range(steps):
            desk = self._desk(at, 0)
            if not self._take("onward", partial(onward, desk)):
                return

    @rule(days=DAYS, hours=st.sampled_from([0, 1, 5]))
    def time_passes(self, days, hours):
        """Days go by, with or without anybody at work."""
        self.now += timedelta(days=days, hours=hours)
        self.last = "time"

    # ---- What runs by itself

    @rule(names=st.sampled_from([*([name] for name in sweeping.RUNS), *[list(sweeping.RUNS)] * 4]), off=st.sampled_from([0] * 6 + [-3, -1, 1]))
    def the_clock_strikes(self, names, off):
        """Sweeps run, one or all of them, and again at once: the second time nothing is posted. The clock may be some days off."""
        for name in names:
            day = clock.day(self.now) + timedelta(days=off)
            self._take(name, partial(sweeping.sweep, name, day))
            posted = Outbox.objects.count()
            self._take(name, partial(sweeping.sweep, name, day))
            assert Outbox.objects.count() == posted, f"{name}, run twice, posted twice"
        self._nothing_failed()

    def _nothing_failed(self):
        """What a sweep or the sender passes over, so that it holds up nothing else, is an error here; and no mail went out twice."""
        failed = [*Sweep.objects.exclude(last_error="").values_list("name", "last_error"), *Outbox.objects.exclude(last_error="").values_list("kind", "last_error")]
        assert not failed, f"{failed} after {self.last}"
        twice = [key for key, number in Counter(sent.extra_headers["Message-ID"] for sent in mail.outbox).items() if number > 1]
        assert not twice, f"{twice} were mailed twice"

    @rule()
    def the_brake_is_released(self):
        """Whoever looked at why a sweep is held lets it run again."""
        for sweep in sweeps.held():
            self._take("release", partial(sweeps.release, sweep, by=self.life.people["superuser"]))

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
            event, _ = EvidenceEvent.objects.get_or_create(reference=Reference.objects.get(doi="10.1000/guide"), kind=kind, **happened)
            evidence_watch.follow([event], by=system_user())

    # ---- What must be true, always

    @staticmethod
    def _read_dates():
        return {row.pop("pk"): row for row in Publication.objects.order_by().values("pk", *FOUR)}

    @invariant()
    def every_check_of_the_step_finds_nothing(self):
        """The cheap checks of the whole database, where the step wrote anything; the others are made at the end."""
        due = [check for check, tables in AFTER_EACH_STEP.items() if tables & self._writes.tables]
        self._writes.tables.clear()
        with clock.as_of(self.now):
            found = invariants.broken(due)
        assert not found, f"{found[:5]} after {self.last}"

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
