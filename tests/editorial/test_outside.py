"""An editor and outside reviewers: asking, a new link, taking back, erasing; and that their advice moves nothing."""

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from editorial import workflow
from records import post
from records.errors import ImmutableRecord, NotReady
from records.models import AccessLink, Event, Outbox
from reviews import outside, quorum
from reviews.models import OutsideInterest, OutsideReview, OutsideReviewer
from tests import acts, builders, domain
from tests.editorial import guests
from tests.editorial.desk import seen_by
from tests.editorial.guests import EMAIL, NAME, again, enter, invite, link_to, sign, to_the_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(submitted, editor):
    """Somebody from outside who was asked about the first version."""
    return invite(submitted, editor)


@pytest.fixture
def signed(asked):
    """Somebody from outside who signed advice against the version."""
    answer = sign(to_the_text(enter(asked), asked), asked, recommendation="reject")
    assert answer.status_code == 302, answer.content.decode()
    return again(asked)


# ---- Asking


def test_asking_leaves_an_event_a_link_and_a_message(submitted, editor):
    before = Event.objects.count()
    asked = invite(submitted, editor)
    assert [event.act for event in Event.objects.order_by("number")[before:]] == ["invite_outside", "make_link"]
    assert Outbox.objects.filter(kind="outside_invited", object_id=asked.pk).count() == 1
    assert type(submitted).objects.get(pk=submitted.pk).state == "submitted"
    words = repr(list(Event.objects.values())) + repr(list(Outbox.objects.values()))
    assert NAME not in words
    assert EMAIL not in words


@pytest.mark.parametrize("who", ["author", "reviewer", "outsider", "administrator"])
def test_nobody_but_an_editor_asks(submitted, request, who):
    by = request.getfixturevalue(who)
    before = domain.digest()
    with pytest.raises(PermissionDenied):
        invite(submitted, by)
    assert domain.differences(before, domain.digest()) == []


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"email": "nowhere"}, "Give an e-mail address"),
        ({"name": " . "}, "Give the name"),
        ({"name": "Dr Ann Author"}, "the name of somebody with a hand"),
        ({"email": "the author's"}, "the address of somebody with a hand"),
        ({"email": EMAIL.upper()}, "asked already"),
    ],
)
def test_a9_who_cannot_be_asked(submitted, editor, author, asked, given, says):
    if given.get("email") == "the author's":
        given = {"email": author.email}
    before = domain.digest()
    with pytest.raises(NotReady, match=says):
        invite(submitted, editor, **{"name": "Una Other", "email": "una@elsewhere.example.org", **given})
    assert domain.differences(before, domain.digest()) == []


def test_what_has_ended_asks_nobody(submitted, editor, author):
    workflow.withdraw(submitted, by=author)
    with pytest.raises(NotReady, match="withdrawn"):
        invite(submitted, editor)


@pytest.mark.engine
def test_e8_asking_and_signing_that_end_after_any_of_their_writes_leave_nothing(submitted, editor):
    before, writes, done = domain.digest(), 0, False
    while not done:
        writes += 1
        try:
            with domain.statements(stop_after=writes):
                asked = invite(submitted, editor)
            done = True
        except domain.Crash:
            assert domain.differences(before, domain.digest()) == []
    link = guests.opened(asked)
    outside.declare(link, **guests.declaration(asked))
    outside.ask_code(link)
    code, before, writes, done = again(asked).code, domain.digest(), 0, False
    while not done:
        writes += 1
        try:
            with domain.statements(stop_after=writes):
                outside.sign(link, code=code, **guests.advice(asked))
            done = True
        except domain.Crash:
            # A try of the code counts, whatever follows it.
            assert domain.differences(before, domain.digest()) in ([], ["reviews_outsidereviewer"])
            OutsideReviewer.objects.update(code_tries=0)
    assert OutsideReview.objects.count() == 1


# ---- Taking back


@pytest.mark.parametrize("act", ["send_new_link", "end", "erase"])
def test_an_editor_alone_may_and_a_second_time_changes_nothing(asked, editor, author, act):
    take = {
        "send_new_link": lambda by: outside.send_new_link(asked, by=by),
        "end": lambda by: outside.end(asked, by=by, reason="Not needed."),
        "erase": lambda by: outside.erase(asked, by=by),
    }[act]
    with pytest.raises(PermissionDenied):
        take(author)
    take(editor)
    if act != "send_new_link":
        before = domain.digest()
        with pytest.raises(NotReady):
            take(editor)
        assert domain.differences(before, domain.digest()) == []


def test_a_new_link_closes_the_first_and_one_mail_carries_the_new_one(asked, editor):
    first = link_to(asked)
    outside.send_new_link(asked, by=editor)
    post.send_posted()
    bodies = [each.body for each in mail.outbox if each.to == [EMAIL]]
    second = link_to(asked)
    assert second.pk != first.pk
    assert all(second.token in body and first.token not in body for body in bodies)
    assert bodies
    assert AccessLink.objects.get(pk=first.pk).revoked_at is not None


def test_a15_nothing_is_mailed_once_it_was_taken_back(asked, editor):
    outside.end(asked, by=editor, reason="Not needed.")
    post.send_posted()
    assert [each for each in mail.outbox if each.to == [EMAIL]] == []


# ---- Advice counts for nothing


def test_a9_advice_is_no_vote_and_stands_against_nothing(under_review, editor, reviewer, reviewer2, fresh):
    for email in ("a@elsewhere.example.org", "b@elsewhere.example.org", "c@elsewhere.example.org"):
        asked = invite(under_review, editor, email=email, name=f"Olivia {email[0] * 3}")
        before = quorum.approval_blockers(under_review), quorum.votes(under_review)
        assert sign(to_the_text(enter(asked), asked), asked, recommendation="approve" if email < "c" else "reject").status_code == 302
        assert (quorum.approval_blockers(under_review), quorum.votes(under_review)) == before
    assert "0 of 2 approvals are in." in quorum.approval_blockers(under_review)
    for assignment in under_review.assignments.all():
        builders.recommend(assignment, assignment.member.person.user)
    approved = builders.approve(under_review, editor)
    assert approved.state == "approved"


def test_a12_advice_is_on_no_public_page_and_no_author_reads_it(under_review, editor, author, reviewer, reviewer2):
    asked = invite(under_review, editor)
    sign(to_the_text(enter(asked), asked), asked, comment="Canary zqadviceqz.")
    for assignment in under_review.assignments.all():
        builders.recommend(assignment, assignment.member.person.user)
    from editorial import publishing

    published = publishing.publish(builders.approve(under_review, editor), by=editor)
    slug = published.article.addresses.get().slug
    pages = [f"/articles/{slug}/", f"/articles/{slug}/plain/", f"/articles/{slug}/history/", f"/workspace/{published.article_id}/submissions/{under_review.pk}/"]
    for user in (None, author, reviewer):
        client = Client() if user is None else seen_by(Client(), user)
        for address in [*pages, f"/workspace/{published.article_id}/details/"]:
            text = client.get(address).content.decode()
            assert "zqadviceqz" not in text
            assert NAME not in text
            assert EMAIL not in text


# ---- The desk


def desk(client, user, submission):
    return seen_by(client, user).get(reverse("desk:submission", args=[submission.pk])).content.decode()


def test_the_desk_asks_shows_and_takes_back(client, submitted, editor):
    seen_by(client, editor)
    page = reverse("desk:submission", args=[submitted.pk])
    address = reverse("desk:invite_outside", args=[submitted.pk])
    assert "counts towards no approval" in client.get(address).content.decode()
    answer = client.post(address, {"name": "Ann Author", "email": EMAIL})
    assert answer.status_code == 409
    assert "hand in the text" in answer.content.decode()
    assert EMAIL in answer.content.decode()
    assert client.post(address, {"name": NAME, "email": EMAIL})["Location"] == page
    asked = OutsideReviewer.objects.get()
    text = client.get(page).content.decode()
    for words in (NAME, EMAIL, "Invited", "outside, advisory"):
        assert words in text
    client.post(reverse("desk:new_outside_link", args=[submitted.pk, asked.pk]))
    assert Outbox.objects.filter(kind="outside_invited").count() == 2
    client.post(reverse("desk:end_outside", args=[submitted.pk, asked.pk]), {"reason": "Not needed."})
    assert "Not needed." in client.get(page).content.decode()
    client.post(reverse("desk:erase_outside", args=[submitted.pk, asked.pk]))
    text = client.get(page).content.decode()
    assert NAME not in text
    assert EMAIL not in text
    assert "name was erased" in text


def test_the_desk_shows_advice_as_advice_with_name_time_and_digest(client, signed, editor):
    text = desk(client, editor, signed.submission)
    for words in ("Olivia Outside, MD, neurologist", "Reject", "Say how far to walk.", "Advice, by a code sent by mail", signed.submission.version.digest, "UTC"):
        assert words in text
    assert "not the one that was signed" not in text
    OutsideReviewer.objects.filter(pk=signed.pk).update(name="Somebody Else")
    assert "not the one that was signed" in desk(client, editor, signed.submission)


def test_whoever_has_yet_to_sign_does_not_read_the_advice(client, under_review, editor, reviewer):
    from editorial import roles

    roles.give(reviewer, roles.EDITOR)
    asked = invite(under_review, editor)
    sign(to_the_text(enter(asked), asked), asked)
    assert "Say how far to walk." not in desk(client, reviewer, under_review)
    assert "Say how far to walk." in desk(Client(), editor, under_review)


def test_a8_an_outside_reviewer_belongs_to_the_submission_of_the_address(client, asked, editor, coauthor):
    other = builders.submit(builders.make_article(coauthor, title="Another one?"), coauthor)
    seen_by(client, editor)
    for name in ("new_outside_link", "end_outside", "erase_outside"):
        for method in (client.get, client.post):
            assert method(reverse(f"desk:{name}", args=[other.pk, asked.pk])).status_code == 404


def test_the_page_costs_the_same_however_many_were_asked(client, submitted, editor, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost():
        with CaptureQueriesContext(connection) as queries:
            desk(client, editor, submitted)
        return len(queries)

    invite(submitted, editor)
    cost()
    one = cost()
    for number in range(5):
        invite(submitted, editor, name=f"Una {chr(97 + number) * 3}", email=f"una{number}@elsewhere.example.org")
    assert cost() == one


# ---- The database


@pytest.mark.engine
def test_e5_what_was_declared_and_signed_is_never_changed(signed):
    for row in (signed.interest, signed.review):
        with pytest.raises(ImmutableRecord):
            row.save()
        with pytest.raises(IntegrityError), transaction.atomic():
            type(row)._base_manager.all()._raw_delete("default")


@pytest.mark.engine
def test_e5_the_database_refuses_advice_without_a_declaration_over_another_text_or_after_the_end(asked, editor):
    digest = asked.submission.version.digest

    def write(model, **values):
        with transaction.atomic():
            model.objects.create(reviewer=OutsideReviewer.objects.get(pk=asked.pk), **values)

    advice = {"recommendation": "approve", "proved_at": asked.invited_at, "salt": "s", "commitment": "c"}
    with pytest.raises(IntegrityError, match="no conflict was not declared"):
        write(OutsideReview, digest=digest, **advice)
    with pytest.raises(IntegrityError, match="digest is not that"):
        write(OutsideInterest, digest="0" * 64, conclusion="no_conflict")
    write(OutsideInterest, digest=digest, conclusion="no_conflict")
    with pytest.raises(IntegrityError, match=r"digest is not that|was not declared for this version"):
        write(OutsideReview, digest="0" * 64, **advice)
    outside.end(asked, by=editor, reason="Not needed.")
    with pytest.raises(IntegrityError, match="has ended"):
        write(OutsideReview, digest=digest, **advice)


def test_a_conflict_in_the_database_bars_advice(asked):
    digest = asked.submission.version.digest
    OutsideInterest.objects.create(reviewer=asked, digest=digest, conclusion="conflict")
    with pytest.raises(IntegrityError, match="no conflict was not declared"), transaction.atomic():
        OutsideReview.objects.create(reviewer=asked, digest=digest, recommendation="approve", proved_at=asked.invited_at, salt="s", commitment="c")


def test_every_act_on_outside_reviewers_is_tried_here():
    import inspect

    ours = {name for name, f in vars(outside).items() if inspect.isfunction(f) and f.__module__ == outside.__name__ and not name.startswith("_")}
    assert ours - {"good_for", "statement"} == {"invite", "send_new_link", "end", "erase", "decline", "declare", "ask_code", "sign"}
    assert not ours & set(acts.ACTS) - {"decline", "declare"}
