"""What holds for every public page: where it reads, what it never writes, which headers it carries, what it weighs."""

import ast
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client

from articles.models import Topic
from editorial import publishing
from editorial.middleware import CONTENT_SECURITY_POLICY
from editorial.public import urls
from tests import builders, house

SLUG = "/articles/how-is-a-trapped-nerve-treated/"
CITE = [f"{SLUG}v/1/{text}cite.{ending}" for text in ("", "plain/") for ending in ("ris", "bib", "json")]
PUBLIC = house.ROOT / "editorial" / "public"
DRAFTS = {"Article", "ArticleText", "Authorship", "Citation", "Reference", "Comment", "ReviewAssignment", "Submission", "Signature", "VersionText"}
ACTS = ("editorial.workflow", "editorial.publishing", "articles.drafting", "articles.freezing", "reviews.reviewing", "records.history")
WRITES = {"create", "bulk_create", "bulk_update", "save", "delete", "update", "get_or_create", "update_or_create", "add", "set", "refresh", "rebuild"}
READ = {
    "editorial_publishedpage", "editorial_publication", "editorial_publication_topics", "editorial_topicentry", "editorial_address", "editorial_pagenotice",
    "articles_topic", "articles_articleversion", "reviews_submission", "reviews_boardmember", "reviews_boardmember_specialties", "reviews_specialty",
    "reviews_reviewpolicy", "reviews_reviewpolicy_specialties", "records_person", "records_affiliation", "articles_articletype",
    # Only to ask whether something is so: whether a cited work has news, and who agreed to be named.
    "articles_versionreference", "articles_evidenceevent", "reviews_reviewassignment",
    # Made of live texts alone.
    "editorial_searchentry", "editorial_searchindex", "editorial_searchterms", "editorial_searchspelling",
}  # fmt: skip
# How a public version is cited and compared, and who read each, is made of the facts that its page is made of, by the code that makes the page.
TO_CITE = {
    "articles_reference", "articles_versioncitation", "articles_versionhand", "articles_versiontext", "editorial_evidencecase", "records_printedname",
    "reviews_signature",
}  # fmt: skip
# The API is tried in tests/api; here only where it reads.
API = ["articles", "notices", "topics", "board", "search?q=naproxen", "openapi.json", *(f"articles{SLUG[9:-1]}{rest}" for rest in ("", "/versions", "/passages"))]
VERSIONS = [f"/api/v1{SLUG}versions", f"/api/v1{SLUG}versions/1", f"/api/v1{SLUG}versions/1/references"]

# The policy says what refuses a submission, and of which day the list of retractions is; what became of changed evidence is told with its notice.
MORE = {"/api/v1/notices": {"editorial_evidencecase", "editorial_evidenceoutcome"}, f"{SLUG}history/": TO_CITE, "/editorial-policy/": {"articles_checkseverity", "articles_listimport"}, **dict.fromkeys([*CITE, f"{SLUG}compare/1/1/"], TO_CITE)}

FOR_MACHINES = [
    "/feed/", "/feed/re-reviewed/", "/feed/corrected/", "/feed/retracted/", "/topics/spine/feed/", "/sitemap.xml", "/sitemap-pages.xml", "/sitemap-1.xml",
    "/robots.txt", "/.well-known/security.txt",
]  # fmt: skip
FINDING = ["/search/?q=naproxen", "/a-z/"]  # /ask/, whose form is protected by a cookie, is tried in test_ask.py


@pytest.fixture
def addresses(article, approved, editor, reviewer, settings):
    settings.SECURITY_CONTACT = "mailto:security@example.org"
    article.topics.add(Topic.objects.create(name="Spine", slug="spine"))
    publishing.publish(approved, by=editor)
    member = f"/board/{reviewer.person.board_member.slug}/"
    own = [SLUG, f"{SLUG}plain/", f"{SLUG}v/1/", f"{SLUG}v/1/plain/", *CITE, f"{SLUG}history/", f"{SLUG}compare/1/1/"]
    return [*own, "/", "/topics/spine/", "/board/", member, *FINDING, "/editorial-policy/", *FOR_MACHINES]


def test_every_public_address_is_tried_here(addresses):
    tried = {str(pattern.name) for pattern in urls.urlpatterns if any(re.fullmatch(pattern.pattern.regex, path[1:].partition("?")[0]) for path in addresses)}
    elsewhere = {"ask", "choose", "ask_send", "confirm_address", "erase_question", "report"}
    assert tried | elsewhere == {pattern.name for pattern in urls.urlpatterns if not pattern.name.startswith("api_")}


# ---- B1: where it reads


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)


def breaches(path):
    """Imports of drafts and acts, and calls that write."""
    for module, name in imports(path):
        if name in DRAFTS or module in ACTS or f"{module}.{name}" in ACTS:
            yield f"{path.name} imports {module} {name}"
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            yield f"{path.name}:{node.lineno} calls {node.func.attr}"


def test_b1_public_code_knows_no_draft_and_no_act_and_writes_nothing():
    assert [breach for path in sorted(PUBLIC.rglob("*.py")) for breach in breaches(path)] == []


def test_b1_the_lint_finds_what_it_looks_for(tmp_path):
    bad = tmp_path / "bad.py"
    bad.write_text("from articles.models import ArticleText\nfrom editorial import workflow\nArticleText.objects.create()\n")
    assert len(list(breaches(bad))) == 3


@pytest.mark.engine
def test_b1_a16_public_pages_read_public_tables_and_write_nothing(addresses, client):
    for path in [*addresses, *(f"/api/v1/{path}" for path in API), *VERSIONS]:
        with builders.queries_counted(connection) as found:
            assert client.get(path).status_code == 200
        tables = {table for sql in found for table in re.findall(r'"((?:articles|reviews|records|editorial|django|auth|axes|account)_\w+)"(?!\.)', sql)}
        columns = {match for sql in found for match in re.findall(r'"(articles_articletext|articles_article|records_user)"', sql)}
        may = READ | MORE.get(path, set()) | (TO_CITE if path in VERSIONS else set())
        assert tables - {alias for alias in tables if not _is_table(alias)} <= may, path
        assert not columns, path
        assert all(sql.lstrip("(").startswith("SELECT") for sql in found), path


def _is_table(name):
    return name in connection.introspection.table_names()


# ---- B4 and the other headers


def test_b4_public_pages_may_be_kept_and_asked_about_by_all_without_cookies(addresses, editor):
    anonymous, signed_in = Client(), Client()
    signed_in.force_login(editor)
    for path in addresses:
        own, other = signed_in.get(path), anonymous.get(path)
        assert own.content == other.content
        assert dict(own.headers) == dict(other.headers)
        assert own.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        assert own.headers["Vary"] == "Accept-Encoding"
        assert not own.cookies
        assert not other.cookies
        assert "Cookie" not in own.headers["Vary"]
    for path in ("/articles/none/", "/topics/none/", "/board/none/", f"{SLUG}v/9/", "/none/"):
        assert anonymous.get(path).headers["Cache-Control"] == "no-store"


def test_c5_d7_public_pages_carry_the_headers_of_the_house(addresses, client):
    for path in addresses:
        first = client.get(path)
        for answer in (first, client.get(path), client.get(path, headers={"If-None-Match": first.headers["ETag"]})):
            assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
            assert answer.headers["X-Frame-Options"] == "DENY"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "same-origin"
            assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_every_public_page_answers_304_gzip_and_head(addresses, client):
    for path in addresses:
        full = client.get(path)
        again = client.get(path, headers={"If-None-Match": full.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b""), path
        assert client.get(path, headers={"Accept-Encoding": "gzip"}).headers["Content-Encoding"] == "gzip"
        head = client.head(path)
        assert (head.content, head.headers["Content-Length"]) == (b"", str(len(full.content)))


def test_d2_pages_use_the_address_of_the_settings_never_the_host_that_was_asked(addresses, client, settings):
    for path in addresses:
        answer = client.get(path, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
        assert answer.status_code == 200
        assert b"evil" not in answer.content
    assert settings.SITE_URL.encode() in client.get(SLUG).content


def test_every_page_names_the_house_its_contact_and_its_terms(addresses, client, settings):
    settings.SITE_NAME, settings.CONTACT_EMAIL, settings.LICENCE = "House of Answers", "desk@answers.example", "CC BY 4.0"
    for path in set(addresses[4:]) - {*CITE, *FOR_MACHINES}:
        body = client.get(path).content.decode()
        assert "Published by House of Answers" in body
        assert 'href="mailto:desk@answers.example"' in body
        assert "CC BY 4.0" in body


# ---- Text of people is text


def test_c1_words_of_people_are_never_markup(client, editor, author, reviewer, reviewer2):
    poison = "<script>alert(1)</script><img src=x onerror=alert(2)>{{ 7|add:7 }}"
    reviewer.person.name = poison
    reviewer.person.save()
    article = builders.make_article(author, title=f"{poison} treated?")
    article.topics.add(Topic.objects.create(name=f"{poison}"[:80], slug="spine", description=poison))
    published = builders.walk_to_published(article, author, editor, reviewer, reviewer2, change_note=poison)
    slug = published.article.addresses.get().slug
    publishing.withhold(published, by=editor, reason=poison)
    publishing.restore(type(published).objects.get(pk=published.pk), by=editor)
    member = reviewer.person.board_member
    member.biography = member.interests = member.profession = poison
    member.interests_on = member.since
    member.save()
    finding = ("/search/?q=alert+treated", "/a-z/other/", "/ask/?q=is+an+alert+treated?")
    for path in (f"/articles/{slug}/", f"/articles/{slug}/history/", "/", "/topics/spine/", "/board/", f"/board/{member.slug}/", *finding):
        body = client.get(path).content.decode()
        assert "<script>alert" not in body, path
        assert "<img" not in body, path
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in body, path
        assert "14" not in re.findall(r"<h1.*?</h1>", body, re.DOTALL)[0]


# ---- The page that is not there, and what a page weighs


def test_an_unknown_address_is_answered_in_the_frame_with_ways_on(db, client):
    body = client.get("/articles/none/").content.decode()
    assert "There is no page at this address" in body
    assert "All topics and articles" in body


def test_a_page_without_its_words_weighs_less_than_60_kb(addresses, client, report):
    import gzip

    body = client.get(SLUG).content
    text = re.search(rb'<div class="text".*?</div>\n', body, re.DOTALL)[0]
    parts = {"html": len(gzip.compress(body.replace(text, b"")))}
    for name in sorted(set(re.findall(rb'/static/(editorial/[a-z.]+)', body))):
        path = Path(finders.find(name.decode()))
        parts[path.name] = len(gzip.compress(path.read_bytes()))
    report("Weight of the article's page, bytes over the wire", ["part", "bytes"], [*parts.items(), ("all", sum(parts.values()))])
    assert sum(parts.values()) < 60_000
    assert {"tokens.css", "base.css", "public.css", "article.js", "icons.svg"} <= parts.keys()
