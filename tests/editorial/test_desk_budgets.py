"""What each page of the desk costs with ten submissions before the board and with ten thousand: the same statements."""

from datetime import timedelta
from time import perf_counter

import pytest
from django.db import connection
from django.urls import reverse

from editorial.desk import morning
from editorial.models import SavedFilter
from records import clock
from tests import builders, many
from tests.editorial.desk import seen_by
from tests.scale import examples

pytestmark = [pytest.mark.django_db, pytest.mark.engine]
SIZES = (10, examples(40, 10_000))
MOST = 45


@pytest.fixture
def board(author):
    """Twelve members of the board."""
    return [builders.make_member(f"Member {number:02}", f"Field {number % 4}").person.board_member for number in range(12)]


def editor_pages(made, member):
    """name → address, of what an editor works with."""
    under_review = next(each for each in made if each.under_review_at)
    late = made[2].assignments.get(state="assigned")
    chosen = "&".join(f"submission={each.pk}" for each in made[:10])
    at = {name: reverse(f"desk:{name}", args=[under_review.pk]) for name in ("submission", "assign")}
    lists = {f"list {name}": f"{reverse('desk:submissions')}?waiting={name}" for name in ("now", "overdue", "week", "open")}
    return {
        "morning": reverse("admin:index"),
        **{f"queue {name}": reverse("desk:queue", args=[name]) for name in ("now", "overdue", "week", "open")},
        "list": reverse("desk:submissions"),
        **lists,
        "list of a reviewer": f"{reverse('desk:submissions')}?reviewer={member.pk}",
        "list by kind and type": f"{reverse('desk:submissions')}?kind=first&type={under_review.version.article_type_id}",
        "invite": f"{reverse('desk:invite')}?{chosen}",
        "replace": reverse("desk:replace_reviewer", args=[made[2].pk, late.pk]),
        **at,
    }


def cost(client, address):
    """The statements and seconds of a page that answers 200, once what is read on the first visit alone is read."""
    assert client.get(address).status_code == 200
    begun = perf_counter()
    with builders.queries_counted(connection) as found:
        client.get(address)
    return len(found), perf_counter() - begun


def test_the_desk_costs_the_same_with_ten_submissions_and_with_ten_thousand(client, author, editor, board, report):
    SavedFilter.objects.create(owner=editor, name="Late", chosen={"waiting": "overdue"})
    made = many.open_submissions(SIZES[0], author, editor, board)
    seen_by(client, editor)
    pages = editor_pages(made, board[1])
    few = {name: cost(client, address) for name, address in pages.items()}
    many.open_submissions(SIZES[1] - SIZES[0], author, editor, board)
    lots = {name: cost(client, address) for name, address in pages.items()}
    rows = [[name, few[name][0], lots[name][0], f"{few[name][1] * 1000:.0f}", f"{lots[name][1] * 1000:.0f}"] for name in pages]
    report(f"Desk with {SIZES[0]} and {SIZES[1]:,} open submissions", ["page", "statements", "statements", "ms", "ms"], rows)
    assert {name: found[0] for name, found in lots.items()} == {name: found[0] for name, found in few.items()}
    assert max(found[0] for found in lots.values()) <= MOST


def test_a_reviewers_page_costs_the_same_with_ten_reviews_and_with_many(client, author, editor, board, reviewer, report):
    own = reviewer.person.board_member
    seen_by(client, reviewer)
    found = []
    for number in SIZES:
        many.open_submissions(number, author, editor, [own, board[0]])
        found.append(cost(client, reverse("admin:index")))
    report("A reviewer's page", ["reviews", "statements", "ms"], [[n, f[0], f"{f[1] * 1000:.0f}"] for n, f in zip(SIZES, found, strict=True)])
    assert found[0][0] == found[1][0]
    assert found[1][0] <= 20


def test_the_counts_are_those_of_the_lists(author, editor, board, published):
    many.open_submissions(21, author, editor, board)
    today = clock.today()
    for day in (today, today + timedelta(days=8), today + timedelta(days=400)):
        assert morning.counts(day) == {group: len(morning.keys(group, day)) for group in morning.GROUPS}
    assert sum(morning.counts(today).values()) == 21
