"""The checks that an article must pass before it is submitted: blocking findings refuse it, the others go along.

Each module holds the checks of one theme. Importing this package enters them all.
"""

from articles.checks import claims, evidence, grading, linking, people, plain, texts, wording, works
from articles.checks.base import CHECKS, CITED_AS_RETRACTED, LOOK_AT, MUST_FIX, OFF, Check, Draft, Finding, Hit, Standing, Waiver, check
from articles.checks.reading import check_article, findings, latest_event, read_draft, standing

__all__ = [
    "CHECKS", "CITED_AS_RETRACTED", "LOOK_AT", "MUST_FIX", "OFF", "Check", "Draft", "Finding", "Hit", "Standing", "Waiver",
    "check", "check_article", "claims", "evidence", "findings", "grading", "latest_event", "linking", "people", "plain", "read_draft",
    "standing", "texts", "wording", "works",
]  # fmt: skip
