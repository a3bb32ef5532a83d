"""Withholding and restoring: one editor, at once, with a reason readers may see."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from editorial import publishing
from editorial.models import PageNotice, Publication, PublishedPage
from records import clock
from records.errors import NotReady
from records.models import system_user
from tests import builders

pytestmark = pytest.mark.django_db
WORDS = "Naproxen 250 mg"


def shown():
    return [bytes(page.body).decode() for page in PublishedPage.objects.all()]


def test_one_editor_takes_the_text_away_at_once_from_every_page_of_it(published, editor2):
    assert any(WORDS in body for body in shown())
    held = publishing.withhold(published, by=editor2, reason="A dose is being checked.")
    assert (held.state, held.withheld_reason, held.withheld_on) == ("withheld", "A dose is being checked.", clock.today())
    assert not any(WORDS in body for body in shown())
    assert any("A dose is being checked." in body for body in shown())
    assert PageNotice.objects.get().kind == "withheld"


def test_a_reason_is_asked_for(published, editor):
    with pytest.raises(NotReady, match="a reason that readers may see"):
        publishing.withhold(published, by=editor, reason="  ")
    assert Publication.objects.get().state == "live"


def test_only_editors_and_the_calendar_withhold(published, author, reviewer, administrator, outsider):
    for person in (author, reviewer, administrator, outsider):
        with pytest.raises(PermissionDenied):
            publishing.withhold(published, by=person, reason="No.")
    assert publishing.withhold(published, by=system_user(), reason="The review is overdue.").state == "withheld"


def test_restoring_shows_the_same_words_with_the_same_dates_and_ends_the_notice(published, editor, editor2, author):
    before = set(shown())
    publishing.withhold(published, by=editor, reason="A dose is being checked.")
    with pytest.raises(PermissionDenied):
        publishing.restore(published, by=author)
    again = publishing.restore(published, by=editor2, note="It was right.")
    assert (again.state, again.withheld_reason, again.withheld_on, again.last_updated_on) == ("live", "", None, published.last_updated_on)
    assert set(shown()) == before
    notice, end = PageNotice.objects.order_by("made_at")
    assert end.ends == notice


def test_a_new_version_replaces_a_withheld_one_and_ends_its_notice(published, author, editor, reviewer, reviewer2):
    publishing.withhold(published, by=editor, reason="A dose is being checked.")
    builders.revise(published.article, author, professional="Safer words.[@guide][@trial]")
    builders.walk_to_published(published.article, author, editor, reviewer, reviewer2)
    assert {p.submission.version.number: p.state for p in Publication.objects.all()} == {1: "superseded", 2: "live"}
    assert PageNotice.objects.filter(kind="withheld", ends=None, ended_by=None).count() == 0


def test_what_is_not_public_is_not_withheld(approved, editor):
    planned = publishing.publish(approved, by=editor, at=clock.now() + timedelta(days=1))
    with pytest.raises(NotReady, match="the version is scheduled"):
        publishing.withhold(planned, by=editor, reason="No.")


def test_what_an_editor_takes_down_no_clock_shows_again(published, author, editor, editor2, reviewer, reviewer2):
    builders.revise(published.article, author, professional="Other words.[@guide][@trial]")
    second = builders.walk_to_approved(published.article, author, editor, reviewer, reviewer2)
    at = clock.now() + timedelta(hours=2)
    planned = publishing.publish(second, by=editor, at=at)
    publishing.withhold(published, by=editor2, reason="A dose is being checked.")
    assert Publication.objects.get(pk=planned.pk).state == "cancelled"
    publishing.go_live_due(at)
    assert Publication.objects.standing().get().state == "withheld"
    assert publishing.publish(second, by=editor).state == "live"
