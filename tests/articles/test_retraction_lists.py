"""Lists of retractions: read line by line, kept line by line, and matched with what is cited."""

import csv
import gzip
import io
import json
import os
from datetime import date
from pathlib import Path

import pytest
from django.db import connection, transaction

from articles import listing, screening
from articles.evidence import status_of
from articles.formats import crossref_updates, retraction_watch
from articles.formats.items import BadInput, Refusal
from articles.formats.retraction_watch import Listed
from articles.models import EvidenceEvent, ListedEvent, LookUp, Reference
from records import clock

DATA = Path(os.environ.get("IMPRIMATUR_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
COLUMNS = [
    "Record ID", "Title", "Subject", "Institution", "Journal", "Publisher", "Country", "Author", "URLS", "ArticleType", "RetractionDate",
    "RetractionDOI", "RetractionPubMedID", "OriginalPaperDate", "OriginalPaperDOI", "OriginalPaperPubMedID", "RetractionNature", "Reason",
    "Paywalled", "Notes", "",
]  # fmt: skip


def data(*names):
    """A file of the shared data; a loud skip where it is not there."""
    path = DATA.joinpath(*names)
    if not path.exists():
        pytest.skip(f"NO IMPRIMATUR_DATA: {path} is not there; set IMPRIMATUR_DATA to the data folder")
    return path


def line(doi="10.1000/a", nature="Retraction", **cells):
    """One row of the export."""
    row = dict.fromkeys(COLUMNS, "") | {"OriginalPaperDOI": doi, "RetractionNature": nature, **cells}
    return [row[column] for column in COLUMNS]


def table(*rows, header=COLUMNS):
    """The export with these rows, as bytes."""
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode()


def lines(content, name="list.csv"):
    """What is read from these bytes."""
    return list(retraction_watch.read_stream(io.BytesIO(content), name))


# ---- Reading


def test_a_line_of_the_export_is_read_with_its_twenty_columns_and_the_empty_one():
    [found] = lines(table(line(
        "https://doi.org/10.1000/ABC", "Expression of concern", **{"Record ID": "7", "Title": "A  trial", "RetractionDate": "9/22/2021 0:00"},
        RetractionDOI="10.1000/N", RetractionPubMedID="0", OriginalPaperPubMedID="123", Reason="+Error in Data;+Error in Image;", Notes="",
    )))  # fmt: skip
    assert found == Listed(
        "7", "concern", "10.1000/abc", "123", title="A trial", happened_on=date(2021, 9, 22), notice_doi="10.1000/n", reason="Error in Data; Error in Image"
    )


@pytest.mark.parametrize("content", [lambda it: b"\xef\xbb\xbf" + it, gzip.compress, lambda it: it.replace(b"\r\n", b"\n")])
def test_marks_packing_and_line_ends_make_no_difference(content):
    assert lines(content(table(line())))[0].doi == "10.1000/a"


def test_the_map_reads_as_the_export_that_is_laid_out_like_it():
    found = {"retractions": {"10.1000/A": "10.1000/n", "10.1000/b": "unavailable"}, "concerns": {"10.1000/c": ""}, "made": 1}
    rows = [line("10.1000/A", RetractionDOI="10.1000/n"), line("10.1000/b", RetractionDOI="Unavailable"), line("10.1000/c", "Expression of concern")]
    assert lines(json.dumps(found).encode()) == lines(table(*rows))


@pytest.mark.parametrize(
    ("row", "reason"),
    [(line(""), "neither DOI nor PMID"), (line("Unavailable", OriginalPaperPubMedID="0"), "neither DOI nor PMID"), (line(nature=""), "does not say"),
     (line(nature="Praise"), "no event that is known"), (["1", "A title"], "breaks off")],
)  # fmt: skip
def test_a_line_that_cannot_be_matched_is_refused_with_its_place_and_costs_the_others_nothing(row, reason):
    refused, taken = lines(table(row, line("10.1000/b")))
    assert isinstance(refused, Refusal)
    assert reason in refused.reason
    assert refused.place.line == 2
    assert taken.doi == "10.1000/b"


@pytest.mark.parametrize("content", [b"", b"{", b'{"a": 1}', b"name,value\n1,2\n", b"[1]", gzip.compress(table(line()))[:-9], b"\x1f\x8bno"])
def test_c6_what_is_no_list_or_breaks_off_is_refused_whole(content, tmp_path):
    path = tmp_path / "list"
    path.write_bytes(content)
    with pytest.raises(BadInput):
        list(retraction_watch.read(path))


def test_c6_a_small_file_that_unpacks_to_a_very_large_one_is_refused(monkeypatch):
    monkeypatch.setattr(retraction_watch, "MOST_BYTES", 10_000)
    bounded = retraction_watch._Bounded(io.BytesIO(b"x" * 20_000), 10_000)
    with pytest.raises(BadInput, match="larger"):
        io.BufferedReader(bounded).read()


def test_escapes_in_a_doi_are_undone_and_its_signs_kept():
    wanted = "10.1002/(sici)1096-8628(19961230)66:4<403::aid-ajmg4>3.0.co;2-l"
    assert retraction_watch.doi_of("10.1002/(SICI)1096-8628(19961230)66:4%3c403::AID-AJMG4%3e3.0.CO;2-L") == wanted
    assert retraction_watch.doi_of("10.1002/(SICI)1096-8628(19961230)66:4&lt;403::AID-AJMG4&gt;3.0.CO;2-L") == wanted


@pytest.mark.parametrize("text", ["", "0", "13/45/2020 0:00", "2/30/2020", "soon", "1/1/0000"])
def test_what_is_no_day_is_none(text):
    assert retraction_watch.day_of(text) is None


def test_the_real_lists_are_read_to_the_last_line():
    found = list(retraction_watch.read(data("retractions", "retractionwatch_sample_full_columns.csv")))
    assert len(found) == 13
    assert not any(isinstance(each, Refusal) for each in found)
    lancet = [(each.kind, each.happened_on, each.pmid) for each in found if each.doi == "10.1016/s0140-6736(97)11096-0"]
    assert lancet == [("correction", date(2004, 3, 6), "9500320"), ("retraction", date(2010, 2, 6), "9500320")]


# ---- Crossref


def crossref(name):
    return json.loads(data("api-payloads", "crossref-updates", name).read_text())["message"]


def test_crossref_updates_are_read_from_the_work_and_from_the_notice():
    first, second = crossref_updates.events_of(crossref("works-10-1016-j-ejogrb-2014-02-038-583866b7.json"))
    assert (first.kind, first.notice_doi, first.reported_by) == ("concern", "10.1016/j.ejogrb.2024.06.039", "publisher")
    assert (second.kind, second.notice_doi, second.reported_by) == ("concern", "10.1016/j.ejogrb.2024.06.039", "Retraction Watch")
    notice = {"DOI": "10.1/n", "update-to": [{"DOI": "10.1000/A", "type": "erratum", "source": "publisher", "updated": {"date-parts": [[2020, 1, 2]]}}]}
    [event] = crossref_updates.events_of(notice | {"DOI": "10.1000/n"})
    assert (event.doi, event.kind, event.notice_doi, event.happened_on) == ("10.1000/a", "correction", "10.1000/n", date(2020, 1, 2))


@pytest.mark.parametrize("message", [None, [], {}, {"updated-by": None}, {"DOI": 1, "updated-by": [1, {}, {"type": 2}]}, {"DOI": "10.1000/a", "updated-by": [{"type": "praise"}]}])
def test_c11_what_crossref_may_not_mean_is_left_out(message):
    assert crossref_updates.events_of(message) == []


# ---- Keeping


def take(*rows, snapshot=False, **options):
    """Load these rows."""
    loading = listing.begin("list.csv", is_snapshot=snapshot, data_as_of=date(2026, 6, 12))
    listing.take(loading, lines(table(*rows)), **options)
    return loading


@pytest.mark.django_db
def test_taken_again_a_list_changes_nothing():
    rows = [line(), line("10.1000/b", RetractionDOI="10.1000/n"), line("", OriginalPaperPubMedID="5")]
    first = take(*rows)
    assert (first.rows, first.added, first.changed) == (3, 3, 0)
    again = take(*rows, snapshot=True)
    assert (again.rows, again.added, again.changed, again.gone) == (3, 0, 0, 0)
    changed = take(line("10.1000/b", RetractionDOI="10.1000/m"))
    assert (changed.added, changed.changed) == (0, 1)
    assert ListedEvent.objects.count() == 3


@pytest.mark.django_db
def test_every_line_is_kept_also_two_that_differ_by_their_notice_alone(monkeypatch):
    monkeypatch.setattr(listing, "BATCH", 1)
    rows = [line(nature="Correction", RetractionDOI="10.1000/n"), line(nature="Correction", RetractionDOI="10.1000/m"), line(nature="Correction", RetractionDOI="10.1000/m")]
    assert take(*rows).added == 2
    again = take(*reversed(rows))
    assert ListedEvent.objects.count() <= 3
    assert again.rows == 3


@pytest.mark.django_db
def test_what_a_complete_list_has_no_more_is_marked_and_comes_back():
    take(line(), line("10.1000/b"))
    assert take(line(), snapshot=True).gone == 1
    assert ListedEvent.objects.filter(gone_in=None).count() == 1
    back = take(line(), line("10.1000/b"), snapshot=True)
    assert (back.changed, back.gone) == (1, 0)
    assert ListedEvent.objects.filter(gone_in=None).count() == 2


@pytest.mark.django_db
def test_c7_a_list_that_lost_much_is_taken_for_one_that_broke_off():
    take(*(line(f"10.1000/{number}") for number in range(300)))
    with pytest.raises(BadInput, match="--accept-loss"):
        take(line("10.1000/1"), snapshot=True)
    assert not ListedEvent.objects.exclude(gone_in=None).exists()
    assert take(line("10.1000/1"), snapshot=True, accept_loss=True).gone == 299


@pytest.mark.django_db
@pytest.mark.engine
def test_a_list_with_other_names_for_the_same_events_loses_nothing():
    take(*(line(f"10.1000/{number}") for number in range(300)))
    take(*(line(f"10.1000/{number}", **{"Record ID": str(number + 1)}) for number in range(300)), snapshot=True)
    work = Reference.objects.create(title="A", doi="10.1000/7")
    assert [event.kind for event in screening.note([work.pk])] == ["retraction"]


# ---- Screening


@pytest.fixture
def work(db):
    """A cited work."""
    return Reference.objects.create(title="A trial", doi="10.1000/a", pmid="77")


def status(work):
    """Where a work stands."""
    return Reference.objects.with_status().get(pk=work.pk).status


def noted(*rows, work=None, **options):
    """Load, screen; the kinds of what is new."""
    take(*rows, **options)
    new = []
    for batch in screening.batches():
        plain = screening.note_plain(batch)
        new += [*screening.noted(list(plain.values())), *screening.note(set(batch) - plain.keys())]
    return [event.kind for event in new]


@pytest.mark.parametrize("row", [line("10.1000/A"), line("", OriginalPaperPubMedID="77"), line("https://doi.org/10.1000/a")])
def test_a_work_is_found_by_doi_and_by_pmid(work, row):
    assert noted(row) == ["retraction"]
    assert noted(row) == []
    assert status(work).key == "retraction"


def test_doi_and_pmid_of_one_line_make_one_event(work):
    assert noted(line(OriginalPaperPubMedID="77")) == ["retraction"]


@pytest.mark.engine
def test_the_latest_event_counts_whatever_the_order_of_the_lines(work):
    rows = [
        line(nature="Reinstatement", RetractionDate="1/1/2015 0:00"), line(nature="Correction", RetractionDate="3/6/2004 0:00"),
        line(RetractionDate="2/6/2010 0:00"),
    ]  # fmt: skip
    assert sorted(noted(*rows)) == ["correction", "reinstatement", "retraction"]
    assert status(work).key == "reinstatement"
    assert noted(line(RetractionDate="2/6/2020 0:00")) == ["retraction"]
    assert status(work).key == "retraction"


@pytest.mark.engine
def test_on_the_same_day_the_retraction_counts(work):
    noted(line(RetractionDate="2/6/2010 0:00"), line(nature="Reinstatement", RetractionDate="2/6/2010 0:00"))
    assert status(work).key == "retraction"


def test_publisher_and_retraction_watch_report_one_event(work):
    events = [
        Listed("a", "concern", "10.1000/a", happened_on=date(2024, 8, 1), notice_doi="10.1000/n", reported_by="publisher"),
        Listed("b", "concern", "10.1000/a", happened_on=date(2024, 6, 27), notice_doi="10.1000/n"),
    ]
    listing.take_answer("10.1000/a", events)
    assert list(screening.among([work.pk])) == [work.pk]
    assert len(screening.note([work.pk])) == 1
    assert noted(line(nature="Expression of concern", RetractionDate="6/27/2024 0:00")) == []
    assert ListedEvent.objects.count() == 3


def test_a_retraction_without_a_day_is_the_one_that_is_known(work):
    assert noted(line(RetractionDate="2/6/2010 0:00", RetractionDOI="10.1000/n")) == ["retraction"]
    assert noted(line(RetractionDOI="10.1000/a")) == []


def test_two_corrections_are_two_and_one_that_is_told_twice_is_one(work):
    assert noted(line(nature="Correction", RetractionDate="1/1/2010 0:00"), line(nature="Correction", RetractionDate="1/1/2012 0:00")) == ["correction"] * 2
    assert noted(line(nature="Correction", RetractionDate="1/20/2012 0:00")) == []


@pytest.mark.engine
def test_what_is_listed_no_more_is_said_to_be_so_and_never_to_be_clean(work):
    noted(line(), line("10.1000/b"))
    assert noted(line("10.1000/b"), snapshot=True) == ["delisted"]
    assert noted(line("10.1000/b"), snapshot=True) == []
    assert status(work).label == "No longer listed"
    assert noted(line(), line("10.1000/b"), snapshot=True) == ["retraction"]
    assert status(work).key == "retraction"
    assert noted(line("10.1000/b"), snapshot=True) == ["delisted"]
    assert status(work).key == "delisted"
    assert EvidenceEvent.objects.filter(reference=work).count() == 4


def test_what_another_source_still_says_stands(work):
    listing.take_answer("10.1000/a", [Listed("x", "retraction", "10.1000/a", reported_by="publisher")])
    noted(line(), line("10.1000/b"))
    assert noted(line("10.1000/b"), snapshot=True) == []
    assert status(work).key == "retraction"
    assert listing.take_answer("10.1000/a", []) == 0
    assert not ListedEvent.objects.filter(source="publisher", gone_in=None).exists()


def test_a_lesser_event_that_still_stands_shows_again(work):
    noted(line(nature="Expression of concern", RetractionDate="1/1/2020 0:00"), line(RetractionDate="1/1/2021 0:00"))
    noted(line(nature="Expression of concern", RetractionDate="1/1/2020 0:00"), snapshot=True)
    assert status(work).key == "concern"


def test_what_an_editor_entered_is_not_taken_away_by_a_list(work):
    EvidenceEvent.objects.create(reference=work, kind="retraction", happened_on=date(2020, 1, 1), reported_by="an editor")
    noted(line(), line("10.1000/b"))
    assert noted(line("10.1000/b"), snapshot=True) == []
    assert status(work).key == "retraction"


@pytest.mark.engine
def test_rows_that_were_merged_are_one_work(work):
    loser = Reference.objects.create(title="A trial, again", doi="10.1000/old", merged_into=work)
    third = Reference.objects.create(title="A trial, once more", doi="10.1000/older", merged_into=loser)
    assert noted(line("10.1000/older")) == ["retraction"] * 3
    assert {status(each).key for each in (work, loser, third)} == {"retraction"}
    assert noted(line("10.1000/older")) == []


def test_screening_asks_the_same_number_of_questions_whatever_is_listed(work, django_assert_num_queries):
    take(*(line(f"10.1000/{number}") for number in range(40)), line())
    with django_assert_num_queries(1):
        assert list(screening.matched()) == [work.pk]
    with django_assert_num_queries(8):  # the savepoint and its release with them
        screening.note([work.pk])


@pytest.mark.engine
@pytest.mark.parametrize(
    "row",
    [
        line(RetractionDate="2/6/2010 0:00", RetractionDOI="10.1000/N", RetractionPubMedID="9", Reason="+Error in Data;+Error in Image;", Notes="Republished as 10.1000/new"),
        line("", "Correction", OriginalPaperPubMedID="77", RetractionDOI="Unavailable"), line(nature="Expression of concern", OriginalPaperPubMedID="77"),
    ],
)  # fmt: skip
def test_what_needs_no_judgement_is_written_by_one_statement_as_judging_would_write_it(work, row, django_assert_num_queries):
    take(row)
    fields = [field.attname for field in EvidenceEvent._meta.concrete_fields if field.name not in {"id", "noted_at"}]
    with transaction.atomic():
        screening.note([work.pk])
        judged = EvidenceEvent.objects.values(*fields).get()
        transaction.set_rollback(True)
    hits = screening.among([work.pk])
    with django_assert_num_queries(4 if connection.features.has_select_for_update else 3):  # the savepoint and its release with them
        found = screening.note_plain(hits)
    event = EvidenceEvent.objects.get(pk=found[work.pk])
    assert {name: getattr(event, name) for name in fields} == judged
    assert event.noted_at <= clock.now()
    assert screening.note_plain(hits) == {}
    assert screening.note([work.pk]) == []


def two_lines(work):
    take(line(), line(nature="Correction"))


def a_known_event(work):
    take(line())
    EvidenceEvent.objects.create(reference=work, kind="retraction", happened_on=date(2020, 1, 1), reported_by="an editor")


def a_row_merged_into_it(work):
    take(line())
    Reference.objects.create(title="Again", merged_into=work)


def a_row_it_was_merged_into(work):
    take(line())
    Reference.objects.filter(pk=work.pk).update(merged_into=Reference.objects.create(title="Again"))


def a_line_that_is_gone(work):
    take(line(), line("10.1000/b"))
    take(line("10.1000/b"), snapshot=True)


@pytest.mark.engine
@pytest.mark.parametrize("case", [two_lines, a_known_event, a_row_merged_into_it, a_row_it_was_merged_into, a_line_that_is_gone])
def test_what_has_to_be_judged_is_left_to_it(work, case):
    case(work)
    before = EvidenceEvent.objects.count()
    hits = screening.among([work.pk])
    assert hits
    assert screening.note_plain(hits) == {}
    assert EvidenceEvent.objects.count() == before


@pytest.mark.engine
def test_what_another_number_was_given_since_the_lists_were_read_is_not_noted(work):
    take(line())
    hits = screening.among([work.pk])
    Reference.objects.filter(pk=work.pk).update(doi="10.1000/z", pmid="")
    assert screening.note_plain(hits) == {}


# ---- Status


@pytest.mark.engine
def test_silence_is_said_to_be_silence(work, monkeypatch):
    assert status(work).label == "Not checked: no list of retractions is loaded"
    assert status(Reference.objects.create(title="B")).label == "Not checked: no DOI or PMID"
    take(line("10.1000/b"))
    assert (status(work).key, status(work).label) == ("ok", "No notice in data of 12 Jun 2026") or clock.today() < date(2026, 6, 19)
    fresh = listing.begin("list.csv", data_as_of=clock.today())
    listing.take(fresh, [])
    assert (status(work).key, status(work).tone) == ("ok", "quiet")


@pytest.mark.engine
def test_c11_a_check_that_failed_never_shows_as_one_that_found_nothing(work):
    listing.take(listing.begin("list.csv", data_as_of=clock.today()), [])
    LookUp.objects.create(service="crossref", identifier="10.1000/a", error="It did not answer.")
    assert status(work).key == "check_failed"
    LookUp.objects.update(error="")
    assert status(work).key == "ok"
    listing.fail(listing.begin("list.csv"), "It breaks off.")
    assert status(work).key == "check_failed"
    assert "Check failed on" in status(work).label
    noted(line())
    assert status(work).key == "retraction"


def test_a_page_that_is_kept_says_nothing_of_a_work_without_news():
    assert status_of(Reference(doi="10.1000/a"), None).label == ""
    assert status_of(Reference(), None).label == "Not checked: no DOI or PMID"
    assert status_of(Reference(), "retraction").is_retracted
