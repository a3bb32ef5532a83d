"""A reviewer's own rows: what is asked and by when, in words, and what changed since they last read or the board last approved."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.timezone import localdate

from articles import clinical, editions
from articles.models import ArticleVersion
from editorial.desk import chips
from editorial.desk.chips import many
from editorial.desk.facts import became
from editorial.desk.rows import Button, Row
from editorial.models import Publication
from reviews.models import ReviewAssignment, Submission

State = ReviewAssignment.State
COMPARED = 25


def rows(found: Sequence[ReviewAssignment], today: date) -> list[Row]:
    """The rows of one person's reviews, in their order; as many queries for many as for few."""
    changed, came = changes_of(found), became([each for each in found if each.state == State.COMPLETED])
    return [own_row(each, today, changed.get(each.pk, ""), came.get(each.submission.version_id)) for each in found]


def own_row(found: ReviewAssignment, today: date, changed: str = "", came: Publication | None = None) -> Row:
    """What is asked, and by when; or what became of what was signed."""
    submission, url = found.submission, reverse("desk:review", args=[found.pk])
    facts = [f"Version {submission.version.number}", submission.get_kind_display().lower()]
    if found.state == State.COMPLETED:
        signed = f"Signed {chips.short_day(localdate(found.completed_at), today)}" if found.completed_at else "Signed"
        return Row(submission.version.title, url, (chips.outcome(submission, came),), facts, signed, "", Button("Read again", url))
    until, is_asked = chips.waits_until(found) or found.due_on, found.state == State.ASSIGNED
    when = f"{'Answer' if is_asked else 'Review'} by {chips.short_day(until, today)}"
    asked = f"asked {chips.distance(localdate(found.assigned_at), today)}"
    act = Button("Answer" if is_asked else "Review", url)
    return Row(submission.version.title, url, (chips.due(until, today),), facts, when, asked, act, changed=changed)


# ---- What changed


def changes_of(found: Iterable[ReviewAssignment]) -> dict[Any, str]:
    """What changed in each version that is still to be read, in a sentence, by the key of its review.

    Not a word of a text before its reviewer has declared their interests (COI-3): until then the line names the earlier version alone.
    """
    waiting = [each for each in found if each.is_unsigned]
    again = {each.pk: "These are the words that the board approved: none has changed." for each in waiting if each.submission.is_re_review}
    new_words = [each for each in waiting if not each.submission.is_re_review and each.submission.version.number > 1]
    bases = _bases(new_words)
    opened = [each for each in new_words if each.pk in bases and each.opened_at is not None][:COMPARED]
    compared = _compared([(bases[each.pk][1], each.submission.version) for each in opened])
    said = {each.pk: _sentence(*bases[each.pk]) for each in new_words if each.pk in bases}
    return again | said | {each.pk: f"Since {bases[each.pk][0]}: {told}." for each, told in zip(opened, compared, strict=True)}


def _sentence(words: str, version: ArticleVersion) -> str:
    return f"{words[0].upper()}{words[1:]}; open this one to see what changed."


def _bases(found: Sequence[ReviewAssignment]) -> dict[Any, tuple[str, ArticleVersion]]:
    """The earlier version to compare each with: what this person opened last, or else what the board approved last. Three queries."""
    if not found:
        return {}
    articles = {each.submission.article_id for each in found}
    of_articles = ReviewAssignment.objects.filter(submission__article__in=articles, opened_at__isnull=False)
    read = of_articles.filter(member__in={each.member_id for each in found}).order_by()
    approved = Submission.objects.approved_by_board().filter(article__in=articles).order_by()  # type: ignore[attr-defined]
    opened_by = list(read.values_list("member_id", "submission__article_id", "submission__version__number", "submission__version_id"))
    approvals = list(approved.values_list("article_id", "version__number", "version_id"))
    newest: dict[Any, tuple[str, Any]] = {}
    for each in found:
        article, below = each.submission.article_id, each.submission.version.number
        own = [(number, key) for member, of, number, key in opened_by if (member, of) == (each.member_id, article) and number < below]
        board = [(number, key) for of, number, key in approvals if of == article and number < below]
        if own or board:
            number, key = max(own or board)
            newest[each.pk] = (f"you read version {number}" if own else f"the board approved version {number}", key)
    versions = ArticleVersion.objects.in_bulk({key for _, key in newest.values()})
    return {pk: (words, versions[key]) for pk, (words, key) in newest.items()}


def _compared(pairs: Sequence[tuple[ArticleVersion, ArticleVersion]]) -> list[str]:
    """What changed within each pair, in some words. Five queries for all of them."""
    if not pairs:
        return []
    read = editions.of_versions(*(version for pair in pairs for version in pair))
    return [summary(clinical.compare(before, after)) for before, after in zip(read[::2], read[1::2], strict=True)]


def summary(found: clinical.Comparison) -> str:
    """A comparison in some words: how much is to be checked first, of which kinds."""
    if found.is_same_to_see:
        return "nothing has changed"
    if not found.to_check:
        return f"{many(found.changed, 'change')}, none of them to be checked first"
    kinds = [group.label.lower() for group in found.critical] + (["references"] if found.works else [])
    return f"{many(found.to_check, 'change')} to check first ({', '.join(kinds)})"
