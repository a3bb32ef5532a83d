"""What passes between reviewer and author: comments on passages, answers, and who closes them. They move no page."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from articles import checks, drafting
from articles.drafting import Changes
from articles.models import Article, ArticleVersion, VersionText
from articles.models.article import hold_article
from articles.rendering import passages_of
from records import clock
from records.errors import NotReady, StaleRecord, refuse_unless
from records.models import User, record
from records.post import post
from reviews import anchors, policies
from reviews.anchors import Anchor
from reviews.holding import hold, refuse_reviewing, refuse_unopened
from reviews.models import Comment, Reply, ReviewAssignment, Submission
from reviews.suggestions import ByHand, Changed, put_in_place

BY_HAND = "Take the words over by hand."


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
    replacement: str = "",
) -> Comment:
    """Write a comment on a passage (text, block and quoted words) or on the whole; nobody else reads it before one signs.

    The words have to stand in that passage of this version, in one place: `before` and `after` tell it from others. A
    suggestion to the author may bring words to stand there instead.
    """
    assignment = hold(assignment)
    refuse_reviewing(by, assignment)
    refuse_unopened(assignment)
    _check_comment(text, kind)
    if to not in Comment.To.values:
        raise NotReady("A comment is for the author or for the editor.")
    about = _about(assignment.submission.version, audience, Anchor(block, quote, before, after))
    _check_replacement(replacement, kind, to, about.block)
    return Comment.objects.create(
        assignment=assignment, to=to, kind=kind, text=text.strip(), audience=audience, replacement=anchors.tidy(replacement),
        block=about.block, quote=about.quote, before=about.before, after=about.after,
    )  # fmt: skip


def _about(version: ArticleVersion, audience: str, about: Anchor) -> Anchor:
    """The words that a comment is about, as they stand in a text of the version; without a passage, its only place is sought."""
    text = version.texts.filter(audience=audience).first()
    if text is None and (audience or about.block or about.quote):
        raise NotReady("This version has no such text.")
    if text is None or not (about.block or about.quote):
        return Anchor("")
    words = words_of(text)
    try:
        return anchors.anchor(words, [about.block] if about.block else words.blocks, about.quote, about.before, about.after)
    except anchors.Unclear as unclear:
        raise NotReady(str(unclear)) from None


def words_of(text: VersionText) -> anchors.Text:
    """The passages of a frozen text."""
    return anchors.Text(passages_of(text.html))


def _check_comment(text: str, kind: str) -> None:
    if not text.strip():
        raise NotReady("Write what you want to say.")
    if kind not in Comment.Kind.values:
        raise NotReady("A comment is a must fix, a suggestion or a question.")


def _check_replacement(replacement: str, kind: str, to: str, block: str) -> None:
    if replacement.strip() and not (kind == Comment.Kind.SUGGESTION and to == Comment.To.AUTHOR and block):
        raise NotReady("Words to take over go with a suggestion to the author about a passage.")


def _hold_unsent(found: Comment, by: User) -> Comment:
    assignment = hold(found.assignment)
    refuse_reviewing(by, assignment)
    found = Comment.objects.select_related("assignment").get(pk=found.pk)
    if found.sent_at is not None:
        raise NotReady("This comment was sent with your signature and stays as it is.")
    return found


@transaction.atomic
def edit_comment(found: Comment, *, by: User, text: str, kind: str, replacement: str = "") -> Comment:
    """Change a comment of one's own that was not sent yet; the words that it is about stay."""
    found = _hold_unsent(found, by)
    _check_comment(text, kind)
    _check_replacement(replacement, kind, found.to, found.block)
    found.text, found.kind, found.replacement = text.strip(), kind, anchors.tidy(replacement)
    found.save(update_fields=["text", "kind", "replacement"])
    return found


@transaction.atomic
def discard_comment(found: Comment, *, by: User) -> Comment:
    """Throw away a note of one's own that nobody else has read; what was sent is never deleted."""
    found = _hold_unsent(found, by)
    found.delete()
    return found


# ---- The thread, once it was sent


def _hold_sent(found: Comment) -> Comment:
    hold_article(submissions__assignments__comments=found.pk)
    return Comment.objects.select_related("assignment__submission__article", "assignment__submission__version", "assignment__member__person").get(
        pk=found.pk
    )


def _need_open(found: Comment) -> None:
    if found.sent_at is None:
        raise NotReady("This comment was not sent yet.")
    if found.closed_at is not None:
        raise NotReady("This comment is closed.")


@transaction.atomic
def answer_comment(found: Comment, *, by: User, answer: str) -> Comment:
    """The author answers a comment that was sent to them; until somebody replies or closes it, the answer may be bettered."""
    found = _hold_sent(found)
    refuse_unless(policies.can_answer_comment(by, found), "This comment is not for you to answer.")
    _need_open(found)
    if found.answer and found.replies.exists():
        raise NotReady("Somebody replied to your answer, so it stays as it is. Reply to them.")
    if not answer.strip():
        raise NotReady("Write your answer.")
    before = _state(found)
    _answered(found, by, answer.strip())
    record(found, "answer_comment", by=by, before=before, after="answered")
    return found


def _answered(found: Comment, by: User, answer: str) -> None:
    found.answer, found.answered_at, found.answered_by = answer, clock.now(), by
    found.save(update_fields=["answer", "answered_at", "answered_by", "taken_at"])


@transaction.atomic
def take_suggestion(found: Comment, *, by: User, draft_number: int) -> Comment:
    """Save the draft with the suggested words in place of the quoted ones; the hand is the author's.

    StaleRecord where the draft was saved since `draft_number`, or where the passage has changed; NotReady where the words
    have to be taken over by hand.
    """
    found = _hold_sent(found)
    refuse_unless(policies.can_take_suggestion(by, found), "This suggestion is not for you to take.")
    _need_open(found)
    if not found.replacement or found.taken_at is not None:
        raise NotReady("This suggestion was taken already." if found.taken_at else "This comment suggests no words.")
    article = Article.objects.get(pk=found.assignment.submission.article_id)
    changes = Changes(texts={found.audience: _with_suggestion(article, found)})
    drafting.revise(article, by=by, draft_number=draft_number, changes=changes, reason="Suggestion taken")
    before, found.taken_at = _state(found), clock.now()
    _answered(found, by, found.answer or "Taken: the suggested words stand in the draft.")
    record(found, "take_suggestion", by=by, before=before, after="answered")
    return found


def _with_suggestion(article: Article, found: Comment) -> str:
    """The source of the draft with the suggestion in it."""
    source = article.texts.filter(audience=found.audience).values_list("source", flat=True).first() or ""
    was = words_of(found.assignment.submission.version.texts.get(audience=found.audience))
    try:
        return put_in_place(source, checks.read_draft(article).citations.keys(), anchor_of(found), was, found.replacement)
    except Changed as reason:
        raise StaleRecord(f"{reason} {BY_HAND}") from None
    except ByHand as reason:
        raise NotReady(f"{reason} {BY_HAND}") from None


def anchor_of(found: Comment) -> Anchor:
    """Which words of its version a comment is about."""
    return Anchor(found.block, found.quote, found.before, found.after)


@transaction.atomic
def reply_to_comment(found: Comment, *, by: User, text: str) -> Reply:
    """Say something in the thread of an open comment, as its reviewer, as an author or as an editor; the others are told."""
    found = _hold_sent(found)
    side = policies.side_in(by, found)
    if side is None:
        raise PermissionDenied("This comment is not yours to reply to.")
    _need_open(found)
    if not text.strip():
        raise NotReady("Write your reply.")
    last = found.replies.order_by("-written_at", "-pk").first()
    if last is not None and (last.by_id, last.text) == (by.pk, text.strip()):
        raise NotReady("You have said this already.")
    made: Reply = Reply.objects.create(comment=found, side=side, by=by, text=text.strip())
    record(found, "reply_to_comment", by=by, before=_state(found), after=_state(found), detail={"side": side})
    post("comment_replied", found)
    return made


def _state(found: Comment) -> str:
    return "closed" if found.closed_at else "answered" if found.answer else "sent"


@transaction.atomic
def close_comment(found: Comment, *, by: User, reason: str = "") -> Comment:
    """Close a comment that was sent: its reviewer, or an editor, who gives a reason."""
    found = _hold_sent(found)
    refuse_unless(policies.can_close_comment(by, found), "This comment is not yours to close.")
    if found.closed_at is not None:
        raise NotReady("This comment is closed already.")
    _need_open(found)
    is_own = policies.side_in(by, found) == Reply.Side.REVIEWER
    if not reason.strip() and not is_own:
        raise NotReady("Say why you close a reviewer's comment.")
    before = _state(found)
    found.closed_at, found.closed_by, found.closed_reason = clock.now(), by, reason.strip()
    found.save(update_fields=["closed_at", "closed_by", "closed_reason"])
    record(found, "close_comment", by=by, before=before, after="closed", note=reason.strip())
    if not is_own:
        post("comment_closed", found)
    return found


@transaction.atomic
def reopen_comment(found: Comment, *, by: User, reason: str) -> Comment:
    """Open a closed comment again, with a reason, as long as no version was approved since it was sent."""
    found = _hold_sent(found)
    refuse_unless(policies.can_reopen_comment(by, found), "This comment is not yours to reopen.")
    if found.closed_at is None:
        raise NotReady("This comment is not closed.")
    if Submission.objects.settling(found.assignment.submission).filter(decided_at__gt=found.sent_at).exists():
        raise NotReady("A version was approved since. Say it in the next review.")
    if not reason.strip():
        raise NotReady("Say why it is open again.")
    found.closed_at, found.closed_by, found.closed_reason = None, None, ""
    found.save(update_fields=["closed_at", "closed_by", "closed_reason"])
    record(found, "reopen_comment", by=by, before="closed", after=_state(found), note=reason.strip())
    post("comment_reopened", found)
    return found
