"""People are deactivated, never deleted: every path refuses, and what they decided stands."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError

from editorial.models import Publication
from records.errors import ImmutableRecord
from records.models import Person, User
from reviews.models import BoardMember, Signature
from tests import domain

REFUSED = (ImmutableRecord, ProtectedError, DatabaseError)


def by_raw_sql(table):
    def delete(row):
        field = row._meta.pk
        with connection.cursor() as cursor:
            cursor.execute(f'DELETE FROM "{table}" WHERE {field.column} = %s', [field.get_db_prep_value(row.pk, connection)])

    return delete


def try_to_delete(row, delete):
    """Delete it, and have the database look at what is left, as it would at the end of the transaction."""
    with transaction.atomic():
        delete(row)
        connection.check_constraints()


PATHS = {
    "the account": ("user", lambda user: user.delete()),
    "a queryset of accounts": ("user", lambda user: User.objects.filter(pk=user.pk).delete()),
    "a raw deletion of the account": ("user", lambda user: User.objects.filter(pk=user.pk)._raw_delete("default")),
    "SQL on the account": ("user", by_raw_sql("records_user")),
    "the person": ("person", lambda person: person.delete()),
    "a queryset of people": ("person", lambda person: Person.objects.filter(pk=person.pk).delete()),
    "SQL on the person": ("person", by_raw_sql("records_person")),
    "the board member": ("member", lambda member: member.delete()),
    "a queryset of members": ("member", lambda member: BoardMember.objects.filter(pk=member.pk).delete()),
    "SQL on the member": ("member", by_raw_sql("reviews_boardmember")),
}


@pytest.mark.engine
@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_a11_nobody_who_decided_anything_is_deleted_by_any_path(published, reviewer, editor, path):
    kind, delete = PATHS[path]
    rows = {"user": [reviewer, editor], "person": [reviewer.person, editor.person], "member": [reviewer.person.board_member]}[kind]
    before = domain.digest()
    for row in rows:
        with pytest.raises(REFUSED):
            try_to_delete(type(row).objects.get(pk=row.pk), delete)
    assert domain.differences(before, domain.digest()) == []


@pytest.mark.django_db
def test_a11_what_somebody_decided_stands_when_they_are_deactivated(published, reviewer, editor):
    before = {s.pk: (s.meaning, s.signed_at, s.printed_name().words) for s in Signature.objects.all()}
    dates = Publication.objects.values("approved_on", "last_reviewed_on", "last_updated_on", "review_due_on", "state").get()
    for person in (reviewer, editor):
        person.is_active = False
        person.save()
    assert {s.pk: (s.meaning, s.signed_at, s.printed_name().words) for s in Signature.objects.all()} == before
    assert Publication.objects.values("approved_on", "last_reviewed_on", "last_updated_on", "review_due_on", "state").get() == dates
