"""The editorial checks: each is shown to find what it is there for, with its place, and to be silent where all is well."""

from datetime import date

import pytest
from django.db import connection

from articles import checks
from articles.checks import LOOK_AT, MUST_FIX, Finding
from articles.drafting import Changes, CitationChange, revise
from articles.models import Article, CheckSeverity, Citation, DraftWaiver, EvidenceEvent, ListImport, Reference
from records import clock
from records.models import Person
from tests import builders


def save(article, by, **changes):
    """Save into the draft as it stands; the draft as it stands then."""
    article = Article.objects.get(pk=article.pk)
    revise(article, by=by, draft_number=article.draft_number, changes=Changes(**changes))
    return Article.objects.get(pk=article.pk)


def found(article):
    """The names of the findings on the draft as it stands."""
    return [finding.check for finding in checks.check_article(Article.objects.get(pk=article.pk))]


def the(check, article):
    """The one finding of a check."""
    (finding,) = [f for f in checks.check_article(Article.objects.get(pk=article.pk)) if f.check == check]
    return finding


def loaded(as_of=None, **fields):
    """A list of retractions that was loaded."""
    ListImport.objects.create(**{"source": ListImport.RETRACTION_WATCH, "place": "x.csv", "data_as_of": as_of or clock.today(), "finished_at": clock.now(), **fields})


@pytest.fixture
def sound(article):
    """A draft with nothing to find: its works have what they need, and the lists of retractions are of today."""
    Reference.objects.filter(pmid="16186783").update(doi="10.1000/trial")
    loaded()
    assert found(article) == []
    return article


def test_a_finding_blocks_when_it_must_be_fixed():
    assert Finding("x", MUST_FIX, "S").blocks
    assert not Finding("x", LOOK_AT, "S").blocks


def test_what_blocks_comes_first(sound, author):
    article = save(sound, author, texts={"plain": ""}, fields={"funding": ""})
    assert [f.severity for f in checks.check_article(article)] == [MUST_FIX, LOOK_AT]


# ---- Texts


def test_a_draft_without_a_text_blocks(sound, author):
    save(sound, author, texts={"plain": "", "professional": ""})
    assert the("text.missing", sound).blocks
    assert "text.one_audience" not in found(sound)


@pytest.mark.parametrize("gone", ["plain", "professional"])
def test_a_text_for_one_audience_alone_is_said(sound, author, gone):
    save(sound, author, texts={gone: ""})
    finding = the("text.one_audience", sound)
    assert (finding.blocks, finding.audience) == (False, gone)


def test_a_text_that_cannot_be_rendered_blocks(sound, author):
    save(sound, author, texts={"plain": "x" * 300_001})
    finding = the("text.unreadable", sound)
    assert (finding.blocks, finding.audience) == (True, "plain")
    assert "300,002 characters" in finding.sentence
    assert "text.one_audience" not in found(sound)


def test_what_rendering_leaves_out_is_said(sound, author):
    save(sound, author, texts={"plain": "A picture ![of a nerve](x.png).[@guide]\n"})
    finding = the("text.dropped", sound)
    assert (finding.blocks, finding.audience) == (False, "plain")
    assert finding.sentence.startswith("In the plain-language text: ")


# ---- Citations


def test_a_citation_without_a_reference_blocks_and_says_where(sound, author):
    save(sound, author, texts={"plain": "One.[@guide]\n\nTwo.[@nowhere]\n"})
    finding = the("citation.unresolved", sound)
    assert (finding.blocks, finding.audience, finding.key, finding.line) == (True, "plain", "nowhere", 3)


def test_each_place_without_a_reference_is_found(sound, author):
    save(sound, author, texts={"plain": "One.[@a; @b]\n", "professional": "Two.[@a]\n"})
    assert found(sound).count("citation.unresolved") == 3


def test_a_reference_that_no_text_cites_is_said(sound, author):
    save(sound, author, texts={"plain": "One.[@guide]\n", "professional": "Two.[@guide]\n"})
    finding = the("reference.uncited", sound)
    assert (finding.blocks, finding.key) == (False, "trial")


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"source": ""}, "has no journal, book or site."), ({"year": None}, "has no year."), ({"source": "", "year": None}, "book or site and no year.")],
)
def test_an_incomplete_reference_is_said(sound, fields, words):
    Reference.objects.filter(doi="10.1000/guide").update(**fields)
    finding = the("reference.incomplete", sound)
    assert (finding.blocks, finding.key) == (False, "guide")
    assert finding.sentence.endswith(words)


def test_a_reference_that_cannot_be_looked_up_is_said(sound):
    Reference.objects.filter(doi="10.1000/guide").update(doi="")
    finding = the("reference.unidentified", sound)
    assert (finding.blocks, finding.key) == (False, "guide")
    Reference.objects.filter(title="Guideline on nerves").update(url="https://www.who.int/", accessed_on=clock.today())
    assert found(sound) == ["evidence.unscreened"]


def test_what_is_not_cited_is_not_looked_at(sound, author):
    work = Reference.objects.create(title="Loose")
    EvidenceEvent.objects.create(reference=work, kind="retraction", happened_on=date(2025, 1, 1), reported_by="x")
    save(sound, author, citations=[CitationChange("loose", work)])
    assert found(sound) == ["reference.uncited"]


# ---- Evidence


def happened(kind, on=date(2025, 1, 1), key="guide"):
    """Something happened to a cited work."""
    reference = Citation.objects.get(key=key).reference
    EvidenceEvent.objects.create(reference=reference, kind=kind, happened_on=on, reported_by="the publisher")


@pytest.mark.parametrize("kind", ["retraction", "withdrawal"])
def test_a_retracted_work_blocks_until_it_is_cited_as_retracted(sound, author, kind):
    happened(kind)
    finding = the("evidence.retracted", sound)
    assert (finding.blocks, finding.key) == (True, "guide")
    guide, _ = builders.make_references()
    save(sound, author, citations=[CitationChange("guide", guide, cited_as_retracted=True, reason="It shows the error.")])
    assert found(sound) == ["evidence.cited_as_retracted"]
    assert not the("evidence.cited_as_retracted", sound).blocks


@pytest.mark.parametrize(
    ("kind", "check"), [("correction", "corrected"), ("concern", "concern"), ("superseded", "superseded"), ("delisted", "delisted")]
)
def test_a_changed_work_is_said(sound, kind, check):
    happened(kind)
    assert found(sound) == [f"evidence.{check}"]
    assert not the(f"evidence.{check}", sound).blocks


def test_a_guideline_that_another_replaces_is_said(sound):
    earlier = Reference.objects.get(title="Guideline on nerves")
    Reference.objects.create(title="Guideline on nerves, 2026", source="Society", year=2026, supersedes=earlier)
    assert found(sound) == ["evidence.superseded"]


@pytest.mark.parametrize(
    ("imports", "says"),
    [
        ([], "No list of retractions was ever loaded"),
        ([{"error": "Time-out", "finished_at": None}], "No list of retractions was ever loaded"),
        ([{"finished_at": None}], "No list of retractions was ever loaded"),
        ([{"as_of": date(2026, 1, 5)}], "is of 5 January 2026, more than a week ago"),
        ([{}, {"error": "Time-out", "finished_at": None}], "The list of retractions could not be refreshed on"),
    ],
)
def test_a_list_that_was_never_loaded_is_old_or_failed_never_reads_as_fine(sound, imports, says):
    ListImport.objects.all().delete()
    for fields in imports:
        loaded(**fields)
    assert says in the("evidence.stale", sound).sentence


def test_a_reinstated_work_is_sound_again(sound):
    happened("retraction", date(2025, 1, 1))
    happened("reinstatement", date(2025, 2, 1))
    assert found(sound) == []


def test_the_latest_event_counts_and_on_the_same_day_the_retraction(sound):
    happened("correction", date(2025, 1, 1))
    happened("retraction", date(2025, 1, 1))
    assert found(sound) == ["evidence.retracted"]
    happened("concern", date(2025, 3, 1))
    assert found(sound) == ["evidence.concern"]


def test_a_notice_may_cite_what_was_retracted(sound):
    happened("retraction")
    type(sound.article_type).objects.update(is_notice=True)
    assert found(sound) == ["evidence.cited_as_retracted"]


# ---- People


def test_a_draft_without_an_author_blocks(sound):
    sound.authorships.update(role="contributor")
    assert the("people.no_author", sound).blocks


def test_everybody_declares_their_interests(sound, author, coauthor):
    save(sound, author, authors=[coauthor.person])
    finding = the("people.interests", sound)
    assert finding.blocks
    assert finding.sentence.startswith("Carl Coauthor has not")
    save(sound, author, interests={coauthor.person.pk: "None declared"})
    assert found(sound) == []


@pytest.mark.parametrize("name", ["funding", "sponsor"])
def test_money_is_named(sound, author, name):
    save(sound, author, fields={name: "  "})
    assert the(f"people.{name}", sound).blocks
    save(sound, author, fields={name: "None"})
    assert found(sound) == []


# ---- Severities and waivers


def test_the_site_decides_how_severe_a_check_is_for_a_type(sound, author):
    save(sound, author, texts={"plain": ""})
    assert not the("text.one_audience", sound).blocks
    CheckSeverity.objects.create(article_type=sound.article_type, check_id="text.one_audience", level="must_fix")
    assert the("text.one_audience", sound).blocks
    CheckSeverity.objects.update(level="off")
    assert found(sound) == []


def waive(article, finding, by):
    """An editor lets a finding stand."""
    return DraftWaiver.objects.create(article=article, check_id=finding.check, place=finding.place, by=by, reason="It is common knowledge.")


def test_a_waived_finding_no_longer_blocks_and_says_who_let_it_stand(sound, author, editor):
    save(sound, author, texts={"plain": "Naproxen relieves the pain of most people.\n"})
    finding = the("claim.treatment", sound)
    assert finding.blocks
    waive(sound, finding, editor)
    waived = the("claim.treatment", sound)
    assert (waived.blocks, waived.waiver.name, waived.waiver.reason) == (False, "Edith Editor", "It is common knowledge.")


def test_a_waiver_holds_as_long_as_the_words_are_the_same_wherever_they_stand(sound, author, editor):
    words = "Naproxen relieves the pain of most people."
    save(sound, author, texts={"plain": f"{words}\n"})
    waive(sound, the("claim.treatment", sound), editor)
    save(sound, author, texts={"plain": f"One.\n\n{words}\n"})
    assert not the("claim.treatment", sound).blocks
    save(sound, author, texts={"plain": words.replace("most", "all")})
    assert the("claim.treatment", sound).blocks
    save(sound, author, texts={"plain": "One.\n", "professional": f"{words}\n"})
    assert the("claim.treatment", sound).blocks


# ---- What it costs


def test_checks_cost_the_same_for_a_large_draft(author):
    counts = []
    for number in (2, 40):
        works = Reference.objects.bulk_create(Reference(title=f"W{number}-{n}", source="J", year=2020) for n in range(number))
        article = builders.make_article(author, texts={"plain": "".join(f"Word {n}.[@k{n}; @none{n}]\n\n" for n in range(number))})
        people = Person.objects.bulk_create(Person(name=f"P{n}") for n in range(number))
        save(article, author, citations=[CitationChange(f"k{n}", work) for n, work in enumerate(works)], authors=people)
        article = Article.objects.select_related("article_type").prefetch_related("authorships__person").get(pk=article.pk)
        with builders.queries_counted(connection) as queries:
            assert checks.check_article(article)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 5
