"""How the registry is asked: by indexes of the rows that have what is asked for, however many rows have none."""

import pytest
from django.db import connection
from django.db.models import Exists

from articles import registry
from articles.citations import Source
from articles.models import EvidenceEvent, Reference

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


@pytest.fixture
def plan():
    """plan(queryset) → how the engine would answer it in a registry too large to be read whole, its statistics taken while nothing was merged."""
    Reference.objects.bulk_create(Reference(title=f"Work {number}", doi=f"10.1000/{number}") for number in range(300))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
    return lambda found: found.explain()


def test_what_became_of_a_cited_work_is_found_by_indexes_alone(plan):
    said = plan(Reference.objects.filter(pk=1).annotate(has_news=Exists(EvidenceEvent.objects.about_work())))
    assert "reference_merged_into" in said
    assert "SCAN" not in said
    assert "Seq Scan" not in said


def test_a_work_that_is_entered_is_looked_for_in_the_index_of_each_of_its_names(plan):
    source = Source(title="Work 7", doi="10.1000/7", pmid="7", isbn="9780306406157", form=Reference.Form.BOOK, url="https://example.org/7")
    said = plan(Reference.objects.filter(registry._could_be([source])).order_by())
    for name in ("one_reference_per_doi", "one_reference_per_pmid", "reference_isbn", "reference_url_key", "reference_title_key"):
        assert name in said
    assert "SCAN" not in said
    assert "Seq Scan" not in said
