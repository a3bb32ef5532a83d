"""Freezing: a version is the draft as it stood, with a digest that every change of its words, references or people would break."""

from dataclasses import asdict
from datetime import date

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from articles import checks, freezing
from articles.drafting import Changes, CitationChange, revise
from articles.freezing import freeze_version, recomputed_digest
from articles.models import Article, ArticleVersion, Reference, Topic, VersionHand, VersionReference, VersionText
from records import canonical
from records.models import Person, PrintedName
from tests import builders
from tests.records.test_canonical import independent_digest
from tests.scale import examples


@pytest.fixture
def version(article, author):
    """The first version of the draft."""
    return freeze_version(article, by=author, since=0)


def save(article, by, **changes):
    """Save into the draft as it stands."""
    article = Article.objects.get(pk=article.pk)
    return revise(article, by=by, draft_number=article.draft_number, changes=Changes(**changes))


def again(version):
    """The version as the database has it."""
    return ArticleVersion.objects.get(pk=version.pk)


# ---- What is frozen


def test_a_version_is_the_draft_as_it_stood(version, article, author):
    assert (version.number, version.title, version.draft_number, version.frozen_by) == (1, article.title, 1, author)
    assert {t.audience: t.source for t in version.texts.all()} == {t.audience: t.source for t in article.texts.all()}
    assert {r.key: r.reference_id for r in version.references.all()} == {c.key: c.reference_id for c in article.citations.all()}
    assert [(h.kind, h.person, h.user, h.position) for h in version.hands.all() if h.kind != "saved"] == [("author", author.person, author, 1)]
    assert version.type_name == article.article_type.name


def test_the_html_is_made_once_with_numbers_in_order_of_first_use(version):
    texts = {t.audience: t for t in version.texts.all()}
    numbers = {a: [(c.number, c.occurrence, c.reference.key, c.locator) for c in t.citations.all()] for a, t in texts.items()}
    assert numbers["professional"] == [(1, 1, "trial", ""), (1, 2, "trial", "p. 12"), (2, 1, "guide", ""), (2, 2, "guide", "")]
    assert numbers["plain"] == [(1, 1, "guide", "")]
    assert [words for _, words in texts["professional"].headings] == ["What to try first", "What does not help"]
    for text in texts.values():
        assert all(f'id="{heading}"' in text.html for heading, _ in text.headings)
        assert all(c.block in text.html for c in text.citations.all())


def test_e10_later_changes_of_everything_around_do_not_move_a_version(version, article, author):
    before = [list(model.objects.order_by("pk").values()) for model in (ArticleVersion, VersionText, VersionReference, VersionHand)]
    guide, _ = builders.make_references()
    guide.title = "Another guideline"
    guide.save()
    author.person.name = "Married Author"
    author.person.save()
    article.article_type.name = "Another type"
    article.article_type.save()
    save(article, author, texts={"plain": "Other words.\n"}, fields={"title": "Other?"}, interests={author.person.pk: "Shares"})
    assert [list(model.objects.order_by("pk").values()) for model in (ArticleVersion, VersionText, VersionReference, VersionHand)] == before
    assert recomputed_digest(again(version)) == version.digest


def test_a_reference_that_no_text_cites_is_left_out(article, author):
    _, trial = builders.make_references()
    save(article, author, citations=[CitationChange("unused", trial)])
    version = freeze_version(Article.objects.get(pk=article.pk), by=author, since=0)
    assert {r.key for r in version.references.all()} == {"guide", "trial"}


def test_an_empty_text_is_left_out(author):
    article = builders.make_article(author, texts={"plain": "Walk.[@guide; @trial]\n", "professional": ""})
    version = freeze_version(article, by=author, since=0)
    assert [t.audience for t in version.texts.all()] == ["plain"]
    assert not any(name.startswith("professional") for name, _, _ in version.parts)


def test_a_retracted_work_is_frozen_as_such(article, author):
    guide, _ = builders.make_references()
    save(article, author, citations=[CitationChange("guide", guide, cited_as_retracted=True, reason="It shows the error.")])
    version = freeze_version(article, by=author, since=0)
    frozen = version.references.get(key="guide")
    assert (frozen.cited_as_retracted, frozen.retracted_reason) == (True, "It shows the error.")


def test_versions_are_numbered_and_each_text_says_when_its_words_changed_last(article, author):
    numbers = []
    for texts in ({}, {"plain": "Two.[@guide]\n"}, {}, {"professional": "Four.[@trial]\n"}):
        save(article, author, texts=texts)
        version = freeze_version(Article.objects.get(pk=article.pk), by=author, since=0)
        numbers.append((version.number, {t.audience: t.changed_in for t in version.texts.all()}))
    assert numbers == [
        (1, {"professional": 1, "plain": 1}),
        (2, {"professional": 1, "plain": 2}),
        (3, {"professional": 1, "plain": 2}),
        (4, {"professional": 4, "plain": 2}),
    ]


def test_a_text_that_went_and_came_back_changed_in_the_version_it_came_back_with(article, author):
    plain = article.texts.get(audience="plain").source
    frozen = []
    for source in (plain, "", plain):
        save(article, author, texts={"plain": source})
        frozen.append(freeze_version(Article.objects.get(pk=article.pk), by=author, since=0))
    assert [{t.audience: t.changed_in for t in v.texts.all()}.get("plain") for v in frozen] == [1, None, 3]


def test_freezing_costs_the_same_for_many_references(author):
    counts = []
    for number in (3, 30):
        works = Reference.objects.bulk_create(Reference(title=f"Work {number}-{n}", source="J", year=2020) for n in range(number))
        article = builders.make_article(author, texts={"plain": "".join(f"Word {n}.[@k{n}]\n\n" for n in range(number))})
        save(article, author, citations=[CitationChange(f"k{n}", work) for n, work in enumerate(works)])
        article = Article.objects.get(pk=article.pk)
        with builders.queries_counted(connection) as found:
            freeze_version(article, by=author, since=0)
        counts.append(len(found))
    assert counts[0] == counts[1]


# ---- Hands (A9, COI-1)


def test_a9_whoever_saved_since_the_last_approval_has_a_hand(article, author, coauthor):
    save(article, author, authors=[coauthor.person])
    since = save(article, coauthor, texts={"plain": "By the coauthor.[@guide]\n"}).draft_number
    save(article, author, fields={"summary": "By the author."})
    fresh = Article.objects.get(pk=article.pk)
    assert freezing.savers(fresh, since) == [author.pk]
    assert freezing.savers(fresh, 0) == sorted([author.pk, coauthor.pk])
    assert freezing.savers(fresh, since + 1) == []
    version = freeze_version(fresh, by=author, since=since)
    assert set(version.hands.filter(kind="saved").values_list("user", flat=True)) == {author.pk}
    assert {h.user_id for h in version.hands.exclude(kind="saved")} == {author.pk, coauthor.pk}


@pytest.mark.parametrize("what", ["texts", "fields", "citations", "a citation taken away", "interests", "topics", "authors"])
def test_a9_every_kind_of_save_gives_a_hand(article, author, coauthor, what):
    trial = builders.make_references()[1]
    since = save(article, author, authors=[coauthor.person]).draft_number
    changes = {
        "texts": {"texts": {"plain": "x[@guide]\n"}},
        "fields": {"fields": {"sponsor": "Nobody"}},
        "citations": {"citations": [CitationChange("other", trial)]},
        "a citation taken away": {"citations": [CitationChange("trial", None)]},
        "interests": {"interests": {author.person.pk: "Shares"}},
        "topics": {"topics": [Topic.objects.create(name="Nerves", slug="nerves")]},
        "authors": {"authors": [Person.objects.create(name="Third")]},
    }[what]
    save(article, coauthor, **changes)
    assert freezing.savers(Article.objects.get(pk=article.pk), since) == [coauthor.pk]


def test_the_savers_of_another_article_have_no_hand(article, author, coauthor):
    other = builders.make_article(coauthor, title="Another question?")
    save(other, coauthor, texts={"plain": "x[@guide]\n"})
    assert freezing.savers(Article.objects.get(pk=article.pk), 0) == [author.pk]


# ---- The digest (G3, G9)


def rows_of(version):
    """The parts of a version as its stored rows have them: [name, value, salt], told in other words."""
    salts = {name: salt for name, _, salt in version.parts}
    texts = {t.audience: t for t in version.texts.all()}
    values = {"metadata": freezing.metadata(version), "references": []}
    for audience, text in texts.items():
        values |= {f"{audience}:source": text.source, f"{audience}:html": text.html}
    for ref in version.references.all():
        fields = {name: getattr(ref, name) for name in (*VersionReference.FIELDS, "key", "cited_as_retracted", "retracted_reason")}
        values["references"].append({**fields, **{name: str(fields[name]) if fields[name] else None for name in ("accessed_on", "online_on")}})
    for hand in version.hands.exclude(printed_name_id=None):
        words = dict(PrintedName.objects.get(pk=hand.printed_name_id).words)
        values |= {f"interests:{hand.position}": words.pop("interests"), f"author:{hand.position}": words}
    return [(name, values[name], salts[name]) for name, _, _ in version.parts]


def test_g3_another_implementation_finds_the_same_digest(version):
    assert independent_digest(rows_of(again(version))) == version.digest
    assert recomputed_digest(again(version)) == version.digest


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60)


@pytest.mark.engine
def test_g3_the_digest_of_any_words_can_be_computed_anew_from_the_database(author):
    @given(plain=WORDS, professional=WORDS, funding=WORDS, interests=WORDS, title=WORDS.filter(str.strip))
    @settings(max_examples=examples(15, 300), deadline=None, database=None)
    def check(plain, professional, funding, interests, title):
        article = builders.make_article(author, title="T", texts={"plain": plain, "professional": professional})
        save(article, author, fields={"title": title[:300], "funding": funding, "sponsor": "x"}, interests={author.person.pk: interests})
        version = freeze_version(Article.objects.get(pk=article.pk), by=author, since=0)
        assert recomputed_digest(again(version)) == version.digest

    check()


def test_the_digest_covers_each_part_and_salts_the_personal_ones(version):
    names = [name for name, _, _ in version.parts]
    assert names == ["plain:source", "plain:html", "professional:source", "professional:html", "references", "author:1", "interests:1", "metadata"]
    assert {name for name, _, salt in version.parts if salt} == {"author:1", "interests:1"}
    assert canonical.digest(canonical.Part(*row) for row in version.parts) == version.digest


def test_g9_words_that_were_erased_leave_the_digest_as_it_was(version, author):
    PrintedName.objects.all().delete()
    assert recomputed_digest(again(version)) == version.digest
    for hand in version.hands.exclude(kind="saved"):
        assert hand.printed_name() is None
    row = again(version)
    row.title = "Another title"
    assert recomputed_digest(row) != version.digest


def test_e4_two_versions_of_the_same_words_have_two_digests(article, author):
    first, second = (freeze_version(article, by=author, since=0) for _ in range(2))
    assert first.digest != second.digest


FIELDS = ["number", "title", "summary", "type_name", "language", "funding", "sponsor"]


@pytest.mark.parametrize("field", FIELDS)
def test_g1_a_changed_field_changes_the_digest(version, field):
    row = again(version)
    setattr(row, field, 9 if field == "number" else "changed")
    assert recomputed_digest(row) != version.digest


def test_until_when_evidence_was_searched_is_covered_where_it_is_stated_and_changes_no_digest_where_not(article, author):
    silent = freeze_version(article, by=author, since=0)
    assert "evidence_searched_until" not in freezing.metadata(silent)
    save(article, author, fields={"searched_until": date(2026, 5, 31)})
    version = freeze_version(Article.objects.get(pk=article.pk), by=author, since=0)
    assert again(version).searched_until == date(2026, 5, 31)
    assert freezing.metadata(version)["evidence_searched_until"] == "2026-05-31"
    assert independent_digest(rows_of(again(version))) == version.digest
    row = again(version)
    row.searched_until = date(2026, 6, 1)
    assert recomputed_digest(row) != version.digest


class Rows(list):
    """Rows in memory that stand in for a related manager, so that they can be tampered with."""

    def all(self):
        return self

    def exclude(self, **_):
        return self


class Tampered:
    """A version whose related rows are those of the test."""

    def __init__(self, version, **rows):
        self._version, self._rows = version, rows

    def __getattr__(self, name):
        return Rows(self._rows[name]) if name in self._rows else getattr(self._version, name)


def test_g1_a_changed_text_changes_the_digest(version):
    for field in ("source", "html"):
        texts = list(version.texts.all())
        setattr(texts[0], field, getattr(texts[0], field) + " ")
        assert recomputed_digest(Tampered(version, texts=texts)) != version.digest
    assert recomputed_digest(Tampered(version, texts=version.texts.all())) == version.digest


def test_g1_a_text_that_was_slipped_in_or_taken_out_changes_the_digest(author):
    article = builders.make_article(author, texts={"plain": "Walk.[@guide; @trial]\n"})
    version = freeze_version(article, by=author, since=0)
    assert recomputed_digest(Tampered(version, texts=[])) != version.digest
    VersionText.objects.create(version=version, audience="professional", source="Slipped in.", html="<p>Slipped in.</p>", changed_in=1)
    assert recomputed_digest(again(version)) != version.digest


@pytest.mark.parametrize("field", [*VersionReference.FIELDS, "key", "cited_as_retracted", "retracted_reason"])
def test_g1_a_changed_reference_changes_the_digest(version, field):
    references = list(version.references.all())
    value = {"year": 1999, "accessed_on": date(2020, 1, 1), "online_on": date(2020, 1, 1), "cited_as_retracted": True}.get(field, "changed")
    setattr(references[0], field, value)
    assert recomputed_digest(Tampered(version, references=references)) != version.digest


def test_g1_references_in_another_order_or_number_change_the_digest(version):
    references = list(version.references.all())
    for changed in (references[::-1], references[:1], [*references, references[0]], []):
        assert recomputed_digest(Tampered(version, references=changed)) != version.digest


@pytest.mark.parametrize("field", ["name", "credentials", "role", "interests"])
def test_g1_a_changed_printed_name_changes_the_digest(version, field):
    printed = PrintedName.objects.get(pk=version.hands.exclude(printed_name_id=None).get().printed_name_id)
    words, key = {**printed.words, field: "changed"}, printed.pk
    printed.delete()
    PrintedName.objects.create(pk=key, person=printed.person, words=words)
    assert recomputed_digest(again(version)) != version.digest


def test_g1_an_author_who_was_slipped_in_changes_the_digest(version):
    printed = PrintedName.objects.create(person=Person.objects.create(name="X"), words={"name": "X", "credentials": "", "role": "author", "interests": ""})
    VersionHand.objects.create(version=version, kind="author", position=2, printed_name_id=printed.pk)
    assert recomputed_digest(again(version)) != version.digest


def test_g1_a_changed_list_of_parts_is_found(version):
    row = again(version)
    row.parts = [[name, sha, salt] for name, sha, salt in row.parts if name != "interests:1"]
    assert recomputed_digest(row) != version.digest
    row = again(version)
    row.parts = row.parts[::-1]
    assert recomputed_digest(row) != version.digest


def test_the_draft_that_was_checked_is_the_draft_that_is_frozen(article, author):
    draft = checks.read_draft(article)
    version = freeze_version(article, by=author, since=0, draft=draft)
    assert {t.audience: t.html for t in version.texts.all()} == {a: r.html for a, r in draft.rendered.items()}
    assert set(asdict(canonical.Part("a", "b"))) == {"name", "sha256", "salt"}
