"""Nothing that a reviewer typed is lost: by saving answers, by a refusal, by five minutes of reading, or by a session that ended."""

import re

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY as PROOFS
from django.urls import reverse

from reviews import reviewing
from reviews.models import Signature
from tests import builders
from tests.editorial.desk import of, publication_urls, seen_by, signed_in, submission_urls
from tests.editorial.test_desk_review import age, answer_all, note, sign_fields, url

PASSWORD_FIELD = re.compile(r'<input type="password" name="password"')
SOON = "Needed only once five minutes have passed since you signed in or last gave it."


@pytest.fixture
def own(under_review, reviewer):
    return of(under_review, reviewer)


# ---- The proof of who signs


def test_the_password_has_its_field_also_while_the_proof_is_fresh(client, own, reviewer):
    page = signed_in(client, reviewer).get(url("review", own)).content.decode()
    assert len(PASSWORD_FIELD.findall(page)) == 1
    assert SOON in page
    age(client, 6)
    page = client.get(url("review", own)).content.decode()
    assert len(PASSWORD_FIELD.findall(page)) == 1
    assert SOON not in page


def test_whoever_reads_for_twenty_minutes_signs_the_first_time(client, own, reviewer):
    answer_all(own, reviewer)
    page = signed_in(client, reviewer).get(url("review", own)).content.decode()
    assert PASSWORD_FIELD.search(page)
    age(client, 20)
    assert client.post(url("sign", own), sign_fields(own, password=builders.PASSWORD)).status_code == 302
    assert Signature.objects.get().proved_by == "password"


def test_a_fresh_proof_signs_without_the_password(client, own, reviewer):
    answer_all(own, reviewer)
    signed_in(client, reviewer).post(url("sign", own), sign_fields(own, password=""))
    assert Signature.objects.count() == 1


def test_editors_find_the_field_where_they_decide(client, editor, under_review, reviewer, reviewer2):
    for user in (reviewer, reviewer2):
        builders.recommend(of(under_review, user), user, "approve")
    shown = signed_in(client, editor).get(submission_urls(under_review)["decide"]).content.decode()
    assert PASSWORD_FIELD.search(shown)
    assert SOON in shown


def test_editors_find_the_field_where_they_retract(client, editor, published):
    shown = signed_in(client, editor).get(publication_urls(published)["propose_retraction"]).content.decode()
    assert PASSWORD_FIELD.search(shown)
    assert SOON in shown
