"""The author's acts on a draft: nothing is overwritten, nothing is lost, and every save can be read and restored."""

import threading

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connections

from articles import drafting
from articles.drafting import Changes, CitationChange, DraftConflict
from articles.models import Article, ArticleText, Authorship, Citation, Topic
from records.errors import NotReady
from records.models import Event, Person, User
from tests import builders
from tests.records.furniture import bytes_of
from tests.scale import examples


@pytest.fixture
def plain(author, coauthor):
    """A draft of two authors."""
    return builders.make_article(author, authors=[author, coauthor])


def revise(article, by, number=None, reason="", **changes):
    """Save changes into the draft as somebody who opened it at `number`, or just now."""
    number = number or Article.objects.get(pk=article.pk).draft_number
    return drafting.revise(Article.objects.get(pk=article.pk), by=by, draft_number=number, changes=Changes(**changes), reason=reason)


def stand(article):
    """The draft as it stands: number, title, texts, citations."""
    article = Article.objects.get(pk=article.pk)
    texts = dict(article.texts.values_list("audience", "source"))
    return article.draft_number, article.title, texts, {c.key: c.reference_id for c in article.citations.all()}


# ---- Begin


def test_whoever_begins_an_article_is_its_author(author):
    article = drafting.create_draft(by=author, title="  What helps? ", article_type=builders.make_type())
    assert (article.title, article.draft_number, article.created_by) == ("What helps?", 1, author)
    assert [a.person for a in article.authorships.all()] == [author.person]
    assert Event.objects.about(article).get().act == "create_draft"
    assert article.history.get().history_user == author


def test_an_article_begins_with_all_that_is_known(author, coauthor):
    topic, (guide, _) = Topic.objects.create(name="Nerves", slug="nerves"), builders.make_references()
    changes = Changes(
        texts={"plain": "Walk.\r\n"},
        fields={"summary": "Short.", "language": "de", "draft_number": 7, "created_by": coauthor},
        topics=[topic],
        citations=[CitationChange("guide", guide)],
        interests={coauthor.person.pk: "None declared"},
    )
    people = [coauthor.person, author.person]
    article = drafting.create_draft(by=author, title="T", article_type=builders.make_type(), authors=people, identity="set:1", changes=changes, reason="Imported")
    article = Article.objects.get(pk=article.pk)
    assert (article.summary, article.language, article.draft_number, article.created_by, article.identity) == ("Short.", "de", 1, author, "set:1")
    assert [(a.person, a.position, a.interests) for a in article.authorships.all()] == [(people[0], 1, "None declared"), (people[1], 2, "")]
    assert stand(article)[2:] == ({"plain": "Walk.\n"}, {"guide": guide.pk})
    assert list(article.topics.all()) == [topic]
    assert set(article.history.values_list("history_user", "history_change_reason")) == {(author.pk, "Imported")}


@pytest.mark.parametrize("title", ["", "   "])
def test_an_article_needs_a_title(author, title):
    with pytest.raises(NotReady, match="question or title"):
        drafting.create_draft(by=author, title=title, article_type=builders.make_type())


def test_an_article_needs_a_name_to_print(author):
    nameless = builders.roles.give(User.objects.create_user("nameless@example.org"), builders.roles.AUTHOR)
    with pytest.raises(NotReady, match="no printed name"):
        drafting.create_draft(by=nameless, title="T", article_type=builders.make_type())


def test_only_authors_begin_articles(outsider, reviewer):
    for user in (outsider, reviewer):
        with pytest.raises(PermissionDenied):
            drafting.create_draft(by=user, title="T", article_type=builders.make_type())
    assert not Article.objects.exists()


# ---- Save


def test_a_save_raises_the_number_and_changes_what_it_names(plain, author):
    before = stand(plain)
    saved = revise(plain, author, texts={"plain": "New words.\n"}, reason="Clearer")
    assert saved.draft_number == 2
    assert stand(plain) == (2, before[1], {**before[2], "plain": "New words.\n"}, before[3])
    row = ArticleText.history.filter(article_id=plain.pk).latest("history_id")
    assert (row.audience, row.draft_number, row.history_user, row.history_change_reason) == ("plain", 2, author, "Clearer")


def test_what_did_not_change_leaves_no_history(plain, author):
    before = [len(bytes_of(model.history.model)) for model in (Article, ArticleText, Citation, Authorship)]
    _, title, texts, _ = stand(plain)
    guide, trial = builders.make_references()
    citations = [CitationChange("guide", guide), CitationChange("trial", trial)]
    revise(plain, author, texts=texts, fields={"title": title}, citations=citations, interests={author.person.pk: " None declared "}, authors=[author.person])
    assert [len(bytes_of(model.history.model)) for model in (Article, ArticleText, Citation, Authorship)] == before
    assert stand(plain)[0] == 2


def test_fields_that_are_not_the_authors_to_change_stay(plain, author, outsider):
    revise(plain, author, fields={"created_by": outsider, "draft_number": 99, "identity": "x", "id": "x", "summary": "New."})
    article = Article.objects.get(pk=plain.pk)
    assert (article.created_by, article.draft_number, article.identity, article.summary) == (author, 2, "", "New.")


def test_a_draft_keeps_its_title(plain, author):
    with pytest.raises(NotReady, match="question or title"):
        revise(plain, author, fields={"title": "  "})
    assert stand(plain)[:2] == (1, plain.title)


def test_people_and_interests_are_part_of_the_draft(plain, author, coauthor):
    third = Person.objects.create(name="Third")
    revise(plain, author, authors=[third, author.person], interests={coauthor.person.pk: " Shares in Walking Ltd "})
    assert [(a.person_id, a.position) for a in plain.authorships.all()] == [(author.person.pk, 1), (coauthor.person.pk, 2), (third.pk, 3)]
    assert plain.authorships.get(person=coauthor.person).interests == "Shares in Walking Ltd"
    assert Authorship.history.filter(draft_number=2, history_user=author).count() == 2


def test_topics_are_kept_with_who_chose_them(plain, author):
    topic = Topic.objects.create(name="Nerves", slug="nerves")
    revise(plain, author, topics=[topic], reason="Sorted in")
    row = Article.history.latest("history_id")
    assert (row.history_user, row.history_change_reason, row.draft_number, [t.topic for t in row.topics.all()]) == (author, "Sorted in", 2, [topic])
    revise(plain, author, topics=[])
    assert list(plain.topics.all()) == []


@pytest.mark.parametrize("who", ["outsider", "reviewer", "editor", "superuser"])
def test_only_the_people_who_write_it_save_a_draft(plain, who, request):
    user, before = request.getfixturevalue(who), stand(plain)
    for act in (
        lambda: revise(plain, user, texts={"plain": "Mine.\n"}),
        lambda: drafting.restore_draft(plain, by=user, draft_number=1, number=1),
        lambda: drafting.restore_draft(plain, by=user, draft_number=1, number=99),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert stand(plain) == before


def test_a10_an_author_who_was_deactivated_saves_nothing(plain, author):
    author.is_active = False
    author.save()
    with pytest.raises(PermissionDenied):
        revise(plain, User.objects.get(pk=author.pk), texts={"plain": "Mine.\n"})


# ---- Citations


def test_citations_are_added_changed_and_taken_away_by_key(plain, author):
    guide, trial = builders.make_references()
    revise(plain, author, citations=[CitationChange("guide", trial), CitationChange("trial", None), CitationChange("new", guide)])
    assert stand(plain)[3] == {"guide": trial.pk, "new": guide.pk}
    rows = Citation.history.filter(draft_number=2, history_user=author).values_list("key", "history_type")
    assert set(rows) == {("guide", "~"), ("trial", "-"), ("new", "+")}


def test_taking_away_what_is_not_there_is_nothing(plain, author):
    before = stand(plain)
    revise(plain, author, citations=[CitationChange("nobody", None)])
    assert stand(plain)[1:] == before[1:]


def test_a_work_cited_as_retracted_says_why(plain, author):
    guide, _ = builders.make_references()
    with pytest.raises(NotReady, match="why the retracted work @guide"):
        revise(plain, author, citations=[CitationChange("guide", guide, cited_as_retracted=True, reason=" ")])
    revise(plain, author, citations=[CitationChange("guide", guide, cited_as_retracted=True, reason=" It shows the error. ")])
    citation = plain.citations.get(key="guide")
    assert (citation.cited_as_retracted, citation.retracted_reason) == (True, "It shows the error.")


@pytest.mark.parametrize("key", ["", "a b", "-a", "a.", "a]", "[a", "a\n", "é", "@a"])
def test_a_key_is_one_that_texts_can_cite(plain, author, key):
    guide, _ = builders.make_references()
    with pytest.raises(ValidationError):
        revise(plain, author, citations=[CitationChange(key, guide)])
    assert stand(plain)[0] == 1


# ---- Texts


@pytest.mark.parametrize(
    ("given", "kept"),
    [("a\r\nb\rc\n\n\n", "a\nb\nc\n"), ("a", "a\n"), ("", ""), (" \n\t\n", ""), ("\x00a\x00", "a\n"), ("\n\n  a \t\n", "\n\n  a\n"), ("\x00", ""), ("é\u2028b", "é\u2028b\n")],
)
def test_a_text_is_kept_in_one_form(given, kept):
    assert drafting.clean_text(given) == kept
    assert drafting.clean_text(kept) == kept


def test_an_audience_nobody_wrote_for_gets_no_empty_text(author):
    article = builders.make_article(author, texts={"plain": "Walk.[@guide; @trial]\n"})
    revise(article, author, texts={"professional": "  "})
    assert stand(article)[2] == {"plain": "Walk.[@guide; @trial]\n"}


def test_an_audience_there_is_not_is_refused(plain, author):
    with pytest.raises(ValueError, match="nobody"):
        revise(plain, author, texts={"nobody": "Words.\n"})


# ---- Conflicts (E1)


def test_e1_the_second_of_two_who_saw_the_same_draft_is_told_and_loses_nothing(plain, author, coauthor):
    revise(plain, author, 1, texts={"plain": "First.\n"})
    with pytest.raises(DraftConflict, match="Your text is safe and not saved yet") as told:
        revise(plain, coauthor, 1, texts={"plain": "Second.\n"})
    assert told.value.current == 2
    assert stand(plain)[2]["plain"] == "First.\n"


@pytest.mark.parametrize("number", [0, -1, 2, 10**9])
def test_e1_a_number_that_is_not_the_drafts_saves_nothing(plain, author, number):
    with pytest.raises(DraftConflict):
        drafting.revise(plain, by=author, draft_number=number, changes=Changes(texts={"plain": "x"}))
    assert stand(plain)[0] == 1


def test_e1_fields_that_somebody_else_saved_survive_a_writer_whose_copy_is_older(plain, author, coauthor):
    """The number says which draft was seen, not the row in the writer's memory."""
    old = Article.objects.get(pk=plain.pk)
    revise(plain, coauthor, fields={"summary": "Of the coauthor.", "funding": "A trust"})
    drafting.revise(old, by=author, draft_number=2, changes=Changes(fields={"title": "A new title?"}))
    article = Article.objects.get(pk=plain.pk)
    assert (article.title, article.summary, article.funding) == ("A new title?", "Of the coauthor.", "A trust")
    assert (old.summary, old.draft_number) == ("Of the coauthor.", 3)


def _changes_of(writer, mark):
    """What each kind of writer sends: words that can be found again."""
    trial = builders.make_references()[1]
    return {
        "texts": {"texts": {"plain": f"{mark}\n"}},
        "other text": {"texts": {"professional": f"{mark}\n"}},
        "fields": {"fields": {"summary": mark}},
        "citations": {"citations": [CitationChange("guide", trial, cited_as_retracted=True, reason=mark)]},
        "interests": {"interests": {Authorship.objects.order_by("pk").first().person_id: mark}},
    }[writer]


def _kept(article):
    """All words that were ever saved."""
    words = {row.source.strip() for row in ArticleText.history.filter(article_id=article.pk)}
    words |= {row.summary for row in Article.history.filter(id=article.pk)}
    words |= {row.retracted_reason for row in Citation.history.filter(article_id=article.pk)}
    return words | set(Authorship.objects.filter(article=article).values_list("interests", flat=True))


WRITERS = ["texts", "other text", "fields", "citations", "interests"]
PAIRS = [(one, other) for n, one in enumerate(WRITERS) for other in WRITERS[n:]]


@pytest.mark.engine
@pytest.mark.parametrize("pair", PAIRS, ids=" and ".join)
def test_e1_of_two_writers_at_once_each_is_saved_or_told(committed_db, author, coauthor, pair):
    article = builders.make_article(author, authors=[author, coauthor])
    rounds, sent, saved, told = examples(5, 50), 0, [], []
    for turn in range(rounds):
        number = Article.objects.get(pk=article.pk).draft_number
        start = threading.Barrier(2)
        jobs = [(user, f"{writer} {n} of round {turn}") for n, (user, writer) in enumerate(zip((author, coauthor), pair, strict=True))]
        changes = [_changes_of(writer, mark) for writer, (_, mark) in zip(pair, jobs, strict=True)]

        def write(user, mark, change, number=number, start=start):
            start.wait()
            try:
                revise(article, user, number, **change)
                saved.append(mark)
            except DraftConflict:
                told.append(mark)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=write, args=(*job, change)) for job, change in zip(jobs, changes, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        sent += 2
    assert len(saved) + len(told) == sent
    assert len(saved) == len(told) == rounds
    assert Article.objects.get(pk=article.pk).draft_number == 1 + len(saved)
    kept = _kept(article)
    assert not set(told) & kept
    lost = set(saved) - kept
    assert all(mark.startswith("interests") for mark in lost), "only interests have no history of their words"


# ---- Reading and restoring


def test_every_save_can_be_read(plain, author):
    first = stand(plain)
    guide, trial = builders.make_references()
    revise(plain, author, texts={"plain": "Two.\n"}, citations=[CitationChange("trial", None)])
    revise(plain, author, fields={"title": "Three?"}, citations=[CitationChange("trial", guide), CitationChange("new", trial)])
    revise(plain, author, texts={"professional": "Four.\n"})
    seen = [drafting.draft_at(Article.objects.get(pk=plain.pk), number) for number in (1, 2, 3, 4)]
    assert [s.texts["plain"] for s in seen] == [first[2]["plain"], "Two.\n", "Two.\n", "Two.\n"]
    assert [s.texts["professional"] for s in seen] == [*[first[2]["professional"]] * 3, "Four.\n"]
    assert [s.fields["title"] for s in seen] == [plain.title, plain.title, "Three?", "Three?"]
    assert [{key: c.reference.pk for key, c in s.citations.items()} for s in seen] == [
        {"guide": guide.pk, "trial": trial.pk},
        {"guide": guide.pk},
        {"guide": guide.pk, "trial": guide.pk, "new": trial.pk},
        {"guide": guide.pk, "trial": guide.pk, "new": trial.pk},
    ]
    assert [s.number for s in seen] == [1, 2, 3, 4]


@pytest.mark.parametrize("number", [0, -1, 2])
def test_a_save_there_was_not_cannot_be_read(plain, number):
    with pytest.raises(NotReady, match="no such save"):
        drafting.draft_at(plain, number)


def test_restoring_is_a_new_save_and_loses_nothing(plain, author, coauthor):
    first = stand(plain)
    guide, trial = builders.make_references()
    other = builders.make_type("diagnosis")
    revise(plain, coauthor, texts={"plain": "Two.\n", "professional": "Two.\n"}, fields={"title": "Two?", "article_type": other})
    revise(plain, coauthor, citations=[CitationChange("trial", None), CitationChange("guide", trial), CitationChange("new", guide)])
    restored = drafting.restore_draft(Article.objects.get(pk=plain.pk), by=author, draft_number=3, number=1)
    assert stand(plain) == (4, *first[1:])
    assert restored.article_type == plain.article_type
    assert drafting.draft_at(restored, 3).texts["plain"] == "Two.\n"
    assert set(drafting.draft_at(restored, 3).citations) == {"guide", "new"}
    row = ArticleText.history.latest("history_id")
    assert (row.history_user, row.history_change_reason) == (author, "Restored save 1")


def test_e1_restoring_meets_the_same_conflict(plain, author):
    revise(plain, author, texts={"plain": "Two.\n"})
    with pytest.raises(DraftConflict):
        drafting.restore_draft(Article.objects.get(pk=plain.pk), by=author, draft_number=1, number=1)
    assert stand(plain)[2]["plain"] == "Two.\n"


def test_restoring_a_time_before_a_text_was_there_empties_it(author):
    article = builders.make_article(author, texts={"plain": "Walk.[@guide; @trial]\n"})
    revise(article, author, texts={"professional": "Dose.\n"})
    drafting.restore_draft(Article.objects.get(pk=article.pk), by=author, draft_number=2, number=1)
    assert stand(article)[2] == {"plain": "Walk.[@guide; @trial]\n", "professional": ""}
