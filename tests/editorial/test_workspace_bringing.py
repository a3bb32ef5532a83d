"""References brought into an article by paste or upload, and taken along: looking writes nothing, one act adds what was chosen."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from articles import registry
from articles.citations import Source
from articles.formats import references
from articles.models import Article, Citation, EvidenceEvent, Reference
from editorial.workspace.forms import ImportForm
from tests import builders
from tests.articles.test_reference_formats import BIB, RIS

PAGE = "workspace:import"


def address(article):
    return reverse(PAGE, args=[article.pk])


def look(client, article, text="", **more):
    return client.post(address(article), {"do": "show", "pasted": text, **more})


def carried(answer):
    return answer.context["carried"]


def add(client, article, shown, *numbers, **more):
    return client.post(address(article), {"do": "add", "carried": carried(shown), "add": [str(n) for n in numbers], **more})


def test_looking_shows_what_would_be_added_and_writes_nothing(mine, article):
    before = (Reference.objects.count(), Citation.objects.count(), Article.objects.get().draft_number)
    with builders.queries_counted(connection) as queries:
        page = look(mine, article, RIS + "\nTY  - JOUR\nAU  - Nobody\nER  -\n")
    words = page.content.decode().replace("\u00a0", " ")
    assert "1 reference read as RIS, 1 not understood. Nothing is added yet." in words
    assert "Rest or walking for sciatica" in words
    assert "Line 20, title: There is no title" in words
    assert not [sql for sql in queries if sql.lstrip("(").split()[0] not in {"SELECT", "WITH"}]
    assert (Reference.objects.count(), Citation.objects.count(), Article.objects.get().draft_number) == before


def test_one_post_adds_the_chosen_ones_with_keys_in_one_save(mine, article):
    shown = look(mine, article, BIB)
    assert shown.context["count"] == 3
    answer = add(mine, article, shown, 0, 2)
    assert answer["Location"] == reverse("workspace:references", args=[article.pk])
    cited = Citation.objects.filter(article=article).order_by("id").values_list("key", "reference__title")
    assert list(cited)[-2:] == [("doe:2019", "Rest or walking: Étüde of 5 µg"), ("whole", "The Body")]
    assert Article.objects.get().draft_number == article.draft_number + 1
    assert not Reference.objects.filter(title="Feet (and legs)").exists()
    again = look(mine, article, BIB)
    assert [row.each.outcome for row in again.context["addable"]] == ["new"]
    assert b"this article has it already, as <code>[@doe:2019]</code>" in again.content


def test_keys_never_clash(mine, article, author):
    for n in range(3):
        text = f"@article{{walk2020, author = {{Doe, J}}, title = {{Another title {n}}}, year = 2020, doi = {{10.1000/k{n}}}}}"
        add(mine, article, look(mine, article, text), 0)
    keys = list(Citation.objects.filter(article=article, reference__doi__startswith="10.1000/k").values_list("key", flat=True))
    assert keys == ["walk2020", "doe2020", "doe2020b"]


def test_a_work_of_the_registry_is_used_as_it_is_and_shows_its_mark(mine, article, author):
    known = registry.enter(Source(title="Known by another name", doi="10.1000/walk.1", year=2018), by=author)
    EvidenceEvent.objects.create(reference=known, kind="retraction", happened_on="2020-01-01", reported_by="the publisher")
    shown = look(mine, article, RIS)
    assert "In the registry" in shown.content.decode()
    assert "Retracted" in shown.content.decode()
    assert "The registry has this number under another title: “<bdi>Known by another name</bdi>”" in shown.content.decode()
    add(mine, article, shown, 0)
    assert Citation.objects.filter(article=article, reference=known).count() == 1
    assert Reference.objects.filter(doi="10.1000/walk.1").count() == 1


def test_a_work_that_is_only_alike_is_asked_about(mine, article, author):
    alike = registry.enter(Source(title="Rest or walking for sciatica", authors="Doe, Jane", year=2019, source="Journal of Walking"), by=author)
    shown = look(mine, article, RIS)
    assert [row.each.outcome for row in shown.context["addable"]] == ["alike"]
    add(mine, article, shown, 0, **{"as-0": str(alike.pk)})
    assert Citation.objects.filter(article=article, reference=alike).exists()
    assert not Reference.objects.filter(doi="10.1000/walk.1").exists()


def test_numbers_alone_are_found_or_said_to_be_unknown(mine, article, author):
    registry.enter(Source(title="Known", doi="10.1000/known"), by=author)
    shown = look(mine, article, "10.1000/known\n10.1000/unknown\n10.1000/KNOWN\n")
    assert [row.each.outcome for row in shown.context["addable"]] == ["there"]
    assert [row.each.outcome for row in shown.context["others"]] == ["unknown", "repeated"]
    words = shown.content.decode()
    assert "the registry does not know this number" in words
    assert "the same work as in line 1" in words


def test_a_file_is_read_like_a_paste_and_c8_one_of_another_kind_is_refused(mine, article):
    shown = mine.post(address(article), {"do": "show", "file": SimpleUploadedFile("mine.ris", RIS.encode("utf-16"))})
    assert shown.context["count"] == 1
    for name, data, words in (
        ("mine.bib", RIS.encode(), "looks like RIS"), ("mine.ris.exe", RIS.encode(), "are not read"), ("a.ris", b"%PDF-1.4", "not a text file"),
        ("a.xml", b"<!DOCTYPE x><xml/>", "DOCTYPE"),
    ):  # fmt: skip
        page = mine.post(address(article), {"do": "show", "file": SimpleUploadedFile(name, data)})
        assert page.status_code == 200
        assert words in page.content.decode()
        assert page.context["count"] == 0


def test_what_is_too_large_or_nothing_is_said(mine, article):
    big = mine.post(address(article), {"do": "show", "file": SimpleUploadedFile("a.ris", b"x" * (ImportForm.MOST + 1))})
    assert (big.status_code, "larger than 2 MB" in big.content.decode()) == (422, True)
    assert look(mine, article, "x" * (ImportForm.MOST + 1)).status_code == 422
    nothing = look(mine, article)
    assert (nothing.status_code, "Paste references, or choose a file." in nothing.content.decode()) == (422, True)
    many = look(mine, article, "10.1000/a\n" * 600)
    assert "Only the first 500 are shown" in many.content.decode()


def test_a_preview_that_came_back_broken_adds_nothing(mine, article):
    before = Citation.objects.count()
    for carried_text, numbers in (("", ["0"]), ("[{]", ["0"]), ('[{"id": "9|x", "title": "T"}]', ["0"]), ("[]", [])):
        answer = mine.post(address(article), {"do": "add", "carried": carried_text, "add": numbers})
        assert answer.status_code == 422
        assert b"Choose at least one" in answer.content or b"did not come back whole" in answer.content
    mine.post(address(article), {"do": "add", "carried": '[{"id": "0|x", "DOI": "10.1000/untitled"}]', "add": ["0"]})
    assert Citation.objects.count() == before


def test_only_who_may_edit_may_add(client, author, outsider, article):
    client.force_login(outsider)
    assert client.get(address(article)).status_code == client.post(address(article), {"do": "add"}).status_code == 404
    client.force_login(author)
    author.groups.clear()
    assert client.post(address(article), {"do": "show", "pasted": RIS}).status_code == 403


def test_c1_poison_in_a_reference_stays_words(mine, article):
    poison = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    shown = look(mine, article, RIS.replace("Rest or walking", poison))
    assert "<script>alert" not in shown.content.decode()
    assert "&lt;script&gt;alert" in shown.content.decode()
    add(mine, article, shown, 0)
    assert "<script>alert" not in mine.get(reverse("workspace:references", args=[article.pk])).content.decode()


@pytest.mark.parametrize("format", ["ris", "bibtex", "csl-json"])
def test_the_references_of_an_article_are_taken_along_and_read_back(mine, article, format):
    add(mine, article, look(mine, article, BIB), 0, 1, 2)
    answer = mine.get(reverse("workspace:export", args=[article.pk, format]))
    assert re.fullmatch(r'attachment; filename="references\.\w+"', answer["Content-Disposition"])
    back = list(references.read(io.BytesIO(answer.content), "", format))
    assert [each.key for each in back] == list(Citation.objects.filter(article=article).order_by("id").values_list("key", flat=True))
    assert [each.source.title for each in back] == list(Citation.objects.filter(article=article).order_by("id").values_list("reference__title", flat=True))
    assert mine.get(reverse("workspace:export", args=[article.pk, "exe"])).status_code == 404


def test_looking_costs_a_fixed_number_of_queries(mine, article, django_assert_max_num_queries):
    text = "\n".join(f"@article{{k{n}, title = {{Title number {n}}}, author = {{Doe, J}}, year = 2020, doi = {{10.1000/q{n}}}}}" for n in range(100))
    with django_assert_max_num_queries(16):
        assert look(mine, article, text).context["count"] == 100
