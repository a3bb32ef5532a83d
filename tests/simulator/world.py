"""A site that lives for years in a minute: articles, boards and editors at random, and a model of the sweep on the real ladders.

The model keeps `next_look_on` as the rows do and looks as `editorial.reminders` does. Every act writes down which rule holds for
its item from then on, in plain facts that owe nothing to the ladders; the oracle (oracle.py) works from these and from the times at
which the sweep was woken.
"""

import heapq
import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from editorial.ladder import SubmissionFacts, look, of_page, of_review, of_submission, submission_waits
from editorial.rereview import grace_ends_on, next_due, opens_on
from records.sweeps import MOST_DAYS, MOST_DAYS_BACK

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
ZONES = ("UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Pacific/Chatham", "Pacific/Apia", "Africa/Casablanca", "Asia/Kathmandu")
OPEN = ("submitted", "under_review")


def days(number):
    return timedelta(days=number)


@dataclass(eq=False)
class Page:
    """A public page under a policy."""

    number: int
    interval: int
    ahead: int
    grace: int
    after: str
    reviewed_on: date
    due_on: date
    begins: date
    next_look_on: date | None
    state: str = "live"
    opened_on: date | None = None
    open_one: "Submission | None" = None
    taken_down_for: date | None = None

    def ladder(self):
        return of_page(self.due_on, self.ahead, self.begins) if self.state in {"live", "withheld"} else None

    def waits(self, day):
        return self.state in {"live", "withheld"}


@dataclass(eq=False)
class Submission:
    """Words before the board; a re-review has the page that it is about."""

    number: int
    page: Page
    is_re_review: bool
    submitted_on: date
    next_look_on: date | None
    evidence_days: int | None = None
    state: str = "submitted"
    decided_on: date | None = None
    signed_on: date | None = None
    is_answered: bool = False
    reviews: list = field(default_factory=list)

    def facts(self):
        outstanding = any(review.state in {"assigned", "accepted"} for review in self.reviews)
        page = self.page.ladder() if self.is_re_review else None
        return SubmissionFacts(
            self.state, self.submitted_on, self.decided_on, self.evidence_days, outstanding, self.signed_on, self.is_answered, page
        )

    def ladder(self):
        return of_submission(self.facts())

    def waits(self, day):
        return submission_waits(self.facts(), day)


@dataclass(eq=False)
class Review:
    """One reviewer's part."""

    number: int
    submission: Submission
    begins: date
    answer_by: date
    due_on: date
    next_look_on: date | None
    state: str = "assigned"

    def ladder(self):
        return of_review(self.state, self.answer_by, self.due_on, self.begins) if self.submission.state in OPEN else None

    def waits(self, day):
        return self.ladder() is not None


class World:
    """Everything that happens, in its order; `at` numbers the moments."""

    def __init__(self, seed, articles, years):
        self.random, self.at, self.today = random.Random(seed), 0, BEGIN.date()
        self.numbers, self.acts, self.heaps = count(1), [], {Review: [], Submission: [], Page: []}
        self.said, self.overtaken, self.unique, self.pages = [], [], set(), {}
        self.rules = {}  # item → [(at, day, rule)], as acts changed them
        self.wakes, self.releases = [], []
        self.swept_on, self.released_for, self.is_held = None, None, False
        self.years, self.was_killed = years, False
        for _ in range(articles):
            self.later(self.random.randrange(700), self.publish)

    # ---- Time

    def later(self, after, act, *about):
        heapq.heappush(self.acts, (self.today + days(after), next(self.numbers), act, about))

    def live(self):
        """Day after day: acts of that day, and the sweep woken between them, as the clock and the outages have it."""
        zone, zone_until, off_until = ZoneInfo(self.random.choice(ZONES)), 0, 0.0
        for number in range(self.years * 365):
            if number >= zone_until:
                zone, zone_until = ZoneInfo(self.random.choice(ZONES)), number + self.random.randrange(200, 900)
            for hour in sorted(self.random.uniform(0, 24) for _ in range(4)):
                moment = BEGIN + timedelta(days=number, hours=hour)
                self.today = moment.astimezone(zone).date()
                self.act()
                if number + hour / 24 >= off_until:
                    self.wake_somehow()
                if self.random.random() < 0.002:
                    off_until = number + self.random.choice([0.04, 1, 3, 20, 90, 119, 140])
                if self.is_held and self.random.random() < 0.3:
                    self.release()

    def act(self):
        """Whatever is to happen by now."""
        while self.acts and self.acts[0][0] <= self.today:
            _, _, act, about = heapq.heappop(self.acts)
            self.at += 1
            act(*about)

    def wake_somehow(self):
        """Once; or twice, killed in the middle, with a clock that is off by a day, or that jumps far."""
        luck = self.random.random()
        if luck < 0.01:
            self.wake(self.today, stop_after=self.random.randrange(50))
        elif luck < 0.02:
            self.wake(self.today + days(self.random.choice([-1, 1])))
        elif luck < 0.021:
            self.wake(self.today + days(self.random.choice([-40, 20, 400, 3650])))
        self.wake(self.today)
        if luck > 0.97:
            self.wake(self.today)

    def release(self):
        self.at += 1
        self.is_held, self.released_for = False, self.today
        self.swept_on = min(self.swept_on, self.today)
        self.releases.append((self.at, self.today))

    # ---- The sweep, as records.sweeps and editorial.reminders have it

    def wake(self, day, stop_after=None):
        self.at += not self.was_killed  # what was killed and is run again at once is one moment
        self.was_killed = stop_after is not None
        self.wakes.append((self.at, day, stop_after is None))
        if self.is_held:
            return
        is_free = self.swept_on is None or (self.released_for is not None and day <= self.released_for)
        if not is_free and not -MOST_DAYS_BACK <= (day - self.swept_on).days <= MOST_DAYS:
            self.is_held = True
            return
        if self.swept_on is not None and day < self.swept_on:
            return
        looked = 0
        for kind in (Review, Submission, Page):
            heap = self.heaps[kind]
            while heap and heap[0][0] <= day and (stop_after is None or looked < stop_after):
                on, _, row = heapq.heappop(heap)
                if row.next_look_on == on:
                    self.look_at(row, day)
                    looked += 1
        if stop_after is None:
            self.swept_on = day

    def look_at(self, row, day):
        found = look(row.ladder(), row.next_look_on, day, waits=row.waits(day))
        if found.due:
            self.say(self.said, row, found.due.kind, found.due.on)
            for rung in found.overtaken:
                self.say(self.overtaken, row, rung.kind, rung.on)
        upcoming = [found.next_on, *(self.do(row, day) if isinstance(row, Page) else ())]
        if isinstance(row, Review) and row.state not in {"assigned", "accepted"} and row.submission.state == "under_review":
            self.look_no_later(row.submission, row.next_look_on)
        if isinstance(row, Submission) and row.is_re_review and row.state not in OPEN and row.page.state in {"live", "withheld"}:
            self.look_no_later(row.page, day)
        self.look_on(row, min((each for each in upcoming if each), default=None))

    def say(self, where, row, kind, on):
        """One row for an item, a kind and a day, whether it is said or overtaken; the first one stays."""
        if (row.number, kind, on) not in self.unique:
            self.unique.add((row.number, kind, on))
            where.append((self.at, row.number, kind, on))

    def do(self, page, day):
        if page.state not in {"live", "withheld"}:
            return
        opens = opens_on(page.reviewed_on, page.due_on, page.ahead)
        if page.open_one is None and (page.opened_on is None or page.opened_on < opens):
            if day < opens:
                yield opens
            else:
                self.open_re_review(page, by="calendar")
        after = grace_ends_on(page.due_on, page.grace) + days(1)
        if page.state == "live" and page.after != "keep":
            if day < after:
                yield after
            elif page.after == "archive":
                self.say(self.said, page, "page_archived", after)
            elif page.taken_down_for != page.due_on:
                page.state, page.taken_down_for = "withheld", page.due_on
                self.note(page, "taken down", "calendar")
                if self.random.random() < 0.2:
                    self.later(self.random.randrange(1, 60), self.show_again, page)

    def look_on(self, row, day):
        row.next_look_on = day
        if day is not None:
            heapq.heappush(self.heaps[type(row)], (day, next(self.numbers), row))

    def look_no_later(self, row, day):
        if row.next_look_on is None or row.next_look_on > day:
            self.look_on(row, day)

    def moved(self, row, *rule):
        """An act on this row: it is looked at from today, and this rule holds from now on (none: nobody is reminded)."""
        self.look_no_later(row, self.today)
        self.rules.setdefault(row.number, []).append((self.at, self.today, rule))

    # ---- What people do

    def chance(self, of):
        return self.random.random() < of

    def publish(self, reviewed_on=None):
        interval, ahead = self.random.choice([3, 6, 12, 12, 24, 36]), self.random.choice([0, 14, 30, 60, 90, 90, 120])
        due = next_due(self.today, interval)
        after = self.random.choice(["keep", "keep", "archive", "notice"])
        page = Page(next(self.numbers), interval, ahead, self.random.choice([30, 90]), after, self.today, due, self.today, None)
        self.page_moved(page)
        for act, most in ((self.bring_forward, 3000), (self.evidence, 3000), (self.withhold, 3000), (self.retract, 9000), (self.revise, 4000)):
            self.later(self.random.randrange(30, most), act, page)

    def note(self, page, what, by="somebody"):
        """What the oracle of the calendar's own acts goes by: how the page stands from now on."""
        was_opened = page.opened_on if page.open_one is None else "open"
        facts = (page.state, page.due_on, page.ahead, page.reviewed_on, page.grace, page.after, was_opened, self.today)
        self.pages.setdefault(page.number, []).append((self.at, what, by, facts))

    def page_moved(self, page):
        self.moved(page, "page", page.due_on, page.ahead)
        self.note(page, "moved")

    def bring_forward(self, page):
        left = (page.due_on - self.today).days
        if page.state in {"live", "withheld"} and page.open_one is None and left > 20:
            page.due_on = self.today + days(self.random.randrange(1, left))
            self.look_on(page, self.today)
            self.page_moved(page)

    def evidence(self, page):
        if page.state in {"live", "withheld"} and page.open_one is None:
            self.open_re_review(page, evidence_days=14)

    def withhold(self, page):
        if page.state == "live":
            page.state = "withheld"
            self.moved(page, "same")
            self.note(page, "withheld")
            self.later(self.random.randrange(1, 90), self.show_again, page)

    def show_again(self, page):
        if page.state == "withheld":
            page.state = "live"
            self.moved(page, "same")
            self.note(page, "shown")

    def retract(self, page):
        if page.state in {"live", "withheld"}:
            self.page_ends(page, "retracted")

    def page_ends(self, page, state):
        if page.open_one is not None:
            self.end(page.open_one, "overtaken")
        page.state = state
        self.moved(page)
        self.note(page, state)

    def revise(self, page):
        if page.state in {"live", "withheld"}:
            self.submit(page, is_re_review=False)

    def open_re_review(self, page, evidence_days=None, by="somebody"):
        page.open_one = self.submit(page, is_re_review=True, evidence_days=evidence_days)
        page.opened_on = self.today
        self.moved(page, "same")
        self.note(page, "opened", by)

    def submit(self, page, *, is_re_review, evidence_days=None):
        made = Submission(next(self.numbers), page, is_re_review, self.today, None, evidence_days)
        self.moved(made, "evidence", self.today, evidence_days) if evidence_days else self.moved(made, "weekly", "submission_waiting", self.today)
        self.later(self.random.choice([0, 3, 10, 10, 40]), self.assign, made)
        self.later(self.random.randrange(200, 500), self.give_up, made)
        return made

    def give_up(self, submission):
        if submission.state in OPEN:
            self.end(submission, "declined")

    def assign(self, submission):
        if submission.state != "submitted":
            return
        submission.state = "under_review"
        self.moved(submission, *(() if not submission.evidence_days else ("same",)))
        for _ in range(2):
            self.invite(submission)

    def invite(self, submission):
        review = Review(next(self.numbers), submission, self.today, self.today + days(7), self.today + days(21), None)
        submission.reviews.append(review)
        self.moved(review, "invited", self.today, review.answer_by)
        self.later(self.random.choice([0, 2, 5, 9, 30]), self.answer, review)

    def answer(self, review):
        if review.state != "assigned" or review.submission.state not in OPEN:
            return
        if self.chance(0.2):
            review.state = "declined"
            self.moved(review)
            self.invite(review.submission)
            return
        review.state, review.begins = "accepted", self.today
        self.moved(review, "accepted", self.today, review.due_on)
        self.later(self.random.choice([1, 8, 15, 20, 60, 600]), self.sign, review)

    def sign(self, review):
        submission = review.submission
        if review.state != "accepted" or submission.state not in OPEN:
            return
        review.state, submission.signed_on = "completed", self.today
        self.moved(review)
        if all(each.state in {"completed", "declined"} for each in submission.reviews):
            self.later(self.random.choice([0, 1, 6, 12, 50]), self.decide, submission)
            if not submission.evidence_days:
                page = submission.page
                avoids = (page.due_on, page.ahead, page.begins) if submission.is_re_review else None
                self.rules[submission.number].append((self.at, self.today, ("decision", self.today, avoids)))

    def decide(self, submission):
        if submission.state != "under_review":
            return
        if self.chance(0.15):
            self.end(submission, "changes_requested")
            if self.chance(0.7):
                self.later(self.random.randrange(5, 250), self.answer_changes, submission)
        elif self.chance(0.1):
            self.end(submission, "declined")
        elif submission.is_re_review:
            self.end(submission, "approved")
            self.reaffirm(submission.page)
        else:
            self.end(submission, "approved")
            if submission.page.state in {"live", "withheld"}:
                self.page_ends(submission.page, "superseded")
                self.publish()

    def answer_changes(self, submission):
        if submission.page.state in {"live", "withheld"}:
            submission.is_answered = True
            self.rules[submission.number].append((self.at, self.today, ()))
            self.submit(submission.page, is_re_review=False)

    def reaffirm(self, page):
        page.reviewed_on = page.begins = self.today
        page.due_on = next_due(self.today, page.interval)
        if page.taken_down_for and page.state == "withheld":
            page.state = "live"
        self.look_on(page, self.today)
        self.page_moved(page)

    def end(self, submission, state):
        submission.state, submission.decided_on = state, self.today
        if submission.is_re_review:
            submission.page.open_one = None
            self.note(submission.page, "ended")
        self.moved(submission, *(("changes", self.today) if state == "changes_requested" else ()))
        for review in submission.reviews:
            if review.state in {"assigned", "accepted"}:
                review.state = "cancelled"
                self.moved(review)
