"""People and articles for tests, made by the acts themselves: no state is ever set by hand."""

from contextlib import contextmanager
from datetime import date, timedelta
from itertools import count

from articles import drafting
from articles.drafting import Changes, CitationChange
from articles.models import ArticleType, EvidenceEvent, Reference
from articles.rendering import passages_of
from editorial import evidence_watch, pages, publishing, roles, workflow
from records import clock
from records.models import Affiliation, Person, User, system_user
from reviews import reviewing
from reviews.models import BoardMember, ReviewAssignment, ReviewPolicy, Specialty
from reviews.signing import Signing

PASSWORD = "a-long-enough-passphrase"
NUMBERS = count(1)
PROFESSIONAL = """A trapped nerve is treated with exercise first.[@trial]

## What to try first

Walk every day. Naproxen 250 mg twice a day may help for the time.[@guide; @trial, p. 12]

::: red-flag Go to hospital at once
You cannot pass urine, or cannot feel where you sit.
:::

## What does not help

Bed rest does not help.[@guide]
"""
PLAIN = """Keep moving: most trapped nerves get better by themselves.[@guide]

## What you can do

Walk a little every day.
"""


def fresh(user, ago=timedelta(0)):
    """A proof of who somebody is, given just now or some time ago."""
    return Signing(user, clock.now() - ago)


def make_user(name, *given_roles, email="", superuser=False):
    """Somebody with an account, a printed name and roles; at an institution of their own."""
    email = email or f"{name.lower().replace(' ', '.').replace('.', '')}{next(NUMBERS)}@example.org"
    make = User.objects.create_superuser if superuser else User.objects.create_user
    user = make(email, PASSWORD)
    person = Person.objects.create(name=name, credentials="MD", user=user)
    Affiliation.objects.create(person=person, institution=f"Hospital {person.pk}", since=date(2015, 1, 1))
    return roles.give(user, *given_roles)


def make_member(name, specialty="Neurology", *, medical=True):
    """A member of the advisory board with an account, serving since 2020."""
    user = make_user(name, roles.BOARD)
    field, _ = Specialty.objects.get_or_create(name=specialty, defaults={"slug": specialty.lower().replace(" ", "-"), "is_medical": medical})
    member = BoardMember.objects.create(person=user.person, slug=f"member-{next(NUMBERS)}", since=date(2020, 1, 1), biography="Works.")
    member.specialties.add(field)
    return user


def make_type(key="treatment", approvals=2, **policy):
    """A type of article with a policy of its own."""
    kind, made = ArticleType.objects.get_or_create(key=key, defaults={"name": key.capitalize()})
    if made or policy:
        number = kind.policies.count() + 1
        adopter = User.objects.filter(is_superuser=True).first() or User.objects.create_superuser(f"adopter{next(NUMBERS)}@example.org", PASSWORD)
        policy = {"medical_approvals": min(1, approvals), "interval_months": 12, **policy}
        ReviewPolicy.objects.create(article_type=kind, number=number, approvals=approvals, adopted_by=adopter, **policy)
    return kind


def make_references():
    """Two works: a guideline and a trial."""
    guide, _ = Reference.objects.get_or_create(
        doi="10.1000/guide", defaults={"kind": "guideline", "title": "Guideline on nerves", "source": "Society", "year": 2024, "issuing_body": "Society"}
    )
    trial, _ = Reference.objects.get_or_create(
        pmid="16186783", defaults={"kind": "randomised_trial", "title": "A trial of walking", "source": "J Trials", "year": 2020, "authors": "Doe, Jane"}
    )
    return guide, trial


def make_article(by, *, title="How is a trapped nerve treated?", article_type=None, texts=None, authors=()):
    """A draft that is ready to be submitted: both texts, citations, interests, funding."""
    guide, trial = make_references()
    people = [user.person for user in authors] or [by.person]
    changes = Changes(
        texts=texts or {"professional": PROFESSIONAL, "plain": PLAIN},
        fields={"summary": "What helps and what does not.", "funding": "None", "sponsor": "None"},
        citations=[CitationChange("guide", guide), CitationChange("trial", trial)],
        interests={person.pk: "None declared" for person in people},
    )
    return drafting.create_draft(by=by, title=title, article_type=article_type or make_type(), authors=people, changes=changes)


def submit(article, by):
    """Submit the draft as it stands."""
    article = type(article).objects.get(pk=article.pk)
    return workflow.submit(article, by=by, draft_number=article.draft_number)


def assign(submission, editor, *reviewers):
    """Ask these members of the board."""
    return [workflow.assign(submission, by=editor, member=reviewer.person.board_member) for reviewer in reviewers]


def passage(version, holds="", audience="professional"):
    """Where a comment can be: the first passage that holds these words, and all its words; of none, on the whole text."""
    found = passages_of(version.texts.get(audience=audience).html)
    block, words = next(((block, words) for block, words in found if holds in words), ("", ""))
    return {"audience": audience, "block": block, "quote": (holds or words) if block else ""}


def open_text(assignment, reviewer, *, named=True):
    """Accept and declare no conflict: the text is open."""
    assignment = reviewing.accept(assignment, by=reviewer, named_in_public=named)
    return reviewing.declare(assignment, by=reviewer, digest=assignment.submission.version.digest, conclusion="no_conflict")


def recommend(assignment, reviewer, recommendation="approve", *, named=True):
    """From the invitation to the signature, with every reference, and every question of the policy, answered."""
    assignment = ReviewAssignment.objects.get(pk=assignment.pk)
    if assignment.state == "assigned":
        assignment = open_text(assignment, reviewer, named=named)
    version = assignment.submission.version
    reviewing.answer_references(assignment, by=reviewer, answers={ref.pk: "supports" for ref in version.references.all()})
    if recommendation in {"changes", "reject"}:
        reviewing.comment(assignment, by=reviewer, text="This dose is too high.", kind="must_fix", **passage(version, "250 mg"))
    form = {} if assignment.submission.is_re_review else dict.fromkeys(assignment.submission.policy.questions, "yes")
    return reviewing.recommend(assignment, by=reviewer, signing=fresh(reviewer), digest=version.digest, recommendation=recommendation, form=form)


def approve(submission, editor):
    """Approve a version whose reviews are in."""
    return workflow.approve(submission, by=editor, signing=fresh(editor), digest=submission.version.digest)


def walk_to_approved(article, by, editor, *reviewers):
    """From the draft to an approved version."""
    submission = submit(article, by)
    for assignment, reviewer in zip(assign(submission, editor, *reviewers), reviewers, strict=True):
        recommend(assignment, reviewer)
    return approve(submission, editor)


def walk_to_published(article, by, editor, *reviewers, change_note=""):
    """From the draft to the public page."""
    return publishing.publish(walk_to_approved(article, by, editor, *reviewers), by=editor, change_note=change_note)


def put_under(publication, topic):
    """Put what is public already under a topic, as if it had been published so."""
    publication.topics.add(topic)
    type(publication).objects.filter(pk=publication.pk).update(is_loose=False)
    pages.rebuild(publication.article_id)


def happened(work, kind="retraction", on=None, **more):
    """Something becomes known of a cited work, with all that follows from it."""
    event = EvidenceEvent.objects.create(reference=work, kind=kind, happened_on=on or clock.today(), reported_by="publisher", **more)
    evidence_watch.follow([event], by=system_user())
    return event


def revise(article, by, **texts):
    """Save new words into the draft."""
    article = type(article).objects.get(pk=article.pk)
    return drafting.revise(article, by=by, draft_number=article.draft_number, changes=Changes(texts=texts))


@contextmanager
def queries_counted(connection):
    """The statements that reach the database in the block, control of transactions left out."""
    from django.test.utils import CaptureQueriesContext

    found = []
    with CaptureQueriesContext(connection) as captured:
        yield found
    found += [q["sql"] for q in captured if not q["sql"].startswith(("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT", "ROLLBACK"))]
