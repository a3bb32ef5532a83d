"""Asking reviewers about many submissions at once, and somebody else in a silent reviewer's place; filters that people keep."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from editorial import inviting
from editorial.models import SavedFilter
from records import clock
from records.models import Event, Outbox
from reviews.models import BoardMember, ReviewAssignment, Submission
from tests import builders, many
from tests.editorial.desk import of, seen_by
from tests.kept import kept

pytestmark = pytest.mark.django_db
INVITE, LIST = "/admin/desk/submissions/invite/", "/admin/desk/submissions/"


@kept
def waiting(author):
    """Three submissions that nobody was asked about."""
    return [builders.submit(builders.make_article(author, title=f"Waiting {name}?"), author) for name in ("one", "two", "three")]


def keys(*people):
    return [user.person.board_member.pk for user in people]


def invite(client, submissions, *people, **more):
    return client.post(INVITE, {"submission": [each.pk for each in submissions], "member": keys(*people), **more}, follow=True)


# ---- Many at once


@pytest.mark.engine
def test_several_reviewers_are_asked_about_several_submissions(client, editor, reviewer, reviewer2, waiting):
    page = seen_by(client, editor).get(INVITE, {"submission": [each.pk for each in waiting]}).content.decode()
    for words in ("Invite reviewers for 3", "Waiting one?", "Rosa Reviewer, MD", "Not on record"):
        assert words in page
    answer = invite(client, waiting[:2], reviewer, reviewer2).content.decode()
    assert "4 invitations sent, about 2 submissions." in answer
    assert {each.assignments.count() for each in waiting[:2]} == {2}
    assert not waiting[2].assignments.exists()


@pytest.mark.engine
def test_each_refusal_is_said_and_nothing_is_half_done(client, author, editor, reviewer, reviewer2, waiting):
    builders.assign(waiting[1], editor, reviewer)
    page = seen_by(client, editor).get(INVITE, {"submission": [each.pk for each in waiting]}).content.decode()
    assert "Is asked already." in page
    answer = invite(client, waiting, reviewer, reviewer2).content.decode()
    assert "Waiting two?: nobody was asked. Rosa Reviewer: Is asked already." in answer
    assert "4 invitations sent, about 2 submissions." in answer
    assert [each.assignments.count() for each in waiting] == [2, 1, 2]


def test_one_that_breaks_costs_the_others_nothing(editor, reviewer, waiting, monkeypatch):
    def breaks(submission, **more):
        if submission == waiting[1]:
            raise RuntimeError
        return assign_all(submission, **more)

    assign_all = inviting.assign_all
    monkeypatch.setattr(inviting, "assign_all", breaks)
    found = inviting.invite(waiting, by=editor, members=[reviewer.person.board_member])
    assert [each.submission for each in found.assignments] == [waiting[0], waiting[2]]
    assert [submission for submission, _ in found.refused] == [waiting[1]]


@pytest.mark.parametrize("spoil", ["unknown submission", "no key", "unknown member", "no number", "too many"])
def test_a6_one_that_is_not_theirs_means_that_nothing_changes(client, author, editor, reviewer, waiting, spoil):
    given = {"submission": [str(each.pk) for each in waiting], "member": [str(key) for key in keys(reviewer)]}
    extra = {
        "unknown submission": ("submission", ["12345678-1234-4234-8234-123456789abc"]), "no key": ("submission", ["x"]),
        "unknown member": ("member", ["999999"]), "no number": ("member", ["²"]),
        "too many": ("submission", [str(each.pk) for each in many.open_submissions(25, author, editor, [reviewer.person.board_member, builders.make_member("Sam Second").person.board_member])]),
    }  # fmt: skip
    name, more = extra[spoil]
    before = Event.objects.count(), Outbox.objects.count(), ReviewAssignment.objects.count()
    assert seen_by(client, editor).post(INVITE, {**given, name: [*given[name], *more]}).status_code == 404
    assert (Event.objects.count(), Outbox.objects.count(), ReviewAssignment.objects.count()) == before


@pytest.mark.parametrize(("who", "status"), [("reviewer2", 403), ("administrator", 403), ("author", 302), ("outsider", 302)])
def test_a6_only_editors_invite(client, request, reviewer, waiting, who, status):
    seen_by(client, request.getfixturevalue(who))
    given = {"submission": [each.pk for each in waiting], "member": keys(reviewer)}
    assert client.post(INVITE, given).status_code == status
    assert client.get(INVITE, given).status_code == status
    assert not ReviewAssignment.objects.exists()


def test_choosing_nothing_or_nobody_is_said(client, editor, waiting):
    assert "Choose at least one submission." in seen_by(client, editor).post(INVITE, follow=True).content.decode()
    answer = client.post(INVITE, {"submission": [waiting[0].pk]})
    assert answer.status_code == 409
    assert "Choose at least one reviewer." in answer.content.decode()


# ---- In a silent reviewer's place


@pytest.fixture
def silent(settings, editor, reviewer, submitted):
    """A review of somebody who did not answer in time."""
    settings.DEMO = True
    with clock.as_of(timezone.now() - timedelta(days=12)):
        return builders.assign(submitted, editor, reviewer)[0]


def replacing(assignment):
    return reverse("desk:replace_reviewer", args=[assignment.submission_id, assignment.pk])


@pytest.mark.engine
def test_coi_9_a_silent_reviewer_is_replaced_in_one_act(client, editor, reviewer, reviewer2, silent):
    page = seen_by(client, editor).get(replacing(silent)).content.decode()
    assert "Did not answer by" in page
    assert f'id="member-{reviewer2.person.board_member.pk}"' in page
    assert f'id="member-{reviewer.person.board_member.pk}"' not in page
    answer = client.post(replacing(silent), {"member": keys(reviewer2), "reason": "Did not answer."}, follow=True).content.decode()
    assert "Paul Panel is asked instead of Rosa Reviewer. Both are told." in answer
    states = dict(ReviewAssignment.objects.values_list("member__person__name", "state"))
    assert states == {"Rosa Reviewer": "cancelled", "Paul Panel": "assigned"}
    assert ReviewAssignment.objects.get(state="cancelled").ended_reason == "Did not answer."
    told = set(Outbox.objects.filter(object_id__in=ReviewAssignment.objects.values("pk")).values_list("kind", flat=True))
    assert told == {"invited", "review_cancelled"}


def test_the_alternate_is_offered_first(client, editor, reviewer, reviewer2, silent):
    builders.make_member("Abe Able", "Neurology")
    BoardMember.objects.filter(person=reviewer.person).update(alternate=reviewer2.person.board_member)
    page = seen_by(client, editor).get(replacing(silent)).content.decode()
    assert f'id="member-{reviewer2.person.board_member.pk}" checked' in page
    assert page.count(" checked") == 1


@pytest.mark.parametrize("spoil", ["nobody", "themselves", "no reason", "barred"])
def test_a_replacement_that_is_refused_leaves_the_review_as_it_was(client, author, editor, reviewer, reviewer2, silent, spoil):
    builders.assign(silent.submission, editor, reviewer2)
    free = builders.make_member("Free Fran")
    given = {
        "nobody": {"reason": "Late."}, "themselves": {"member": keys(reviewer), "reason": "Late."},
        "no reason": {"member": keys(free), "reason": " "}, "barred": {"member": keys(reviewer2), "reason": "Late."},
    }[spoil]  # fmt: skip
    before = Event.objects.count()
    answer = seen_by(client, editor).post(replacing(silent), given)
    assert answer.status_code == 409
    assert "Nothing was changed" in answer.content.decode()
    assert ReviewAssignment.objects.get(pk=silent.pk).state == "assigned"
    assert Event.objects.count() == before


def test_a8_a_review_of_another_submission_is_not_replaced(client, author, editor, reviewer, reviewer2, silent):
    other = builders.submit(builders.make_article(author, title="Another?"), author)
    url = reverse("desk:replace_reviewer", args=[other.pk, silent.pk])
    assert seen_by(client, editor).get(url).status_code == 404
    assert client.post(url, {"member": keys(reviewer2), "reason": "Late."}).status_code == 404
    assert ReviewAssignment.objects.get().state == "assigned"


def test_what_was_signed_is_not_replaced(client, editor, reviewer, reviewer2, under_review):
    builders.recommend(of(under_review, reviewer), reviewer)
    assert seen_by(client, editor).get(replacing(of(under_review, reviewer))).status_code == 404


@pytest.mark.parametrize(("who", "status"), [("reviewer2", 404), ("administrator", 403)])
def test_only_editors_replace(client, request, reviewer, silent, who, status):
    user = request.getfixturevalue(who)
    assert seen_by(client, user).get(replacing(silent)).status_code == status
    assert client.post(replacing(silent), {"member": keys(reviewer), "reason": "Late."}).status_code == status


# ---- The list and what people keep of it


@pytest.mark.engine
def test_the_list_is_chosen_from(client, author, editor, reviewer, reviewer2):
    made = many.open_submissions(14, author, editor, [reviewer.person.board_member, reviewer2.person.board_member])
    seen_by(client, editor)
    late = {made[place].pk for place in (2, 4, 9, 11)}
    page = client.get(LIST, {"waiting": "overdue"}).content.decode()
    assert {each.pk for each in made if f'value="{each.pk}"' in page} == late
    assert client.get(LIST, {"reviewer": reviewer.person.board_member.pk, "waiting": "open"}).status_code == 200
    other = builders.make_type("drug")
    assert "No submission matches." in client.get(LIST, {"type": other.pk}).content.decode()
    for bad in ({"waiting": "x"}, {"reviewer": "x"}, {"type": "999999"}, {"kind": "x"}, {"topic": "²"}, {"state": "x"}):
        assert client.get(LIST, bad).status_code == 404


def test_every_open_row_leads_to_its_act(client, author, editor, reviewer, reviewer2):
    made = many.open_submissions(7, author, editor, [reviewer.person.board_member, reviewer2.person.board_member])
    page = seen_by(client, editor).get(LIST).content.decode()
    acts = {0: "Assign", 2: "Replace reviewer", 4: "Replace reviewer", 6: "Request changes"}
    for place, words in acts.items():
        row = next(part for part in page.split("<li>") if f"{made[place].version.title}</a>" in part)
        assert f">{words}<span" in row


def test_a_filter_is_kept_replaced_and_removed(client, editor, reviewer):
    seen_by(client, editor)
    answer = client.post(f"{LIST}filters/", {"filter": "waiting=overdue", "name": "Late ones"}, follow=True)
    assert "Saved as “Late ones”." in answer.content.decode()
    kept = SavedFilter.objects.get()
    assert (kept.owner, kept.query) == (editor, "waiting=overdue")
    assert f'href="{LIST}?waiting=overdue"' in client.get(reverse("admin:index")).content.decode()
    client.post(f"{LIST}filters/", {"filter": "waiting=now&kind=first", "name": "Late ones"})
    assert SavedFilter.objects.get().chosen == {"waiting": "now", "kind": "first"}
    client.post(f"{LIST}filters/{kept.pk}/remove/")
    assert not SavedFilter.objects.exists()


def test_a_filter_needs_a_name_and_twenty_are_enough(client, editor):
    seen_by(client, editor)
    assert client.post(f"{LIST}filters/", {"filter": "waiting=now", "name": " "}).status_code == 409
    SavedFilter.objects.bulk_create(SavedFilter(owner=editor, name=f"Number {n}", chosen={"waiting": "now"}) for n in range(20))
    answer = client.post(f"{LIST}filters/", {"filter": "waiting=now", "name": "One more"})
    assert "You have 20 filters already." in answer.content.decode()
    assert client.post(f"{LIST}filters/", {"filter": "waiting=overdue", "name": "Number 3"}).status_code == 302
    assert SavedFilter.objects.count() == 20


def test_a8_nobody_sees_or_removes_the_filter_of_another(client, editor, editor2):
    theirs = SavedFilter.objects.create(owner=editor2, name="Canary", chosen={"waiting": "now"})
    assert "Canary" not in seen_by(client, editor).get(LIST).content.decode()
    assert client.post(f"{LIST}filters/{theirs.pk}/remove/").status_code == 404
    assert SavedFilter.objects.exists()


def test_a_reviewer_keeps_no_filter(client, reviewer):
    assert seen_by(client, reviewer).post(f"{LIST}filters/", {"waiting": "now", "name": "Mine"}).status_code == 404
    assert not SavedFilter.objects.exists()


def test_too_few_reviewers_need_an_editor(client, editor, reviewer, submitted):
    builders.assign(submitted, editor, reviewer)
    page = seen_by(client, editor).get(reverse("desk:queue", args=["now"])).content.decode()
    assert "1 reviewer short" in page
    assert Submission.objects.get().state == "under_review"
