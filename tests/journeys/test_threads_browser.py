"""Comments on the words in a real browser: by keyboard alone, by selecting, and without scripts; answered, taken over, confirmed in one step."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from articles.models import Article, ArticleText
from editorial import workflow
from reviews import reviewing
from reviews.models import Comment, ReviewAssignment, Signature, Submission
from tests import builders
from tests.editorial.desk import of
from tests.journeys.barriers import barriers
from tests.journeys.test_desk_browser import select_words, sign_in


def tab_to(page, target, most=250):
    """Go on with the Tab key until the target has the focus."""
    for _ in range(most):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key does not reach {target}")


def press(page, target, key="Enter"):
    """Reach something by Tab and press a key on it."""
    tab_to(page, target)
    page.keyboard.press(key)


def write(page, target, words):
    """Reach a field by Tab and type into it."""
    tab_to(page, target)
    page.keyboard.press("Control+A")
    page.keyboard.type(words)


class Case:
    """A version that two reviewers have open."""

    def __init__(self, author, editor, reviewer, reviewer2):
        self.author, self.editor, self.reviewer, self.reviewer2 = author, editor, reviewer, reviewer2
        self.submission = builders.submit(builders.make_article(author), author)
        for assignment, user in zip(builders.assign(self.submission, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
            builders.open_text(assignment, user)

    def review(self, site, submission=None, query="?view=professional"):
        return site.url + reverse("desk:review", args=[of(submission or self.submission, self.reviewer).pk]) + query

    def answer_references(self, submission=None):
        """Both references answered for, as in another test of the browser."""
        own = of(submission or self.submission, self.reviewer)
        answers = {ref.pk: "supports" for ref in own.submission.version.references.all()}
        reviewing.answer_references(own, by=self.reviewer, answers=answers)

    def send_back(self):
        workflow.request_changes(Submission.objects.get(pk=self.submission.pk), by=self.editor, note="See the comments.")

    def next_version(self):
        """The author's next version, open to the same reviewer."""
        second = Submission.objects.get(version__number=2)
        builders.open_text(of(second, self.reviewer), self.reviewer)
        return second


@pytest.fixture
def case(site, author, editor, reviewer, reviewer2):
    return Case(author, editor, reviewer, reviewer2)


def test_a_passage_is_commented_answered_and_confirmed_by_keyboard_alone(site, page, case):
    case.answer_references()
    sign_in(page, site, case.reviewer)
    page.goto(case.review(site))
    piece = page.locator("[data-piece]", has_text="Naproxen 250 mg").first
    press(page, piece.locator("summary"))
    write(page, piece.get_by_label("The words it is about"), "250 mg")
    write(page, piece.get_by_label("Your comment"), "Too high for most.")
    write(page, piece.get_by_label("Words to stand there instead"), "125 mg")
    press(page, piece.get_by_role("button", name="Note comment"))
    expect(page.locator(".messages")).to_contain_text("Noted.")
    assert Comment.objects.values_list("block", "quote", "replacement", "sent_at").get() == ("b2", "250 mg", "125 mg", None)
    assert list(barriers(page)) == []

    press(page, page.locator("input[name=recommendation]").first, "ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Request changes")).to_be_checked()
    press(page, page.get_by_role("button", name="Sign and send"))
    expect(page.locator(".messages")).to_contain_text("Signed and sent.")
    case.send_back()

    sign_in(page, site, case.author)
    page.goto(site.url + reverse("workspace:submission", args=[case.submission.article_id, case.submission.pk]))
    assert list(barriers(page)) == []
    press(page, page.get_by_role("button", name="Take these words over into the draft"))
    expect(page.get_by_role("status").first).to_contain_text("Taken. The suggested words stand in your draft.")
    assert "Naproxen 125 mg" in ArticleText.objects.get(audience="professional").source
    press(page, page.get_by_role("button", name="Submit version 2"))
    expect(page.get_by_role("heading", name="Comments on earlier versions")).to_be_visible()
    expect(page.get_by_text("Passage changed")).to_be_visible()
    assert list(barriers(page)) == []

    sign_in(page, site, case.editor)
    page.goto(site.url + reverse("desk:assign", args=[Submission.objects.get(version__number=2).pk]))
    assert list(barriers(page)) == []
    press(page, page.get_by_role("button", name="Invite the same reviewer"))
    expect(page.locator(".messages")).to_contain_text("1 reviewer asked.")

    second = case.next_version()
    sign_in(page, site, case.reviewer)
    page.goto(case.review(site, second, ""))
    expect(page.get_by_role("heading", name="Only your points changed")).to_be_visible()
    expect(page.get_by_text("Walk every day. Naproxen 125 mg twice a day may help for the time.").first).to_be_visible()
    assert list(barriers(page)) == []
    press(page, page.get_by_label(re.compile("My earlier answers stand")), "Space")
    press(page, page.get_by_role("button", name="Close my 1 point and sign"))
    expect(page.locator(".messages")).to_contain_text("Signed and sent. Your points are closed")
    assert Signature.objects.get(submission=second).recommendation == "approve"
    assert Comment.objects.filter(to="author", closed_at=None).count() == 0


def test_selected_words_open_their_comment(site, page, case):
    sign_in(page, site, case.reviewer)
    page.goto(case.review(site))
    expect(page.locator("[data-comment-selection]")).to_be_hidden()
    select_words(page, "twice a day")
    press(page, page.get_by_role("button", name="Comment on “twice a day”"))
    piece = page.locator("[data-piece]", has_text="Naproxen 250 mg").first
    expect(piece.get_by_label("The words it is about")).to_have_value("twice a day")
    expect(piece.get_by_label("Your comment")).to_be_focused()
    page.keyboard.type("Say for how many days.")
    press(page, piece.get_by_role("button", name="Note comment"))
    expect(page.locator(".messages")).to_contain_text("Noted.")
    found = Comment.objects.get()
    assert (found.block, found.quote, found.before[-7:], found.after[:9]) == ("b2", "twice a day", "250 mg ", " may help")


def test_a_selection_over_two_passages_is_about_the_first_and_repeated_words_are_told_apart(site, page, author, editor, reviewer):
    text = "Take 250 mg at night and 250 mg in the morning.[@guide]\n\n- Walk 10^9^ steps\n- Swim\n\n| Drug | Dose |\n|---|---|\n| Naproxen | 250 mg[@guide] |\n"
    submission = builders.submit(builders.make_article(author, texts={"professional": text, "plain": "Walk.[@guide; @trial]"}), author)
    builders.open_text(builders.assign(submission, editor, reviewer)[0], reviewer)
    sign_in(page, site, reviewer)
    for start, end, expected in (
        ("250 mg in", "250 mg", ("b1", "250 mg in the morning.")),
        ("10", "Swim", ("b2", "10^9 steps")),
        ("Naproxen", "250 mg", ("b5", "Naproxen 250 mg")),
    ):
        page.goto(site.url + reverse("desk:review", args=[of(submission, reviewer).pk]) + "?view=professional")
        page.evaluate(
            """([start, end]) => {
            const nodes = [], walker = document.createTreeWalker(document.querySelector(".pieces"), NodeFilter.SHOW_TEXT);
            for (let node = walker.nextNode(); node; node = walker.nextNode()) if (node.parentElement.closest("[data-passage]")) nodes.push(node);
            const first = nodes.find((node) => node.data.includes(start)), rest = nodes.slice(nodes.indexOf(first) + 1);
            const last = rest.find((node) => node.data.includes(end));
            const range = document.createRange();
            range.setStart(first, first.data.indexOf(start)); range.setEnd(last, last.data.indexOf(end) + end.length);
            document.getSelection().removeAllRanges(); document.getSelection().addRange(range);
        }""",
            [start, end],
        )
        page.locator("[data-comment-selection]").click()
        page.keyboard.type("See this.")
        page.locator("details[open]").get_by_role("button", name="Note comment").click()
        expect(page.locator(".messages")).to_contain_text("Noted.")
        found = Comment.objects.latest("written_at")
        assert (found.block, found.quote) == expected


@pytest.fixture
def plain_page(browser, site):
    """A page of a browser without scripts; closed before the site is, whatever happens."""
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_the_same_without_scripts(plain_page, site, case):
    page = plain_page
    case.answer_references()
    sign_in(page, site, case.reviewer)
    page.goto(case.review(site))
    expect(page.locator("[data-comment-selection]")).to_be_hidden()
    for quote, sentence in (("a", "stand here more than once"), ("250 mg", "Noted.")):
        piece = page.locator("[data-piece]", has_text="Naproxen 250 mg").first
        if not piece.get_by_label("Your comment").is_visible():
            piece.locator("summary").click()
        piece.get_by_label("The words it is about").fill(quote)
        piece.get_by_label("Your comment").fill("Too high for most.")
        piece.get_by_label("How much hangs on it").select_option("Must fix")
        piece.get_by_role("button", name="Note comment").click()
        expect(page.locator("body")).to_contain_text(sentence)
    page.get_by_label("Request changes").check()
    page.get_by_role("button", name="Sign and send").click()
    case.send_back()

    sign_in(page, site, case.author)
    page.goto(site.url + reverse("workspace:submission", args=[case.submission.article_id, case.submission.pk]))
    page.get_by_label("Your answer").fill("It is lower now.")
    page.get_by_role("button", name="Save answers").click()
    expect(page.locator("body")).to_contain_text("Your answer is saved.")
    builders.revise(Article.objects.get(), case.author, professional=builders.PROFESSIONAL.replace("250 mg", "125 mg"))
    page.reload()
    page.get_by_role("button", name="Submit version 2").click()

    sign_in(page, site, case.editor)
    page.goto(site.url + reverse("desk:assign", args=[Submission.objects.get(version__number=2).pk]))
    page.get_by_role("button", name="Invite the same reviewer").click()

    second = case.next_version()
    sign_in(page, site, case.reviewer)
    page.goto(case.review(site, second, ""))
    expect(page.locator("body")).to_contain_text("It is lower now.")
    page.get_by_label(re.compile("My earlier answers stand")).check()
    page.get_by_role("button", name="Close my 1 point and sign").click()
    expect(page.locator("body")).to_contain_text("Signed and sent. Your points are closed")
    assert ReviewAssignment.objects.get(submission=second).state == "completed"
