"""The desk of re-reviews: what the reviewer sees, the editor's one act, the calendar, the forecast, and several opened at once."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from articles.models import EvidenceEvent, Reference, Topic
from editorial import workflow
from editorial.desk import forecast as desk_forecast
from editorial.models import Publication
from editorial.rereview import next_due
from records import clock
from reviews import reviewing
from reviews.models import ReviewAssignment, Specialty, Submission
from tests import builders
from tests.editorial.desk import of, publication_urls, re_review_urls, seen_by, signed_in
from tests.kept import kept

pytestmark = pytest.mark.django_db


def go(name, obj):
    return reverse(f"desk:{name}", args=[obj.pk])


def past(days):
    """Let acts happen some days ago."""
    return clock.as_of(timezone.now() - timedelta(days=days))


@kept
def old(author, editor, reviewer, reviewer2):
    """What was published 400 days ago, for a year."""
    with past(400):
        return builders.walk_to_published(builders.make_article(author), author, editor, reviewer, reviewer2)


@kept
def again(old, editor, reviewer, reviewer2):
    """Its re-review, asked of both."""
    again = workflow.open_re_review(old, by=editor, cause="calendar")
    builders.assign(again, editor, reviewer, reviewer2)
    return Submission.objects.get(pk=again.pk)


def note_event(kind="correction", days=30, **more):
    return EvidenceEvent.objects.create(
        reference=Reference.objects.get(doi="10.1000/guide"), kind=kind, happened_on=clock.today() - timedelta(days=days), reported_by="publisher", **more
    )


def read(again, *people):
    for user in people:
        builders.recommend(of(again, user), user)
    return Submission.objects.get(pk=again.pk)


# ---- The reviewer


def test_the_reviewer_is_told_that_no_word_changed_and_what_the_evidence_did(client, again, reviewer, old):
    note_event("correction", notice_url="https://example.org/notice", reason="A table was wrong.")
    builders.open_text(of(again, reviewer), reviewer)
    page = seen_by(client, reviewer).get(go("review", of(again, reviewer))).content.decode()
    for words in ("No word changed.", "Corrected on", "A table was wrong.", "https://example.org/notice", "New since the last review", "Is it still right?",
                  "Yes, it is still right", "the calendar"):  # fmt: skip
        assert words in page, words
    assert "Changes since the board approved" not in page


def test_what_the_board_knew_already_is_not_said_to_be_new(client, author, editor, reviewer, reviewer2):
    with past(450):
        builders.make_references()
        note_event("correction", days=30)
    with past(400):
        found = builders.walk_to_published(builders.make_article(author), author, editor, reviewer, reviewer2)
    again = workflow.open_re_review(found, by=editor)
    builders.open_text(builders.assign(again, editor, reviewer)[0], reviewer)
    page = seen_by(client, reviewer).get(go("review", of(again, reviewer))).content.decode()
    assert "Corrected" in page
    assert "New since the last review" not in page


def test_where_nothing_was_recorded_that_is_what_is_said(client, again, reviewer):
    builders.open_text(of(again, reviewer), reviewer)
    page = seen_by(client, reviewer).get(go("review", of(again, reviewer))).content.decode()
    assert "No notice about the 2\u00a0cited works was recorded since then." in page
    assert "New since the last review" not in page


def test_a_second_version_read_again_is_not_compared_with_the_first(client, author, editor, reviewer, reviewer2, published):
    builders.revise(published.article, author, plain="Walk.[@guide]")
    second = builders.walk_to_published(published.article, author, editor, reviewer, reviewer2)
    again = workflow.open_re_review(second, by=editor)
    builders.assign(again, editor, reviewer)
    builders.open_text(of(again, reviewer), reviewer)
    page = seen_by(client, reviewer).get(go("review", of(again, reviewer))).content.decode()
    assert "Changes since the board approved" not in page
    assert "version 2" in page


def test_ref_12_a_guideline_over_five_years_old_is_pointed_out(client, author, editor, reviewer, reviewer2):
    builders.make_references()
    Reference.objects.filter(kind="guideline").update(year=clock.today().year - 6)
    found = builders.walk_to_published(builders.make_article(author), author, editor, reviewer, reviewer2)
    again = workflow.open_re_review(found, by=editor)
    builders.open_text(builders.assign(again, editor, reviewer)[0], reviewer)
    page = seen_by(client, reviewer).get(go("review", of(again, reviewer))).content.decode()
    assert page.count("over five years old") == 1
    assert f"A guideline of {clock.today().year - 6}" in page


def test_one_button_answers_for_the_rest_but_never_for_a_work_with_a_new_notice(client, again, reviewer):
    note_event("concern")
    builders.open_text(of(again, reviewer), reviewer)
    client = seen_by(client, reviewer)
    client.post(go("answers", of(again, reviewer)), {"rest": "supports"})
    answers = dict(of(again, reviewer).reference_answers.values_list("reference__key", "answer"))
    assert answers == {"trial": "supports"}


def test_what_was_said_about_being_named_is_there_when_the_same_words_are_read_again(client, again, reviewer):
    page = seen_by(client, reviewer).get(go("review", of(again, reviewer))).content.decode()
    assert 'value="yes" id="id_named_0" required checked' in page or 'value="yes" required id="id_named_0" checked' in page


def test_the_short_form_is_signed(client, again, reviewer):
    builders.open_text(of(again, reviewer), reviewer)
    client = signed_in(client, reviewer)
    client.post(go("answers", of(again, reviewer)), {"rest": "supports"})
    assert "Say whether it is still right." in client.post(go("sign", of(again, reviewer)), {"digest": again.version.digest}).content.decode()
    answer = client.post(go("sign", of(again, reviewer)), {"digest": again.version.digest, "recommendation": "approve"}, follow=True)
    assert "Signed and sent." in answer.content.decode()


# ---- The editor


def fields(again, **more):
    return {"digest": again.version.digest, "outcome": "no_change", "note": "It stands.", "due_on": "", **more}


def test_the_editor_sees_each_answer_and_reaffirms_in_one_act(client, again, editor, reviewer, reviewer2):
    again = read(again, reviewer, reviewer2)
    page = signed_in(client, editor).get(go("reaffirm", again)).content.decode()
    assert page.count("Rosa Reviewer, MD</span>: ") == 2
    for words in ("No word changed.", "Does each work still support its claim?", "What came of it", "Rationale", "Reaffirm version 1"):
        assert words in page
    answer = client.post(go("reaffirm", again), fields(again), follow=True).content.decode()
    assert "Reaffirmed. Version 1 stays public; its next review is due on" in answer
    assert "Outcome: <b>No change</b>" in answer
    assert Publication.objects.get().last_reviewed_on == clock.today()


def test_works_that_somebody_doubts_come_first(client, again, editor, reviewer, reviewer2):
    builders.open_text(of(again, reviewer), reviewer)
    keys = {ref.key: ref.pk for ref in again.version.references.all()}
    reviewing.recommend(
        of(again, reviewer), by=reviewer, signing=builders.fresh(reviewer), digest=again.version.digest, recommendation="minor",
        answers={keys["trial"]: "supports", keys["guide"]: "outdated"},
    )  # fmt: skip
    page = signed_in(client, editor).get(go("reaffirm", again)).content.decode()
    answers = page[page.index('id="answers"') : page.index('id="sign"')]
    assert answers.index("Guideline on nerves") < answers.index("A trial of walking")
    assert "Outdated or superseded" in answers


def test_reaffirming_needs_its_rationale_and_keeps_what_was_typed(client, again, editor, reviewer, reviewer2):
    again = read(again, reviewer, reviewer2)
    client = signed_in(client, editor)
    assert "Fill in “" in client.post(go("reaffirm", again), fields(again, note="")).content.decode()
    answer = client.post(go("reaffirm", again), fields(again, outcome="bring_forward", note="A guideline comes.")).content.decode()
    assert "Give the day of the next review." in answer
    assert "A guideline comes." in answer
    answer = client.post(go("reaffirm", again), fields(again, due_on="2030-01-01")).content.decode()
    assert "Choose that, or leave the day empty." in answer
    assert Submission.objects.get(pk=again.pk).state == "under_review"
    sooner = clock.today() + timedelta(days=60)
    client.post(go("reaffirm", again), fields(again, outcome="bring_forward", due_on=sooner.isoformat()))
    assert Publication.objects.get().review_due_on == sooner


def test_d5_reaffirming_asks_for_a_fresh_password(client, again, editor, reviewer, reviewer2):
    again = read(again, reviewer, reviewer2)
    answer = seen_by(client, editor).post(go("reaffirm", again), fields(again))
    assert "Give your password" in answer.content.decode()
    assert Submission.objects.get(pk=again.pk).state == "under_review"


def test_what_does_not_stand_is_sent_for_revision_or_found_to_have_to_go(client, again, editor):
    client = seen_by(client, editor)
    answer = client.post(go("advise_retraction", again), {"note": "Its dose could harm."})
    assert answer["Location"] == go("propose_retraction", Publication.objects.get())
    assert "Outcome on record: to be retracted" in client.get(go("submission", again)).content.decode()
    page = client.get(go("request_changes", again)).content.decode()
    assert "to be revised" in page
    client.post(go("request_changes", again), {"note": "Lower the dose."})
    assert Submission.objects.get(pk=again.pk).outcome == "revise"


def test_a_reviewer_who_is_an_editor_sees_no_answers_before_their_own(client, again, editor, reviewer, reviewer2):
    from editorial import roles

    roles.give(reviewer, roles.EDITOR)
    builders.recommend(of(again, reviewer2), reviewer2)
    page = seen_by(client, reviewer).get(go("reaffirm", again)).content.decode()
    assert "Paul Panel, MD</span>: " not in page


def test_the_author_reads_what_came_of_it(client, again, author, editor, reviewer, reviewer2):
    url = reverse("workspace:submission", args=[again.article_id, again.pk])
    assert "The board reads the public words again." in seen_by(client, author).get(url).content.decode()
    workflow.advise_retraction(again, by=editor, note="Its dose could harm.")
    page = client.get(url).content.decode()
    assert "retracted" not in page.lower()
    assert "Its dose could harm." not in page
    read(again, reviewer, reviewer2)
    workflow.reaffirm(again, by=editor, signing=builders.fresh(editor), digest=again.version.digest, note="It stands after all.")
    page = client.get(url).content.decode()
    assert "What came of the re-review: no change." in page
    assert "It stands after all." in page


# ---- The calendar


def test_the_calendar_has_overdue_on_top_then_months_and_the_load_ahead(client, old, published, editor):
    page = seen_by(client, editor).get(reverse("desk:calendar")).content.decode()
    due = published.review_due_on
    assert page.index('id="month-1">Overdue') < page.index(f'id="month-2">{due:%B %Y}')
    assert "<b>1</b>Overdue" in page
    assert f'?month={due:%Y-%m}' in page or "<b>1</b>Later" in page
    assert "read by Rosa Reviewer, Paul Panel" in page or "read by Paul Panel, Rosa Reviewer" in page
    overdue = client.get(reverse("desk:calendar"), {"month": "overdue"}).content.decode()
    assert overdue.count('class="title"') == 1


def test_the_empty_calendar_says_so(client, editor, request):
    client = seen_by(client, editor)
    assert "Nothing is public yet" in client.get(reverse("desk:calendar")).content.decode()
    published = request.getfixturevalue("published")
    page = client.get(reverse("desk:calendar")).content.decode()
    assert f"No review is due before {published.review_due_on.day} {published.review_due_on:%B %Y}." in page
    assert "No review is due then." in client.get(reverse("desk:calendar"), {"month": "2100-01"}).content.decode()


@pytest.mark.parametrize("month", ["x", "2026-13", "2026-1", "1999-01", "2026-01-01", "²026-01"])
def test_a_month_that_is_none_is_not_found(client, editor, month):
    assert seen_by(client, editor).get(reverse("desk:calendar"), {"month": month}).status_code == 404


@pytest.mark.engine
def test_several_are_opened_at_once_and_each_that_is_not_is_named(client, author, editor, reviewer, reviewer2):
    made = [
        builders.walk_to_published(builders.make_article(author, title=f"Number {n}?"), author, editor, reviewer, reviewer2) for n in range(3)
    ]
    workflow.open_re_review(made[1], by=editor)
    client = seen_by(client, editor)
    page = client.get(reverse("desk:calendar")).content.decode()
    assert page.count('name="pick"') == 2
    answer = client.post(reverse("desk:calendar"), {"pick": [each.pk for each in made], "note": "The round."}, follow=True).content.decode()
    assert "2 re-reviews opened." in answer
    assert "Number 1?: A re-review of this article is open already." in answer
    assert Submission.objects.open().filter(kind="re_review").count() == 3


def test_a6_ids_that_are_not_there_mean_that_none_is_opened(client, published, editor):
    client = seen_by(client, editor)
    for stray in ("00000000-0000-4000-8000-000000000000", "x", str(published.submission_id)):
        assert client.post(reverse("desk:calendar"), {"pick": [published.pk, stray]}).status_code == 404
    assert client.post(reverse("desk:calendar"), {"pick": [f"00000000-0000-4000-8000-{n:012}" for n in range(26)]}).status_code == 404
    assert not Submission.objects.filter(kind="re_review").exists()


def test_a_choice_that_is_refused_keeps_ticks_note_and_month(client, published, editor):
    client = seen_by(client, editor)
    here = f"{reverse('desk:calendar')}?month=later"
    assert f'action="{here}"' in client.get(here).content.decode()
    nothing = client.post(here, {"note": "The round."})
    page = nothing.content.decode()
    assert nothing.status_code == 409
    assert "<title>Error: " in page
    assert "<li>Choose at least one article.</li>" in page
    assert "The round.</textarea>" in page
    assert '<a href="?month=later" aria-current="page">' in page
    too_long = client.post(here, {"pick": [published.pk], "note": "x" * 20_001}).content.decode()
    assert f'id="choose-{published.pk}" form="open-form" checked>' in too_long
    assert '<a href="#id_note">' in too_long
    assert not Submission.objects.filter(kind="re_review").exists()
    assert client.post(here, {"pick": [published.pk], "note": "The round."})["Location"] == here


def test_a2_a_batch_is_opened_by_editors_alone(client, published, author, reviewer, administrator):
    given = {"pick": [published.pk]}
    assert client.post(reverse("desk:calendar"), given).status_code == 302
    for user in (author, reviewer, administrator):
        assert seen_by(client, user).post(reverse("desk:calendar"), given).status_code in {302, 403}
    assert not Submission.objects.filter(kind="re_review").exists()


def test_an_editor_brings_a_review_forward_and_never_back(client, published, editor):
    client = seen_by(client, editor)
    assert reverse("desk:bring_forward", args=[published.pk]) in client.get(reverse("desk:calendar")).content.decode()
    later = {"due_on": (published.review_due_on + timedelta(days=1)).isoformat(), "reason": "Busy."}
    refused = client.post(publication_urls(published)["bring_forward"], later)
    assert refused.status_code == 409
    assert "only a review moves it later" in refused.content.decode()
    sooner = clock.today() + timedelta(days=20)
    client.post(publication_urls(published)["bring_forward"], {"due_on": sooner.isoformat(), "reason": "A new guideline is out."})
    assert Publication.objects.get().review_due_on == sooner


def test_a2_what_an_editor_makes_of_a_re_review_is_absent_for_others(client, again, reviewer, author, administrator):
    for user, expected in ((reviewer, {404}), (author, {302, 403, 404})):
        for url in re_review_urls(again).values():
            assert seen_by(client, user).get(url).status_code in expected
            assert client.post(url, {"note": "x"}).status_code in {*expected, 405}
    for name, url in re_review_urls(again).items():
        assert seen_by(client, administrator).get(url).status_code == (200 if name == "submission" else 403), name


# ---- The forecast


def with_topic(author, editor, people, title, *specialties, kind=None):
    article = builders.make_article(author, title=title, article_type=kind)
    for name in specialties:
        topic, _ = Topic.objects.get_or_create(name=f"Topic of {name}", defaults={"slug": f"topic-{name.lower()}"})
        Specialty.objects.get_or_create(name=name, defaults={"slug": name.lower()})[0].topics.add(topic)
        article.topics.add(topic)
    return builders.walk_to_published(article, author, editor, *people)


def by_hand(publications, today):
    """The forecast in plain Python: every article on its day, or now, and again after each interval."""
    months, counts = desk_forecast.months_from(today), {}
    for found in publications:
        names = {s.name for topic in found.topics.all() for s in topic.specialties.all()} or {"No specialty"}
        due = max(found.review_due_on, today)
        while due < next_due(months[-1], 1):
            for name in {*names, "All specialties"}:
                counts.setdefault(name, {}).setdefault(due.replace(day=1), 0)
                counts[name][due.replace(day=1)] += 1
            due = next_due(due.replace(day=1), found.last_review.policy.interval_months)
    return {name: tuple(of.get(month, 0) for month in months) for name, of in counts.items()}


@pytest.mark.engine
def test_the_forecast_counts_every_article_for_its_specialties_and_again_after_each_interval(client, author, editor, reviewer, reviewer2):
    people, short = (reviewer, reviewer2), builders.make_type("living", interval_months=5)
    with_topic(author, editor, people, "One?", "Neurology")
    with_topic(author, editor, people, "Two?", "Neurology", "Cardiology", kind=short)
    with_topic(author, editor, people, "Three?")
    with past(400):
        with_topic(author, editor, people, "Overdue?", "Cardiology")
    today = clock.today()
    found = {each.name: each.counts for each in desk_forecast.series(today)}
    expected = by_hand(Publication.objects.all(), today)
    assert {name: counts for name, counts in found.items() if any(counts)} == expected
    assert found["All specialties"][0] >= 1
    page = seen_by(client, editor).get(reverse("desk:forecast")).content.decode()
    assert page.count("<svg class=\"bars\"") == len(found)
    assert page.count("<tr>") == 26
    assert "style=" not in page


@pytest.mark.parametrize("day", [date(2026, 1, 31), date(2024, 2, 29), date(2026, 12, 31), date(2026, 6, 1)])
def test_the_forecast_spans_twenty_four_months_from_any_day(day):
    months = desk_forecast.months_from(day)
    assert len(set(months)) == 24
    assert months[0] == day.replace(day=1)
    assert {month.day for month in months} == {1}


def test_an_empty_forecast_says_so(client, editor):
    assert "Nothing is due in the next 24 months." in seen_by(client, editor).get(reverse("desk:forecast")).content.decode()


# ---- Quick signatures


@pytest.mark.engine
def test_a_signature_sooner_than_the_text_can_be_read_is_reported(client, settings, old, editor, reviewer, reviewer2):
    long = builders.PROFESSIONAL + "\n\n" + "Walk every day as far as you can. " * 400
    began = timezone.now() - timedelta(hours=3)
    article = builders.make_article(old.article.authorships.first().person.user, title="A long one?", texts={"professional": long, "plain": builders.PLAIN})
    submission = builders.submit(article, old.article.authorships.first().person.user)
    for user, seconds in ((reviewer, 30), (reviewer2, 3600)):
        with clock.as_of(began):
            builders.open_text(builders.assign(submission, editor, user)[0], user)
        with clock.as_of(began + timedelta(seconds=seconds)):
            builders.recommend(ReviewAssignment.objects.get(pk=of(submission, user).pk), user)
    page = seen_by(client, editor).get(reverse("desk:quick_signatures")).content.decode()
    rows = page[page.index('class="queue"') :]
    assert "A long one?" in rows
    assert "Open for 30\u00a0seconds" in rows
    assert "Rosa Reviewer" in rows
    assert "1\u00a0hour" not in rows[: rows.index("</ul>")]


def test_the_report_is_for_those_who_see_signatures(client, reviewer, administrator):
    assert seen_by(client, reviewer).get(reverse("desk:quick_signatures")).status_code == 404
    assert "Nothing is signed yet." in seen_by(client, administrator).get(reverse("desk:quick_signatures")).content.decode()


# ---- The board


def test_an_alternate_is_named_in_the_admin(client, superuser, reviewer, reviewer2):
    member, other = reviewer.person.board_member, reviewer2.person.board_member
    page = seen_by(client, superuser).get(reverse("admin:reviews_boardmember_change", args=[member.pk])).content.decode()
    assert 'name="alternate"' in page
    given = {
        "person": member.person_id, "slug": member.slug, "specialties": [each.pk for each in member.specialties.all()], "since": "2020-01-01",
        "biography": "Works.", "alternate": other.pk, "is_public": "on", "change_reason": "They share an office.",
    }  # fmt: skip
    answer = client.post(reverse("admin:reviews_boardmember_change", args=[member.pk]), given)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    member = type(member).objects.get(pk=member.pk)
    assert member.alternate == other
    given["alternate"] = member.pk
    assert client.post(reverse("admin:reviews_boardmember_change", args=[member.pk]), given).status_code == 200
    assert type(member).objects.get(pk=member.pk).alternate == other
