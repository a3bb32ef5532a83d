"""Letting a finding stand: its author asks, an editor answers, and the answer goes along with the version."""

import re

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from articles.checks import check_article
from articles.models import Article, CheckWaiver, DraftWaiver
from editorial import roles, waiving
from editorial.models import WaiverQuestion
from records.errors import ImmutableRecord, NotReady
from records.models import Event
from tests import builders
from tests.editorial.desk import of, seen_by
from tests.editorial.test_wording import sent
from tests.scale import examples

pytestmark = pytest.mark.django_db
CLAIM = "Naproxen relieves the pain of most people."
WHY = "It is common knowledge."


@pytest.fixture
def claiming(article, author):
    """A draft of a treatment article with a claim that has no source: it cannot be submitted."""
    builders.revise(article, author, plain=f"{CLAIM}\n")
    return Article.objects.get(pk=article.pk)


@pytest.fixture
def place(claiming):
    """Where the claim is."""
    return the_claim(claiming).place


def the_claim(article):
    """The finding about the claim."""
    return next(each for each in check_article(Article.objects.get(pk=article.pk)) if each.check == "claim.treatment")


def ask(article, by, place, **fields):
    return waiving.ask_waiver(article, by=by, **{"check": "claim.treatment", "place": place, "reason": "Every packet says so.", **fields})


def answer(act, question, by, reason=WHY):
    return act(question, by=by, reason=reason)


# ---- The acts


def test_what_an_editor_waives_is_submitted_and_stands_on_the_version_in_their_name(claiming, place, author, editor):
    with pytest.raises(NotReady, match="A treatment without a source"):
        builders.submit(claiming, author)
    waiver = answer(waiving.waive_finding, ask(claiming, author, place), editor)
    submission = builders.submit(claiming, author)
    kept = CheckWaiver.objects.get(version=submission.version)
    assert (kept.check_id, kept.place, kept.by, kept.reason, kept.at) == ("claim.treatment", place, editor, WHY, waiver.at)
    assert {"check": "claim.treatment", "severity": "must_fix", "place": place}.items() <= next(w for w in submission.warnings if w["place"] == place).items()
    assert list(Event.objects.filter(object_id=claiming.pk, act__contains="waive").values_list("act", "by", "note")) == [
        ("ask_waiver", author.pk, "Every packet says so."), ("waive_finding", editor.pk, WHY),
    ]  # fmt: skip


def test_a_waiver_of_a_finding_that_is_gone_goes_along_with_no_version(claiming, place, author, editor):
    answer(waiving.waive_finding, ask(claiming, author, place), editor)
    builders.revise(claiming, author, plain="Walk.[@guide]\n")
    builders.submit(claiming, author)
    assert not CheckWaiver.objects.exists()


def test_only_an_author_asks(claiming, place, editor, reviewer, outsider, coauthor, superuser):
    for person in (editor, reviewer, outsider, coauthor, superuser):
        with pytest.raises(PermissionDenied):
            ask(claiming, person, place)
    assert not Event.objects.filter(act="ask_waiver").exists()


def test_only_an_editor_without_a_hand_answers(claiming, place, author, reviewer, outsider, coauthor):
    question = ask(claiming, author, place)
    own = roles.give(author, roles.EDITOR)
    for person in (own, reviewer, outsider, coauthor):
        for act in (waiving.waive_finding, waiving.refuse_waiver):
            with pytest.raises(PermissionDenied):
                answer(act, question, type(person).objects.get(pk=person.pk))
    assert not DraftWaiver.objects.exists()


def test_what_is_not_found_not_waivable_or_asked_already_is_not_asked(claiming, place, author):
    with pytest.raises(NotReady, match="do not find this any more"):
        ask(claiming, author, "plain:elsewhere")
    with pytest.raises(NotReady, match="Say why"):
        ask(claiming, author, place, reason=" ")
    ask(claiming, author, place)
    with pytest.raises(NotReady, match="asked this already"):
        ask(claiming, author, place)
    builders.revise(claiming, author, plain="So it is.[@nobody]\n")
    with pytest.raises(NotReady, match="has to be repaired"):
        ask(claiming, author, "nobody", check="citation.unresolved")


def test_a_question_is_answered_once_and_with_a_reason(claiming, place, author, editor, editor2):
    question = ask(claiming, author, place)
    with pytest.raises(NotReady, match="Say why"):
        answer(waiving.waive_finding, question, editor, reason="")
    answer(waiving.waive_finding, question, editor)
    for act in (waiving.waive_finding, waiving.refuse_waiver):
        with pytest.raises(NotReady, match="Nobody asks"):
            answer(act, question, editor2)
    with pytest.raises(NotReady, match="lets this stand already"):
        ask(claiming, author, place)


def test_a_finding_that_changed_since_it_was_asked_is_not_waived(claiming, place, author, editor):
    question = ask(claiming, author, place)
    builders.revise(claiming, author, plain=CLAIM.replace("most", "all"))
    with pytest.raises(NotReady, match="do not find this any more"):
        answer(waiving.waive_finding, question, editor)


def test_after_a_no_the_author_asks_again(claiming, place, author, editor):
    answer(waiving.refuse_waiver, ask(claiming, author, place), editor)
    assert not waiving.open_questions().exists()
    assert the_claim(claiming).blocks
    again = ask(claiming, author, place, reason="The guideline says so on every page.")
    assert waiving.open_questions().get() == again == waiving.last_question(claiming, "claim.treatment", place)
    assert again.asked.note == "The guideline says so on every page."


def test_a_waiver_cannot_be_changed_or_taken_away(claiming, place, author, editor):
    waiver = answer(waiving.waive_finding, ask(claiming, author, place), editor)
    waiver.reason = "Another."
    for change in (waiver.save, waiver.delete):
        with pytest.raises(ImmutableRecord):
            change()


@pytest.mark.engine
def test_e5_the_database_keeps_a_question_as_it_was_asked_and_lets_it_be_answered_once(claiming, place, author, editor):
    question = ask(claiming, author, place)
    rows = WaiverQuestion.objects.filter(pk=question.pk)
    with pytest.raises(IntegrityError, match="stays as it was asked"), transaction.atomic():
        rows.update(place="elsewhere")
    with pytest.raises(IntegrityError, match=r"one_open_question|UNIQUE"), transaction.atomic():
        WaiverQuestion.objects.create(article=claiming, check_id="claim.treatment", place=place, asked=Event.objects.exclude(pk=question.asked_id).first())
    answer(waiving.refuse_waiver, question, editor)
    with pytest.raises(IntegrityError, match="answered once"), transaction.atomic():
        rows.update(answer=None)


@pytest.mark.engine
def test_open_questions_are_found_by_an_index_whatever_was_asked_before(claiming, place, author, editor):
    for _ in range(examples(30, 2_000)):
        asked = Event.objects.create(object_type="articles.article", object_id=claiming.pk, act="ask_waiver", by=author)
        WaiverQuestion.objects.create(article=claiming, check_id="claim.dose", place="", asked=asked, answer=Event.objects.create(object_id=claiming.pk, act="refuse_waiver", by=editor))
    question = ask(claiming, author, place)
    if connection.vendor == "postgresql":  # it reads small tables whole
        connection.cursor().execute("SET LOCAL enable_seqscan = off")
    plan = waiving.open_questions().explain()
    assert not re.search("SCAN editorial_waiverquestion|Seq Scan", plan), plan
    assert waiving.open_questions().get() == question


# ---- What is mailed


def test_those_who_may_answer_are_asked_and_the_authors_are_told_the_answer(claiming, place, author, editor, editor2):
    roles.give(author, roles.EDITOR)
    sent()
    question = ask(claiming, author, place)
    assert sorted(sent()) == sorted((person.email, f"Finding to judge: {claiming.title}") for person in (editor, editor2))
    assert all(CLAIM not in each.body and "Every packet" not in each.body for each in mail.outbox)
    assert reverse("desk:waive_finding", args=[question.pk]) in mail.outbox[0].body
    answer(waiving.refuse_waiver, question, editor, reason="Cite the label.")
    assert sent() == [(author.email, f"Finding answered: {claiming.title}")]
    assert "has to be repaired" in mail.outbox[0].body
    assert "Cite the label." not in mail.outbox[0].body
    answer(waiving.waive_finding, ask(claiming, author, place), editor)
    assert sent() == [(author.email, f"Finding answered: {claiming.title}")]  # the question was answered before it was mailed
    assert "lets the finding stand" in mail.outbox[0].body


# ---- The pages


def ask_url(article, place, check="claim.treatment"):
    return f"{reverse('workspace:ask_waiver', args=[article.pk])}?check={check}&place={place}"


def answer_url(name, question):
    return reverse(f"desk:{name}", args=[question.pk])


def test_an_author_asks_from_the_check_panel_and_reads_the_answer_there(client, claiming, place, author, editor):
    seen_by(client, author)
    panel = client.get(reverse("workspace:plain", args=[claiming.pk])).content.decode()
    url = ask_url(claiming, place)
    assert f'href="{reverse("workspace:ask_waiver", args=[claiming.pk])}?check=claim.treatment' in panel
    assert CLAIM in client.get(url).content.decode()
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "Every packet says so."}).status_code == 302
    assert "No editor has answered yet." in client.get(url).content.decode()
    assert client.post(url, {"reason": "Again."}).status_code == 409
    answer(waiving.refuse_waiver, waiving.open_questions().get(), editor, reason="Cite the label.")
    assert "Cite the label." in client.get(url).content.decode()
    answer(waiving.waive_finding, ask(claiming, author, place), editor)
    panel = client.get(reverse("workspace:plain", args=[claiming.pk])).content.decode()
    assert "<bdi>Edith Editor</bdi> lets it stand" in panel
    assert WHY in panel
    assert "1 let stand" in panel
    builders.revise(claiming, author, plain="Walk.[@guide]\n")
    gone = client.get(url).content.decode()
    assert "do not find this any more" in gone
    assert WHY in gone
    assert "<form method=\"post\" novalidate>" not in gone


def test_the_page_to_ask_is_for_authors_and_findings_that_there_are(client, claiming, place, author, outsider, editor):
    for person in (outsider, editor):
        assert seen_by(client, person).get(ask_url(claiming, place)).status_code == 404
    seen_by(client, author)
    assert client.get(ask_url(claiming, "plain:none")).status_code == 404
    assert client.get(ask_url(claiming, place, "no.such")).status_code == 404


def test_an_editor_answers_at_the_desk_and_sees_the_finding_and_nothing_else_of_the_draft(client, claiming, place, author, editor):
    builders.revise(claiming, author, plain=f"A secret passage.\n\n{CLAIM}\n")
    question = ask(claiming, author, place)
    seen_by(client, editor)
    assert reverse("desk:asked_findings") in client.get(reverse("admin:index")).content.decode()
    listed = client.get(reverse("desk:asked_findings")).content.decode()
    assert "Every packet says so." in listed
    page = client.get(answer_url("waive_finding", question)).content.decode()
    assert CLAIM in page
    assert "secret" not in page + listed
    assert client.post(answer_url("waive_finding", question), {"reason": ""}).status_code == 200
    assert client.post(answer_url("waive_finding", question), {"reason": WHY}).status_code == 302
    assert DraftWaiver.objects.get().by == editor
    assert client.get(answer_url("waive_finding", question)).status_code == 404
    assert "Nobody asks about a finding." in client.get(reverse("desk:asked_findings")).content.decode()


def test_an_editor_says_no_with_a_reason(client, claiming, place, author, editor):
    question = ask(claiming, author, place)
    assert seen_by(client, editor).post(answer_url("refuse_waiver", question), {"reason": "Cite the label."}).status_code == 302
    assert not DraftWaiver.objects.exists()
    assert Event.objects.get(act="refuse_waiver").note == "Cite the label."


def test_questions_are_shown_to_no_one_but_editors(client, claiming, place, author, reviewer, outsider, administrator):
    question = ask(claiming, author, place)
    for person in (reviewer, administrator):
        seen_by(client, person)
        for url in (reverse("desk:asked_findings"), answer_url("waive_finding", question), answer_url("refuse_waiver", question)):
            assert client.get(url).status_code == 404, (person, url)
    assert seen_by(client, outsider).get(reverse("desk:asked_findings")).status_code in {302, 403}


def test_an_editor_with_a_hand_sees_the_question_and_may_not_answer(client, claiming, place, author):
    question = ask(claiming, author, place)
    roles.give(author, roles.EDITOR)
    seen_by(client, author)
    assert client.get(answer_url("waive_finding", question)).status_code == 403


def test_reviewers_and_editors_see_what_was_found_and_why_it_stands(client, claiming, place, author, editor, reviewer):
    answer(waiving.waive_finding, ask(claiming, author, place), editor)
    submission = builders.submit(claiming, author)
    (assignment,) = builders.assign(submission, editor, reviewer)
    builders.open_text(assignment, reviewer)
    for person, url in ((reviewer, reverse("desk:review", args=[of(submission, reviewer).pk])), (editor, reverse("desk:submission", args=[submission.pk]))):
        page = seen_by(client, person).get(url).content.decode()
        assert CLAIM in page
        assert WHY in page


def test_the_severity_of_a_check_is_set_in_the_admin_with_its_reason_and_history(client, claiming, author, editor):
    seen_by(client, editor)
    url = reverse("admin:articles_checkseverity_add")
    assert "claim.treatment: A passage that says what is done" in client.get(url).content.decode()
    sent = {"article_type": claiming.article_type_id, "check_id": "claim.treatment", "level": "look_at"}
    assert client.post(url, {**sent, "check_id": "no.such"}).status_code == 200
    assert client.post(url, sent).status_code == 302
    assert not the_claim(claiming).blocks
    listed = client.get(reverse("admin:articles_checkseverity_changelist")).content.decode()
    assert "Refuses submission" in listed
    builders.submit(claiming, author)
