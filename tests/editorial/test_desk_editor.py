"""An editor at the desk: the morning, assigning, deciding, publishing; and what is public."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from editorial import publishing, workflow
from editorial.models import Address, Publication
from records import clock
from records.models import Affiliation, Event
from reviews import reviewing
from reviews.models import ReviewAssignment, Submission
from tests import builders
from tests.editorial.desk import of, publication_urls, seen_by, signed_in, submission_urls


def go(name, obj, *more):
    return reverse(f"desk:{name}", args=[obj.pk, *more])


def fresh_copy(row):
    return type(row).objects.get(pk=row.pk)


# ---- The morning


@pytest.mark.engine
def test_each_thing_stands_in_one_list_with_one_button(client, author, editor, reviewer, reviewer2, reviewed):
    waiting = builders.submit(builders.make_article(author, title="Which vaccines are given in pregnancy?"), author)
    page = seen_by(client, editor).get(reverse("admin:index")).content.decode()
    for title, button, address in (
        (reviewed.version.title, "Decide", go("decide", reviewed)),
        (waiting.version.title, "Assign", go("assign", waiting)),
    ):
        assert page.count(f">{title}</a>") == 1
        assert f'href="{address}">{button}' in page
    assert "2 of 2 recommend approval" in page


def test_an_empty_desk_says_so(client, editor):
    page = seen_by(client, editor).get(reverse("admin:index")).content.decode()
    for words in ("Nothing needs you now.", "Nothing is overdue.", "Nothing is due this week.", "Nobody has a review open."):
        assert words in page


@pytest.mark.engine
def test_late_reviewers_are_named_with_the_days(client, settings, author, editor, reviewer, submitted):
    settings.DEMO = True
    with clock.as_of(timezone.now() - timedelta(days=12)):
        builders.assign(submitted, editor, reviewer)
    page = seen_by(client, editor).get(reverse("admin:index")).content.decode()
    assert "5 days late" in page
    assert "Waits for Rosa Reviewer to answer (12\u00a0days)" in page
    assert "1 reviewer short" in page
    assert "Nothing is overdue beside what needs you now." in page  # it stands above, with its days


def test_a_page_due_for_review_stands_on_the_desk_until_its_re_review_is_open(client, settings, author, editor, reviewer, reviewer2):
    settings.DEMO = True
    with clock.as_of(timezone.now() - timedelta(days=400)):
        article = builders.make_article(author)
        submission = builders.submit(article, author)
        builders.assign(submission, editor, reviewer, reviewer2)
        for user in (reviewer, reviewer2):
            assignment = builders.open_text(of(submission, user), user)
            reviewing.answer_references(assignment, by=user, answers={ref.pk: "supports" for ref in submission.version.references.all()})
            reviewing.recommend(assignment, by=user, signing=proof_now(user), digest=submission.version.digest, recommendation="approve")
        workflow.approve(submission, by=editor, signing=proof_now(editor), digest=submission.version.digest)
        publication = publishing.publish(fresh_copy(submission), by=editor)
    seen_by(client, editor)
    assert go("open_re_review", publication) in client.get(reverse("admin:index")).content.decode()
    assert "Overdue" in client.get(reverse("desk:calendar")).content.decode()
    client.post(go("open_re_review", publication), {"note": ""})
    assert go("open_re_review", publication) not in client.get(reverse("admin:index")).content.decode()


def proof_now(user):
    from reviews.signing import Signing

    return Signing(user, clock.now())


@pytest.mark.engine
def test_the_desk_takes_as_many_queries_for_many_rows_as_for_few(client, author, editor, reviewer, reviewer2, reviewed, django_assert_max_num_queries):
    seen_by(client, editor)

    def more(number):
        builders.submit(builders.make_article(author, title=f"Waiting {number}"), author)
        builders.walk_to_published(builders.make_article(author, title=f"Public {number}"), author, editor, reviewer, reviewer2)
        builders.make_member(f"Member {number}", f"Field {number}")
        open_one = builders.submit(builders.make_article(author, title=f"Open {number}"), author)
        builders.assign(open_one, editor, reviewer, reviewer2)

    more(0)
    urls = [reverse("admin:index"), *map(reverse, ("desk:submissions", "desk:publications", "desk:calendar", "desk:forecast", "desk:quick_signatures", "desk:schedule")), reverse("desk:queue", args=["now"])]
    urls += [go("submission", reviewed), go("assign", reviewed), go("decide", reviewed)]
    counts = {}
    for url in urls:
        client.get(url)
        with django_assert_max_num_queries(48) as found:
            assert client.get(url).status_code == 200
        counts[url] = len(found)
    for number in range(1, 4):
        more(number)
    for url in urls:
        with django_assert_max_num_queries(counts[url]):
            client.get(url)


def test_the_reviewers_desk_takes_as_many_queries_for_many_rows(client, author, editor, reviewer, reviewer2, under_review, django_assert_max_num_queries):
    seen_by(client, reviewer).get(reverse("admin:index"))
    with django_assert_max_num_queries(20) as found:
        client.get(reverse("admin:index"))
    before = len(found)
    for number in range(4):
        builders.assign(builders.submit(builders.make_article(author, title=f"Open {number}"), author), editor, reviewer)
    with django_assert_max_num_queries(before):
        client.get(reverse("admin:index"))


@pytest.mark.engine
def test_lists_are_paged_and_their_addresses_checked(client, author, editor):
    for number in range(27):
        builders.submit(builders.make_article(author, title=f"Waiting number {number:02}"), author)
    seen_by(client, editor)
    first = client.get(reverse("desk:submissions")).content.decode()
    assert first.count("Waiting number") // 3 == 25
    assert "Page 1 of 2" in first
    second = client.get(reverse("desk:submissions"), {"page": "2"}).content.decode()
    assert second.count("Waiting number") // 3 == 2
    for bad in ("0", "3", "x", "-1", "²", "9" * 40):
        assert client.get(reverse("desk:submissions"), {"page": bad}).status_code == 404
    assert client.get(reverse("desk:submissions"), {"state": "nonsense"}).status_code == 404
    assert client.get(reverse("desk:queue", args=["nonsense"])).status_code == 404


# ---- Assigning


def choose(client, submission, *people, **more):
    return client.post(go("assign", submission), {"member": [user.person.board_member.pk for user in people], **more})


def test_assigning_asks_everyone_who_was_chosen(client, editor, reviewer, reviewer2, submitted):
    assert choose(seen_by(client, editor), submitted, reviewer, reviewer2).status_code == 302
    assert submitted.assignments.count() == 2
    assert fresh_copy(submitted).state == Submission.State.UNDER_REVIEW


def test_a6_one_who_cannot_be_chosen_means_that_nobody_is_asked(client, author, editor, reviewer, submitted):
    tied = builders.make_member("Tied Tom", "Neurology")
    Affiliation.objects.create(person=tied.person, institution=author.person.affiliations.first().institution, since="2019-01-01")
    answer = choose(seen_by(client, editor), submitted, reviewer, tied)
    assert answer.status_code == 409
    assert "Nobody was asked" in answer.content.decode()
    assert "Same institution" in answer.content.decode()
    assert not submitted.assignments.exists()


def test_a_known_tie_is_overridden_with_a_reason_that_stays(client, author, editor, submitted):
    tied = builders.make_member("Tied Tom", "Neurology")
    Affiliation.objects.create(person=tied.person, institution=author.person.affiliations.first().institution, since="2019-01-01")
    page = seen_by(client, editor).get(go("assign", submitted)).content.decode()
    assert "Override with a reason" in page
    assert f'id="member-{tied.person.board_member.pk}"' not in page
    assert choose(client, submitted, tied, override_reason="The only one who knows this.").status_code == 302
    assert ReviewAssignment.objects.get().tie_override == "The only one who knows this."


def test_coi_1_a_hand_in_the_text_cannot_be_chosen_or_overridden(client, author, editor, submitted):
    from editorial import roles
    from reviews.models import BoardMember

    roles.give(author, roles.BOARD)
    BoardMember.objects.create(person=author.person, slug="author", since="2020-01-01")
    page = seen_by(client, editor).get(go("assign", submitted)).content.decode()
    assert "Has a hand in the text." in page
    assert "This cannot be overridden." in page
    assert choose(client, submitted, author, override_reason="please").status_code == 409


def test_the_next_version_goes_back_to_the_same_reviewers(client, author, editor, reviewer, reviewer2, under_review):
    builders.recommend(of(under_review, reviewer), reviewer, "changes")
    workflow.request_changes(under_review, by=editor, note="Lower the dose.")
    builders.revise(under_review.article, author, professional=builders.PROFESSIONAL.replace("250 mg", "200 mg"))
    again = builders.submit(under_review.article, author)
    page = seen_by(client, editor).get(go("assign", again)).content.decode()
    assert page.count("signed the version before") == 1
    assert f'id="member-{reviewer.person.board_member.pk}" checked' in page
    assert f'id="member-{reviewer2.person.board_member.pk}" checked' not in page


def test_choosing_nobody_is_said(client, editor, submitted):
    assert "Choose at least one reviewer." in seen_by(client, editor).post(go("assign", submitted)).content.decode()


def test_a6_one_who_is_not_on_the_board_means_that_nobody_is_asked(client, editor, reviewer, submitted):
    seen_by(client, editor)
    for bad in ("x", "²", "999999", "-1", "9" * 40):
        assert client.post(go("assign", submitted), {"member": [reviewer.person.board_member.pk, bad]}).status_code == 404
    assert not submitted.assignments.exists()


# ---- What an editor does about reviews


def test_an_editor_cancels_sets_aside_and_lets_the_unsure_sign(client, editor, reviewer, reviewer2, submitted):
    first, second = builders.assign(submitted, editor, reviewer, reviewer2)
    reviewing.accept(first, by=reviewer, named_in_public=True)
    digest = submitted.version.digest
    reviewing.declare(first, by=reviewer, digest=digest, conclusion="unsure", words="My sister works there.")
    seen_by(client, editor)
    page = client.get(go("submission", submitted)).content.decode()
    assert "My sister works there." in page
    assert "Unsure of interests" in client.get(reverse("admin:index")).content.decode()
    waive = go("waive_unsure", submitted, first.pk)
    assert "reason" in client.post(waive, {"reason": ""}).content.decode()
    client.post(waive, {"reason": "She left.", "seen": ""})
    assert fresh_copy(first).unsure_waived_reason == ""
    client.post(waive, {"reason": "She left.", "seen": first.declaration.pk})
    assert fresh_copy(first).unsure_waived_reason == "She left."
    builders.recommend(first, reviewer, "changes")
    client.post(go("set_aside", submitted, first.pk), {"reason": "Not about this text.", "seen": first.signature.pk})
    assert fresh_copy(first).set_aside_by == editor
    client.post(go("cancel_assignment", submitted, second.pk), {"reason": "No answer."})
    assert fresh_copy(second).state == "cancelled"


def test_an_editor_closes_a_comment_with_a_reason(client, editor, reviewer, under_review):
    builders.recommend(of(under_review, reviewer), reviewer, "changes")
    comment = of(under_review, reviewer).comments.get()
    seen_by(client, editor).post(go("close_comment", under_review, comment.pk), {"reason": "Answered elsewhere."})
    assert fresh_copy(comment).closed_reason == "Answered elsewhere."


def test_an_unsent_comment_cannot_be_reached_by_an_editor(client, editor, reviewer, under_review):
    comment = reviewing.comment(of(under_review, reviewer), by=reviewer, text="Canary")
    assert "Canary" not in seen_by(client, editor).get(go("submission", under_review)).content.decode()
    assert client.post(go("close_comment", under_review, comment.pk), {"reason": "x"}).status_code == 404


# ---- Deciding


def decide_fields(submission, **more):
    return {"digest": submission.version.digest, "when": "now", "note": "", "change_note": "", **more}


def test_deciding_approves_and_publishes_in_one_act(client, editor, reviewed):
    page = signed_in(client, editor).get(go("decide", reviewed)).content.decode()
    for words in ("2 approvals (2 in)", "Naproxen", "Rosa Reviewer, MD", reviewed.version.digest, "Approve version 1"):
        assert words in page
    answer = client.post(go("decide", reviewed), decide_fields(reviewed), follow=True)
    assert "Published. Version 1 is public." in answer.content.decode()
    assert Publication.objects.get().state == "live"


def test_deciding_can_wait_or_set_a_time(client, editor, reviewed):
    signed_in(client, editor)
    assert "Give the day and time." in client.post(go("decide", reviewed), decide_fields(reviewed, when="later")).content.decode()
    at = timezone.localtime(timezone.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    client.post(go("decide", reviewed), decide_fields(reviewed, when="later", at=at))
    assert Publication.objects.get().state == "scheduled"


def test_what_is_not_ready_shows_why_in_place_of_the_button(client, editor, under_review):
    page = signed_in(client, editor).get(go("decide", under_review)).content.decode()
    assert "This cannot be approved yet" in page
    assert "still outstanding" in page
    assert "Approve version 1" not in page
    answer = client.post(go("decide", under_review), decide_fields(under_review))
    assert answer.status_code == 409
    assert "still outstanding" in answer.content.decode()
    assert fresh_copy(under_review).state == "under_review"


def test_d5_an_old_session_cannot_approve(client, editor, reviewed):
    answer = seen_by(client, editor).post(go("decide", reviewed), decide_fields(reviewed, note="My long note"))
    assert "Give your password" in answer.content.decode()
    assert "My long note" in answer.content.decode()
    assert fresh_copy(reviewed).state == "under_review"
    wrong = client.post(go("decide", reviewed), decide_fields(reviewed, note="My long note", password="wrong-password"))
    assert "The password is not right" in wrong.content.decode()
    assert "wrong-password" not in wrong.content.decode()
    assert client.post(go("decide", reviewed), decide_fields(reviewed, password=builders.PASSWORD)).status_code == 302
    assert fresh_copy(reviewed).state == "approved"


def test_e2_a_form_from_another_text_decides_nothing(client, editor, reviewed):
    answer = signed_in(client, editor).post(go("decide", reviewed), decide_fields(reviewed, digest="f" * 64))
    assert answer.status_code == 409
    assert "This is not the text you read" in answer.content.decode()
    assert fresh_copy(reviewed).state == "under_review"


def test_e2_the_back_button_after_a_decision_decides_nothing_more(client, editor, reviewed):
    signed_in(client, editor).post(go("decide", reviewed), decide_fields(reviewed, when="wait"))
    events = Event.objects.count()
    again = client.post(go("decide", reviewed), decide_fields(reviewed))
    assert again.status_code == 409
    assert "This is approved already." in again.content.decode()
    assert Event.objects.count() == events


def test_a_hand_in_the_text_bars_from_deciding_and_not_from_declining_to_see(client, author, reviewed):
    from editorial import roles

    roles.give(author, roles.EDITOR)
    seen_by(client, author)
    assert client.get(go("submission", reviewed)).status_code == 200
    assert "you have a hand in the text" in client.get(go("submission", reviewed)).content.decode()
    assert client.get(go("decide", reviewed)).status_code == 403
    assert client.post(go("request_changes", reviewed), {"note": "x"}).status_code == 403


def test_requesting_changes_and_declining_need_words(client, editor, under_review):
    seen_by(client, editor)
    for name, field in (("request_changes", "note"), ("decline_submission", "reason")):
        assert client.post(go(name, under_review), {field: ""}).status_code == 200
    assert fresh_copy(under_review).state == "under_review"
    page = client.post(go("request_changes", under_review), {"note": "Quote the interval."}, follow=True).content.decode()
    assert "Sent back." in page
    assert fresh_copy(under_review).state == "changes_requested"


def test_a7_fields_of_the_workflow_cannot_be_posted(client, editor, reviewer, under_review):
    before = Submission.objects.values().get(pk=under_review.pk)
    extra = {"state": "approved", "decided_by": editor.pk, "version": "x", "policy": "x", "due_on": "2030-01-01", "submitted_by": reviewer.pk}
    seen_by(client, editor)
    for name, url in submission_urls(under_review).items():
        client.post(url, {**extra, "unknown": name})
    assert Submission.objects.values().get(pk=under_review.pk) == before
    own = ReviewAssignment.objects.values().get(pk=of(under_review, reviewer).pk)
    seen_by(client, reviewer)
    for name in ("answers", "comment", "sign", "accept", "declare", "decline"):
        if name != "decline":
            client.post(go(name, of(under_review, reviewer)), {**extra, "state": "completed", "completed_at": "2030-01-01", "due_on": "2030-01-01"})
    assert ReviewAssignment.objects.values().get(pk=own["id"]) == own


def test_a_finding_is_accepted_with_a_reason_on_the_record(client, author, editor, reviewer, reviewer2):
    from articles.models import EvidenceEvent, Reference

    article = builders.make_article(author)
    citation = article.citations.get(key="trial")
    from articles import drafting
    from articles.drafting import Changes, CitationChange

    EvidenceEvent.objects.create(reference=Reference.objects.get(pk=citation.reference_id), kind="retraction", happened_on="2026-01-01", reported_by="publisher")
    change = CitationChange("trial", citation.reference, cited_as_retracted=True, reason="To show what was wrong.")
    drafting.revise(article, by=author, draft_number=article.draft_number, changes=Changes(citations=[change]))
    submission = builders.submit(article, author)
    seen_by(client, editor)
    page = client.get(go("submission", submission)).content.decode()
    assert "cited as retracted" in page
    url = go("accept_finding", submission)
    given = {"check_id": "evidence.cited_as_retracted", "place": "trial", "reason": "The text says so."}
    assert client.post(url, {**given, "place": "guide"}).status_code == 409
    assert client.post(url, given).status_code == 302
    assert "<bdi>Edith Editor</bdi> lets it stand" in client.get(go("submission", submission)).content.decode()
    assert "Cited as retracted" in client.get(go("read", submission)).content.decode()


# ---- Publishing and what is public


def test_publishing_what_was_approved(client, editor, approved):
    page = seen_by(client, editor).get(go("publish", approved)).content.decode()
    assert "replaces what is public" in page
    answer = client.post(go("publish", approved), {"when": "now", "change_note": "First version", "correction": ""}, follow=True)
    assert "Published. Version 1 is public." in answer.content.decode()
    again = client.post(go("publish", approved), {"when": "now"})
    assert again.status_code == 409
    assert "This version was published already." in again.content.decode()


def test_withholding_and_restoring(client, editor, published):
    urls = publication_urls(published)
    seen_by(client, editor)
    assert "At once, readers get a notice" in client.get(urls["withhold"]).content.decode()
    assert client.post(urls["withhold"], {"reason": ""}).status_code == 200
    client.post(urls["withhold"], {"reason": "The dose is being checked."})
    assert fresh_copy(published).state == "withheld"
    assert "The dose is being checked." in client.get(urls["publication"]).content.decode()
    client.post(urls["restore"], {"note": ""})
    assert fresh_copy(published).state == "live"


def retract_fields(publication, **more):
    return {"digest": publication.submission.version.digest, "notice": "Two editors retract this.", "reason": "serious_error", "keeps_text": "keep", **more}


def test_retracting_takes_two_editors_and_two_signatures(client, editor, editor2, published):
    from django.test import Client

    url, confirm = go("propose_retraction", published), go("confirm_retraction", published)
    signed_in(client, editor)
    assert client.get(confirm).status_code == 404
    client.post(url, retract_fields(published, authors_say="disagree"))
    assert (fresh_copy(published).state, fresh_copy(published).retraction_authors) == ("live", "disagree")
    digest = published.submission.version.digest
    assert client.post(confirm, {"digest": digest, "proposal": "x"}).status_code == 403
    second = signed_in(Client(), editor2)
    page = second.get(confirm)
    for words in ("Two editors retract this.", "A serious error that could harm", "They do not agree"):
        assert words in page.content.decode()
    proposal = page.context["form"].initial["proposal"]
    stale = second.post(confirm, {"digest": digest, "proposal": "0" * 64})
    assert stale.status_code == 409
    assert "The proposal was changed since you read it." in stale.content.decode()
    second.post(confirm, {"digest": digest, "proposal": proposal})
    assert fresh_copy(published).state == "retracted"
    assert "Nothing: this is retracted." in second.get(go("publication", published)).content.decode()


def test_d5_proposing_a_retraction_asks_for_the_password(client, editor, published):
    answer = seen_by(client, editor).post(go("propose_retraction", published), retract_fields(published))
    assert "Give your password" in answer.content.decode()
    assert "Two editors retract this." in answer.content.decode()
    assert fresh_copy(published).retraction_proposed_by_id is None


def test_moving_an_article_keeps_its_old_address(client, editor, published):
    old = Address.objects.get()
    page = seen_by(client, editor).get(go("change_address", published)).content.decode()
    assert old.path in page
    client.post(go("change_address", published), {"slug": "trapped-nerve"})
    assert Address.objects.get(is_current=True).slug == "trapped-nerve"
    assert client.post(go("change_address", published), {"slug": "not a slug/"}).status_code == 200


def test_a_scheduled_publication_is_called_off_with_a_reason(client, editor, approved):
    publication = publishing.publish(approved, by=editor, at=timezone.now() + timedelta(days=1))
    seen_by(client, editor).post(go("cancel_publication", publication), {"reason": "A mistake."})
    assert fresh_copy(publication).state == "cancelled"


def test_a_re_review_is_opened_and_reaffirmed(client, editor, reviewer, reviewer2, published):
    signed_in(client, editor)
    answer = client.post(go("open_re_review", published), {"note": "The evidence changed."}, follow=True)
    assert "Opened. Assign reviewers next." in answer.content.decode()
    again = Submission.objects.get(kind="re_review")
    for assignment, user in zip(builders.assign(again, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
        builders.recommend(assignment, user)
    page = client.get(go("submission", again)).content.decode()
    assert "Reaffirm version 1" in page
    client.post(go("reaffirm", again), {"digest": again.version.digest, "outcome": "no_change", "note": "The guideline says the same."})
    assert fresh_copy(again).state == "approved"
    assert client.get(go("reaffirm", published.submission)).status_code == 404


@pytest.mark.parametrize("name", ["withhold", "restore", "propose_retraction", "change_address", "open_re_review", "bring_forward"])
def test_a_page_says_what_will_happen_before_it_happens(client, editor, published, name):
    if name == "restore":
        publishing.withhold(published, by=editor, reason="Checking.")
    page = seen_by(client, editor).get(go(name, published)).content.decode()
    assert 'class="will"' in page
    assert "Do nothing, go back" in page
