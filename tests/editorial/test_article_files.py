"""Articles as files: an upload is shown before anything is written and then begun as a draft; drafts and approved versions are taken along."""

import io
import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from articles import drafting, exporting
from articles.drafting import Changes
from articles.formats import files
from articles.models import Article, ArticleType, Citation, Reference
from editorial import standards
from records.models import Event, Person
from reviews.models import Submission
from tests.articles.test_formats_docx import LIST, MODULE, p, packed
from tests.articles.test_formats_jats import article
from tests.articles.test_sanitising import faults
from tests.kept import kept

DATA = Path(os.environ.get("IMPRIMATUR_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
HERE = "/workspace/import/"
WORD = packed(p("How is a trapped nerve treated?", "Titel") + p("Walk [1]. Rest [2]. More [3], [4] and [5].") + "".join(LIST))
META = '<contrib-group><contrib contrib-type="author"><name><surname>Author</surname><given-names>Outside</given-names></name></contrib></contrib-group><funding-group><funding-statement>The Shoe Fund.</funding-statement></funding-group>'
JATS = article("<p>Walk [<xref ref-type='bibr' rid='B1'>1</xref>].</p>", meta=META, back="<back><fn-group><fn fn-type='conflict'><p>None.</p></fn></fn-group>" + article().split("<back>")[1].split("</back>")[0] + "</back>")


@kept
def kinds(db):
    return {kind.key: kind for kind in standards.make_types()}


@pytest.fixture
def upload(client, author, kinds):
    """Send a file; the page that shows it."""
    client.force_login(author)

    def upload(content, name="article.docx"):
        content = content if isinstance(content, bytes) else content.encode()
        return client.post(HERE, {"do": "show", "file": SimpleUploadedFile(name, content)})

    return upload


def shown(response):
    return response.context["articles"]


def rows():
    return [model.objects.count() for model in (Article, Reference, Citation, Person, Event, ArticleType)]


# ---- Looking, then beginning


def test_looking_shows_what_is_in_the_file_and_writes_nothing(upload, django_assert_max_num_queries):
    before = rows()
    with django_assert_max_num_queries(12):
        response = upload(WORD)
    words = response.content.decode()
    assert response.status_code == 200
    assert rows() == before
    (each,) = shown(response)
    assert (each.item.title, len(each.item.references), each.with_number) == ("How is a trapped nerve treated?", 5, 3)
    for said in ("Nothing is begun yet", "3 of them with a DOI or PMID", "What is left out or changed", "3\u00a0words"):
        assert said in words


def test_what_was_shown_becomes_a_draft_of_the_author(client, author, upload, kinds):
    (each,) = shown(upload(WORD))
    response = client.post(HERE, {"do": "begin", "article_type": kinds["diagnosis"].pk, "audience": "plain", "carried": each.form.initial["carried"]})
    draft = Article.objects.get()
    assert response["Location"] == reverse("workspace:article", args=[draft.pk])
    assert (draft.title, draft.article_type.key, draft.identity, draft.created_by) == (each.item.title, "diagnosis", "", author)
    assert [(text.audience, text.source) for text in draft.texts.all()] == [("plain", each.item.texts["professional"])]
    assert draft.citations.count() == 5
    assert [event.act for event in Event.objects.about(draft)] == ["create_draft", "import"]


def test_statements_and_people_of_a_file_come_along(client, author, upload, kinds):
    (each,) = shown(upload(JATS, "a.xml"))
    client.post(HERE, {"do": "begin", "article_type": kinds["treatment"].pk, "carried": each.form.initial["carried"]})
    draft = Article.objects.get()
    assert draft.funding == "The Shoe Fund."
    assert [(authorship.person.name, authorship.interests) for authorship in draft.authorships.all()] == [("Outside Author", "None."), (author.person.name, "")]


def test_the_same_file_twice_is_two_drafts_and_each_work_once(client, upload, kinds):
    for _ in range(2):
        (each,) = shown(upload(WORD))
        client.post(HERE, {"do": "begin", "article_type": kinds["general"].pk, "carried": each.form.initial["carried"]})
    assert Article.objects.count() == 2
    assert Reference.objects.filter(doi="10.1000/one").count() == 1


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"", "a.docx", "There is nothing in this file."),
        (b"<html>", "a.docx", "This is not a Word document"),
        (WORD, "a.xml", "archive or a Word document"),
        (WORD, "a.exe", "are not read"),
        (WORD[:-40], "a.docx", "cannot be opened|not a document that can be opened"),
        ("<article>\n<p>", "a.xml", "Line 2: The XML is broken here"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><article>&x;</article>', "a.xml", "DOCTYPE"),
        ("{}", "a.jsonl", "imported by an operator"),
        ("---\ntitle: [\n---\n", "a.md", "Line"),
    ],
)
def test_c8_what_cannot_be_read_is_said_and_nothing_is_written(upload, content, name, says):
    before = rows()
    response = upload(content, name)
    assert response.status_code == 422
    assert any(part in response.content.decode() for part in says.split("|"))
    assert rows() == before


def test_a_file_that_is_too_large_is_refused_for_its_size(client, author, kinds):
    client.force_login(author)
    file = SimpleUploadedFile("a.docx", b"")
    file.file = io.BytesIO(b"x")
    file.size = files.MAX_FILE + 1
    from editorial.workspace.forms import ArticleFileForm

    form = ArticleFileForm({}, {"file": file})
    assert not form.is_valid()
    assert "larger than 30 MB" in str(form.errors)


@pytest.mark.parametrize("carried", ["", "x", "---\nformat: imprimatur/1\ntitle: T\n---\n", "---\nformat: imprimatur/1\naudience: other\n", "---\na: &a [*a]\n---\nx", "\x00", "---\nformat: imprimatur/1\ntitle: T\ntype: t\naudience: plain\nreferences:\n- id: a\n  title: T\n  url: javascript:alert(1)\n---\nx [@a]"])
def test_what_comes_back_damaged_begins_nothing(client, author, kinds, carried):
    client.force_login(author)
    response = client.post(HERE, {"do": "begin", "article_type": kinds["general"].pk, "audience": "plain", "carried": carried})
    assert response.status_code in {302, 422}
    assert not Reference.objects.filter(url__startswith="javascript").exists()
    assert Article.objects.count() == (response.status_code == 302)


def test_who_may_not_write_may_not_import(client, outsider, kinds):
    assert client.get(HERE).status_code == 302
    client.force_login(outsider)
    assert client.get(HERE).status_code == 403
    assert client.post(HERE, {"do": "begin", "carried": "x"}).status_code == 403


def test_c1_hostile_words_of_a_file_run_nowhere(upload):
    poison = "&lt;script&gt;alert(1)&lt;/script&gt; &lt;img src=x onerror=alert(1)&gt;"
    for content, name in ((packed(p(poison, "Titel") + p(poison) + p("References", "berschrift1") + p(f"1. {poison}")), "a.docx"), (article(f"<p>{poison}</p>", title=poison), '"><script>.xml'), (MODULE.format(title=poison, body=f"<para>{poison}</para>"), "a.cnxml")):
        response = upload(content, name)
        words = response.content.decode()
        assert "<script>alert" not in words
        assert "<img src=x" not in words
        for each in shown(response):
            assert [fault for _, _, html in each.texts for fault in faults(html.replace("naprofessional-", ""))] == []


# ---- Taking along


@kept
def draft(author, kinds):
    """A draft with both texts, a reference and statements."""
    work = Reference.objects.create(title="A trial", doi="10.1000/one", year=2020)
    changes = Changes(
        texts={"professional": "# Aim\n\nWalk [@a].\n", "plain": "Walk.\n"},
        fields={"summary": "Walk.", "funding": "None", "language": "en"},
        citations=[drafting.CitationChange("a", work)],
        interests={author.person.pk: "None declared"},
    )
    return drafting.create_draft(by=author, title="How\r\nis “it” treated?", article_type=kinds["treatment"], changes=changes)


@pytest.mark.parametrize(("format_", "ending"), [("markdown", "md"), ("jats", "xml")])
def test_a_draft_is_taken_along_and_reads_back_the_same(client, author, draft, format_, ending):
    client.force_login(author)
    response = client.get(reverse("workspace:export_article", args=[draft.pk, format_]))
    assert response["Content-Disposition"] == f'attachment; filename="how-is-it-treated.{ending}"'
    (item,) = files.read_upload(response.content, f"a.{ending}")
    assert item.digest == exporting.of_draft(draft).digest
    assert (item.kind, item.funding, item.interests, item.texts["plain"]) == ("treatment", "None", f"{author.person.name}: None declared", "Walk.\n")


def test_only_its_authors_take_a_draft_along(client, draft, outsider, editor):
    address = reverse("workspace:export_article", args=[draft.pk, "jats"])
    assert client.get(address).status_code == 302
    for user in (outsider, editor):
        client.force_login(user)
        assert client.get(address).status_code == 404
    assert client.post(address).status_code == 405


def test_there_is_no_other_format(client, author, draft):
    client.force_login(author)
    assert client.get(reverse("workspace:export_article", args=[draft.pk, "pdf"])).status_code == 404


def test_editors_take_approved_versions_along_and_no_others(client, editor, author, approved, under_review):
    client.force_login(editor)
    answers = {found.state: client.get(reverse("desk:export", args=[found.pk, "markdown"])) for found in Submission.objects.all()}
    assert {state: answer.status_code for state, answer in answers.items()} == {"approved": 200, **({"under_review": 404} if len(answers) > 1 else {})}
    (item,) = files.read_upload(answers["approved"].content, "a.md")
    assert item.digest == exporting.of_version(approved.version).digest
    assert item.title == approved.version.title
    client.force_login(author)
    assert client.get(reverse("desk:export", args=[approved.pk, "markdown"])).status_code in {302, 403, 404}


# ---- By command


def test_a_folder_of_any_formats_is_imported(tmp_path, author):
    (tmp_path / "a.docx").write_bytes(WORD)
    (tmp_path / "b.xml").write_text(JATS)
    (tmp_path / "c.cnxml").write_text(MODULE.format(title="Walking", body="<para>Walk.</para>"))
    out = StringIO()
    call_command("import_articles", "any", str(tmp_path), "--author", author.email, stdout=out)
    assert "3 taken" in out.getvalue()
    call_command("import_articles", "any", str(tmp_path), "--author", author.email, stdout=out)
    assert "3 unchanged" in out.getvalue()
    assert {found.identity.split(":")[0] for found in Article.objects.all()} == {"docx", "jats", "cnxml"}
    imported = Article.objects.get(identity__startswith="jats")
    assert (imported.funding, [each.interests for each in imported.authorships.all()]) == ("The Shoe Fund.", ["None.", ""])
