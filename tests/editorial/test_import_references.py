"""`manage.py import_references`: files into the registry and to an article, once, with what became of each."""

import pytest
from django.core.management import CommandError, call_command

from articles.models import Citation, LikelyDuplicate, Reference
from tests.articles.reference_pairs import folder
from tests.articles.test_reference_formats import BIB, NBIB, RIS


@pytest.fixture
def files(tmp_path):
    for name, text in (("a.ris", RIS), ("b.bib", BIB), ("c.nbib", NBIB)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return [str(tmp_path / name) for name in ("a.ris", "b.bib", "c.nbib")]


def run(capsys, *args, fails=False):
    if fails:
        with pytest.raises(CommandError):
            call_command("import_references", *args)
    else:
        call_command("import_references", *args)
    return capsys.readouterr().out


def test_works_are_entered_once_however_often_it_runs(db, files, capsys):
    out = run(capsys, *files)
    assert "entered: " in out
    count = Reference.objects.count()
    assert count == 5  # the first work of the NBIB file has the DOI of the RIS file's
    again = run(capsys, *files)
    assert "0 entered, 0 entered, like another, 6 there already" in again
    assert Reference.objects.count() == count


def test_a_dry_run_says_the_same_and_writes_nothing(db, files, capsys):
    out = run(capsys, "--dry-run", *files)
    assert "Nothing was written. 5 entered" in out
    assert "1 repeated in the files" in out
    assert Reference.objects.count() == 0


def test_what_is_refused_is_said_with_its_place_and_costs_no_other(db, tmp_path, capsys):
    (tmp_path / "x.ris").write_text(RIS + "\nTY  - JOUR\nAU  - Nobody\nER  -\n\nTY  - JOUR\nDO  - 10.1000/untitled\nER  -\n", encoding="utf-8")
    out = run(capsys, str(tmp_path / "x.ris"), str(tmp_path / "none.ris"), fails=True)
    assert f"refused: {tmp_path}/x.ris:20 [title]" in out
    assert "there is no title to enter it by" in out
    assert "none.ris\n    The file cannot be read: No such file" in out
    assert Reference.objects.count() == 1


def test_the_works_are_cited_by_an_article(article, author, outsider, files, capsys):
    run(capsys, "--article", str(article.pk), "--by", author.email, *files)
    keys = Citation.objects.filter(article=article).values_list("key", flat=True)
    assert {"doe:2019", "chap", "whole", "doe2019"} <= set(keys)
    count = len(keys)
    run(capsys, "--article", str(article.pk), "--by", author.email, *files)
    assert Citation.objects.filter(article=article).count() == count
    for more in ([], ["--by", outsider.email], ["--by", "nobody@example.org"]):
        run(capsys, "--article", str(article.pk), *more, *files, fails=True)


def test_quietly_only_what_was_refused_is_told(db, files, capsys):
    assert run(capsys, "-v", "0", *files).count("\n") == 1


def test_one_bibliography_gives_the_same_rows_from_three_files(db, capsys, report):
    stem = folder("one-bibliography-three-formats") / "retraction-literature-385"
    rows = []
    for ending in (".ris", ".bib", ".csv"):
        out = run(capsys, "-v", "0", str(stem.with_suffix(ending)))
        rows.append((ending, Reference.objects.count(), out.strip()))
    report("References: 385 into one registry", ["file", "rows after it", "what was said"], rows)
    assert rows[0][1] <= 385
    assert rows[1][1] - rows[0][1] == 6  # five have a DOI in BibTeX and CSV alone, one has no number and no conference in BibTeX: all are proposed
    assert LikelyDuplicate.objects.count() >= 6
    assert rows[2][1] == rows[1][1]
