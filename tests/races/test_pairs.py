"""E9: any two acts at the same moment end as if one had come before the other, and nobody is told that the database is locked."""

from itertools import combinations_with_replacement, islice, product

import pytest
from django.db import transaction

from articles.models import Article, ArticleVersion
from editorial.models import Publication
from reviews.models import Comment, ReviewAssignment, Signature, Submission
from tests import acts, worlds
from tests.races.together import at_once, errors, outcome
from tests.scale import PROVE, examples

# act: by whom. Each pair is tried in a situation in which the first of the two is ready.
PEOPLE = {
    "revise": "owner",
    "submit": "owner",
    "withdraw": "co-author",
    "assign": "editor",
    "cancel_assignment": "editor",
    "recommend": "assigned reviewer",
    "request_changes": "second editor",
    "approve": "editor",
    "publish": "second editor",
    "withhold": "editor",
    "restore": "second editor",
    "open_re_review": "editor",
}
READY_IN = {
    "revise": "reviewed",
    "submit": "live",
    "withdraw": "reviewed",
    "assign": "opened",
    "cancel_assignment": "opened",
    "recommend": "opened",
    "request_changes": "reviewed",
    "approve": "reviewed",
    "publish": "approved",
    "withhold": "live",
    "restore": "withheld",
    "open_re_review": "live",
}


def state(world):
    """All that two acts may have changed of one article, without the moments and the ids."""
    own = {"submission__article": world.article.pk}
    return (
        Article.objects.values_list("draft_number").get(pk=world.article.pk),
        sorted(ArticleVersion.objects.filter(article=world.article.pk).values_list("number", "draft_number")),
        sorted(Submission.objects.filter(article=world.article.pk).values_list("version__number", "kind", "state")),
        sorted(ReviewAssignment.objects.filter(**own).values_list("member__slug", "state", "ended_reason")),
        sorted(Publication.objects.filter(article=world.article.pk).values_list("submission__version__number", "state")),
        sorted(Signature.objects.filter(**own).values_list("meaning", "user__email")),
        Comment.objects.sent().filter(assignment__submission__article=world.article.pk).count(),
    )


def one_after_the_other(world, *steps):
    """What comes of the steps in this order, taken back again."""
    with transaction.atomic():
        outcomes = [outcome(step) for step in steps]
        found = outcomes, state(world)
        transaction.set_rollback(True)
    return found


def world_for(first, second, people):
    """An article on which the first act is ready, else the second, and that has what both are about."""
    for act in (first, second):
        world = worlds.make_world(READY_IN[act], people, small=True)
        if acts.has_subject(first, world) and acts.has_subject(second, world):
            world.seen = world.draft_number
            return world, READY_IN[act]
    raise LookupError(f"no situation for {first} and {second}")


def tried(first, second, people):
    """One try: the situation, what came of both at once, and of one after the other in either order."""
    world, situation = world_for(first, second, people)
    steps = [lambda act=act: acts.take(act, world, world[PEOPLE[act]]) for act in (first, second)]
    in_order = one_after_the_other(world, *steps)
    outcomes, reached = one_after_the_other(world, *steps[::-1])
    return situation, (at_once(*steps), state(world)), (in_order, (outcomes[::-1], reached))


@pytest.mark.long
@pytest.mark.engine
def test_e9_two_acts_at_once_end_as_one_after_the_other(committed_db, report):
    people, rows, wrong = worlds.make_people(), [], []
    for first, second in product(PEOPLE, PEOPLE) if PROVE else islice(combinations_with_replacement(PEOPLE, 2), 0, None, 2):
        both = 0
        for _ in range(examples(1, 3)):
            situation, found, allowed = tried(first, second, people)
            both += found[0] == ["done", "done"]
            if errors(found[0]) or found not in allowed:
                wrong.append((first, second, found[0], [outcomes for outcomes, _ in allowed]))
        rows.append([first, second, situation, " + ".join(found[0]), both])
    report("Two acts at the same moment", ["first", "second", "in the situation", "what came of them", "both done"], rows)
    assert wrong == []
