"""What a reader does: put a question or report before the editors, confirm an address, erase it all. Nobody is signed in; a form or a link is all there is.

What they wrote goes into the row of their question and nowhere else: not into the record, the queue or a log.
"""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db import transaction

from editorial import limiting, questions
from editorial.models import Publication, ReaderQuestion
from editorial.signed_forms import MOST_CHARACTERS
from records import clock, links
from records.errors import NotReady
from records.models import AccessLink, record, system_user
from records.post import post, post_for

Kind = ReaderQuestion.Kind


@transaction.atomic
def ask(*, key: UUID, kind: str, text: str, sender: str, email: str = "", publication: Publication | None = None) -> ReaderQuestion:
    """Put what a reader wrote before the editors, with the version that they had before them. The same key again changes nothing.

    TooOften where `sender`, an IP address, or all senders together sent too much. An address is asked by mail whether it is theirs,
    and is used for nothing else before.
    """
    text, email = text.replace("\0", " ").strip(), email.strip()
    _check(kind, text, email)
    version = publication.submission.version if publication is not None else None
    question, is_new = ReaderQuestion.objects.get_or_create(pk=key, defaults={"kind": kind, "text": text, "version": version})
    if not is_new:
        return question
    limiting.take(sender)
    record(question, "ask_editors", by=system_user(), detail={"kind": kind})
    if email and limiting.may_mail(email):
        _ask_to_confirm(question, email)
    if publication is not None and question.is_report:
        post_for("report_received", publication, clock.today())
    return question


def _check(kind: str, text: str, email: str) -> None:
    if kind not in Kind.values:
        raise NotReady("This is neither a question nor a report.")
    if not text or len(text) > MOST_CHARACTERS:
        raise NotReady(f"Write something, in {MOST_CHARACTERS:,} characters at most.")
    try:
        if email:
            validate_email(email)
    except ValidationError:
        raise NotReady("This is no e-mail address. Correct it, or leave it out.") from None


def _ask_to_confirm(question: ReaderQuestion, email: str) -> None:
    question.email = email
    question.save(update_fields=["email"])
    links.make(question, by=system_user(), until=clock.now() + timedelta(days=settings.READER_CONFIRM_DAYS))
    post("question_confirm", question)


@transaction.atomic
def confirm_address(link: AccessLink) -> ReaderQuestion:
    """Confirm, once, that an address is its reader's own. What became of the question meanwhile is told them then."""
    question = questions.hold(ReaderQuestion(pk=link.object_id))
    if not links.exchange(link):
        raise PermissionDenied("This link opens nothing any more.")
    question.confirmed_at = clock.now()
    question.save(update_fields=["confirmed_at"])
    record(question, "confirm_address", by=system_user(), before=question.state)
    questions.tell(question)
    return question


@transaction.atomic
def erase_own(question: ReaderQuestion) -> ReaderQuestion:
    """Erase what a reader wrote and their address, by the link that was mailed to them."""
    return questions.erase(questions.hold(question), by=system_user(), act="erase_own_question")
