"""`import_articles`: every item taken once, changed ones saved anew, touched ones left alone, bad ones refused by themselves."""

import json
import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from articles import checks, drafting, rendering
from articles.drafting import Changes
from articles.formats import medquad
from articles.models import Article, ArticleText, ArticleType, Citation, Reference, Topic
from editorial import importing, roles, standards
from editorial.importing import Filing, Importer
from records.models import Event, Person, User
from reviews.models import ReviewPolicy, Submission
from tests import builders
from tests.articles.test_formats_markdown import FILE, LAUGHS
from tests.articles.test_formats_medquad import ATTACKS, HOSTILE, PAGE, ROW
from tests.articles.test_sanitising import faults

DATA = Path(os.environ.get("IMPRIMATUR_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
TWINS = ("PMC4235563", "PMC4445854", "PMC5622751", "PMC5852701")


def data(*parts):
    path = DATA.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"NO IMPRIMATUR_DATA: {path} is not there; set IMPRIMATUR_DATA to the data folder")
    return path


@pytest.fixture
def run(author):
    """Run the command; its words, and whether it ended well."""

    def run(*argv, by=author, **options):
        out = StringIO()
        try:
            call_command("import_articles", *map(str, argv), "--author", by.email, stdout=out, **options)
        except CommandError as error:
            return out.getvalue(), str(error)
        return out.getvalue(), ""

    return run


@pytest.fixture
def rows(tmp_path):
    """Write a file of questions."""

    def write(*given, name="rows.jsonl"):
        path = tmp_path / name
        path.write_bytes(b"\n".join(row if isinstance(row, bytes) else json.dumps({**ROW, **row}).encode() for row in given))
        return path

    return write


@pytest.fixture
def page(tmp_path):
    """Write a Markdown file."""

    def write(text=FILE, name="article.md"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def summary(out):
    return out.strip().split("\n")[-1]


# ---- Taken once


def test_a_question_becomes_a_draft_of_the_author(run, rows, author):
    out, error = run("medquad", rows({}))
    article = Article.objects.get()
    assert not error
    assert summary(out) == "1 taken, 0 updated, 0 unchanged, 0 left alone, 0 refused; 0 notes."
    assert (article.title, article.article_type.key, article.created_by) == ("What are the treatments for Back Pain?", "answers", author)
    assert [authorship.person.user for authorship in article.authorships.all()] == [author]
    assert [text.audience for text in article.texts.all()] == ["plain"]
    assert [(c.key, c.reference.kind, c.reference.url) for c in article.citations.all()] == [("source", "web_page", "http://www.example.org/pain")]
    assert [event.act for event in Event.objects.about(article)] == ["create_draft", "import"]
    assert ArticleText.history.get().history_change_reason == "Imported from rows.jsonl"


def test_a_second_run_changes_nothing(run, rows, page, committed_state):
    paths = rows({}, {"qid": "2", "qtype": "symptoms"}), page()
    run("medquad", paths[0])
    run("markdown", paths[1])
    before = committed_state()
    first, second = run("medquad", paths[0]), run("markdown", paths[1])
    assert "0 taken, 0 updated, 2 unchanged" in summary(first[0])
    assert "0 taken, 0 updated, 1 unchanged" in summary(second[0])
    assert committed_state() == before


@pytest.fixture
def committed_state(db):
    """Counts of every table that an import writes to, with their histories."""
    models = (Article, ArticleText, Citation, Reference, Person, Event, ReviewPolicy, ArticleType, Article.history.model, Reference.history.model)
    return lambda: [model.objects.count() for model in models] + list(Article.objects.order_by("pk").values_list("draft_number", "saved_at"))


def test_a_changed_file_is_a_new_save_of_a_draft_that_nobody_touched(run, page):
    run("markdown", page())
    out, error = run("markdown", page(FILE.replace("[@B1; @B2]", "[@B1]").replace("- id: B2\n  title: A guideline\n  issued: 2021\n  PMID: 16186783\n", "")))
    article = Article.objects.get()
    assert not error
    assert "1 updated" in summary(out)
    assert article.draft_number == 2
    assert [citation.key for citation in article.citations.all()] == ["B1"]
    assert "[@B2]" not in article.texts.get().source
    assert drafting.draft_at(article, 1).texts["professional"].count("@B2") == 1
    assert "1 unchanged" in summary(run("markdown", page(article_now()))[0])


def article_now():
    return FILE.replace("[@B1; @B2]", "[@B1]").replace("- id: B2\n  title: A guideline\n  issued: 2021\n  PMID: 16186783\n", "")


def test_a_changed_audience_moves_the_text(run, page):
    run("markdown", page())
    run("markdown", page(FILE.replace("type: treatment", "type: treatment\naudience: plain")))
    assert {text.audience: bool(text.source) for text in ArticleText.objects.all()} == {"professional": False, "plain": True}


def test_a_draft_that_people_touched_is_left_alone(run, page, author):
    run("markdown", page())
    article = Article.objects.get()
    drafting.revise(article, by=author, draft_number=1, changes=Changes(texts={"professional": "My words [@B1]."}))
    out, error = run("markdown", page(FILE.replace("Walk", "Run")))
    assert not error
    assert "1 left alone" in summary(out)
    assert "so did the draft since it was imported" in out
    assert article.texts.get().source == "My words [@B1].\n"
    assert "1 unchanged" in summary(run("markdown", page())[0])


def test_another_person_cannot_change_an_imported_draft(run, page, coauthor):
    run("markdown", page())
    out, error = run("markdown", page(FILE.replace("Walk", "Run")), by=coauthor)
    assert "1 of 1 could not be taken" in error
    assert "You may not edit this draft." in out
    assert Article.objects.get().draft_number == 1


def test_the_same_item_twice_in_one_run_is_taken_once_and_another_under_its_name_refused(run, rows):
    first = rows({}, {})
    other = rows({"answer": "Other words."}, name="other.jsonl")
    out, error = run("medquad", first, first, other)
    assert "1 taken, 0 updated, 3 unchanged, 0 left alone, 1 refused" in summary(out)
    assert f"was read before, at {first}:1" in out
    assert "1 of 5" in error
    assert Article.objects.get().texts.get().source.startswith("Walk every day.")


def test_a_page_and_its_json_line_are_one_item(run, rows, tmp_path):
    folder = tmp_path / "6_NINDS_QA"
    folder.mkdir()
    (folder / "0000001.xml").write_text(PAGE)
    rows({})
    out, _ = run("medquad", tmp_path)
    assert "1 taken, 0 updated, 1 unchanged" in summary(out)


# ---- One bad item never costs the others


def test_bad_items_are_named_by_file_line_and_field_and_cost_nothing_else(run, rows, tmp_path):
    path = rows({}, b"{broken", {"qid": "2", "answer": ""}, {"qid": "3", "question": "W" * 400}, {"qid": "4"})
    report = tmp_path / "report.json"
    out, error = run("medquad", path, tmp_path / "none.jsonl", "--report", report)
    assert error == "4 of 6 could not be taken as asked; see above."
    assert "2 taken" in summary(out)
    assert f"refused: {path}:2\n    The line is not JSON" in out
    assert f"refused: {path}:3 [answer]\n    There is no answer." in out
    assert f"refused: {path}:4 [title]" in out
    assert f"refused: {tmp_path / 'none.jsonl'}\n    There is no such file or folder." in out
    told = json.loads(report.read_text())
    assert told["complete"] is True
    assert told["counts"] == {"taken": 2, "refused": 4, "warnings": 0}
    assert [item["outcome"] for item in told["articles"]] == ["taken", "refused", "refused", "refused", "taken", "refused"]
    assert told["articles"][2]["place"] == {"file": str(path), "line": 3, "field": "answer"}
    assert not list(tmp_path.glob("*.part"))


def test_what_the_database_refuses_is_refused_alone_and_leaves_nothing_behind(run, page, monkeypatch):
    real = drafting.create_draft

    def failing(**given):
        article = real(**given)
        if "second" in given["identity"]:
            Article.objects.create(title="x", article_type=given["article_type"], identity=given["identity"], created_by=given["by"])
        return article

    monkeypatch.setattr(importing.drafting, "create_draft", failing)
    first, third = FILE, FILE.replace("Ann Author", "Third Person").replace("10.1000/TRIAL", "10.1000/third")
    second = FILE.replace("Ann Author", "Third Person").replace("10.1000/TRIAL", "10.1000/third")
    page(first, "first.md"), page(second, "second.md")
    out, error = run("markdown", page(third, "third.md").parent)
    assert "2 taken" in summary(out)
    assert "Import it again." in out
    assert error
    assert Person.objects.filter(name="Third Person").count() == 1
    assert set(Reference.objects.values_list("doi", flat=True)) == {"10.1000/trial", "10.1000/third", ""}
    assert Article.objects.count() == 2
    assert all(citation.reference_id for citation in Citation.objects.all())


def test_quietly_only_what_went_wrong_is_said(run, rows):
    out, _ = run("medquad", rows({}, b"{broken"), verbosity=0)
    assert out.startswith("refused: ")
    assert len(out.strip().split("\n")) == 3


def test_names_of_files_cannot_command_a_terminal(run, page):
    out, _ = run("markdown", page(FILE, "a\x1b[31mb.md"))
    assert "\x1b" not in out


@pytest.mark.parametrize("argv", [["--submit"], ["--interests", "x", "--funding", " "], ["--report", "/no/such/folder/r.json"]])
def test_options_that_do_not_fit_are_refused_before_anything_is_read(run, rows, argv):
    _, error = run("medquad", rows({}), *argv)
    assert error
    assert not Article.objects.exists()


def test_the_author_must_be_one(run, rows, outsider, author):
    path = rows({})
    nobody = User(email="nobody@example.org")
    assert "no account" in run("medquad", path, by=nobody)[1]
    assert "may not write articles" in run("medquad", path, by=outsider)[1]
    nameless = roles.give(User.objects.create_user("nameless@example.org", builders.PASSWORD), roles.AUTHOR)
    assert "no printed name" in run("medquad", path, by=nameless)[1]
    author.is_active = False
    author.save()
    assert "may not write articles" in run("medquad", path)[1]
    assert not Article.objects.exists()


# ---- People and references


def test_people_whom_a_file_names_are_bylined_beside_the_author(run, page, author, coauthor):
    known = Person.objects.create(name="Known Person")
    names = f"- Known Person\n- New Person\n- {coauthor.person.name}\n- {author.person.name}"
    run("markdown", page(FILE.replace("- Ann Author", names)))
    run("markdown", page(FILE.replace("- Ann Author", "- New Person"), "other.md"))
    people = [a.person for a in Article.objects.get(identity__endswith="article.md").authorships.all()]
    assert [person.name for person in people] == ["Known Person", "New Person", coauthor.person.name, author.person.name]
    assert people[0] == known
    assert people[2] != coauthor.person
    assert people[2].user is None
    assert people[3] == author.person
    assert Person.objects.filter(name="New Person").count() == 1


def test_references_are_one_row_each_by_doi_then_pmid_else_exactly(run, page):
    guide, trial = builders.make_references()
    same = Reference.objects.create(title="Same", source="J", year=2001)
    entries = [
        "{id: a, title: Other words, DOI: 'https://doi.org/10.1000/GUIDE'}",
        "{id: b, title: Other words, PMID: 16186783}",
        "{id: c, title: Same, container-title: J, issued: 2001}",
        "{id: d, title: same, container-title: J, issued: 2001}",
        "{id: e, title: Same, container-title: J, issued: 2002}",
        "{id: f, title: Same, container-title: J, issued: 2001, DOI: 10.1000/f}",
        "{id: g, title: Twice}",
        "{id: h, title: Twice}",
        "{id: i, title: Site, URL: 'http://example.org/1'}",
        "{id: j, title: Site, URL: 'http://example.org/2'}",
    ]
    run("markdown", page("---\ntitle: T\nreferences:\n" + "".join(f"- {entry}\n" for entry in entries) + "---\n\nText.\n"))
    cited = {citation.key: citation.reference for citation in Article.objects.get().citations.select_related("reference")}
    assert (cited["a"], cited["b"], cited["c"]) == (guide, trial, same)
    assert cited["g"] == cited["h"]
    assert cited["i"] != cited["j"]
    assert len({cited[key].pk for key in "cdefgij"}) == 7
    assert cited["f"].doi == "10.1000/f"
    assert [citation.key for citation in Article.objects.get().citations.all()] == list("abcdefghij")


def test_numbers_at_odds_with_the_registry_are_told_and_merge_nothing(run, page):
    guide, trial = builders.make_references()
    trial.doi = "10.1000/its-own"
    trial.save()
    guide.pmid = "99"
    guide.save()
    text = "---\ntitle: T\nreferences:\n- {id: a, title: A, DOI: 10.1000/new, PMID: 16186783}\n- {id: b, title: B, DOI: 10.1000/guide, PMID: 98}\n---\n\nText [@a; @b].\n"
    out, error = run("markdown", page(text))
    cited = {citation.key: citation.reference for citation in Article.objects.get().citations.select_related("reference")}
    assert not error
    assert (cited["a"].doi, cited["a"].pmid, cited["b"]) == ("10.1000/new", "", guide)
    assert "its PMID 16186783 belongs to another work in the registry" in out
    assert "its PMID is 98 here and 99 in the registry" in out


def test_only_topics_that_exist_are_set(run, page):
    topic = Topic.objects.create(name="Nerves", slug="nerves")
    run("markdown", page(FILE.replace("type: treatment", "type: treatment\nkeywords: nerves, Unheard of")))
    assert list(Article.objects.get().topics.all()) == [topic]
    assert Topic.objects.count() == 1


# ---- To the board


def test_submitted_articles_carry_the_interests_of_everyone(run, page):
    out, error = run("markdown", page(), "--submit", "--interests", "None declared", "--sponsor", "Nobody")
    submission = Submission.objects.get()
    assert not error
    assert out.startswith("taken, submitted: ")
    assert "1 submitted, 0 not submitted" in summary(out)
    assert {a.interests for a in submission.article.authorships.all()} == {"None declared"}
    assert (submission.version.funding, submission.version.sponsor) == ("None declared", "Nobody")
    assert submission.version.references.count() == 2


def test_a_later_run_submits_what_nobody_touched_and_only_once(run, page):
    run("markdown", page())
    for expected in ("1 unchanged, 0 left alone, 0 refused, 1 submitted", "1 unchanged, 0 left alone, 0 refused, 0 submitted"):
        out, error = run("markdown", page(), "--submit", "--interests", "None declared")
        assert not error
        assert expected in summary(out)
    assert Submission.objects.count() == 1
    assert "1 unchanged" in summary(run("markdown", page())[0])


def test_a_draft_that_people_touched_is_not_submitted(run, page, author):
    run("markdown", page())
    drafting.revise(Article.objects.get(), by=author, draft_number=1, changes=Changes(fields={"summary": "Mine."}))
    out, error = run("markdown", page(), "--submit", "--interests", "None declared")
    assert not error
    assert "0 submitted" in summary(out)
    assert not Submission.objects.exists()


def test_a_refused_submission_is_told_with_its_findings_and_the_draft_stays(run, page):
    out, error = run("markdown", page(FILE.replace("@B2]", "@B9]")), "--submit", "--interests", "None declared")
    assert error == "1 of 1 could not be taken as asked; see above."
    assert "taken, not submitted: " in out
    assert "    [@B9] in the text for professionals has no reference." in out
    assert Article.objects.count() == 1
    assert not Submission.objects.exists()


# ---- Hostile files


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_c2_nothing_hostile_comes_out_of_an_imported_text(run, rows, page, text):
    run("medquad", rows({"answer": text, "focus": text}))
    run("markdown", page(FILE.replace("Walk", f"Walk\n\n{text}\n\nand")))
    assert Article.objects.count() == 2
    for draft in ArticleText.objects.all():
        known = draft.article.citations.values_list("key", flat=True)
        assert faults(rendering.render(draft.source, known=list(known)).html) == []


def test_c4_no_address_is_stored_that_is_not_a_web_address(run, rows, page):
    for number, url in enumerate(("javascript:alert(1)", "data:text/html,x", "//example.org/x", "http://u:p@example.org", "http://exa_mple.org/")):
        run("medquad", rows({"url": url, "qid": str(number)}))
        run("markdown", page(FILE.replace("PMID: 16186783", f'URL: "{url}"'), f"{number}.md"))
    assert Article.objects.count() == 10
    assert set(Reference.objects.values_list("url", flat=True)) <= {"", "http://exa_mple.org/"}


def test_c6_xml_with_a_document_type_and_yaml_with_aliases_bring_nothing(run, tmp_path, page):
    for number, attack in enumerate(ATTACKS):
        (tmp_path / f"{number}.xml").write_text(attack)
    out, error = run("medquad", tmp_path)
    assert f"{len(ATTACKS)} refused" in summary(out)
    assert error
    out, error = run("markdown", page(f"---\n{LAUGHS}---\n\nText.\n"))
    assert "anchors or aliases" in out
    assert not Article.objects.exists()


def test_c13_titles_are_one_line_whatever_the_file_says(run, rows, page):
    run("medquad", rows({"question": "What\r\nis\u2028pain\u202e ?"}))
    run("markdown", page(FILE.replace("How is a trapped nerve treated?", '"What\\r\\nis\\u2028pain\\u202e?"')))
    assert set(Article.objects.values_list("title", flat=True)) == {"What is pain?"}


# ---- The standard types


def test_the_standard_types_are_made_once_with_their_policies(author):
    made = standards.make_types(author)
    assert [kind.key for kind in made] == ["treatment", "diagnosis", "general", "answers", "notice"]
    assert standards.make_types() == made
    policies = {p.article_type.key: (p.number, p.approvals, p.medical_approvals, p.interval_months) for p in ReviewPolicy.objects.all()}
    assert policies == {"treatment": (1, 2, 2, 12), "diagnosis": (1, 1, 1, 24), "general": (1, 1, 1, 36), "answers": (1, 2, 2, 12), "notice": (1, 1, 1, 36)}
    assert ReviewPolicy.objects.count() == 5
    assert {policy.adopted_by for policy in ReviewPolicy.objects.all()} == {author}
    assert [kind.key for kind in made if kind.is_notice] == ["notice"]


def test_a_command_makes_what_is_missing_of_them(db, capsys):
    builders.make_type("treatment")
    call_command("make_types")
    assert capsys.readouterr().out == "Made: Symptoms and diagnosis, General information, Questions and answers, Notice about a retraction.\n"
    call_command("make_types")
    assert "there already" in capsys.readouterr().out


def test_a_type_that_is_there_keeps_its_words_and_policies(author):
    kind = builders.make_type("treatment", approvals=3)
    standards.make_types()
    assert ArticleType.objects.get(key="treatment").name == kind.name
    assert [policy.approvals for policy in kind.policies.all()] == [3]


# ---- The real data, and what an item costs


def test_the_real_twins_import_complete_with_every_reference_cited(run):
    paths = [data("articles", "docx-from-jats", f"pmc_{name}.md") for name in TWINS]
    out, error = run("markdown", *paths, "--submit", "--interests", "None declared")
    assert not error
    assert "4 taken" in summary(out)
    assert "4 submitted" in summary(out)
    for article in Article.objects.all():
        draft = checks.read_draft(article)
        assert draft.citations.keys() == set(draft.cited_keys)
        assert article.submissions.get().version.references.count() == len(draft.citations)


def test_the_first_hundred_real_questions_are_taken_and_again_change_nothing(author, django_assert_max_num_queries):
    """Sixteen statements for each new item and two for a known one, with what is looked up once for all."""
    path = data("medquad", "qa_dev.jsonl")
    found = [item for item, _ in zip(medquad.read(path), range(100), strict=False)]
    standards.make_types()
    with django_assert_max_num_queries(100 * 18 + 30):
        assert {result.outcome for result in Importer(author).run(found)} == {"taken"}
    with django_assert_max_num_queries(100 * 2 + 30):
        assert {result.outcome for result in Importer(author).run(found)} == {"unchanged"}


@pytest.mark.engine
def test_an_import_and_its_second_run_on_either_engine(author, page):
    path = page(FILE.replace("- Ann Author", "- New Person"))
    outcomes = [next(Importer(author, Filing("None declared"), submit=True).run(importing.FORMATS["markdown"](path))) for _ in range(2)]
    assert [(result.outcome, result.submission) for result in outcomes] == [("taken", "submitted"), ("unchanged", "")]
    assert connection.vendor in {"sqlite", "postgresql"}
