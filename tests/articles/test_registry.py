"""The registry: one row for one work, what is proposed and never merged, and the editors' act of merging."""

import json
import os
from dataclasses import asdict, replace
from datetime import date, timedelta
from io import StringIO
from itertools import combinations
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command

from articles import likeness, merging, registry
from articles.citations import Source
from articles.models import Citation, EvidenceEvent, LikelyDuplicate, Reference, VersionReference
from articles.registry import Known, enter, entered, find, likely
from records import clock
from records.errors import NotReady
from records.history import bulk_save_as
from records.models import Event
from tests import builders

TRIAL = Source(
    kind="randomised_trial", title="Exercise for sciatica: a randomised trial", authors="Doe, Jane; Roe, Richard", source="J Test", year=2020, volume="12",
    issue="3", pages="100-110", doi="10.1000/trial", pmid="123456", pmcid="PMC77",
)  # fmt: skip
BOOK = Source(kind="book", form="book", title="Clinical pharmacology", authors="Doe, Jane", publisher="Press", year=2001, isbn="9780306406157")
PAGE = Source(kind="web_page", form="web_page", title="Sciatica", source="NHS", url="https://www.nhs.uk/conditions/sciatica/", accessed_on=date(2026, 5, 1))


# ---- Which row it is


@pytest.mark.parametrize(
    "source",
    [
        Source(title="Other words", doi="10.1000/trial"),
        Source(title="Other words", doi="https://doi.org/10.1000/TRIAL"),
        Source(title="Other words", pmid="PMID: 123456"),
        Source(title="Other words", pmcid="pmc77"),
        Source(title="Other words", doi="10.1000/trial", pmid="999"),
        Source(title="Other words", pmid="123456", pmcid="PMC5"),
    ],
)
def test_a_number_says_which_row_a_work_is(author, source):
    row = enter(TRIAL, by=author)
    assert find(source) == row
    assert enter(source, by=author) == row
    assert Reference.objects.count() == 1


@pytest.mark.parametrize(
    "source",
    [
        replace(TRIAL, doi="10.1000/other", pmid="", pmcid=""),
        replace(TRIAL, doi="10.1000/other"),
        replace(TRIAL, doi="", pmid="999"),
        replace(TRIAL, doi="", pmid="999", pmcid="PMC5"),
        replace(TRIAL, doi="", pmid="", pmcid=""),
        Source(),
    ],
)
def test_an_earlier_number_goes_before_a_later_one(author, source):
    enter(TRIAL, by=author)
    assert find(source) is None


def test_a_number_that_another_work_has_is_left_out_and_the_two_are_proposed(author):
    row = enter(TRIAL, by=author)
    other, is_new = entered(replace(TRIAL, title="Another thing altogether", doi="10.1000/other"), by=author)
    assert is_new
    assert (other.doi, other.pmid, other.pmcid) == ("10.1000/other", "", "")
    assert [(pair.first, pair.second, pair.why) for pair in LikelyDuplicate.objects.all()] == [(row, other, "The same PMID")]


@pytest.mark.engine
def test_two_rows_that_one_entry_names_are_proposed(author):
    by_doi = enter(Source(title="One title", doi="10.1000/a"), by=author)
    by_pmid = enter(Source(title="Some other words", pmid="77"), by=author)
    assert enter(Source(title="One title", doi="10.1000/a", pmid="77"), by=author) == by_doi
    assert [(pair.first, pair.second) for pair in LikelyDuplicate.objects.all()] == [(by_doi, by_pmid)]


def test_an_isbn_names_whole_books_alone(author):
    chapter = enter(replace(BOOK, form="chapter", title="Opioids", source="Clinical pharmacology", pages="1-9"), by=author)
    assert find(BOOK) is None
    book = enter(BOOK, by=author)
    assert book != chapter
    assert find(Source(form="book", title="Pharmacology, clinical", isbn="0-306-40615-2")) == book
    assert find(replace(BOOK, form="chapter", title="Statins", source="Clinical pharmacology", authors="", year=None)) is None


@pytest.mark.parametrize(
    "url",
    ["http://nhs.uk/conditions/sciatica", "https://www.nhs.uk/conditions/sciatica/#causes", "https://WWW.NHS.UK/conditions/sciatica/?utm_source=x"],
)
def test_one_address_is_one_page_however_it_is_spelt(author, url):
    row = enter(PAGE, by=author)
    assert find(replace(PAGE, url=url, accessed_on=None, source="")) == row


def test_an_address_with_another_title_is_proposed_and_that_of_a_site_says_nothing(author):
    row = enter(PAGE, by=author)
    other = replace(PAGE, title="Back pain: an overview")
    assert find(other) is None
    assert likely(other) == [row]
    site = enter(replace(PAGE, title="A page", url="https://www.nhs.uk/"), by=author)
    assert find(replace(PAGE, title="A page", source="other", url="https://www.nhs.uk")) is None
    assert site not in likely(replace(PAGE, title="Another page", url="https://www.nhs.uk/"))


def test_the_same_entry_without_any_number_is_one_row(author):
    plain = replace(TRIAL, doi="", pmid="", pmcid="")
    row = enter(plain, by=author)
    assert enter(plain, by=author) == row
    other = enter(replace(plain, source="J Tests"), by=author)
    assert other != row
    assert [(pair.first, pair.second) for pair in LikelyDuplicate.objects.all()] == [(row, other)]


def test_who_may_not_enter_works_does_not_and_what_is_no_number_is_refused(author, outsider):
    with pytest.raises(PermissionDenied):
        enter(TRIAL, by=outsider)
    with pytest.raises(ValidationError) as refused:
        enter(Source(title="A title", doi="no doi", year=3000), by=author)
    assert set(refused.value.message_dict) == {"doi", "year"}
    assert not Reference.objects.exists()


def test_entering_says_who_and_why(author):
    row = enter(TRIAL, by=author, reason="Imported")
    entry = row.history.get()
    assert (entry.history_user, entry.history_change_reason) == (author, "Imported")
    assert not hasattr(entry, "title_key")


@pytest.mark.engine
def test_many_works_are_looked_up_in_one_query(author, django_assert_num_queries):
    row = enter(TRIAL, by=author)
    with django_assert_num_queries(1):
        known = Known([TRIAL, BOOK, PAGE, replace(TRIAL, doi="10.1000/x")])
        assert known.find(TRIAL) == row
        assert known.find(BOOK) is None


# ---- Likeness

ALIKE = [
    replace(TRIAL, doi="", pmid="", pmcid=""),
    replace(TRIAL, doi="", pmid="", pmcid="", year=2019, volume="", pages=""),
    replace(TRIAL, doi="", pmid="", pmcid="", year=None),
    replace(TRIAL, doi="", pmid="", pmcid="", title="EXERCISE for Sciatica - a randomised trial."),
    replace(TRIAL, doi="", pmid="", pmcid="", title="RETRACTED: Exercise for sciatica: a randomised trial"),
    replace(TRIAL, doi="", pmid="", pmcid="", title="Exercise for <i>sciatica</i>: a randomised trial", authors="Döe, J."),
    replace(TRIAL, doi="", pmid="", pmcid="", authors=""),
    replace(TRIAL, doi="", pmid="", pmcid="", pages="e5"),
]
UNLIKE = [
    replace(TRIAL, pmid="", pmcid="", doi="10.1000/other"),
    replace(TRIAL, doi="", pmcid="", pmid="9"),
    replace(TRIAL, doi="", pmid="", pmcid="", year=2012),
    replace(TRIAL, doi="", pmid="", pmcid="", authors="Smith, Jane"),
    replace(TRIAL, doi="", pmid="", pmcid="", title="Exercise for sciatica: a systematic review"),
    replace(TRIAL, doi="", pmid="", pmcid="", form="preprint"),
    replace(TRIAL, doi="", pmid="", pmcid="", volume="13", pages="200-210"),
    replace(TRIAL, doi="", pmid="", pmcid="", title="Retraction: Exercise for sciatica: a randomised trial"),
    replace(TRIAL, doi="", pmid="", pmcid="", authors="", year=2019),
]


@pytest.mark.parametrize("source", ALIKE)
def test_what_is_alike_is_proposed_and_never_merged(author, source):
    row = enter(TRIAL, by=author)
    assert likely(source) == [row]
    other, is_new = entered(source, by=author)
    assert is_new
    assert other != row
    assert other.merged_into is None
    assert LikelyDuplicate.objects.open().count() == 1
    assert likeness.are_alike(TRIAL, source)
    assert likeness.are_alike(source, TRIAL)


def test_works_that_were_entered_before_anybody_looked_for_duplicates_are_proposed_once(author, editor, monkeypatch):
    """Every two that are alike, also where they are far apart in the registry; what an editor told apart stays so."""
    rows = bulk_save_as([Reference(**asdict(source)) for source in (TRIAL, *UNLIKE[:4], BOOK, *ALIKE[:2])], by=author)
    wanted = {(one.pk, other.pk) for one, other in combinations(rows, 2) if likeness.are_alike(Source.of(one), Source.of(other))}
    monkeypatch.setattr(registry, "AT_ONCE", 2)
    said = StringIO()
    call_command("propose_duplicates", stdout=said)
    assert set(LikelyDuplicate.objects.values_list("first", "second")) == wanted
    assert f"{len(wanted)} new pairs; {len(wanted)} wait for an editor." in said.getvalue()
    merging.keep_apart(LikelyDuplicate.objects.first(), by=editor, reason="Two parts.")
    call_command("propose_duplicates", stdout=said)
    assert f"0 new pairs; {len(wanted) - 1} wait for an editor." in said.getvalue()


@pytest.mark.parametrize("source", UNLIKE)
def test_what_something_speaks_against_is_not_proposed(author, source):
    enter(TRIAL, by=author)
    assert likely(source) == []
    assert not likeness.are_alike(TRIAL, source)
    assert not likeness.are_alike(source, TRIAL)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Management of low back pain in primary care settings", "Management of low back pain in primary care settings: a review", True),
        ("Management of low back pain in primary care settings. Part 1", "Management of low back pain in primary care settings. Part 2", False),
        ("Management of low back pain in primary care settings", "Management of low back pain in primary care settings. Part 2", False),
        ("Management of low back pain in primary care settings: phase II", "Management of low back pain in primary care settings: phase III", False),
        ("Editorial", "Editorial comment", False),
        ("TNF-α in sciatica and other diseases", "TNF-alpha in sciatica and other diseases", True),
    ],
)
def test_titles(one, other, alike):
    works = [Source(title=title, authors="Doe, J", year=2020) for title in (one, other)]
    assert likeness.are_alike(*works) is alike


def test_a_short_title_needs_more_than_a_name_and_a_year():
    one, other = Source(title="Editorial", authors="Doe, J", year=2020), Source(title="Editorial", authors="Doe, J", year=2020)
    assert not likeness.are_alike(one, other)
    assert likeness.are_alike(replace(one, source="Lancet"), replace(other, source="Lancet"))
    assert likeness.are_alike(replace(one, pages="12-13"), replace(other, pages="12"))
    assert not likeness.are_alike(replace(BOOK, edition="2", isbn=""), replace(BOOK, edition="3", isbn=""))
    assert not likeness.are_alike(replace(BOOK, isbn=""), replace(BOOK, title="Clinical pharmacology of the elderly", isbn=""))
    assert not likeness.are_alike(replace(one, source="Lancet", year=2019), replace(other, source="Lancet"))


DATA = Path(os.environ.get("IMPRIMATUR_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")


def _dedupe(name):
    path = DATA / "reference-files" / "dedupe" / name
    if not path.is_file():
        pytest.skip(f"NO IMPRIMATUR_DATA: {path} is not there; set IMPRIMATUR_DATA to the data folder")
    return [
        Source(
            title=row["title"], authors="; ".join(row.get("authors", [])), source=row.get("journal", ""), year=int(row["year"]) if row.get("year") else None,
            volume=row.get("volume", ""), issue=row.get("number", ""), pages=row.get("pages", ""),
        )
        for row in json.loads(path.read_text())
    ]  # fmt: skip


def test_pairs_that_look_alike_in_real_lists(report):
    """sra-dedupe's own examples: among its five "issues" the first two are one work, the others look alike and are not."""
    issues, others = _dedupe("dupeissues.json"), _dedupe("nodupes.json")
    found = {(a, b) for (a, one), (b, other) in combinations([*enumerate(issues)], 2) if likeness.are_alike(one, other)}
    wrong = sum(likeness.are_alike(one, other) for one, other in combinations(others, 2))
    right = len(found & {(0, 1)})
    report("Duplicates among sra-dedupe's examples", ["pairs", "precision", "recall"], [[20, right / max(len(found) + wrong, 1), right / 1]])
    assert found == {(0, 1)}
    assert wrong == 0


# ---- Merging


@pytest.fixture
def two(author):
    """A row that was found in PubMed, and the same work entered without it."""
    kept = enter(replace(TRIAL, doi="", pmcid="", pages=""), by=author)
    other = enter(replace(TRIAL, pmid="", pmcid="PMC77", url="https://example.org/trial"), by=author)
    return kept, other


@pytest.mark.engine
def test_a_merge_takes_what_is_missing_and_leads_to_the_kept_row(two, editor):
    kept, other = two
    kept = merging.merge(other, into=kept, by=editor, reason="One trial, entered twice.")
    other = Reference.objects.get(pk=other.pk)
    assert (other.merged_into, other.work, other.doi, other.pmcid) == (kept, kept, "", "")
    assert (kept.doi, kept.pmid, kept.pmcid, kept.pages, kept.url) == ("10.1000/trial", "123456", "PMC77", "100-110", "https://example.org/trial")
    assert find(TRIAL) == kept
    assert list(Reference.objects.standing()) == [kept]
    assert not LikelyDuplicate.objects.open().exists()
    assert [entry.history_user for entry in (other.history.first(), kept.history.first())] == [editor, editor]
    assert "One trial, entered twice." in kept.history.first().history_change_reason
    event = Event.objects.get(act="merge")
    assert (event.by, event.note, event.detail["merged"]) == (editor, "One trial, entered twice.", other.pk)


def test_the_numbers_of_both_lead_to_the_kept_row(author, editor):
    kept = enter(TRIAL, by=author)
    other = enter(Source(title="The same in another journal", doi="10.1000/second"), by=author)
    merging.merge(other, into=kept, by=editor, reason="Printed twice under one name.")
    assert find(Source(doi="10.1000/second")) == kept
    assert enter(Source(title="x", doi="10.1000/second"), by=author) == kept


def test_rows_merged_before_lead_on_in_one_step(author, editor):
    rows = [enter(Source(title=f"Title {n}", doi=f"10.1000/{n}"), by=author) for n in range(3)]
    replaces = enter(Source(kind="guideline", title="Newer", doi="10.1000/newer"), by=author)
    Reference.objects.filter(pk=replaces.pk).update(supersedes=rows[0])
    merging.merge(rows[0], into=rows[1], by=editor, reason="One.")
    merging.merge(rows[1], into=rows[2], by=editor, reason="One.")
    assert set(Reference.objects.filter(merged_into=rows[2])) == {rows[0], rows[1]}
    assert Reference.objects.get(pk=replaces.pk).supersedes == rows[2]
    assert set(Reference.objects.of_works([rows[0].pk])) == set(Reference.objects.of_works([rows[2].pk])) == set(rows)


def test_what_else_the_given_up_row_was_like_is_proposed_with_the_kept_one(author, editor):
    rows = [enter(Source(title=f"Title {n}", doi=f"10.1000/{n}"), by=author) for n in range(3)]
    registry.propose(rows[0], rows[1], why="Title")
    registry.propose(rows[1], rows[2], why="Title")
    merging.merge(rows[1], into=rows[0], by=editor, reason="One.")
    assert [(pair.first, pair.second) for pair in LikelyDuplicate.objects.open()] == [(rows[0], rows[2])]


def test_only_editors_merge_and_only_once_and_with_a_reason(two, author, editor, administrator, reviewer):
    kept, other = two
    for user in (author, administrator, reviewer):
        with pytest.raises(PermissionDenied):
            merging.merge(other, into=kept, by=user, reason="x")
    assert list(merging.blockers(kept, kept, "x")) == ["A reference cannot be merged into itself."]
    for loser, winner, reason, words in ((kept, kept, "x", "itself"), (other, kept, " ", "Say why")):
        with pytest.raises(NotReady, match=words):
            merging.merge(loser, into=winner, by=editor, reason=reason)
    merging.merge(other, into=kept, by=editor, reason="One.")
    for loser, winner in ((other, kept), (kept, other)):
        with pytest.raises(NotReady, match="merged already"):
            merging.merge(loser, into=winner, by=editor, reason="One.")
    assert Event.objects.filter(act="merge").count() == 1


def test_a_guideline_and_what_replaces_it_are_two_works(author, editor):
    old, new = (enter(Source(kind="guideline", title=f"Guideline {n}", doi=f"10.1000/{n}"), by=author) for n in (1, 2))
    Reference.objects.filter(pk=new.pk).update(supersedes=old)
    for loser, winner in ((old, new), (new, old)):
        with pytest.raises(NotReady, match="replaces the other"):
            merging.merge(loser, into=winner, by=editor, reason="One.")


def test_no_merge_makes_guidelines_replace_one_another_in_a_circle(author, editor):
    first, second, third = (enter(Source(kind="guideline", title=f"Guideline {n}", doi=f"10.1000/{n}"), by=author) for n in (1, 2, 3))
    Reference.objects.filter(pk=second.pk).update(supersedes=first)
    Reference.objects.filter(pk=third.pk).update(supersedes=second)
    for loser, winner in ((first, third), (third, first)):
        with pytest.raises(NotReady, match="replaces the other"):
            merging.merge(loser, into=winner, by=editor, reason="One.")


def test_two_works_are_said_to_be_two_and_not_proposed_again(two, author, editor):
    pair = LikelyDuplicate.objects.get()
    with pytest.raises(PermissionDenied):
        merging.keep_apart(pair, by=author, reason="x")
    with pytest.raises(NotReady, match="what tells them apart"):
        merging.keep_apart(pair, by=editor, reason=" ")
    merging.keep_apart(pair, by=editor, reason="The second is the protocol.")
    with pytest.raises(NotReady, match="two works"):
        merging.keep_apart(pair, by=editor, reason="x")
    enter(TRIAL, by=author)
    enter(replace(TRIAL, doi="", pmcid="", pages=""), by=author)
    assert not LikelyDuplicate.objects.open().exists()
    assert pair.history.first().history_change_reason == "The second is the protocol."


def _happened(reference, kind, day):
    return EvidenceEvent.objects.create(reference=reference, kind=kind, happened_on=day, reported_by="publisher")


@pytest.mark.engine
def test_what_happened_to_either_row_happened_to_the_work(two, editor):
    kept, other = two
    _happened(kept, "correction", date(2024, 1, 1))
    _happened(other, "retraction", date(2025, 1, 1))
    assert {row.pk: row.latest_event for row in Reference.objects.with_status()} == {kept.pk: "correction", other.pk: "retraction"}
    merging.merge(other, into=kept, by=editor, reason="One.")
    assert {row.latest_event for row in Reference.objects.with_status()} == {"retraction"}
    _happened(other, "reinstatement", date(2025, 6, 1))
    assert {row.latest_event for row in Reference.objects.with_status()} == {"reinstatement"}
    kinds = {row: [event.kind for event in events] for row, events in EvidenceEvent.objects.by_row([kept.pk, other.pk]).items()}
    assert kinds == {key: ["reinstatement", "retraction", "correction"] for key in (kept.pk, other.pk)}


def test_a_merge_moves_no_citation_and_no_frozen_row(submitted, editor):
    """The draft keeps its key, its history and its save; the version keeps every byte; both are led to the kept row."""
    article, version = submitted.article, submitted.version
    trial = Reference.objects.get(pmid="16186783")
    kept = enter(Source(kind="randomised_trial", title="A trial of walking, found in Crossref", doi="10.1000/walking", source="J Trials", year=2020), by=editor)
    before = [list(model.objects.order_by("pk").values()) for model in (Citation, VersionReference)]
    saves = Citation.history.count()
    merging.merge(trial, into=kept, by=editor, reason="One.")
    assert [list(model.objects.order_by("pk").values()) for model in (Citation, VersionReference)] == before
    assert Citation.history.count() == saves
    from articles import checks, freezing
    from articles.editions import of_version

    assert freezing.recomputed_digest(version) == version.digest
    assert of_version(version).works["trial"].identity == f"work {kept.pk}"
    draft = checks.read_draft(type(article).objects.get(pk=article.pk))
    assert draft.reference_of("trial") == kept
    _happened(trial, "retraction", clock.today() - timedelta(days=1))
    assert checks.read_draft(article).reference_of("trial").latest_event == "retraction"
    assert [finding.key for finding in checks.check_article(article) if finding.blocks] == ["trial"]


@pytest.mark.engine
def test_the_next_version_freezes_the_kept_row(article, author, editor):
    trial = Reference.objects.get(pmid="16186783")
    kept = enter(Source(kind="randomised_trial", title="A trial of walking, as printed", doi="10.1000/walking", source="J Trials", year=2020), by=editor)
    merging.merge(trial, into=kept, by=editor, reason="One.")
    version = builders.submit(article, author).version
    frozen = version.references.get(key="trial")
    assert (frozen.reference, frozen.title, frozen.pmid) == (kept, "A trial of walking, as printed", "16186783")
