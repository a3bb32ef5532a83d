"""Checks of who answers for an article: authors, their interests, funding and sponsor."""

from collections.abc import Iterator

from articles.checks.base import MUST_FIX, Draft, Hit, check


@check("people.no_author", level=MUST_FIX, can_be_waived=False, rule="APP-8")
def somebody_is_author(draft: Draft) -> Iterator[Hit]:
    """Somebody is named as author."""
    if not any(authorship.role == "author" for authorship in draft.article.authorships.all()):
        yield Hit("Nobody is named as author.", "Add an author under Details and interests.")


@check("people.interests", level=MUST_FIX, can_be_waived=False, rule="COI-5")
def interests_are_declared(draft: Draft) -> Iterator[Hit]:
    """Every author and contributor declared their interests."""
    for authorship in draft.article.authorships.all():
        if not authorship.interests.strip():
            yield Hit(
                f"{authorship.person.name} has not declared any interests.",
                'State them under Details and interests; "None declared" is an answer, a blank is not.',
                key=f"person-{authorship.person_id}",
            )


MONEY_HINT = 'State it under Details and interests; "None" is an answer.'


@check("people.funding", level=MUST_FIX, can_be_waived=False, rule="COI-5")
def funding_is_stated(draft: Draft) -> Iterator[Hit]:
    """It is said who funded the work."""
    if not draft.article.funding.strip():
        yield Hit("It is not said who funded this work.", MONEY_HINT)


@check("people.sponsor", level=MUST_FIX, can_be_waived=False, rule="COI-5")
def sponsor_is_stated(draft: Draft) -> Iterator[Hit]:
    """It is said whether there is a sponsor or advertising."""
    if not draft.article.sponsor.strip():
        yield Hit("It is not said whether there is a sponsor or advertising.", MONEY_HINT)
