"""What an author types about the comments on one version: many answers in one form, each of them an act of its own."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import QueryDict

from editorial.workspace.forms import AnswerForm
from records.errors import NotReady
from records.models import User
from reviews import reviewing
from reviews.models import Comment

Typed = dict[UUID, AnswerForm]

ANSWERED = "Somebody saved another answer here after you opened it: “{}”. What stands below replaces it when you save again."
REPLIED = "Somebody replied to this answer after you opened it, so it stays as it is. What stands below is sent as a reply when you save again."


def is_talk(comment: Comment) -> bool:
    """Whether what is said next is a reply: somebody replied to the answer, which stays as it is."""
    return bool(comment.answer and comment.replies.all())


def form_of(comment: Comment, typed: QueryDict | None = None) -> AnswerForm:
    """The field for the answer, which may be bettered; once somebody replied to it, for a reply."""
    form = AnswerForm(typed, prefix=str(comment.pk), initial={"answer": _now(comment)})
    if is_talk(comment):
        form.fields["answer"].label = "Your reply"
        form.fields["answer"].help_text = "It is sent to the others in this thread when you save."
    return form


def changed(comments: Iterable[Comment], typed: QueryDict) -> Typed:
    """The answers that somebody changed since they opened the page, and that are not on record as typed."""
    forms = {comment.pk: form_of(comment, typed) for comment in comments}
    kept = {comment.pk for comment in comments if not is_talk(comment) and _is_same(_words(forms[comment.pk]), comment.answer)}
    return {pk: form for pk, form in forms.items() if form.has_changed() and pk not in kept}


def save(comments: Iterable[Comment], typed: QueryDict, by: User) -> tuple[list[Comment], list[Comment], Typed]:
    """Save what was changed: the answers saved, the replies sent, and with its reasons each field that was refused."""
    waiting = changed(comments, typed)
    answers: list[Comment] = []
    replies: list[Comment] = []
    refused: Typed = {}
    for comment in comments:
        form = waiting.get(comment.pk)
        if form is None:
            continue
        if reason := _moved(comment, form):
            refused[comment.pk] = at_newest(comment, typed, reason)
        elif not form.is_valid() or not _take(comment, form, by):
            refused[comment.pk] = form
        else:
            (replies if is_talk(comment) else answers).append(comment)
    return answers, replies, refused


def _take(comment: Comment, form: AnswerForm, by: User) -> bool:
    """Answer or reply; a refusal stands at its field."""
    words = form.cleaned_data["answer"]
    try:
        if is_talk(comment):
            reviewing.reply_to_comment(comment, by=by, text=words)
        else:
            reviewing.answer_comment(comment, by=by, answer=words)
    except NotReady as error:
        for reason in error.reasons:
            form.add_error("answer", reason)
        return False
    return True


def at_newest(comment: Comment, typed: QueryDict, reason: str = "") -> AnswerForm:
    """The field with what was typed, as changed from what is on record now: saving it again replaces that."""
    data = typed.copy()
    data[f"initial-{comment.pk}-answer"] = _now(comment)
    form = form_of(comment, data)
    if reason:
        form.add_error("answer", reason)
    return form


def saved_words(answers: int, replies: int) -> str:
    """What saving did, in a sentence or two."""
    said = []
    if answers:
        said.append(f"Your {f'{answers} answers are' if answers > 1 else 'answer is'} saved. The reviewers see {'them' if answers > 1 else 'it'} with the next version.")
    if replies:
        said.append(f"Your {f'{replies} replies are' if replies > 1 else 'reply is'} sent. The others in {'these threads' if replies > 1 else 'this thread'} are told.")
    return " ".join(said)


def _moved(comment: Comment, form: AnswerForm) -> str:
    """What somebody else did to this answer since the page was opened; empty for nothing."""
    opened = form.data.get(form.add_initial_prefix("answer"), "")
    if _is_same(opened, _now(comment)):
        return ""
    return REPLIED if is_talk(comment) else ANSWERED.format(comment.answer or "blank")


def _now(comment: Comment) -> str:
    return "" if is_talk(comment) else comment.answer


def _words(form: AnswerForm) -> str:
    return form.data.get(form.add_prefix("answer"), "")


def _is_same(one: Any, other: Any) -> bool:
    """Whether two texts are the same words, however a browser ends its lines."""
    return str(one).split() == str(other).split()
