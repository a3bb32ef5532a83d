"""Which reminder is due on a day, and the next day to look: for a public page, a submission and a review. Pure.

A ladder is a base day with rungs before and after it. What was due is read off it for any span of days, so that a sweep that
did not run loses nothing: the latest rung of the span is said, and those before it are overtaken.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import takewhile

WEEK = 7


@dataclass(frozen=True)
class Rung:
    """One reminder: of which kind, and for which day."""

    kind: str
    on: date


@dataclass(frozen=True)
class Ladder:
    """Rungs at some days from a base, and one every seven days after it where `weekly` names a kind; none before it `begins`.

    A rung that would stand on a rung of the ladder it avoids comes on the next free day.
    """

    base: date
    begins: date
    steps: Mapping[int, str] = field(default_factory=dict)
    weekly: str = ""
    avoids: "Ladder | None" = None

    def rungs(self, first: date) -> Iterator[Rung]:
        """The rungs from a day on, in their order; without end where they come weekly."""
        first = max(first, self.begins)
        for offset, kind in self._offsets((first - self.base).days - WEEK):
            day = self.base + timedelta(days=offset)
            while self.avoids is not None and self.avoids.stands_on(day):
                day += timedelta(days=1)
            if day >= first:
                yield Rung(kind, day)

    def _offsets(self, first: int) -> Iterator[tuple[int, str]]:
        for offset in sorted(self.steps):
            yield offset, self.steps[offset]
        week = max(1, first // WEEK)
        while self.weekly:
            yield week * WEEK, self.weekly
            week += 1

    def stands_on(self, day: date) -> bool:
        """Whether this ladder has a rung on that day."""
        offset = (day - self.base).days
        return day >= self.begins and (offset in self.steps or (bool(self.weekly) and offset >= WEEK and offset % WEEK == 0))


@dataclass(frozen=True)
class Look:
    """What a look finds: the reminder to post, those that it overtakes, and the next day to look; None for never."""

    due: Rung | None
    overtaken: tuple[Rung, ...]
    next_on: date | None


def look(ladder: Ladder | None, since: date, day: date, *, waits: bool) -> Look:
    """Look on a day at what was due from `since` on. Whatever still waits for somebody is looked at again within a week."""
    rungs = tuple(takewhile(lambda rung: rung.on <= day, ladder.rungs(since))) if ladder else ()
    coming = next(ladder.rungs(day + timedelta(days=1)), None) if ladder else None
    later = coming.on if coming else day + timedelta(days=WEEK) if waits else None
    return Look(rungs[-1] if rungs else None, rungs[:-1], later)


# ---- The ladders


def of_page(due_on: date, ahead_days: int, begins: date) -> Ladder:
    """A public page that must be read again: ahead as its policy says, 30 and 7 days before, on the day, then weekly (CYC-2).

    It begins when the page became public or was reviewed last.
    """
    ahead = {-days: "re_review_ahead" for days in (ahead_days, 30, 7)}
    return Ladder(due_on, begins, {**ahead, 0: "re_review_due"}, "re_review_overdue")


@dataclass(frozen=True)
class SubmissionFacts:
    """What of a submission decides on its reminders; days in the site's zone."""

    state: str
    submitted_on: date
    decided_on: date | None = None
    evidence_days: int | None = None  # of a re-review that was opened because the evidence changed
    is_outstanding: bool = False  # a review was asked for, or accepted, and is not signed
    signed_on: date | None = None  # the day of the last signed review
    is_answered: bool = False  # newer words were submitted since, or can be no more
    page: Ladder | None = None  # that of the page which a re-review is about


CHANGES_ON = (30, 60, 90, 180)


def of_submission(facts: SubmissionFacts) -> Ladder | None:
    """The one ladder of a submission: its deadline, its wait for reviewers, for a decision, or for the author; None where nobody is late."""
    begins = facts.submitted_on
    if facts.state == "changes_requested" and facts.decided_on is not None and not facts.is_answered:
        return Ladder(facts.decided_on, facts.decided_on, dict.fromkeys(CHANGES_ON, "changes_waiting"))
    if facts.state not in {"submitted", "under_review"}:
        return None
    if facts.evidence_days is not None:
        deadline = begins + timedelta(days=facts.evidence_days)
        return Ladder(deadline, begins, dict.fromkeys((-7, -2, 0), "evidence_due"), "evidence_due")
    if facts.state == "submitted":
        return Ladder(begins, begins, weekly="submission_waiting")
    if facts.is_outstanding or facts.signed_on is None:
        return None
    return Ladder(facts.signed_on, facts.signed_on, weekly="decision_due", avoids=facts.page)


def submission_waits(facts: SubmissionFacts, day: date) -> bool:
    """Whether somebody still has something to do with it: the board, or the author as long as they are reminded."""
    if facts.state == "changes_requested":
        return not facts.is_answered and facts.decided_on is not None and day <= facts.decided_on + timedelta(days=CHANGES_ON[-1])
    return facts.state in {"submitted", "under_review"}


def of_review(state: str, answer_by: date, due_on: date, begins: date) -> Ladder | None:
    """A review: while nobody has answered the invitation, and from the answer until it is signed."""
    if state == "assigned":
        return Ladder(answer_by, begins, dict.fromkeys((-2, 0), "invitation_waiting"), "invitation_waiting")
    if state == "accepted":
        return Ladder(due_on, begins, dict.fromkeys((-7, -2, 0), "review_due"), "review_overdue")
    return None
