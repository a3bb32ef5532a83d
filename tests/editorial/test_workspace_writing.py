"""Writing in the workspace, without script: saving, conflicts, previews, citing, history; typed text is never lost."""

import itertools
import json
import random

import pytest
from django.urls import reverse

from articles.drafting import Changes, CitationChange, revise
from articles.models import Article, ArticleText, EvidenceEvent, Reference, Topic
from editorial import roles
from tests import builders
from tests.editorial.test_workspace_details import details, url
from tests.scale import examples


def source(article, audience="professional"):
    return ArticleText.objects.get(article=article, audience=audience).source


def post(client, article, text, *, number=1, name="article", **more):
    return client.post(url(name, article), {"source": text, "draft_number": number, "do": "save", **more})


# ---- Beginning and saving


def test_a_new_article_begins_with_the_headings_of_its_type(mine, author):
    kind = builders.make_type()
    type(kind).objects.update(template="## In short\n\n## What to try first\n")
    topic = Topic.objects.create(name="Spine", slug="spine")
    answer = mine.post(reverse("workspace:new"), {"title": "What is sciatica?", "article_type": kind.pk, "topics": [topic.pk]})
    made = Article.objects.get()
    assert answer["Location"] == url("article", made)
    assert source(made) == "## In short\n\n## What to try first\n"
    assert list(made.topics.all()) == [topic]
    assert list(made.authorships.values_list("person__user", flat=True)) == [author.pk]


def test_a_new_article_without_a_question_says_so_and_keeps_what_was_chosen(mine, author):
    kind = builders.make_type()
    answer = mine.post(reverse("workspace:new"), {"title": " ", "article_type": kind.pk})
    assert answer.status_code == 422
    assert b"There is a problem" in answer.content
    assert f'value="{kind.pk}" required id="id_article_type_0" checked' in answer.content.decode() or "checked" in answer.content.decode()


def test_saving_raises_the_number_and_says_that_the_public_page_stands(mine, published):
    article = published.article
    answer = mine.post(url("article", article), {"source": "New words.\r\n", "draft_number": 1, "do": "save"}, follow=True)
    assert source(article) == "New words.\n"
    assert Article.objects.get().draft_number == 2
    assert "Draft saved. The public page has not changed." in answer.content.decode()


def test_saving_what_is_saved_already_makes_no_save(mine, article):
    assert post(mine, article, source(article)).status_code == 302
    assert Article.objects.get().draft_number == 1


def test_a_text_that_is_too_long_is_refused_and_kept_on_the_page(mine, article):
    long = "x" * 300_001
    answer = post(mine, article, long)
    assert answer.status_code == 422
    assert long.encode() in answer.content
    assert source(article) == builders.PROFESSIONAL


@pytest.mark.parametrize("number", ["", "abc", "0", "99999999999999999999", "-1", "7"])
def test_a_save_that_does_not_say_what_it_was_opened_at_keeps_the_text(mine, article, number):
    answer = post(mine, article, "Typed words.", number=number)
    assert answer.status_code in {409, 422}
    assert b"Typed words." in answer.content
    assert source(article) == builders.PROFESSIONAL


def test_text_that_is_typed_survives_the_end_of_the_session(client, author, article):
    answer = client.post(url("article", article), {"source": "Typed before I was signed out.", "draft_number": 1, "do": "save"})
    assert answer.status_code == 302
    assert source(article) == builders.PROFESSIONAL
    client.post(reverse("account_login"), {"login": author.email, "password": builders.PASSWORD})
    page = client.get(url("article", article)).content.decode()
    assert "Typed before I was signed out." in page
    assert "It is not saved yet." in page
    post(client, article, "Typed before I was signed out.")
    assert source(article) == "Typed before I was signed out.\n"
    assert "not saved yet." not in client.get(url("article", article)).content.decode()


def test_details_that_are_typed_survive_the_end_of_the_session(client, author, article):
    answer = client.post(url("details", article), details(article, summary="Typed before I was signed out."))
    assert answer["Location"].endswith(f"?next={url('details', article)}")
    client.post(reverse("account_login"), {"login": author.email, "password": builders.PASSWORD})
    page = client.get(url("details", article)).content.decode()
    assert "Typed before I was signed out.</textarea>" in page
    assert "It is not saved yet." in page
    client.post(url("details", article), details(article, summary="Typed before I was signed out."))
    assert Article.objects.get().summary == "Typed before I was signed out."
    assert "It is not saved yet." not in client.get(url("details", article)).content.decode()


def test_text_that_was_kept_for_one_page_is_shown_on_no_other(client, author, article):
    client.post(url("article", article), {"source": "For professionals.", "draft_number": 1})
    client.post(reverse("account_login"), {"login": author.email, "password": builders.PASSWORD})
    for name in ("plain", "details", "references"):
        assert "For professionals." not in client.get(url(name, article)).content.decode()


def test_kept_text_can_be_discarded(client, author, article):
    client.post(url("article", article), {"source": "Typed.", "draft_number": 1})
    client.post(reverse("account_login"), {"login": author.email, "password": builders.PASSWORD})
    post(client, article, "", do="discard")
    assert "Typed." not in client.get(url("article", article)).content.decode()


def test_a_visitor_keeps_no_text_for_an_article_that_does_not_exist(client, db):
    client.post("/workspace/00000000-0000-4000-8000-000000000000/", {"source": "x", "draft_number": 1})
    assert client.session["kept_text"]["typed"] == ""


def test_a3_a_visitor_who_posts_cannot_tell_an_article_from_none(article, db):
    from django.test import Client

    seen = []
    for pk in (str(article.pk), "00000000-0000-4000-8000-000000000000"):
        answer = Client().post(f"/workspace/{pk}/", {"source": "x", "draft_number": 1})
        headers = {name: value.replace(pk, "") for name, value in answer.headers.items()}
        seen.append((answer.status_code, answer.content, headers, sorted(answer.cookies)))
    assert seen[0] == seen[1]


def test_what_was_typed_can_be_downloaded_as_a_file(mine, article):
    answer = post(mine, article, "Mine.", do="download")
    assert answer.content == b"Mine."
    assert answer["Content-Disposition"].startswith("attachment")


# ---- Preview and checks


def test_preview_and_check_show_what_is_typed_and_save_nothing(mine, article):
    answer = post(mine, article, "## Typed\n\nUse it.[@guide] And this.[@nothing]\n", do="look")
    page = answer.content.decode()
    assert '<h2 id="h-typed">Typed</h2>' in page
    assert "[@nothing] in the text for professionals has no reference." in page
    assert "Line 3: “Use it.[@guide] And this.[@nothing]”" in page
    assert source(article) == builders.PROFESSIONAL


def test_the_live_preview_is_the_public_rendering(mine, author, article):
    from articles.rendering import render

    answer = mine.post(url("live", article), {"source": builders.PROFESSIONAL, "draft_number": 1})
    assert render(builders.PROFESSIONAL, known={"guide", "trial"}).html in answer.content.decode()
    assert source(article) == builders.PROFESSIONAL


def test_a_text_that_cannot_be_rendered_says_why(mine, article):
    page = post(mine, article, "> " * 30 + "deep", do="look").content.decode()
    assert "cannot be" in page


def test_a_finding_leads_to_the_line_of_the_other_text(mine, author, article):
    revise(article, by=author, draft_number=1, changes=Changes(texts={"plain": "One.\n\nTwo [@gone].\n"}))
    page = mine.get(url("article", article)).content.decode()
    assert f'href="{url("plain", article)}?line=3#id_source"' in page
    assert 'data-line="3"' in mine.get(url("plain", article) + "?line=3").content.decode()


# ---- Two people saved


def test_e1_what_both_changed_is_shown_and_nothing_is_applied(mine, coauthor, shared):
    revise(shared, by=coauthor, draft_number=1, changes=Changes(texts={"professional": builders.PROFESSIONAL.replace("250 mg", "500 mg")}))
    answer = post(mine, shared, builders.PROFESSIONAL.replace("250 mg", "125 mg").replace("Bed rest", "Long rest"))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Your text is safe and not saved yet" in page
    assert "Carl Coauthor" in page
    assert "Passage 1 of 1, under “<bdi>What to try first</bdi>”" in page
    assert "500 mg" in page
    assert "125 mg" in page
    assert "1\u00a0other was combined without a clash" in page
    assert source(shared) == builders.PROFESSIONAL.replace("250 mg", "500 mg")


def conflict(mine, coauthor, shared):
    revise(shared, by=coauthor, draft_number=1, changes=Changes(texts={"professional": builders.PROFESSIONAL.replace("250 mg", "500 mg")}))
    return builders.PROFESSIONAL.replace("250 mg", "125 mg").replace("Bed rest", "Long rest")


@pytest.mark.parametrize(
    ("given", "words"),
    [({"choice-1": "theirs"}, "Naproxen 500 mg"), ({"choice-1": "yours"}, "Naproxen 125 mg"), ({"choice-1": "yours", "anew-1": "Ask first."}, "Ask first.")],
)
def test_the_combined_text_has_what_was_chosen_and_what_did_not_clash(mine, coauthor, shared, given, words):
    typed = conflict(mine, coauthor, shared)
    mine.post(url("combine", shared), {"source": typed, "base": 1, "seen": 2, "do": "save", **given})
    assert words in source(shared)
    assert "Long rest does not help." in source(shared)
    assert Article.objects.get().draft_number == 3


def test_without_a_choice_nothing_is_saved_and_nothing_typed_is_lost(mine, coauthor, shared):
    typed = conflict(mine, coauthor, shared)
    answer = mine.post(url("combine", shared), {"source": typed, "base": 1, "seen": 2, "do": "save"})
    assert answer.status_code == 409
    assert b"Choose one text" in answer.content
    assert b"Long rest does not help." in answer.content
    assert Article.objects.get().draft_number == 2


def test_a_third_save_in_between_is_a_new_conflict(mine, coauthor, shared):
    typed = conflict(mine, coauthor, shared)
    article = Article.objects.get()
    revise(article, by=coauthor, draft_number=2, changes=Changes(texts={"professional": builders.PROFESSIONAL.replace("250 mg", "750 mg")}))
    answer = mine.post(url("combine", shared), {"source": typed, "base": 1, "seen": 2, "choice-1": "yours", "do": "save"})
    assert answer.status_code == 409
    assert "750 mg" in answer.content.decode()
    assert "125 mg" in answer.content.decode()
    assert "750 mg" in source(shared)


def test_my_text_can_be_downloaded_from_the_conflict(mine, coauthor, shared):
    typed = conflict(mine, coauthor, shared)
    answer = mine.post(url("combine", shared), {"source": typed, "base": 1, "seen": 2, "do": "download"})
    assert answer.content.decode() == typed


@pytest.mark.parametrize(("base", "seen"), [("", ""), ("x", "y"), (9, 9), (1, 99), (0, 2)])
def test_a_combination_of_saves_that_do_not_exist_keeps_the_text(mine, coauthor, shared, base, seen):
    answer = mine.post(url("combine", shared), {"source": "Typed words.", "base": base, "seen": seen, "choice-1": "yours", "do": "save"})
    assert answer.status_code in {302, 409}
    assert "Typed words." in answer.content.decode() or "Typed words." in source(shared)


def test_a_save_of_another_part_in_between_is_no_conflict(mine, coauthor, shared):
    guide = Reference.objects.get(doi="10.1000/guide")
    revise(shared, by=coauthor, draft_number=1, changes=Changes(texts={"plain": "Other words.\n"}, citations=[CitationChange("new", guide)]))
    assert post(mine, shared, "Mine.").status_code == 302
    assert (source(shared), source(shared, "plain")) == ("Mine.\n", "Other words.\n")


def test_a_save_sent_twice_is_one_save(mine, article):
    for _ in range(2):
        assert post(mine, article, "Twice.").status_code == 302
    assert Article.objects.get().draft_number == 2


def test_e1_saved_and_conflicts_are_all_that_was_sent(client, author, coauthor, shared):
    """Over random rounds of two writers who open at any earlier save: every text is saved, or kept on the conflict's page."""
    from django.test import Client

    writers = [client, Client()]
    client.force_login(author)
    writers[1].force_login(coauthor)
    dice = random.Random(3)
    sent = saved = conflicts = 0
    for turn in range(examples(25, 50 * 4)):
        now = Article.objects.get().draft_number
        opened, audience = dice.randint(max(1, now - 2), now), dice.choice(["article", "plain"])
        words = f"Text {turn}.\n"
        answer = post(dice.choice(writers), shared, words, number=opened, name=audience)
        sent += 1
        if answer.status_code == 302:
            saved += 1
            assert source(shared, "plain" if audience == "plain" else "professional") == words
        else:
            conflicts += 1
            assert answer.status_code == 409
            assert words.strip() in answer.content.decode()
    assert saved + conflicts == sent
    assert saved == Article.objects.get().draft_number - 1
    assert conflicts > 0


@pytest.mark.engine
def test_e1_of_savers_at_the_same_moment_one_wins_and_each_text_is_kept(committed_db, db):
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connections
    from django.test import Client

    users = [builders.make_user(f"Writer {n}", roles.AUTHOR) for n in range(4)]
    article = builders.make_article(users[0], authors=users)
    clients = []
    for user in users:
        clients.append(Client())
        clients[-1].force_login(user)

    def save(pair):
        writer, words = pair
        try:
            answer = post(clients[writer], article, words, number=number)
            return words, answer.status_code, answer.content.decode()
        finally:
            connections.close_all()

    for turn in range(examples(3, 50)):
        number = Article.objects.get().draft_number
        with ThreadPoolExecutor(4) as pool:
            outcomes = list(pool.map(save, [(n, f"Turn {turn} of writer {n}.\n") for n in range(4)]))
        saved = [words for words, status, _ in outcomes if status == 302]
        assert len(saved) == 1
        assert source(article) == saved[0]
        assert all(status == 409 and words.strip() in page for words, status, page in outcomes if words not in saved)
        assert Article.objects.get().draft_number == number + 1


# ---- Citing


def test_citing_within_the_editor_keeps_what_is_typed(mine, article):
    work = Reference.objects.create(title="Gout", authors="Díaz, Eva; Other, B", year=2021)
    found = post(mine, article, "Typed words.", do="look", q="gout").content.decode()
    assert f'value="cite:{work.pk}"' in found
    page = post(mine, article, "Typed words.", do=f"cite:{work.pk}").content.decode()
    assert "[@diaz2021] is ready" in page
    assert "Typed words." in page
    assert source(article) == builders.PROFESSIONAL
    assert article.citations.get(key="diaz2021").reference == work


def test_a_work_gets_one_key_and_two_works_get_two(mine, author, article):
    works = [Reference.objects.create(title=title, authors="Smith, J", year=2020) for title in ("One", "Two")]
    keys = [json.loads(mine.post(url("cite", article), {"reference": work.pk}, headers={"accept": "application/json"}).content)["key"] for work in [*works, works[0]]]
    assert keys == ["smith2020", "smith2020b", "smith2020"]


def test_without_script_the_page_of_references_shows_keys_to_copy(mine, article):
    page = mine.get(url("references", article) + "?q=walking").content.decode()
    assert "<code>[@trial]</code>" in page
    assert "A trial of walking" in page


def test_a_work_with_a_notice_shows_it_before_it_is_cited(mine, article):
    work = Reference.objects.create(title="Withdrawn pills", year=2019, doi="10.1000/pills")
    EvidenceEvent.objects.create(reference=work, kind="retraction", happened_on="2024-05-02", reported_by="publisher")
    page = mine.get(url("search", article) + "?q=pills").content.decode()
    assert "Retracted" in page
    assert "<html" not in page


def test_a_work_that_is_added_twice_is_one_row(mine, article):
    data = {"kind": "guideline", "title": "Guide anew", "doi": "https://doi.org/10.1000/GUIDE", "year": "2024"}
    page = mine.post(url("references", article), data, follow=True).content.decode()
    assert "was in the registry already" in page
    assert Reference.objects.filter(doi="10.1000/guide").count() == 1
    assert article.citations.count() == 2


def test_a_new_work_is_entered_uniform_and_gets_a_key(mine, author, article):
    data = {"kind": "randomised_trial", "title": "A new trial", "authors": "Nouvel, Ada", "source": "J", "year": "2023", "doi": "doi:10.1000/NEW.", "pmid": "PMID: 777"}
    page = mine.post(url("references", article), data, follow=True).content.decode()
    work = Reference.objects.get(title="A new trial")
    assert (work.doi, work.pmid) == ("10.1000/new", "777")
    assert work.history.get().history_user == author
    assert "[@nouvel2023]" in page


@pytest.mark.parametrize(("field", "value"), [("doi", "not a doi"), ("pmid", "PMC123"), ("url", "javascript:alert(1)"), ("year", "2999"), ("title", ""), ("kind", "song")])
def test_c4_a_work_that_cannot_be_right_is_refused_and_kept_on_the_page(mine, article, field, value):
    data = {"kind": "other", "title": "Kept title", field: value}
    answer = mine.post(url("references", article), data)
    assert answer.status_code == 422
    assert "Error:" in answer.content.decode()
    assert not Reference.objects.filter(title="Kept title").exists()


def test_a_retracted_work_is_cited_as_retracted_only_with_a_reason(mine, author, article):
    EvidenceEvent.objects.create(reference=Reference.objects.get(doi="10.1000/guide"), kind="retraction", happened_on="2024-05-02", reported_by="publisher")
    page = mine.get(url("article", article)).content.decode()
    assert "<b>1 must be fixed</b>" in page
    refused = post(mine, article, "Typed.", do="mark:guide", **{"reason-guide": " "})
    assert refused.status_code == 409
    assert "Typed." in refused.content.decode()
    post(mine, article, "Typed.", do="mark:guide", **{"reason-guide": "As a warning"})
    citation = article.citations.get(key="guide")
    assert (citation.cited_as_retracted, citation.retracted_reason) == (True, "As a warning")
    assert "<b>0 must be fixed</b>" in mine.get(url("article", article)).content.decode()


def test_a_reference_is_taken_away_and_the_checks_name_the_places(mine, article):
    page = post(mine, article, builders.PROFESSIONAL, do="remove:guide").content.decode()
    assert not article.citations.filter(key="guide").exists()
    assert "[@guide] in the text for professionals has no reference." in page


@pytest.mark.parametrize("do", ["cite:", "cite:abc", "cite:99999999", "remove:", "remove:nothing", "mark:nothing", "mark:", "nonsense", "cite:1:2", ""])
def test_c14_no_button_however_named_breaks_the_editor(mine, article, do):
    answer = post(mine, article, "Typed words.", do=do)
    assert answer.status_code in {200, 404, 409}
    assert source(article) == builders.PROFESSIONAL


# ---- History


@pytest.mark.engine
def test_the_history_says_who_what_when_and_why(mine, author, coauthor, shared):
    revise(shared, by=coauthor, draft_number=1, changes=Changes(texts={"plain": "Plainer.\n"}), reason="Plainer words")
    page = mine.get(url("history", shared)).content.decode()
    assert "Save 2: plain-language text" in page
    assert "Plainer words" in page
    assert "Carl Coauthor" in page


@pytest.mark.engine
def test_two_saves_are_compared_in_whole_words(mine, author, article):
    guide = Reference.objects.get(doi="10.1000/guide")
    changes = Changes(texts={"professional": builders.PROFESSIONAL.replace("250 mg", "500 mg")}, fields={"funding": "A trust"}, citations=[CitationChange("guide", None), CitationChange("new", guide)])
    revise(article, by=author, draft_number=1, changes=changes)
    for order in ("from=1&to=2", "from=2&to=1", ""):
        page = mine.get(f"{url('compare', article)}?{order}").content.decode()
        assert '<del class="crit"><span class="vh">removed: </span>250 mg<span class="vh"> end </span></del>' in page
        assert '<ins class="crit"><span class="vh">inserted: </span>500 mg<span class="vh"> end </span></ins>' in page
        assert "A trust" in page
        assert "it was @guide" in page
        assert "<code>@new</code>" in page


@pytest.mark.parametrize("query", ["from=0&to=99", "from=x&to=", "from=-1&to=1e9", "page=99"])
def test_numbers_that_are_no_saves_show_the_nearest(mine, article, query):
    for name in ("compare", "history"):
        assert mine.get(f"{url(name, article)}?{query}").status_code == 200


def test_restoring_is_a_new_save_and_loses_nothing(mine, author, article):
    revise(article, by=author, draft_number=1, changes=Changes(texts={"professional": "Second.\n"}, fields={"summary": "Second"}))
    answer = mine.post(url("restore", article, 1), {"draft_number": 2})
    assert answer["Location"] == url("history", article)
    assert source(article) == builders.PROFESSIONAL
    assert Article.objects.get().draft_number == 3
    assert "Restored save 1" in mine.get(url("history", article)).content.decode()
    mine.post(url("restore", article, 2), {"draft_number": 3})
    assert source(article) == "Second.\n"


def test_restoring_on_top_of_a_save_that_was_not_seen_is_refused(mine, author, article):
    revise(article, by=author, draft_number=1, changes=Changes(texts={"professional": "Second.\n"}))
    answer = mine.post(url("restore", article, 1), {"draft_number": 1})
    assert answer.status_code == 409
    assert source(article) == "Second.\n"
    assert mine.get(url("restore", article, 9)).status_code == 404


def test_e_every_pair_of_saves_can_be_compared(mine, author, article):
    for n in range(4):
        builders.revise(article, author, professional=f"Save {n}.\n")
    for one, other in itertools.combinations(range(1, 6), 2):
        assert mine.get(f"{url('compare', article)}?from={one}&to={other}").status_code == 200
