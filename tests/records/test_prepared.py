"""Prepared queries give what their querysets give, whatever the values, in one statement."""

import uuid

import pytest
from django.db import models
from django.db.models import Exists, OuterRef

from articles.models import Article, ArticleText, Citation
from records.prepared import Prepared

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

CITED = Prepared(lambda article: Citation.objects.filter(article=article).select_related("reference"), article=models.UUIDField())
TEXTS = Prepared(
    lambda article, audience: ArticleText.objects.filter(article=article, audience=audience).values_list("source", flat=True),
    article=models.UUIDField(),
    audience=models.CharField(),
)
WITH_TEXTS = Prepared(
    lambda pk, number: Article.objects.filter(pk=pk)
    .annotate(is_newer=Exists(ArticleText.objects.filter(article=OuterRef("pk"), draft_number__gt=number)))
    .prefetch_related("texts"),
    pk=models.UUIDField(),
    number=models.PositiveIntegerField(),
)
AMONG = Prepared(
    lambda article, keys: Citation.objects.filter(article=article, pk__in=keys), article=models.UUIDField(), keys=models.BigIntegerField()
)
EITHER = Prepared(
    lambda article: Citation.objects.filter(article=article)
    .order_by()
    .values_list("key", flat=True)
    .union(ArticleText.objects.filter(article=article).order_by().values_list("audience", flat=True)),
    article=models.UUIDField(),
)


def test_rows_are_those_of_the_queryset_with_what_it_selects_along(article, django_assert_num_queries):
    CITED.all(article=uuid.uuid4())
    with django_assert_num_queries(1):
        found = CITED.all(article=article.pk)
        titles = [citation.reference.title for citation in found]
    assert found == list(article.citations.all())
    assert titles == [citation.reference.title for citation in article.citations.all()]


def test_values_of_one_call_do_not_reach_the_next(article):
    assert TEXTS.all(article=article.pk, audience="plain") == [article.texts.get(audience="plain").source]
    assert TEXTS.all(article=article.pk, audience="professional") == [article.texts.get(audience="professional").source]
    assert TEXTS.all(article=uuid.uuid4(), audience="plain") == []


def test_annotations_prefetches_and_unions_work(article, django_assert_num_queries):
    with django_assert_num_queries(2):
        found = WITH_TEXTS.get(pk=article.pk, number=0)
        assert {text.audience for text in found.texts.all()} == {"plain", "professional"}
    assert found.is_newer
    assert not WITH_TEXTS.get(pk=article.pk, number=7).is_newer
    assert set(EITHER.all(article=article.pk)) == {"guide", "trial", "plain", "professional"}


def test_one_row_is_asked_for_and_its_absence_is_said(article):
    assert WITH_TEXTS.get(pk=article.pk, number=0) == article
    assert CITED.first(article=uuid.uuid4()) is None
    with pytest.raises(Article.DoesNotExist):
        WITH_TEXTS.get(pk=uuid.uuid4(), number=0)


def test_a_row_changed_meanwhile_is_read_as_it_is_now(article):
    before = WITH_TEXTS.get(pk=article.pk, number=0)
    Article.objects.filter(pk=article.pk).update(title="Another question?")
    assert (before.title, WITH_TEXTS.get(pk=article.pk, number=0).title) == (article.title, "Another question?")


def test_a_value_that_does_not_come_into_the_query_as_it_is_given_is_refused(article):
    other = Prepared(lambda title: Article.objects.filter(title__startswith=title), title=models.CharField())
    with pytest.raises(ValueError, match="as it is given"):
        other.all(title="How")


def test_lists_of_any_length_give_what_the_queryset_gives(article, django_assert_num_queries):
    keys = list(article.citations.values_list("pk", flat=True))
    for wanted in ([], keys[:1], keys, set(keys), [*keys, *range(10**9, 10**9 + 10)], [*keys, keys[0], None]):
        expected = set(Citation.objects.filter(article=article, pk__in=wanted))
        assert set(AMONG.all(keys=wanted, article=article.pk)) == set(AMONG.all(article=article.pk, keys=wanted)) == expected
    with django_assert_num_queries(1):
        AMONG.all(keys=keys, article=article.pk)
