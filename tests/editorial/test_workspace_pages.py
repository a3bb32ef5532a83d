"""Every page of the workspace: who may open it, what it costs, and that poison in it stays words."""

import re

import html5lib
import pytest
from django.db import connection
from django.urls import reverse

from articles.drafting import Changes, CitationChange
from articles.models import Article, Reference, Topic
from editorial import workflow
from records.models import Person
from reviews.models import Comment
from tests import builders

EDITOR = ["article", "plain"]
ARTICLE_PAGES = [*EDITOR, "details", "authors", "references", "search", "import", "history", "compare"]


def pages(article, submission=None):
    """The addresses of every page about an article that can be opened."""
    found = [reverse(f"workspace:{name}", args=[article.pk]) for name in ARTICLE_PAGES]
    found.append(reverse("workspace:restore", args=[article.pk, 1]))
    found.append(reverse("workspace:export", args=[article.pk, "ris"]))
    if submission is not None:
        found += [reverse(f"workspace:{name}", args=[article.pk, submission.pk]) for name in ("submission", "withdraw")]
    return found


@pytest.fixture
def sent_back(under_review, editor, reviewer, reviewer2):
    """The version, sent back with one must-fix comment and a note."""
    first, second = under_review.assignments.order_by("assigned_at")
    builders.recommend(first, first.member.person.user, "changes")
    builders.recommend(second, second.member.person.user)
    return workflow.request_changes(under_review, by=editor, note="Mend the dose.")


# ---- Who may open it


def test_a3_a_visitor_is_sent_to_sign_in_from_every_page(client, submitted):
    for address in [reverse("workspace:home"), reverse("workspace:new"), *pages(submitted.article, submitted)]:
        answer = client.get(address)
        assert answer.status_code == 302, address
        assert answer["Location"].startswith(reverse("account_login")), address


def test_a3_for_anyone_else_an_article_does_not_exist(client, outsider, coauthor, editor, reviewer, submitted):
    for person in (outsider, coauthor, editor, reviewer):
        client.force_login(person)
        for address in pages(submitted.article, submitted):
            there = client.get(address)
            absent = client.get(address.replace(str(submitted.article_id), "00000000-0000-4000-8000-000000000000"))
            assert (there.status_code, absent.status_code) == (404, 404), address
            assert there.content == absent.content


def test_its_author_opens_every_page(mine, submitted):
    for address in [reverse("workspace:home"), reverse("workspace:new"), *pages(submitted.article, submitted)]:
        assert mine.get(address).status_code == 200, address


def test_a4_posts_to_somebody_elses_article_find_nothing(client, outsider, submitted):
    client.force_login(outsider)
    article = submitted.article
    before = Article.objects.get().draft_number
    names = ["article", "plain", "live", "live_plain", "combine", "combine_plain", "references", "import", "cite", "mark", "remove", "details", "authors", "submit"]
    addresses = [reverse(f"workspace:{name}", args=[article.pk]) for name in names]
    addresses += [reverse("workspace:restore", args=[article.pk, 1]), reverse("workspace:withdraw", args=[article.pk, submitted.pk])]
    for address in addresses:
        assert client.post(address, {"source": "x", "draft_number": "1", "do": "save"}).status_code == 404, address
    assert Article.objects.get().draft_number == before


def test_a8_a_submission_of_another_article_is_not_found_under_this_one(mine, author, submitted):
    other = builders.make_article(author, title="Another question?")
    for name in ("submission", "withdraw"):
        address = reverse(f"workspace:{name}", args=[other.pk, submitted.pk])
        assert mine.get(address).status_code == 404
        assert mine.post(address).status_code in {404, 405}
    assert type(submitted).objects.get().state == "submitted"


def test_a8_a_comment_of_another_submission_is_not_found_under_this_one(mine, author, editor, sent_back):
    comment = Comment.objects.for_author().get()
    other = builders.submit(builders.make_article(author, title="Another question?"), author)
    workflow.decline_submission(other, by=editor, reason="Out of scope.")
    address = reverse("workspace:submission", args=[other.article_id, other.pk])
    assert mine.post(address, {f"{comment.pk}-answer": "Done."}).status_code == 302
    assert mine.post(address, {"do": f"take:{comment.pk}", "draft_number": 1}).status_code == 404
    assert Comment.objects.get(pk=comment.pk).answer == ""


def test_an_outsider_may_not_begin_an_article(client, outsider):
    client.force_login(outsider)
    assert client.get(reverse("workspace:new")).status_code == 403
    assert b"New article" not in client.get(reverse("workspace:home")).content


def test_a16_every_act_needs_a_token(author, submitted):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(author)
    for name in ("article", "plain", "live", "combine", "references", "import", "cite", "mark", "remove", "details", "authors", "submit"):
        assert strict.post(reverse(f"workspace:{name}", args=[submitted.article_id]), {"source": "x"}).status_code == 403, name


def test_a_form_that_has_expired_gives_back_all_that_was_typed_and_no_password(author, submitted):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(author)
    typed = {"title": "Heat?", "number": "7", "plain": "Rest. " * 400, "tags": ["<b>one</b>", "two"], "empty": " "}
    kept_back = {"old_password": "secret-one", "password": "secret-two", "code": "123456", "digest": "d" * 64, "do": "save", "csrfmiddlewaretoken": "t" * 40}
    answer = strict.post(reverse("workspace:article", args=[submitted.article_id]), typed | kept_back)
    body = answer.content.decode()
    assert answer.status_code == 403
    for name in ("title", "number", "plain", "tags"):
        assert f"What you typed in “{name}”</label>" in body
    for value in (">Heat?<", ">7<", "Rest. " * 400, "&lt;b&gt;one&lt;/b&gt;", ">two<"):
        assert value in body
    for value in ("“empty”", *(f">{value}<" for value in kept_back.values())):
        assert value not in body
    named = re.findall(r'<textarea id="([^"]+)"', body)
    assert len(named) == len(set(named)) == 5
    assert all(f'<label for="{name}">' in body for name in named)


def test_a16_reading_writes_nothing(mine, submitted):
    for address in [reverse("workspace:home"), *pages(submitted.article, submitted)]:
        with builders.queries_counted(connection) as queries:
            mine.get(address)
        assert not [sql for sql in queries if sql.lstrip("(").split()[0] not in {"SELECT", "WITH"}], address


def test_somebody_whose_role_was_taken_away_reads_and_changes_nothing(mine, author, article):
    author.groups.clear()
    page = mine.get(reverse("workspace:article", args=[article.pk]))
    assert b"may not change it" in page.content
    answer = mine.post(reverse("workspace:article", args=[article.pk]), {"source": "New words", "draft_number": 1, "do": "save"})
    assert answer.status_code == 403
    assert b"New words" in answer.content
    assert Article.objects.get().draft_number == 1


# ---- What it costs


def test_the_list_costs_the_same_for_one_article_and_for_many(mine, author, sent_back):
    with builders.queries_counted(connection) as few:
        mine.get(reverse("workspace:home"))
    for n in range(30):
        article = builders.make_article(author, title=f"Question {n}?")
        if n % 2:
            builders.submit(article, author)
    with builders.queries_counted(connection) as many:
        answer = mine.get(reverse("workspace:home"))
    assert len(many) == len(few) <= 8
    assert b"Page 1 of 2" in answer.content


@pytest.mark.parametrize(("name", "most"), [("article", 16), ("details", 16), ("references", 12), ("history", 10), ("compare", 10)])
def test_a_page_costs_the_same_however_long_the_history(mine, author, article, name, most):
    address = reverse(f"workspace:{name}", args=[article.pk])
    _save_often(article, author, 3)
    with builders.queries_counted(connection) as few:
        mine.get(address)
    _save_often(article, author, 40)
    with builders.queries_counted(connection) as many:
        mine.get(address)
    assert len(many) == len(few) <= most, "\n".join(many)


def _save_often(article, author, times):
    guide = Reference.objects.get(doi="10.1000/guide")
    for n in range(times):
        article = Article.objects.get(pk=article.pk)
        changes = Changes(texts={"professional": f"Words {article.draft_number}.\n"}, citations=[CitationChange(f"k{article.draft_number}", guide)])
        builders.drafting.revise(article, by=author, draft_number=article.draft_number, changes=changes, reason=f"Reason {n}")


# ---- Poison


POISON = '<script>alert(1)</script><img src=x onerror=alert(1)>"\'[x](javascript:alert(1))'


def scripts_in(content):
    """What in a page could run: scripts without an address of ours, event handlers, addresses that are no web address."""
    tree = html5lib.parse(content.decode(), namespaceHTMLElements=False)
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag == "script" and not (element.get("src") or "").startswith("/static/"):
            yield f"script {element.get('src')}"
        for name, value in element.attrib.items():
            if str(name).lower().startswith("on") or str(name).lower() == "style":
                yield f"{element.tag} {name}"
            if name in {"href", "src", "action", "formaction"} and value.strip().lower().startswith(("javascript:", "data:", "vbscript:")):
                yield f"{element.tag} {name}={value}"


@pytest.fixture
def poisoned(author, editor, reviewer):
    """An article with poison in every field that people fill, sent back with poison in the comment."""
    Person.objects.filter(user__in=[author, editor, reviewer]).update(name=f"Name {POISON}", credentials=POISON[:60])
    Topic.objects.create(name=POISON[:60], slug="poison")
    work = Reference.objects.create(title=POISON, authors=POISON, source=POISON, year=2020, url="https://example.org/")
    kind = builders.make_type("poison", approvals=1)
    type(kind).objects.filter(pk=kind.pk).update(name=POISON[:80], description=POISON)
    texts = {"professional": f"# {POISON}\n\n{POISON} [@a]\n\n::: red-flag {POISON}\n{POISON}\n:::\n\n[@nothing]\n", "plain": POISON}
    article = builders.make_article(author, title=POISON, article_type=kind, texts={"professional": f"{POISON} [@guide]\n", "plain": POISON})
    submission = builders.submit(article, author)
    assignment = workflow.assign(submission, by=editor, member=reviewer.person.board_member, override_reason=POISON)  # they have one name
    builders.open_text(assignment, reviewer)
    where = builders.passage(submission.version)
    builders.reviewing.comment(assignment, by=reviewer, text=POISON, kind="must_fix", **where)
    builders.reviewing.comment(assignment, by=reviewer, text=POISON, kind="suggestion", replacement=POISON, **where)
    builders.recommend(assignment, reviewer, "changes")
    workflow.request_changes(submission, by=editor, note=POISON)
    article = Article.objects.get(pk=article.pk)
    changes = Changes(texts=texts, fields={"summary": POISON, "funding": POISON, "sponsor": POISON}, citations=[CitationChange("a", work)])
    return builders.drafting.revise(article, by=author, draft_number=article.draft_number, changes=changes, reason=POISON), submission


def test_c1_poison_in_every_field_runs_on_no_page(mine, poisoned):
    article, submission = poisoned
    addresses = [reverse("workspace:home"), reverse("workspace:new"), *pages(article, submission)]
    addresses += [f"{reverse('workspace:search', args=[article.pk])}?q=script", f"{reverse('workspace:references', args=[article.pk])}?q={POISON}"]
    addresses += [f"{reverse('workspace:authors', args=[article.pk])}?q=script", f"{reverse('workspace:compare', args=[article.pk])}?from=1&to=2"]
    for address in addresses:
        answer = mine.get(address)
        assert answer.status_code == 200, address
        if answer["Content-Type"].startswith("text/html"):
            assert list(scripts_in(answer.content)) == [], address
        else:  # a file, which no browser shows
            assert answer["Content-Disposition"].startswith("attachment"), address
            assert answer["X-Content-Type-Options"] == "nosniff", address


def test_c1_poison_that_is_typed_runs_nowhere_either(mine, poisoned):
    article, _ = poisoned
    typed = {"source": POISON + " [@a]", "draft_number": "1", "q": POISON}
    for name, do in [("article", "look"), ("article", "save"), ("article", "submit"), ("article", f"remove:{POISON}"), ("live", ""), ("combine", "save")]:
        answer = mine.post(reverse(f"workspace:{name}", args=[article.pk]), {**typed, "do": do, "base": "1", "seen": "2"})
        assert list(scripts_in(answer.content)) == [], (name, do)
    for name, data in [("details", {"title": POISON, "language": POISON}), ("references", {"title": POISON, "url": "javascript:alert(1)", "doi": POISON})]:
        answer = mine.post(reverse(f"workspace:{name}", args=[article.pk]), data)
        assert answer.status_code == 422
        assert list(scripts_in(answer.content)) == [], name


def test_the_search_for_scripts_finds_a_planted_one():
    assert len(list(scripts_in(b"<p onclick=x><script>1</script><a href='javascript:1'>x</a>"))) == 3


def test_a_new_article_without_words_is_refused_field_by_field(client, author):
    client.force_login(author)
    answer = client.post(reverse("workspace:new"), {"title": " "})
    page = answer.content.decode()
    assert answer.status_code == 422
    for words, field in (("Give the article a title.", "id_title"), ("Choose the type of the article.", "id_article_type")):
        assert f'<a href="#{field}">{words}</a>' in page
        assert f"Error: {words}" in page
