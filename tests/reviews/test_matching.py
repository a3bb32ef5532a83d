"""Who is fit and free to review, and who is tied or barred and why (COI-1, COI-2)."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from articles.models import Topic, VersionHand
from editorial import workflow
from records import clock
from records.history import save_as
from records.models import Affiliation, Person, PersonalTie
from reviews import matching, reviewing
from reviews.models import BoardMember, KnownConflict, Specialty
from tests import builders

ON = date(2026, 3, 1)
BEYOND = date(2023, 2, 27)  # 36 months and more before


def of(user, submission, on=None):
    """One member as the editor sees them; in the list and alone they are judged alike."""
    on = on or clock.today()
    member = BoardMember.objects.select_related("person__user").get(person__user=user)
    alone = matching.candidate(submission, member, on)
    for listed in matching.candidates(submission, on):
        if listed.member.pk == member.pk:
            assert (alone.bars, alone.ties) == (listed.bars, listed.ties)
            return listed
    return alone


# ---- Bars


def test_a_member_without_a_hand_and_without_ties_can_be_chosen(submitted, reviewer):
    found = of(reviewer, submitted)
    assert (found.bars, found.ties, found.can_be_chosen, found.specialties) == ((), (), True, ("Neurology",))


def test_coi_1_an_author_is_barred(author, editor):
    member = builders.make_member("Meg Member")
    builders.roles.give(member, builders.roles.AUTHOR)
    submission = builders.submit(builders.make_article(author, authors=[author, member]), author)
    assert of(member, submission).bars == ("Has a hand in the text.",)


def test_coi_1_whoever_saved_the_draft_is_barred_and_so_is_an_author_of_an_earlier_version(author, coauthor, reviewer, editor):
    article = builders.make_article(author, authors=[author, coauthor])
    BoardMember.objects.create(person=coauthor.person, slug="carl", since=date(2020, 1, 1))
    submission = builders.submit(article, author)
    assert of(coauthor, submission).bars == ("Has a hand in the text.",)
    workflow.decline_submission(submission, by=editor, reason="Not now.")
    article.authorships.filter(person=coauthor.person).delete()
    again = builders.submit(article, author)
    assert not again.version.hands.filter(person=coauthor.person).exists()
    assert of(coauthor, again).bars == ("Has a hand in the text.",)


def test_somebody_who_saved_without_being_named_is_barred(article, author, reviewer):
    """The hand of whoever saved the draft is on the version, by account."""
    article.title = "As the reviewer would ask it"
    save_as(article, by=reviewer, reason="A better question")
    submitted = builders.submit(article, author)
    assert VersionHand.objects.filter(version=submitted.version, kind="saved", user=reviewer).exists()
    assert of(reviewer, submitted).bars == ("Has a hand in the text.",)


def test_an_account_that_cannot_sign_in_is_a_bar(submitted, reviewer):
    reviewer.is_active = False
    reviewer.save()
    assert of(reviewer, submitted).bars == ("No account that can sign in.",)


def test_a_member_without_an_account_is_barred(submitted):
    person = Person.objects.create(name="Nora Noaccount")
    BoardMember.objects.create(person=person, slug="nora", since=date(2020, 1, 1))
    (found,) = [c for c in matching.candidates(submitted, clock.today()) if c.member.person == person]
    assert found.bars == ("No account that can sign in.",)


@pytest.mark.parametrize(
    ("since", "until", "bars"),
    [
        (date(2026, 3, 1), None, ()),
        (date(2026, 3, 2), None, ("Does not serve on the board now.",)),
        (date(2020, 1, 1), date(2026, 3, 1), ()),
        (date(2020, 1, 1), date(2026, 2, 28), ("Does not serve on the board now.",)),
    ],
)
def test_a_term_begins_and_ends(submitted, reviewer, since, until, bars):
    BoardMember.objects.filter(person=reviewer.person).update(since=since, until=until)
    assert of(reviewer, submitted, ON).bars == bars
    listed = {c.member.person_id for c in matching.candidates(submitted, ON)}
    assert (reviewer.person.pk in listed) == (bars == ())


def test_whoever_was_asked_is_not_asked_twice(submitted, editor, reviewer):
    assignment = builders.assign(submitted, editor, reviewer)[0]
    assert of(reviewer, submitted).bars == ("Is asked already.",)
    workflow.cancel_assignment(assignment, by=editor, reason="Away.")
    assert of(reviewer, submitted).bars == ()


def test_all_bars_are_said(submitted, editor, reviewer):
    builders.assign(submitted, editor, reviewer)
    BoardMember.objects.filter(person=reviewer.person).update(until=date(2021, 1, 1))
    reviewer.is_active = False
    reviewer.save()
    assert of(reviewer, submitted).bars == ("No account that can sign in.", "Does not serve on the board now.", "Is asked already.")


# ---- Ties


def workplace(user, institution, since=date(2015, 1, 1), until=None):
    """Somebody works somewhere."""
    return Affiliation.objects.create(person=user.person, institution=institution, since=since, until=until)


@pytest.mark.parametrize(("mine", "theirs"), [("City Hospital", "City Hospital"), ("CITY  hospital ", "City Hospital"), ("Straße 1", "STRASSE 1")])
def test_coi_2_the_same_institution_is_a_tie(submitted, author, reviewer, mine, theirs):
    workplace(author, theirs)
    workplace(reviewer, mine)
    found = of(reviewer, submitted, ON)
    assert found.ties == (f"Same institution as Ann Author: {theirs}.",)
    assert (found.bars, found.can_be_chosen) == ((), False)


@pytest.mark.parametrize(
    ("since", "until", "tied"),
    [
        (date(2015, 1, 1), date(2026, 2, 28), False),
        (date(2015, 1, 1), date(2026, 3, 1), True),
        (date(2026, 3, 1), None, True),
        (date(2026, 3, 2), None, False),
    ],
)
def test_coi_2_an_institution_counts_while_both_are_there(submitted, author, reviewer, since, until, tied):
    workplace(author, "City Hospital")
    workplace(reviewer, "City Hospital", since, until)
    assert bool(of(reviewer, submitted, ON).ties) is tied


def test_coi_2_the_institution_of_every_author_counts(author, coauthor, reviewer):
    submission = builders.submit(builders.make_article(author, authors=[author, coauthor]), author)
    workplace(coauthor, "City Hospital")
    workplace(reviewer, "City Hospital")
    assert of(reviewer, submission).ties == ("Same institution as Carl Coauthor: City Hospital.",)


def tie(one, other, kind="coauthor", since=date(2015, 1, 1), until=None):
    """Two people are tied."""
    return PersonalTie.objects.create(one=one.person, other=other.person, kind=kind, since=since, until=until)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("kind", "since", "until", "tied"),
    [
        ("coauthor", date(2023, 3, 1), None, True),
        ("coauthor", date(2026, 3, 1), None, True),
        ("coauthor", BEYOND, None, False),
        ("coauthor", date(2026, 3, 2), None, False),
        ("coauthor", date(2015, 1, 1), date(2023, 3, 1), True),
        ("coauthor", date(2015, 1, 1), BEYOND, False),
        ("mentor", date(1999, 1, 1), None, True),
        ("mentor", date(1999, 1, 1), date(2023, 3, 1), True),
        ("mentor", date(1999, 1, 1), BEYOND, False),
        ("grant", date(2015, 1, 1), None, True),
        ("grant", date(2015, 1, 1), BEYOND, False),
        ("family", date(1970, 1, 1), None, True),
        ("family", date(1970, 1, 1), BEYOND, False),
    ],
)
def test_coi_2_a_tie_holds_for_36_months_after_it_ended(submitted, author, reviewer, kind, since, until, tied, turned):
    tie(*((reviewer, author) if turned else (author, reviewer)), kind, since, until)
    found = of(reviewer, submitted, ON)
    assert bool(found.ties) is tied
    if tied:
        assert found.ties[0].endswith(" with Ann Author.")


def test_a_tie_with_somebody_else_is_none(submitted, reviewer, reviewer2, coauthor):
    tie(reviewer, reviewer2, since=date(2026, 1, 1))
    tie(coauthor, reviewer, since=date(2026, 1, 1))
    assert of(reviewer, submitted, ON).ties == ()


# ---- The list


def test_the_fit_and_free_come_first_and_the_tied_and_barred_last(author, editor):
    topic = Topic.objects.create(name="Nerves", slug="nerves")
    article = builders.make_article(author)
    article.topics.add(topic)
    names = ["Late Lena", "Busy Bea", "Fit Fred", "Odd Olga", "Tied Tim", "Barred Ben"]
    late, busy, _, odd, tied, barred = (builders.make_member(name) for name in names)
    Specialty.objects.get(name="Neurology").topics.add(topic)
    odd.person.board_member.specialties.set([Specialty.objects.create(name="Skin", slug="skin")])
    submission = builders.submit(article, author)
    builders.assign(submission, editor, barred)
    other = builders.submit(builders.make_article(author, title="Another?"), author)
    builders.assign(other, editor, busy, late)
    third = builders.submit(builders.make_article(author, title="A third?"), author)
    builders.assign(third, editor, late)
    tie(author, tied, "family")
    found = matching.candidates(submission, clock.today())
    assert [c.member.person.name for c in found] == ["Fit Fred", "Busy Bea", "Late Lena", "Odd Olga", "Tied Tim", "Barred Ben"]
    assert [c.load.open for c in found] == [0, 1, 2, 0, 0, 1]
    assert [c.fits for c in found] == [True, True, True, False, True, True]
    (lena,) = [c for c in matching.candidates(submission, date(2099, 1, 1)) if c.member.person.name == "Late Lena"]
    assert lena.load.late == 2


def test_a_specialty_that_the_policy_asks_for_fits(author, reviewer):
    article = builders.make_article(author, article_type=builders.make_type("drug"))
    assert of(reviewer, builders.submit(article, author)).fits is False
    other = builders.make_article(author, article_type=builders.make_type("device"))
    other.article_type.policies.get().specialties.add(Specialty.objects.get(name="Neurology"))
    assert of(reviewer, builders.submit(other, author)).fits is True


def test_the_list_costs_the_same_for_a_large_board(submitted, author):
    counts = []
    for number in (2, 30):
        for n in range(number):
            member = builders.make_member(f"Member {number} {n}", f"Field {n}")
            workplace(member, "City Hospital")
            tie(author, member)
        with builders.queries_counted(connection) as found:
            assert len(matching.candidates(submitted, clock.today())) >= number
        counts.append(len(found))
    assert counts[0] == counts[1]


# ---- What else is known before anybody chooses


def wrote_together(days, settings, *people):
    """An article of another question whose version was frozen so many days ago, with these people as its authors."""
    settings.DEMO = True
    with clock.as_of(timezone.now() - timedelta(days=days)):
        builders.submit(builders.make_article(people[0], title="Another question?", authors=people), people[0])


@pytest.mark.engine
@pytest.mark.parametrize(("days", "tied"), [(10, True), (matching.TIE_DAYS - 1, True), (matching.TIE_DAYS + 2, False)])
def test_coi_2_who_wrote_with_an_author_here_within_36_months_is_tied(submitted, author, reviewer, settings, days, tied):
    builders.roles.give(reviewer, builders.roles.AUTHOR)
    wrote_together(days, settings, author, reviewer)
    assert of(reviewer, submitted).ties == (("Wrote together with Ann Author.",) if tied else ())


def test_coi_2_who_saved_a_draft_of_another_article_did_not_write_it(submitted, author, reviewer):
    article = builders.make_article(author, title="Another question?")
    article.title = "Another question, put better?"
    save_as(article, by=reviewer, reason="A better question")
    builders.submit(article, author)
    assert of(reviewer, submitted).ties == ()


def test_coi_2_a_tie_is_said_once(submitted, author, reviewer, settings):
    builders.roles.give(reviewer, builders.roles.AUTHOR)
    wrote_together(10, settings, author, reviewer)
    tie(author, reviewer, since=clock.today() - timedelta(days=30))
    assert of(reviewer, submitted).ties == ("Wrote together with Ann Author.",)


@pytest.mark.engine
def test_coi_6_a_conflict_that_became_known_is_a_bar(submitted, editor, reviewer, reviewer2):
    KnownConflict.objects.create(article=submitted.article, person=reviewer.person, words="Paid by the maker.", by=editor)
    assert of(reviewer, submitted).bars == ("Has a conflict of interest on this article that became known later.",)
    assert of(reviewer2, submitted).bars == ()


def test_coi_7_what_a_registration_lacks_is_said_and_is_no_bar(submitted, reviewer):
    found = of(reviewer, submitted)
    assert found.gaps == ("profession and licence", "day of training")
    assert found.can_be_chosen
    BoardMember.objects.filter(person=reviewer.person).update(profession="Neurologist, GMC 1234567", trained_on=date(2024, 1, 1))
    assert of(reviewer, submitted).gaps == ()
    reviewer.person.affiliations.update(until=date(2020, 1, 1))
    assert of(reviewer, submitted).gaps == ("institution",)


@pytest.mark.engine
def test_coi_9_among_equals_the_reliable_come_first(author, editor, reviewer):
    unreliable = builders.make_member("Abel Absent")
    before = builders.submit(builders.make_article(author, title="Before?"), author)
    reviewing.decline(builders.assign(before, editor, unreliable)[0], by=unreliable)
    submission = builders.submit(builders.make_article(author), author)
    found = matching.candidates(submission, clock.today())
    assert [c.member.person.name for c in found] == ["Rosa Reviewer", "Abel Absent"]
    assert [c.load.declined_lately for c in found] == [0, 1]


@pytest.mark.engine
def test_many_submissions_are_answered_for_as_one_is_and_at_the_same_price(author, coauthor, editor, reviewer, reviewer2):
    BoardMember.objects.create(person=coauthor.person, slug="carl", since=date(2020, 1, 1))
    submissions = [builders.submit(builders.make_article(author, title=f"Question {n}?", authors=[author, coauthor][: 1 + n % 2]), author) for n in range(4)]
    builders.assign(submissions[0], editor, reviewer)
    assignment, = builders.assign(submissions[1], editor, reviewer2)
    reviewing.accept(assignment, by=reviewer2, named_in_public=True)
    reviewing.declare(assignment, by=reviewer2, digest=submissions[1].version.digest, conclusion="conflict")
    tie(author, reviewer)
    on, counts = clock.today(), []
    for number in (1, 4):
        with builders.queries_counted(connection) as found:
            together = matching.offers(submissions[:number], on)
        counts.append(len(found))
    assert counts[0] == counts[1]
    assert together == [matching.candidates(submission, on) for submission in submissions]
    assert {bool(each.bars) for offered in together for each in offered if each.member.person == coauthor.person} == {True, False}


def test_coi_1_whoever_has_the_name_of_an_author_who_was_entered_twice_is_tied(author, reviewer, editor):
    twin = Person.objects.create(name=f"Dr {reviewer.person.name.upper()}")
    article = builders.make_article(author)
    article.authorships.create(person=twin, role="author", position=2, interests="None declared")
    submission = builders.submit(article, author)
    assert of(reviewer, submission).ties == (f"Has the name of {twin.name}, who has a hand in the text.",)
