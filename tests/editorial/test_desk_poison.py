"""C1: hostile text in every field that people type runs nowhere on the desk."""

from html.parser import HTMLParser

import pytest
from django.urls import reverse

from articles.models import EvidenceEvent, Reference
from editorial import publishing, workflow
from records.models import Affiliation
from reviews import reviewing
from tests import builders
from tests.editorial.desk import LISTS, of, publication_urls, re_review_urls, seen_by, submission_urls

POISON = "\"'><script>poison()</script><img src=x onerror=poison()><svg onload=poison()><a href=javascript:poison()>x</a>{{ 7|add:1 }}{% now %}"


class Dangers(HTMLParser):
    """What a page would run: inline scripts, handlers, script addresses, styles, foreign elements."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag == "script" and not (values.get("src") or "").startswith(("/static/", "/admin/jsi18n")):
            self.found.append(f"script {values}")
        if tag in {"iframe", "object", "embed", "base", "style"} or (tag == "img" and values.get("src") == "x"):
            self.found.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name == "style" or (value or "").strip().lower().startswith(("javascript:", "data:")):
                self.found.append(f"{tag} {name}={value}")


def dangers(html):
    found = Dangers()
    found.feed(html)
    return found.found


def test_the_search_for_dangers_finds_what_is_planted():
    assert len(dangers(POISON)) >= 3


@pytest.fixture
def poisoned(author, editor, reviewer, reviewer2):
    """An article with hostile text in all that people type, public once and before the board again, with comments both ways."""
    author.person.name, author.person.credentials = f"Writer {POISON}"[:150], POISON[:150]
    author.person.save()
    for user in (reviewer, reviewer2, editor):
        user.person.name = f"{user.person.name} {POISON}"[:200]
        user.person.save()
    Affiliation.objects.create(person=author.person, institution=POISON[:200], since="2020-01-01")
    text = f"{POISON}[@guide]\n\n## {POISON}\n\n{POISON}[@trial]\n"

    builders.make_references()
    Reference.objects.update(title=POISON, source=POISON, authors=POISON)
    article = builders.make_article(author, title=POISON, texts={"professional": text, "plain": POISON + "[@guide]"})
    publication = builders.walk_to_published(article, author, editor, reviewer, reviewer2, change_note=POISON)
    builders.revise(article, author, professional=text + f"\n\nMore {POISON}\n")
    submission = builders.submit(article, author)
    for assignment, user in zip(builders.assign(submission, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
        assignment = reviewing.accept(assignment, by=user, named_in_public=True)
        digest = submission.version.digest
        reviewing.declare(assignment, by=user, digest=digest, conclusion="unsure", kinds=["financial"], words=POISON)
        workflow.waive_unsure(assignment, by=editor, reason=POISON)
        where = builders.passage(submission.version)
        reviewing.comment(assignment, by=user, text=POISON, kind="must_fix", before=POISON, after=POISON, **where)
        reviewing.comment(assignment, by=user, text=POISON, to="editor", **where)
    theirs = of(submission, reviewer2)
    reviewing.recommend(theirs, by=reviewer2, signing=builders.fresh(reviewer2), digest=digest, recommendation="changes", note=POISON)
    workflow.set_aside(theirs, by=editor, reason=POISON)
    [asked] = builders.assign(submission, editor, builders.make_member("Tess Third"))
    workflow.record_conflict(asked, by=editor, words=POISON)
    publishing.withhold(publication, by=editor, reason=POISON)
    return publication, submission


def test_c1_hostile_text_runs_nowhere_on_the_desk(client, superuser, editor, editor2, reviewer, reviewer2, poisoned):
    publication, submission = poisoned
    theirs = of(submission, reviewer2)
    sent = theirs.comments.filter(to="author").get()
    publishing.propose_retraction(publication, by=editor2, signing=builders.fresh(editor2), notice=POISON, reason="serious_error")
    pages = {
        editor: [
            *submission_urls(submission).values(), *publication_urls(publication).values(), *map(reverse, LISTS), reverse("admin:index"),
            reverse("desk:confirm_retraction", args=[publication.pk]),
            *(reverse(f"desk:{name}", args=[submission.pk, of(submission, reviewer).pk]) for name in ("cancel_assignment", "record_conflict")),
            reverse("desk:overrides") + "?kind=conflict",
            *(reverse(f"desk:{name}", args=[submission.pk, sent.pk]) for name in ("close_comment", "reply_to_comment")),
        ],
        reviewer: [
            reverse("admin:index"), *(reverse("desk:review", args=[of(submission, reviewer).pk]) + f"?view={view}" for view in ("changes", "professional", "plain")),
            reverse("desk:edit_comment", args=[of(submission, reviewer).pk, of(submission, reviewer).comments.filter(to="author").get().pk]),
            reverse("desk:discard_comment", args=[of(submission, reviewer).pk, of(submission, reviewer).comments.filter(to="author").get().pk]),
        ],
        reviewer2: [
            reverse("desk:review", args=[theirs.pk]) + "?view=professional",
            *(reverse(f"desk:{name}", args=[theirs.pk, sent.pk]) for name in ("reply", "close_own_comment")),
        ],
        superuser: [
            *(reverse(f"admin:{name}_changelist") for name in ("records_person", "articles_reference", "articles_articleversion", "reviews_boardmember",
              "records_event", "editorial_publication", "articles_article", "records_user", "editorial_pagenotice")),
            reverse("admin:records_person_change", args=[reviewer.person.pk]),
            reverse("admin:records_person_history", args=[reviewer.person.pk]),
            reverse("admin:editorial_publication_change", args=[publication.pk]),
        ],
    }  # fmt: skip
    again = workflow.open_re_review(publication, by=editor2, note=POISON)
    for assignment, user in zip(builders.assign(again, editor2, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
        builders.recommend(assignment, user)
    workflow.advise_retraction(again, by=editor2, note=POISON)
    EvidenceEvent.objects.create(reference=Reference.objects.first(), kind="correction", happened_on="2026-01-01", reported_by=POISON[:60], reason=POISON)
    pages[editor] += re_review_urls(again).values()
    pages[reviewer].append(reverse("desk:review", args=[of(again, reviewer).pk]))
    seen = 0
    for user, urls in pages.items():
        seen_by(client, user)
        for url in urls:
            answer = client.get(url, follow=True)
            html = answer.content.decode()
            assert dangers(html) == [], url
            assert "default-src 'none'" in answer["Content-Security-Policy"]
            seen += "poison()" in html
    assert seen > 25


def test_c1_what_is_typed_comes_back_as_text(client, reviewer, editor, poisoned):
    _, submission = poisoned
    own = of(submission, reviewer)
    seen_by(client, reviewer)
    for name, given in (
        ("comment", {"audience": "professional", "block": "b1", "quote": POISON, "text": POISON, "kind": POISON, "to": POISON}),
        ("comment", {"audience": POISON, "block": POISON, "quote": POISON, "text": POISON, "kind": "question", "to": "author"}),
        ("sign", {"digest": POISON, "recommendation": POISON, "note": POISON}),
    ):
        html = client.post(reverse(f"desk:{name}", args=[own.pk]), given).content.decode()
        assert dangers(html) == [], name
    seen_by(client, editor)
    for name in ("request_changes", "assign", "decide", "accept_finding"):
        given = {"note": "", "member": POISON, "override_reason": POISON, "digest": POISON, "check_id": POISON, "place": POISON, "reason": POISON}
        assert dangers(client.post(reverse(f"desk:{name}", args=[submission.pk]), given).content.decode()) == [], name
