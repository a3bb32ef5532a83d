"""`manage.py export_site`: the folder holds just what the site answers, at first and after every change, and nothing that is not public."""

import contextlib
import gzip
import os
import re
import signal
import time
from datetime import date, timedelta
from io import StringIO
from itertools import islice
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.http import HttpResponse
from django.test import Client

from articles.models import ArticleType, Topic
from editorial import addresses, listing, publishing
from editorial.edition import marks
from editorial.edition.door import Door, NotForEveryone
from editorial.edition.exporting import Export
from editorial.edition.folder import Folder, Manifest
from editorial.models import CacheDrop, PublishedPage
from editorial.public import lists
from records.models import Affiliation
from reviews.models import BoardMember, Specialty, Submission
from tests import builders
from tests.crawl.addresses import crawl
from tests.crawl.secrets import CHAPTERS, Story, words_in
from tests.kept import kept
from tests.scale import PROVE, examples

pytestmark = pytest.mark.django_db
SLUG = "/articles/how-is-a-trapped-nerve-treated/"


@pytest.fixture(autouse=True)
def _contact(settings):
    """Every root is there, security.txt too; what is not there is asked for each time."""
    settings.SECURITY_CONTACT = "mailto:security@example.org"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "edition"


@kept
def on_spine(article, approved, editor):
    """A public article under a topic."""
    article.topics.add(Topic.objects.create(name="Spine", slug="spine"))
    return publishing.publish(approved, by=editor)


def export(folder, **options):
    """One export; what came of it."""
    with Folder(folder).held() as held:
        return Export(held, **options).run()


def differs(folder):
    """What an export of everything would change in the folder; nothing is written."""
    with Folder(folder, writes=False).held() as held:
        done = Export(held, everything=True).run()
    return [] if done.is_as_it_was else [*done.changed, *done.spoilt, *done.configured, f"{done.loose} files too many"]


def manifest(folder):
    return Manifest.read((folder / "manifest.json").read_text(encoding="utf-8"))


def run(*argv, **options):
    """The command: what it says, and the code with which it ends."""
    out = StringIO()
    try:
        call_command("export_site", *map(str, argv), stdout=out, **options)
    except SystemExit as end:
        return out.getvalue(), end.code
    return out.getvalue(), 0


def says(folder):
    """Every byte of the folder, unpacked."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            found.append((gzip.decompress(content) if path.suffix == ".gz" else content).decode(errors="replace"))
    return "\n".join(found)


# ---- What is written


def test_every_public_address_is_a_file_with_the_bytes_of_the_site(on_spine, folder, client):
    done = export(folder)
    assert done.broken == []
    entries = manifest(folder).entries
    for address, entry in sorted(entries.items()):
        if address == addresses.AWAY:  # the one page that the site itself never gives
            continue
        answer, path = client.get(address), folder / "site" / entry.file
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert path.read_bytes() == content, address
        zipped = path.resolve().with_name(f"{path.resolve().name}.gz")
        assert not zipped.exists() or gzip.decompress(zipped.read_bytes()) == content, address
        if "ETag" in answer.headers and not address.startswith("/static/"):
            assert answer.headers["ETag"].strip('W/"') in path.resolve().name, address
    reached = {address.partition("?")[0] for address, answer in crawl(Client(), ["/", SLUG]).items() if answer.status_code == 200}
    assert {address for address in reached if addresses.is_file(address)} <= entries.keys()
    assert {"/", SLUG, f"{SLUG}plain/", f"{SLUG}v/1/cite.ris", f"{SLUG}history/", "/topics/spine/", "/a-z/h/", "/robots.txt", "/404.html"} <= entries.keys()
    assert not [address for address in entries if address.startswith(("/search", "/ask", "/accounts", "/admin"))]


# What tells of every article: the feeds with what is no longer in them, and the sitemap.
NEWS = {"/feed/", "/feed/re-reviewed/", "/feed/corrected/", "/feed/retracted/", "/topics/spine/feed/", "/sitemap-1.xml", "/sitemap-pages.xml"}


def test_a_second_run_asks_and_writes_nothing(on_spine, folder):
    assert export(folder).asked > 20
    done = export(folder)
    assert (done.asked, done.changed, done.loose, done.configured) == (0, [], 0, [])
    assert differs(folder) == []


def test_one_change_writes_only_what_shows_it(on_spine, author, editor, reviewer, reviewer2, folder):
    other = builders.walk_to_published(builders.make_article(author, title="Second nerve?"), author, editor, reviewer, reviewer2)
    export(folder)
    before = {path: os.readlink(path) for path in folder.rglob("*") if path.is_symlink()}
    publishing.withhold(on_spine, by=editor, reason="A dose is being checked.")
    done = export(folder)
    assert set(done.written) == {SLUG, f"{SLUG}plain/", f"{SLUG}v/1/", f"{SLUG}v/1/plain/", f"{SLUG}history/", "/", "/a-z/", "/a-z/s/", "/topics/spine/", *NEWS, *_profiles(reviewer, reviewer2)}
    assert {address for address in done.gone if "cite" not in address} == {"/a-z/h/"}
    assert all(f"/articles/{other.article.addresses.get().slug}/" not in address for address in done.changed)
    after = {path: os.readlink(path) for path in folder.rglob("*") if path.is_symlink()}
    assert sum(before[path] != link for path, link in after.items()) == len(done.written)
    assert differs(folder) == []


def _profiles(*reviewers):
    return {f"/board/{each.person.board_member.slug}/" for each in reviewers}


# ---- After every step of an article's life


# The steps after which readers get something else, or just might; in `make prove` every step is one.
MOVES = {
    "it is approved", "it is published", "they replace the first", "the page is withheld", "it is restored", "a re-review is opened",
    "it is retracted, its text with it",
}  # fmt: skip


def test_b3_after_every_step_the_folder_is_what_a_fresh_export_gives_and_the_cache_is_told_of_all_that_changed(folder, monkeypatch, settings, report):
    settings.CACHE_PURGE_URL = "http://127.0.0.1:9"
    monkeypatch.setattr(listing, "PER_PAGE", 1)
    monkeypatch.setattr(lists, "PER_PAGE", 1)
    story, rows = Story(), []
    export(folder)
    for happens, step, may_know, must_read in CHAPTERS:
        step(story)
        if not PROVE and happens not in MOVES:
            continue
        done = export(folder)
        told = set(CacheDrop.objects.values_list("path", flat=True))
        assert differs(folder) == [], happens
        assert done.broken == [], happens
        found = words_in(says(folder))
        assert found <= may_know, (happens, found - may_know)
        assert must_read <= found, (happens, must_read - found)
        untold = {address for address in set(done.changed) - told if addresses.group(address) != addresses.STATIC}
        assert untold == set(), (happens, untold)
        rows.append([happens, done.total, done.asked, len(done.changed), len(told)])
        CacheDrop.objects.all().delete()
    report("The static edition after every step", ["what happened", "addresses", "asked", "changed", "told to a cache"], rows)


EDITS = {
    "a topic is renamed": lambda member: Topic.objects.update(name="Back and neck", description="Of the back."),
    "a profile says something else": lambda member: BoardMember.objects.filter(pk=member.pk).update(biography="Thirty years of nerves."),
    "somebody moves": lambda member: Affiliation.objects.create(person=member.person, institution="New Hospital", since=date(2024, 1, 1)),
    "a specialty is renamed": lambda member: Specialty.objects.filter(members=member).update(name="Nerves and muscles"),
    "somebody leaves the board": lambda member: BoardMember.objects.filter(pk=member.pk).update(until=date(2024, 1, 1)),
    "new rules are in force": lambda member: builders.make_type("treatment", approvals=3, interval_months=6),
    "a type is renamed": lambda member: ArticleType.objects.update(name="Another name"),
    "the calendar has moved a page": lambda member: PublishedPage.objects.update(stale_on=date.today() - timedelta(days=1)),
}


def test_what_is_edited_without_an_act_is_noticed_too(on_spine, reviewer, folder):
    export(folder)
    for happens, edit in EDITS.items():
        before = _marks()
        edit(reviewer.person.board_member)
        assert _marks() != before, happens
    export(folder)
    assert differs(folder) == []


def _marks():
    articles = list(marks.of_articles(date.today()))
    return articles, marks.of_lists(articles, date.today())


def test_another_day_has_the_lists_asked_again(on_spine):
    articles = list(marks.of_articles(date.today()))
    assert marks.of_lists(articles, date.today()) != marks.of_lists(articles, date.today() + timedelta(days=1))


# Rows that never change once they are public, or whose change is one of the pages that show them.
FROZEN = {
    "articles_articleversion", "articles_versiontext", "articles_versionreference", "articles_versioncitation", "articles_versionhand", "articles_reference",
    "articles_evidenceevent", "reviews_submission", "reviews_signature", "records_printedname", "editorial_evidencecase",
}  # fmt: skip


def tables(queries):
    known = set(connection.introspection.table_names())
    return {name for sql in queries for name in re.findall(r'"(\w+)"', sql) if name in known}


def test_every_table_that_a_page_reads_is_one_that_the_marks_read(on_spine, folder):
    export(folder)
    with builders.queries_counted(connection) as marking:
        marks.of_lists(list(marks.of_articles(date.today())), date.today())
    door = Door()
    with builders.queries_counted(connection) as asking:
        for address in manifest(folder).entries:
            door.ask(address)
    assert tables(asking) - tables(marking) <= FROZEN


def test_marks_cost_the_same_few_queries_however_many_articles_there_are(on_spine, django_assert_num_queries):
    with django_assert_num_queries(6):
        found = list(marks.of_articles(date.today()))
    with django_assert_num_queries(15):
        marks.of_lists(found, date.today())


def test_a_release_or_a_setting_has_everything_asked_again(on_spine, folder, settings):
    total = export(folder).total
    settings.LICENCE = "CC BY 4.0"
    done = export(folder)
    assert done.asked >= total
    assert "/editorial-policy/" in done.written
    assert differs(folder) == []


def test_no_page_that_is_a_file_reads_what_follows_the_question_mark(on_spine, folder, client):
    export(folder)
    for address in manifest(folder).entries:
        if not address.startswith(("/static/", "/404", "/503")):
            assert "GET" not in vars(client.get(address).wsgi_request), f"{address} reads the query: mark its view by_query"


# ---- Links


def test_a_link_that_leads_nowhere_is_told_with_its_file(on_spine, reviewer, folder):
    BoardMember.objects.filter(person=reviewer.person).update(is_public=False)
    words, code = run(folder)
    slug = reviewer.person.board_member.slug
    assert code == 1
    assert f"broken: site{SLUG}index.html leads to /board/{slug}/, where nothing is." in words
    assert run(folder)[1] == 1


def test_a_link_with_a_query_leads_nowhere_but_on_the_live_site(on_spine, folder):
    export(folder)
    with Folder(folder).held() as held:
        of = Export(held)
        of.made = held.manifest()
    assert of._resolves("/search/?q=nerve")
    assert of._resolves(SLUG)
    assert not of._resolves(f"{SLUG}?version=2")
    assert not of._resolves("/nowhere/")


def test_an_earlier_address_of_an_article_still_leads_there(on_spine, editor, folder):
    export(folder)
    publishing.change_address(on_spine.article, by=editor, slug="trapped-nerve")
    done = export(folder)
    assert done.broken == []
    assert f"{SLUG}plain/" in done.gone
    assert "/articles/trapped-nerve/plain/" in done.written
    assert not (folder / "site" / "articles" / "how-is-a-trapped-nerve-treated").exists()
    assert "/articles/trapped-nerve$edition_rest" in (folder / "http.conf").read_text()


# ---- The command, and what it refuses


def test_the_command_says_what_it_did_and_checks(on_spine, editor, folder, tmp_path):
    words, code = run(folder, changed=tmp_path / "changed")
    assert code == 0
    assert re.search(r"^\d+ addresses: \d+ written, 0 gone, \d+ asked; 0 broken links.$", words, re.MULTILINE)
    assert "Have it read them again" in words
    assert SLUG in (tmp_path / "changed").read_text().splitlines()
    assert run(folder, check=True)[1] == 0
    publishing.withhold(on_spine, by=editor, reason="A dose is being checked.")
    words, code = run(folder, check=True)
    assert code == 1
    assert f"differs: {SLUG}" in words
    assert run(folder, verbosity=0) == ("", 0)
    assert run(folder, check=True)[1] == 0


def test_a_file_that_somebody_changed_is_found_and_mended(on_spine, folder):
    export(folder)
    (folder / "site" / "index.html").resolve().write_text("spoilt")
    (folder / "site" / "more.html").write_text("not ours")
    words, code = run(folder, check=True)
    assert code == 1
    assert "spoilt: kept/text-html-charset-utf-8/p" in words
    (folder / "site" / "index.html").resolve().unlink()
    run(folder, all=True)
    assert differs(folder) == []


def test_two_exports_do_not_write_into_one_folder_and_none_into_a_folder_of_something_else(on_spine, folder, tmp_path):
    with Folder(folder).held(), pytest.raises(CommandError, match="Another export is writing"):
        call_command("export_site", str(folder))
    (tmp_path / "notes.txt").write_text("mine")
    (folder.parent / "file").write_text("x")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_site", str(folder.parent / "file"))
    with pytest.raises(CommandError, match="holds something else"):
        call_command("export_site", str(tmp_path))
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_b4_what_is_not_for_everyone_is_never_written(on_spine, folder, monkeypatch):
    pattern = next(one for one in addresses._patterns() if str(one.pattern) == "robots.txt")

    def personal(request):
        answer = HttpResponse("ok", headers={"Cache-Control": "public"})
        answer.set_cookie("who", "you")
        return answer

    personal.sessionless = True
    for view in (personal, lambda request: HttpResponse("ok")):
        view.sessionless = True
        monkeypatch.setattr(pattern, "callback", view)
        with pytest.raises(CommandError, match="not for everyone"):
            call_command("export_site", str(folder))
        with pytest.raises(NotForEveryone):
            Door().ask("/robots.txt")


def test_a_page_that_is_not_the_one_of_its_tag_is_not_exported(on_spine, folder):
    PublishedPage.objects.filter(path=SLUG).update(body=b"spoilt", gzipped=gzip.compress(b"spoilt"))
    with pytest.raises(CommandError, match="not the one that its tag names"):
        call_command("export_site", str(folder))


def test_a_site_behind_https_is_asked_over_https(on_spine, settings):
    settings.HTTPS, settings.SECURE_SSL_REDIRECT, settings.SECURE_PROXY_SSL_HEADER = True, True, ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_HSTS_SECONDS = 60
    answer = Door().ask(SLUG)
    assert ("Strict-Transport-Security", "max-age=60; includeSubDomains" if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS else "max-age=60") in answer.headers


def test_a_run_that_was_killed_is_made_up_for_by_the_next(committed_db, on_spine, folder):
    after = 9
    connections.close_all()
    child = os.fork()
    if not child:
        asked = []

        def kill():
            asked.append(1)
            if len(asked) > after:
                os.kill(os.getpid(), signal.SIGKILL)

        export(folder, asked=kill)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert not (folder / "manifest.json").exists()
    assert len([path for path in folder.rglob("*") if path.is_symlink()]) == after
    assert export(folder).broken == []
    assert differs(folder) == []


# ---- Many articles

DATA = Path(os.environ.get("IMPRIMATUR_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")


@pytest.fixture
def many(author, editor, reviewer, tmp_path):
    """Many public articles: answers of MedQuAD where they are at hand, brought in by the importer, else our own words again and again."""
    wanted, source = examples(3, 2000), DATA / "medquad" / "qa_dev.jsonl"
    builders.make_type("answers", approvals=1)
    if source.is_file():
        with source.open(encoding="utf-8") as lines:
            (tmp_path / "rows.jsonl").write_text("".join(islice(lines, wanted)), encoding="utf-8")
        filing = ("--submit", "--interests", "None declared")
        with contextlib.suppress(CommandError):  # which says that some were refused
            call_command("import_articles", "medquad", str(tmp_path / "rows.jsonl"), "--author", author.email, *filing, verbosity=0, stdout=StringIO())
    for number in range(wanted - Submission.objects.count()):
        builders.submit(builders.make_article(author, title=f"Question {number}?", article_type=ArticleType.objects.get(key="answers")), author)
    found = []
    for submission in Submission.objects.order_by("submitted_at"):
        [assignment] = builders.assign(submission, editor, reviewer)
        builders.recommend(assignment, reviewer)
        found.append(publishing.publish(builders.approve(Submission.objects.get(pk=submission.pk), editor), by=editor))
    return found


@pytest.mark.long
def test_one_change_among_many_articles_is_one_article_and_the_lists(many, editor, folder, report):
    began, rows = time.perf_counter(), []

    def note(what, done):
        nonlocal began
        now = time.perf_counter()
        rows.append([what, len(many), done.total, done.asked, len(done.changed), f"{now - began:.1f}"])
        began = time.perf_counter()
        return done

    first = note("everything", export(folder))
    assert first.broken == []
    assert note("nothing has changed", export(folder)).asked == 0
    publishing.withhold(many[0], by=editor, reason="A dose is being checked.")
    done = note("one is withheld", export(folder))
    slug = many[0].article.addresses.get().slug
    of_lists = [address for address in done.changed if not address.startswith("/articles/")]
    assert {address.split("/")[2] for address in done.changed if address.startswith("/articles/")} == {slug}
    assert done.asked <= len([address for address in first.written if not address.startswith("/articles/")]) + 30
    assert of_lists
    publishing.restore(type(many[0]).objects.get(pk=many[0].pk), by=editor)
    note("it is shown again", export(folder))
    assert differs(folder) == []
    report("The static edition of many articles", ["what happened", "articles", "addresses", "asked", "changed", "seconds"], rows)
