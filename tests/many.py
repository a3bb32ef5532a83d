"""Many submissions before the board at once: light rows, without a text, inserted in bulk with every guard of the database on."""

from datetime import timedelta
from itertools import count
from uuid import uuid4

from articles.models import Article, ArticleVersion, VersionHand
from records import clock
from reviews.models import ReviewAssignment, ReviewPolicy, Submission
from tests.builders import make_type

BATCH = 500
NUMBERS = count(1)
INVITED, ACCEPTED, SIGNED = (), ("accepted",), ("accepted", "completed")
# How the reviews of every seventh submission stand, with the days since each was asked: nobody asked, invited, late to answer,
# accepted, late to sign, one signed and one to come, both signed.
SHAPES = (
    (),
    ((INVITED, 2), (INVITED, 2)),
    ((INVITED, 12), (ACCEPTED, 12)),
    ((ACCEPTED, 18), (ACCEPTED, 18)),
    ((ACCEPTED, 40), (SIGNED, 40)),
    ((SIGNED, 10), (ACCEPTED, 10)),
    ((SIGNED, 15), (SIGNED, 15)),
)


def open_submissions(number, author, editor, members):
    """This many submissions, in every state that a review can be in, with reviewers from `members` in turn."""
    policy = ReviewPolicy.objects.filter(article_type=make_type()).order_by("-number").first()
    made = []
    for begin in range(0, number, BATCH):
        made += _submissions(range(begin, min(begin + BATCH, number)), author, policy)
        _reviews(made[begin:], editor, members, policy)
    return made


def _submissions(places, author, policy):
    now, found = clock.now(), []
    for place in places:
        name = f"Waiting number {next(NUMBERS):05}"
        article = Article(title=name, summary="", funding="None", sponsor="None", article_type=policy.article_type, created_by=author)
        version = ArticleVersion(
            article=article, number=1, title=name, summary="", article_type=policy.article_type, type_name=policy.article_type.name, language="en",
            funding="None", sponsor="None", draft_number=1, frozen_by=author, parts=[], digest=uuid4().hex + uuid4().hex,
        )  # fmt: skip
        asked = SHAPES[place % len(SHAPES)]
        since = now - timedelta(days=asked[0][1] if asked else place % 60, hours=1)
        found.append(
            Submission(version=version, article=article, kind="first", policy=policy, submitted_at=since, submitted_by=author, under_review_at=since if asked else None)
        )
    Article.objects.bulk_create(each.article for each in found)
    ArticleVersion.objects.bulk_create(each.version for each in found)
    VersionHand.objects.bulk_create(VersionHand(version=each.version, kind="author", person=author.person, user=author) for each in found)
    Submission.objects.bulk_create(found)
    return found


def _reviews(submissions, editor, members, policy):
    steps = {}
    for place, submission in enumerate(submissions):
        for seat, (states, days) in enumerate(SHAPES[place % len(SHAPES)]):
            member = members[(place + seat) % len(members)]
            made = assignment(submission, editor, member, policy, days, states)
            steps.setdefault(states, []).append(made)
    ReviewAssignment.objects.bulk_create(each for rows in steps.values() for each in rows)
    for states, rows in steps.items():
        advance(rows, *states)
    Submission.objects.filter(pk__in=[each.pk for each in submissions], under_review_at__isnull=False).update(state="under_review")


def assignment(submission, editor, member, policy, days, states=(), answered=2, signed=5):
    """One review that was asked for some days ago; not saved yet. It was answered and signed so many days later."""
    at = clock.now() - timedelta(days=days)
    return ReviewAssignment(
        submission=submission, member=member, assigned_by=editor, assigned_at=at, answer_by=clock.day(at) + timedelta(days=policy.invitation_days),
        due_on=clock.day(at) + timedelta(days=policy.review_days), answered_at=at + timedelta(days=answered) if states else None,
        completed_at=at + timedelta(days=answered + signed) if "completed" in states else None,
        named_in_public=True if states else None,
    )  # fmt: skip


def advance(rows, *states):
    """Take saved reviews along states that the database allows."""
    for state in states:
        ReviewAssignment.objects.filter(pk__in=[row.pk for row in rows]).update(state=state, ended_reason="Taken back." if state == "cancelled" else "")
