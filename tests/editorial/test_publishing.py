"""Publishing: exactly the approved version, now or at its time, one at a time; addresses; and four dates that only their own events move."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from articles import drafting
from articles.models import Article, Topic
from editorial import publishing, workflow
from editorial.models import Address, PageNotice, Publication, PublishedPage
from editorial.rereview import next_due
from records import clock
from records.errors import NotReady, StaleRecord
from records.models import Event, system_user
from reviews import reviewing
from reviews.fsm import advance
from reviews.models import Submission
from reviews.signing import Signing
from tests import builders

pytestmark = pytest.mark.django_db
DATES = ("approved_on", "last_reviewed_on", "last_updated_on", "review_due_on")


def second_version(article, author, editor, *reviewers, **texts):
    """Another version, approved."""
    builders.revise(article, author, **(texts or {"plain": "Walk every day.[@guide]"}))
    return builders.walk_to_approved(Article.objects.get(pk=article.pk), author, editor, *reviewers)


@pytest.fixture
def second(published, author, editor, reviewer, reviewer2):
    """A second version, approved beside the public first one."""
    return second_version(published.article, author, editor, reviewer, reviewer2)


def pages():
    return {page.path: bytes(page.body).decode() for page in PublishedPage.objects.all()}


def test_publishing_makes_the_approved_version_public_with_its_dates_and_address(approved, editor):
    approved.article.topics.add(Topic.objects.create(name="Nerves", slug="nerves"))
    publication = publishing.publish(approved, by=editor, change_note="  First. ")
    assert (publication.state, publication.published_by, publication.change_note) == ("live", editor, "First.")
    today = clock.today()
    assert [getattr(publication, name) for name in DATES] == [today, today, today, next_due(today, 12)]
    assert publication.last_review == approved
    assert [topic.slug for topic in publication.topics.all()] == ["nerves"]
    assert Address.objects.get().slug == "how-is-a-trapped-nerve-treated"
    frozen = approved.version.texts.get(audience="professional").html
    assert frozen in pages()["/articles/how-is-a-trapped-nerve-treated/"]


def test_only_an_editor_publishes(approved, author, reviewer, administrator, outsider):
    for person in (author, reviewer, administrator, outsider):
        with pytest.raises(PermissionDenied):
            publishing.publish(approved, by=person)
    assert not Publication.objects.exists()


def test_only_what_is_approved_is_published(reviewed, editor):
    with pytest.raises(NotReady, match="Only an approved version"):
        publishing.publish(reviewed, by=editor)
    workflow.request_changes(reviewed, by=editor, note="Shorter.")
    with pytest.raises(NotReady, match="Only an approved version"):
        publishing.publish(reviewed, by=editor)


def test_a_reaffirmation_is_not_published_again(published, editor, reviewer, reviewer2):
    again = workflow.open_re_review(published, by=editor)
    for assignment, person in zip(builders.assign(again, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
        builders.recommend(assignment, person)
    workflow.reaffirm(again, by=editor, signing=builders.fresh(editor), digest=again.version.digest, note="It stands.")
    with pytest.raises(NotReady, match="Only an approved version"):
        publishing.publish(again, by=editor)


def test_a_newer_version_replaces_the_older_one_in_one_step(published, second, editor):
    current = publishing.publish(second, by=editor, change_note="Plainer.")
    first = Publication.objects.get(pk=published.pk)
    assert (first.state, first.ended_on, current.state) == ("superseded", clock.today(), "live")
    assert Address.objects.count() == 1
    assert "Walk every day." in pages()["/articles/how-is-a-trapped-nerve-treated/plain/"]
    assert [e.act for e in Event.objects.about(first)][-1] == "supersede"


def test_an_older_version_never_follows_a_newer_approved_one(article, author, editor, reviewer, reviewer2):
    first = builders.walk_to_approved(article, author, editor, reviewer, reviewer2)
    second = second_version(article, author, editor, reviewer, reviewer2)
    with pytest.raises(NotReady, match="A newer version is approved"):
        publishing.publish(first, by=editor)
    assert publishing.publish(second, by=editor).state == "live"


def test_a_correction_puts_a_dated_notice_on_the_page(published, second, editor):
    publishing.publish(second, by=editor, correction="The dose was given as 25 mg.")
    notice = PageNotice.objects.get(kind="corrected")
    assert (notice.words, notice.since, notice.made_by) == ("The dose was given as 25 mg.", clock.today(), editor)
    assert "The dose was given as 25 mg." in pages()["/articles/how-is-a-trapped-nerve-treated/"]


# ---- E3


def test_e3_an_edit_between_approval_and_publication_changes_nothing_of_what_is_published(approved, author, editor):
    frozen = {text.audience: text.html for text in approved.version.texts.all()}
    builders.revise(approved.article, author, professional="LATER WORDS.[@guide]", plain="LATER WORDS.[@guide]")
    publication = publishing.publish(approved, by=editor)
    assert publication.submission.version.digest == approved.version.digest
    assert frozen["professional"] in pages()["/articles/how-is-a-trapped-nerve-treated/"]
    assert not any("LATER WORDS" in body for body in pages().values())


def test_e3_a_scheduled_version_goes_live_as_it_was_approved(approved, author, editor):
    moment = timezone.now() + timedelta(hours=1)
    planned = publishing.publish(approved, by=editor, at=moment)
    assert (planned.state, pages()) == ("scheduled", {})
    builders.revise(approved.article, author, professional="LATER WORDS.[@guide]")
    third = builders.submit(approved.article, author)
    assert publishing.go_live_due(moment - timedelta(seconds=1)) == 0
    assert publishing.go_live_due(moment) == 1
    live = Publication.objects.get()
    assert (live.state, live.submission_id) == ("live", approved.pk)
    assert not any("LATER WORDS" in body for body in pages().values())
    assert third.state == "submitted"
    assert publishing.go_live_due(moment) == 0
    event = Event.objects.about(live).last()
    assert (event.act, event.by) == ("go_live", system_user())


def test_e3_a_scheduled_version_replaces_what_is_public_at_its_time(published, second, editor):
    moment = timezone.now() + timedelta(hours=1)
    publishing.publish(second, by=editor, at=moment)
    assert Publication.objects.get(pk=published.pk).state == "live"
    publishing.go_live_due(moment)
    assert {p.submission.version.number: p.state for p in Publication.objects.all()} == {1: "superseded", 2: "live"}


def test_one_that_cannot_go_live_holds_up_no_other(approved, author, editor, reviewer, reviewer2, monkeypatch):
    moment = timezone.now() + timedelta(hours=1)
    publishing.publish(approved, by=editor, at=moment)
    other = builders.walk_to_approved(builders.make_article(author, title="What is gout?"), author, editor, reviewer, reviewer2)
    publishing.publish(other, by=editor, at=moment)
    refresh = publishing.pages.refresh

    def broken(article, **words):
        if article.pk == approved.article_id:
            raise RuntimeError("no such page")
        return refresh(article, **words)

    monkeypatch.setattr(publishing.pages, "refresh", broken)
    assert publishing.go_live_due(moment) == 1
    assert {p.article.title: p.state for p in Publication.objects.all()} == {"How is a trapped nerve treated?": "scheduled", "What is gout?": "live"}
    monkeypatch.undo()
    assert publishing.go_live_due(moment) == 1


def test_one_version_is_scheduled_at_a_time_and_may_be_called_off(approved, author, editor, reviewer, reviewer2, outsider):
    planned = publishing.publish(approved, by=editor, at=timezone.now() + timedelta(days=1))
    second = second_version(approved.article, author, editor, reviewer, reviewer2)
    with pytest.raises(NotReady, match="Another version is scheduled"):
        publishing.publish(second, by=editor)
    with pytest.raises(PermissionDenied):
        publishing.cancel_publication(planned, by=outsider, reason="No.")
    with pytest.raises(NotReady, match="Say why"):
        publishing.cancel_publication(planned, by=editor, reason="")
    publishing.cancel_publication(planned, by=editor, reason="Replaced.")
    assert Submission.objects.get(pk=approved.pk).state == "approved"
    assert publishing.publish(second, by=editor).state == "live"


@pytest.mark.parametrize("ago", [timedelta(0), timedelta(days=1)])
def test_a_time_that_has_passed_is_no_time_to_publish(approved, editor, ago):
    with pytest.raises(NotReady, match="That moment has passed"):
        publishing.publish(approved, by=editor, at=timezone.now() - ago)


# ---- Four dates


def past(approved_days_ago=40):
    """Act as on an earlier day."""
    return clock.as_of(timezone.now() - timedelta(days=approved_days_ago))


@pytest.fixture
def old(article, author, editor, reviewer, reviewer2, settings):
    """Approved forty days ago, published thirty days ago."""
    settings.DEMO = True
    with past(40):
        approved = walk(article, author, editor, reviewer, reviewer2)
    with past(30):
        return publishing.publish(approved, by=editor)


def walk(article, author, editor, *reviewers):
    """The whole way to an approval, with proofs given at the moment of the act."""
    submission = builders.submit(article, author)
    for assignment, person in zip(builders.assign(submission, editor, *reviewers), reviewers, strict=True):
        builders.open_text(assignment, person)
        answers = {ref.pk: "supports" for ref in submission.version.references.all()}
        proof = Signing(person, clock.now())
        reviewing.recommend(assignment, by=person, signing=proof, digest=submission.version.digest, recommendation="approve", answers=answers)
    return workflow.approve(submission, by=editor, signing=Signing(editor, clock.now()), digest=submission.version.digest)


def dates(publication):
    return {name: getattr(Publication.objects.get(pk=publication.pk), name) for name in DATES}


def test_the_four_dates_are_four_days(old):
    approved_on, updated_on = clock.today() - timedelta(days=40), clock.today() - timedelta(days=30)
    assert dates(old) == {
        "approved_on": approved_on,
        "last_reviewed_on": approved_on,
        "last_updated_on": updated_on,
        "review_due_on": next_due(approved_on, 12),
    }


def test_no_act_but_its_own_moves_a_date(old, author, editor, reviewer, reviewer2):
    before = dates(old)
    builders.revise(old.article, author, plain="Other.[@guide]")
    later = builders.submit(old.article, author)
    builders.recommend(builders.assign(later, editor, reviewer)[0], reviewer, "changes")
    workflow.request_changes(later, by=editor, note="Shorter.")
    publishing.withhold(old, by=editor, reason="A dose is being checked.")
    publishing.restore(old, by=editor)
    publishing.change_address(old.article, by=editor, slug="nerves")
    again = workflow.open_re_review(old, by=editor)
    workflow.decline_submission(again, by=editor, reason="Not now.")
    publishing.propose_retraction(old, by=editor, signing=builders.fresh(editor), notice="Taken back.", reason="unreliable")
    assert dates(old) == before


def test_reaffirming_moves_the_review_and_its_next_and_nothing_else(old, editor, reviewer, reviewer2):
    before = dates(old)
    again = workflow.open_re_review(old, by=editor)
    for assignment, person in zip(builders.assign(again, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
        builders.recommend(assignment, person)
    workflow.reaffirm(again, by=editor, signing=builders.fresh(editor), digest=again.version.digest, note="It stands.")
    today = clock.today()
    assert dates(old) == {**before, "last_reviewed_on": today, "review_due_on": next_due(today, 12)}
    assert Publication.objects.get().last_review == again


def test_a_new_version_has_dates_of_its_own_and_the_replaced_one_keeps_its(old, author, editor, reviewer, reviewer2):
    before = dates(old)
    second = second_version(old.article, author, editor, reviewer, reviewer2)
    current = publishing.publish(second, by=editor)
    assert dates(old) == before
    assert dates(current) == {**dict.fromkeys(DATES, clock.today()), "review_due_on": next_due(clock.today(), 12)}


@pytest.mark.parametrize(
    ("day", "months", "due"),
    [
        (date(2024, 2, 29), 36, date(2027, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2025, 8, 31), 6, date(2026, 2, 28)),
        (date(2025, 12, 31), 12, date(2026, 12, 31)),
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
    ],
)
def test_the_next_review_is_due_some_calendar_months_later_and_month_ends_clamp(day, months, due):
    assert next_due(day, months) == due


# ---- Addresses


def test_an_address_is_given_once_and_an_earlier_one_leads_to_it(published, editor, outsider):
    with pytest.raises(PermissionDenied):
        publishing.change_address(published.article, by=outsider, slug="x")
    publishing.change_address(published.article, by=editor, slug="Pinched Nerve!")
    assert {a.slug: a.is_current for a in Address.objects.all()} == {"how-is-a-trapped-nerve-treated": False, "pinched-nerve": True}
    publishing.change_address(published.article, by=editor, slug="how-is-a-trapped-nerve-treated")
    assert {a.slug: a.is_current for a in Address.objects.all()} == {"how-is-a-trapped-nerve-treated": True, "pinched-nerve": False}
    for nothing in ("", "!!!", "how-is-a-trapped-nerve-treated"):
        with pytest.raises(NotReady, match="Give a new address"):
            publishing.change_address(published.article, by=editor, slug=nothing)


def test_two_articles_never_share_an_address_also_not_a_former_one(published, author, editor, reviewer, reviewer2):
    publishing.change_address(published.article, by=editor, slug="pinched-nerve")
    other = builders.walk_to_published(builders.make_article(author), author, editor, reviewer, reviewer2)
    assert Address.objects.get(article=other.article).slug == "how-is-a-trapped-nerve-treated-2"
    for taken in ("pinched-nerve", "how-is-a-trapped-nerve-treated"):
        with pytest.raises(NotReady, match="Another article has or had this address"):
            publishing.change_address(other.article, by=editor, slug=taken)


def test_what_was_never_public_has_no_address_to_change(approved, editor):
    with pytest.raises(NotReady, match="no public address yet"):
        publishing.change_address(approved.article, by=editor, slug="x")


def test_a_new_version_with_another_title_keeps_the_address(published, author, editor, reviewer, reviewer2):
    article = Article.objects.get()
    drafting.revise(article, by=author, draft_number=article.draft_number, changes=drafting.Changes(fields={"title": "Quite another title"}))
    builders.walk_to_published(article, author, editor, reviewer, reviewer2)
    assert Address.objects.get().slug == "how-is-a-trapped-nerve-treated"


def test_what_moved_on_since_is_stale(published, editor):
    first, second = Publication.objects.get(), Publication.objects.get()
    publishing.withhold(first, by=editor, reason="A dose is being checked.")
    with pytest.raises(NotReady, match="is withheld"):
        publishing.withhold(second, by=editor, reason="The same.")
    with pytest.raises(StaleRecord):
        advance(second, "withhold")
