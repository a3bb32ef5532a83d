"""Every mail's people and words, composed when it is sent: who is asked what and by when, the facts, one link, why.

A mail carries title and link, never draft text, comments or a sign-in link. Words of people are only ever values.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format

from editorial.models import Publication
from records.models import User
from records.post import Message, composes
from reviews.models import ReviewAssignment, Submission

WHY_AUTHOR = "You get this because you are an author of this article."
WHY_REVIEWER = "You get this because you are a member of the advisory board."
WHY_EDITOR = "You get this because you are an editor."


@dataclass(frozen=True)
class Mail:
    """One mail before it is laid out: people, subject, what is asked, facts, the page it leads to, and why it comes."""

    to: Iterable[User]
    subject: str
    lead: str
    path: str
    why: str
    facts: list[tuple[str, str]] = field(default_factory=list)


Writer = Callable[[Any], Iterable[Mail]]


def _messages(mails: Iterable[Mail]) -> Iterable[Message]:
    for mail in mails:
        context = {"mail": mail, "link": f"{settings.SITE_URL}{mail.path}", "site_name": settings.SITE_NAME}
        text, html = render_to_string("email/message.txt", context), render_to_string("email/message.html", context)
        for user in mail.to:
            yield Message(user, mail.subject, text, html)


def _writes(kind: str, model: type[Any], *related: str) -> Callable[[Writer], Writer]:
    """Enter the writer of one kind of mail about one kind of row, read when it is sent."""

    def enter(writer: Writer) -> Writer:
        def compose(object_type: str, object_id: UUID) -> Iterable[Message]:
            return _messages(writer(model.objects.select_related(*related).get(pk=object_id)))

        composes(kind)(compose)
        return writer

    return enter


# ---- People, as they are at that moment


def with_permission(permission: str) -> list[User]:
    """The active people of staff who hold a permission through a role."""
    app, codename = permission.split(".")
    held = Q(groups__permissions__codename=codename, groups__permissions__content_type__app_label=app)
    return list(User.objects.filter(held, is_active=True, is_staff=True).distinct())


def editors() -> list[User]:
    """Those who choose reviewers and decide."""
    return with_permission("reviews.assign_reviewer")


def authors(submission: Submission) -> list[User]:
    """The authors of the article who can sign in."""
    people = Q(person__authorships__article=submission.article_id, person__authorships__role="author")
    return list(User.objects.filter(people, is_active=True).distinct())


def _reviewer(assignment: ReviewAssignment) -> list[User]:
    user = assignment.member.person.user
    return [user] if user is not None and user.is_active else []


def _day(day: date) -> str:
    return date_format(day, "j F Y")


# ---- Submissions

_OF_SUBMISSION = ("version", "article", "policy")


def _about(submission: Submission) -> str:
    return f"{submission.version.title}, version {submission.version.number}"


def _to_desk(submission: Submission) -> str:
    return reverse("desk:submission", args=[submission.pk])


def _to_workspace(submission: Submission) -> str:
    return reverse("workspace:submission", args=[submission.article_id, submission.pk])


def _submission_facts(submission: Submission) -> list[tuple[str, str]]:
    return [("Article", submission.version.title), ("Version", str(submission.version.number)), ("Kind", submission.get_kind_display())]


@_writes("submitted", Submission, *_OF_SUBMISSION)
def submitted(submission: Submission) -> Iterable[Mail]:
    """Editors are told that a version waits for reviewers."""
    lead = "A version was submitted and waits for you to choose reviewers."
    yield Mail(editors(), f"Submitted: {_about(submission)}", lead, _to_desk(submission), WHY_EDITOR, _submission_facts(submission))


@_writes("withdrawn", Submission, *_OF_SUBMISSION)
def withdrawn(submission: Submission) -> Iterable[Mail]:
    """Editors are told that nothing more is to be done."""
    lead = "The author withdrew this version. There is nothing more to do."
    yield Mail(editors(), f"Withdrawn: {_about(submission)}", lead, _to_desk(submission), WHY_EDITOR, _submission_facts(submission))


@_writes("changes_requested", Submission, *_OF_SUBMISSION)
def changes_requested(submission: Submission) -> Iterable[Mail]:
    """Authors are asked to answer the comments and submit the next version."""
    lead = "The board asks for changes. Read the note and the comments, answer each, and submit the next version."
    yield Mail(authors(submission), f"Changes requested: {_about(submission)}", lead, _to_workspace(submission), WHY_AUTHOR,
               _submission_facts(submission))  # fmt: skip


@_writes("declined", Submission, *_OF_SUBMISSION)
def declined(submission: Submission) -> Iterable[Mail]:
    """Authors are told; the reason is on the page."""
    lead = "The editors declined this version. The reason is on its page; your draft is kept."
    yield Mail(authors(submission), f"Declined: {_about(submission)}", lead, _to_workspace(submission), WHY_AUTHOR, _submission_facts(submission))


@_writes("overtaken", Submission, *_OF_SUBMISSION)
def overtaken(submission: Submission) -> Iterable[Mail]:
    """Editors are told that a re-review ended because its words are no longer public."""
    lead = "This re-review has ended: its words are no longer the public ones."
    yield Mail(editors(), f"Overtaken: {_about(submission)}", lead, _to_desk(submission), WHY_EDITOR, _submission_facts(submission))


@_writes("approved", Submission, *_OF_SUBMISSION)
def approved(submission: Submission) -> Iterable[Mail]:
    """Authors are told."""
    lead = "The board approved this version. You hear again when it is published."
    yield Mail(authors(submission), f"Approved: {_about(submission)}", lead, _to_workspace(submission), WHY_AUTHOR, _submission_facts(submission))


@_writes("re_review_opened", Submission, *_OF_SUBMISSION)
def re_review_opened(submission: Submission) -> Iterable[Mail]:
    """Editors are asked to choose reviewers for the public words."""
    lead = "A re-review was opened and waits for you to choose reviewers."
    yield Mail(editors(), f"Re-review opened: {_about(submission)}", lead, _to_desk(submission), WHY_EDITOR, _submission_facts(submission))


@_writes("reaffirmed", Submission, *_OF_SUBMISSION)
def reaffirmed(submission: Submission) -> Iterable[Mail]:
    """Authors are told that their words stand."""
    lead = "The board read your article again and reaffirmed it."
    yield Mail(authors(submission), f"Reaffirmed: {_about(submission)}", lead, _to_workspace(submission), WHY_AUTHOR, _submission_facts(submission))


# ---- Reviews

_OF_REVIEW = ("submission__version", "submission__article", "member__person__user")


def _review_facts(assignment: ReviewAssignment) -> list[tuple[str, str]]:
    return [("Article", assignment.submission.version.title), ("Version", str(assignment.submission.version.number)),
            ("Review due", _day(assignment.due_on))]  # fmt: skip


def _to_review(assignment: ReviewAssignment) -> str:
    return reverse("desk:review", args=[assignment.pk])


def _tell_editors(assignment: ReviewAssignment, what: str, lead: str) -> Iterable[Mail]:
    facts = [("Reviewer", assignment.member.person.name), *_review_facts(assignment)]
    yield Mail(editors(), f"{what}: {assignment.submission.version.title}", lead, _to_desk(assignment.submission), WHY_EDITOR, facts)


@_writes("invited", ReviewAssignment, *_OF_REVIEW)
def invited(assignment: ReviewAssignment) -> Iterable[Mail]:
    """The reviewer is asked to accept or decline by a day; an invitation that no longer stands is not sent."""
    if assignment.state != ReviewAssignment.State.ASSIGNED:
        return
    by = _day(assignment.answer_by)
    lead = f"Please say by {by} whether you can review this article. The review is due by {_day(assignment.due_on)}."
    yield Mail(_reviewer(assignment), f"Review invitation: {assignment.submission.version.title} (answer by {by})", lead, _to_review(assignment),
               WHY_REVIEWER, _review_facts(assignment))  # fmt: skip


@_writes("review_accepted", ReviewAssignment, *_OF_REVIEW)
def review_accepted(assignment: ReviewAssignment) -> Iterable[Mail]:
    """Editors are told."""
    return _tell_editors(assignment, "Review accepted", "A reviewer took this on. There is nothing to do before the review is due.")


@_writes("review_declined", ReviewAssignment, *_OF_REVIEW)
def review_declined(assignment: ReviewAssignment) -> Iterable[Mail]:
    """Editors are asked to choose somebody else."""
    return _tell_editors(assignment, "Review declined", "A reviewer cannot review this. Choose somebody else.")


@_writes("review_cancelled", ReviewAssignment, *_OF_REVIEW)
def review_cancelled(assignment: ReviewAssignment) -> Iterable[Mail]:
    """The reviewer is told that nothing is asked of them any more."""
    lead = "You need not review this any more. Thank you for having been ready to."
    yield Mail(_reviewer(assignment), f"Review cancelled: {assignment.submission.version.title}", lead, _to_review(assignment), WHY_REVIEWER,
               _review_facts(assignment))  # fmt: skip


@_writes("interests_unsure", ReviewAssignment, *_OF_REVIEW)
def interests_unsure(assignment: ReviewAssignment) -> Iterable[Mail]:
    """Editors are asked to decide whether a reviewer may sign."""
    return _tell_editors(assignment, "Interests to judge", "A reviewer is unsure about their interests and cannot sign before you decide.")


@_writes("interests_waived", ReviewAssignment, *_OF_REVIEW)
def interests_waived(assignment: ReviewAssignment) -> Iterable[Mail]:
    """The reviewer is told that they may sign."""
    lead = f"An editor decided that your interests are no bar. Your review is due by {_day(assignment.due_on)}."
    yield Mail(_reviewer(assignment), f"You may sign: {assignment.submission.version.title}", lead, _to_review(assignment), WHY_REVIEWER,
               _review_facts(assignment))  # fmt: skip


@_writes("review_signed", ReviewAssignment, *_OF_REVIEW)
def review_signed(assignment: ReviewAssignment) -> Iterable[Mail]:
    """Editors are told that a recommendation is in; which one stands on its page."""
    return _tell_editors(assignment, "Review signed", "A reviewer signed a recommendation.")


@_writes("review_revoked", ReviewAssignment, *_OF_REVIEW)
def review_revoked(assignment: ReviewAssignment) -> Iterable[Mail]:
    """Editors are told that a signature no longer stands."""
    return _tell_editors(assignment, "Review revoked", "A reviewer took their recommendation back; it no longer counts.")


# ---- Publications

_OF_PUBLICATION = ("submission__version", "submission__article", "article")


def _publication_facts(publication: Publication) -> list[tuple[str, str]]:
    return [("Article", publication.submission.version.title), ("Version", str(publication.submission.version.number)),
            ("Next review due", _day(publication.review_due_on))]  # fmt: skip


def _tell_both(publication: Publication, what: str, lead: str) -> Iterable[Mail]:
    """Authors and editors, each with a link to where they work."""
    subject, facts = f"{what}: {publication.submission.version.title}", _publication_facts(publication)
    writers = authors(publication.submission)
    yield Mail(writers, subject, lead, _to_workspace(publication.submission), WHY_AUTHOR, facts)
    told = {user.pk for user in writers}
    yield Mail([user for user in editors() if user.pk not in told], subject, lead, _to_desk(publication.submission), WHY_EDITOR, facts)


@_writes("published", Publication, *_OF_PUBLICATION)
def published(publication: Publication) -> Iterable[Mail]:
    """Authors and editors are told."""
    return _tell_both(publication, "Published", f"Version {publication.submission.version.number} is public.")


@_writes("scheduled", Publication, *_OF_PUBLICATION)
def scheduled(publication: Publication) -> Iterable[Mail]:
    """Authors and editors are told for when."""
    when = date_format(publication.scheduled_for, "j F Y, H:i e") if publication.scheduled_for else "later"
    return _tell_both(publication, "Scheduled", f"Version {publication.submission.version.number} will be public from {when}.")


@_writes("publication_cancelled", Publication, *_OF_PUBLICATION)
def publication_cancelled(publication: Publication) -> Iterable[Mail]:
    """Authors and editors are told that it will not become public then."""
    return _tell_both(publication, "Publication called off", "The scheduled publication was called off. The version stays approved.")


@_writes("withheld", Publication, *_OF_PUBLICATION)
def withheld(publication: Publication) -> Iterable[Mail]:
    """Authors and editors are told that readers see a notice in place of the text."""
    return _tell_both(publication, "Withheld", "An editor withheld this page. Readers see a notice in place of the text.")


@_writes("restored", Publication, *_OF_PUBLICATION)
def restored(publication: Publication) -> Iterable[Mail]:
    """Authors and editors are told that the text is shown again."""
    return _tell_both(publication, "Shown again", "The text is shown again.")


@_writes("retraction_proposed", Publication, *_OF_PUBLICATION)
def retraction_proposed(publication: Publication) -> Iterable[Mail]:
    """The other editors are asked to confirm or to speak against it."""
    others = [user for user in editors() if user.pk != publication.retraction_proposed_by_id]
    lead = "An editor proposes to retract this article. A second editor must confirm; until then nothing changes for readers."
    yield Mail(others, f"Retraction proposed: {publication.submission.version.title}", lead, _to_desk(publication.submission), WHY_EDITOR,
               _publication_facts(publication))  # fmt: skip


@_writes("retracted", Publication, *_OF_PUBLICATION)
def retracted(publication: Publication) -> Iterable[Mail]:
    """Authors and editors are told; its reviewers too (COR-7)."""
    lead = "Two editors retracted this article. Its address stays, with the notice."
    yield from _tell_both(publication, "Retracted", lead)
    reviewers = User.objects.filter(person__board_member__assignments__submission=publication.submission_id, is_active=True).distinct()
    yield Mail(list(reviewers), f"Retracted: {publication.submission.version.title}", lead, reverse("admin:index"), WHY_REVIEWER, _publication_facts(publication))
