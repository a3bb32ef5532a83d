"""What changed, as people are shown it: between any two versions, since the board approved, since one last read, between saves."""

import re

import pytest
from django.urls import reverse

from articles.drafting import Changes, CitationChange, revise
from articles.models import Reference
from tests import builders
from tests.editorial.desk import of, seen_by
from tests.editorial.test_desk_poison import POISON, dangers
from tests.kept import kept

WARNING = "::: red-flag Go to hospital at once\nYou cannot pass urine, or cannot feel where you sit.\n:::\n\n"
CHANGED = builders.PROFESSIONAL.replace("250 mg twice", "600 mg once").replace(WARNING, "").replace("Bed rest does not help.[@guide]", "Bed rest does help.[@trial]")


@kept
def second(published, author):
    """A second version before the board: another dose, a warning less, a citation of another work."""
    builders.revise(published.article, author, professional=CHANGED)
    return builders.submit(published.article, author)


@kept
def third(second, author, editor, reviewer, reviewer2):
    """A third version; the first reviewer opened the second and did not sign it."""
    builders.assign(second, editor, reviewer, reviewer2)
    builders.open_text(of(second, reviewer), reviewer)
    from editorial import workflow

    workflow.request_changes(second, by=editor, note="Put the warning back.")
    builders.revise(second.article, author, professional=CHANGED.replace("## What does not help", WARNING + "## What does not help"))
    return builders.submit(second.article, author)


def compare(client, submission, **query):
    return client.get(reverse("desk:compare", args=[submission.pk]), query)


def page_of(client, submission, **query):
    return compare(client, submission, **query).content.decode()


@pytest.mark.engine
def test_an_editor_sees_first_what_matters_since_the_board_approved(client, editor, second):
    page = page_of(seen_by(client, editor), second)
    assert "What changed from version 1 to version 2" in page
    assert "the board last approved version 1" in page
    for words in ("<b>Dose</b> (1)", "<b>Frequency</b> (1)", "<b>Warning or call-out</b> (1)", "<b>Negation</b> (2)", "<b>Citation</b> (1)"):
        assert words in page, words
    assert page.index("to check first") < page.index("250 mg")
    assert "Plain-language text did not change." in page


def test_the_summary_is_a_list_whose_links_lead_to_their_places(client, editor, second):
    page = page_of(seen_by(client, editor), second)
    ids = re.findall(r' id="([^"]+)"', page)
    links = re.findall(r'href="#([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(links) - {"main"} <= set(ids), set(links) - set(ids)
    assert sum(link.startswith("change-professional-") for link in links) >= 5
    assert page.count("<h1") == 1


def test_what_changed_is_said_without_colour(client, editor, second):
    """Elements, words for those who listen, and signs for those who look; no style and no script of its own."""
    page = page_of(seen_by(client, editor), second)
    assert '<del class="crit"><span class="vh">removed: </span>250 mg<span class="vh"> end </span></del>' in page
    assert '<ins class="crit"><span class="vh">inserted: </span>600 mg<span class="vh"> end </span></ins>' in page
    assert '<span class="sign-col" aria-hidden="true">±</span>' in page
    assert '<span class="vh">Passage removed: </span>' in page
    assert 'class="passage p gone"' in page
    assert len(re.findall("<del[ >]", page)) == page.count("</del>") == len(re.findall("<del[^>]*><span class=\"vh\">removed: </span>", page))
    assert dangers(page) == []


def test_any_two_versions_are_compared_whichever_is_named_first(client, editor, third):
    seen_by(client, editor)
    for query in ({"from": "2", "to": "3"}, {"from": "3", "to": "2"}):
        page = page_of(client, third, **query)
        assert "What changed from version 2 to version 3" in page
        assert "Red flag added" in page
    assert "What changed from version 1 to version 3" in page_of(client, third)
    assert "This is one version twice" in page_of(client, third, **{"from": "2", "to": "2"})


@pytest.mark.parametrize("number", ["0", "9", "x", "-1", "", "1e3", "²", "99999999999"])
def test_versions_that_there_are_not_are_not_found(client, editor, second, number):
    assert compare(seen_by(client, editor), second, **{"from": number}).status_code == 404


def test_the_only_version_is_said_to_be_that(client, editor, under_review):
    assert "This is the only version of the article." in page_of(seen_by(client, editor), under_review)


def test_a8_versions_of_another_article_cannot_be_named(client, author, editor, second):
    """The numbers are those of the submission's own article: another article's third version is none of it."""
    other = builders.make_article(author, title="Another question?")
    builders.submit(other, author)
    assert "Another question?" not in page_of(seen_by(client, editor), second, **{"from": "1", "to": "2"})
    assert compare(client, second, **{"from": "3"}).status_code == 404


def test_references_details_and_authors_are_compared(client, author, coauthor, editor, published):
    trial = Reference.objects.get(title="A trial of walking")
    new = Reference.objects.create(kind="guideline", title="A newer guideline", source="Board", year=2026, doi="10.1000/newer")
    changes = Changes(
        texts={"plain": builders.PLAIN + "\nSee.[@new]\n"}, fields={"funding": "A trust"}, citations=[CitationChange("new", new), CitationChange("guide", trial)]
    )
    revise(published.article, by=author, draft_number=published.article.draft_number, changes=changes)
    page = page_of(seen_by(client, editor), builders.submit(published.article, author))
    assert "Added: " in page
    assert "A newer guideline" in page
    assert "Another work under this key" in page
    assert "Who funded this work" in page
    assert "<b>Citation</b>" in page


def test_nothing_is_called_the_same_but_what_is(client, author, editor, published):
    """Only Markdown: readers see the same, and that is what is said."""
    builders.revise(published.article, author, professional=builders.PROFESSIONAL.replace("Walk every day.", "Walk   every day."))
    page = page_of(seen_by(client, editor), builders.submit(published.article, author))
    assert "Readers see the same in version 1 and version 2." in page


def test_the_page_costs_the_same_however_many_versions_and_references_there_are(client, author, editor, second, django_assert_max_num_queries):
    seen_by(client, editor)
    with django_assert_max_num_queries(30) as few:
        compare(client, second)
    article = second.article
    from editorial import workflow

    workflow.withdraw(second, by=author)
    article.refresh_from_db()
    works = [Reference.objects.create(title=f"Work {n}", doi=f"10.1000/{n}") for n in range(12)]
    text = "\n\n".join(f"Claim {n}, {n} mg.[@w{n}]" for n in range(12))
    changes = Changes(texts={"professional": text}, citations=[CitationChange(f"w{n}", work) for n, work in enumerate(works)])
    revise(article, by=author, draft_number=article.draft_number, changes=changes)
    third = builders.submit(article, author)
    with django_assert_max_num_queries(len(few)):
        assert "12 mg" not in page_of(client, third)


# ---- The reviewer


@pytest.mark.engine
def test_a_reviewer_sees_what_changed_since_they_last_read_though_they_did_not_sign(client, editor, reviewer, third):
    builders.assign(third, editor, reviewer)
    own = of(third, reviewer)
    builders.open_text(own, reviewer)
    page = seen_by(client, reviewer).get(reverse("desk:review", args=[own.pk])).content.decode()
    assert "Changes since the board approved version 1" in page
    assert "Since you last read it, version 2" in page
    since = client.get(reverse("desk:review", args=[own.pk]), {"view": "since"}).content.decode()
    assert "Red flag added" in since
    assert "<b>Dose</b>" not in since


def test_a_reviewer_who_read_nothing_before_has_the_boards_approval_alone(client, editor, reviewer2, third):
    builders.assign(third, editor, reviewer2)
    own = of(third, reviewer2)
    builders.open_text(own, reviewer2)
    page = seen_by(client, reviewer2).get(reverse("desk:review", args=[own.pk])).content.decode()
    assert "Since you last read it" not in page


# ---- Hostile text


def test_c1_hostile_text_runs_in_no_comparison(client, author, editor, published):
    Reference.objects.update(title=POISON, source=POISON)
    text = f"{POISON}[@guide]\n\n## {POISON}\n\n| {POISON.replace('|', '')} | b |\n|---|---|\n| 5 mg | {POISON.replace('|', '')} |\n\n::: red-flag {POISON}\n{POISON}\n:::\n"
    revise(published.article, by=author, draft_number=published.article.draft_number, changes=Changes(
        texts={"professional": text, "plain": POISON}, fields={"title": POISON, "summary": POISON, "funding": POISON}))  # fmt: skip
    article = published.article
    article.refresh_from_db()
    page = page_of(seen_by(client, editor), builders.submit(article, author))
    assert dangers(page) == []
    assert "&lt;script&gt;poison()" in page
    assert "{{ 7|add:1 }}" in page
    saves = seen_by(client, author).get(reverse("workspace:compare", args=[article.pk])).content.decode()
    assert dangers(saves) == []
    assert "&lt;script&gt;poison()" in saves
