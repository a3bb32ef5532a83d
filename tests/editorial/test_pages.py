"""The finished pages: which rows an act writes, at what cost, and that every sentence on them follows from the state."""

import gzip
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from articles.models import Reference, Topic
from editorial import pages, publishing, workflow
from editorial.models import PageNotice, Publication, PublishedPage
from records import clock
from records.models import Person, PrintedName
from reviews.models import BoardMember, Signature
from tests import builders
from tests.kept import kept

SLUG = "/articles/how-is-a-trapped-nerve-treated/"


def bytes_at(path):
    return bytes(PublishedPage.objects.get(path=path).body).decode()


def words_at(path):
    """The page's words in one line, without tags."""
    from html import unescape
    from re import sub

    return " ".join(unescape(sub(r"<[^>]+>", " ", bytes_at(path))).split()).replace(" ,", ",").replace(" ;", ";").replace(" .", ".")


def frozen_at(path):
    """The parts of a page that are the words of the version: text, byline, references, interests."""
    body = bytes_at(path)
    text = body.split('<div class="text"', 1)[1].split('<div class="after">', 1)[0]
    byline = body.split('<div class="byline">', 1)[1].split("</div>", 1)[0]
    references = body.split('<ol class="refs"', 1)[1].split("</ol>", 1)[0]
    interests = body.split('id="interests"', 1)[1].split("</section>", 1)[0]
    return text, byline, references, interests


def again(submission):
    return type(submission).objects.get(pk=submission.pk)


@kept
def second(published, author, editor, reviewer, reviewer2):
    """A second version, public in place of the first."""
    builders.revise(published.article, author, professional=builders.PROFESSIONAL.replace("250 mg", "200 mg"))
    return builders.walk_to_published(published.article, author, editor, reviewer, reviewer2, change_note="The dose was lowered.")


# ---- Rows and their cost


def test_both_audiences_have_a_current_and_a_permanent_address_and_the_api_has_one_document(published):
    assert set(PublishedPage.objects.values_list("path", flat=True)) == {
        SLUG, f"{SLUG}plain/", f"{SLUG}v/1/", f"{SLUG}v/1/plain/", f"/api/v1{SLUG[:-1]}",
    }  # fmt: skip


def test_a_page_is_kept_zipped_once_and_the_same_each_time(published):
    row = PublishedPage.objects.get(path=SLUG)
    assert gzip.decompress(bytes(row.gzipped)) == bytes(row.body)
    assert bytes(row.gzipped)[4:8] == b"\0\0\0\0"


def test_the_tag_changes_with_every_byte(published):
    assert pages.tag(b"one") != pages.tag(b"onE")
    assert PublishedPage.objects.get(path=SLUG).etag == pages.tag(bytes(PublishedPage.objects.get(path=SLUG).body), "t")


def test_an_article_that_was_never_public_costs_one_query(submitted, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert pages.refresh(submitted.article) == 0


def test_a_page_that_did_not_change_is_not_written(published, django_assert_max_num_queries):
    with django_assert_max_num_queries(11) as captured:
        assert pages.refresh(published.article) == 0
    assert all(query["sql"].startswith("SELECT") for query in captured)


@pytest.mark.engine
def test_the_cost_does_not_grow_with_the_versions(second, author, editor, reviewer, reviewer2):
    def cost():
        PublishedPage.objects.filter(path=SLUG).update(etag="")
        with builders.queries_counted(connection) as found:
            assert pages.refresh(second.article) == 1
        return len(found), len([sql for sql in found if not sql.startswith("SELECT")])

    before = cost()
    builders.revise(second.article, author, professional=builders.PROFESSIONAL.replace("250 mg", "150 mg"))
    builders.walk_to_published(second.article, author, editor, reviewer, reviewer2)
    assert cost() == before
    assert before[0] <= 12
    assert before[1] == 1


def test_an_earlier_version_is_left_alone_until_it_gives_something_else(second, author, editor, reviewer, reviewer2):
    builders.revise(second.article, author, professional=builders.PROFESSIONAL.replace("250 mg", "150 mg"))
    third = builders.walk_to_published(second.article, author, editor, reviewer, reviewer2)
    PublishedPage.objects.filter(path=f"{SLUG}v/1/").update(body=b"left alone")
    pages.refresh(third.article)
    assert bytes_at(f"{SLUG}v/1/") == "left alone"
    publishing.withhold(third, by=editor, reason="A dose may be wrong.")
    assert "A dose may be wrong." in bytes_at(f"{SLUG}v/1/")
    publishing.restore(third, by=editor)
    assert "Naproxen 250 mg" in bytes_at(f"{SLUG}v/1/")


def test_rebuilding_gives_the_same_bytes(second, capsys):
    before = dict(PublishedPage.objects.values_list("path", "etag"))
    PublishedPage.objects.filter(path=SLUG).update(body=b"spoilt", etag="spoilt")
    call_command("rebuild_pages")
    assert "1 articles, 1 pages changed." in capsys.readouterr().out
    assert dict(PublishedPage.objects.values_list("path", "etag")) == before
    call_command("rebuild_pages")
    assert "1 articles, 0 pages changed." in capsys.readouterr().out


def test_a_check_of_the_pages_writes_nothing(published, capsys):
    PublishedPage.objects.filter(path=SLUG).update(body=b"spoilt", etag="spoilt")
    with pytest.raises(SystemExit):
        call_command("rebuild_pages", check=True)
    assert "1 pages would change." in capsys.readouterr().out
    assert bytes_at(SLUG) == "spoilt"


# ---- What a page says


def test_a_clean_page_shows_who_when_and_that_it_stands(published):
    said = words_at(SLUG)
    assert "Written by Ann Author, MD" in said
    assert "Medically reviewed by Rosa Reviewer, MD, neurology, and Paul Panel, MD, general practice, on" in said
    assert "2 reviewers, 2 specialties" in said
    assert "The words on this page are exactly the words the board approved." in said
    assert "Editorial responsibility: Edith Editor" in said
    assert '<li class="ok">' in bytes_at(SLUG)
    assert 'class="notice' not in bytes_at(SLUG)


def test_the_four_dates_are_those_of_the_publication(published):
    shown = [published.approved_on, published.last_reviewed_on, published.last_updated_on, published.review_due_on]
    block = bytes_at(SLUG).split('<dl class="dates">')[1].split("</dl>")[0]
    from re import findall

    assert findall(r'datetime="([0-9-]+)"', block) == [day.isoformat() for day in shown]
    assert findall(r"<dt>([^<]+)</dt>", block)[:4] == ["Approved", "Last reviewed", "Last updated", "Next review due"]


def test_each_reference_links_to_its_places_and_they_to_it(published):
    body = bytes_at(SLUG)
    for place in ("cite-1-1", "cite-1-2", "cite-2-1", "cite-2-2"):
        assert f'href="#{place}"' in body
        assert f'id="{place}"' in body
    assert 'id="ref-1"' in body
    assert "https://pubmed.ncbi.nlm.nih.gov/16186783/" in body


def test_a_reviewer_who_did_not_agree_is_never_named(reviewed, editor, article):
    reviewed.assignments.filter(member__person__name="Paul Panel").update(named_in_public=False)
    published = publishing.publish(builders.approve(reviewed, editor), by=editor)
    said = words_at(SLUG)
    assert "Rosa Reviewer, MD, neurology, and a member of the advisory board (general practice), on" in said
    assert "Panel" not in bytes_at(SLUG)
    assert BoardMember.objects.get(person__name="Paul Panel").slug not in bytes_at(SLUG)
    assert published.state == "live"


def test_an_erased_name_says_so_and_the_approval_stays(published):
    PrintedName.objects.filter(words__name__in=["Ann Author", "Rosa Reviewer"]).delete()
    pages.refresh(published.article)
    said = words_at(SLUG)
    assert "Written by an author whose name was erased" in said
    assert "a member of the advisory board whose name was erased" in said
    assert "Ann Author" not in said
    assert "Approved" in said


def test_a_member_without_a_public_profile_is_named_without_a_link(published):
    BoardMember.objects.filter(person__name="Rosa Reviewer").update(is_public=False)
    pages.refresh(published.article)
    assert "Rosa Reviewer" in bytes_at(SLUG)
    assert f"/board/{BoardMember.objects.get(person__name='Rosa Reviewer').slug}/" not in bytes_at(SLUG)


def test_e10_the_words_of_a_version_survive_every_change_around_them(published, author):
    before = [frozen_at(path) for path in (SLUG, f"{SLUG}plain/", f"{SLUG}v/1/")]
    for person in Person.objects.all():
        person.name, person.credentials = f"Changed {person.pk}", "changed"
        person.save()
    for reference in Reference.objects.all():
        reference.title, reference.source, reference.year, reference.kind = "Changed", "Changed", 1999, "other"
        reference.save()
    builders.revise(published.article, author, professional="Changed draft.", plain="Changed draft.")
    type(published.article).objects.filter(pk=published.article_id).update(title="Changed", summary="Changed", funding="Changed", language="fr")
    Topic.objects.create(name="Changed", slug="changed").publications.add(published)
    for member in BoardMember.objects.all():
        member.specialties.clear()
    pages.refresh(published.article)
    assert [frozen_at(path) for path in (SLUG, f"{SLUG}plain/", f"{SLUG}v/1/")] == before
    assert "Changed</a>" in bytes_at(SLUG)


def test_with_one_text_approved_both_addresses_say_so(author, editor, reviewer, reviewer2):
    article = builders.make_article(author, texts={"professional": builders.PROFESSIONAL})
    builders.walk_to_published(article, author, editor, reviewer, reviewer2)
    assert "There is no approved plain-language text yet." in words_at(SLUG)
    assert "Naproxen" in bytes_at(SLUG)
    plain = bytes_at(f"{SLUG}plain/")
    assert "There is no approved plain-language text yet." in plain
    assert f'<a href="{SLUG}">Read the text for health professionals</a>' in plain
    assert "Naproxen" not in plain
    assert 'content="noindex"' in plain


def test_a_plain_text_that_lags_says_in_which_version_it_changed(second):
    said = words_at(f"{SLUG}plain/")
    assert "The words of this plain-language text last changed in version 1; the text for professionals changed in version 2." in said
    assert "plain-language text last changed" not in words_at(SLUG)


# ---- Open matters


def test_an_update_under_review_is_said_with_its_version_and_day(published, author, editor, reviewer):
    builders.revise(published.article, author, professional=builders.PROFESSIONAL.replace("250 mg", "200 mg"))
    submission = builders.submit(published.article, author)
    assert "An update has been submitted Version 2 was submitted on" in words_at(SLUG)
    builders.assign(submission, editor, reviewer)
    assert "An update is under review Version 2 went to the board on" in words_at(SLUG)
    assert "This is version 1, approved on" in words_at(SLUG)
    assert '<li class="ok">' in bytes_at(SLUG)
    assert "200 mg" not in bytes_at(SLUG)
    workflow.withdraw(again(submission), by=author)
    assert "under review" not in words_at(SLUG).replace("Under Review", "")


def retract_reference(published, kind="retraction", key="trial"):
    builders.happened(published.submission.version.references.get(key=key).reference, kind, notice_doi="10.1000/n")


def test_changed_evidence_is_named_by_number_place_and_day(published, editor):
    retract_reference(published)
    said = words_at(SLUG)
    assert "The evidence for two statements has changed Reference 1 was retracted on" in said
    assert "The board is reviewing the two passages it supports, under “What to try first”." in said
    assert "Until it decides, do not rely on those passages." in said
    assert "Evidence changed" in said
    assert "Retracted: A trial of walking" in said
    assert bytes_at(SLUG).count('<span class="cite-flag"> (retracted)</span>') == 2
    assert '<li class="ok">' not in bytes_at(SLUG)


def test_the_other_text_says_that_a_work_it_does_not_cite_has_changed(published):
    retract_reference(published)
    assert "A work cited in the other text of this article was retracted on" in words_at(f"{SLUG}plain/")


@pytest.mark.parametrize(("kind", "words"), [("correction", "was corrected"), ("concern", "received an expression of concern"), ("superseded", "was superseded")])
def test_lesser_events_are_said_without_a_mark_in_the_text(published, kind, words):
    retract_reference(published, kind, key="guide" if kind == "superseded" else "trial")
    assert f"{words} on" in words_at(SLUG)
    assert "The board has not yet reviewed" in words_at(SLUG)
    assert "cite-flag" not in bytes_at(SLUG)


def test_a_review_that_came_after_the_news_closes_the_matter(published, editor, reviewer, reviewer2):
    retract_reference(published, "correction")
    submission = workflow.open_re_review(published, by=editor)
    for assignment, user in zip(builders.assign(submission, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
        builders.recommend(assignment, user)
    workflow.reaffirm(again(submission), by=editor, signing=builders.fresh(editor), digest=submission.version.digest, note="It stands.")
    said = words_at(SLUG)
    assert "Evidence changed" not in said
    assert "Reviewed again by Rosa Reviewer, MD, neurology" in said
    assert "Corrected on" in said
    assert '<li class="ok">' in bytes_at(SLUG)


def test_a_notice_of_question_stands_until_it_is_ended(published, editor):
    notice = PageNotice.objects.create(
        article=published.article, kind="in_question", words="A conflict of interest became known.", since=timezone.localdate(), made_by=editor
    )
    pages.refresh(published.article)
    assert "The approval of this page is in question A conflict of interest became known." in words_at(SLUG)
    assert "In question" in words_at(SLUG)
    PageNotice.objects.create(article=published.article, kind="in_question", since=timezone.localdate(), made_by=editor, ends=notice)
    pages.refresh(published.article)
    assert "In question" not in words_at(SLUG)


def test_a_correction_is_dated_and_leads_to_the_history(published, author, editor, reviewer, reviewer2):
    builders.revise(published.article, author, professional=builders.PROFESSIONAL.replace("250 mg", "200 mg"))
    approved = builders.walk_to_approved(published.article, author, editor, reviewer, reviewer2)
    publishing.publish(approved, by=editor, correction="The dose of naproxen was wrong; it is 200 mg")
    assert "Corrected on" in words_at(SLUG)
    assert "The dose of naproxen was wrong; it is 200 mg." in words_at(SLUG)


def test_at_most_two_notices_stand_and_the_worst_come_first(published, author, editor):
    builders.revise(published.article, author, professional=builders.PROFESSIONAL.replace("250 mg", "200 mg"))
    builders.submit(published.article, author)
    retract_reference(published)
    with clock.as_of(timezone.now() + timedelta(days=500)):
        pages.refresh(published.article)
    body = bytes_at(SLUG).partition("<main")[2]
    assert body.count('<div class="notice') == 2
    assert body.index("The evidence for") < body.index("Review overdue")
    assert "An update" not in body


# ---- The calendar


@kept
def on_a_topic(article, author, editor, reviewer, reviewer2):
    """Two versions of an article on a topic, the second public."""
    article.topics.add(topic := Topic.objects.create(name="Spine", slug="spine"))
    builders.walk_to_published(article, author, editor, reviewer, reviewer2)
    builders.revise(article, author, professional=builders.PROFESSIONAL.replace("250 mg", "200 mg"))
    builders.walk_to_published(article, author, editor, reviewer, reviewer2, change_note="The dose was lowered.")
    return topic


def test_b3_a_topic_that_is_renamed_has_its_new_name_on_every_page_at_the_next_request_and_keeps_its_address(on_a_topic, client, editor):
    client.force_login(editor)
    data = {"name": "Back", "slug": "another", "description": "", "change_reason": "A plainer word"}
    assert client.post(reverse("admin:articles_topic_change", args=[on_a_topic.pk]), data).status_code == 302
    on_a_topic.refresh_from_db()
    assert (on_a_topic.name, on_a_topic.slug) == ("Back", "spine")
    every = list(PublishedPage.objects.values_list("path", flat=True))
    for path in every:
        said = client.get(path).content.decode()
        assert "Spine" not in said, path
        assert "Back" in said, path
    assert pages.refresh_stale(clock.today()) == len(every)
    assert pages.refresh_stale(clock.today()) == 0
    assert all("Back" in bytes_at(path) for path in every)


def test_pages_link_to_the_profile_of_a_member_while_it_is_public(on_a_topic, client, administrator, reviewer):
    member = reviewer.person.board_member
    link = f'href="/board/{member.slug}/"'
    assert link in client.get(SLUG).content.decode()
    client.force_login(administrator)
    page = client.get(change := reverse("admin:reviews_boardmember_change", args=[member.pk]))
    form = page.context["adminform"].form
    data = {name: "" if (value := form.get_initial_for_field(field, name)) is None else value for name, field in form.fields.items()}
    data |= {"specialties": [one.pk for one in member.specialties.all()], "is_public": "", "change_reason": "Asked to have no page"}
    assert client.post(change, data).status_code == 302
    assert client.get(f"/board/{member.slug}/").status_code == 404
    for path in (SLUG, f"{SLUG}v/1/"):
        assert link not in client.get(path).content.decode()


def test_an_address_that_was_given_cannot_be_changed_in_the_admin(on_a_topic, client, administrator, editor, reviewer):
    client.force_login(editor)
    assert 'name="slug"' in client.get(reverse("admin:articles_topic_add")).content.decode()
    assert 'name="slug"' not in client.get(reverse("admin:articles_topic_change", args=[on_a_topic.pk])).content.decode()
    client.force_login(administrator)
    assert 'name="slug"' not in client.get(reverse("admin:reviews_boardmember_change", args=[reviewer.person.board_member.pk])).content.decode()


def test_a_page_is_stale_from_the_day_after_its_review_was_due(published):
    row = PublishedPage.objects.get(path=SLUG)
    assert row.stale_on == published.review_due_on + timedelta(days=1)
    made = pages.afresh(published.article_id, SLUG, published.review_due_on)
    assert made == (row.etag, bytes(row.body))
    _, body = pages.afresh(published.article_id, SLUG, published.review_due_on + timedelta(days=1))
    assert b"Review overdue" in body
    assert b'<li class="ok">' not in body


def test_a_sweep_writes_what_the_calendar_moved_once(published):
    day = published.review_due_on + timedelta(days=1)
    assert pages.refresh_stale(published.review_due_on) == 0
    assert pages.refresh_stale(day) == 5
    assert "Review overdue" in bytes_at(SLUG)
    assert pages.refresh_stale(day) == 0


def test_after_grace_an_archiving_policy_takes_the_page_out_of_the_indexes(author, editor, reviewer, reviewer2):
    kind = builders.make_type("archived", after_grace="archive", grace_days=30)
    article = builders.make_article(author, article_type=kind)
    publication = builders.walk_to_published(article, author, editor, reviewer, reviewer2)
    end = publication.review_due_on + timedelta(days=30)
    assert b"noindex" not in pages.afresh(article.pk, SLUG, end)[1]
    late = pages.afresh(article.pk, SLUG, end + timedelta(days=1))[1]
    assert b"noindex" in late
    assert b"The page is archived" in late


# ---- Held back, taken back, replaced, moved


@pytest.fixture
def canaries():
    return ["Naproxen", "Keep moving", "A trial of walking", "What helps and what does not"]


def test_b3_a_withheld_text_leaves_every_address(second, editor, canaries):
    publishing.withhold(second, by=editor, reason="A dose may be wrong")
    assert PublishedPage.objects.count() == 7
    for row in PublishedPage.objects.all():
        body = bytes(row.body).decode()
        assert "This article is not shown" in body
        assert "A dose may be wrong." in body
        assert "noindex" in body or row.path.startswith("/api/")
        assert not [word for word in canaries if word in body], row.path
    publishing.restore(Publication.objects.get(pk=second.pk), by=editor)
    assert "Naproxen 200 mg" in bytes_at(SLUG)
    assert "not shown" not in bytes_at(f"{SLUG}v/1/")


@pytest.mark.parametrize("keeps_text", [True, False])
def test_a_retracted_article_keeps_its_address_and_says_so(second, editor, editor2, canaries, keeps_text):
    publishing.propose_retraction(second, by=editor, signing=builders.fresh(editor), notice="The dose was wrong", reason="harm", keeps_text=keeps_text)
    assert "RETRACTED" not in bytes_at(SLUG)
    publishing.confirm_retraction(second, by=editor2, signing=builders.fresh(editor2))
    for row in PublishedPage.objects.filter(path__startswith="/articles/"):
        body = bytes(row.body).decode()
        assert "<title>RETRACTED: " in body
        assert '<span class="word" lang="en">RETRACTED:</span>' in body
        assert "The dose was wrong. Two editors retracted it: Edith Editor and Emil Editor." in body
        assert "Do not use this article" in body
        assert '<li class="ok">' not in body
        assert "exactly the words" not in body
        assert any(word in body for word in canaries) is keeps_text
    assert "noindex" not in bytes_at(SLUG)


def test_a_replaced_version_says_what_replaced_it(second):
    body = bytes_at(f"{SLUG}v/1/")
    assert "This is version 1, kept for the record" in body
    assert "Version 2 replaced it on" in body
    assert f'<a href="{SLUG}">Read the current version</a>' in body
    assert "noindex" in body
    assert "Naproxen 250 mg" in body
    assert "Replaced" in body
    assert '<li class="ok">' not in body
    assert "250 mg" not in bytes_at(SLUG)
    assert "250 mg" not in bytes_at(f"{SLUG}v/2/")


def test_a_moved_article_leaves_no_page_at_its_old_addresses(second, editor):
    publishing.change_address(second.article, by=editor, slug="trapped-nerves")
    assert set(PublishedPage.objects.values_list("path", flat=True)) == {
        "/api/v1/articles/trapped-nerves", *(f"/articles/trapped-nerves/{rest}" for rest in ("", "plain/", "v/1/", "v/1/plain/", "v/2/", "v/2/plain/")),
    }  # fmt: skip


def test_g1_a_text_that_is_not_the_signed_one_is_not_shown(published, monkeypatch):
    monkeypatch.setattr("editorial.pages.article._is_as_frozen", lambda text: text.audience != "plain")
    pages.refresh(published.article)
    body = bytes_at(SLUG)
    assert "The text at this address is not the text that was signed." in body
    assert "Approval not confirmed" in body
    assert "Naproxen" not in body


def test_an_approval_without_a_signature_over_these_words_is_not_called_one(published):
    facts = pages.gather(*[pages.publications_of(published.article_id)] * 2, pages.today())
    facts.signatures.clear()
    spec = next(pages._specs(facts.publications, facts.shown))
    assert b"Approval not confirmed" in pages.render(facts, spec)
    assert Signature.objects.exists()
