"""An outside reviewer's visit: a link that opens one review once, a declaration, the text, and advice signed with a code."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles.models import Authorship
from editorial import previews, workflow
from records import post
from records.models import AccessLink, Delivery, Event, Outbox, Person
from reviews import outside
from reviews.models import OutsideReview, OutsideReviewer
from tests import builders, domain
from tests.crawl import addresses
from tests.editorial import guests
from tests.editorial.guests import EMAIL, NAME, again, door, enter, invite, link_to, sign, to_the_text

pytestmark = pytest.mark.django_db
ROOM = "/guest/"
CSRF = re.compile(r'(csrfmiddlewaretoken|name="form)" value="[^"]*"')


@pytest.fixture
def asked(submitted, editor):
    """Somebody from outside who was asked about the first version."""
    return invite(submitted, editor)


def closed(answer):
    """The page of a link that opens nothing, without the token of its form."""
    assert answer.status_code == 404
    return answer.content


def expire(obj):
    AccessLink.objects.to(obj).update(expires_at=timezone.now() - timedelta(seconds=1))


# ---- The link


def test_a13_the_mail_carries_a_link_that_no_table_holds(asked):
    post.send_posted()
    (found,) = [each for each in mail.outbox if each.to == [EMAIL]]
    token = link_to(asked).token
    assert f"/guest/{token}/" in found.body
    assert len(token) == 43
    for table, rows in domain.dump().items():
        assert token not in rows, table
    delivery = Delivery.objects.get(outbox__kind="outside_invited")
    assert (delivery.recipient, delivery.path) == (None, "")
    assert delivery.sent_at is not None


def test_a13_looking_at_the_link_writes_nothing_and_says_nothing_of_the_article(asked, client):
    before = domain.digest()
    for method in (client.get, client.head):
        answer = method(door(asked))
        assert answer.status_code == 200
    assert domain.differences(before, domain.digest()) == []
    assert "session" not in client.cookies
    text = client.get(door(asked)).content.decode()
    assert "Open this review" in text
    for words in (asked.submission.version.title, NAME, EMAIL, "Naproxen"):
        assert words not in text
    assert client.get(ROOM).status_code == 404


def test_a13_it_is_exchanged_once_and_every_other_way_is_the_same_page(asked, client):
    unknown = closed(client.get("/guest/abc/"))
    assert closed(client.get(ROOM)) == unknown
    guest = enter(asked)
    for how in ("get", "post"):
        assert closed(getattr(Client(), how)(door(asked))) == unknown
    assert guest.get(door(asked))["Location"] == ROOM  # the mail's link leads back to where it was opened
    assert guest.get(ROOM).status_code == 200
    expire(asked)
    for address in (door(asked), ROOM):
        assert closed(guest.get(address)) == unknown
    assert Event.objects.filter(act="open_link").count() == 1
    event = Event.objects.get(act="open_link")
    assert event.detail == {"object_type": "reviews.outsidereviewer", "object_id": str(asked.pk)}
    assert event.note == ""


@pytest.mark.parametrize("ends", ["revoked", "ended", "erased", "renewed", "withdrawn", "run out"])
def test_a13_the_session_ends_with_the_link_at_once(asked, editor, author, ends):
    guest = to_the_text(enter(asked), asked)
    assert "Naproxen" in guest.get(ROOM).content.decode()
    {
        "revoked": lambda: AccessLink.objects.to(asked).update(revoked_at=timezone.now()),
        "ended": lambda: outside.end(asked, by=editor, reason="Not needed."),
        "erased": lambda: outside.erase(asked, by=editor),
        "renewed": lambda: outside.send_new_link(asked, by=editor),
        "withdrawn": lambda: workflow.withdraw(asked.submission, by=author),
        "run out": lambda: expire(asked),
    }[ends]()
    before = domain.digest()
    unknown = closed(Client().get("/guest/abc/"))
    assert closed(guest.get(ROOM)) == unknown
    for name in ("declare", "decline", "code", "sign"):
        assert closed(guest.post(reverse(f"guest:{name}"), guests.advice(asked, code="12345678"))) == unknown
    assert domain.differences(before, domain.digest()) == []


def test_a13_after_a_new_link_the_review_goes_on_where_it_was(asked, editor):
    to_the_text(enter(asked), asked)
    outside.send_new_link(asked, by=editor)
    assert "Naproxen" in enter(asked).get(ROOM).content.decode()


def test_d4_the_session_is_new_and_whoever_was_signed_in_is_signed_out(asked, editor):
    client = Client()
    client.force_login(editor)
    before = client.cookies["session"].value
    assert "You are signed in here" in client.get(door(asked)).content.decode()
    enter(asked, client)
    assert client.cookies["session"].value != before
    assert client.get(reverse("admin:index")).status_code == 302
    replay = Client()
    replay.cookies["session"] = before
    assert replay.get(ROOM).status_code == 404
    assert replay.get(reverse("admin:index")).status_code == 302


def test_a13_a_guest_sees_one_review_and_everywhere_else_what_anybody_sees(asked, submitted, editor, author, beside):
    """Every address of the site but the guest's own answers as it answers an anonymous visitor."""
    guest, anybody, wrong = to_the_text(enter(asked), asked), Client(), []
    other = invite(beside, editor, name="Una Other", email="una@elsewhere.example.org")
    guest.get(ROOM)  # shows what became of the last step
    for address in addresses.addresses(1, lambda pattern: "logout" not in pattern.route and addresses.own(pattern)):
        if address in {ROOM, door(other)} or address.startswith("/guest/"):
            continue
        for method in ("get", "post"):
            one, two = (addresses.settled(getattr(each, method)(address)) for each in (guest, anybody))
            if said(one) != said(two):
                wrong.append(f"{method} {address}: {one.status_code} and {two.status_code}")
    assert wrong == []
    text = guest.get(ROOM).content.decode()
    assert submitted.version.title in text
    assert beside.version.title not in text
    assert guest.get(f"{ROOM}?pk={other.pk}&object_id={other.pk}").content.decode().count(beside.version.title) == 0


def said(answer):
    """What an answer says, without the tokens of its forms."""
    return answer.status_code, CSRF.sub("", answer.content.decode(errors="replace"))


@pytest.fixture
def beside(author):
    """Another article before the board."""
    return builders.submit(builders.make_article(author, title="Does rest help a sprain?"), author)


# ---- The declaration, the text, the signature


def test_a_declaration_comes_before_the_text_and_advice_is_signed_with_a_code(asked, editor):
    guest = enter(asked)
    first = guest.get(ROOM).content.decode()
    assert "Declare your interests" in first
    assert "Naproxen" not in first
    assert guest.post(reverse("guest:code")).status_code == 409
    to_the_text(guest, asked)
    text = guest.get(ROOM).content.decode()
    assert "Naproxen" in text
    assert "I, Olivia Outside, MD, neurologist, have read version 1" in text
    answer = guest.post(reverse("guest:code"), guests.advice(asked))
    assert "Say how far to walk." in answer.content.decode()  # what was typed stays
    assert re.search(r'value="minor"[^>]* checked', answer.content.decode())
    code = guests.mailed_code()
    answer = guest.post(reverse("guest:sign"), guests.advice(asked, code=code))
    assert answer.status_code == 302
    review = OutsideReview.objects.get(reviewer=asked)
    assert (review.recommendation, review.comment, review.digest) == ("minor", "Say how far to walk.", asked.submission.version.digest)
    assert "Your advice is on record" in guest.get(ROOM).content.decode()
    before = domain.digest()
    assert guest.post(reverse("guest:sign"), guests.advice(asked, code=code)).status_code == 409
    assert domain.differences(before, domain.digest()) == []
    post.send_posted()
    assert [each.subject for each in mail.outbox if each.to == [editor.email]][-1].startswith("Outside advice signed")


def test_coi_4_a_conflict_ends_it(asked, editor):
    guest = enter(asked)
    answer = guest.post(reverse("guest:declare"), guests.declaration(asked, conclusion="conflict", words="I own shares."))
    assert "The editor has been told" in answer.content.decode()
    assert guest.get(ROOM).status_code == 404
    found = again(asked)
    assert (found.ended_reason, found.declared.words) == ("Declared a conflict of interest.", "I own shares.")
    post.send_posted()
    assert any(each.subject.startswith("Outside review declined") for each in mail.outbox if each.to == [editor.email])


def test_no_needs_no_reason(asked):
    guest = enter(asked)
    assert guest.post(reverse("guest:decline")).status_code == 200
    assert again(asked).ended_at is not None


@pytest.mark.parametrize("where", ["declare", "review"])
def test_a_no_says_first_what_it_does_and_opening_that_page_ends_nothing(asked, where):
    guest = enter(asked) if where == "declare" else to_the_text(enter(asked), asked)
    room = guest.get(ROOM).content.decode()
    assert 'href="/guest/decline/"' in room
    assert 'action="/guest/decline/"' not in room
    before = domain.digest()
    page = guest.get(reverse("guest:decline")).content.decode()
    assert "Your link stops working. What you wrote here is not sent." in page
    assert f'href="{ROOM}"' in page
    assert ("What you declared is kept" in page) == (where == "review")
    assert domain.differences(before, domain.digest()) == []
    assert guest.get(ROOM).status_code == 200
    assert guest.post(reverse("guest:decline")).status_code == 200
    assert guest.get(ROOM).status_code == 404


def test_a_review_that_is_signed_cannot_be_declined_any_more(asked):
    guest = to_the_text(enter(asked), asked)
    sign(guest, asked)
    assert guest.get(reverse("guest:decline"))["Location"] == ROOM


def test_a13_the_page_of_a_no_is_closed_to_whoever_has_no_review(client, author, article, db):
    unknown = closed(client.get("/guest/abc/"))
    assert closed(client.get(reverse("guest:decline"))) == unknown
    previews.make(article, by=author, days=7)
    assert closed(enter(article).get(reverse("guest:decline"))) == unknown


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"credentials": ""}, "This field is required"),
        ({"conclusion": ""}, "Choose one of the two"),
        ({"kinds": ["financial"]}, "Say what the interest is"),
        ({"digest": "0" * 64}, "not the text you were asked about"),
        ({"name": "Ann Author"}, "You have a hand in this text"),
        ({"name": "Author, Ánn"}, "You have a hand in this text"),
    ],
)
def test_a_declaration_that_is_refused_keeps_what_was_typed(asked, typed, says):
    guest = enter(asked)
    answer = guest.post(reverse("guest:declare"), guests.declaration(asked, **typed))
    assert says in answer.content.decode()
    assert answer.status_code in {200, 409}
    assert again(asked).declared is None
    assert "Naproxen" not in guest.get(ROOM).content.decode()


def test_a9_whoever_gets_a_hand_in_the_text_while_they_read_cannot_sign(asked, author):
    guest = to_the_text(enter(asked), asked)
    Authorship.objects.create(article=asked.submission.article, person=Person.objects.create(name=NAME), role="contributor", position=2)
    answer = sign(guest, asked)
    assert "You have a hand in this text by now" in answer.content.decode()
    assert not OutsideReview.objects.exists()


# ---- The code


@pytest.fixture
def reading(asked):
    """A guest before the open text, and their link."""
    return to_the_text(enter(asked), asked)


def test_a13_five_wrong_codes_end_it_and_the_right_one_is_of_no_use_then(asked, reading):
    reading.post(reverse("guest:code"))
    code = guests.mailed_code()
    for _ in range(5):
        answer = reading.post(reverse("guest:sign"), guests.advice(asked, code="0000 0000"))
        assert answer.status_code == 409
        assert "not the code" in answer.content.decode()
    answer = reading.post(reverse("guest:sign"), guests.advice(asked, code=code))
    assert "no code that you could sign with" in answer.content.decode()
    assert not OutsideReview.objects.exists()
    assert again(asked).code_tries == 5


def test_a13_a_code_is_good_for_ten_minutes_and_signs_one_review(asked, reading, editor, submitted):
    reading.post(reverse("guest:code"))
    code = guests.mailed_code()
    OutsideReviewer.objects.filter(pk=asked.pk).update(code_at=timezone.now() - timedelta(minutes=10, seconds=1))
    assert reading.post(reverse("guest:sign"), guests.advice(asked, code=code)).status_code == 409
    other = invite(submitted, editor, name="Una Other", email="una@elsewhere.example.org")
    theirs = to_the_text(enter(other), other)
    theirs.post(reverse("guest:code"))
    assert theirs.post(reverse("guest:sign"), guests.advice(other, code=code)).status_code == 409


def test_a13_a_code_is_hashed_and_in_no_table(asked, reading):
    reading.post(reverse("guest:code"))
    code = guests.mailed_code().replace(" ", "")
    assert len(again(asked).code_hash) == 64
    for table, rows in domain.dump().items():
        if table != "django_session":
            assert code not in rows, table
    assert code not in again(asked).code_hash


def test_a13_codes_are_sent_at_most_once_a_minute_and_the_last_one_counts(asked, reading):
    reading.post(reverse("guest:code"))
    first = guests.mailed_code()
    assert "less than a minute ago" in reading.post(reverse("guest:code")).content.decode()
    OutsideReviewer.objects.filter(pk=asked.pk).update(code_at=timezone.now() - timedelta(minutes=2))
    reading.post(reverse("guest:code"))
    second = guests.mailed_code()
    assert reading.post(reverse("guest:sign"), guests.advice(asked, code=first)).status_code == 409
    assert reading.post(reverse("guest:sign"), guests.advice(asked, code=second)).status_code == 302


def test_a_code_that_has_run_out_before_the_mail_went_is_not_sent(asked, reading):
    reading.post(reverse("guest:code"))
    OutsideReviewer.objects.filter(pk=asked.pk).update(code_at=timezone.now() - timedelta(minutes=11))
    post.send_posted()
    assert Outbox.objects.get(kind="outside_code").state == "dropped"


# ---- Erasing


def test_g8_erasing_leaves_no_readable_trace_and_what_was_signed_stays(asked, editor):
    guest = to_the_text(enter(asked), asked)
    assert sign(guest, asked).status_code == 302
    post.send_posted()
    outside.erase(asked, by=editor)
    left = domain.dump()
    for words in (NAME, EMAIL, "neurologist"):
        assert {table for table, rows in left.items() if words in rows} == set()
    assert OutsideReview.objects.get(reviewer=asked).recommendation == "minor"


def test_g8_the_address_never_stands_in_a_guarded_or_historical_table(asked):
    guest = to_the_text(enter(asked), asked)
    sign(guest, asked)
    post.send_posted()
    where = {table for table, rows in domain.dump().items() if EMAIL in rows or NAME in rows}
    assert where == {"reviews_outsidereviewer"}
