"""Who is told of something, as people stand at the moment of sending: never anybody who may not read the article then.

Each function asks anew. Whoever lost a role, left the board, was taken off the byline or cannot sign in is not in the answer.
"""

from uuid import UUID

from django.db.models import Q, QuerySet

from articles.models import Article
from records import clock
from records.models import Person, User
from reviews import matching, policies
from reviews.models import ReviewAssignment, Submission

State = ReviewAssignment.State


def with_permissions(*permissions: str) -> list[User]:
    """The active people of staff who hold every one of these permissions through roles."""
    found = User.objects.filter(is_active=True, is_staff=True)
    for permission in permissions:
        app, codename = permission.split(".")
        held = Q(groups__permissions__codename=codename, groups__permissions__content_type__app_label=app)
        found = found.filter(pk__in=User.objects.filter(held).order_by().values("pk"))
    return list(found)


def editors() -> list[User]:
    """Those who choose reviewers and decide, and may read every submission."""
    return with_permissions("reviews.assign_reviewer", "reviews.view_submission")


def is_editor(user: User) -> bool:
    """Whether this person works on submissions as an editor: one of `editors`, asked of one."""
    return user.is_staff and user.has_perm("reviews.assign_reviewer") and user.has_perm("reviews.view_submission")


def administrators() -> list[User]:
    """Those who keep the accounts, and may read every submission."""
    return with_permissions("records.change_user", "reviews.view_submission")


def authors(article: Article | UUID) -> list[User]:
    """The authors of the article who can sign in."""
    written = Q(person__authorships__article=article, person__authorships__role="author")
    return list(User.objects.filter(written, is_active=True).distinct())


def writers() -> "QuerySet[Person]":
    """The people with a printed name whose account may write articles, by name."""
    may_write = Q(groups__permissions__codename="add_article", groups__permissions__content_type__app_label="articles")
    accounts = User.objects.filter(may_write, is_active=True).order_by().values("pk")
    return Person.objects.filter(user__in=accounts).order_by("name", "pk")


def reviewer(assignment: ReviewAssignment) -> list[User]:
    """The board member who was asked, as long as they may review this; nobody else, and nobody once it was declined or cancelled."""
    user = assignment.member.person.user
    return [user] if user is not None and policies.can_review(user, assignment) else []


def outstanding(submission: Submission) -> list[tuple[User, ReviewAssignment]]:
    """The reviewers from whom something is still to come, each with what was assigned to them."""
    waiting = submission.assignments.unsigned().select_related("submission__version", "member__person__user")
    return [(user, assignment) for assignment in waiting for user in reviewer(assignment)]


def who_reviewed(submission: Submission) -> list[User]:
    """Those whose review of this was accepted or signed and stands."""
    stands = submission.assignments.filter(state__in=[State.ACCEPTED, State.COMPLETED]).select_related("submission__version", "member__person__user")
    return [user for assignment in stands for user in reviewer(assignment)]


def alternate(assignment: ReviewAssignment) -> list[User]:
    """The reviewer's alternate, if an editor could ask them now: on the board, no hand in the text, no tie, not asked yet."""
    member = assignment.member.alternate
    if member is None:
        return []
    found = matching.candidate(assignment.submission, member, clock.today())
    user = found.member.person.user
    return [user] if user is not None and found.can_be_chosen and user.is_staff and user.has_perm("reviews.review") else []
