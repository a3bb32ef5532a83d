"""Preview links: one person reads one draft or one version, for some days, as long as whoever made the link may read it."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Authorship
from editorial import previews
from records.errors import NotReady
from records.models import AccessLink, Event
from tests import builders, domain
from tests.editorial.desk import seen_by
from tests.editorial.guests import door, enter, link_to

pytestmark = pytest.mark.django_db
ROOM = "/guest/"


@pytest.fixture
def drafted(article, author):
    """A link to the draft, made by its author."""
    previews.make(article, by=author, days=7)
    return article


def test_a4_a_draft_is_read_as_it_stands_now(drafted, author):
    guest = enter(drafted)
    answer = guest.get(ROOM)
    text = answer.content.decode()
    for words in ("This is a draft", "Naproxen", "Keep moving", "Guideline on nerves", 'content="noindex, nofollow"'):
        assert words in text
    assert (answer["X-Robots-Tag"], "no-store" in answer["Cache-Control"]) == ("noindex, nofollow", True)
    builders.revise(drafted, author, plain="Other words altogether.[@guide]")
    assert "Other words altogether" in guest.get(ROOM).content.decode()


def test_a4_a_version_is_read_in_the_words_that_were_frozen(submitted, editor, author):
    version = submitted.version
    previews.make(version, by=editor, days=1)
    guest = enter(version)
    builders.revise(submitted.article, author, plain="Other words altogether.[@guide]")
    text = guest.get(ROOM).content.decode()
    assert version.digest in text
    assert "Other words" not in text
    assert "<form" not in text


def test_a14_a_preview_changes_nothing(drafted):
    guest, before = enter(drafted), domain.digest()
    for method in ("get", "head"):
        assert getattr(guest, method)(ROOM).status_code == 200
    for name in ("declare", "decline", "code", "sign"):
        assert guest.post(reverse(f"guest:{name}"), {"name": "x"}).status_code == 404
    assert domain.differences(before, domain.digest()) == []


def test_a13_it_opens_once_and_each_opening_is_on_record_by_ids_alone(drafted):
    enter(drafted)
    assert Client().post(door(drafted)).status_code == 404
    event = Event.objects.get(act="open_link")
    assert event.detail == {"object_type": "articles.article", "object_id": str(drafted.pk)}
    assert event.object_id == link_to(drafted).pk


@pytest.mark.parametrize("ends", ["revoked", "run out", "no author", "left"])
def test_a10_the_reader_reads_no_more_than_whoever_made_it(drafted, author, ends):
    guest = enter(drafted)
    {
        "revoked": lambda: previews.revoke(link_to(drafted), by=author),
        "run out": lambda: AccessLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1)),
        "no author": lambda: Authorship.objects.filter(article=drafted).delete(),
        "left": lambda: type(author).objects.filter(pk=author.pk).update(is_active=False),
    }[ends]()
    answer = guest.get(ROOM)
    assert answer.status_code == 404
    assert "Naproxen" not in answer.content.decode()


@pytest.mark.parametrize(("who", "what", "may"), [
    ("author", "draft", True), ("author", "version", True), ("editor", "version", True), ("editor", "draft", False),
    ("reviewer", "version", False), ("outsider", "draft", False), ("outsider", "version", False), ("coauthor", "draft", False), ("coauthor", "version", False),
])  # fmt: skip
def test_a4_who_may_let_others_read_what(submitted, request, who, what, may):
    by, obj = request.getfixturevalue(who), submitted.version if what == "version" else submitted.article
    if may:
        link = previews.make(obj, by=by, days=1)
        assert previews.opened_by(link) == obj
        return
    before = domain.digest()
    with pytest.raises(PermissionDenied):
        previews.make(obj, by=by, days=1)
    link = previews.make(obj, by=request.getfixturevalue("author"), days=1)
    with pytest.raises(PermissionDenied):
        previews.revoke(link, by=by)
    assert AccessLink.objects.filter(revoked_at__isnull=False).count() == 0
    assert domain.differences(before, domain.digest()) == ["records_accesslink", "records_event"]


def test_a_link_is_open_for_one_seven_or_thirty_days_and_closed_once(article, author):
    with pytest.raises(NotReady, match="how many days"):
        previews.make(article, by=author, days=3650)
    link = previews.make(article, by=author, days=30)
    assert timedelta(days=29) < link.expires_at - timezone.now() <= timedelta(days=30)
    previews.revoke(link, by=author)
    with pytest.raises(NotReady, match="closed already"):
        previews.revoke(link, by=author)


def test_a13_a_link_survives_a_new_key_as_long_as_the_old_one_is_kept(article, author, settings):
    link, old = previews.make(article, by=author, days=1), settings.SECRET_KEY
    token = link.token
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-key-of-this-site", [old]
    assert link.token == token
    settings.SECRET_KEY_FALLBACKS = []
    assert link.token is None
    assert previews.opened_by(link) == article  # whoever has the address keeps it: only its hash is compared


# ---- The pages


def address_in(answer):
    """The address that a page shows this once."""
    return re.search(r"/guest/[\w-]{43}/", answer.content.decode())[0]


def test_an_author_makes_and_closes_a_link(client, submitted, author):
    article = submitted.article
    seen_by(client, author)
    details, make = reverse("workspace:details", args=[article.pk]), reverse("workspace:make_preview", args=[article.pk])
    assert "Nobody else reads this by a link" in client.get(details).content.decode()
    assert "Version 1" in client.get(make).content.decode()
    answer = client.post(make, {"text": str(article.pk), "days": "7"})
    address = address_in(answer)
    assert Client().get(address).status_code == 200
    text = client.get(details).content.decode()
    assert "the draft, as it stands" in text
    assert address not in text
    assert client.post(make, {"text": str(submitted.version.pk), "days": "1"}).status_code == 200
    link = link_to(article)
    close = reverse("workspace:close_preview", args=[article.pk, link.pk])
    assert client.get(close).status_code == 200
    assert client.post(close)["Location"] == details
    assert Client().get(address).status_code == 404
    assert "Revoked" in client.get(details).content.decode()


def test_a8_neither_texts_nor_links_of_others_can_be_named(client, submitted, author, coauthor):
    other = builders.make_article(coauthor, title="Another one?")
    link = previews.make(other, by=coauthor, days=1)
    seen_by(client, author)
    article, before = submitted.article, domain.digest()
    make = reverse("workspace:make_preview", args=[article.pk])
    for text in (other.pk, "x", "", link.pk):
        assert client.post(make, {"text": str(text), "days": "7"}).status_code == 422
    assert client.post(make, {"text": str(article.pk), "days": "3650"}).status_code == 422
    assert client.post(reverse("workspace:close_preview", args=[article.pk, link.pk])).status_code == 404
    assert client.post(reverse("workspace:make_preview", args=[other.pk]), {"text": str(other.pk), "days": "7"}).status_code == 404
    assert domain.differences(before, domain.digest()) == []


def test_an_editor_makes_and_closes_a_link_to_a_version(client, submitted, editor, coauthor):
    seen_by(client, editor)
    answer = client.post(reverse("desk:make_preview", args=[submitted.pk]), {"days": "7"})
    address = address_in(answer)
    assert "no-store" in answer["Cache-Control"]
    assert Client().get(address).status_code == 200
    page = reverse("desk:submission", args=[submitted.pk])
    assert "Not opened yet" in client.get(page).content.decode()
    link = link_to(submitted.version)
    other = builders.submit(builders.make_article(coauthor, title="Another one?"), coauthor)
    assert client.post(reverse("desk:revoke_preview", args=[other.pk, link.pk])).status_code == 404
    assert client.post(reverse("desk:revoke_preview", args=[submitted.pk, link.pk]))["Location"] == page
    assert Client().get(address).status_code == 404


def test_a14_a_link_is_no_way_to_what_came_of_the_draft(article, author, editor):
    """A link to one draft opens that draft alone."""
    previews.make(article, by=author, days=1)
    other = builders.make_article(author, title="Another one?", texts={"plain": "zqotherqz.[@guide]", "professional": "zqotherqz.[@trial]"})
    text = enter(article).get(ROOM).content.decode()
    assert "zqotherqz" not in text
    assert Article.objects.get(pk=other.pk).title not in text
