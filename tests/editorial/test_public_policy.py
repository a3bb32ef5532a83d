"""The editorial policy says what is done here, and no more: it changes with the rules in force, the severities of checks and the settings."""

from datetime import date, timedelta

import pytest

from articles.models import CheckSeverity, ListImport
from editorial.pages import policy
from records import clock
from reviews.models import Specialty
from tests import builders

ADDRESS = "/editorial-policy/"


def read(client):
    return " ".join(client.get(ADDRESS).content.decode().split())


def loaded(as_of, *, finished=True, error=""):
    """A list of retractions that was taken in, or that could not be."""
    return ListImport.objects.create(
        source=ListImport.RETRACTION_WATCH, place="list.csv", data_as_of=as_of, finished_at=clock.now() if finished else None, error=error
    )


@pytest.mark.engine
def test_the_page_shows_the_rules_in_force(author, reviewer, client, django_assert_num_queries):
    builders.make_type("treatment", approvals=2)
    builders.make_type("treatment", approvals=3, interval_months=6, evidence_days=9, invitation_days=4, review_days=1, grace_days=30, after_grace="archive")
    with django_assert_num_queries(5):
        page = read(client)
    for words in (
        "<td>3, 1 of them medical, and an editor’s</td>", "4&nbsp;days to answer, 1&nbsp;day to review", "6&nbsp;months, opened 90&nbsp;days ahead",
        "after 30&nbsp;days: marked as archived, not indexed", "Decided within 9&nbsp;days", "Version 2, <time", "authors are not told who reviews",
    ):  # fmt: skip
        assert words in page, words
    assert page.count('<th scope="row">') == 1


def test_app7_a_new_rule_changes_the_page_and_its_version(author, client):
    builders.make_type("treatment", approvals=2)
    builders.make_type("note", approvals=1)
    before = read(client)
    assert "Version 2, in force since" in before
    kind = builders.make_type("note", approvals=2, interval_months=18, names_reviewers_to_authors=True, questions=["Is every dose right?"])
    neurology = Specialty.objects.get_or_create(name="Neurology", slug="neurology")[0]
    kind.policies.get(number=2).specialties.add(neurology)
    page = read(client)
    assert "Version 3, in force since" in page
    assert "18&nbsp;months" in page
    assert "18&nbsp;months" not in before
    assert "<td>Neurology</td>" in page
    assert "Note: authors are told who reviews." in page
    assert "Is every dose right?" in page


def test_without_rules_the_page_says_so(db, client):
    page = read(client)
    assert "No rules are in force yet" in page
    assert "What refuses a submission" not in page


def test_what_refuses_a_submission_is_what_the_checks_refuse_here(author, client):
    treatment = builders.make_type("treatment")
    builders.make_type("note")
    everywhere = "<li>Every cited key has a reference.</li>"
    dose = "A passage that says how much of a medicine is taken has a citation by it. <span class=\"meta\">For: Treatment.</span>"
    page = read(client)
    assert everywhere in page
    assert dose in page
    CheckSeverity.objects.create(article_type=treatment, check_id="claim.dose", level="look_at")
    CheckSeverity.objects.create(article_type=treatment, check_id="citation.unresolved", level="off")
    page = read(client)
    assert "how much of a medicine" not in page
    assert 'Every cited key has a reference. <span class="meta">For: Note.</span>' in page


# ---- The watch on the evidence


@pytest.mark.parametrize(
    ("source", "list_of", "says", "never"),
    [
        ("", None, "No list of retractions is taken in here", "compared with every work"),
        ("https://lists.example/today.csv", None, "Nothing of it is known here yet: no work was compared with it.", "What is known here is of"),
        ("https://lists.example/today.csv", timedelta(0), "is taken in every day", "more than a week old"),
        ("https://lists.example/today.csv", timedelta(days=9), "more than a week old", "Nothing of it is known"),
        ("", timedelta(0), "is taken in by hand, not every day", "is taken in every day"),
    ],
)
def test_rep4_the_page_claims_no_watch_that_is_not_kept(author, client, settings, source, list_of, says, never):
    builders.make_type("treatment")
    settings.RETRACTIONS_FROM = source
    if list_of is not None:
        loaded(clock.today() - list_of)
    page = read(client)
    assert says in page
    assert never not in page


def test_a_list_that_failed_to_come_is_said_to_have_failed(db, settings):
    settings.RETRACTIONS_FROM = "https://lists.example/today.csv"
    loaded(date(2026, 1, 2))
    loaded(None, finished=False, error="It broke off.")
    said = next(policy.watch(clock.today()))
    assert "It could not be taken in on" in said
    assert "What is known here is of 2 January 2026: more than a week old." in said


def test_registries_are_said_to_be_asked_only_where_they_are(db, settings):
    settings.OUTGOING_HOSTS = []
    assert list(policy.watch(clock.today()))[-1] == "No registry is asked about single works."
    settings.OUTGOING_HOSTS, settings.CROSSREF_URL = ["https://api.crossref.org"], "https://api.crossref.org"
    said = list(policy.watch(clock.today()))[-1]
    assert "Crossref is asked about each that has a DOI" in said
    assert "PubMed" not in said


def test_a_second_factor_is_claimed_only_where_it_is_asked_for(db, client, settings):
    settings.SECOND_FACTOR_REQUIRED = False
    assert "second factor" not in read(client)
    settings.SECOND_FACTOR_REQUIRED = True
    assert "sign in with a second factor" in read(client)


def test_cor2_what_is_never_minor_is_what_the_code_refuses(db, client):
    page = read(client)
    for words in ("dose", "negation", "drug", "citation", "table cell", "warning or call-out"):
        assert words in page.partition("Never minor is any of these:")[2].partition("</li>")[0]
    assert "name or technical term" not in page
