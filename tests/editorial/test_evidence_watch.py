"""The watch: a retraction arrives, and at once the page says so, a re-review is open and people are told; an editor's decision makes it history."""

import io
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from articles import drafting, evidence
from articles.drafting import Changes, CitationChange
from articles.models import ArticleType, EvidenceEvent, ListImport, Reference, VersionReference
from editorial import cases, cited_works, evidence_watch, invariants, pages, publishing, sweeping, workflow
from editorial.management.commands.import_retractions import day_in
from editorial.models import EvidenceCase, EvidenceOutcome, PageNotice, PublishedPage
from editorial.workspace import saving
from records import clock
from records.errors import NotReady
from records.models import Event, Outbox, Sweep, system_user
from reviews.models import Submission
from tests import builders
from tests.articles.test_retraction_lists import line, table

PATH = "/articles/how-is-a-trapped-nerve-treated/"
TRIAL = {"OriginalPaperPubMedID": "16186783"}


def bytes_at(path):
    """A finished page."""
    return bytes(PublishedPage.objects.get(path=path).body).decode()


def brought(tmp_path, *rows, name="list.csv", **options):
    """Import a list with these rows; what the command said."""
    path = tmp_path / name
    path.write_bytes(table(*rows))
    said = io.StringIO()
    call_command("import_retractions", str(path), stdout=said, verbosity=0, **options)
    return said.getvalue()


def retracted(tmp_path, nature="Retraction", **cells):
    """The trial that the article cites is listed."""
    cells = TRIAL | {"RetractionDate": "3/5/2024 0:00", "RetractionDOI": "10.1000/n"} | cells
    return brought(tmp_path, line("", nature, **cells))


def again(row):
    """A row as it stands now."""
    return type(row).objects.get(pk=row.pk)


# ---- A hit


@pytest.mark.engine
def test_a_retraction_does_everything_at_once(published, tmp_path):
    assert "1 new events of cited works, 1 cases opened" in retracted(tmp_path)
    case = EvidenceCase.objects.get()
    assert (case.event.kind, case.article_id, case.due_on) == ("retraction", published.article_id, clock.today() + timedelta(days=14))
    assert (case.re_review.cause, case.re_review.version_id) == ("evidence", published.submission.version_id)
    assert case.notice.words == "Reference 1 was retracted on 5 March 2024: “A trial of walking” (J Trials, 2020). Its notice: https://doi.org/10.1000/n"
    for path in (PATH, f"{PATH}v/1/"):
        page = bytes_at(path)
        assert "The evidence for two statements has changed" in page
        assert "Reference 1 was retracted on 5 March 2024: “A trial of walking”" in page
        assert '<a href="https://doi.org/10.1000/n">Read the notice</a>' in page
        assert page.count('<span class="cite-flag"> (retracted)</span>') == 2
    assert set(Outbox.objects.filter(object_id__in=[case.pk, case.re_review_id]).values_list("kind", flat=True)) == {"evidence_changed", "re_review_opened"}
    assert Event.objects.filter(object_id=case.pk, act="open_case").exists()
    assert invariants.broken() == []


def test_the_same_list_again_tells_nobody_anything(published, tmp_path):
    retracted(tmp_path)
    before = Outbox.objects.count()
    assert "0 new events of cited works, 0 cases opened" in retracted(tmp_path)
    assert "0 new events of cited works, 0 cases opened" in brought(tmp_path, line("", OriginalPaperPubMedID="16186783", RetractionDate="3/5/2024 0:00"), name="other.csv")
    evidence_watch.screen()
    assert (EvidenceCase.objects.count(), Outbox.objects.count()) == (1, before)


def test_all_of_it_or_nothing(published, tmp_path, monkeypatch):
    monkeypatch.setattr(evidence_watch, "post", lambda *args: 1 / 0)
    with pytest.raises(CommandError, match="ZeroDivisionError"):
        retracted(tmp_path)
    assert not EvidenceEvent.objects.exists()
    assert not PageNotice.objects.exists()
    assert not Submission.objects.filter(kind="re_review").exists()
    monkeypatch.undo()
    evidence_watch.screen()
    assert EvidenceCase.objects.count() == 1


def test_an_article_that_fails_keeps_no_other_back(published, tmp_path, monkeypatch):
    guide = line("10.1000/guide", RetractionDate="3/5/2024 0:00")
    real = evidence_watch._open_case
    monkeypatch.setattr(evidence_watch, "_open_case", lambda publication, event, **by: 1 / 0 if event.reference.doi else real(publication, event, **by))
    with pytest.raises(CommandError, match="could not be dealt with"):
        brought(tmp_path, guide, line("", RetractionDate="3/5/2024 0:00", **TRIAL))
    assert [case.event.reference.pmid for case in EvidenceCase.objects.all()] == ["16186783"]


def test_a_re_review_that_is_open_is_the_one(published, editor, tmp_path):
    opened = workflow.open_re_review(published, by=editor)
    retracted(tmp_path)
    assert EvidenceCase.objects.get().re_review_id == opened.pk
    assert Submission.objects.filter(kind="re_review").count() == 1
    day = clock.today() + timedelta(days=7)
    sweeping.sweep(sweeping.REMIND, clock.today())
    assert again(opened).next_look_on == day
    assert invariants.broken() == []


@pytest.mark.parametrize(("nature", "words"), [("Correction", "was corrected"), ("Expression of concern", "received an expression of concern")])
def test_a_lesser_event_warns_and_opens_no_re_review(published, tmp_path, nature, words):
    retracted(tmp_path, nature)
    case = EvidenceCase.objects.get()
    assert (case.re_review, case.due_on) == (None, None)
    page = bytes_at(PATH)
    assert f"Reference 1 {words} on 5 March 2024" in page
    assert '<div class="notice due">' in page
    assert "do not rely" not in page
    assert "cite-flag" not in page
    retracted(tmp_path)
    assert EvidenceCase.objects.count() == 2
    assert "was retracted" in bytes_at(PATH)


@pytest.mark.engine
def test_the_past_of_a_work_alerts_by_what_it_came_to(published, tmp_path):
    rows = [line("", nature, RetractionDate=day, **TRIAL) for nature, day in
            [("Correction", "1/1/2010 0:00"), ("Retraction", "1/1/2012 0:00"), ("Reinstatement", "1/1/2014 0:00")]]  # fmt: skip
    assert "3 new events of cited works, 0 cases opened" in brought(tmp_path, *rows)
    assert "Reinstated on 1 January 2014" in bytes_at(PATH)


def test_a_work_that_was_republished_offers_its_replacement(published, tmp_path):
    retracted(tmp_path, Notes="Retracted and republished as 10.1056/NEJMoa1800389")
    assert "It was republished: https://doi.org/10.1056/nejmoa1800389" in bytes_at(PATH)


def test_news_that_came_before_the_board_read_it_alert_nobody(approved, editor, tmp_path):
    with clock.as_of(approved.decided_at - timedelta(days=1)):
        reference = approved.version.references.get(key="trial").reference
        EvidenceEvent.objects.create(reference=reference, kind="correction", happened_on=date(2024, 1, 1), reported_by="publisher")
    publishing.publish(approved, by=editor)
    evidence_watch.screen()
    assert not EvidenceCase.objects.exists()


def test_news_between_approval_and_publication_alert_as_it_goes_live(approved, editor, tmp_path):
    retracted(tmp_path)
    assert not EvidenceCase.objects.exists()
    publishing.publish(approved, by=editor)
    assert EvidenceCase.objects.get().event.kind == "retraction"
    assert "was retracted on 5 March 2024" in bytes_at(PATH)
    assert invariants.broken() == []


def test_an_article_about_a_retraction_and_a_citation_that_says_so_are_exempt(published, author, editor, reviewer, reviewer2, tmp_path):
    kind = ArticleType.objects.get(key="treatment")
    kind.is_notice = True
    kind.save()
    assert "1 new events of cited works, 0 cases opened" in retracted(tmp_path)
    assert "Retracted on 5 March 2024" in bytes_at(PATH)
    assert cases.having_news() != []
    assert cases.news(again(published)) == []


def test_earlier_versions_are_marked_too(published, author, editor, reviewer, reviewer2, tmp_path):
    article = published.article
    uncite(article, author)
    builders.walk_to_published(article, author, editor, reviewer, reviewer2)
    assert "0 cases opened" in retracted(tmp_path)
    assert "cite-flag" in bytes_at(f"{PATH}v/1/")
    assert "cite-flag" not in bytes_at(PATH)


def uncite(article, author):
    """The draft does without the trial."""
    article = again(article)
    words = builders.PROFESSIONAL.replace("; @trial, p. 12", "").replace("[@trial]", "[@guide]")
    texts = {"professional": words, "plain": builders.PLAIN.replace("[@trial]", "[@guide]")}
    drafting.revise(article, by=author, draft_number=article.draft_number, changes=Changes(texts=texts, citations=[CitationChange("trial", None)]))


@pytest.mark.engine
def test_a_newer_guideline_fans_out(published, tmp_path):
    old = Reference.objects.get(doi="10.1000/guide")
    Reference.objects.create(title="The newer guideline", kind="guideline", doi="10.1000/new", year=2026, supersedes=old)
    found = evidence_watch.screen()
    assert [case.event.kind for case in found.opened] == ["superseded"]
    assert evidence_watch.screen().events == []
    assert "was superseded" in bytes_at(PATH)
    assert invariants.broken() == []


def test_a_work_that_was_entered_since_the_list_was_loaded_is_screened_as_it_is_cited(article, author, tmp_path):
    brought(tmp_path, line("10.1000/entered", RetractionDate="3/5/2024 0:00"))
    work = Reference.objects.create(title="Entered since", doi="10.1000/entered")
    assert work.pk not in EvidenceEvent.objects.values_list("reference", flat=True)
    saving.cite(article, work, by=author)
    assert Reference.objects.with_status().get(pk=work.pk).status.key == "retraction"


# ---- Deciding


@pytest.fixture
def case(published, tmp_path):
    """An open case of a retracted trial."""
    retracted(tmp_path)
    return EvidenceCase.objects.get()


@pytest.mark.engine
def test_a_decision_ends_the_note_and_makes_it_history(case, editor, client):
    outcome = evidence_watch.decide_evidence(case, by=editor, kind="kept", rationale="Two other trials found the same.")
    assert (outcome.case_id, outcome.by) == (case.pk, editor)
    page = bytes_at(PATH)
    assert "has changed" not in page
    assert "The editors keep it: Two other trials found the same." in page
    assert "Retracted: A trial of walking" in page
    history = client.get(f"{PATH}history/").content.decode()
    assert "Reference 1 was retracted on 5 March 2024" in history
    assert "The reference stays, with a note: Two other trials found the same." in history
    assert Event.objects.filter(object_id=case.pk, act="decide_evidence", by=editor).exists()
    assert invariants.broken() == []


def test_a_re_review_that_goes_on_waits_no_longer_for_the_deadline_of_what_was_decided(published, editor, reviewer, reviewer2, tmp_path):
    opened = workflow.open_re_review(published, by=editor)
    retracted(tmp_path)
    for assignment, user in zip(builders.assign(opened, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
        builders.open_text(assignment, user)
        builders.recommend(assignment, user)
    sweeping.sweep(sweeping.REMIND, clock.today())
    assert again(opened).next_look_on > clock.today()
    evidence_watch.decide_evidence(EvidenceCase.objects.get(), by=editor, kind="kept", rationale="Two other trials found the same.")
    assert again(opened).next_look_on == clock.today()
    sweeping.sweep(sweeping.REMIND, clock.today())
    assert invariants.broken() == []


def test_a_decision_is_refused_to_the_wrong_person_without_a_reason_and_twice(case, editor, author, reviewer):
    for person in (author, reviewer, system_user()):
        with pytest.raises(PermissionDenied):
            evidence_watch.decide_evidence(case, by=person, kind="kept", rationale="x")
    with pytest.raises(NotReady, match="Say why"):
        evidence_watch.decide_evidence(case, by=editor, kind="kept", rationale=" ")
    with pytest.raises(NotReady, match="still cites it"):
        evidence_watch.decide_evidence(case, by=editor, kind="removed", rationale="x")
    with pytest.raises(NotReady, match="not retracted"):
        evidence_watch.decide_evidence(case, by=editor, kind="retracted", rationale="x")
    evidence_watch.decide_evidence(case, by=editor, kind="no_change", rationale="A side remark.")
    with pytest.raises(NotReady, match="decided already"):
        evidence_watch.decide_evidence(case, by=editor, kind="kept", rationale="x")


def test_nobody_decides_about_their_own_text(case, author):
    from editorial import roles

    roles.give(author, roles.EDITOR)
    with pytest.raises(PermissionDenied):
        evidence_watch.decide_evidence(case, by=type(author).objects.get(pk=author.pk), kind="kept", rationale="x")


def test_a_new_version_without_the_claim_closes_it(case, published, author, editor, reviewer, reviewer2):
    uncite(published.article, author)
    builders.walk_to_published(published.article, author, editor, reviewer, reviewer2)
    outcome = EvidenceOutcome.objects.get()
    assert (outcome.kind, outcome.rationale) == ("removed", "Version 2 does not cite it.")
    assert "has changed" not in bytes_at(PATH)
    assert invariants.broken() == []


def test_a_new_version_that_cites_the_work_by_the_row_it_was_merged_into_does_not_close_it(published, author, editor, reviewer, reviewer2, tmp_path):
    retracted(tmp_path, "Correction")
    trial, twin = Reference.objects.get(pmid="16186783"), Reference.objects.create(title="A trial of walking, again", year=2020)
    cited_works.merge(trial, into=twin, by=editor, reason="The same trial.")
    article = again(published.article)
    drafting.revise(article, by=author, draft_number=article.draft_number, changes=Changes(fields={"summary": "In other words."}))
    builders.walk_to_published(article, author, editor, reviewer, reviewer2)
    assert VersionReference.objects.filter(version__number=2, reference=twin).exists()
    case = EvidenceCase.objects.open().get()
    assert evidence_watch.possible(case) == ["kept", "no_change"]
    assert "has changed" in bytes_at(PATH)
    assert invariants.broken() == []


def test_a_retraction_of_the_article_closes_it(case, published, editor, editor2):
    publishing.propose_retraction(published, by=editor, signing=builders.fresh(editor), notice="We take this back.", reason="unreliable")
    publishing.confirm_retraction(published, by=editor2, signing=builders.fresh(editor2))
    assert EvidenceOutcome.objects.get().kind == "retracted"
    assert invariants.broken() == []


def test_a_re_review_that_reaffirms_closes_it(published, editor, reviewer, reviewer2, tmp_path):
    retracted(tmp_path, "Correction")
    submission = workflow.open_re_review(published, by=editor)
    for assignment, user in zip(builders.assign(submission, editor, reviewer, reviewer2), (reviewer, reviewer2), strict=True):
        builders.recommend(assignment, user)
    workflow.reaffirm(again(submission), by=editor, signing=builders.fresh(editor), digest=submission.version.digest, note="It stands.")
    assert EvidenceOutcome.objects.get().rationale == "The board read version 1 again and reaffirmed it."
    assert invariants.broken() == []


def test_a_page_made_anew_is_the_same(case, editor):
    assert pages.differing(case.article_id) == 0
    evidence_watch.decide_evidence(case, by=editor, kind="kept", rationale="It is one of many.")
    assert pages.differing(case.article_id) == 0


# ---- Refreshing


def test_the_daily_sweep_takes_the_list_that_the_settings_name(published, settings, tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes(table(line("", RetractionDate="3/5/2024 0:00", **TRIAL)))
    settings.RETRACTIONS_FROM = str(path)
    assert sweeping.sweep(sweeping.WATCH, clock.today()) == 2
    assert EvidenceCase.objects.count() == 1
    assert sweeping.sweep(sweeping.WATCH, clock.today()) == 0
    assert ListImport.objects.count() == 1


@pytest.mark.parametrize("place", ["/nowhere/list.csv", "https://example.org/list.csv", "http://127.0.0.1:9/list.csv"])
def test_c10_a_refresh_that_fails_is_kept_as_one_and_makes_nothing_clean(published, settings, tmp_path, place):
    retracted(tmp_path)
    settings.RETRACTIONS_FROM = place
    sweeping.sweep(sweeping.WATCH, clock.today())
    lists = evidence.lists_known()
    assert lists.failed_on == clock.today()
    assert Sweep.objects.get(name=sweeping.WATCH).last_error
    assert EvidenceCase.objects.open().count() == 1
    assert Reference.objects.with_status().get(doi="10.1000/guide").status.key == "check_failed"
    assert ListImport.objects.exclude(error="").get().gone == 0


def test_without_a_source_the_sweep_screens_what_is_known(published, settings, tmp_path):
    settings.RETRACTIONS_FROM = ""
    assert sweeping.sweep(sweeping.WATCH, clock.today()) == 0
    assert not ListImport.objects.exists()


def test_the_command_says_of_which_day_the_data_are_and_what_it_could_not_take(db, tmp_path):
    said = brought(tmp_path, line("10.1000/x"), line(""), name="export_2026-07-14.csv", snapshot=True)
    assert "refused: export_2026-07-14.csv:3 [OriginalPaperDOI]" in said
    assert "1 lines, 1 new, 0 changed, 0 no longer listed, 1 refused; data as of 2026-07-14." in said
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(CommandError, match="no list of retractions"):
        call_command("import_retractions", str(tmp_path / "other.csv"))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_retractions", str(tmp_path / "none.csv"))
    with pytest.raises(CommandError, match="has not come yet"):
        call_command("import_retractions", str(tmp_path / "other.csv"), as_of=date(2999, 12, 31))
    assert day_in("export_2999-12-31.csv") is None
