"""What passes between reviewer and author: comments on passages, answers, and who closes them. They move no page."""

from django.db import transaction

from articles.models.article import hold_article
from records import clock
from records.errors import NotReady
from records.models import User, record
from reviews import policies
from reviews.holding import hold, refuse_reviewing, refuse_unless, refuse_unopened
from reviews.models import Comment, ReviewAssignment


@transaction.atomic
def comment(
    assignment: ReviewAssignment,
    *,
    by: User,
    text: str,
    kind: str = Comment.Kind.SUGGESTION,
    to: str = Comment.To.AUTHOR,
    audience: str = "",
    block: str = "",
    quote: str = "",
    before: str = "",
    after: str = "",
) -> Comment:
    """Write a comment on a passage (text, block and quoted words) or on the whole; nobody else reads it before one signs."""
    assignment = hold(assignment)
    refuse_reviewing(by, assignment)
    refuse_unopened(assignment)
    _check_comment(text, kind)
    if to not in Comment.To.values:
        raise NotReady("A comment is for the author or for the editor.")
    if audience and audience not in {found.audience for found in assignment.submission.version.texts.all()}:
        raise NotReady("This version has no such text.")
    return Comment.objects.create(
        assignment=assignment, to=to, kind=kind, text=text.strip(), audience=audience,
        block=block[:40], quote=quote[:2000], before=before[-80:], after=after[:80],
    )  # fmt: skip


def _check_comment(text: str, kind: str) -> None:
    if not text.strip():
        raise NotReady("Write what you want to say.")
    if kind not in Comment.Kind.values:
        raise NotReady("A comment is a must fix, a suggestion or a question.")


def _hold_unsent(found: Comment, by: User) -> Comment:
    assignment = hold(found.assignment)
    refuse_reviewing(by, assignment)
    found = Comment.objects.select_related("assignment").get(pk=found.pk)
    if found.sent_at is not None:
        raise NotReady("This comment was sent with your signature and stays as it is.")
    return found


@transaction.atomic
def edit_comment(found: Comment, *, by: User, text: str, kind: str) -> Comment:
    """Change a comment of one's own that was not sent yet."""
    found = _hold_unsent(found, by)
    _check_comment(text, kind)
    found.text, found.kind = text.strip(), kind
    found.save(update_fields=["text", "kind"])
    return found


@transaction.atomic
def discard_comment(found: Comment, *, by: User) -> Comment:
    """Throw away a note of one's own that nobody else has read; what was sent is never deleted."""
    found = _hold_unsent(found, by)
    found.delete()
    return found


def _hold_sent(found: Comment) -> Comment:
    hold_article(submissions__assignments__comments=found.pk)
    return Comment.objects.select_related("assignment__submission__article", "assignment__submission__version", "assignment__member__person").get(
        pk=found.pk
    )


@transaction.atomic
def answer_comment(found: Comment, *, by: User, answer: str) -> Comment:
    """The author answers a comment that was sent to them; the answer may be bettered until the comment is closed."""
    found = _hold_sent(found)
    refuse_unless(policies.can_answer_comment(by, found), "This comment is not for you to answer.")
    if found.closed_at is not None:
        raise NotReady("This comment is closed.")
    if not answer.strip():
        raise NotReady("Write your answer.")
    found.answer, found.answered_at, found.answered_by = answer.strip(), clock.now(), by
    found.save(update_fields=["answer", "answered_at", "answered_by"])
    record(found, "answer_comment", by=by, before="sent", after="answered")
    return found


@transaction.atomic
def close_comment(found: Comment, *, by: User, reason: str = "") -> Comment:
    """Close a comment that was sent: its reviewer, or an editor, who gives a reason."""
    found = _hold_sent(found)
    refuse_unless(policies.can_close_comment(by, found), "This comment is not yours to close.")
    if found.sent_at is None:
        raise NotReady("This comment was not sent yet.")
    if found.closed_at is not None:
        raise NotReady("This comment is closed already.")
    if not reason.strip() and not policies.is_the_reviewer(by, found.assignment):
        raise NotReady("Say why you close a reviewer's comment.")
    found.closed_at, found.closed_by, found.closed_reason = clock.now(), by, reason.strip()
    found.save(update_fields=["closed_at", "closed_by", "closed_reason"])
    record(found, "close_comment", by=by, before="answered" if found.answer else "sent", after="closed")
    return found
