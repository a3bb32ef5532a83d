"""The machines as the database knows them: every pair of states, by SQL alone, and the rules across rows (E6)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from editorial import publishing, workflow
from editorial.models import Publication
from records import guards
from reviews.models import Meaning, ReviewAssignment, Signature, Submission
from reviews.signing import sign
from tests import builders
from tests.records.furniture import bytes_of, key_of, machines, run

pytestmark = pytest.mark.engine


def _table(row):
    return row._meta.db_table


def _set(row, **columns):
    """Change columns of one row by SQL."""
    listed = ", ".join(f'"{column}" = %s' for column in columns)
    run(f'UPDATE "{_table(row)}" SET {listed} WHERE "id" = %s', [*columns.values(), key_of(row)])


def _state(row):
    return run(f'SELECT "state" FROM "{_table(row)}" WHERE "id" = %s', [key_of(row)])[0][0]


def _insert_copy(row, verb="INSERT", **changed):
    """Write the row's values again by SQL, under a key of its own."""
    fields = row._meta.concrete_fields
    changed = {"id": row._meta.pk.get_db_prep_save(uuid4(), connection), **changed}
    listed = ", ".join(f'"{f.column}"' for f in fields)
    chosen = ", ".join(f"%s AS {f.column}" if f.column in changed else f'"{f.column}"' for f in fields)
    values = [changed[f.column] for f in fields if f.column in changed]
    run(f'{verb} INTO "{_table(row)}" ({listed}) SELECT {chosen} FROM "{_table(row)}" WHERE "id" = %s', [*values, key_of(row)])


def _refused(words, act):
    """The act is refused by a guard that says so, and nothing is changed."""
    with pytest.raises(IntegrityError, match=words), transaction.atomic():
        act()


# ---- The pairs


@pytest.fixture
def signed_submission(submitted, editor):
    """A submission in its first state, with the signature that its approval asks for."""
    sign(submitted, builders.fresh(editor), by=editor, meaning=Meaning.EDITORIAL_APPROVAL, digest=submitted.version.digest)
    return submitted


@pytest.fixture
def minor(published, author, editor):
    """A revision, with the signature that passing it as a minor change asks for, and what it would stand on."""
    found = builders.submit(builders.revise(published.article, author, plain=builders.PLAIN.replace("\n\n", "\n\n\n")), author)
    sign(found, builders.fresh(editor), by=editor, meaning=Meaning.EDITORIAL_APPROVAL, digest=found.version.digest, of_minor_change=True)
    return found


@pytest.fixture
def scheduled(approved, editor):
    """A publication in its first state, with the words that holding back and taking back ask for."""
    publication = publishing.publish(approved, by=editor, at=timezone.now() + timedelta(days=3))
    _set(publication, withheld_reason="Under test.", retraction_notice="Under test.")
    return publication


@pytest.fixture
def invited(submitted, editor, reviewer):
    """An invitation, with the reason that its cancelling asks for."""
    assignment = builders.assign(submitted, editor, reviewer)[0]
    _set(assignment, ended_reason="Under test.")
    return assignment


PAST_THE_BOARD = ("submitted", "approved")
ROWS = {Submission: "signed_submission", ReviewAssignment: "invited", Publication: "scheduled"}


def _ways(pairs, first):
    """From the first state to every other, by declared pairs."""
    ways, todo = {first: []}, [first]
    while todo:
        here = todo.pop(0)
        for before, after in sorted(pairs - {PAST_THE_BOARD}):
            if before == here and after not in ways:
                ways[after] = [*ways[here], after]
                todo.append(after)
    return ways


@pytest.mark.parametrize("model", ROWS, ids=lambda model: model.__name__)
def test_e6_every_pair_of_states_is_allowed_exactly_when_it_is_declared(model, request, report):
    row = request.getfixturevalue(ROWS[model])
    states, ways = list(model.State.values), _ways(model.PAIRS, _state(row))
    assert set(ways) == set(states)
    done = {}
    for before in states:
        for after in states:
            if (before, after) == PAST_THE_BOARD and model is Submission:
                continue  # the next test
            with transaction.atomic():
                for state in ways[before]:
                    _set(row, state=state)
                assert _state(row) == before
                done[before, after] = _try(row, before, after)
                transaction.set_rollback(True)
    report(f"States of {model.__name__}: from × to", ["from", *states], [[a, *(done.get((a, b), "minor") for b in states)] for a in states])
    assert {pair for pair, answer in done.items() if answer == "allowed"} == set(model.PAIRS) - {PAST_THE_BOARD}
    assert {pair for pair, answer in done.items() if answer == "unchanged"} == {(state, state) for state in states}
    assert set(done.values()) == {"allowed", "unchanged", "refused"}
    assert len(done) == {"Submission": 49 - 1, "ReviewAssignment": 25, "Publication": 36}[model.__name__]


def test_e6_from_submitted_to_approved_leads_a_minor_change_alone(minor, published, coauthor, editor):
    """The one pair that needs more than the pair: the approval of the board's own, of this article, and a signature that says so."""
    assert PAST_THE_BOARD in Submission.PAIRS
    board = key_of(published.submission)
    other = builders.submit(builders.make_article(coauthor, title="Another question?"), coauthor)
    sign(other, builders.fresh(editor), by=editor, meaning=Meaning.EDITORIAL_APPROVAL, digest=other.version.digest)
    _refused("without the board", lambda: _set(other, state="approved"))
    _refused("without the board|needs an editor", lambda: _set(minor, state="approved"))
    for wrong in (minor, other):
        _refused("without the board|minor", lambda wrong=wrong: _set(minor, state="approved", minor_of_id=key_of(wrong)))
    _refused("without the board|needs an editor|minor", lambda: _set(other, state="approved", minor_of_id=board))
    _set(minor, state="approved", minor_of_id=board)
    assert _state(minor) == "approved"


def _try(row, before, after):
    try:
        with transaction.atomic():
            _set(row, state=after)
    except IntegrityError as error:
        by_a_guard = "no such step between states" in str(error) or "is retracted" in str(error)
        return "refused" if by_a_guard else str(error)
    assert _state(row) == after
    return "unchanged" if before == after else "allowed"


@pytest.mark.parametrize("model", ROWS, ids=lambda model: model.__name__)
def test_e6_the_machine_in_python_is_the_machine_in_the_database(model):
    declared = set()
    for step in model.state.field.get_all_transitions(model):
        declared.add((str(step.source), str(step.target)))
    assert declared == set(model.PAIRS)
    assert {state for pair in model.PAIRS for state in pair} == set(model.State.values)


@pytest.mark.parametrize("model", ROWS, ids=lambda model: model.__name__)
def test_e6_a_row_begins_in_the_first_state_alone(model, request):
    row = request.getfixturevalue(ROWS[model])
    first, before = _state(row), bytes_of(model)
    for state in [*model.State.values, "", "unheard_of"]:
        if state != first:
            _refused("begins as|state_known|has an open one|has a live one|never replaced", lambda state=state: _insert_copy(row, state=state))
    item = next(item for item in guards.REGISTRY.machines if item.model is model)
    assert item.first == first
    assert bytes_of(model) == before


@pytest.mark.parametrize("model", ROWS, ids=lambda model: model.__name__)
def test_e6_what_a_row_is_about_never_changes(model, request):
    row = request.getfixturevalue(ROWS[model])
    item = next(item for item in guards.REGISTRY.machines if item.model is model)
    before = bytes_of(model)
    for field in model._meta.concrete_fields:
        if field.column in item.fixed or field.primary_key:
            _refused("never changes|not of this article|not an approved one|has an open one|has a live one", lambda column=field.column: _set(row, **{column: _another(column)}))
    if connection.vendor == "sqlite":
        _refused("never changes", lambda: run(f'UPDATE OR REPLACE "{_table(row)}" SET rowid = rowid + 1'))
    assert bytes_of(model) == before
    assert set(item.fixed) <= {field.column for field in model._meta.concrete_fields}


def _another(column):
    """A value of the right shape that the row does not have."""
    if column.endswith("_by_id"):
        return 10**6
    if column == "member_id":
        return 10**6
    if column.endswith("_id") or column == "id":
        return uuid4().hex if connection.vendor == "sqlite" else uuid4()
    values = {"kind": "re_review", "tie_override": "x", "approved_on": "1999-01-01", "asks_for_minor": True, "policy_override": "x"}
    return values.get(column, "1999-01-01 00:00:00+00:00")


def test_every_machine_of_the_house_is_tried_here():
    assert set(machines()) == set(ROWS)


# ---- Replacement of rows that have just begun, by a program that fires no delete triggers


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("model", ROWS, ids=lambda model: model.__name__)
def test_e5_a_row_in_its_first_state_is_not_replaced_by_one_that_collides_with_it(model, request):
    row = request.getfixturevalue(ROWS[model])
    before = bytes_of(model)
    run("PRAGMA recursive_triggers = OFF")
    try:
        _refused("never replaced|has an open one", lambda: _insert_copy(row, "INSERT OR REPLACE"))
        _refused("never replaced|has an open one", lambda: _insert_copy(row, "REPLACE", id=key_of(row)))
    finally:
        run("PRAGMA recursive_triggers = ON")
    assert bytes_of(model) == before


# ---- The rules across rows


def test_e6_an_approval_without_an_editors_signature_is_refused(under_review, reviewed, editor):
    before = bytes_of(Submission)
    _refused("needs an editor's signature", lambda: _set(under_review, state="approved"))
    assert Signature.objects.recommendations().filter(submission=under_review).count() == 2
    assert bytes_of(Submission) == before
    sign(under_review, builders.fresh(editor), by=editor, meaning=Meaning.EDITORIAL_APPROVAL, digest=under_review.version.digest)
    _set(under_review, state="approved")


def test_e6_the_signature_of_another_submission_approves_nothing(under_review, editor, coauthor):
    other = builders.submit(builders.make_article(coauthor, title="Another question?"), coauthor)
    sign(other, builders.fresh(editor), by=editor, meaning=Meaning.EDITORIAL_APPROVAL, digest=other.version.digest)
    _refused("needs an editor's signature", lambda: _set(under_review, state="approved"))


def test_e6_a_signature_over_another_text_is_refused(under_review, editor):
    row = sign(under_review, builders.fresh(editor), by=editor, meaning=Meaning.EDITORIAL_APPROVAL, digest=under_review.version.digest)
    for digest in ("0" * 64, "", under_review.version.digest.upper(), under_review.version.digest[:-1]):
        _refused("not that of the submitted version", lambda digest=digest: _insert_copy(row, digest=digest))


def test_a_temporary_table_does_not_stand_in_for_the_signatures(under_review, editor):
    """The guards read our tables, whatever a connection has put in front of them."""
    run('CREATE TEMPORARY TABLE "reviews_signature" (submission_id text, digest text, meaning text)')
    table = "temp.reviews_signature" if connection.vendor == "sqlite" else "pg_temp.reviews_signature"
    run(f"INSERT INTO {table} VALUES (%s, %s, 'editorial_approval')", [str(key_of(under_review)), under_review.version.digest])
    try:
        _refused("needs an editor's signature", lambda: _set(under_review, state="approved"))
    finally:
        run(f"DROP TABLE {table}")


def test_e6_one_open_submission_of_new_words_and_one_open_re_review(published, author, editor):
    again = workflow.open_re_review(published, by=editor)
    _refused("has an open one|never replaced", lambda: _insert_copy(again))
    builders.revise(published.article, author, professional="New words.[@guide; @trial]\n")
    revision = builders.submit(published.article, author)
    assert {again.kind, revision.kind} == {"re_review", "revision"}
    _refused("has an open one|never replaced", lambda: _insert_copy(revision))
    _refused("has an open one|never replaced", lambda: _insert_copy(revision, kind="first"))
    assert Submission.objects.open().filter(article=published.article_id).count() == 2


def test_e6_a_submission_is_of_a_version_of_its_own_article(submitted, coauthor):
    other = builders.make_article(coauthor, title="Another question?")
    _refused("not of this article", lambda: _insert_copy(submitted, article_id=key_of(other)))


def test_e6_nothing_is_published_without_an_approved_submission_of_that_article(published, author, coauthor, editor):
    other = builders.submit(builders.make_article(coauthor, title="Another question?"), coauthor)
    before = bytes_of(Publication)
    _refused("is not an approved one of this", lambda: _insert_copy(published, state="scheduled", submission_id=key_of(other)))
    article = key_of(other.article)
    _refused("is not an approved one of this", lambda: _insert_copy(published, state="scheduled", article_id=article))
    _refused(
        "is not an approved one of this", lambda: _insert_copy(published, state="scheduled", submission_id=key_of(other), article_id=article)
    )
    _refused("last review is not an approved one of this version", lambda: _set(published, last_review_id=key_of(other)))
    again = workflow.open_re_review(published, by=editor)
    _refused("last review is not an approved one of this version", lambda: _set(published, last_review_id=key_of(again)))
    assert bytes_of(Publication) == before


def test_e6_one_publication_is_live(published):
    _insert_copy(published, state="scheduled")
    second = Publication.objects.get(state="scheduled")
    _refused("has a live one", lambda: _set(second, state="live"))
    _refused("never replaced", lambda: _insert_copy(second))
    _set(published, withheld_reason="Under test.", state="withheld")
    _refused("has a live one", lambda: _set(second, state="live"))


def test_e6_retracted_is_final(published):
    _insert_copy(published, state="scheduled")
    second = Publication.objects.get(state="scheduled")
    _set(published, retraction_notice="Under test.", state="retracted")
    _refused("is retracted", lambda: _set(second, state="live"))
    _set(second, state="cancelled")
    _refused("is retracted", lambda: _insert_copy(second, state="scheduled"))
    for state in Publication.State.values:
        if state != "retracted":
            _refused("no such step|is retracted", lambda state=state: _set(published, state=state))
    assert _state(published) == "retracted"
