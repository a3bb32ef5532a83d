"""Letting a finding stand: its author asks, an editor answers, and the answer goes along with the version."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from articles.checks import check_article
from articles.models import Article, CheckWaiver, DraftWaiver
from editorial import roles, waiving
from records.errors import ImmutableRecord, NotReady
from records.models import Event
from tests import builders
from tests.editorial.desk import of, seen_by

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


def answer(act, article, by, place, **fields):
    return act(article, by=by, **{"check": "claim.treatment", "place": place, "reason": WHY, **fields})


# ---- The acts


def test_what_an_editor_waives_is_submitted_and_stands_on_the_version_in_their_name(claiming, place, author, editor):
    with pytest.raises(NotReady, match="A treatment without a source"):
        builders.submit(claiming, author)
    ask(claiming, author, place)
    waiver = answer(waiving.waive_finding, claiming, editor, place)
    submission = builders.submit(claiming, author)
    kept = CheckWaiver.objects.get(version=submission.version)
    assert (kept.check_id, kept.place, kept.by, kept.reason, kept.at) == ("claim.treatment", place, editor, WHY, waiver.at)
    assert {"check": "claim.treatment", "severity": "must_fix", "place": place}.items() <= next(w for w in submission.warnings if w["place"] == place).items()
    assert list(Event.objects.filter(object_id=claiming.pk, act__contains="waive").values_list("act", "by", "note")) == [
        ("ask_waiver", author.pk, "Every packet says so."), ("waive_finding", editor.pk, WHY),
    ]  # fmt: skip


def test_a_waiver_of_a_finding_that_is_gone_goes_along_with_no_version(claiming, place, author, editor):
    ask(claiming, author, place)
    answer(waiving.waive_finding, claiming, editor, place)
    builders.revise(claiming, author, plain="Walk.[@guide]\n")
    builders.submit(claiming, author)
    assert not CheckWaiver.objects.exists()


def test_only_an_author_asks(claiming, place, editor, reviewer, outsider, coauthor, superuser):
    for person in (editor, reviewer, outsider, coauthor, superuser):
        with pytest.raises(PermissionDenied):
            ask(claiming, person, place)
    assert not Event.objects.filter(act="ask_waiver").exists()


def test_only_an_editor_without_a_hand_answers(claiming, place, author, reviewer, outsider, coauthor):
    ask(claiming, author, place)
    own = roles.give(author, roles.EDITOR)
    for person in (own, reviewer, outsider, coauthor):
        for act in (waiving.waive_finding, waiving.refuse_waiver):
            with pytest.raises(PermissionDenied):
                answer(act, claiming, type(person).objects.get(pk=person.pk), place)
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


def test_what_nobody_asks_is_not_answered_and_nothing_twice(claiming, place, author, editor, editor2):
    for act in (waiving.waive_finding, waiving.refuse_waiver):
        with pytest.raises(NotReady, match="Nobody asks"):
            answer(act, claiming, editor, place)
    ask(claiming, author, place)
    with pytest.raises(NotReady, match="Say why"):
        answer(waiving.waive_finding, claiming, editor, place, reason="")
    answer(waiving.waive_finding, claiming, editor, place)
    with pytest.raises(NotReady, match="Nobody asks"):
        answer(waiving.waive_finding, claiming, editor2, place)
    with pytest.raises(NotReady, match="lets this stand already"):
        ask(claiming, author, place)


def test_a_finding_that_changed_since_it_was_asked_is_not_waived(claiming, place, author, editor):
    ask(claiming, author, place)
    builders.revise(claiming, author, plain=CLAIM.replace("most", "all"))
    with pytest.raises(NotReady, match="do not find this any more"):
        answer(waiving.waive_finding, claiming, editor, place)


def test_after_a_no_the_author_asks_again(claiming, place, author, editor):
    ask(claiming, author, place)
    answer(waiving.refuse_waiver, claiming, editor, place)
    assert waiving.open_questions() == []
    assert the_claim(claiming).blocks
    ask(claiming, author, place, reason="The guideline says so on every page.")
    (asked,) = waiving.open_questions()
    assert asked.event.note == "The guideline says so on every page."


def test_a_waiver_cannot_be_changed_or_taken_away(claiming, place, author, editor):
    ask(claiming, author, place)
    waiver = answer(waiving.waive_finding, claiming, editor, place)
    waiver.reason = "Another."
    for change in (waiver.save, waiver.delete):
        with pytest.raises(ImmutableRecord):
            change()


# ---- The pages


def ask_url(article, place, check="claim.treatment"):
    return f"{reverse('workspace:ask_waiver', args=[article.pk])}?check={check}&place={place}"


def answer_url(name, article, place):
    return f"{reverse(f'desk:{name}', args=[article.pk])}?check=claim.treatment&place={place}"


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
    answer(waiving.refuse_waiver, claiming, editor, place, reason="Cite the label.")
    assert "Cite the label." in client.get(url).content.decode()
    ask(claiming, author, place)
    answer(waiving.waive_finding, claiming, editor, place)
    panel = client.get(reverse("workspace:plain", args=[claiming.pk])).content.decode()
    assert "<bdi>Edith Editor</bdi> lets it stand" in panel
    assert WHY in panel
    assert "1 let stand" in panel


def test_the_page_to_ask_is_for_authors_and_findings_that_there_are(client, claiming, place, author, outsider, editor):
    for person in (outsider, editor):
        assert seen_by(client, person).get(ask_url(claiming, place)).status_code == 404
    seen_by(client, author)
    assert client.get(ask_url(claiming, "plain:none")).status_code == 404
    assert client.get(ask_url(claiming, place, "no.such")).status_code == 404


def test_an_editor_answers_at_the_desk_and_sees_the_finding_and_nothing_else_of_the_draft(client, claiming, place, author, editor):
    builders.revise(claiming, author, plain=f"A secret passage.\n\n{CLAIM}\n")
    ask(claiming, author, place)
    seen_by(client, editor)
    assert reverse("desk:asked_findings") in client.get(reverse("admin:index")).content.decode()
    listed = client.get(reverse("desk:asked_findings")).content.decode()
    assert "Every packet says so." in listed
    page = client.get(answer_url("waive_finding", claiming, place)).content.decode()
    assert CLAIM in page
    assert "secret" not in page + listed
    assert client.post(answer_url("waive_finding", claiming, place), {"reason": ""}).status_code == 200
    assert client.post(answer_url("waive_finding", claiming, place), {"reason": WHY}).status_code == 302
    assert DraftWaiver.objects.get().by == editor
    assert client.get(answer_url("waive_finding", claiming, place)).status_code == 404
    assert "Nobody asks about a finding." in client.get(reverse("desk:asked_findings")).content.decode()


def test_an_editor_says_no_with_a_reason(client, claiming, place, author, editor):
    ask(claiming, author, place)
    assert seen_by(client, editor).post(answer_url("refuse_waiver", claiming, place), {"reason": "Cite the label."}).status_code == 302
    assert not DraftWaiver.objects.exists()
    assert Event.objects.get(act="refuse_waiver").note == "Cite the label."


def test_questions_are_shown_to_no_one_but_editors(client, claiming, place, author, reviewer, outsider, administrator):
    ask(claiming, author, place)
    for person in (reviewer, administrator):
        seen_by(client, person)
        for url in (reverse("desk:asked_findings"), answer_url("waive_finding", claiming, place), answer_url("refuse_waiver", claiming, place)):
            assert client.get(url).status_code == 404, (person, url)
    assert seen_by(client, outsider).get(reverse("desk:asked_findings")).status_code in {302, 403}


def test_an_editor_with_a_hand_sees_the_question_and_may_not_answer(client, claiming, place, author):
    ask(claiming, author, place)
    roles.give(author, roles.EDITOR)
    seen_by(client, author)
    assert client.get(answer_url("waive_finding", claiming, place)).status_code == 403


def test_reviewers_and_editors_see_what_was_found_and_why_it_stands(client, claiming, place, author, editor, reviewer):
    ask(claiming, author, place)
    answer(waiving.waive_finding, claiming, editor, place)
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
