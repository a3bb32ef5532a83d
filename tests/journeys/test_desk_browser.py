"""The desk in a real browser: two reviewers and an editor take a version from the desk to the public; no barrier that axe can find."""

import contextlib
import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from articles.models import Reference
from editorial import sweeping, workflow
from editorial.models import EvidenceCase, Publication
from records import clock, sweeps
from records.models import Affiliation, Sweep
from records.sweeps import Dealt
from reviews.models import Comment, Signature
from tests import builders
from tests.editorial.desk import of
from tests.journeys.barriers import barriers


def sign_in(page, site, user):
    """Sign in as people do, out of whatever account was signed in."""
    page.context.clear_cookies()
    page.goto(site.url + reverse("account_login"))
    page.get_by_label("E-mail address").fill(user.email)
    page.get_by_label("Password").fill(builders.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile(r"^(?!.*login)"))
    page.goto(site.url + reverse("admin:index"))


def said(page, words):
    """The sentence about the last act."""
    expect(page.locator(".messages")).to_contain_text(words)


def accept_and_declare(page):
    page.get_by_role("link", name=re.compile("^Answer ?:")).click()
    page.get_by_label("Yes, name me as a reviewer").check()
    page.get_by_role("button", name="Accept review").click()
    said(page, "Accepted.")
    expect(page.get_by_text("Naproxen")).to_have_count(0)
    page.get_by_label("No conflict").check()
    page.get_by_role("button", name="Declare and open the text").click()
    said(page, "Declared. The text is open.")


def answer_references(page):
    """Every work supports what the text says, and every question of the type's form is answered with a yes."""
    groups, questions = page.locator(".source fieldset.answers"), page.locator("#sign fieldset.answers")
    for number in range(groups.count()):
        groups.nth(number).get_by_label("Supports", exact=True).check()
        expect(page.locator("[data-answered]")).to_have_text(str(number + 1))
    for number in range(questions.count()):
        questions.nth(number).get_by_label("Yes", exact=True).check()


def select_words(page, words):
    """Select words of the text as with a mouse."""
    page.evaluate(
        """(words) => {
        const walker = document.createTreeWalker(document.querySelector(".pieces"), NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const at = node.data.indexOf(words);
            if (at < 0) continue;
            const range = document.createRange();
            range.setStart(node, at); range.setEnd(node, at + words.length);
            document.getSelection().removeAllRanges(); document.getSelection().addRange(range);
            return;
        }
        throw new Error("not in the text: " + words);
    }""",
        words,
    )


def test_two_reviewers_sign_and_an_editor_publishes(site, page, author, editor, reviewer, reviewer2):
    article = builders.make_article(author)
    submission = builders.submit(article, author)

    sign_in(page, site, editor)
    page.get_by_role("link", name=re.compile("^Assign ?: How is")).click()
    page.get_by_label("Rosa Reviewer, MD").check()
    page.get_by_label("Paul Panel, MD").check()
    page.get_by_role("button", name="Assign 2 reviewers").click()
    said(page, "2 reviewers asked.")

    sign_in(page, site, reviewer)
    accept_and_declare(page)
    piece = page.locator("[data-piece]", has_text="Naproxen 250 mg").first
    piece.get_by_text("Comment on this passage").click()
    select_words(page, "Naproxen 250 mg twice a day")
    expect(piece.get_by_label("The words it is about")).to_have_value("Naproxen 250 mg twice a day")
    piece.get_by_label("Your comment").fill("Say with food.")
    piece.get_by_role("button", name="Note comment").click()
    said(page, "Noted.")
    assert Comment.objects.get().quote == "Naproxen 250 mg twice a day"
    answer_references(page)
    page.get_by_role("link", name="Go to your recommendation").click()
    page.get_by_label("Approve with minor changes").check()
    page.get_by_role("button", name="Sign and send").click()
    said(page, "Signed and sent. Your recommendation is on record.")

    sign_in(page, site, reviewer2)
    accept_and_declare(page)
    expect(page.get_by_text("Say with food.")).to_have_count(0)
    answer_references(page)
    page.get_by_label("Approve", exact=False).first.check()
    page.get_by_role("button", name="Sign and send").click()
    said(page, "Signed and sent.")
    assert Signature.objects.filter(submission=submission).count() == 2

    sign_in(page, site, editor)
    page.get_by_role("link", name=re.compile("^Decide ?: How is")).click()
    expect(page.get_by_text("2 approvals (2 in)")).to_be_visible()
    page.get_by_role("button", name="Approve version 1").click()
    said(page, "Published. Version 1 is public.")
    assert Publication.objects.get().state == "live"
    page.goto(f"{site.url}/articles/how-is-a-trapped-nerve-treated/")
    expect(page.get_by_role("heading", level=1)).to_have_text("How is a trapped nerve treated?")


@pytest.fixture
def plain_page(browser, site):
    """A page of a browser without scripts; closed before the site is, whatever happens."""
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_a_review_is_done_without_scripts(plain_page, site, author, editor, reviewer):
    page, submission = plain_page, builders.submit(builders.make_article(author), author)
    builders.assign(submission, editor, reviewer)
    sign_in(page, site, reviewer)
    accept_and_declare(page)
    piece = page.locator("[data-piece]", has_text="Naproxen 250 mg").first
    piece.locator("summary").click()
    piece.get_by_label("The words it is about").fill("Naproxen 250 mg")
    piece.get_by_label("Your comment").fill("Say with food.")
    piece.get_by_role("button", name="Note comment").click()
    said(page, "Noted.")
    for number in range(2):
        page.locator("fieldset.answers").nth(number).get_by_label("Supports", exact=True).check()
    page.get_by_role("button", name="Save answers").click()
    said(page, "Answers saved.")
    page.get_by_label("Approve with minor changes").check()
    page.get_by_role("button", name="Sign and send").click()
    said(page, "Signed and sent.")


@pytest.fixture
def busy_desk(committed_db, author, editor, editor2, reviewer, reviewer2):
    """A desk with something of every kind: (editor's pages, a reviewer's pages, an administrator's)."""
    tied = builders.make_member("Tied Tom", "Neurology")
    Affiliation.objects.create(person=tied.person, institution=author.person.affiliations.first().institution, since="2019-01-01")
    public = builders.walk_to_published(builders.make_article(author, title="What is public?"), author, editor, reviewer, reviewer2)
    ready = builders.submit(builders.make_article(author, title="Ready to decide?"), author)
    for assignment, user in zip(builders.assign(ready, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
        builders.recommend(assignment, user)
    builders.revise(public.article, author, professional=builders.PROFESSIONAL.replace("250 mg", "600 mg"))
    changed = builders.submit(public.article, author)
    builders.assign(changed, editor, reviewer)
    builders.open_text(of(changed, reviewer), reviewer)
    asked = builders.submit(builders.make_article(author, title="Invited?"), author)
    builders.assign(asked, editor, reviewer)
    gate = builders.submit(builders.make_article(author, title="At the gate?"), author)
    from reviews import reviewing

    reviewing.accept(builders.assign(gate, editor, reviewer)[0], by=reviewer, named_in_public=True)
    waiting = builders.submit(builders.make_article(author, title="Waiting?"), author)
    again = workflow.open_re_review(builders.walk_to_published(builders.make_article(author, title="Still right?"), author, editor, reviewer, reviewer2), by=editor)
    builders.happened(Reference.objects.get(doi="10.1000/guide"), "correction", notice_doi="10.1000/n")
    case = EvidenceCase.objects.filter(article=public.article).get()
    for assignment, user in zip(builders.assign(again, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
        builders.open_text(assignment, user)
    builders.recommend(of(again, reviewer2), reviewer2)
    with contextlib.suppress(ZeroDivisionError):
        sweeps.run(sweeping.REWRITE, lambda day: Dealt(1 // 0), clock.today())
    sweeps.hold(Sweep.objects.get(), "More than 1,000 reminders are due on one day: is that date right?")

    def at(name, obj):
        return reverse(f"desk:{name}", args=[obj.pk])

    own = of(changed, reviewer)
    return {
        "editor": [
            reverse("admin:index"), reverse("desk:submissions"), reverse("desk:publications"), reverse("desk:calendar"), reverse("desk:records"),
            at("assign", waiting), at("submission", changed), at("decide", ready), at("read", ready), at("publication", public),
            at("withhold", public), at("propose_retraction", public), at("request_changes", changed),
            reverse("desk:forecast"), reverse("desk:quick_signatures"), reverse("desk:schedule"), at("reaffirm", again),
            f"{reverse('desk:submissions')}?waiting=now", f"{reverse('desk:invite')}?submission={waiting.pk}&submission={asked.pk}",
            reverse("desk:replace_reviewer", args=[asked.pk, of(asked, reviewer).pk]),
            f"{reverse('desk:evidence')}?show=news", at("evidence_case", case), reverse("desk:impact", args=[case.event.reference_id]),
        ],
        "reviewer": [
            reverse("admin:index"), at("review", own), f"{at('review', own)}?view=professional", at("review", of(asked, reviewer)),
            at("declare", of(gate, reviewer)), at("decline", own), at("review", of(ready, reviewer)),
            at("review", of(again, reviewer)),
        ],
        "administrator": [
            reverse("admin:index"), reverse("desk:release", args=[Sweep.objects.get().pk]), reverse("admin:records_user_changelist"), reverse("admin:records_user_add"),
            reverse("admin:reviews_reviewpolicy_add"), reverse("admin:records_person_changelist"),
        ],
    }  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("who", ["editor", "reviewer", "administrator"])
def test_h3_the_desk_has_no_barrier_at_any_width_in_either_scheme(site, page, busy_desk, request, who):
    sign_in(page, site, request.getfixturevalue(who))
    refused = []
    page.on("console", lambda message: refused.append(message.text) if "Content Security Policy" in message.text else None)
    for address in busy_desk[who]:
        assert page.goto(site.url + address).status == 200, address
        assert refused == [], address
        found = list(barriers(page))
        if "/desk/" not in address and address != reverse("admin:index"):  # Django's own lists scroll sideways
            found = [words for words in found if not words.endswith("sideways")]
        assert found == [], address
        refused.clear()  # what axe itself tries is not the page's


def test_the_theme_switch_holds_over_the_desk_and_the_admin(site, page, editor):
    sign_in(page, site, editor)
    page.get_by_role("button", name="Theme: as the system").click()
    chosen = page.locator("html").get_attribute("data-theme")
    assert chosen in {"light", "dark"}
    page.goto(site.url + reverse("admin:articles_reference_changelist"))
    assert page.locator("html").get_attribute("data-theme") == chosen
    expect(page.get_by_role("button", name=f"Theme: {chosen}")).to_be_visible()


def test_a_problem_gets_the_focus_and_the_title_says_so(site, page, editor, under_review):
    sign_in(page, site, editor)
    page.goto(site.url + reverse("desk:request_changes", args=[under_review.pk]))
    page.get_by_role("button", name="Request changes").click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert page.title().startswith("Error: ")
