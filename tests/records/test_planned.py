"""A planned statement gives what its SQL gives, by one statement once it is planned, and also where no plan is kept."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from records.planned import Planned

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("committed_db")]

KEEPS_PLANS = connection.vendor == "postgresql"


@pytest.fixture
def pair(committed_db):
    """A statement of two values, on a connection that knows no plan yet."""
    connection.close()
    return Planned("SELECT CAST(%s AS text) AS one, CAST(%s AS text) AS other")


def sent(planned, *values):
    """The row, and the statements that were sent for it."""
    with CaptureQueriesContext(connection) as captured:
        row = planned.first(*values)
    return row, [query["sql"] for query in captured]


def test_it_is_planned_once_a_connection(pair):
    assert pair.first("a", "b") == ("a", "b")
    row, (statement,) = sent(pair, "it's", "100 %")
    assert row == ("it's", "100 %")
    assert statement.startswith("EXECUTE" if KEEPS_PLANS else "SELECT")


def test_no_row_is_none():
    assert Planned("SELECT 1 WHERE 'x' = %s").first("y") is None


def test_a_pool_that_forgets_plans_is_answered_and_asked_as_it_stands_from_then_on(pair):
    pair.first("a", "b")
    if KEEPS_PLANS:
        with connection.cursor() as cursor:
            cursor.execute("DEALLOCATE ALL")
    assert pair.first("c", "d") == ("c", "d")
    row, (statement,) = sent(pair, "e", "f")
    assert row == ("e", "f")
    assert statement.startswith("SELECT")


def test_a_name_that_another_has_taken_on_the_same_server_is_no_error(pair):
    if KEEPS_PLANS:
        with connection.cursor() as cursor:
            cursor.execute(pair.prepare)
    assert pair.first("a", "b") == ("a", "b")
    assert pair.first("c", "d") == ("c", "d")


def test_a_new_connection_plans_anew(pair):
    pair.first("a", "b")
    connection.close()
    assert pair.first("c", "d") == ("c", "d")
    assert len(sent(pair, "e", "f")[1]) == 1


def test_within_a_transaction_it_is_sent_as_it_stands(pair):
    pair.first("a", "b")
    with transaction.atomic():
        row, (statement,) = sent(pair, "c", "d")
    assert row == ("c", "d")
    assert statement.startswith("SELECT")


def test_what_is_wrong_in_the_statement_itself_is_still_an_error():
    with pytest.raises(DatabaseError, match="nowhere"):
        Planned("SELECT word FROM nowhere WHERE 'x' = %s").first("y")
