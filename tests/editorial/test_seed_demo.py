"""The demo: people and sample articles in every state, made by the acts themselves."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from articles import rendering
from articles.checks import check_article
from articles.citations import normalise_doi, normalise_pmid
from articles.freezing import recomputed_digest
from articles.models import Article, ArticleVersion, EvidenceEvent, Reference
from editorial.demo import SIGN_INS, shelf
from editorial.models import Address, PageNotice, Publication, PublishedPage
from records import clock
from records.models import Event, Outbox, Person, User
from reviews import matching
from reviews.models import BoardMember, Comment, ReviewAssignment, Submission

pytestmark = pytest.mark.engine
SAMPLE = "This is a sample article written to show how Imprimatur works; do not use it for care."


@pytest.fixture(scope="module")
def seeded(django_db_setup, django_db_blocker):
    """What the command said while it filled the empty database, which is empty again afterwards."""
    out = io.StringIO()
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("seed_demo", stdout=out)
        yield out.getvalue()
        transaction.set_rollback(True)


def submission_of(words):
    """The latest submission of the article whose title has these words."""
    return Submission.objects.filter(article__title__icontains=words).order_by("-submitted_at").first()


def publication_of(words):
    """What the public sees of the article whose title has these words."""
    return Publication.objects.public().get(article__title__icontains=words)


def test_it_says_what_each_article_has_become(seeded):
    assert "9 people" in seeded
    assert len(seeded.splitlines()) == Article.objects.count() + 2
    assert Article.objects.count() == len(shelf.names())


def test_every_state_that_people_meet_can_be_seen(seeded):
    assert set(Submission.objects.values_list("state", flat=True)) == {"submitted", "under_review", "approved", "changes_requested"}
    assert set(Submission.objects.values_list("kind", flat=True)) == {"first", "revision", "re_review"}
    assert set(Publication.objects.values_list("state", flat=True)) == {"live", "superseded", "retracted"}
    assert set(ReviewAssignment.objects.values_list("state", flat=True)) == {"assigned", "accepted", "completed"}


def test_a_second_version_has_replaced_the_first_and_says_what_changed(seeded):
    live = publication_of("pinched nerve")
    assert live.submission.version.number == 2
    assert live.change_note
    first, second = ArticleVersion.objects.filter(article=live.article).order_by("number")
    sources = [version.texts.get(audience="professional").source for version in (first, second)]
    assert sources[0] != sources[1]
    assert Article.history.filter(id=live.article_id).count() >= 1


def test_one_page_is_overdue_one_was_reaffirmed_one_waits_for_a_decision(seeded):
    assert publication_of("statin").is_overdue(clock.today())
    assert submission_of("statin").kind == "re_review"
    reaffirmed = publication_of("sore throat")
    assert reaffirmed.last_reviewed_on > reaffirmed.last_updated_on
    assert not reaffirmed.is_overdue(clock.today())
    waiting = submission_of("migraine")
    assert (waiting.state, waiting.version.number, waiting.approval_blockers()) == ("under_review", 2, [])
    assert publication_of("migraine").submission.version.number == 1


def test_comments_wait_for_the_authors_and_one_is_not_sent_yet(seeded):
    returned = submission_of("nausea")
    comments = Comment.objects.for_author().filter(assignment__submission=returned)
    assert returned.note
    assert [comment.kind for comment in comments if not comment.answer] == ["must_fix", "suggestion"]
    assert all(comment.quote and comment.block for comment in comments)
    assert Comment.objects.filter(sent_at=None, assignment__submission=submission_of("iron")).count() == 1


def test_the_editor_who_assigns_sees_a_known_tie_and_somebody_free(seeded):
    found = matching.candidates(submission_of("gout"), clock.today())
    assert [str(candidate.member.person.name) for candidate in found if candidate.ties] == ["Leila Farahani"]
    assert any(candidate.can_be_chosen and candidate.fits for candidate in found)


def test_a_draft_shows_findings_that_block(seeded):
    draft = Article.objects.get(submissions=None)
    assert {"citation.unresolved", "people.interests"} <= {finding.check for finding in check_article(draft) if finding.blocks}


def test_a_retracted_article_keeps_its_text_under_the_notice_of_two_editors(seeded):
    retracted = Publication.objects.get(state="retracted")
    assert set(retracted.submission.signatures.filter(meaning__startswith="retraction").values_list("person__name", flat=True)) == {
        "Daniel Osei", "Ruth Castellane",
    }  # fmt: skip
    assert PageNotice.objects.get(article=retracted.article, kind="retracted").words == retracted.retraction_notice
    author = User.objects.get(person__authorships__article=retracted.article)
    assert not author.is_active


def test_the_retracted_work_is_cited_as_retracted_with_a_reason(seeded):
    event = EvidenceEvent.objects.get(kind="retraction")
    assert (event.reference.doi, event.happened_on.year) == ("10.1016/s0140-6736(97)11096-0", 2010)
    cited = publication_of("MMR").submission.version.references.get(reference=event.reference)
    assert cited.cited_as_retracted
    assert cited.retracted_reason


@pytest.mark.parametrize("name", shelf.names())
def test_every_text_says_that_it_is_a_sample_and_loses_nothing(name):
    found = shelf.sheet(name)
    for each in (found, found.at_first()):
        for text in each.texts.values():
            assert SAMPLE in rendering.plain_text(rendering.render(text).html)
            assert rendering.render(text).dropped == ()


def test_whatever_was_submitted_passes_the_checks_and_every_key_has_its_reference(seeded):
    for version in ArticleVersion.objects.prefetch_related("texts", "references"):
        keys = [reference.key for reference in version.references.all()]
        assert 3 <= len(keys) <= 10
        assert all(rendering.render(text.source, known=keys).unresolved == () for text in version.texts.all())
        assert version.texts.count() == 2
    for article in Article.objects.exclude(submissions=None).distinct():
        assert [finding.sentence for finding in check_article(article) if finding.blocks] == []


def test_every_work_can_be_found(seeded):
    for work in Reference.objects.all():
        assert work.has_identifier, work
        assert all((work.title, work.source, work.year))
        assert not work.doi or normalise_doi(work.doi) == work.doi
        assert not work.pmid or normalise_pmid(work.pmid) == work.pmid
        assert work.citations.exists(), f"{work} is cited nowhere."


def test_a_passage_that_is_not_there_cannot_be_put_back():
    with pytest.raises(ValueError, match="no passage"):
        shelf.Sheet("x", "X", "general", (), "", {"plain": "text"}, first=(("words", "others"),)).at_first()


def test_readers_get_a_page_for_each_audience_and_nothing_of_the_rest(seeded):
    for publication in Publication.objects.public():
        path = Address.objects.get(article=publication.article, is_current=True).path
        for page in PublishedPage.objects.filter(path__in=[path, f"{path}plain/"]):
            assert SAMPLE in bytes(page.body).decode()
        assert PublishedPage.objects.filter(path__in=[path, f"{path}plain/"]).count() == 2
    assert not PublishedPage.objects.exclude(article__publications__isnull=False).exists()


def test_the_record_is_one_past_in_the_order_of_time(seeded):
    moments = list(Event.objects.order_by("number").values_list("at", flat=True))
    assert moments == sorted(moments)
    assert timezone.now() - moments[0] > timedelta(days=365)
    assert moments[-1] < timezone.now()
    for version in ArticleVersion.objects.all():
        assert recomputed_digest(version) == version.digest


def test_nobody_is_mailed_about_a_past_that_did_not_happen(seeded, mailoutbox):
    assert Outbox.objects.exists()
    assert not Outbox.objects.exclude(state="sent").exists()
    assert mailoutbox == []


def test_everyone_who_is_named_can_sign_in_and_has_their_role(seeded):
    assert [words.split(",")[0] for words, _, _ in SIGN_INS] == ["Author", *["Reviewer"] * 3, *["Editor"] * 2, "Administrator"]
    for words, email, password in SIGN_INS:
        role, name = words.split(", ")
        user = User.objects.get(email=email)
        assert len(password) >= 12
        assert user.check_password(password)
        assert user.is_active
        assert user.person.name == name
        assert user.groups.count() == 1
        assert user.is_staff is (role != "Author")
    assert not User.objects.filter(is_superuser=True).exists()


def test_people_are_printed_as_the_board_and_the_bylines_need_them(seeded):
    assert all(person.affiliations.exists() for person in Person.objects.all())
    for member in BoardMember.objects.all():
        member.clean()
        assert all((member.biography, member.interests, member.profession, member.specialties.exists()))


def test_a_second_time_it_refuses_and_changes_nothing(seeded):
    before = Event.objects.count()
    with pytest.raises(CommandError, match="articles here already") as refused:
        call_command("seed_demo")
    assert refused.value.returncode == 1
    assert Event.objects.count() == before


def test_outside_a_demo_it_refuses(db, settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="for a demo alone") as refused:
        call_command("seed_demo")
    assert refused.value.returncode == 1
    assert not User.objects.filter(email__endswith="@example.org").exists()
