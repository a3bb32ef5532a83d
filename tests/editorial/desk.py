"""What the tests of the desk share: signing in, and the addresses of what stands before the board."""

from django.urls import reverse

from tests.builders import PASSWORD


def seen_by(client, user):
    """A client on which somebody is signed in since long ago: no proof that is fresh."""
    client.force_login(user)
    return client


def signed_in(client, user):
    """A client on which somebody has just given their password."""
    answer = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content
    return client


def of(submission, user):
    """The review of one submission by one person."""
    return submission.assignments.get(member__person__user=user)


def submission_urls(submission):
    """Every editor's address of a submission: name → address."""
    names = ("submission", "read", "compare", "assign", "accept_finding", "request_changes", "decline_submission", "decide", "publish")
    return {name: reverse(f"desk:{name}", args=[submission.pk]) for name in names}


def publication_urls(publication):
    """Every address of a publication: name → address."""
    names = ("publication", "withhold", "restore", "propose_retraction", "cancel_publication", "change_address", "open_re_review", "bring_forward")
    return {name: reverse(f"desk:{name}", args=[publication.pk]) for name in names}


def re_review_urls(submission):
    """What an editor makes of a re-review: name → address."""
    return {name: reverse(f"desk:{name}", args=[submission.pk]) for name in ("submission", "reaffirm", "advise_retraction", "request_changes")}


LISTS = (
    "desk:submissions", "desk:publications", "desk:calendar", "desk:forecast", "desk:quick_signatures", "desk:schedule", "desk:records",
)  # fmt: skip
