"""What editors make of readers' questions: each act works, is refused to everybody else and where it makes no sense, and is told to the reader who confirmed."""

import inspect

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.urls import reverse
from django.utils.html import escape

from articles import drafting
from articles.drafting import Changes, CitationChange
from articles.freezing import savers
from articles.models import Article
from editorial import invariants, publishing, sweeping, triage
from editorial.finding import index
from records import clock, permits
from records.errors import NotReady
from records.models import Event, system_user
from reviews.models import Submission
from tests import builders, domain
from tests.editorial.desk import seen_by
from tests.editorial.readers import REPORT, WORDS, again, ask, confirmed, mails
from tests.kept import kept
from tests.scale import examples

pytestmark = pytest.mark.django_db
HOSTILE = "\"'><script>window.ran=1</script>{{ 7|add:1 }}<img src=x onerror=window.ran=1>"


@kept
def question(published):
    """A question from the public page; its reader left no address."""
    return ask(publication=published)


@kept
def report(published):
    """A report of an error on the public page."""
    return ask(text=REPORT, kind="report", publication=published)


def commission(question, by, author, **given):
    given = {"title": "Can naproxen be taken with heat?", "article_type": builders.make_type(), "author": author.person, **given}
    return triage.commission_draft(question, by=by, **given)


# act → how it is taken, and the state that it leads to
ACTS = {
    "answer_question": (lambda q, by, author, article: triage.answer_question(q, by=by, article=article), "answered"),
    "re_review_question": (lambda q, by, author, article: triage.re_review_question(q, by=by, note="Look at the dose."), "re_review"),
    "commission_draft": (lambda q, by, author, article: commission(q, by, author), "commissioned"),
    "decline_question": (lambda q, by, author, article: triage.decline_question(q, by=by, reason="scope"), "declined"),
    "erase_question": (lambda q, by, author, article: triage.erase_question(q, by=by), "declined"),
}
ADDRESSES = {"answer_question", "re_review_question", "commission_draft", "decline_question", "erase_question"}


def test_every_act_on_a_readers_question_is_tried_here():
    ours = {name for name, f in vars(triage).items() if inspect.isfunction(f) and f.__module__ == triage.__name__ and "by" in inspect.signature(f).parameters}
    assert {name for name in ours if not name.startswith("_")} == set(ACTS)


@pytest.mark.engine
def test_an_editor_takes_each_step_and_the_record_says_no_word_of_the_reader(published, editor, author):
    for act, (take, state) in ACTS.items():
        question = ask(publication=published)
        take(question, editor, author, published.article)
        last, now = Event.objects.about(question).last(), again(question)
        assert now.state == state
        assert (last.act, last.before, last.after, last.by, last.note) == (act, "waiting", state, editor, "")
        assert (now.closed_by, bool(now.closed_at)) == ((None, False) if state == "commissioned" else (editor, True))
    assert WORDS not in repr(list(Event.objects.values()))
    assert invariants.broken() == []


def test_nobody_else_takes_any(question, author, reviewer, administrator, outsider):
    before = domain.digest()
    for who in (author, reviewer, administrator, outsider):
        for take, _ in ACTS.values():
            with pytest.raises(PermissionDenied):
                take(question, who, author, question.version.article)
    assert domain.differences(before, domain.digest()) == []


def test_what_is_dealt_with_is_not_dealt_with_again(question, editor, author):
    triage.erase_question(question, by=editor)
    before = domain.digest()
    for take, _ in ACTS.values():
        with pytest.raises(NotReady, match="already"):
            take(question, editor, author, question.version.article)
    assert domain.differences(before, domain.digest()) == []


def test_the_permits_of_the_registry_decide(question, editor, author, administrator):
    for step in ("see_questions", "answer_question", "commission_draft"):
        assert permits.may(step, editor, question)
        assert not permits.may(step, author, question)
        assert not permits.may(step, administrator, question)


# ---- When it makes no sense


def test_only_what_is_public_answers(question, editor, article, published):
    draft = builders.make_article(published.article.created_by, title="Another one?")
    publishing.withhold(published, by=editor, reason="A dose is being checked.")
    for each in (draft, published.article):
        with pytest.raises(NotReady, match="public now"):
            triage.answer_question(question, by=editor, article=each)


def test_only_an_article_that_stands_is_read_again(published, editor):
    with pytest.raises(NotReady, match="no article that is public"):
        triage.re_review_question(ask(), by=editor)


@pytest.mark.engine
def test_a_second_report_joins_the_re_review_of_the_first(report, published, editor):
    first = triage.re_review_question(report, by=editor, note="Look at the dose.")
    second = triage.re_review_question(ask(text="And I saw it too.", kind="report", publication=published), by=editor)
    opened = Submission.objects.get(kind="re_review")
    assert (first.re_review, second.re_review) == (opened, opened)
    assert (opened.cause, opened.note) == ("report", "Look at the dose.")


def test_a_question_is_declined_for_one_of_its_reasons_alone(editor):
    for reason in ("", "erased", "no_error", "praise"):
        with pytest.raises(NotReady, match="why you decline"):
            triage.decline_question(ask(), by=editor, reason=reason)


def test_a_draft_is_commissioned_of_somebody_who_may_write_under_a_title(question, editor, reviewer, author):
    with pytest.raises(NotReady, match="who may write"):
        commission(question, editor, reviewer)
    with pytest.raises(NotReady, match="question or title"):
        commission(question, editor, author, title="  ")
    author.is_active = False
    author.save()
    with pytest.raises(NotReady, match="who may write"):
        commission(question, editor, author)
    assert Article.objects.count() == 1


def test_of_two_drafts_for_one_question_the_second_is_refused(question, editor, author):
    commission(question, editor, author)
    with pytest.raises(NotReady, match="commissioned for this already"):
        commission(question, editor, author)
    assert triage.decline_question(again(question), by=editor, reason="scope").state == "declined"


# ---- What the reader hears


def test_the_reader_is_led_to_the_article_that_answers(published, editor, settings):
    question = confirmed(publication=published)
    triage.answer_question(question, by=editor, article=published.article)
    [found] = mails()
    html = found.alternatives[0][0]
    assert found.subject == "Your question has been answered"
    assert f"{settings.SITE_URL}/articles/how-is-a-trapped-nerve-treated/" in found.body
    assert "To erase what you wrote, and this address: " in found.body
    assert "Erase what you wrote, and this address" in html
    assert WORDS not in found.body + html
    assert found.extra_headers["Message-ID"]


def write(draft, author):
    """Fill an empty draft so that it can be submitted."""
    guide, trial = builders.make_references()
    changes = Changes(
        texts={"professional": builders.PROFESSIONAL, "plain": builders.PLAIN}, fields={"summary": "What heat does.", "funding": "None", "sponsor": "None"},
        citations=[CitationChange("guide", guide), CitationChange("trial", trial)], interests={author.person.pk: "None declared"},
    )  # fmt: skip
    return drafting.revise(draft, by=author, draft_number=draft.draft_number, changes=changes)


def test_whoever_waits_for_a_draft_hears_at_its_publication_and_its_author_at_once(published, editor, editor2, author, reviewer, reviewer2):
    question = confirmed(publication=published)
    commission(question, editor, author)
    draft = again(question).answer
    assert mails() == []
    [asked] = [each for each in mail.outbox if each.subject.startswith("You are asked to write")]
    assert (asked.to, f"/workspace/{draft.pk}/" in asked.body) == ([author.email], True)
    assert sweeping.sweep(sweeping.READERS, clock.today()) == 0
    builders.walk_to_published(write(draft, author), author, editor2, reviewer, reviewer2)
    for number in (1, 0):
        assert sweeping.sweep(sweeping.READERS, clock.today()) == number
    assert (again(question).state, again(question).closed_by) == ("answered", system_user())
    assert [each.subject for each in mails()] == ["Your question has been answered"]
    assert invariants.broken() == []


def test_the_editor_who_gave_the_title_has_a_hand_in_the_first_version(question, editor, author):
    commission(question, editor, author, title="  Can naproxen \n be taken with heat? ")
    draft = again(question).answer
    assert (draft.title, [each.person for each in draft.authorships.all()]) == ("Can naproxen be taken with heat?", [author.person])
    assert savers(draft, 0) == [editor.pk]


HEARD = [
    ("question", lambda q, e: triage.decline_question(q, by=e, reason="personal"), "About your question to the editors", "Ask a doctor or a pharmacist"),
    ("report", lambda q, e: triage.decline_question(q, by=e, reason="no_error"), "About your report to the editors", "found no error"),
    ("report", lambda q, e: triage.re_review_question(q, by=e), "The board reads this page again", "Because of your report"),
]


def test_the_reader_hears_what_else_became_of_it(published, editor):
    for kind, act, subject, words in HEARD:
        act(confirmed(publication=published, kind=kind), editor)
        [found] = mails()
        assert (found.subject, words in found.body) == (subject, True)


def test_nobody_is_told_of_a_form_without_a_question_in_it_or_after_erasing(published, editor):
    triage.decline_question(confirmed(), by=editor, reason="empty")
    triage.erase_question(confirmed(), by=editor)
    assert mails() == []


def test_what_was_withheld_or_erased_before_the_mail_went_is_not_sent(published, editor):
    question, other = confirmed(publication=published), confirmed(publication=published)
    for each in (question, other):
        triage.answer_question(each, by=editor, article=published.article)
    triage.erase_question(other, by=editor)
    publishing.withhold(published, by=editor, reason="A dose is being checked.")
    assert mails() == []


# ---- The pages


def pages(question):
    return {name: reverse(f"desk:{name}", args=[question.pk]) for name in ("question", *ADDRESSES)}


def test_an_editor_works_through_the_box(client, published, question, report, editor, author):
    index.learn()
    seen_by(client, editor)
    assert "from readers, 1\u00a0report of an error" in client.get(reverse("admin:index")).content.decode()
    body = client.get(reverse("desk:questions")).content.decode()
    assert body.index(REPORT) < body.index(escape(WORDS))
    at = pages(report)
    body = client.get(at["question"]).content.decode()
    assert reverse("desk:withhold", args=[published.pk]) in body
    assert client.post(at["re_review_question"], {"note": "Look at the dose."}).status_code == 302
    assert reverse("desk:submission", args=[again(report).re_review_id]) in client.get(at["question"]).content.decode()
    at = pages(question)
    found = client.get(at["answer_question"], {"q": "trapped nerve"}).content.decode()
    assert f'value="{published.article_id}"' in found
    assert client.post(at["answer_question"], {"article": str(builders.make_article(author, title="A draft?").pk)}).status_code == 200
    assert client.post(f"{at['answer_question']}?q=trapped+nerve", {"article": str(published.article_id)}).status_code == 302
    assert again(question).answer == published.article
    assert "Answered by an article" in client.get(reverse("desk:questions"), {"show": "closed"}).content.decode()
    assert client.post(at["erase_question"]).status_code == 302
    body = client.get(at["question"]).content.decode()
    assert WORDS not in body
    assert "Erased on " in body


def test_a_title_is_given_by_the_editor_who_says_that_it_is_about_no_person(client, question, editor, author):
    seen_by(client, editor)
    at = pages(question)["commission_draft"]
    assert f"{WORDS}</textarea>" in client.get(at).content.decode()
    given = {"title": "Is heat good?", "article_type": builders.make_type().pk, "author": author.person.pk}
    assert "about no person" in client.post(at, given).content.decode()
    assert client.post(at, {**given, "is_impersonal": "yes"}).status_code == 302
    assert again(question).answer.title == "Is heat good?"
    refused = client.post(at, {**given, "is_impersonal": "yes"})
    assert (refused.status_code, "commissioned for this already" in refused.content.decode()) == (409, True)
    assert client.post(pages(question)["decline_question"], {"reason": "scope"}).status_code == 302


def test_nobody_but_editors_finds_the_box(client, question, author, reviewer, administrator, outsider):
    for who, code in ((author, 302), (reviewer, 404), (administrator, 404), (outsider, 302)):
        seen_by(client, who)
        for address in (reverse("desk:questions"), *pages(question).values()):
            assert client.get(address).status_code == code, address
        assert WORDS not in client.get(reverse("admin:index"), follow=True).content.decode()
    assert again(question).state == "waiting"


def test_c1_what_a_reader_wrote_is_shown_and_does_nothing(client, published, editor):
    question = ask(text=f"{HOSTILE} I have chest pain", kind="report", publication=published)
    seen_by(client, editor)
    for address in (reverse("desk:questions"), *pages(question).values()):
        body = client.get(address).content.decode()
        assert "window.ran=1" in body or address == pages(question)["erase_question"] or address == pages(question)["decline_question"], address
        assert "<script>window" not in body
        assert "<img src=x" not in body
        assert "8<img" not in body
    assert "Names a sign of an emergency" in client.get(pages(question)["question"]).content.decode()


@pytest.mark.engine
def test_the_box_costs_the_same_however_much_is_in_it(client, published, editor, settings):
    settings.READER_POSTS_ALL = 10_000
    seen_by(client, editor)
    costs = []
    for first, number in ((0, 3), (3, examples(40, 1000))):
        for n in range(first, first + number):
            last = ask(text=f"Question {n}?", publication=published, sender=f"198.51.{n // 200}.{n % 200}")
        costs.append([cost(client, address) for address in (reverse("admin:index"), reverse("desk:questions"), pages(last)["question"], pages(last)["answer_question"])])
    assert costs[0] == costs[1]
    assert max(costs[1]) <= 45
    assert costs[1][1] <= 12


def cost(client, address):
    client.get(address)
    with builders.queries_counted(connection) as found:
        assert client.get(address).status_code == 200
    return len(found)
