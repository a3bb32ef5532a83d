"""What every act on a reader's question shares: the row under lock, its end, what its reader is told, and its erasure."""

from typing import Any

from editorial.models import ReaderQuestion
from records import clock, links
from records.errors import NotReady
from records.models import AccessLink, User, record
from records.post import post

State, Reason = ReaderQuestion.State, ReaderQuestion.Reason
# What the reader is told of each end; of a form without a question in it, and of what they erased themselves, nothing.
TOLD = {State.ANSWERED: "question_answered", State.RE_REVIEW: "question_taken_up", State.DECLINED: "question_declined"}
UNTOLD = frozenset({Reason.EMPTY, Reason.ERASED})


def hold(question: ReaderQuestion) -> ReaderQuestion:
    """The question as it stands now, locked."""
    return ReaderQuestion.objects.select_for_update(of=("self",)).select_related("version").get(pk=question.pk)


def refuse_closed(question: ReaderQuestion) -> None:
    """NotReady, naming what became of it, where nobody has anything to do any more."""
    if not question.is_open:
        raise NotReady(f"This is dealt with already: {question.get_state_display().lower()}.")


def move(question: ReaderQuestion, state: str, *, by: User, act: str, detail: dict[str, Any] | None = None, **facts: Any) -> ReaderQuestion:
    """Take a held question to another state, put that on record by ids alone, and tell its reader where it ends."""
    before, question.state = question.state, state
    if not question.is_open:
        facts |= {"closed_at": clock.now(), "closed_by": by}
    for name, value in facts.items():
        setattr(question, name, value)
    question.save(update_fields=["state", *facts])
    record(question, act, by=by, before=before, detail=detail)
    tell(question)
    return question


def tell(question: ReaderQuestion) -> None:
    """Post what became of it, to a reader who left an address and confirmed it; to nobody else, and not before there is something to tell."""
    kind = TOLD.get(State(question.state))
    if kind is not None and question.can_be_written_to and question.reason not in UNTOLD:
        post(kind, question)


def erase(question: ReaderQuestion, *, by: User, act: str) -> ReaderQuestion:
    """Take words and address out of a held question for good; one that waited is closed with that. State, dates and articles stay."""
    if question.erased_at is not None:
        raise NotReady("This was erased already.")
    links.revoke(*AccessLink.objects.unspent().to(question), by=by)
    question.text, question.email, question.erased_at = "", "", clock.now()
    question.save(update_fields=["text", "email", "erased_at"])
    if question.state == State.WAITING:
        return move(question, State.DECLINED, by=by, act=act, reason=Reason.ERASED)
    record(question, act, by=by, before=question.state)
    return question
