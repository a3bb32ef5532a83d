"""sitemap.xml: every address that may be indexed, no other, each with the moment of its last event, in parts that cost the same however many there are."""

from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from articles.models import Topic
from editorial import pages, publishing
from editorial.models import Address, PageNotice, Publication, PublishedPage
from records import clock
from tests import builders

NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
SLUG = "/articles/how-is-a-trapped-nerve-treated/"


def read(client, settings, path, part="url"):
    """address → when it changed last, of one file."""
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
    found = ElementTree.fromstring(answer.content).findall(NAMESPACE + part)
    locations = [one.findtext(f"{NAMESPACE}loc") for one in found]
    assert all(location.startswith(settings.SITE_URL) for location in locations)
    assert len(set(locations)) == len(locations)
    return {location.removeprefix(settings.SITE_URL): one.findtext(f"{NAMESPACE}lastmod") for location, one in zip(locations, found, strict=True)}


def whole(client, settings):
    """address → when it changed last, of all files that the index names."""
    found = {}
    for path in read(client, settings, "/sitemap.xml", "sitemap"):
        part = read(client, settings, path)
        assert not part.keys() & found.keys()
        found |= part
    return found


def second(moment):
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


@pytest.fixture
def site(article, published, author, editor, editor2, reviewer, reviewer2):
    """One article of each sort: live, with one text alone, withheld, retracted; and one that was never public."""
    def make(title, **texts):
        made = builders.make_article(author, title=title, texts=texts or None)
        return builders.walk_to_published(made, author, editor, reviewer, reviewer2)

    builders.put_under(published, Topic.objects.create(name="Spine", slug="spine"))
    publishing.withhold(make("Held?"), by=editor, reason="A dose may be wrong.")
    make("Lone?", plain=builders.PLAIN)
    back = make("Back?")
    publishing.propose_retraction(back, by=editor, signing=builders.fresh(editor), notice="Wrong.", reason="harm", keeps_text=False)
    publishing.confirm_retraction(Publication.objects.get(pk=back.pk), by=editor2, signing=builders.fresh(editor2))
    builders.submit(builders.make_article(author, title="Never?"), author)
    return published


@pytest.mark.engine
def test_what_may_be_indexed_is_in_it_and_nothing_else(site, client, settings, reviewer):
    found = whole(client, settings)
    indexed = {row.path for row in PublishedPage.objects.filter(path__startswith="/articles/") if b'content="noindex"' not in bytes(row.body)}
    assert {path for path in found if path.startswith("/articles/")} == indexed
    assert indexed == {SLUG, f"{SLUG}plain/", "/articles/lone/plain/", "/articles/back/", "/articles/back/plain/"}
    assert {"/", "/topics/spine/", "/a-z/", "/board/", "/editorial-policy/", f"/board/{reviewer.person.board_member.slug}/"} <= found.keys()
    for path in found:
        answer = client.get(path)
        assert answer.status_code == 200
        assert b'content="noindex"' not in answer.content


@pytest.mark.engine
def test_parts_are_cut_by_the_number_of_the_address_and_cost_the_same(
    published, author, editor, reviewer, reviewer2, client, settings, django_assert_num_queries
):
    builders.walk_to_published(builders.make_article(author, title="Another?"), author, editor, reviewer, reviewer2)
    at_once = whole(client, settings)
    settings.SITEMAP_ARTICLES = 1
    assert whole(client, settings) == at_once
    last = Address.objects.order_by("pk").last().pk
    with django_assert_num_queries(1):
        parts = list(read(client, settings, "/sitemap.xml", "sitemap"))
    assert parts == ["/sitemap-pages.xml", *(f"/sitemap-{number}.xml" for number in range(1, last + 1))]
    for size in (1, last):
        settings.SITEMAP_ARTICLES = size
        with django_assert_num_queries(2):
            assert len(read(client, settings, "/sitemap-1.xml")) <= 2 * size
    with django_assert_num_queries(2):
        read(client, settings, "/sitemap-pages.xml")
    for number in (0, 2, 10**9):
        assert client.get(f"/sitemap-{number}.xml").status_code == 404


def test_an_address_changed_when_its_last_event_happened_and_not_when_it_was_rebuilt(published, editor, client, settings):
    def moment(path=SLUG):
        return read(client, settings, "/sitemap-1.xml").get(path)

    assert moment() == moment(f"{SLUG}plain/") == second(published.published_at)
    pages.rebuild(published.article_id)
    assert moment() == second(published.published_at)
    publishing.withhold(published, by=editor, reason="A dose may be wrong.")
    assert moment() is None
    publishing.restore(Publication.objects.get(), by=editor)
    assert moment() == second(PageNotice.objects.latest("made_at").made_at)
    overdue = published.review_due_on + timedelta(days=1)
    with clock.as_of(timezone.now() + (overdue - timezone.localdate())):
        assert moment() == overdue.isoformat()


def test_an_archived_page_leaves_it_on_the_day_that_the_page_says_so(article, author, editor, reviewer, reviewer2, client, settings):
    builders.make_type(after_grace="archive", grace_days=30)
    published = builders.walk_to_published(article, author, editor, reviewer, reviewer2)
    for days, is_listed in ((30, True), (31, False)):
        with clock.as_of(timezone.now() + (published.review_due_on - timezone.localdate()) + timedelta(days=days)):
            assert (SLUG in read(client, settings, "/sitemap-1.xml")) is is_listed
            assert (b"noindex" not in client.get(SLUG).content) is is_listed


def test_an_earlier_address_is_not_in_it(published, editor, client, settings):
    publishing.change_address(published.article, by=editor, slug="nerves")
    assert {path for path in whole(client, settings) if "/articles/" in path} == {"/articles/nerves/", "/articles/nerves/plain/"}


def test_an_empty_site_has_a_sitemap_of_its_lists_alone(db, client, settings):
    Topic.objects.create(name="Empty", slug="empty")
    assert whole(client, settings).keys() == {"/", "/a-z/", "/board/", "/editorial-policy/"}
    assert client.get("/sitemap-1.xml").status_code == 404


def test_robots_are_told_where_it_is(db, client, settings):
    assert f"\nSitemap: {settings.SITE_URL}/sitemap.xml\n" in client.get("/robots.txt").content.decode()
