"""The finished page of an article, part by part: what readers of health information are owed (domain rule B8), and that each sentence follows from the state.

One article is taken through its life once, by the acts; the pages that readers had on the way are kept, and everything is rolled back.
"""

import re
from copy import copy
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from itertools import pairwise

import html5lib
import pytest
from django.conf import settings
from django.db import transaction

from articles import checks, readability, rendering
from articles.checks.passages import passages
from articles.models import ArticleVersion, Topic, VersionText
from editorial import pages, publishing, roles
from editorial.models import PublishedPage
from editorial.pages import reader
from tests import builders

pytestmark = pytest.mark.django_db
SLUG = "/articles/how-is-a-trapped-nerve-treated/"
PROFESSIONAL = """Start with movement, heat and advice to stay active. Most people with a trapped nerve in the back get better within six weeks.[@guide; @trial]

::: red-flag same-day emergency assessment
- New difficulty passing urine, or loss of bladder control
- Numbness around the genitals
:::

## What to try first

- **Keep moving.** Exercise brings small gains in pain and function. [grade GRADE: moderate, strong for][@trial]
  - Walk a little further every day.
- **Heat.** A heat wrap eases pain in the first days.[@guide]

## Medicines

1. Consider an anti-inflammatory for the shortest time that works.[@guide]
2. Stop it when the pain has gone.[@guide]

::: dose adults, oral
| Medicine | Start | Most in 24 h |
| --- | --- | --- |
| Naproxen[@guide] | 250 mg, twice a day | 1,000 mg |
:::

::: caveat
Imaging in the first six weeks does not help when no red flag is present.[@guide]
:::

## When to refer

Refer early when weakness spreads, when pain stays for longer than six weeks in spite of treatment, or when the bladder or the bowel is touched. Tell people what to look for and whom to call, in words that they can repeat. Agree with them on the day of the next visit, and write down how they walk, sleep and work now.[@guide; @trial, p. 12]
"""
PLAIN = """Keep moving. Most trapped nerves in the back get better by themselves within six weeks.[@guide]

## What you can do

Walk a little every day. Go a bit further each time. Use a warm pack for the pain. Rest in bed does not help. You may take a tablet for the pain for some days.[@guide] Ask the person in the shop which one you can take.[@guide] Stop when the pain has gone.

## When to call for help

Go to hospital at once if you cannot pass water. Go at once if you cannot feel where you sit. Go if your leg gets weak. Call your doctor if the pain is still there after six weeks. Tell the doctor what you have tried. Say how you sleep and what you can do in the day. Take this page with you.
"""


@dataclass(frozen=True)
class Page:
    """One page as readers had it, and ways to look into it."""

    body: str

    @cached_property
    def tree(self):
        return html5lib.parse(self.body, namespaceHTMLElements=False)

    def all(self, path):
        return self.tree.findall(f".//{path}")

    def one(self, path):
        found = self.all(path)
        assert len(found) == 1, (path, len(found))
        return found[0]

    def said(self, path="main"):
        """The words of the one element at a path, in one line."""
        return words(self.one(path))

    def leads_to(self, address):
        """The words of the links to an address."""
        return [words(link) for link in self.all("a") if link.get("href") == address]


def words(element):
    return re.sub(r" ([,;.:])", r"\1", " ".join("".join(element.itertext()).split()))


def bytes_of(path):
    return Page(bytes(PublishedPage.objects.get(path=path).body).decode())


class Life:
    """One article from its draft to its retraction; what its addresses gave after each step."""

    def __init__(self):
        make = builders.make_user
        self.author, self.editor, self.other = make("Ann Author", roles.AUTHOR), make("Edith Editor", roles.EDITOR), make("Emil Editor", roles.EDITOR)
        self.board = [builders.make_member("Rosa Reviewer"), builders.make_member("Paul Panel", "General practice")]
        self.pages = {}
        self.first()
        self.second()
        self.end()

    def keep(self, step):
        for name, rest in (("", ""), (" plain", "plain/"), (" v1", "v/1/")):
            self.pages[step + name] = bytes_of(SLUG + rest)

    def first(self):
        article = builders.make_article(self.author, texts={"professional": PROFESSIONAL, "plain": PLAIN})
        article.topics.add(Topic.objects.create(name="Spine and nerve", slug="spine"))
        self.publication = builders.walk_to_published(article, self.author, self.editor, *self.board)
        self.keep("clean")
        due = self.publication.review_due_on
        self.pages["overdue"] = Page(pages.afresh(article.pk, SLUG, due + timedelta(days=1))[1].decode())
        self.facts = pages.gather(*[pages.publications_of(article.pk)] * 2, pages.today())
        self.spec = next(pages._specs(self.facts.publications, self.facts.shown))

    def second(self):
        """A second version, whose plain text alone has other words, corrects the first."""
        article = self.publication.article
        builders.revise(article, self.author, plain=PLAIN.replace("a little every day", "every day"))
        submission = builders.submit(article, self.author)
        self.keep("submitted again")
        for assignment, reviewer in zip(builders.assign(submission, self.editor, *self.board), self.board, strict=True):
            builders.recommend(assignment, reviewer)
        self.keep("under review")
        approved = builders.approve(type(submission).objects.get(pk=submission.pk), self.editor)
        self.publication = publishing.publish(approved, by=self.editor, correction="Walking every day was meant")
        self.keep("corrected")

    def end(self):
        trial = self.publication.submission.version.references.get(key="trial").reference
        builders.happened(trial, notice_doi="10.1000/n")
        self.keep("evidence")
        self.publication = publishing.propose_retraction(
            type(self.publication).objects.get(pk=self.publication.pk), by=self.editor, signing=builders.fresh(self.editor), notice="Wrong.", reason="harm"
        )
        publishing.confirm_retraction(self.publication, by=self.other, signing=builders.fresh(self.other))
        self.keep("retracted")


@pytest.fixture(scope="module")
def life(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        lived = Life()
        transaction.set_rollback(True)
    return lived


@pytest.fixture
def page(life):
    """The page for professionals, with nothing open about it."""
    return life.pages["clean"]


@pytest.fixture
def plain(life):
    return life.pages["clean plain"]


def day(life):
    """The day of every date of the clean page but the next review, in words."""
    return f"{life.facts.day.day} {life.facts.day:%B %Y}"


def due(life):
    on = life.facts.shown.review_due_on
    return f"{on.day} {on:%B %Y}"


# ---- The items of B8, in their order


def test_item_01_the_question_is_the_title(page):
    assert page.said("h1") == "How is a trapped nerve treated?"
    assert page.said("title").startswith("How is a trapped nerve treated? · ")


def test_item_02_authors_with_their_credentials(page):
    assert "Written by Ann Author, MD" in page.said("div[@class='byline']")


def test_item_03_reviewed_by_whom_and_on_which_day(page, life):
    reviewed = f"Medically reviewed by Rosa Reviewer, MD, neurology, and Paul Panel, MD, general practice, on {day(life)}"
    assert reviewed in page.said("div[@class='byline']")
    assert page.leads_to(f"/board/{life.board[0].person.board_member.slug}/") == ["Rosa Reviewer"] * 2


def test_item_04_four_dates_and_those_of_review_again_after_the_words(page, life):
    said = page.said("dl[@class='dates']")
    assert re.findall("Approved|Last reviewed|Last updated|Next review due", said) == ["Approved", "Last reviewed", "Last updated", "Next review due"]
    assert page.said("p[@class='reviewed']") == f"Page last reviewed: {day(life)} Next review due: {due(life)}"
    assert page.body.index('class="reviewed"') > page.body.index('class="text"')


def test_item_05_the_version_its_history_and_its_corrections(page, life):
    assert "Version 1, for: Health professional" in page.said("section[@class='side about']")
    assert page.leads_to(f"{SLUG}history/") == ["Version history (1)"]
    corrected = life.pages["corrected"]
    assert f"Corrected on {day(life)} Walking every day was meant." in corrected.said()
    assert "Corrected" in corrected.said("section[@class='status']")
    assert "Corrected" not in corrected.said("section[@class='status']").replace("Corrected", "", 1)


def test_item_06_numbers_lead_to_references_and_they_lead_back(page):
    marks = page.all("sup[@class='cite']/a")
    assert [words(mark) for mark in marks][:3] == ["Reference 1", "Reference 2", "Reference 2"]
    ids = {element.get("id") for element in page.all("*") if element.get("id")}
    back = {link.get("href")[1:] for link in page.all("p[@class='back']/a")}
    assert {mark.get("href")[1:] for mark in marks} <= ids
    assert back == {mark.get("id") for mark in marks}


def test_item_07_references_say_their_kind_title_source_year_and_where_to_read_them(page):
    first, second = (words(entry) for entry in page.all("ol[@class='refs']/li"))
    assert first.startswith("1. Guideline Guideline on nerves Society · 2024 · DOI")
    assert second.startswith("2. Research A trial of walking Doe, Jane J Trials · 2020 · PubMed")
    assert [link.get("href") for link in page.all("p[@class='source']/a")] == ["https://doi.org/10.1000/guide", "https://pubmed.ncbi.nlm.nih.gov/16186783/"]


def test_item_07_what_happened_to_a_reference_is_its_mark(life):
    entry = next(words(each) for each in life.pages["evidence"].all("ol[@class='refs']/li") if "walking" in words(each))
    assert entry.startswith("2. Research Retracted Retracted: A trial of walking")
    assert f"Retracted on {day(life)}." in entry


def test_item_08_a_grade_names_its_scheme(page):
    assert page.said("span[@class='grade']") == "[GRADE: moderate certainty, strong recommendation for]"


def test_item_09_interests_funding_and_advertising_are_never_a_blank(page):
    said = page.said("section[@aria-labelledby='interests']")
    assert "Interests of Ann Author: None declared" in said
    assert "Interests of the reviewers: each declared them to the editors before reading the text." in said
    assert "on their profiles: Rosa Reviewer, Paul Panel" in said
    assert "Funding: None" in said
    assert "Sponsor or advertising: None" in said
    assert "Editorial responsibility: Edith Editor" in said


def test_item_10_the_editorial_policy_is_one_step_away(page):
    assert "Editorial policy" in page.leads_to("/editorial-policy/")


def test_item_11_it_supports_and_does_not_replace(page, plain):
    assert page.said("p[@class='disclaimer']").startswith("For health professionals. This article supports, and does not replace, the judgement of the clinician")
    assert plain.said("p[@class='disclaimer']").startswith("For patients and families. This article supports, and does not replace, the relationship with your own clinician")


def test_item_12_the_publisher_how_to_reach_it_and_where_to_report_an_error(page):
    assert f"Published by {settings.SITE_NAME}" in page.said("footer")
    assert page.leads_to(f"mailto:{settings.CONTACT_EMAIL}") == ["Contact the editors"]
    assert page.leads_to("/report/?article=how-is-a-trapped-nerve-treated&v=1") == ["Report an error"]


def test_item_13_for_whom_in_which_language_and_how_hard_to_read(page, plain, life):
    assert re.search(r"This text is for health professionals\. Language: English\. Reading level: (US school|college).* grade [0-9]+", page.said("header[@class='opening']"))
    grade = re.search(r"for patients and families\. Language: English\. Reading level: US school grade ([0-9]+)\.", plain.said("header[@class='opening']"))
    assert int(grade[1]) <= 6
    about = plain.said("section[@class='side about']")
    assert re.search(r"the middle of Flesch-Kincaid [0-9.]+, SMOG [0-9.]+ and Dale-Chall [0-9.]+; rough, as the text has 1[0-9] sentences", about)
    assert f"Measured on the words of {day(life)}" in about


def test_item_13_the_grade_of_a_frozen_text_is_the_one_that_the_check_measured():
    text = rendering.render(PLAIN, known={"guide", "trial"})
    assert checks.plain.grades_of_html(text.html) == readability.grades(checks.plain.prose(passages(text)))


@pytest.mark.parametrize(
    ("language", "html", "said"),
    [("fr", "<p id=\"b1\">Marchez.</p>", "not measured: the formulas are made for English"), ("en-GB", "<p id=\"b1\">Walk.</p>", "not measured: the text has fewer than 100 words")],
)
def test_item_13_what_cannot_be_measured_says_so(language, html, said):
    assert reader.level(VersionText(version=ArticleVersion(language=language), html=html)) == reader.Level(said)


def test_item_14_approved_only_with_signatures_over_these_words(page, life):
    status = page.said("section[@class='status']")
    assert "2 reviewers, 2 specialties: Rosa Reviewer and Paul Panel" in status
    assert "by the advisory board; signed by Edith Editor" in status
    assert "exactly the words the board approved" in status
    version = life.facts.shown.submission.version
    assert {row.digest for rows in life.facts.signatures.values() for row in rows} == {version.digest}


def test_item_14_a_signature_over_other_words_approves_nothing(life):
    """The same facts, with the editor's signature over another digest: no word, no tick, no claim."""
    signatures = {key: [over_other_words(row) for row in rows] for key, rows in life.facts.signatures.items()}
    other = Page(pages.render(replace(life.facts, signatures=signatures, made={}), life.spec).decode())
    status = other.said("section[@class='status']")
    assert "Approval not confirmed" in status
    assert "Approved" not in status
    assert not other.all("li[@class='ok']")
    assert not other.all("div[@class='text']")
    assert "This text is not shown" in other.said()
    assert "Naproxen" not in other.body


def over_other_words(signature):
    other = copy(signature)
    other.digest = "0" * 64
    return other


def test_item_15_an_author_and_the_day_of_the_last_review_are_always_there(life):
    for step, one in life.pages.items():
        assert "Written by Ann Author" in one.said("div[@class='byline']"), step
        assert re.search("Last reviewed ?[0-9]+ [A-Z][a-z]+ [0-9]{4}", one.said("dl[@class='dates']")), step


def test_item_16_under_which_terms_on_screen_and_on_paper(page):
    assert settings.LICENCE in page.said("footer")
    assert settings.LICENCE in page.said("div[@class='print-only']")


def test_item_17_a_line_to_cite_with_version_and_date(page, life):
    cited = f"Ann Author. How is a trapped nerve treated? {settings.SITE_NAME}; version 1, approved {day(life)}. {settings.SITE_URL}{SLUG}v/1/"
    assert page.said("p[@class='cite-line']") == cited


@pytest.mark.parametrize("step", ["clean", "clean plain", "overdue", "evidence", "retracted"])
def test_item_18_one_title_headings_in_order_ids_once_and_every_link_on_the_page_has_its_place(life, step):
    """What a program can see of WCAG without a browser; tests/journeys/test_axe_public.py looks in one."""
    one = life.pages[step]
    levels = [int(element.tag[1]) for element in one.all("*") if re.fullmatch("h[1-6]", str(element.tag))]
    ids = [element.get("id") for element in one.all("*") if element.get("id")]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert len(ids) == len(set(ids))
    assert {link.get("href")[1:] for link in one.all("a") if link.get("href", "").startswith("#")} <= set(ids)
    assert one.tree.get("lang") == "en-GB"
    assert one.one("div[@class='text']").get("lang") == "en"


# ---- The parts of a page of this kind


def test_part_the_way_back_to_the_topic(page):
    assert page.leads_to("/topics/spine/") == ["Spine and nerve"]


def test_part_the_review_status_has_its_three_steps_each_with_its_day(page):
    steps = page.all("ol[@class='track']/li")
    assert [step.find("b").text for step in steps] == ["Submitted", "Under Review", "Approved"]
    assert all(step.find("time") is not None for step in steps)


def test_part_the_chooser_leads_to_an_address_for_each_reader(page, plain):
    asked = page.one("nav[@class='audience']")
    assert words(asked) == "Which best describes you? Health professional Patient or family"
    assert [(link.get("href"), link.get("aria-current")) for link in page.all("nav[@class='audience']/ul/li/a")] == [(SLUG, "page"), (f"{SLUG}plain/", None)]
    assert [link.get("aria-current") for link in plain.all("nav[@class='audience']/ul/li/a")] == [None, "page"]


def test_part_the_contents_lead_to_every_section_and_to_the_references(page):
    assert [words(link) for link in page.all("nav[@class='side contents']/ul/li/a")] == ["What to try first", "Medicines", "When to refer", "References (2)"]


def test_part_the_lead_is_cited(page):
    lead = page.one("div[@class='text']")[0]
    assert words(lead).startswith("Start with movement")
    assert words(lead).endswith("Reference 1,Reference 2")


@pytest.mark.parametrize(("kind", "title"), [("flagbox", "Red flag: same-day emergency assessment"), ("dose", "Dose: adults, oral"), ("caveat", "Caveat")])
def test_part_a_call_out_begins_with_its_word(page, kind, title):
    assert words(page.one(f"aside[@class='callout {kind}']")[0]) == title


def test_part_lists_within_lists_steps_in_order_and_tables(page):
    assert words(page.one("div[@class='text']/ul/li/ul/li")) == "Walk a little further every day."
    assert len(page.all("div[@class='text']/ol/li")) == 2
    assert page.one("div[@class='scroll']").get("tabindex") == "0"


def test_part_a_further_question_is_asked_about_this_version(page, life):
    assert page.leads_to("/ask/?article=how-is-a-trapped-nerve-treated&v=1") == ["Ask a question about this article"]
    assert "Have a follow-up question?" in page.said()
    assert "Have a follow-up question?" not in life.pages["retracted"].said()
    assert life.pages["corrected"].leads_to("/ask/?article=how-is-a-trapped-nerve-treated&v=2")


def test_part_the_text_whose_words_are_older_says_so_and_the_other_does_not(life):
    newer = "The plain-language text is newer The words of this text for professionals last changed in version 1; the plain-language text changed in version 2."
    assert newer in life.pages["corrected"].said()
    assert "is newer" not in life.pages["corrected plain"].said()


def test_part_other_languages_are_named_only_where_there_are_any(page, plain, life):
    for one, path in ((page, SLUG), (plain, f"{SLUG}plain/")):
        assert [(link.get("hreflang"), link.get("href")) for link in one.all("link[@hreflang]")] == [("en", settings.SITE_URL + path)]
    assert not life.pages["clean v1"].all("link[@hreflang]")


def test_part_paper_has_the_address_the_house_and_the_digest(page, life):
    said = page.said("div[@class='print-only']")
    for needed in (f"Published by {settings.SITE_NAME}", settings.CONTACT_EMAIL, settings.SITE_URL + SLUG, life.facts.shown.submission.version.digest):
        assert needed in said


# ---- Every sentence about review follows from the state


def test_a_clean_page_has_no_notice_and_a_filled_tick(page):
    assert not [each for each in page.all("div") if each.get("class", "").startswith("notice")]
    assert words(page.one("li[@class='ok']")).startswith("Approved")


def test_new_words_before_the_board_are_told_apart_from_these(life):
    before, now = (life.pages[step].said() for step in ("submitted again", "under review"))
    assert f"Version 2 was submitted on {day(life)}. Until it is approved, this page stays as it is." in before
    assert f"Version 2 has been under review since {day(life)}. Until it is approved, this page stays as it is." in now
    assert f"This is version 1, approved on {day(life)}." in now
    assert words(life.pages["under review"].one("li[@class='ok']")).startswith("Approved")


def test_an_overdue_review_takes_the_tick_away_and_is_said_beside_each_date(life):
    late = life.pages["overdue"]
    assert "Review overdue" in late.said("section[@class='status']")
    assert f"Next review due: {due(life)}, overdue" in late.said("p[@class='reviewed']")
    assert not late.all("li[@class='ok']")


def test_changed_evidence_is_said_in_the_status_the_notice_and_the_text(life):
    changed = life.pages["evidence"]
    assert "Evidence changed" in changed.said("section[@class='status']")
    assert "Reference 2 was retracted" in changed.said()
    assert len(changed.all("span[@class='cite-flag']")) == 3
    assert not changed.all("li[@class='ok']")


def test_a_retraction_is_said_in_title_status_and_notice_by_whom(life):
    gone = life.pages["retracted"]
    assert gone.said("h1") == "RETRACTED: How is a trapped nerve treated?"
    assert "by Edith Editor and Emil Editor" in gone.said("section[@class='status']")
    assert "Do not use this article" in gone.said("div[@class='notice retracted']")
    assert "is-retracted" in gone.one("body").get("class")
    assert not gone.all("li[@class='ok']")
    assert gone.said("p[@class='reviewed']").endswith("Next review due: none: retracted")


def test_the_version_that_was_replaced_does_not_take_over_what_came_after_it(life):
    old = life.pages["corrected v1"]
    assert "This is version 1, kept for the record" in old.said()
    assert "Corrected" not in old.said("section[@class='status']")
    assert old.leads_to("/report/?article=how-is-a-trapped-nerve-treated&v=1") == ["Report an error"]


CLAIMS = re.compile(r"\b(all (our |of our )?(articles|pages|content)|every article|always|never|verified|trusted|guaranteed|up to date|world-class)\b", re.IGNORECASE)


def test_no_page_claims_what_is_not_derived(life):
    """Of a page of this genre: that all articles are reviewed, beside one that is not."""
    for step, one in life.pages.items():
        assert not CLAIMS.findall(one.said()), step
    assert CLAIMS.findall("All articles are reviewed for accuracy")
