"""What a notice is: the table's columns. For each kind, when it is posted, whom it tells, what it says to each, and whether it is their duty.

Capital words in a subject or sentence (TITLE, DUE, WHEN) stand for values of the case. They are put in once, in one pass over
words of ours: a value is never read again, so nothing that somebody wrote can stand for anything.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.urls import reverse

from editorial import people
from editorial.wording.cases import Case
from editorial.wording.layout import Mail, message
from records import clock
from records.composers import Message, Outsider, composes, one_line
from records.models import Outbox, User
from records.permits import may

_CAPITALS = re.compile(r"\b[A-Z]{3,}\b")
Test = Callable[[Any], bool]
Told = Iterable[tuple[User | Outsider, str]]


def filled(words: str, values: dict[str, str]) -> str:
    """Words of ours with each capital word replaced by its value, once; KeyError for one that has none."""
    return _CAPITALS.sub(lambda found: values[found[0]], words)


def always(case: Any) -> bool:
    """Without a condition."""
    return True


@dataclass(frozen=True)
class Side:
    """Some of those who may be told: who they are at that moment, each with the page they are led to, and why they are told.

    `untitled` stands in place of the title for people who may know it only where it is public.
    """

    name: str
    told: Callable[[Any], Told]
    why: str
    untitled: str = ""

    def may_see_title(self, case: Case) -> bool:
        """Whether these people may know which article it is."""
        return not self.untitled or case.is_public


@dataclass(frozen=True)
class Tell:
    """One side of a notice: who, in which words, whether it is their duty; `after` so many days, and only `where` a test holds.

    `subject` stands in place of the notice's, where this side is told something else.
    """

    side: Side
    lead: str
    duty: bool = False
    after: int | None = None
    where: Test = always
    only: str = ""
    action: str = "Open the page"
    subject: str = ""

    def counts(self, case: Any) -> bool:
        """Whether this side is told of this case."""
        return (self.after is None or case.late >= self.after) and self.where(case)


@dataclass(frozen=True)
class Notice:
    """One kind of message. It is sent only while `still` holds; `due` is the day that its words and its ladder count from."""

    kind: str
    of: type[Case]
    when: str
    subject: str
    tell: tuple[Tell, ...]
    still: Test = always
    due: Callable[[Any], date | None] | None = None
    by_calendar: bool = False

    def case(self, key: UUID) -> Case:
        """The row as it is now, on this day, or on the later day that a sweep was run for."""
        occurs_on = latest_occurrence(self.kind, key) if self.by_calendar else None
        today = clock.today()
        return self.of(self.of.read(key), max(today, occurs_on or today), occurs_on, self.due)

    def mails(self, case: Case) -> Iterator[Mail]:
        """A mail for each person who is to be told, once, by the first side that names them."""
        if not self.still(case):
            return
        told: set[int | UUID] = set()
        for tell in self.tell:
            if tell.counts(case):
                for user, path in tell.side.told(case):
                    if user.pk not in told:
                        told.add(user.pk)
                        yield self._mail(tell, case, user, path)

    def _mail(self, tell: Tell, case: Case, user: User | Outsider, path: str) -> Mail:
        names_it = tell.side.may_see_title(case)
        values = {name: one_line(words) for name, words in case.values.items()} | ({} if names_it else {"TITLE": tell.side.untitled})
        facts = [*(case.titled_facts if names_it else []), *case.facts]
        words = filled(tell.subject or self.subject, values), filled(tell.lead, values)
        erase = case.erase_path if isinstance(user, Outsider) else ""
        return Mail(user, *words, path, tell.side.why, tell.action, facts, duty=tell.duty, in_inbox=isinstance(user, User), erase=erase)


def latest_occurrence(kind: str, key: UUID) -> date | None:
    """The latest day for which this kind was posted about an object."""
    found: date | None = Outbox.objects.filter(object_id=key, kind=kind).aggregate(day=Max("occurs_on"))["day"]
    return found


NOTICES: dict[str, Notice] = {}


def enter(*notices: Notice) -> None:
    """Put notices into the table, and make the table the composer of their kinds."""
    for notice in notices:
        NOTICES[notice.kind] = notice
        composes(notice.kind)(_composer(notice))


def _composer(notice: Notice) -> Callable[[str, UUID], Iterable[Message]]:
    def compose(object_type: str, object_id: UUID) -> Iterator[Message]:
        yield from map(message, notice.mails(notice.case(object_id)))

    return compose


# ---- Who may be told

WHY_AUTHOR = "You get this because you are an author of this article."
WHY_REVIEWER = "You get this because you were asked to review this as a member of the advisory board."
WHY_ALTERNATE = "You get this because you stand in for a member of the advisory board who does not answer."
WHY_EDITOR = "You get this because you are an editor."
WHY_ADMINISTRATOR = "You get this because you are an administrator."


def _at(users: Iterable[User], page: Callable[[User], str]) -> Told:
    return [(user, page(user)) for user in users]


def _front(user: User) -> str:
    return reverse("admin:index")


def _outstanding(case: Any) -> Told:
    return [(user, reverse("desk:review", args=[assignment.pk])) for user, assignment in case.outstanding]


def _alternates(case: Any) -> Told:
    return [told for _, assignment in case.outstanding for told in _at(people.alternate(assignment), _front)]


def _other_editors(case: Any) -> Told:
    return _at([user for user in people.editors() if user.pk != case.row.retraction_proposed_by_id], case.desk)


def _who_answer(case: Any) -> Told:
    return _at([user for user in people.editors() if may("waive_finding", user, case.row.article)], case.desk)


def _no_longer_asked(case: Any) -> Told:
    user = case.row.member.person.user
    return _at([user] if user is not None and user.is_active and user.is_staff else [], _front)


AUTHORS = Side("Authors", lambda case: _at(people.authors(case.article_id), case.workspace), WHY_AUTHOR)
EDITORS = Side("Editors", lambda case: _at(people.editors(), case.desk), WHY_EDITOR)
WHO_ANSWER = Side("Editors without a hand in the draft", _who_answer, WHY_EDITOR)
OTHER_EDITORS = Side("Other editors", _other_editors, WHY_EDITOR)
ADMINISTRATORS = Side("Administrators", lambda case: _at(people.administrators(), case.desk), WHY_ADMINISTRATOR)
REVIEWER = Side("Reviewer", lambda case: _at(people.reviewer(case.row), case.review), WHY_REVIEWER)
COMMENTER = Side("The reviewer who wrote it", lambda case: _at(case.reviewer, case.review), WHY_REVIEWER)
REVIEWERS = Side("Reviewers who have not signed", _outstanding, WHY_REVIEWER)
WHO_REVIEWED = Side("Its reviewers", lambda case: _at(people.who_reviewed(case.submission), _front), WHY_REVIEWER)
NO_LONGER_ASKED = Side("The reviewer, no longer asked", _no_longer_asked, WHY_REVIEWER, untitled="nothing is asked of you any more")
ALTERNATES = Side("The reviewers' alternates", _alternates, WHY_ALTERNATE, untitled="you are the alternate")
ALTERNATE = Side(
    "The reviewer's alternate", lambda case: _at(people.alternate(case.row), _front), WHY_ALTERNATE, untitled="you are the alternate"
)
