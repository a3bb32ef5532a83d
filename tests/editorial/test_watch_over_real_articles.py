"""The watch over real articles: JATS files are imported and published by the acts, June's list is loaded, then July's (PROVE=1: all of them, whole).

None of the real articles cites what July added or took away, so articles are made that cite all of that.
"""

import csv
import gzip
import json
from io import StringIO

import pytest
from django.core.management import call_command

from articles import drafting
from articles.drafting import Changes, CitationChange
from articles.formats.retraction_watch import doi_of
from articles.models import EvidenceEvent, ListedEvent, ListImport, Reference, VersionReference
from editorial import invariants, publishing
from editorial.models import EvidenceCase, PageNotice, Publication
from records.models import Outbox
from reviews.models import Submission
from tests import builders
from tests.articles.test_retraction_lists import COLUMNS, data, line, table
from tests.scale import PROVE

CITED, DELTA = "jats_retracted_citations.csv", "delta_2026-06-12_to_2026-07-14.csv"
JUNE, JULY = "retraction_map_2026-06-12.json", "rw_layout_doi_only_2026-07-14.csv.gz"
NATURES = {"retractions": "Retraction", "concerns": "Expression of concern"}
KINDS = {"retractions": "retraction", "concerns": "concern", "retraction": "retraction", "expression of concern": "concern"}
WORKS_EACH = 40


def rows_of(name):
    """The rows of a table of the shared data."""
    with data("retractions", name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


# ---- What is published


def files(cited):
    """The real articles: all of them; or a few that cite a retracted work, one of both kinds among them, and one that cites none."""
    found = sorted(data("jats", "articles").glob("*.xml"), key=lambda path: path.stat().st_size)
    if PROVE:
        return found
    citing = {row["citing_file"] for row in cited}
    both = {row["citing_file"] for row in cited if row["status"] == "expression of concern"}
    return [path for path in found if path.name in citing - both][:2] + [path for path in found if path.name in both or path.name not in citing][:1]


def publish_files(paths, author, editor, reviewer):
    """Import the files and take each article to the public page."""
    builders.make_type("answers", approvals=1)
    filed = ("--author", author.email, "--submit", "--interests", "None declared")
    call_command("import_articles", "jats", *map(str, paths), *filed, stdout=StringIO(), verbosity=0)
    for submission in Submission.objects.filter(state="submitted"):
        publish(submission, editor, reviewer)


def publish(submission, editor, reviewer):
    """From the submission to the public page."""
    [assignment] = builders.assign(submission, editor, reviewer)
    builders.recommend(assignment, reviewer)
    publishing.publish(builders.approve(submission, editor), by=editor)


def publish_citing(dois, author, editor, reviewer):
    """Public articles that cite these works; DOI → the title and the key under which it is cited."""
    places = {}
    for number, start in enumerate(range(0, len(dois), WORKS_EACH)):
        some = dois[start : start + WORKS_EACH]
        works = {f"r{place}": Reference.objects.create(doi=doi, title=doi, source="J", year=2010) for place, doi in enumerate(some)}
        changes = Changes(
            texts={"professional": "".join(f"A claim.[@{key}]\n\n" for key in works)}, fields={"funding": "None", "sponsor": "None"},
            interests={author.person.pk: "None declared"}, citations=[CitationChange(key, work) for key, work in works.items()],
        )  # fmt: skip
        title = f"What the month changed, part {number}"
        article = drafting.create_draft(by=author, title=title, article_type=builders.make_type("note", approvals=1), authors=[author.person], changes=changes)
        publish(builders.submit(article, author), editor, reviewer)
        places |= {work.doi: (title, key) for key, work in works.items()}
    return places


# ---- The lists


def june(folder, wanted):
    """The map of June, laid out as the export is; of `wanted` works alone, where it names some."""
    lists = json.loads(data("retractions", JUNE).read_text(encoding="utf-8"))
    rows = [
        line(doi, nature, RetractionDOI=notice)
        for name, nature in NATURES.items()
        for doi, notice in lists[name].items()
        if not wanted or doi_of(doi) in wanted
    ]
    path = folder / "june_2026-06-12.csv"
    path.write_bytes(table(*rows))
    return path


def july(folder, wanted):
    """The file of July; cut to the lines about `wanted` works, where it names some."""
    path = data("retractions", JULY)
    if not wanted:
        return path
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    place, small = header.index(COLUMNS[14]), folder / "july_2026-07-14.csv"
    small.write_bytes(table(*(row for row in rows if doi_of(row[place]) in wanted), header=header))
    return small


def load(path, **options):
    """Import a list as people do, screening included; the row of the loading."""
    call_command("import_retractions", str(path), stdout=StringIO(), verbosity=0, **options)
    return ListImport.objects.order_by("-pk").first()


# ---- What came of it


def alerts():
    """What the cases say: the article's file or title, the key under which it cites the work, the work, what happened, by which notice."""
    keys = {(article, work): key for article, work, key in VersionReference.objects.values_list("version__article", "reference", "key")}
    found = EvidenceCase.objects.select_related("article", "event__reference")
    return {
        (
            case.article.identity.rsplit("/", 1)[-1] or case.article.title, keys[case.article_id, case.event.reference_id],
            case.event.reference.doi, case.event.kind, case.event.notice_doi,
        )
        for case in found
    }  # fmt: skip


def written():
    """How many rows an alert has left."""
    return [model.objects.count() for model in (EvidenceEvent, EvidenceCase, PageNotice, Submission, Outbox)]


def about(**of):
    """The works and events of some lines."""
    return set(ListedEvent.objects.filter(**of).values_list("doi", "kind"))


@pytest.mark.long
@pytest.mark.engine
def test_june_names_exactly_what_is_cited_and_july_alerts_exactly_what_it_adds(author, editor, reviewer, tmp_path, report):
    cited, delta = rows_of(CITED), changed_by_july()
    paths = files(cited)
    publish_files(paths, author, editor, reviewer)
    places = publish_citing(list(dict.fromkeys(doi for each in delta.values() for doi, *_ in each)), author, editor, reviewer)
    assert Publication.objects.filter(state="live").count() == Submission.objects.count() >= len(paths) + len(delta["added"]) / WORKS_EACH
    wanted = set() if PROVE else {row["cited_doi"] for row in cited} | set(places)
    names = {path.name for path in paths}
    rows = {(row["citing_file"], row["ref_id"], row["cited_doi"], KINDS[row["status"]], doi_of(row["notice_doi"])) for row in cited if row["citing_file"] in names}

    first = load(june(tmp_path, wanted))
    held = {(*places[doi], doi, kind, notice_in(first, doi, kind)) for change in ("removed", "notice_changed") for doi, kind, _ in delta[change]}
    assert alerts() == rows | held

    second = load(july(tmp_path, wanted), snapshot=True)
    assert alerts() == rows | held | {(*places[doi], doi, kind, notice) for doi, kind, notice in delta["added"]}
    assert about(first_in=second) == {(doi, kind) for doi, kind, _ in delta["added"]}
    assert about(gone_in=second) == {(doi, kind) for doi, kind, _ in delta["removed"]}
    assert set(EvidenceEvent.objects.filter(kind="delisted").values_list("ends__reference__doi", "ends__kind")) == about(gone_in=second)
    assert (second.added, second.gone, second.changed) == tuple(len(delta[change]) for change in ("added", "removed", "notice_changed"))

    before = written()
    third = load(july(tmp_path, wanted), snapshot=True)
    assert written() == before
    assert (third.added, third.gone, third.changed) == (0, 0, 0)
    assert invariants.broken() == []
    report(
        "The watch over real articles", ["files", "public articles", "works", "lines of June", "of July", "alerts in June", "in July", "gone"],
        [[len(paths), Publication.objects.count(), Reference.objects.count(), first.rows, second.rows, len(rows | held), len(delta["added"]), second.gone]],
    )  # fmt: skip


def changed_by_july():
    """What the month changed: added, removed, or told by another notice → (DOI, kind, notice); a few of each, or all."""
    found = {"added": [], "removed": [], "notice_changed": []}
    for row in rows_of(DELTA):
        found[row["change"]].append((doi_of(row["doi"]), KINDS[row["list"]], doi_of(row["notice_doi"])))
    return {change: rows if PROVE else [rows[0], rows[-1]] for change, rows in found.items()}


def notice_in(loading, doi, kind):
    """The notice that a list names."""
    return ListedEvent.objects.get(doi=doi, kind=kind, last_in=loading).notice_doi
