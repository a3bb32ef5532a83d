"""What the desk tells people where they look for it: the rules, the answers, what became of things, and where to go next."""

from datetime import timedelta

import pytest
from django.urls import reverse

from articles import drafting
from articles.drafting import Changes, CitationChange
from articles.models import EvidenceEvent, Topic
from editorial import publishing, roles, workflow
from editorial.standards import STANDARDS
from records import clock
from reviews import matching, reviewing
from reviews.models import ReviewAssignment, Specialty
from tests import builders
from tests.editorial.desk import of, seen_by, signed_in

SEE = '<a href="/articles/how-is-a-trapped-nerve-treated/">See the public page</a>'
BUTTON = '<a class="button" href="/articles/how-is-a-trapped-nerve-treated/">See the public page</a>'


def go(name, obj, *more):
    return reverse(f"desk:{name}", args=[obj.pk, *more])


def page_of(client, name, obj, **query):
    return client.get(go(name, obj), query).content.decode()


# ---- After publishing


def test_after_deciding_to_publish_the_message_leads_to_the_public_page(client, editor, reviewed):
    given = {"digest": reviewed.version.digest, "when": "now", "note": "", "change_note": ""}
    assert SEE in signed_in(client, editor).post(go("decide", reviewed), given, follow=True).content.decode()


def test_after_publishing_the_message_and_both_pages_lead_to_the_public_page(client, editor, approved):
    said = seen_by(client, editor).post(go("publish", approved), {"when": "now", "change_note": "", "correction": ""}, follow=True).content.decode()
    assert f"Published. Version 1 is public. {SEE}" in said
    assert BUTTON in page_of(client, "submission", approved)
    assert SEE in page_of(client, "publication", approved.publications.get())


def test_what_is_not_public_has_no_link_to_a_public_page(client, editor, approved):
    assert "See the public page" not in page_of(seen_by(client, editor), "submission", approved)
    later = publishing.publish(approved, by=editor, at=clock.now() + timedelta(days=2))
    assert "See the public page" not in page_of(client, "publication", later)
    assert "See the public page" not in page_of(client, "submission", approved)


# ---- Choosing reviewers


def test_the_assign_page_says_every_rule_that_an_approval_is_counted_by(client, author, editor):
    kind = builders.make_type("drug")
    obstetrics = Specialty.objects.create(name="Obstetrics", slug="obstetrics")
    submission = builders.submit(builders.make_article(author, article_type=kind), author)
    page = page_of(seen_by(client, editor), "assign", submission)
    for rule in ("2 approvals", "1 of them medical", "In any specialty", "agrees to be named on the page", "No recommendation against it stands"):
        assert rule in page
    strict = builders.make_type("birth")
    strict.policies.get().specialties.add(obstetrics)
    again = builders.submit(builders.make_article(author, title="Another?", article_type=strict), author)
    page = page_of(client, "assign", again)
    assert "1 in obstetrics" in page
    assert "In any specialty" not in page


def test_who_is_outside_the_specialty_is_not_listed_as_fit(client, author, editor, reviewer, reviewer2):
    article, topic = builders.make_article(author), Topic.objects.create(name="Nerves", slug="nerves")
    article.topics.add(topic)
    Specialty.objects.get(name="Neurology").topics.add(topic)
    submission = builders.submit(article, author)
    page = page_of(seen_by(client, editor), "assign", submission)
    fit, outside = page.split(">Outside the specialty<")
    assert "Rosa Reviewer" in fit.split(">Fit and free<")[1]
    assert "Paul Panel" not in fit
    assert "Paul Panel" in outside
    chosen = client.post(go("assign", submission), {"member": [reviewer2.person.board_member.pk]})
    assert chosen.status_code == 302
    assert submission.assignments.get().member == reviewer2.person.board_member
    assert [each.fits for each in matching.candidates(submission, clock.today())] == [True, False]


# ---- Deciding


def doubt(submission, user):
    """Sign an approval with a suggestion, doubting the first reference."""
    assignment = of(submission, user)
    first, second = submission.version.references.all()
    reviewing.answer_references(assignment, by=user, answers={first.pk: "outdated", second.pk: "supports"})
    reviewing.comment(assignment, by=user, text="Say for how long.", audience="plain")
    reviewing.recommend(assignment, by=user, signing=builders.fresh(user), digest=submission.version.digest, recommendation="minor")
    return first


def test_the_decide_page_holds_what_reviewers_answered_and_wrote_and_who_paid(client, editor, reviewer, reviewer2, under_review):
    type(under_review).objects.update(warnings=[])
    builders.recommend(of(under_review, reviewer), reviewer)
    first = doubt(under_review, reviewer2)
    page = page_of(seen_by(client, editor), "decide", under_review)
    assert "Not every reviewer found support in these" in page
    assert f'href="#professional-source-{first.pk}"' in page or f'href="#plain-source-{first.pk}"' in page
    assert f'id="professional-source-{first.pk}"' in page
    assert "<b>Outdated or superseded</b>" in page
    assert "Say for how long." in page
    assert "The checks found nothing to look at." in page
    for words in ("<dt dir=\"auto\">Ann Author, MD</dt><dd dir=\"auto\">None declared</dd>", "<dt>Funding</dt><dd dir=\"auto\">None</dd>", "Sponsor or advertising"):
        assert words in page


def test_the_decide_page_says_when_every_answer_is_that_a_work_supports(client, editor, reviewed):
    assert "Every answer of those who signed is “supports”." in page_of(seen_by(client, editor), "decide", reviewed)


def test_an_answer_that_was_not_signed_is_not_shown_to_the_editor(client, editor, reviewer, under_review):
    first = under_review.version.references.first()
    reviewing.answer_references(of(under_review, reviewer), by=reviewer, answers={first.pk: "does_not"})
    page = page_of(seen_by(client, editor), "decide", under_review)
    assert "Does not support" not in page
    assert "No reviewer who signed has answered" in page


def test_an_editor_who_has_yet_to_sign_sees_no_answer_or_comment_of_others(client, author, reviewer, reviewer2, editor, submitted):
    both = roles.give(builders.make_member("Bea Both", "Neurology"), roles.EDITOR)
    for assignment, user in zip(builders.assign(submitted, editor, reviewer2, both), (reviewer2, both), strict=True):
        builders.open_text(assignment, user)
    doubt(submitted, reviewer2)
    page = page_of(seen_by(client, both), "decide", type(submitted).objects.get())
    assert "Say for how long." not in page
    assert "Outdated or superseded" not in page


def test_a_finding_of_the_checks_stands_on_the_decide_page_and_can_be_accepted_from_there(client, author, editor, reviewer):
    article = builders.make_article(author)
    citation = article.citations.get(key="trial")
    EvidenceEvent.objects.create(reference=citation.reference, kind="retraction", happened_on="2026-01-01", reported_by="publisher")
    change = CitationChange("trial", citation.reference, cited_as_retracted=True, reason="To show what was wrong.")
    drafting.revise(article, by=author, draft_number=article.draft_number, changes=Changes(citations=[change]))
    submission = builders.submit(article, author)
    builders.assign(submission, editor, reviewer)
    page = page_of(seen_by(client, editor), "decide", submission)
    assert "Let it stand" in page
    assert go("accept_finding", submission) in page


# ---- Comments


def test_comments_are_announced_only_while_somebody_has_yet_to_sign(client, editor, reviewer, reviewer2, under_review):
    arrives = "Comments arrive when their reviewer signs."
    builders.recommend(of(under_review, reviewer), reviewer)
    assert arrives in page_of(seen_by(client, editor), "submission", under_review)
    builders.recommend(of(under_review, reviewer2), reviewer2)
    page = page_of(client, "submission", under_review)
    assert arrives not in page
    assert "There are none." in page


# ---- A reviewer's own


def chip_of(client):
    """The chip of the only row under Sent."""
    page = client.get(reverse("admin:index")).content.decode()
    return page.split('id="sent"')[1].split('class="chip ')[1].split("</span>")[0]


def test_what_one_signed_is_shown_as_approved_while_it_is_public(client, reviewer, published):
    assert "Approved" in chip_of(seen_by(client, reviewer))


def test_what_one_signed_and_was_replaced_is_not_shown_as_approved(client, author, editor, reviewer, reviewer2, published):
    third, fourth = builders.make_member("Tess Third"), builders.make_member("Fay Fourth")
    builders.revise(published.article, author, plain=builders.PLAIN.replace("a little", "a lot"))
    builders.walk_to_published(published.article, author, editor, third, fourth)
    said = chip_of(seen_by(client, reviewer))
    assert said.startswith("quiet")
    assert "Replaced" in said
    assert "Approved" in chip_of(seen_by(client, third))


def test_what_one_signed_and_was_retracted_says_so(client, editor, editor2, reviewer, published):
    publishing.propose_retraction(
        published, by=editor, signing=builders.fresh(editor), notice="The dose was wrong.", reason="serious_error", keeps_text=True
    )
    publishing.confirm_retraction(type(published).objects.get(), by=editor2, signing=builders.fresh(editor2))
    said = chip_of(seen_by(client, reviewer))
    assert said.startswith("stop")
    assert "Retracted" in said


def test_changes_requested_stay_what_became_of_a_review(client, editor, reviewer, under_review):
    builders.recommend(of(under_review, reviewer), reviewer, "changes")
    workflow.request_changes(under_review, by=editor, note="Lower the dose.")
    assert "Changes requested" in chip_of(seen_by(client, reviewer))


# ---- Signing


@pytest.fixture
def own(under_review, reviewer):
    return of(under_review, reviewer)


def sign(client, assignment, view="", **given):
    fields = {"digest": assignment.submission.version.digest, "recommendation": "approve", "note": "", **given}
    return client.post(go("sign", assignment) + (f"?view={view}" if view else ""), fields).content.decode()


def test_a_question_stands_above_the_answers_about_a_reference(client, own, reviewer):
    assert page_of(seen_by(client, reviewer), "review", own).count("<legend>Does this work still support what the text says?</legend>") == 2


def test_signing_too_early_leads_to_the_first_reference_without_an_answer(client, own, reviewer):
    places = {place.number: place.reference_id for place in own.submission.version.texts.get(audience="professional").citations.all()}
    page = sign(signed_in(client, reviewer), own)
    assert f'<a href="#professional-source-{places[1]}">Go to the first reference without an answer</a>' in page
    assert f'id="professional-source-{places[1]}"' in page
    reviewing.answer_references(own, by=reviewer, answers={places[1]: "supports"})
    assert f'<a href="#professional-source-{places[2]}">' in sign(client, own)
    other = f'{go("review", own)}?view=professional#professional-source-{places[2]}'
    plain = set(own.submission.version.texts.get(audience="plain").citations.values_list("reference", flat=True))
    found = f"#plain-source-{places[2]}" if places[2] in plain else other
    assert f'<a href="{found}">' in sign(client, own, view="plain")


def test_a_recommendation_that_needs_no_answers_is_not_led_to_them(client, own, reviewer):
    assert "Go to the first reference" not in sign(signed_in(client, reviewer), own, recommendation="reject")
    assert not ReviewAssignment.objects.get(pk=own.pk).completed_at


def test_a_digest_is_short_on_the_screen_and_whole_on_demand(client, own, reviewer, editor, reviewer2, under_review):
    digest = under_review.version.digest
    page = page_of(signed_in(client, reviewer), "review", own)
    assert f'<summary>Digest of the text on this screen: <span class="mono">{digest[:12]}…</span></summary><p class="mono">{digest}</p>' in page
    builders.recommend(own, reviewer)
    for name, obj in (("submission", under_review), ("read", under_review), ("decide", under_review)):
        assert f">{digest[:12]}…</span>" in page_of(seen_by(client, editor), name, obj)


# ---- Words


def test_no_code_of_a_rule_stands_on_a_page(client, editor, author, submitted):
    page = page_of(seen_by(client, editor), "assign", submitted)
    adopted = submitted.policy.adopted_at
    assert f"Treatment: the policy of {adopted.day} {adopted:%B %Y}, number 1" in page
    assert not [standard for standard in STANDARDS if "REF-" in standard.description]


def test_an_author_who_meets_the_desk_is_shown_the_way_back(client, author):
    answer = seen_by(client, author).get(reverse("admin:index"), follow=True)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert f'<a class="button" href="{reverse("workspace:home")}">My articles</a>' in page
    assert f'action="{reverse("account_logout")}"' in page
    assert "Sign out" in page


def test_an_empty_reason_is_asked_for_by_its_name(client, editor, under_review):
    page = seen_by(client, editor).post(go("request_changes", under_review), {"note": ""}).content.decode()
    assert "Fill in “Note to the author”." in page
    assert "This field is required." not in page
