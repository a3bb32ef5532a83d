"""Whether votes meet a policy: an author never counts, one person counts once, and who is against must be answered (A9)."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.quorum import Need, Vote, count, to_set_aside
from tests.scale import examples

NEUROLOGY, PRACTICE = frozenset({"Neurology"}), frozenset({"General practice"})


def vote(person="ann", favourable=True, **more):
    """A favourable vote of a neurologist who agreed to be named."""
    return Vote(**{"person": person, "favourable": favourable, "medical": True, "specialties": NEUROLOGY, "named": True, **more})


# ---- Sentence by sentence


def test_a_policy_that_is_met_has_nothing_against_it():
    assert count(Need(2, 1, ("Neurology",)), [vote("ann"), vote("bob", specialties=PRACTICE, medical=False, named=False)]) == []


@pytest.mark.parametrize(
    ("approvals", "people", "reasons"),
    [
        (2, [], ["0 of 2 approvals are in."]),
        (2, ["ann"], ["1 of 2 approvals is in."]),
        (1, [], ["0 of 1 approval is in."]),
        (3, ["ann", "bob"], ["2 of 3 approvals are in."]),
        (2, ["ann", "bob"], []),
        (1, ["ann", "bob"], []),
    ],
)
def test_approvals_are_counted(approvals, people, reasons):
    assert count(Need(approvals, 0, ()), [vote(person) for person in people]) == reasons


@pytest.mark.parametrize(
    ("medical", "votes", "reasons"),
    [
        (1, [vote(medical=False)], ["0 of 1 medical approval is in."]),
        (2, [vote("ann"), vote("bob", medical=False)], ["1 of 2 medical approvals is in."]),
        (2, [vote("ann"), vote("bob")], []),
        (0, [vote(medical=False)], []),
    ],
)
def test_medical_approvals_are_counted(medical, votes, reasons):
    assert count(Need(1, medical, ()), votes) == reasons


def test_each_specialty_that_is_missing_is_named():
    need = Need(1, 0, ("Neurology", "General practice", "Pharmacy"))
    assert count(need, [vote()]) == ["General practice is missing.", "Pharmacy is missing."]
    assert count(need, [vote(specialties=NEUROLOGY | PRACTICE | {"Pharmacy"})]) == []
    assert count(Need(1, 0, ("Neurology",)), []) == ["0 of 1 approval is in.", "Neurology is missing."]


def test_the_specialty_of_whoever_is_against_covers_nothing():
    reasons = count(Need(1, 0, ("General practice",)), [vote(), vote("bob", False, specialties=PRACTICE, set_aside=True)])
    assert reasons == ["General practice is missing."]


@pytest.mark.parametrize(
    ("against", "words"), [(1, "1 recommendation against approval must be answered"), (2, "2 recommendations against approval must be answered")]
)
def test_whoever_is_against_must_be_answered(against, words):
    votes = [vote("for")] + [vote(f"against {n}", False) for n in range(against)]
    (reason,) = count(Need(1, 1, ()), votes)
    assert reason.startswith(words)
    assert count(Need(1, 1, ()), [vote("for")] + [vote(f"against {n}", False, set_aside=True) for n in range(against)]) == []


def test_what_was_set_aside_does_not_turn_into_an_approval():
    assert count(Need(2, 0, ()), [vote("ann"), vote("bob", False, set_aside=True)]) == ["1 of 2 approvals is in."]


def test_somebody_who_approves_agreed_to_be_named():
    words = "None of the reviewers who approve agreed to be named on the page."
    assert count(Need(2, 0, ()), [vote("ann", named=False), vote("bob", named=False)]) == [words]
    assert count(Need(2, 0, ()), [vote("ann", named=False), vote("bob")]) == []
    assert count(Need(1, 0, ()), [vote("ann", named=False), vote("bob", named=False)]) == [words]
    assert count(Need(2, 0, ()), [vote("ann", named=False)]) == ["1 of 2 approvals is in.", words]
    assert words in count(Need(1, 0, ()), [vote("ann", named=False), vote("bob", False)])


def test_one_person_counts_once():
    assert count(Need(2, 2, ()), [vote("ann"), vote("ann")]) == ["1 of 2 approvals is in.", "1 of 2 medical approvals is in."]


def test_an_author_does_not_count():
    assert count(Need(1, 1, ("Neurology",)), [vote("ann", is_barred=True)]) == [
        "0 of 1 approval is in.",
        "0 of 1 medical approval is in.",
        "Neurology is missing.",
    ]


def test_an_author_who_is_against_still_stands_against():
    (reason,) = count(Need(1, 0, ()), [vote("ann"), vote("bob", False, is_barred=True)])
    assert reason.startswith("1 recommendation against")


def test_a_favourable_vote_that_does_not_count_is_to_be_set_aside():
    barred = vote("bob", is_barred=True)
    assert to_set_aside([vote("ann"), barred]) == [
        "1 recommendation of somebody with a hand in the text or a conflict of interest must be set aside: it counts for nothing."
    ]
    assert to_set_aside([vote("ann"), replace(barred, set_aside=True), vote("cat", False, is_barred=True)]) == []
    assert count(Need(1, 0, ()), [vote("ann", set_aside=True)]) == ["0 of 1 approval is in."]


# ---- Whatever the group


SPECIALTIES = ("Neurology", "General practice", "Pharmacy")
VOTES = st.builds(
    Vote,
    person=st.sampled_from(["ann", "bob", "cat", "dan", "eve"]),
    favourable=st.booleans(),
    medical=st.booleans(),
    specialties=st.frozensets(st.sampled_from(SPECIALTIES), max_size=3),
    named=st.booleans(),
    set_aside=st.booleans(),
    is_barred=st.booleans(),
)
NEEDS = st.builds(Need, approvals=st.integers(1, 3), medical=st.integers(0, 2), specialties=st.lists(st.sampled_from(SPECIALTIES), unique=True).map(tuple))
MANY = settings(max_examples=examples(300, 5_000), deadline=None)


@given(NEEDS, st.lists(VOTES, max_size=8))
@MANY
def test_a9_a_policy_is_met_exactly_when_it_is(need, votes):
    """Told once more, in other words."""
    good = [v for v in votes if v.favourable and not v.is_barred and not v.set_aside]
    people = {v.person for v in good}
    last = {p: [v for v in good if v.person == p][-1] for p in people}
    is_met = (
        all(v.favourable or v.set_aside for v in votes)
        and len(people) >= need.approvals
        and len([p for p in people if last[p].medical]) >= need.medical
        and all(any(name in last[p].specialties for p in people) for name in need.specialties)
        and any(last[p].named for p in people)
    )
    assert (count(need, votes) == []) == is_met


@given(NEEDS, st.lists(VOTES, max_size=6), VOTES)
@MANY
def test_a9_the_vote_of_an_author_never_helps(need, votes, extra):
    with_author = count(need, [*votes, replace(extra, is_barred=True)])
    assert with_author or not count(need, votes)


@given(NEEDS, st.lists(VOTES, max_size=6))
@MANY
def test_a9_signing_again_never_helps(need, votes):
    assert count(need, [*votes, *votes]) == [] or count(need, votes) != []
    if not count(need, [*votes, *votes]):
        assert count(need, votes) == []


@given(NEEDS, st.lists(VOTES, max_size=6), VOTES)
@MANY
def test_one_more_voice_against_never_helps(need, votes, extra):
    assert count(need, [*votes, replace(extra, favourable=False, set_aside=False)])


@given(NEEDS, st.lists(VOTES, max_size=6))
@MANY
def test_a9_fewer_people_than_approvals_is_never_enough(need, votes):
    if len({v.person for v in votes}) < need.approvals:
        assert count(need, votes)
