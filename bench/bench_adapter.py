"""Imprimatur in the benches: each step as a request of its own would take it, through the functions that the views call."""

import os
from datetime import date
from functools import cache
from uuid import UUID

import bulk
import django
import texts
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from articles.drafting import Changes, CitationChange, create_draft
from articles.models import Article, ArticleType, Reference
from editorial import roles, workflow
from editorial.models import Address
from editorial.workspace import saving
from records.history import bulk_save_as
from records.models import Person, User
from reviews import reviewing
from reviews.models import BoardMember, ReviewAssignment, ReviewPolicy, Specialty, Submission
from reviews.signing import Signing

AUTHOR, REVIEWER, EDITOR = PEOPLE = ("author", "reviewer", "editor")


# With BENCH_FRESH_USERS=1 each step also reads the account and its permissions anew; the kit's other peers do not.
FRESH_USERS = os.environ.get("BENCH_FRESH_USERS") == "1"


def read_user(name):
    """The account, read anew: with nothing of an earlier request."""
    return User.objects.select_related("person__board_member").get(email=f"{name}@example.org")


user = read_user if FRESH_USERS else cache(read_user)


def make_people():
    """An author, a member of the board and an editor. The author is an editor too, to look at every page of the benches."""
    given = {AUTHOR: (roles.AUTHOR, roles.EDITOR), REVIEWER: (roles.BOARD,), EDITOR: (roles.EDITOR,)}
    specialty = Specialty.objects.create(name="General practice", slug="general-practice")
    for name in PEOPLE:
        account = roles.give(User.objects.create_user(f"{name}@example.org"), *given[name])
        person = Person.objects.create(name=f"{name.capitalize()} Bench", credentials="MD", user=account)
        if roles.BOARD in given[name]:
            member = BoardMember.objects.create(person=person, slug=name, since=date(2020, 1, 1))
            member.specialties.add(specialty)


class Adapter:
    """The bench contract."""

    def versions(self):
        """What ran."""
        return {"django": django.__version__, "database": connection.vendor}

    def setup(self):
        """People, roles, and a policy of two approvals, a reviewer's and an editor's; a second time changes nothing."""
        if User.objects.filter(email="author@example.org").exists():
            return
        make_people()
        kind = ArticleType.objects.create(key="treatment", name="Treatment")
        ReviewPolicy.objects.create(article_type=kind, number=1, approvals=1, medical_approvals=1, interval_months=12, adopted_by=user(EDITOR))

    def admin_user(self):
        """The author, who is an editor too."""
        return user(AUTHOR)

    # ---- The whole cycle

    def full_cycle(self, article):
        """From nothing to the public page, by three people. A step knows what a form would send: ids, and the digest on the screen."""
        pk = self.create(article)
        submission, digest, references = self.submit(pk)
        assignment = self.assign(submission)
        self.accept(assignment)
        self.declare(assignment, digest)
        self.recommend(assignment, digest, dict.fromkeys(references, "supports"))
        self.decide(submission, digest)
        return str(pk)

    publish_article = full_cycle

    def create(self, article):
        """The author enters the works that are new in the registry, and begins the draft with them."""
        by = user(AUTHOR)
        with transaction.atomic():
            works = texts.works_of(article)
            known = {work.doi: work for work in Reference.objects.filter(doi__in=[work.doi for work in works]).exclude(doi="")}
            bulk_save_as(new := [work for work in works if work.doi not in known], by=by, reason="Entered")
            known |= {work.doi: work for work in new}
            changes = Changes(
                texts={"professional": texts.source_of(article)},
                fields={"summary": "What helps and what does not.", "funding": "None", "sponsor": "None"},
                citations=[CitationChange(key, known[work.doi]) for key, work in zip(texts.keys_of(article), works, strict=True)],
                interests={by.person.pk: "None declared"},
            )
            kind = ArticleType.objects.get(key="treatment")
            return create_draft(by=by, title=article["title"], article_type=kind, authors=[by.person], changes=changes).pk

    # Every act below reads its row afresh, under the article's lock; what it is given is an id.

    def submit(self, pk):
        """The author submits the save that they looked at."""
        submission = workflow.submit(Article(pk=pk), by=user(AUTHOR), draft_number=1)
        return submission.pk, submission.version.digest, list(submission.version.references.values_list("pk", flat=True))

    def assign(self, pk):
        """The editor chooses the reviewer."""
        return workflow.assign(Submission(pk=pk), by=user(EDITOR), member=user(REVIEWER).person.board_member).pk

    def accept(self, pk):
        """The reviewer takes it on."""
        reviewing.accept(ReviewAssignment(pk=pk), by=user(REVIEWER), named_in_public=True)

    def declare(self, pk, digest):
        """The reviewer declares their interests and opens the text."""
        reviewing.declare(ReviewAssignment(pk=pk), by=user(REVIEWER), digest=digest, conclusion="no_conflict")

    def recommend(self, pk, digest, answers):
        """The reviewer answers for every reference and signs."""
        by = user(REVIEWER)
        signing = Signing(by, timezone.now())
        reviewing.recommend(ReviewAssignment(pk=pk), by=by, signing=signing, digest=digest, recommendation="approve", answers=answers)

    def decide(self, pk, digest):
        """The editor approves and publishes in one act."""
        by = user(EDITOR)
        workflow.decide(Submission(pk=pk), by=by, signing=Signing(by, timezone.now()), digest=digest, publish_now=True)

    # ---- Pages

    def public_path(self, handle):
        """The current page."""
        return Address.objects.get(article=UUID(handle), is_current=True).path

    def edit(self, handle, article):
        """The author saves the text, opened at the save before."""
        by, found = user(AUTHOR), Article.objects.written_by(user(AUTHOR)).get(pk=UUID(handle))
        saved = saving.save_text(found, "professional", texts.source_of(article), by=by, opened_at=found.draft_number)
        assert isinstance(saved, Article)

    def history_path(self, handle):
        """The saves of the draft."""
        return reverse("workspace:history", args=[handle])

    def compare_path(self, handle):
        """The first save against the last."""
        last = Article.objects.values_list("draft_number", flat=True).get(pk=UUID(handle))
        return reverse("workspace:compare", args=[handle]) + f"?from=1&to={last}"

    # ---- Many articles

    def bulk_seed(self, start, n, revisions):
        """Articles number start … start + n - 1, published, in a few statements for hundreds of them."""
        people = {name: user(name) for name in PEOPLE}
        for first in range(start, start + n, bulk.BATCH):
            bulk.seed(range(first, min(first + bulk.BATCH, start + n)), revisions, people)

    def bulk_public_path(self, k):
        """The page of a seeded article."""
        return f"/articles/seeded-{k}/"

    def listing_path(self):
        """The desk's list of what is public."""
        return reverse("desk:publications")

    def due_path(self):
        """The desk's calendar of re-reviews."""
        return reverse("desk:calendar")


